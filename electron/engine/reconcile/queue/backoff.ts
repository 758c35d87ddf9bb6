/** How long the controllers wait after failures in a row. Semantics: pkg/runtime controller rate limiter, workqueue's exponential limiter. */
const minRetryDelayMs = 750
const maxRetryDelayMs = 15 * 60_000

/** ms before the next run after `failures` failed runs in a row (1 or more): 0.75 s doubled each time, 15 minutes at most. */
export function retryDelayMs(failures: number): number {
  return Math.min(maxRetryDelayMs, minRetryDelayMs * 2 ** Math.max(0, Math.min(failures - 1, 30)))
}
