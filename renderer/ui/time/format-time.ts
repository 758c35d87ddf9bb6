/** Times as interface.md (Formats) writes them: those of shared/lib/format, and what only the window shows. All input in ms. */
export { formatAge, formatMoment as formatAbsolute } from '../../../shared/lib/format/time.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Two units at most, as Flux writes intervals: `1m 40s`, `10m`, `1h 30m`, `2d`. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms)
  if (value < minute) return `${Math.round(value / second)}s`
  if (value < hour) return twoUnits(value, minute, 'm', second, 's')
  if (value < day) return twoUnits(value, hour, 'h', minute, 'm')
  return twoUnits(value, day, 'd', hour, 'h')
}

function twoUnits(value: number, large: number, largeWord: string, small: number, smallWord: string): string {
  const rest = Math.floor((value % large) / small)
  return `${Math.floor(value / large)}${largeWord}${rest === 0 ? '' : ` ${rest}${smallWord}`}`
}

/** Building a formatter takes milliseconds, which no start needs: each is made with its first use. */
let clock: Intl.DateTimeFormat | null = null
let shortClock: Intl.DateTimeFormat | null = null
let shortDay: Intl.DateTimeFormat | null = null

/** The system's clock: `10:12:04`. */
export function formatClock(at: number): string {
  clock ??= new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return clock.format(at)
}

/** `10:12`, 24 hours: short enough for a column in every locale; with the day before it where it is not `now`'s: `16 Sep 10:12`; '' for what is no date. */
export function formatTimeOfDay(at: number, now: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  shortClock ??= new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const time = shortClock.format(date)
  if (date.toDateString() === new Date(now).toDateString()) return time
  shortDay ??= new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
  return `${shortDay.format(date)} ${time}`
}

/** `main@sha1:5a3f1c2`: digests cut to 7 characters, all else verbatim. */
export function formatRevision(revision: string): string {
  return revision.replace(/\b((?:sha1|sha256|sha384|sha512):[0-9a-f]{7})[0-9a-f]+/g, '$1')
}
