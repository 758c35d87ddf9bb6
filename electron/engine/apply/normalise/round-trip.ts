/**
 * A value through Go's types and back: what a typed client would send of it. Semantics: k8s.io/apimachinery v0.36.2
 * `runtime.DefaultUnstructuredConverter` in both directions: field names match by case, integers wrap to their width, a field without
 * `omitempty` is there even if it was not, an unknown one is gone.
 */
import { formatFloatJson } from '../../kustomize/yaml/go-number.ts'
import { conversionFailure } from './conversion-failure.ts'
import { canonicalTime } from './go-time.ts'
import { canonicalQuantity } from './quantity.ts'
import type { GoField, GoType, StructType } from './type-table.ts'

type Fields = Record<string, unknown>

/** Types that read themselves do it from JSON, which is stricter about numbers. */
type Reader = 'converter' | 'json'

/** The struct that `source` becomes; its maps and lists are new, values of any JSON are shared. Throws `conversionFailure`. */
export function roundTripStruct(struct: StructType, source: unknown, by: Reader = 'converter'): Fields {
  if (!isMap(source)) throw conversionFailure
  const result: Fields = {}
  for (const field of struct.fields()) {
    const { name } = field
    const value = Object.hasOwn(source, name) ? source[name] : undefined
    const made = value === undefined || value === null ? zeroOf(field.type) : roundTrip(field.type, value, by)
    if (!isOmitted(field, made)) result[name] = made === undefined ? null : made
  }
  return result
}

/** `undefined` is Go's nil: null in JSON, but empty. The zero time is null, and not empty. */
function roundTrip(type: GoType, value: unknown, by: Reader): unknown {
  switch (type.of) {
    case 'string':
      if (typeof value !== 'string') throw conversionFailure
      return value
    case 'bool':
      if (typeof value !== 'boolean') throw conversionFailure
      return value
    case 'int32':
      return toInteger(value, 32, by)
    case 'int64':
      return toInteger(value, 64, by)
    case 'float64':
      if (typeof value === 'bigint') return Number(value)
      if (typeof value !== 'number') throw conversionFailure
      return value
    case 'bytes':
      return roundTripBytes(value)
    case 'quantity':
      return roundTripQuantity(value)
    case 'time':
    case 'microTime': {
      const text =
        typeof value === 'string' ? canonicalTime(value, type.of === 'time' ? 'seconds' : 'micros') : undefined
      if (text === undefined) throw conversionFailure
      return text
    }
    case 'intOrString':
      if (typeof value === 'string') return value
      if (typeof value !== 'number' || !Number.isInteger(value) || value !== (value | 0)) throw conversionFailure
      return value
    case 'json':
      return value
    case 'pointer':
      return roundTrip(type.type, value, by)
    case 'struct':
      return roundTripStruct(type.type, value, by)
    case 'list': {
      if (!Array.isArray(value)) throw conversionFailure
      const of = type.type
      return value.map((item) => presentOr(of, item, by))
    }
    case 'map': {
      if (!isMap(value)) throw conversionFailure
      const of = type.type
      const result: Fields = {}
      for (const key of Object.keys(value)) setOwn(result, key, presentOr(of, value[key], by))
      return result
    }
    case 'schemaOrBool':
      if (typeof value === 'boolean') return value
      return roundTrip(type.type, value, 'json')
    case 'schemaOrArray':
      if (Array.isArray(value))
        return value.length === 0 ? null : value.map((item) => presentOr(type.type, item, 'json'))
      return isMap(value) ? roundTrip(type.type, value, 'json') : null
    case 'schemaOrStrings':
      if (Array.isArray(value))
        return value.length === 0 ? null : value.map((item) => presentOr({ of: 'string' }, item, 'json'))
      return isMap(value) ? roundTrip(type.type, value, 'json') : null
  }
}

/** An element: nil ones are written as null. */
function presentOr(type: GoType, value: unknown, by: Reader): unknown {
  const made = value === undefined || value === null ? zeroOf(type) : roundTrip(type, value, by)
  return made === undefined ? null : made
}

