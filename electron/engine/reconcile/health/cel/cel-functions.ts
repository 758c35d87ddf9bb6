/**
 * What Flux's CEL has beside the standard functions and `ext strings`, which come with the evaluator: `sets` and `encoders`, and the few names of
 * cel-go's own libraries that the evaluator leaves out. Semantics: cel-go ext/sets, ext/encoders, ext/strings.
 */
import type { CelFunc, CelList, CelValue } from '@bufbuild/cel'
import { CelScalar, celFunc, celMethod, isCelList, isCelMap, isCelUint, listType } from '@bufbuild/cel'
import { RE2JS } from 're2js'
import { decodeBase64 } from '../../../inventory/base64.ts'

const { BOOL, BYTES, DYN, STRING } = CelScalar
const LIST = listType(DYN)

export const fluxFunctions: readonly CelFunc[] = [
  celFunc('sets.contains', [LIST, LIST], BOOL, (list, sublist) => containsAll(list, sublist)),
  celFunc('sets.equivalent', [LIST, LIST], BOOL, (a, b) => containsAll(a, b) && containsAll(b, a)),
  celFunc('sets.intersects', [LIST, LIST], BOOL, (a, b) => [...a].some((item) => has(b, item))),
  celFunc('base64.encode', [BYTES], STRING, encodeBase64),
  celFunc('base64.decode', [STRING], BYTES, (text) => {
    const bytes = /^[A-Za-z0-9+/\r\n]*={0,2}$/.test(text) ? decodeBase64(text) : null
    if (bytes === null) throw new Error('illegal base64 data')
    return bytes
  }),
  celMethod('reverse', STRING, [], STRING, function () {
    return [...this].reverse().join('')
  }),
  celFunc('matches', [STRING, STRING], BOOL, (text, pattern) => RE2JS.compile(pattern).test(text)),
]

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
  // eslint-disable-next-line eqeqeq -- an int and a double of one value are equal
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

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const word = (a << 16) | (b << 8) | c
    const left = bytes.length - at
    text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!
    text += (left > 1 ? alphabet[(word >> 6) & 63]! : '=') + (left > 2 ? alphabet[word & 63]! : '=')
  }
  return text
}
