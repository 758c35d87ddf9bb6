/** A stream's snapshot in pieces, then its deltas in order: the one way in which lists of keyed items reach a stream's sink. */
import type { StreamSink } from '../../../shared/contract/index.ts'
import type { Clock, Dispose } from '../ports.ts'
import { nextTurn } from '../cache/slices.ts'

/** Items pushed in one go; building and encoding them takes about a millisecond. */
const pieceSize = 250

export class KeyedFeed<T extends { readonly key: string }> {
  readonly #clock: Clock
  readonly #items: () => Iterable<T>
  readonly #listeners = new Set<(upsert: readonly T[], remove: readonly string[]) => void>()

  /** `items`: everything as it stands. What it yields later must have gone through `publish`. */
  constructor(clock: Clock, items: () => Iterable<T>) {
    this.#clock = clock
    this.#items = items
  }

  publish(upsert: readonly T[], remove: readonly string[] = []): void {
    if (upsert.length === 0 && remove.length === 0) return
    for (const listener of this.#listeners) listener(upsert, remove)
  }

  /** Streams to `sink`; deltas that arrive while the snapshot is on its way follow it in order. */
  subscribe(sink: StreamSink<T>): Dispose {
    let late: { readonly upsert: readonly T[]; readonly remove: readonly string[] }[] | null = []
    const listener = (upsert: readonly T[], remove: readonly string[]): void => {
      if (late === null) sink.push(upsert, remove)
      else late.push({ upsert, remove })
    }
    this.#listeners.add(listener)
    const stop = (): void => {
      this.#listeners.delete(listener)
    }
    const send = async (): Promise<void> => {
      const snapshot = [...this.#items()]
      for (let start = 0; start < snapshot.length; start += pieceSize) {
        if (start > 0) await nextTurn(this.#clock)
        if (sink.isClosed || !this.#listeners.has(listener)) return
        sink.push(snapshot.slice(start, start + pieceSize))
      }
      for (const { upsert, remove } of late ?? []) sink.push(upsert, remove)
      late = null
      sink.ready()
    }
    void send().catch((error: unknown) => {
      stop()
      sink.end(error)
    })
    return stop
  }
}

/** Keyed items with a feed on top: `set` tells only what changed. */
export class KeyedItems<T extends { readonly key: string }> {
  readonly feed: KeyedFeed<T>
  #items = new Map<string, { readonly item: T; readonly text: string }>()

  constructor(clock: Clock) {
    this.feed = new KeyedFeed(clock, () => this.values())
  }

  values(): T[] {
    return [...this.#items.values()].map((entry) => entry.item)
  }

  get(key: string): T | null {
    return this.#items.get(key)?.item ?? null
  }

  /** Replaces all items; true when anything changed. */
  set(items: Iterable<T>): boolean {
    const next = new Map<string, { readonly item: T; readonly text: string }>()
    const upsert: T[] = []
    for (const item of items) {
      const text = JSON.stringify(item)
      const known = this.#items.get(item.key)
      if (known?.text === text) next.set(item.key, known)
      else {
        next.set(item.key, { item, text })
        upsert.push(item)
      }
    }
    const remove = [...this.#items.keys()].filter((key) => !next.has(key))
    this.#items = next
    this.feed.publish(upsert, remove)
    return upsert.length > 0 || remove.length > 0
  }
}
