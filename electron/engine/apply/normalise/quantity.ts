/**
 * Quantities as Go reads and writes them again. Semantics: k8s.io/apimachinery v0.36.2 `resource.Quantity`: many spellings stay as they are,
 * others become canonical (`1000m` → `1`, `0.5` → `500m`, `1024Mi` → `1Gi`), what is finer than a billionth is rounded up.
 */

type Format = 'decimalExponent' | 'binary' | 'decimal'

interface Suffix {
  readonly base: 2 | 10
  readonly exponent: number
  readonly format: Format
}

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const suffixes: ReadonlyMap<string, Suffix> = new Map([
  ...decimalSuffixes.map((text, index): [string, Suffix] => [
    text,
    { base: 10, exponent: (index - 3) * 3, format: 'decimal' },
  ]),
  ...binarySuffixes
    .slice(1)
    .map((text, index): [string, Suffix] => [text, { base: 2, exponent: (index + 1) * 10, format: 'binary' }]),
])

const shape = /^([+-]?)(0*)([0-9]*)(?:(\.)([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)$/
const maxInt64 = 9223372036854775807n
/** Beyond this upstream works for minutes; here it counts as no quantity. */
const maxExponent = 20_000
/** What stays as it is, and is most of what there is. */
const plain = /^[1-9][0-9]{0,4}(?:|m|[KMG]i|k|M|G)$/

/** The spelling that Go writes for a quantity it has read; null where it cannot read it. */
export function canonicalQuantity(text: string): string | null {
  if (text === '0') return text
  if (plain.test(text) && isKept(text)) return text
  const match = text === '' ? null : shape.exec(text)
  if (match === null) return null
  const [, sign = '', zeros = '', digits = '', point = '', decimals = '', suffixText = ''] = match
  if (digits === '' && point === '' && suffixText === '') return '0'
  const suffix = readSuffix(suffixText)
  if (suffix === null) return null
  const isNegative = sign === '-'
  return (
    fastForm(text, isNegative, digits === '' ? '0' : digits, decimals, suffix) ??
    slowForm(isNegative, zeros + digits, decimals, suffix)
  )
}

/** Binary ones that are no multiple of 8, decimal ones that do not end in three zeros. */
function isKept(text: string): boolean {
  if (!text.endsWith('i')) return !/000[mkMG]?$/.test(text)
  return (Number(text.slice(0, -2)) & 7) !== 0
}

function readSuffix(text: string): Suffix | null {
  const known = suffixes.get(text)
  if (known !== undefined) return known
  if (!/^[eE][+-]?[0-9]+$/.test(text)) return null
  const exponent = BigInt(text.slice(text[1] === '+' ? 2 : 1))
  if (exponent > maxInt64 || exponent < -maxInt64 - 1n) return null
  return { base: 10, exponent: Number(BigInt.asIntN(32, exponent)), format: 'decimalExponent' }
}

/** By 64-bit arithmetic; null where upstream does not use it. */
function fastForm(text: string, isNegative: boolean, digits: string, decimals: string, suffix: Suffix): string | null {
  const { exponent, format } = suffix
  const shifted = digits + decimals
  if (format === 'binary') {
    if (decimals !== '' || 15 - digits.length - Math.floor((exponent * 3) / 10) - 1 < 0) return null
  } else if (shifted.length > 18) return null
  const scale = (format === 'binary' ? 0 : exponent) - decimals.length
  if (scale < -9) return null
  const value = BigInt(shifted)
  const product = format === 'binary' ? value << BigInt(exponent) : value
  if (product > maxInt64) return null
  const isKeptAsIs =
    format === 'binary' ? (value & 7n) !== 0n : scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
  if (isKeptAsIs) return text
  return canonicalForm(isNegative ? -product : product, scale, format)
}

function slowForm(isNegative: boolean, digits: string, decimals: string, suffix: Suffix): string | null {
  if (digits === '' && decimals === '') return null
  let unscaled = BigInt(digits + decimals)
  let scale = -decimals.length
  let { format } = suffix
  if (suffix.base === 10) scale += suffix.exponent
  else unscaled <<= BigInt(suffix.exponent)
  if (unscaled === 0n) return '0'
  if (scale > maxExponent) return null
  if (scale < -9) {
    unscaled = divideUp(unscaled, -9 - scale)
    scale = -9
  }
  const limit = scale < 0 ? maxInt64 * 10n ** BigInt(-scale) : maxInt64
  if (format === 'binary' && unscaled > limit) {
    unscaled = maxInt64
    scale = 0
  }
  if (format === 'binary' && scale < 0 && unscaled < 10n ** BigInt(-scale)) format = 'decimal'
  return canonicalForm(isNegative ? -unscaled : unscaled, scale, format)
}

/** Away from zero, of a positive value. */
function divideUp(value: bigint, places: number): bigint {
  if (places > String(value).length) return 1n
  const divisor = 10n ** BigInt(places)
  return (value + divisor - 1n) / divisor
}

/** `value` times 10^scale in the shortest form whose exponent has a suffix. */
function canonicalForm(value: bigint, scale: number, format: Format): string {
  if (value === 0n) return '0'
  if (format === 'binary') {
    const whole = wholeOf(value, scale)
    if (whole !== null && (whole <= -1024n || whole >= 1024n)) return binaryForm(whole)
    format = 'decimal'
  }
  let amount = value
  let exponent = scale
  while (amount % 10n === 0n) {
    amount /= 10n
    exponent += 1
  }
  while (exponent % 3 !== 0) {
    amount *= 10n
    exponent -= 1
  }
  if (exponent === 0) return String(amount)
  // Where there is no suffix for it, upstream writes none, and the value is another one from then on.
  const suffix = format === 'decimal' ? (decimalSuffixes[exponent / 3 + 3] ?? '') : `e${exponent}`
  return `${amount}${suffix}`
}

/** Null where it is no whole number. */
function wholeOf(value: bigint, scale: number): bigint | null {
  if (scale >= 0) return value * 10n ** BigInt(scale)
  const divisor = 10n ** BigInt(-scale)
  return value % divisor === 0n ? value / divisor : null
}

function binaryForm(value: bigint): string {
  let amount = value
  let times = 0
  while (amount % 1024n === 0n) {
    amount /= 1024n
    times += 1
  }
  return `${amount}${binarySuffixes[times] ?? ''}`
}
