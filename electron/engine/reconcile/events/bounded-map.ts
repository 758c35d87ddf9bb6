/** A map of the most recently used 4,096 keys: what client-go's event caches keep. */
const maxKeys = 4096

export class BoundedMap<T> {
  readonly #entries = new Map<string, T>()

  get(key: string): T | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, value)
    }
    return value
  }

  set(key: string, value: T): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > maxKeys)
      for (const first of this.#entries.keys()) {
        this.#entries.delete(first)
        break
      }
  }
}
