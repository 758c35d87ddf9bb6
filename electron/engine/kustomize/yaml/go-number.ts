/** Numbers as Go reads and writes them: strconv's ParseInt and FormatFloat, encoding/json's float form. */

const MAX_INT64 = 9223372036854775807n
const MIN_INT64 = -9223372036854775808n
const MAX_UINT64 = 18446744073709551615n

/** A number where it is exact, a bigint beyond 2^53. */
export function integerOf(value: bigint): number | bigint {
  return value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : value
}

/** Digits of `text` from `start` in `base`; null where there is none or one does not belong. */
function readDigits(text: string, start: number, base: number): bigint | number | null {
  const length = text.length - start
  if (length <= 0) return null
  let small = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    let digit = -1
    if (code >= 0x30 && code <= 0x39) digit = code - 0x30
    else if (code >= 0x61 && code <= 0x66) digit = code - 0x57
    else if (code >= 0x41 && code <= 0x46) digit = code - 0x37
    if (digit < 0 || digit >= base) return null
    small = small * base + digit
  }
  if (small <= Number.MAX_SAFE_INTEGER) return small
  // Far beyond 64 bits: do not build a huge integer only to refuse it.
  if (small > 1e20) return MAX_UINT64 + 1n
  let big = 0n
  const bigBase = BigInt(base)
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    big = big * bigBase + BigInt(code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57)
  }
  return big
}

/**
 * Go's `ParseInt(text, base, 64)` and, for texts without a sign, `ParseUint`: an integer that fits int64 or uint64, else null. Base 0 reads
 * the prefixes `0x`, `0o`, `0b` (either case) and a plain leading 0 as octal.
 */
export function parseGoInteger(text: string, base: number): number | bigint | null {
  if (text.length === 0) return null
  let start = 0
  let sign = 0
  const first = text.charCodeAt(0)
  if (first === 0x2b || first === 0x2d) {
    sign = first === 0x2d ? -1 : 1
    start = 1
    if (text.length === 1) return null
  }
  let actualBase = base
  if (base === 0) {
    actualBase = 10
    if (text.charCodeAt(start) === 0x30) {
      const marker = text.length - start >= 3 ? text.charCodeAt(start + 1) | 0x20 : 0
      if (marker === 0x78) {
        actualBase = 16
        start += 2
      } else if (marker === 0x6f) {
        actualBase = 8
        start += 2
      } else if (marker === 0x62) {
        actualBase = 2
        start += 2
      } else {
        actualBase = 8
        start++
        if (start === text.length) return 0
      }
    }
  }
  const magnitude = readDigits(text, start, actualBase)
  if (magnitude === null) return null
  if (typeof magnitude === 'number') return sign < 0 ? (magnitude === 0 ? 0 : -magnitude) : magnitude
  if (sign < 0) return -magnitude >= MIN_INT64 ? integerOf(-magnitude) : null
  if (magnitude <= MAX_INT64) return integerOf(magnitude)
  return sign === 0 && magnitude <= MAX_UINT64 ? magnitude : null
}

/** Shortest decimal digits of a finite positive number, and where the point stands: 0.DIGITS times 10^point. */
function shortestDigits(value: number): { digits: string; point: number } {
  const text = value.toExponential()
  const mark = text.indexOf('e')
  const exponent = Number(text.slice(mark + 1))
  const mantissa = text.slice(0, mark)
  return { digits: mantissa.length > 1 ? mantissa[0]! + mantissa.slice(2) : mantissa, point: exponent + 1 }
}

function exponentForm(digits: string, exponent: number): string {
  const magnitude = Math.abs(exponent)
  const head = digits.length > 1 ? `${digits[0]!}.${digits.slice(1)}` : digits
  return `${head}e${exponent < 0 ? '-' : '+'}${magnitude < 10 ? '0' : ''}${magnitude}`
}

function positionalForm(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length)
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

/** Go's `FormatFloat(value, 'g', -1, 64)`: `1.5`, `1e+06`, `1.2345675e+06`; `+Inf`, `-Inf`, `NaN`. */
export function formatFloatG(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const sign = value < 0 ? '-' : ''
  const { digits, point } = shortestDigits(Math.abs(value))
  const exponent = point - 1
  if (exponent < -4 || exponent >= 6) return sign + exponentForm(digits, exponent)
  return sign + positionalForm(digits, point)
}

/** A finite float as Go's encoding/json writes it, which is as JavaScript does but for `-0`. */
export function formatFloatJson(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
