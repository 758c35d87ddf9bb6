/**
 * The objects of one kind in one cluster: per object a summary made by the owner, and its bytes in the archive. Decides what is new,
 * old, doubled or gone; several list-watches (one per namespace) may feed it, each answerable for its own scope.
 */
import type { KubeObject } from '../clusters/view.ts'
import type { ListWatchSink } from './list-watch.ts'
import type { ObjectArchive, Slot } from './object-archive.ts'

/** `namespace/name`, `/name` for cluster-scoped objects. */
export type ObjectName = string

export interface StoredObject<S> {
  uid: string
  resourceVersion: string
  /** The list in which the object was last told; compared with the scope's own count. */
  listNumber: number
  slot: Slot | null
  summary: S
}

export interface ObjectStoreOptions<S> {
  /** Null: bytes are not kept. */
  readonly archive: ObjectArchive | null
  /** Text to keep of an object. */
  readonly pack: (object: KubeObject) => string
  readonly summarise: (object: KubeObject, previous: S | null) => S
  readonly onUpsert: (name: ObjectName, summary: S, previous: S | null) => void
  readonly onRemove: (name: ObjectName, summary: S) => void
  readonly onPage?: (scope: string | null, remaining: number | null) => void
}

/** Deletions remembered, so that a late event of a deleted object does not bring it back. */
const maxTombstones = 512

export function objectNameOf(object: KubeObject): ObjectName {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

export class ObjectStore<S> {
  readonly entries = new Map<ObjectName, StoredObject<S>>()
  readonly #options: ObjectStoreOptions<S>
  readonly #tombstones = new Set<string>()
  #listCount = 0

  constructor(options: ObjectStoreOptions<S>) {
    this.#options = options
  }

  /** The sink of one list-watch: of the whole cluster (null) or of one namespace. */
  sink(scope: string | null): ListWatchSink {
    let listNumber = 0
    return {
      begin: () => {
        this.#listCount += 1
        listNumber = this.#listCount
      },
      item: (object) => {
        this.#put(object, listNumber)
      },
      pageEnd: (remaining) => this.#options.onPage?.(scope, remaining),
      listed: () => {
        this.#sweep(scope, listNumber)
        this.#options.onPage?.(scope, null)
      },
      changed: (object) => {
        this.#change(object, listNumber)
      },
      deleted: (object) => {
        this.#delete(object)
      },
    }
  }

  /** Forgets what lies in one namespace (null: everything), telling `onRemove` of each. */
  drop(scope: string | null): void {
    this.#listCount += 1
    this.#sweep(scope, this.#listCount)
  }

  /** Whatever a list tells next counts as new: the same objects are about to come in another version. */
  invalidate(): void {
    for (const stored of this.entries.values()) stored.resourceVersion = ''
  }

  /** The text of every object, block by block of the archive: each is inflated once. */
  *texts(): Iterable<readonly [ObjectName, string]> {
    const byBlock = new Map<unknown, ObjectName[]>()
    for (const [name, { slot }] of this.entries) {
      if (slot === null) continue
      const names = byBlock.get(slot.block)
      if (names === undefined) byBlock.set(slot.block, [name])
      else names.push(name)
    }
    for (const names of byBlock.values())
      for (const name of names) {
        const text = this.text(name)
        if (text !== null) yield [name, text]
      }
  }

  text(name: ObjectName): string | null {
    const slot = this.entries.get(name)?.slot ?? null
    return slot === null || this.#options.archive === null ? null : this.#options.archive.read(slot)
  }

  /** A list is authoritative, whatever version it tells: the server may have been restored from a backup. */
  #put(object: KubeObject, listNumber: number): void {
    const stored = this.entries.get(objectNameOf(object))
    if (
      stored !== undefined &&
      stored.uid === (object.metadata.uid ?? '') &&
      stored.resourceVersion === object.metadata.resourceVersion
    ) {
      stored.listNumber = listNumber
      return
    }
    this.#store(object, listNumber, stored)
  }

  #change(object: KubeObject, listNumber: number): void {
    if (typeof object.metadata.name !== 'string') return
    const uid = object.metadata.uid ?? ''
    if (uid !== '' && this.#tombstones.has(uid)) return
    const stored = this.entries.get(objectNameOf(object))
    if (stored !== undefined && isOlder(object.metadata.resourceVersion, stored.resourceVersion)) return
    if (stored?.uid === uid && stored.resourceVersion === object.metadata.resourceVersion) return
    this.#store(object, listNumber, stored)
  }

  #store(object: KubeObject, listNumber: number, stored: StoredObject<S> | undefined): void {
    const { archive, pack, summarise, onUpsert } = this.#options
    const name = objectNameOf(object)
    const uid = object.metadata.uid ?? ''
    const previous = stored === undefined ? null : stored.summary
    const summary = summarise(object, stored?.uid === uid ? previous : null)
    if (stored?.slot != null) archive?.remove(stored.slot)
    const slot = archive === null ? null : archive.add(pack(object))
    const resourceVersion = object.metadata.resourceVersion ?? ''
    if (stored === undefined) this.entries.set(name, { uid, resourceVersion, listNumber, slot, summary })
    else Object.assign(stored, { uid, resourceVersion, listNumber, slot, summary })
    onUpsert(name, summary, previous)
  }

  #delete(object: KubeObject): void {
    if (typeof object.metadata.name !== 'string') return
    const uid = object.metadata.uid ?? ''
    if (uid !== '') {
      this.#tombstones.add(uid)
      if (this.#tombstones.size > maxTombstones) {
        for (const oldest of this.#tombstones) {
          this.#tombstones.delete(oldest)
          break
        }
      }
    }
    const name = objectNameOf(object)
    const stored = this.entries.get(name)
    // An object of the same name made since is another object.
    if (stored === undefined || (uid !== '' && stored.uid !== '' && stored.uid !== uid)) return
    this.#remove(name, stored)
  }

  #sweep(scope: string | null, listNumber: number): void {
    const prefix = scope === null ? null : `${scope}/`
    for (const [name, stored] of this.entries)
      if (stored.listNumber < listNumber && (prefix === null || name.startsWith(prefix))) this.#remove(name, stored)
  }

  #remove(name: ObjectName, stored: StoredObject<S>): void {
    this.entries.delete(name)
    if (stored.slot !== null) this.#options.archive?.remove(stored.slot)
    this.#options.onRemove(name, stored.summary)
  }
}

/** Resource versions are decimal numbers that rise over the whole cluster (KEP-5504); anything else is not compared. */
function isOlder(version: string | undefined, than: string): boolean {
  if (version === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return false
  return version.length === than.length ? version < than : version.length < than.length
}
