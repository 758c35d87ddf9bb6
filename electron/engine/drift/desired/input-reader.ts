/** Reads the ConfigMaps and Secrets that Kustomizations name, with the user's rights; a fleet names the same few again and again. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { Clock } from '../../ports.ts'

export interface InputName {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
}

export interface InputReader {
  /** null: there is none. Throws SluiceError Forbidden and what else keeps it from being read. */
  read(view: ClusterView, input: InputName, signal: AbortSignal): Promise<KubeObject | null>
}

/** Long enough for the checks of one sweep, short enough that an edit shows at once. */
const sharedMs = 2000
const maxShared = 2000

/** Answers are shared for two seconds; faults are not. SECURITY: item 9: no longer than that does a Secret stay here. */
export function createInputReader(clock: Clock): InputReader {
  const shared = new Map<string, { readonly answer: Promise<KubeObject | null>; readonly at: number }>()

  function forgetOld(now: number): void {
    for (const [key, { at }] of shared) {
      if (now - at < sharedMs && shared.size < maxShared) break
      shared.delete(key)
    }
  }

  return {
    async read(view, { kind, namespace, name }, signal) {
      const now = clock.monotonicMs()
      forgetOld(now)
      const key = `${view.id}|${kind}|${namespace}/${name}`
      let entry = shared.get(key)
      if (entry === undefined) {
        // Not bound to one caller's signal: others may wait for the same answer.
        const answer = view.fetch({ cluster: view.id, group: '', kind, namespace, name }).catch((error: unknown) => {
          if (error instanceof SluiceError && error.code === 'NotFound') return null
          throw error
        })
        entry = { answer, at: now }
        shared.set(key, entry)
        answer.catch(() => shared.delete(key))
        clock.after(sharedMs, () => forgetOld(clock.monotonicMs()))
      }
      const found = await entry.answer
      if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
      return found
    },
  }
}
