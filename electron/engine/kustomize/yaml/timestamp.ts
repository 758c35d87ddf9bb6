/**
 * Plain scalars that go-yaml takes for timestamps, and their RFC 3339 text. Semantics: Go's time.Parse with go-yaml's four layouts (one or
 * two digits for every field but the year, any number of fraction digits, `,` or `.` before them) and time.Time's JSON form.
 */

const PATTERN =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:([Tt])| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)?)?$/

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}

/** True if the text begins like a date, which every timestamp does: cheap enough for every scalar. */
export function mayBeTimestamp(text: string): boolean {
  return text.length >= 8 && text.charCodeAt(4) === 0x2d && text.charCodeAt(3) <= 0x39
}

/**
 * The RFC 3339 text (fraction without trailing zeros, `Z` for no offset) of a scalar that go-yaml reads as a timestamp, null if it does not.
 * An offset of a whole day or more gives `invalid`: Go reads it but refuses to write it as JSON.
 */
export function readTimestamp(text: string): string | null {
  if (!mayBeTimestamp(text)) return null
  const match = PATTERN.exec(text)
  if (match === null) return null
  const [, year, month, day, marker, hour, minute, second, fraction, zone] = match
  const monthNumber = Number(month)
  const dayNumber = Number(day)
  const yearNumber = Number(year)
  if (monthNumber < 1 || monthNumber > 12) return null
  const isLeap = (yearNumber % 4 === 0 && yearNumber % 100 !== 0) || yearNumber % 400 === 0
  const lastDay = monthNumber === 2 && isLeap ? 29 : DAYS[monthNumber - 1]!
  if (dayNumber < 1 || dayNumber > lastDay) return null
  const date = `${year!}-${pad(monthNumber)}-${pad(dayNumber)}T`
  if (hour === undefined) return `${date}00:00:00Z`
  // `T` needs a zone, a space forbids it.
  if ((marker === undefined) !== (zone === undefined)) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const digits = (fraction ?? '').slice(0, 9).replace(/0+$/, '')
  const time = `${pad(Number(hour))}:${pad(Number(minute))}:${pad(Number(second))}${digits === '' ? '' : `.${digits}`}`
  if (zone === undefined || zone === 'Z') return `${date}${time}Z`
  const zoneHour = Number(zone.slice(1, 3))
  const zoneMinute = Number(zone.slice(4, 6))
  if (zoneHour > 24 || zoneMinute > 60) return null
  const offset = zoneHour * 60 + zoneMinute
  if (offset === 0) return `${date}${time}Z`
  if (offset >= 24 * 60) return 'invalid'
  return `${date}${time}${zone[0]!}${pad(Math.floor(offset / 60))}:${pad(offset % 60)}`
}
