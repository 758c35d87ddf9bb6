/** Long work in short pieces, so that the engine's thread answers in between. */
import type { Clock } from '../ports.ts'

/** At most this long between two yields: the thread's p99 bar is 50 ms and one piece may meet others in the queue. */
const sliceMs = 8

/** Who waits for a turn, in order, on each clock: one thread has one. */
const queues = new WeakMap<Clock, (() => void)[]>()

/** Resolves in a later turn of the event loop, of which nobody else who waits here gets any: what several do at once would be one long turn. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const queue = queues.get(clock)
    if (queue !== undefined) {
      queue.push(resolve)
      return
    }
    const waiting = [resolve]
    queues.set(clock, waiting)
    const takeTurn = (): void => {
      const next = waiting.shift()
      if (waiting.length === 0) queues.delete(clock)
      else clock.after(0, takeTurn)
      next?.()
    }
    clock.after(0, takeTurn)
  })
}

/** Calls `visit` for each value, yielding whenever a slice is used up; stops early when `isStopped` says so. */
export async function forEachInSlices<T>(
  clock: Clock,
  values: Iterable<T>,
  visit: (value: T) => void,
  isStopped: () => boolean = () => false,
): Promise<void> {
  let startedAt = clock.monotonicMs()
  for (const value of values) {
    if (isStopped()) return
    visit(value)
    if (clock.monotonicMs() - startedAt < sliceMs) continue
    await nextTurn(clock)
    startedAt = clock.monotonicMs()
  }
}
