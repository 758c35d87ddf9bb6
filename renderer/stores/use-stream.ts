/**
 * Streams that live as long as a component shows them: `useStream('tree.watch', { ref })`. Components that ask for the same stream
 * share one subscription; it stays open for a moment after the last one leaves, so that going back is instant.
 */
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import type { InputOf, ItemOf, StreamName } from '../../shared/contract/index.ts'
import { openStream } from './host.ts'
import { createKeyedStore, feedKeyedStore } from './keyed-stream.ts'
import type { KeyedStore, KeyedStream } from './keyed-stream.ts'

const lingerMs = 5000

interface Shared {
  readonly store: KeyedStore<never>
  stop: (() => void) | null
  users: number
  timer: ReturnType<typeof setTimeout> | undefined
}

const shared = new Map<string, Shared>()

function sharedStream(id: string): Shared {
  const existing = shared.get(id)
  if (existing !== undefined) return existing
  const created: Shared = { store: createKeyedStore<never>(), stop: null, users: 0, timer: undefined }
  shared.set(id, created)
  return created
}

/** Items of a stream by key, in the order of arrival. `input` may be a new object each time: it is compared by value. */
export function useStream<P extends StreamName>(name: P, input: InputOf<P>): KeyedStream<ItemOf<P>> {
  const id = `${name} ${JSON.stringify(input)}`
  const entry = useMemo(() => sharedStream(id), [id])
  useEffect(() => {
    const current = sharedStream(id)
    const value = JSON.parse(id.slice(name.length + 1)) as InputOf<P>
    clearTimeout(current.timer)
    current.users += 1
    current.stop ??= feedKeyedStore(
      { subscribe: openStream } as Parameters<typeof feedKeyedStore>[0],
      current.store as unknown as KeyedStore<ItemOf<P>>,
      name,
      value,
    )
    return () => {
      current.users -= 1
      if (current.users > 0) return
      current.timer = setTimeout(() => {
        current.stop?.()
        if (shared.get(id) === current) shared.delete(id)
      }, lingerMs)
    }
  }, [id, name])
  return useStore(entry.store as unknown as KeyedStore<ItemOf<P>>)
}
