/**
 * What a scalar means in the dialect of resources: go-yaml v3 decoding into `interface{}`. YAML 1.2 booleans only, octals with and without
 * `o`, underscores in numbers, timestamps; integers exact to uint64, floats beyond.
 */
import type { Tag } from './node.ts'
import { parseGoInteger } from './go-number.ts'
import { mayBeTimestamp, readTimestamp } from './timestamp.ts'

export type ScalarTag = '!!str' | '!!int' | '!!float' | '!!bool' | '!!null' | '!!timestamp'

const WORDS: ReadonlyMap<string, ScalarTag> = new Map<string, ScalarTag>([
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map((word) => [word, '!!bool'] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, '!!null'] as const),
  ...['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'].map(
    (word) => [word, '!!float'] as const,
  ),
])

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
// Go's own float syntax, which lets underscores stand between digits.
const DOT_FLOAT = /^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/

/** For the first character of a scalar: 0 cannot be anything but a string, 1 may be a word, 2 a dot, 3 a digit or a sign. */
const HINTS = new Uint8Array(128)
for (const char of 'yYnNtTfFoO~') HINTS[char.charCodeAt(0)] = 1
HINTS[0x2e] = 2
for (const char of '0123456789+-') HINTS[char.charCodeAt(0)] = 3

export function hintOf(text: string): number {
  const code = text.charCodeAt(0)
  return code < 128 ? HINTS[code]! : 0
}

export interface ReadNumber {
  readonly isFloat: boolean
  readonly value: number | bigint
}

/** An integer or float in go-yaml's notation (both versions; `0o17` only in v3), null for other text. Overflowing floats are no numbers. */
export function readNumber(text: string, isV3: boolean): ReadNumber | null {
  const hint = hintOf(text)
  if (hint === 2) {
    if (!DOT_FLOAT.test(text)) return null
    const value = Number(text.replaceAll('_', ''))
    return Number.isFinite(value) ? { isFloat: true, value } : null
  }
  if (hint !== 3) return null
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  const integer = parseGoInteger(plain, 0)
  if (integer !== null) return { isFloat: false, value: integer }
  if (FLOAT.test(plain)) {
    const value = Number(plain)
    if (Number.isFinite(value)) return { isFloat: true, value }
  }
  const value = readMarked(plain, '0b', 2) ?? (isV3 ? readMarked(plain, '0o', 8) : null)
  return value === null ? null : { isFloat: false, value }
}

/** `0b-1`, `-0b+1`: a sign after the marker, which only go-yaml's own fallback reads. */
function readMarked(text: string, marker: string, base: number): number | bigint | null {
  if (text.startsWith(marker)) return parseGoInteger(text.slice(2), base)
  return text.startsWith(`-${marker}`) ? parseGoInteger(`-${text.slice(3)}`, base) : null
}

function isPlainDecimal(text: string): boolean {
  if (text.length > 15) return false
  const first = text.charCodeAt(0)
  if (first < 0x31 || first > 0x39) return false
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}

/** The tag of a plain scalar without one (v3). `<<` is a string here: only the parser knows a merge key. */
export function plainTagV3(text: string): ScalarTag {
  if (text.length === 0) return '!!null'
  const hint = hintOf(text)
  if (hint === 0) return '!!str'
  if (text.length <= 5) {
    const word = WORDS.get(text)
    if (word !== undefined) return word
  }
  if (hint === 1) return '!!str'
  if (hint === 3) {
    if (isPlainDecimal(text)) return '!!int'
    if (mayBeTimestamp(text) && readTimestamp(text) !== null) return '!!timestamp'
  }
  const number = readNumber(text, true)
  return number === null ? '!!str' : number.isFloat ? '!!float' : '!!int'
}

/** True for tags whose scalars are read by their text; others (`!custom`, `!!binary`) keep the text. */
export function isResolvable(tag: Tag): boolean {
  return (
    tag === '' ||
    tag === '!!str' ||
    tag === '!!bool' ||
    tag === '!!int' ||
    tag === '!!float' ||
    tag === '!!null' ||
    tag === '!!timestamp'
  )
}

/** Whether a scalar with this tag reads as such a value; the resolved tag where not (`cannot decode !!str ...`). */
export function mismatchedTag(tag: Tag, text: string, plainTag: (text: string) => Tag): Tag | null {
  if (!isResolvable(tag) || tag === '' || tag === '!!str') return null
  let actual = plainTag(text)
  // An explicit tag other than !!timestamp keeps dates from being read as such.
  if (actual === '!!timestamp' && tag !== '!!timestamp') actual = '!!str'
  if (actual === tag || (tag === '!!float' && actual === '!!int')) return null
  return actual
}
