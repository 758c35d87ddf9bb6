/** Fresh reads for one plan, each object once: single GETs for a few, one list per kind for many. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { createLimiter } from './limiter.ts'

export interface ObjectReader {
  /** Reads many at once into what `read` answers from. Never rejects: what could not be listed is read singly. */
  readAll(refs: readonly ObjectRef[]): Promise<void>
  /** SluiceError NotFound, Forbidden, … naming the object. */
  read(ref: ObjectRef): Promise<KubeObject>
}

const concurrency = 16
const listFrom = 50

export function createObjectReader(view: ClusterView, expected: number, signal: AbortSignal): ObjectReader {
  const limiter = createLimiter(concurrency)
  const known = new Map<string, Promise<KubeObject>>()

  async function listInto(refs: readonly ObjectRef[]): Promise<void> {
    const [first] = refs
    if (first === undefined) return
    const wanted = new Set(refs.map(refKey))
    const namespaces = new Set(refs.map((ref) => ref.namespace))
    const scope = namespaces.size === 1 ? first.namespace : ''
    const objects = await view.list(first.group, first.kind, scope, { signal })
    for (const object of objects) {
      const { namespace = '', name } = object.metadata
      const key = refKey({ ...first, namespace, name })
      if (wanted.has(key)) known.set(key, Promise.resolve(object))
    }
  }

  return {
    async readAll(refs) {
      if (expected <= listFrom) return
      const kinds = new Map<string, ObjectRef[]>()
      for (const ref of refs) {
        const own = kinds.get(`${ref.group}/${ref.kind}`)
        if (own === undefined) kinds.set(`${ref.group}/${ref.kind}`, [ref])
        else own.push(ref)
      }
      for (const own of kinds.values()) {
        signal.throwIfAborted()
        if (own.length > listFrom) await listInto(own).catch(() => undefined)
      }
    },
    read(ref) {
      const key = refKey(ref)
      const found = known.get(key)
      if (found !== undefined) return found
      const reading = limiter.run(() => view.fetch(ref, signal), signal)
      known.set(key, reading)
      return reading
    },
  }
}
