/** Whose turn it is: namespaces take turns, each with its objects in the order in which they came. No key waits twice. */
export class FairLane {
  /** In turn: the first namespace is served next, then goes to the end. */
  readonly #namespaces = new Map<string, Set<string>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** True: it was not waiting yet. `isFirst`: before the others of its namespace. */
  add(namespace: string, key: string, isFirst = false): boolean {
    let keys = this.#namespaces.get(namespace)
    if (keys === undefined) {
      keys = new Set()
      this.#namespaces.set(namespace, keys)
    }
    if (keys.has(key)) return false
    if (isFirst && keys.size > 0) this.#namespaces.set(namespace, new Set([key, ...keys]))
    else keys.add(key)
    this.#size += 1
    return true
  }

  remove(namespace: string, key: string): void {
    const keys = this.#namespaces.get(namespace)
    if (keys?.delete(key) !== true) return
    this.#size -= 1
    if (keys.size === 0) this.#namespaces.delete(namespace)
  }

  /** The next key, null if none waits. */
  take(): string | null {
    for (const [namespace, keys] of this.#namespaces) {
      this.#namespaces.delete(namespace)
      for (const key of keys) {
        keys.delete(key)
        this.#size -= 1
        if (keys.size > 0) this.#namespaces.set(namespace, keys)
        return key
      }
    }
    return null
  }
}