function zeroOf(type: GoType): unknown {
  switch (type.of) {
    case 'string':
      return ''
    case 'bool':
    case 'schemaOrBool':
      return false
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'time':
    case 'microTime':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrStrings':
      return null
    case 'struct':
      return roundTripStruct(type.type, {})
    case 'pointer':
    case 'list':
    case 'map':
    case 'bytes':
      return undefined
  }
}

function isOmitted({ type, omitsEmpty, omitsZero }: GoField, made: unknown): boolean {
  // Only times are ever left out where they are zero, and the zero time is null.
  if (omitsZero && made === null) return true
  if (!omitsEmpty) return false
  switch (type.of) {
    case 'string':
    case 'bytes':
      return made === '' || made === undefined
    case 'bool':
      return made === false
    case 'int32':
    case 'int64':
    case 'float64':
      return made === 0
    case 'pointer':
      return made === undefined
    case 'list':
      return made === undefined || (made as readonly unknown[]).length === 0
    case 'map':
      return made === undefined || Object.keys(made as Fields).length === 0
    default:
      return false
  }
}

/**
 * Integers wrap, whole floats become integers; those that no 64 bits hold become the least one, as on amd64. Read from JSON all of these are
 * refused.
 */
function toInteger(value: unknown, bits: 32 | 64, by: Reader): number | bigint {
  if (by === 'json' && !isIntegerOf(value, bits)) throw conversionFailure
  if (typeof value === 'number') {
    if (value === (value | 0)) return value | 0
    if (!Number.isInteger(value)) throw conversionFailure
    if (bits === 64 && Math.abs(value) < 2 ** 63) return value
    return small(wrap(BigInt(value), bits))
  }
  if (typeof value !== 'bigint') throw conversionFailure
  return small(wrap(value, bits))
}

function isIntegerOf(value: unknown, bits: number): boolean {
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
  return typeof value === 'bigint' && BigInt.asIntN(bits, value) === value
}

function wrap(value: bigint, bits: number): bigint {
  const isInt64 = BigInt.asIntN(64, value) === value
  return BigInt.asIntN(bits, isInt64 ? value : -(2n ** 63n))
}

function small(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function roundTripQuantity(value: unknown): string {
  const text =
    typeof value === 'string'
      ? trimQuantity(value)
      : typeof value === 'number'
        ? formatFloatJson(value)
        : typeof value === 'bigint'
          ? bigText(value)
          : ''
  const canonical = canonicalQuantity(text)
  if (canonical === null) throw conversionFailure
  return canonical
}

/** What no 64 bits hold is a float to Go. */
function bigText(value: bigint): string {
  return BigInt.asIntN(64, value) === value ? String(value) : formatFloatJson(Number(value))
}

/** What is left of white space when the text has been JSON. */
function trimQuantity(text: string): string {
  const space = '[ \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]'
  return /^\S*$/.test(text) && !text.includes('\u0085')
    ? text
    : text.replace(new RegExp(`^${space}+|${space}+$`, 'g'), '')
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 decoded and encoded again, without doing so; a list of numbers is bytes too. */
function roundTripBytes(value: unknown): string {
  if (Array.isArray(value)) return encodeBytes(value.map(toByte))
  if (typeof value !== 'string') throw conversionFailure
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]+/g, '') : value
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw conversionFailure
  if (!text.endsWith('=')) return text
  // Bits beyond the last byte are dropped.
  const [mask, tail] = text.endsWith('==') ? [0x30, '=='] : [0x3c, '=']
  const last = text.length - tail.length - 1
  return text.slice(0, last) + base64[base64.indexOf(text[last]!) & mask]! + tail
}

function toByte(value: unknown): number {
  if (value === null || value === undefined) return 0
  return Number(BigInt.asUintN(8, BigInt(toInteger(value, 64, 'converter'))))
}

/** Standard base64 of bytes. */
export function encodeBytes(bytes: ArrayLike<number>): string {
  let out = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    const group = (a << 16) | (b << 8) | c
    const left = bytes.length - at
    out += base64[group >> 18]! + base64[(group >> 12) & 63]!
    out += left > 1 ? base64[(group >> 6) & 63]! : '='
    out += left > 2 ? base64[group & 63]! : '='
  }
  return out
}

export function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keys are anything, `__proto__` too. */
function setOwn(target: Fields, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}
