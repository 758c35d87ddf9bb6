/**
 * Times as Go reads and writes them again: RFC 3339 with the liberties of `time.Parse` (an hour of one digit, a comma before the fraction),
 * written in UTC, with seconds or with microseconds. Semantics: k8s.io/apimachinery v0.36.2 `metav1.Time` and `metav1.MicroTime`.
 */

const seconds = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/
const micros =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})[.,](\d{6}|\+\d{5}|-00000)(?:Z|([+-])(\d{2}):(\d{2}))$/

/** The text that Go writes; null for the zero time, which it writes as null; undefined where it cannot read the time. */
export function canonicalTime(text: string, precision: 'seconds' | 'micros'): string | null | undefined {
  const match = (precision === 'seconds' ? seconds : micros).exec(text)
  if (match === null) return undefined
  const part = (index: number): number => Number(match[index] ?? '0')
  const [year, month, day] = [part(1), part(2), part(3)]
  const [hour, minute, second] = [part(4), part(5), part(6)]
  const offset = (part(9) * 60 + part(10)) * (match[8] === '-' ? -1 : 1)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 24 || part(10) > 60) return undefined

  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offset, second)
  const fraction = match[7] ?? ''
  const isWhole = /^[+-]?0*$/.test(fraction.slice(0, 9))
  const whole = formatDate(date)
  if (whole === '0001-01-01T00:00:00' && isWhole) return null
  return precision === 'seconds' ? `${whole}Z` : `${whole}.${String(Math.abs(part(7))).padStart(6, '0')}Z`
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function formatDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const year = date.getUTCFullYear()
  const yearText = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`
  const day = `${yearText}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
  return `${day}T${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
}
