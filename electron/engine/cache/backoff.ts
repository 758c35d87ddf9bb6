/** Jittered exponential delays. */
import type { Random } from '../ports.ts'

export interface BackoffLimits {
  readonly firstMs: number
  readonly maxMs: number
}

/** Delay before try `failures` + 1: doubles from firstMs to maxMs, then between 75 % and 100 % of that by chance. */
export function backoffMs(random: Random, failures: number, limits: BackoffLimits): number {
  const full = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 20))
  return Math.round(full * (0.75 + 0.25 * random.unit()))
}
