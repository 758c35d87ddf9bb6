/**
 * The queue's own copy of the objects that it runs: from its watches and from the answers to its own writes, whichever is newer. Tells every change
 * once, in order. An object never goes back to an older state, and one that is gone does not come back by a late answer.
 */
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { groupOf } from '../../status/read.ts'

/** `after` null: it is gone. */
export type ObjectChangeListener = (before: KubeObject | null, after: KubeObject | null, object: KubeObject) => void

const maxGone = 10_000

export class HostedObjects {
  readonly #kinds = new Map<string, Map<string, KubeObject>>()
  /** UIDs of what was deleted. */
  readonly #gone = new Set<string>()
  readonly #onChange: ObjectChangeListener
  readonly #isLeftOut: (object: KubeObject) => boolean

  /** `kinds`: group and kind of each kind that is kept; `isLeftOut`: of single objects, nothing is known here whichever way they come. */
  constructor(
    kinds: readonly { readonly group: string; readonly kind: string }[],
    onChange: ObjectChangeListener,
    isLeftOut: (object: KubeObject) => boolean = () => false,
  ) {
    for (const { group, kind } of kinds) this.#kinds.set(`${group}/${kind}`, new Map())
    this.#onChange = onChange
    this.#isLeftOut = isLeftOut
  }

  isKept(group: string, kind: string): boolean {
    return this.#kinds.has(`${group}/${kind}`)
  }

  get({ group, kind, namespace, name }: Omit<ObjectRef, 'cluster'>): KubeObject | null {
    return this.#kinds.get(`${group}/${kind}`)?.get(`${namespace}/${name}`) ?? null
  }

  of(group: string, kind: string): Iterable<KubeObject> {
    return this.#kinds.get(`${group}/${kind}`)?.values() ?? []
  }

  /** Whether it is a later state than the one that is kept: an answer to a read may be older than that to a write which was sent after it. */
  isNews(object: KubeObject): boolean {
    const { namespace = '', name } = object.metadata
    const known = this.#kinds.get(`${groupOf(object.apiVersion)}/${object.kind}`)?.get(`${namespace}/${name}`)
    return known === undefined || isNewer(object, known)
  }

  /** From a watch, or the answer to a write. */
  put(object: KubeObject): void {
    const objects = this.#kinds.get(`${groupOf(object.apiVersion)}/${object.kind}`)
    if (objects === undefined || this.#isLeftOut(object)) return
    const { uid = '', deletionTimestamp, finalizers } = object.metadata
    if (this.#gone.has(uid)) return
    // The answer to the write that took the last finalizer: nothing is left of it.
    if (deletionTimestamp !== undefined && (!Array.isArray(finalizers) || finalizers.length === 0)) {
      this.remove(object)
      return
    }
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const before = objects.get(key) ?? null
    if (before !== null && before.metadata.uid === uid && !isNewer(object, before)) return
    if (before !== null && before.metadata.uid !== uid && !isNewer(object, before)) return
    objects.set(key, object)
    this.#onChange(before?.metadata.uid === uid ? before : null, object, object)
  }

  remove(object: KubeObject): void {
    const objects = this.#kinds.get(`${groupOf(object.apiVersion)}/${object.kind}`)
    if (objects === undefined) return
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const known = objects.get(key)
    const { uid = '' } = object.metadata
    this.#gone.add(uid)
    if (this.#gone.size > maxGone)
      for (const first of this.#gone) {
        this.#gone.delete(first)
        break
      }
    if (known === undefined || known.metadata.uid !== uid) return
    objects.delete(key)
    this.#onChange(known, null, object)
  }

  /** A new list: what it does not have is gone. */
  replace(group: string, kind: string, listed: readonly KubeObject[]): void {
    const objects = this.#kinds.get(`${group}/${kind}`)
    if (objects === undefined) return
    const uids = new Set(listed.map(({ metadata }) => metadata.uid))
    for (const object of [...objects.values()]) if (!uids.has(object.metadata.uid)) this.remove(object)
    for (const object of listed) this.put(object)
  }
}

/** Resource versions of one resource are ordered numbers. */
function isNewer(object: KubeObject, known: KubeObject): boolean {
  const [a, b] = [object.metadata.resourceVersion ?? '', known.metadata.resourceVersion ?? '']
  if (a === b) return false
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return true
  return a.length === b.length ? a > b : a.length > b.length
}
