/**
 * Go's ways of writing and reading numbers, times and base64, as far as they decide a byte of what SOPS hashes or prints. Semantics: Go's
 * strconv, time and encoding packages.
 */
import { GoBytes } from './sops-tree.ts'

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Text with U+FFFD where the bytes are not UTF-8. */
export function decodeUtf8Lenient(bytes: Uint8Array): string {
  return lenientDecoder.decode(bytes)
}

/** A Go string: a JS string if the bytes are UTF-8, else the bytes. */
export function decodeGoString(bytes: Uint8Array): string | GoBytes {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return new GoBytes(bytes, false)
  }
}

/** Shortest digits of a finite number and its decimal exponent: value = 0.DIGITS * 10^point. */
function shortestDigits(value: number): { negative: boolean; digits: string; point: number } {
  const negative = value < 0 || Object.is(value, -0)
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  if (digits === '') return { negative, digits: '0', point: 1 }
  return { negative, digits, point: Number(exponent) + 1 }
}

function nonFinite(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return null
  return value > 0 ? '+Inf' : '-Inf'
}

/** `strconv.FormatFloat(value, 'f', -1, 64)`. */
export function formatFloatPlain(value: number): string {
  const special = nonFinite(value)
  if (special !== null) return special
  const { negative, digits, point } = shortestDigits(value)
  let text: string
  if (point <= 0) text = digits === '0' ? '0' : `0.${'0'.repeat(-point)}${digits}`
  else if (digits.length <= point) text = digits + '0'.repeat(point - digits.length)
  else text = `${digits.slice(0, point)}.${digits.slice(point)}`
  return (negative ? '-' : '') + text
}

/** `strconv.FormatFloat(value, 'e', -1, 64)`: at least two digits of exponent. */
function formatFloatExponent(value: number, letter: 'e' | 'E'): string {
  const { negative, digits, point } = shortestDigits(value)
  const exponent = digits === '0' ? 0 : point - 1
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
  const sign = exponent < 0 ? '-' : '+'
  return `${negative ? '-' : ''}${mantissa}${letter}${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** `strconv.FormatFloat(value, 'g' or 'G', -1, 64)`: with an exponent below 1e-4 and from 1e6 on. */
export function formatFloatGeneral(value: number, letter: 'e' | 'E' = 'e'): string {
  const special = nonFinite(value)
  if (special !== null) return special
  const { digits, point } = shortestDigits(value)
  const exponent = digits === '0' ? 0 : point - 1
  return exponent < -4 || exponent >= 6 ? formatFloatExponent(value, letter) : formatFloatPlain(value)
}

/** A float64 as encoding/json prints it; null for what it refuses (NaN and the infinities). */
export function formatFloatJson(value: number): string | null {
  if (!Number.isFinite(value)) return null
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFloatPlain(value)
  return formatFloatExponent(value, 'e').replace(/e-0(\d)$/, 'e-$1')
}

const escapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])
// eslint-disable-next-line no-control-regex
const jsonSpecial = /["\\<>&\u0000-\u001f\u2028\u2029]/g

/** A string as encoding/json prints it, with `<`, `>` and `&` escaped. */
export function formatJsonString(text: string): string {
  const escaped = text.replace(
    jsonSpecial,
    (character) => escapes.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped.toWellFormed()}"`
}

const timePattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]| )(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * A time as `time.Time` prints it with RFC3339Nano, read from RFC 3339 or (`isYaml`) from the forms that go-yaml takes for a timestamp. Null
 * where it is neither.
 */
export function canonicalTime(text: string, isYaml: boolean): string | null {
  const match = timePattern.exec(text)
  if (match === null) return null
  const [, year = '', month = '', day = '', hour, minute = '', second = '', fraction = '', zone] = match
  const hasTime = hour !== undefined
  const separator = text[year.length + month.length + day.length + 2]
  if (!isYaml) {
    const lengths = [month, day, hour ?? '', minute, second]
    if (!hasTime || zone === undefined || separator === ' ' || lengths.some((part) => part.length !== 2)) return null
    if (separator === 't') return null
  } else if (hasTime) {
    // go-yaml's forms: with T and an offset, or with a space and none
    if ((separator === ' ') !== (zone === undefined)) return null
  }
  const numbers = [year, month, day, hour ?? '0', minute || '0', second || '0'].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][mo - 1]
  if (days === undefined || d < 1 || d > days || h > 23 || mi > 59 || s > 59) return null
  if (zone !== undefined && zone !== 'Z') {
    const [zoneHour = 0, zoneMinute = 0] = zone.slice(1).split(':').map(Number)
    if (zoneHour > 24 || zoneMinute > 60) return null
  }
  const two = (value: number): string => String(value).padStart(2, '0')
  const trimmed = fraction.replace(/0+$/, '')
  const offset = zone === undefined || zone === 'Z' || /^[+-]00:00$/.test(zone) ? 'Z' : zone
  return `${year}-${two(mo)}-${two(d)}T${two(h)}:${two(mi)}:${two(s)}${trimmed === '' ? '' : `.${trimmed}`}${offset}`
}

