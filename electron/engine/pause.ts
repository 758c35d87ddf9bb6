/** Waiting that a signal ends. */
import type { Clock } from './ports.ts'

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

export interface WaitLimits {
  readonly clock: Clock
  /** Between two looks. */
  readonly stepMs: number
  readonly maxMs: number
  readonly signal?: AbortSignal
}

/** Looks again and again until it is not so any more, or for `maxMs`: whether it still is. Rejects as `pause` does. */
export async function waitWhile(isSo: () => boolean, { clock, stepMs, maxMs, signal }: WaitLimits): Promise<boolean> {
  for (const until = clock.monotonicMs() + maxMs; isSo(); await pause(clock, stepMs, signal))
    if (clock.monotonicMs() >= until) return true
  return false
}
