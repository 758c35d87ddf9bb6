/**
 * Turns what a stream handler pushes into ordered, bounded, coalesced frames: of several changes to one key only the last is sent.
 * Snapshot frames follow one another as fast as the loop allows (first rows at once), later ones at most 20 a second.
 */
import { maxItemsPerFrame, minFrameIntervalMs } from '../../shared/contract/frames.ts'
import type { StreamSink } from '../../shared/contract/index.ts'
import type { Clock } from '../engine/ports.ts'

export interface Delta {
  readonly seq: number
  readonly up: readonly unknown[]
  readonly rm: readonly string[]
  readonly ready: boolean
}

interface Keyed {
  readonly key: string
}

export interface StreamWriterOptions {
  readonly clock: Clock
  readonly send: (delta: Delta) => void
  /** Called once, after everything pushed before has been sent. */
  readonly end: (error: unknown) => void
}

export function createStreamWriter(options: StreamWriterOptions): { readonly sink: StreamSink<Keyed>; close(): void } {
  const { clock, send } = options
  const upserts = new Map<string, Keyed>()
  const removes = new Map<string, string>()
  let seq = 0
  let isReadyPending = false
  let isReadySent = false
  let isClosed = false
  let cancelTimer: (() => void) | null = null
  let lastSentAt = -Infinity

  function flush(): void {
    cancelTimer = null
    if (isClosed) return
    const up = takeFirst(upserts, maxItemsPerFrame)
    const rm = up.length < maxItemsPerFrame ? takeFirst(removes, maxItemsPerFrame) : []
    const isDrained = upserts.size === 0 && removes.size === 0
    const ready = isDrained && isReadyPending && !isReadySent
    if (ready) isReadySent = true
    if (up.length > 0 || rm.length > 0 || ready) {
      lastSentAt = clock.monotonicMs()
      send({ seq: ++seq, up, rm, ready })
    }
    if (!isDrained) schedule()
  }

  function schedule(): void {
    if (cancelTimer !== null || isClosed) return
    // A backlog of more than a frame is a snapshot (or a flood that frames bound anyway): it is not held back.
    const isBacklog = upserts.size >= maxItemsPerFrame || !isReadySent
    const wait = isBacklog ? 0 : Math.max(0, lastSentAt + minFrameIntervalMs - clock.monotonicMs())
    cancelTimer = clock.after(wait, flush)
  }

  function drain(): void {
    cancelTimer?.()
    cancelTimer = null
    while (!isClosed && (upserts.size > 0 || removes.size > 0 || (isReadyPending && !isReadySent))) {
      flush()
      cancelPending()
    }
  }

  function cancelPending(): void {
    cancelTimer?.()
    cancelTimer = null
  }

  const sink: StreamSink<Keyed> = {
    push(upsert, remove = []) {
      if (isClosed) return
      for (const item of upsert) {
        upserts.set(item.key, item)
        removes.delete(item.key)
      }
      for (const key of remove) {
        upserts.delete(key)
        removes.set(key, key)
      }
      schedule()
    },
    ready() {
      if (isClosed || isReadyPending) return
      isReadyPending = true
      schedule()
    },
    end(error) {
      if (isClosed) return
      drain()
      options.end(error)
    },
    get isClosed() {
      return isClosed
    },
  }
  return {
    sink,
    close() {
      isClosed = true
      cancelPending()
      upserts.clear()
      removes.clear()
    },
  }
}

/** Takes the first `count` values out of a map, in insertion order. */
function takeFirst<T>(from: Map<string, T>, count: number): T[] {
  const taken: T[] = []
  for (const [key, value] of from) {
    taken.push(value)
    from.delete(key)
    if (taken.length === count) break
  }
  return taken
}
