/** Long work in short pieces, so that the engine's thread answers in between. */
import type { Clock } from '../ports.ts'

/** At most this long between two yields: the thread's p99 bar is 50 ms and one piece may meet others in the queue. */
const sliceMs = 8

/** Resolves in a later turn of the event loop. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve)
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
