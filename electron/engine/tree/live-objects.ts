/**
 * The objects that trees look at, kept live: one shared watch per kind and namespace for what changes, single reads for what hardly
 * does or may not be listed. Knows nothing of trees but which objects are wanted.
 */
import { toErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Dispose } from '../ports.ts'
import { asArray, at } from '../status/read.ts'
import type { BuiltTree, KnownObject } from './build-tree.ts'

/** One watch over the whole cluster replaces this many watches over single namespaces. */
const maxNamespacesPerKind = 8
/** Up to this many Secrets or ConfigMaps of one namespace are read one by one: their neighbours may be large, and change little. */
const maxSingleReads = 20
const maxConcurrentReads = 6

interface Scope {
  readonly group: string
  readonly kind: string
  readonly namespace: string
}

interface WatchedScope extends Scope {
  readonly stop: Dispose
  readonly objects: Map<string, KubeObject>
  isComplete: boolean
  error: SluiceErrorData | null
  isOwnedKind: boolean
}

interface ReadObject {
  readonly ref: ObjectRef
  known: KnownObject
  isReading: boolean
}

const scopeKey = (scope: Scope): string => `${scope.group}/${scope.kind}|${scope.namespace}`
const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`

export class LiveObjects {
  readonly #view: ClusterView
  /** Is the object kept by the view itself: nothing to watch or read. */
  readonly #isCached: (ref: ObjectRef) => boolean
  readonly #onChange: () => void
  readonly #scopes = new Map<string, WatchedScope>()
  readonly #reads = new Map<string, ReadObject>()
  readonly #queue: ReadObject[] = []
  readonly #abort = new AbortController()
  #running = 0
  #owned: Map<string, KubeObject[]> | null = null

  constructor(deps: { view: ClusterView; isCached: (ref: ObjectRef) => boolean; onChange: () => void }) {
    this.#view = deps.view
    this.#isCached = deps.isCached
    this.#onChange = deps.onChange
  }

  stop(): void {
    this.#abort.abort()
    for (const scope of this.#scopes.values()) scope.stop()
    this.#scopes.clear()
  }

  /** Something that is wanted has neither come nor failed yet. */
  get isLoading(): boolean {
    for (const scope of this.#scopes.values()) if (!scope.isComplete && scope.error === null) return true
    for (const read of this.#reads.values()) if (read.known.state === 'pending') return true
    return false
  }

  object(ref: ObjectRef): KnownObject {
    for (const namespace of [ref.namespace, '']) {
      const scope = this.#scopes.get(scopeKey({ ...ref, namespace }))
      if (scope === undefined) continue
      const object = scope.objects.get(objectKey(ref.namespace, ref.name))
      if (object !== undefined) return { state: 'known', object }
      if (scope.isComplete) return { state: 'missing' }
      // Not to be listed: the object itself may still be readable.
      if (scope.error === null) return { state: 'pending' }
    }
    return this.#reads.get(refKey(ref))?.known ?? { state: 'pending' }
  }

  /** Objects of watched owned kinds, by the uid of what controls them. */
  owned(uid: string): readonly KubeObject[] {
    this.#owned ??= this.#indexOwners()
    return this.#owned.get(uid) ?? []
  }

  /** Opens what is wanted and not there yet, closes what is no longer wanted. */
  want(tree: Pick<BuiltTree, 'wanted' | 'wantedOwned'>): void {
    const { scopes, reads } = this.#plan(tree)
    for (const [key, scope] of this.#scopes)
      if (!scopes.has(key)) {
        scope.stop()
        this.#scopes.delete(key)
        this.#owned = null
      }
    for (const [key, { scope, isOwnedKind }] of scopes) {
      const watched = this.#scopes.get(key)
      if (watched === undefined) this.#watch(scope, isOwnedKind)
      else if (watched.isOwnedKind !== isOwnedKind) {
        watched.isOwnedKind = isOwnedKind
        this.#owned = null
      }
    }
    for (const key of this.#reads.keys()) if (!reads.has(key)) this.#reads.delete(key)
    for (const [key, ref] of reads)
      if (!this.#reads.has(key)) {
        const read: ReadObject = { ref, known: { state: 'pending' }, isReading: false }
        this.#reads.set(key, read)
        this.#enqueue(read)
      }
  }

  /** Reads again what is read singly, but what `isSettled` says needs no second look. */
  refresh(isSettled: (object: KubeObject) => boolean): void {
    for (const read of this.#reads.values())
      if (read.known.state !== 'known' || !isSettled(read.known.object)) this.#enqueue(read)
  }

  #plan(tree: Pick<BuiltTree, 'wanted' | 'wantedOwned'>): {
    scopes: Map<string, { scope: Scope; isOwnedKind: boolean }>
    reads: Map<string, ObjectRef>
  } {
    const reads = new Map<string, ObjectRef>()
    const byScope = new Map<string, { scope: Scope; refs: ObjectRef[] }>()
    for (const ref of tree.wanted) {
      if (this.#isCached(ref)) continue
      const resource = this.#view.served(ref.group, ref.kind)
      if (resource === null) continue
      const isWatchable = resource.verbs.includes('list') && resource.verbs.includes('watch')
      if (!resource.isNamespaced || ref.namespace === '' || !isWatchable) {
        reads.set(refKey(ref), ref)
        continue
      }
      const scope: Scope = { group: ref.group, kind: ref.kind, namespace: ref.namespace }
      const key = scopeKey(scope)
      const entry = byScope.get(key)
      if (entry === undefined) byScope.set(key, { scope, refs: [ref] })
      else entry.refs.push(ref)
    }
    const wantedScopes = new Map<string, { scope: Scope; isOwnedKind: boolean }>()
    for (const scope of tree.wantedOwned) wantedScopes.set(scopeKey(scope), { scope, isOwnedKind: true })
    for (const [key, { scope, refs }] of byScope) {
      const isQuiet = scope.group === '' && (scope.kind === 'Secret' || scope.kind === 'ConfigMap')
      if (isQuiet && refs.length <= maxSingleReads) for (const ref of refs) reads.set(refKey(ref), ref)
      else if (!wantedScopes.has(key)) wantedScopes.set(key, { scope, isOwnedKind: false })
    }
    const scopes = this.#widen(wantedScopes)
    // What a refused watch would have answered is read singly.
    for (const { refs } of byScope.values())
      for (const ref of refs) {
        const watched = this.#scopes.get(scopeKey(ref)) ?? this.#scopes.get(scopeKey({ ...ref, namespace: '' }))
        if (watched !== undefined && watched.error !== null && !watched.isComplete) reads.set(refKey(ref), ref)
      }
    return { scopes, reads }
  }

  #widen(
    wanted: Map<string, { scope: Scope; isOwnedKind: boolean }>,
  ): Map<string, { scope: Scope; isOwnedKind: boolean }> {
    const byKind = new Map<string, { scope: Scope; isOwnedKind: boolean }[]>()
    for (const entry of wanted.values()) {
      const kind = `${entry.scope.group}/${entry.scope.kind}`
      byKind.set(kind, [...(byKind.get(kind) ?? []), entry])
    }
    const result = new Map<string, { scope: Scope; isOwnedKind: boolean }>()
    for (const entries of byKind.values()) {
      const [first] = entries
      if (first === undefined) continue
      const wide: Scope = { ...first.scope, namespace: '' }
      const isRefused = (this.#scopes.get(scopeKey(wide))?.error ?? null) !== null
      if (entries.length > maxNamespacesPerKind) {
        result.set(scopeKey(wide), { scope: wide, isOwnedKind: entries.some((entry) => entry.isOwnedKind) })
        if (!isRefused) continue
      }
      for (const entry of entries) result.set(scopeKey(entry.scope), entry)
    }
    return result
  }

  #watch(scope: Scope, isOwnedKind: boolean): void {
    const watched: WatchedScope = {
      ...scope,
      objects: new Map(),
      isComplete: false,
      error: null,
      isOwnedKind,
      stop: this.#view.watchKind(scope.group, scope.kind, scope.namespace, (change) => {
        if (change.isSnapshot) watched.objects.clear()
        for (const object of change.upsert)
          watched.objects.set(objectKey(object.metadata.namespace ?? '', object.metadata.name), object)
        for (const object of change.remove)
          watched.objects.delete(objectKey(object.metadata.namespace ?? '', object.metadata.name))
        if (change.isSnapshot) watched.isComplete = true
        watched.error = change.error === null || change.error === undefined ? null : toErrorData(change.error)
        if (watched.isOwnedKind) this.#owned = null
        this.#onChange()
      }),
    }
    this.#scopes.set(scopeKey(scope), watched)
  }

  #enqueue(read: ReadObject): void {
    if (read.isReading) return
    read.isReading = true
    this.#queue.push(read)
    this.#drain()
  }

  #drain(): void {
    while (this.#running < maxConcurrentReads) {
      const read = this.#queue.shift()
      if (read === undefined) return
      this.#running += 1
      void this.#read(read).finally(() => {
        this.#running -= 1
        this.#drain()
      })
    }
  }

  async #read(read: ReadObject): Promise<void> {
    try {
      const object = await this.#view.fetch(read.ref, this.#abort.signal)
      read.known = { state: 'known', object }
    } catch (error) {
      if (this.#abort.signal.aborted) return
      const data = toErrorData(error)
      // A fault on the way does not make a known object unknown.
      if (data.code === 'NotFound') read.known = { state: 'missing' }
      else if (read.known.state !== 'known' || data.code === 'Forbidden') read.known = { state: 'failed', error: data }
    } finally {
      read.isReading = false
    }
    this.#onChange()
  }

  #indexOwners(): Map<string, KubeObject[]> {
    const index = new Map<string, KubeObject[]>()
    for (const scope of this.#scopes.values()) {
      if (!scope.isOwnedKind) continue
      for (const object of scope.objects.values()) {
        const owners = asArray(at(object, 'metadata', 'ownerReferences'))
        const uid = at(owners.find((each) => at(each, 'controller') === true) ?? owners[0], 'uid')
        if (typeof uid !== 'string' || uid === '') continue
        const list = index.get(uid)
        if (list === undefined) index.set(uid, [object])
        else list.push(object)
      }
    }
    return index
  }
}
