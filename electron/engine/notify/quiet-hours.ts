/** When nothing is shown. Hours are the machine's own, as they stand on its clock: a night of daylight saving is an hour shorter or longer. */
import { formatClock } from '../../../shared/lib/format/time.ts'
import type { QuietHours } from '../../../shared/model/notify.ts'

const minuteMs = 60_000
const dayMinutes = 24 * 60
/** No zone's clock is put forward by more. */
const longestShiftMs = 120 * minuteMs

/** `timeZone` null: the system's. */
export function isQuiet(quiet: QuietHours, at: number, timeZone: string | null = null): boolean {
  if (!quiet.isOn) return false
  const minute = minuteOfDay(at, timeZone)
  const { from, until } = quiet
  if (from === until) return true
  return from < until ? minute >= from && minute < until : minute >= from || minute < until
}

/** The first moment from `at` on that is not quiet, to the minute; null where every moment is. `at` itself where it is not. */
export function quietEndsAt(quiet: QuietHours, at: number, timeZone: string | null = null): number | null {
  if (!isQuiet(quiet, at, timeZone)) return at
  if (quiet.from === quiet.until) return null
  const left = (quiet.until - minuteOfDay(at, timeZone) + dayMinutes) % dayMinutes
  const start = Math.floor(at / minuteMs) * minuteMs
  // As if no clock moved; from a little before that the clock itself is asked, minute by minute.
  let moment = Math.max(start, start + left * minuteMs - longestShiftMs)
  while (isQuiet(quiet, moment, timeZone)) moment += minuteMs
  return moment
}

function minuteOfDay(at: number, timeZone: string | null): number {
  const [hour = 0, minute = 0] = formatClock(at, timeZone).split(':').map(Number)
  return hour * 60 + minute
}
