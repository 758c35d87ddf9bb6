/** Times and durations as Go writes them into statuses and events, and the jitter of intervals. Semantics: metav1.Time, time.Duration, pkg/runtime/jitter. */
import { formatDuration } from '../../../../shared/flux/durations.ts'
import type { Random } from '../../ports.ts'

/** metav1.Time: whole seconds, UTC. */
export function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** time.Duration's text of a measured time, in whole microseconds; never negative: clocks of a laptop jump. */
export function goDuration(ms: number): string {
  return formatDuration(Math.max(0, Math.round(ms * 1000) / 1000))
}

/** `percent` of the interval more or less, at random; 0 and 100 or more leave it as it is. */
export function jitter(ms: number, percent: number, random: Random): number {
  if (percent <= 0 || percent >= 100) return ms
  return Math.round(ms * (1 + (percent / 100) * (2 * random.unit() - 1)))
}
