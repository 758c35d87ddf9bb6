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

export function createKeyedStore<T>(): KeyedStore<T> {
  return createStore<KeyedStream<T>>(() => emptyStream)
}

/** Feeds a store from a stream of the contract until the returned function is called. For streams of up to a few thousand items. */
export function feedKeyedStore<P extends StreamName>(
  bridge: Bridge,
  store: KeyedStore<ItemOf<P>>,
  name: P,
  input: InputOf<P>,
): () => void {
  return bridge.subscribe(name, input, {
    onDelta({ upsert, remove, isReady }) {
      const current = store.getState()
      const items = upsert.length > 0 || remove.length > 0 ? new Map(current.items) : current.items
      if (items !== current.items) {
        for (const key of remove) (items as Map<string, ItemOf<P>>).delete(key)
        for (const item of upsert) (items as Map<string, ItemOf<P>>).set((item as { readonly key: string }).key, item)
      }
      store.setState({ items, isReady: current.isReady || isReady, isEnded: false, error: null })
    },
    onEnd(error) {
      store.setState({ isEnded: true, error })
    },
  })
}