const layout = '2006-01-02T15:04:05Z07:00'
const layoutParts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/],
  ['-', /^-/],
  ['02', /^\d{2}/],
  ['T', /^T/],
  ['15', /^\d{2}/],
  [':', /^:/],
  ['04', /^\d{2}/],
  [':', /^:/],
  ['05', /^\d{2}(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/],
]

/** What `time.Parse` with RFC3339 says of a text that `canonicalTime` refuses. */
export function describeTimeFault(text: string): string {
  const quoted = JSON.stringify(text)
  let rest = text
  for (const [name, pattern] of layoutParts) {
    const match = pattern.exec(rest)
    if (match === null)
      return `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${name}"`
    rest = rest.slice(match[0].length)
  }
  if (rest !== '') return `parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`
  const [, month = 0, , hour = 0, minute = 0, second = 0] = text.split(/\D/).map(Number)
  const part =
    month < 1 || month > 12 ? 'month' : hour > 23 ? 'hour' : minute > 59 ? 'minute' : second > 59 ? 'second' : 'day'
  return `parsing time ${quoted}: ${part} out of range`
}

/** The same time with RFC3339: without a fraction of a second. */
export function withoutFraction(rfc3339Nano: string): string {
  return rfc3339Nano.replace(/\.\d+/, '')
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base64Values = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) base64Values[alphabet.charCodeAt(i)] = i

/** `base64.StdEncoding.DecodeString`: padding needed, CR and LF skipped; null where Go gives an error. */
export function decodeBase64(text: string): Uint8Array | null {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4) + 3)
  let length = 0
  let bits = 0
  let count = 0
  let padding = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || code === 13) continue
    if (code === 61) {
      padding++
      continue
    }
    const value = code < 128 ? base64Values[code]! : -1
    if (value < 0 || padding > 0) return null
    bits = (bits << 6) | value
    count++
    if (count === 4) {
      out[length++] = (bits >> 16) & 255
      out[length++] = (bits >> 8) & 255
      out[length++] = bits & 255
      bits = 0
      count = 0
    }
  }
  if (count === 0) return padding === 0 ? out.subarray(0, length) : null
  if (count === 1 || count + padding !== 4) return null
  out[length++] = (count === 2 ? bits >> 4 : bits >> 10) & 255
  if (count === 3) out[length++] = (bits >> 2) & 255
  return out.subarray(0, length)
}

/** `base64.StdEncoding.EncodeToString`. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  let chunk = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i]!
    const b = bytes[i + 1]
    const c = bytes[i + 2]
    chunk += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]!
    chunk += b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!
    chunk += c === undefined ? '=' : alphabet[c & 63]!
    if (chunk.length > 8192) {
      parts.push(chunk)
      chunk = ''
    }
  }
  parts.push(chunk)
  return parts.join('')
}

const int64Max = 9223372036854775807n
const int64Min = -9223372036854775808n

/** `strconv.Atoi` on a 64-bit machine; null where it gives an error. */
export function parseGoInt(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value > int64Max || value < int64Min ? null : value
}

/** `strconv.ParseFloat(text, 64)` for decimal texts and the names of the infinities; null where it gives an error. */
export function parseGoFloat(text: string): number | null {
  const lower = text.toLowerCase()
  if (/^[+-]?(inf|infinity)$/.test(lower)) return lower.startsWith('-') ? -Infinity : Infinity
  if (lower === 'nan') return NaN
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(lower)) return null
  const value = Number(lower)
  return Number.isFinite(value) ? value : null
}

/** `strconv.ParseBool`; null where it gives an error. */
export function parseGoBool(text: string): boolean | null {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return null
}
