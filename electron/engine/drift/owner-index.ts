/** Which owners depend on an object. */
import type { LiveId } from './live/live-index.ts'

export class OwnerIndex {
  readonly #owners = new Map<LiveId, Set<string>>()
  readonly #ids = new Map<string, readonly LiveId[]>()

  has(id: LiveId): boolean {
    return this.#owners.has(id)
  }

  ownersOf(id: LiveId): Iterable<string> {
    return this.#owners.get(id) ?? []
  }

  /** What the owner depends on from now on. */
  set(owner: string, ids: readonly LiveId[]): void {
    for (const id of this.#ids.get(owner) ?? []) {
      const owners = this.#owners.get(id)
      owners?.delete(owner)
      if (owners?.size === 0) this.#owners.delete(id)
    }
    if (ids.length === 0) this.#ids.delete(owner)
    else this.#ids.set(owner, ids)
    for (const id of ids) {
      const owners = this.#owners.get(id)
      if (owners === undefined) this.#owners.set(id, new Set([owner]))
      else owners.add(owner)
    }
  }
}
