/** Rows of a stream, changed one by one and told together, at most so often. */
import { KeyedFeed } from '../../clusters/keyed-feed.ts'
import type { Clock, Dispose } from '../../ports.ts'

const tellMs = 40

export class KeyedTable<T extends { readonly key: string }> {
  readonly feed: KeyedFeed<T>
  readonly #clock: Clock
  readonly #items = new Map<string, T>()
  #changed = new Set<string>()
  #timer: Dispose | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.feed = new KeyedFeed(clock, () => this.#items.values())
  }

  get(key: string): T | null {
    return this.#items.get(key) ?? null
  }

  values(): Iterable<T> {
    return this.#items.values()
  }

  put(item: T): void {
    this.#items.set(item.key, item)
    this.#touch(item.key)
  }

  remove(key: string): void {
    if (this.#items.delete(key)) this.#touch(key)
  }

  dispose(): void {
    this.#timer?.()
    this.#timer = null
  }

  #touch(key: string): void {
    this.#changed.add(key)
    this.#timer ??= this.#clock.after(tellMs, () => {
      this.#timer = null
      const changed = this.#changed
      this.#changed = new Set()
      const upsert: T[] = []
      const remove: string[] = []
      for (const each of changed) {
        const item = this.#items.get(each)
        if (item === undefined) remove.push(each)
        else upsert.push(item)
      }
      this.feed.publish(upsert, remove)
    })
  }
}
