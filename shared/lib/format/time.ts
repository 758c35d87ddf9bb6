/** Ages and moments as interface.md ("Formats") writes them. Times are ms since the epoch. */

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** `41s`, `9m`, `2h 02m`, `3d`; a moment in the future (clocks differ) is `0s`. */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms)
  if (age >= hourMs && age < dayMs) {
    const minutes = String(Math.floor((age % hourMs) / minuteMs)).padStart(2, '0')
    return `${String(Math.floor(age / hourMs))}h ${minutes}m`
  }
  return formatAgeColumn(age)
}

/** For columns, the largest unit alone: `41s`, `9m`, `2h`, `3d`. */
export function formatAgeColumn(ms: number): string {
  const age = Math.max(0, ms)
  if (age < minuteMs) return `${String(Math.floor(age / secondMs))}s`
  if (age < hourMs) return `${String(Math.floor(age / minuteMs))}m`
  if (age < dayMs) return `${String(Math.floor(age / hourMs))}h`
  return `${String(Math.floor(age / dayMs))}d`
}

/** How long until the text of formatAge or formatAgeColumn changes, ms. */
export function nextAgeChangeMs(ms: number): number {
  const age = Math.max(0, ms)
  const unit = age < minuteMs ? secondMs : age < dayMs ? minuteMs : dayMs
  return unit - (age % unit)
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly clock: string
}

/** `Wed 16 Sep 2026, 07:41:53 (05:41:53 UTC)`; the UTC part names its day where it is another. `timeZone` null = the system's. */
export function formatMoment(ms: number, timeZone: string | null = null): string {
  if (!isMoment(ms)) return 'unknown'
  const local = localTime(ms, timeZone)
  const utc = localTime(ms, 'UTC')
  const date = `${weekdays[local.weekday] ?? ''} ${String(local.day)} ${months[local.month - 1] ?? ''} ${String(local.year)}`
  const utcDay = utc.day === local.day ? '' : `${String(utc.day)} ${months[utc.month - 1] ?? ''} `
  return `${date}, ${local.clock} (${utcDay}${utc.clock} UTC)`
}

/** `07:41:53`, 24 hours. */
export function formatClock(ms: number, timeZone: string | null = null): string {
  return isMoment(ms) ? localTime(ms, timeZone).clock : '--:--:--'
}

export type TypedPrecision = 'minute' | 'second'

/** As a time is typed: `2026-09-16 07:41:53`, or to the minute `2026-09-16 07:41`; '' for what is no moment. `timeZone` null = the system's. */
export function formatTyped(ms: number, precision: TypedPrecision = 'second', timeZone: string | null = null): string {
  if (!isMoment(ms)) return ''
  const { year, month, day, clock } = localTime(ms, timeZone)
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)} ${precision === 'second' ? clock : clock.slice(0, 5)}`
}

/** A day, a clock with or without seconds, or both; behind them `Z` or an offset. */
const typedPattern =
  /^(?:(\d{4}-\d{2}-\d{2})(?:$|[T ]\s*))?(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:\d{2})?$/i

/**
 * What formatTyped writes, and what people copy from logs (`2026-09-16T05:41:53.2Z`), as ms of the whole second. A day alone is its beginning, a clock alone
 * one of the day of `sameDay`. Without `Z` or an offset it is the system's time zone. null for what is no time.
 */
export function parseTyped(text: string, sameDay: number): number | null {
  const found = typedPattern.exec(text.trim())
  if (found === null) return null
  const [, typedDay, hour, minute = '00', second = '00', zone = ''] = found
  if (typedDay === undefined && hour === undefined) return null
  const day = typedDay ?? formatTyped(sameDay).slice(0, 10)
  // A day that its month does not have would be taken for one of the next.
  const noon = Date.parse(`${day}T12:00:00Z`)
  if (Number.isNaN(noon) || new Date(noon).getUTCDate() !== Number(day.slice(8))) return null
  const clockHour = (hour ?? '').padStart(2, '0')
  // And the hour 24 for the next day's first.
  if (Number(clockHour) > 23) return null
  const at = Date.parse(`${day}T${clockHour}:${minute}:${second}${zone.toUpperCase()}`)
  return Number.isNaN(at) ? null : at
}

const agoUnits: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs, w: 7 * dayMs }

/** How long ago, as ages are told: `90m`, `24h`, `3d`, `2w` before `now`, not before 1970; null for what is none. */
export function parseAgo(text: string, now: number): number | null {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  const ms = agoUnits[unit]
  return count === undefined || ms === undefined ? null : Math.max(0, now - Number(count) * ms)
}

function isMoment(ms: number): boolean {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15
}

function localTime(ms: number, timeZone: string | null): LocalTime {
  // What a timeline writes for each row has a short way: Intl takes a hundred times as long.
  if (ms >= 0 && timeZone === null) {
    const time = new Date(ms)
    return {
      year: time.getFullYear(),
      month: time.getMonth() + 1,
      day: time.getDate(),
      weekday: time.getDay(),
      clock: clockOf(time.getHours(), time.getMinutes(), time.getSeconds()),
    }
  }
  if (ms >= 0 && timeZone === 'UTC') {
    const time = new Date(ms)
    return {
      year: time.getUTCFullYear(),
      month: time.getUTCMonth() + 1,
      day: time.getUTCDate(),
      weekday: time.getUTCDay(),
      clock: clockOf(time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()),
    }
  }
  const parts = formatterOf(timeZone).formatToParts(ms)
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0)
  const year = number('year')
  const month = number('month')
  const day = number('day')
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    clock: clockOf(number('hour'), number('minute'), number('second')),
  }
}

function clockOf(...parts: readonly number[]): string {
  return parts.map(twoDigits).join(':')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

/** Building one costs far more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string | null): Intl.DateTimeFormat {
  const key = timeZone ?? ''
  let formatter = formatters.get(key)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
      ...(timeZone === null ? {} : { timeZone }),
    })
    formatters.set(key, formatter)
  }
  return formatter
}
