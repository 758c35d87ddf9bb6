/**
 * What each operator of an expression does to a variable's value. Semantics: fluxcd/pkg envsubst v1.7.0 `funcs`, where `:+` and `:?` are
 * defaults like `:-`, searches are literal, and lengths and offsets are bytes. Values and arguments are byte strings.
 */
import { fromByteStringLossy, runeWidthAt, toByteString } from './byte-string.ts'
import { matchPattern, PatternFault } from './match-pattern.ts'

/** Upstream would have panicked: the controller's reconciliation fails with Go's text. */
export class OperatorPanic extends Error {
  override readonly name = 'OperatorPanic'
}

const defaultOperators = new Set(['-', '+', '=', '?', ':-', ':+', ':=', ':?'])

/** Whether an unset variable is no fault for this operator, even in strict mode. */
export function toleratesUnset(operator: string): boolean {
  return defaultOperators.has(operator)
}

/** Applies one operator. `checkpoint` is called inside of what can take long. */
export function applyOperator(
  operator: string,
  value: string,
  args: readonly string[],
  checkpoint: () => void = () => {},
): string {
  const [first = '', second = ''] = args
  switch (operator) {
    case ',':
      return changeFirst(value, lowerRune)
    case ',,':
      return changeAll(value, lowerRune)
    case '^':
      return changeFirst(value, upperRune)
    case '^^':
      return changeAll(value, upperRune)
    case '#':
      return args.length === 0 ? String(value.length) : trimPrefix(value, first, false, checkpoint)
    case '##':
      return args.length === 0 ? value : trimPrefix(value, first, true, checkpoint)
    case '%':
    case '%%':
      return args.length === 0
        ? value
        : reverseRunes(trimPrefix(reverseRunes(value), reverseRunes(first), operator === '%%', checkpoint))
    case ':':
      return args.length === 0 ? value : substring(value, args)
    case '/#':
      return args.length === 2 && value.startsWith(first) ? second + value.slice(first.length) : value
    case '/%':
      return args.length === 2 && value.endsWith(first) ? value.slice(0, value.length - first.length) + second : value
    case '/':
      return args.length === 0 ? value : replaceFirst(value, first, second)
    case '//':
      return args.length === 0 ? value : replaceAll(value, first, second)
    default:
      return value === '' ? args.join('') : value
  }
}

function substring(value: string, args: readonly string[]): string {
  let position = parseInteger(args[0])
  if (position === null) return value
  if (position < 0) position = Math.max(value.length + position, 0)
  if (args.length === 1) return value.slice(Math.min(position, value.length))
  const length = parseInteger(args[1])
  if (length === null) return value
  const end = position + length
  if (end >= value.length) return value.slice(Math.min(position, value.length))
  if (end < 0) throw new OperatorPanic(`runtime error: slice bounds out of range [:${end}]`)
  if (end < position) throw new OperatorPanic(`runtime error: slice bounds out of range [${position}:${end}]`)
  return value.slice(position, end)
}

/** Go's strconv.Atoi; null where it fails. */
function parseInteger(text: string | undefined): number | null {
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return null
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value > 9223372036854775807n || value < -9223372036854775808n ? null : Number(value)
}

function replaceFirst(value: string, search: string, replacement: string): string {
  const at = value.indexOf(search)
  return at < 0 ? value : value.slice(0, at) + replacement + value.slice(at + search.length)
}

/** An empty search matches before each rune and at the end, as Go has it. */
function replaceAll(value: string, search: string, replacement: string): string {
  if (search !== '') return value.split(search).join(replacement)
  let result = replacement
  for (let at = 0; at < value.length;) {
    const width = runeWidthAt(value, at)
    result += value.slice(at, at + width) + replacement
    at += width
  }
  return result
}

/** Cuts the longest or shortest non-empty start that matches; a malformed pattern leaves `value`. */
function trimPrefix(value: string, pattern: string, isLongest: boolean, checkpoint: () => void): string {
  let shortest = -1
  try {
    for (let end = value.length; end > 0; end--) {
      if ((end & 255) === 0) checkpoint()
      if (!matchPattern(pattern, value.slice(0, end))) continue
      if (isLongest) return value.slice(end)
      shortest = end
    }
  } catch (error) {
    if (error instanceof PatternFault) return value
    throw error
  }
  return shortest < 0 ? value : value.slice(shortest)
}

function reverseRunes(value: string): string {
  return toByteString([...fromByteStringLossy(value)].reverse().join(''))
}

/** `change` gets and gives one code point as a string. */
function changeFirst(value: string, change: (rune: string) => string): string {
  if (value === '') return value
  const width = runeWidthAt(value, 0)
  return toByteString(change(fromByteStringLossy(value.slice(0, width)))) + value.slice(width)
}

function changeAll(value: string, change: (rune: string) => string): string {
  let result = ''
  for (const rune of fromByteStringLossy(value)) result += change(rune)
  return toByteString(result)
}

/** Go maps one code point to one: where JavaScript knows only a longer text, the code point stays. */
function upperRune(rune: string): string {
  const upper = rune.toUpperCase()
  return [...upper].length === 1 ? upper : rune
}

function lowerRune(rune: string): string {
  if (rune === '\u0130') return 'i'
  const lower = rune.toLowerCase()
  return [...lower].length === 1 ? lower : rune
}
