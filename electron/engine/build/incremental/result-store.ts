/** Results under a memory cap: what was used longest ago goes first. */

export interface ResultStore<T> {
  get(key: string): T | undefined
  /** Replaces what `key` held. A value that alone is over the cap is not kept. */
  set(key: string, value: T, bytes: number): void
  delete(key: string): void
  readonly bytes: number
}

/** `onDrop` hears the keys that went to make room. */
export function createResultStore<T>(maxBytes: number, onDrop: (key: string) => void): ResultStore<T> {
  // A Map keeps the order of insertion: what is used moves to its end.
  const kept = new Map<string, { readonly value: T; readonly bytes: number }>()
  let total = 0
  function remove(key: string): void {
    total -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }
  return {
    get(key) {
      const found = kept.get(key)
      if (found === undefined) return undefined
      kept.delete(key)
      kept.set(key, found)
      return found.value
    },
    set(key, value, bytes) {
      remove(key)
      if (bytes > maxBytes) {
        onDrop(key)
        return
      }
      kept.set(key, { value, bytes })
      total += bytes
      for (const oldest of kept.keys()) {
        if (total <= maxBytes) break
        remove(oldest)
        onDrop(oldest)
      }
    },
    delete: remove,
    get bytes() {
      return total
    },
  }
}
