/** Reads ConfigMaps and Secrets that owners name: a fleet names the same few again and again, and an edited one counts at once. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Clock } from '../ports.ts'
import type { InputReader } from './desired/input-reader.ts'

/** Long enough for the checks of one sweep. SECURITY: item 9: no longer than that does a Secret stay here. */
const sharedMs = 2000

interface Shared {
  readonly answer: Promise<KubeObject | null>
  readonly at: number
  /** As the watch had it when the read began. */
  readonly version: string | null
  /** Of whoever began it: a hosted run's requests end with it. */
  readonly asker: AbortSignal
}

/** Answers are shared for two seconds, or until the watch tells of another version; faults are not shared. */
export function createSharedInputs(clock: Clock, versionOf: (input: ObjectRef) => string | null): InputReader {
  const shared = new Map<string, Shared>()

  function forgetOld(): void {
    const now = clock.monotonicMs()
    for (const [key, { at }] of shared) {
      if (now - at < sharedMs) break
      shared.delete(key)
    }
  }

  function shareOf(view: ClusterView, ref: ObjectRef, asker: AbortSignal): Shared {
    const key = refKey(ref)
    const version = versionOf(ref)
    forgetOld()
    const known = shared.get(key)
    if (known?.version === version) return known
    // Not bound to its asker's signal: others may wait for the same answer.
    const answer = view.fetch(ref).catch((error: unknown) => {
      if (error instanceof SluiceError && error.code === 'NotFound') return null
      throw error
    })
    const begun: Shared = { answer, at: clock.monotonicMs(), version, asker }
    shared.delete(key)
    shared.set(key, begun)
    answer.catch(() => {
      if (shared.get(key) === begun) shared.delete(key)
    })
    clock.after(sharedMs, forgetOld)
    return begun
  }

  return {
    async read(view, { kind, namespace, name }, signal) {
      const ref: ObjectRef = { cluster: view.id, group: '', kind, namespace, name }
      for (;;) {
        const share = shareOf(view, ref, signal)
        try {
          const found = await share.answer
          if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
          return found
        } catch (error) {
          // It was somebody else's, whose view ends with them: it is asked again.
          if (signal.aborted || !share.asker.aborted) throw error
        }
      }
    },
  }
}
