/** `ext strings` by code points, as cel-go counts: the evaluator's own count UTF-16 units, and differ at the edges. Source: cel-go ext/strings. */
import type { CelFunc } from '@bufbuild/cel'
import { CelScalar, celMethod, listType } from '@bufbuild/cel'

const { INT, STRING } = CelScalar
const texts = listType(STRING)

/** Of a list in this process: whole numbers far below 2^53. */
const indexOf = (value: bigint): number => Number(BigInt.asIntN(53, value))

const outOfRange = (index: bigint): Error => new Error(`index out of range: ${String(index)}`)

function findFrom(runes: readonly string[], wanted: readonly string[], from: number): number {
  for (let at = from; at + wanted.length <= runes.length; at += 1)
    if (wanted.every((rune, offset) => runes[at + offset] === rune)) return at
  return -1
}

function findBack(runes: readonly string[], wanted: readonly string[], from: number): number {
  for (let at = Math.min(from, runes.length - wanted.length); at >= 0; at -= 1)
    if (wanted.every((rune, offset) => runes[at + offset] === rune)) return at
  return -1
}

/** Parts between the separators, at most `count` of them; all below 0. */
function splitText(text: string, separator: string, count: number): string[] {
  if (count === 0) return []
  const parts = separator === '' ? [...text] : text.split(separator)
  if (count < 0 || parts.length <= count) return parts
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function replaceText(text: string, old: string, by: string, count: number): string {
  if (count === 0) return text
  if (old !== '') {
    const parts = splitText(text, old, count < 0 ? -1 : count + 1)
    return parts.join(by)
  }
  // Between the characters, before the first and behind the last.
  const runes = [...text]
  const places = count < 0 ? runes.length + 1 : Math.min(count, runes.length + 1)
  let result = ''
  for (let at = 0; at <= runes.length; at += 1) result += (at < places ? by : '') + (runes[at] ?? '')
  return result
}

export const stringFunctions: readonly CelFunc[] = [
  celMethod('charAt', STRING, [INT], STRING, function (index) {
    const runes = [...this]
    if (index < 0n || index > runes.length) throw outOfRange(index)
    return runes[indexOf(index)] ?? ''
  }),
  celMethod('indexOf', STRING, [STRING], INT, function (wanted) {
    return BigInt(findFrom([...this], [...wanted], 0))
  }),
  celMethod('indexOf', STRING, [STRING, INT], INT, function (wanted, offset) {
    if (wanted === '') return offset
    if (offset < 0n) throw outOfRange(offset)
    const runes = [...this]
    return offset >= runes.length ? -1n : BigInt(findFrom(runes, [...wanted], indexOf(offset)))
  }),
  celMethod('lastIndexOf', STRING, [STRING], INT, function (wanted) {
    return BigInt(findBack([...this], [...wanted], Infinity))
  }),
  celMethod('lastIndexOf', STRING, [STRING, INT], INT, function (wanted, offset) {
    if (wanted === '') return offset
    if (offset < 0n) throw outOfRange(offset)
    const runes = [...this]
    return offset >= runes.length ? -1n : BigInt(findBack(runes, [...wanted], indexOf(offset)))
  }),
  celMethod('substring', STRING, [INT], STRING, function (start) {
    const runes = [...this]
    if (start < 0n || start > runes.length) throw outOfRange(start)
    return runes.slice(indexOf(start)).join('')
  }),
  celMethod('substring', STRING, [INT, INT], STRING, function (start, end) {
    if (start > end) throw new Error(`invalid substring range. start: ${String(start)}, end: ${String(end)}`)
    const runes = [...this]
    if (start < 0n || start > runes.length) throw outOfRange(start)
    if (end < 0n || end > runes.length) throw outOfRange(end)
    return runes.slice(indexOf(start), indexOf(end)).join('')
  }),
  celMethod('replace', STRING, [STRING, STRING], STRING, function (old, by) {
    return replaceText(this, old, by, -1)
  }),
  celMethod('replace', STRING, [STRING, STRING, INT], STRING, function (old, by, count) {
    return replaceText(this, old, by, indexOf(count))
  }),
  celMethod('split', STRING, [STRING], texts, function (separator) {
    return splitText(this, separator, -1)
  }),
  celMethod('split', STRING, [STRING, INT], texts, function (separator, count) {
    return splitText(this, separator, indexOf(count))
  }),
  celMethod('reverse', STRING, [], STRING, function () {
    return [...this].reverse().join('')
  }),
]
