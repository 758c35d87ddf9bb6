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
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
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
