/** A stream as a store: keyed items, whether the snapshot is complete, and the fault that ended it. */
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { InputOf, ItemOf, StreamName } from '../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { Bridge } from '../bridge/bridge.ts'

export interface KeyedStream<T> {
  /** Same map while nothing changed, a new one after a change. */
  readonly items: ReadonlyMap<string, T>
  /** The snapshot is complete: what is not here does not exist. */
  readonly isReady: boolean
  readonly isEnded: boolean
  readonly error: SluiceErrorData | null
}

export const emptyStream: KeyedStream<never> = {
  items: new Map<string, never>(),
  isReady: false,
  isEnded: false,
  error: null,
}

export type KeyedStore<T> = StoreApi<KeyedStream<T>>

/** A store of 20,000 items that rests takes a change every 2 s. */
const restedPerMs = 10

export function createKeyedStore<T>(): KeyedStore<T> {
  return createStore<KeyedStream<T>>(() => emptyStream)
}

/**
 * Feeds a store from a stream of the contract until the returned function is called. `restMs`: after a change the store rests for so long, the
 * longer the more it holds, and takes what came meanwhile as one change: for streams of thousands of items, where each change is a new map and costs
 * whoever sums them up.
 */
export function feedKeyedStore<P extends StreamName>(
  bridge: Bridge,
  store: KeyedStore<ItemOf<P>>,
  name: P,
  input: InputOf<P>,
  restMs = 0,
): () => void {
  let waiting = new Map<string, ItemOf<P> | null>()
  let isReadySoon = false
  let timer: ReturnType<typeof setTimeout> | null = null

  function apply(): void {
    const current = store.getState()
    const changes = waiting
    waiting = new Map()
    let items = current.items
    if (changes.size > 0) {
      const next = new Map(current.items)
      for (const [key, item] of changes) {
        if (item === null) next.delete(key)
        else next.set(key, item)
      }
      items = next
    }
    store.setState({ items, isReady: current.isReady || isReadySoon, isEnded: false, error: null })
  }
  function rest(): void {
    timer = setTimeout(
      () => {
        timer = null
        if (waiting.size === 0 && store.getState().isReady === isReadySoon) return
        apply()
        rest()
      },
      Math.max(restMs, store.getState().items.size / restedPerMs),
    )
  }

  const stop = bridge.subscribe(name, input, {
    onDelta({ upsert, remove, isReady }) {
      for (const key of remove) waiting.set(key, null)
      for (const item of upsert) waiting.set((item as { readonly key: string }).key, item)
      isReadySoon ||= isReady
      if (timer !== null) return
      apply()
      if (restMs > 0) rest()
    },
    onEnd(error) {
      store.setState({ isEnded: true, error })
    },
  })
  return () => {
    if (timer !== null) clearTimeout(timer)
    stop()
  }
}

export interface LookedAtFeed {
  /** To be called with each bridge; the returned function empties the store. */
  readonly connect: (bridge: Bridge) => () => void
  /** Keeps the stream open until the returned function is called; with the last one the store is emptied. */
  readonly look: () => () => void
}

/** Feeds a store as `feedKeyedStore` does, but only while somebody looks at it, across reconnections: for what is too much to hold for nobody. */
export function feedWhileLookedAt<P extends StreamName>(
  store: KeyedStore<ItemOf<P>>,
  name: P,
  input: InputOf<P>,
  restMs: number,
): LookedAtFeed {
  let feed: (() => () => void) | null = null
  let stop: (() => void) | null = null
  let lookers = 0

  function close(): void {
    stop?.()
    stop = null
    store.setState(emptyStream)
  }
  return {
    connect(bridge) {
      feed = () => feedKeyedStore(bridge, store, name, input, restMs)
      if (lookers > 0) stop = feed()
      return () => {
        feed = null
        close()
      }
    },
    look() {
      lookers += 1
      stop ??= feed?.() ?? null
      return () => {
        lookers -= 1
        if (lookers === 0) close()
      }
    },
  }
}
