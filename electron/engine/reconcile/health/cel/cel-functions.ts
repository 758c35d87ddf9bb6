/**
 * What Flux's CEL has beside the standard functions and `ext strings`, which come with the evaluator: `sets` and `encoders`, and the few names of
 * cel-go's own libraries that the evaluator leaves out. Semantics: cel-go ext/sets, ext/encoders, ext/strings.
 */
import type { CelFunc, CelList, CelValue } from '@bufbuild/cel'
import {
  CelScalar,
  celFunc,
  celUint,
  isCelList,
  isCelMap,
  isCelUint,
  listType,
  mapType,
  objectType,
} from '@bufbuild/cel'
import { DurationSchema } from '@bufbuild/protobuf/wkt'
import { RE2JS } from 're2js'
import { decodeBase64, encodeBase64, formatFloatGeneral, parseGoFloat } from '../../../decrypt/tree/go-format.ts'
import { stringFunctions } from './cel-strings.ts'

const { BOOL, BYTES, DOUBLE, DYN, INT, STRING, UINT } = CelScalar
const LIST = listType(DYN)

/** Stands for the macro: the evaluator's own finds nothing in a null, nor in what nobody declared. */
export const presenceFunction = '@has'

export const fluxFunctions: readonly CelFunc[] = [
  ...stringFunctions,
  celFunc('sets.contains', [LIST, LIST], BOOL, (list, sublist) => containsAll(list, sublist)),
  celFunc('sets.equivalent', [LIST, LIST], BOOL, (a, b) => containsAll(a, b) && containsAll(b, a)),
  celFunc('sets.intersects', [LIST, LIST], BOOL, (a, b) => [...a].some((item) => has(b, item))),
  celFunc('base64.encode', [BYTES], STRING, encodeBase64),
  celFunc('base64.decode', [STRING], BYTES, (text) => {
    const clean = text.replaceAll(/[\r\n]/g, '')
    const padded = clean.includes('=') ? clean : clean + '='.repeat((4 - (clean.length % 4)) % 4)
    const bytes = decodeBase64(padded)
    if (bytes === null) throw new Error('illegal base64 data')
    return bytes
  }),
  celFunc('matches', [STRING, STRING], BOOL, (text, pattern) => RE2JS.compile(pattern).test(text)),
  celFunc(presenceFunction, [DYN, STRING], BOOL, (value, field) => {
    if (isCelMap(value)) return value.get(field) !== undefined
    if (isCelList(value)) throw new Error("unsupported index type 'string' in list")
    return false
  }),
  // A null in a map is there.
  ...[STRING, BOOL, INT, UINT, DOUBLE].map((type) =>
    celFunc('@in', [type, mapType(DYN, DYN)], BOOL, (key, map) => map.get(key) !== undefined),
  ),
  celFunc('int', [STRING], INT, (text) => wholeOf(text, /^[+-]?[0-9]+$/, 'int', minInt, maxInt)),
  celFunc('int', [objectType(DurationSchema)], INT, ({ message }) =>
    // Nanoseconds, as Go's durations are.
    inRange(message.seconds * 1_000_000_000n + BigInt(message.nanos), minInt, maxInt),
  ),
  celFunc('uint', [STRING], UINT, (text) => celUint(wholeOf(text, /^[0-9]+$/, 'uint', 0n, maxUint))),
  celFunc('double', [STRING], DOUBLE, (text) => {
    const value = parseGoFloat(text)
    if (value === null) throw conversionFault('double')
    return value
  }),
  celFunc('string', [DOUBLE], STRING, (value) => formatFloatGeneral(value)),
]

const minInt = -(2n ** 63n)
const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n

function conversionFault(type: string): Error {
  return new Error(`type conversion error from 'string' to '${type}'`)
}

function wholeOf(text: string, shape: RegExp, type: string, min: bigint, max: bigint): bigint {
  const value = shape.test(text) ? BigInt(text.replace('+', '')) : null
  if (value === null || value < min || value > max) throw conversionFault(type)
  return value
}

function inRange(value: bigint, min: bigint, max: bigint): bigint {
  if (value < min || value > max) throw new Error('integer overflow')
  return value
}

function containsAll(list: CelList, sublist: CelList): boolean {
  return [...sublist].every((item) => has(list, item))
}

function has(list: CelList, wanted: CelValue): boolean {
  for (const item of list) if (areEqual(item, wanted)) return true
  return false
}

/** CEL's equality: numbers by value whatever their type, NaN to nothing. */
function areEqual(a: CelValue, b: CelValue): boolean {
  const x = isCelUint(a) ? a.value : a
  const y = isCelUint(b) ? b.value : b
  if (x === y) return true
  const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'
  // An int and a double of one value are equal.
  if (isNumber(x) && isNumber(y)) return x == y
  if (x instanceof Uint8Array)
    return y instanceof Uint8Array && x.length === y.length && x.every((byte, index) => byte === y[index])
  if (isCelList(x)) {
    if (!isCelList(y) || x.size !== y.size) return false
    const others = [...y]
    return [...x].every((item, index) => areEqual(item, others[index]!))
  }
  if (isCelMap(x)) {
    if (!isCelMap(y) || x.size !== y.size) return false
    for (const [key, item] of x) {
      const other = y.get(key)
      if (other === undefined || !areEqual(item, other)) return false
    }
    return true
  }
  return false
}
