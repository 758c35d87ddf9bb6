/**
 * YAML text of plain JSON, piece by piece: a 5 MB object must not hold the engine's thread, so the caller takes pieces in slices.
 * Writes block style as kubectl does; every text that YAML 1.1 or 1.2 could read as something else is quoted.
 */
import { isLongNumber } from '../exact-json.ts'

/** Deeper nesting than this is written as JSON in place: API objects are far below. */
const maxDepth = 100

/** Yields lines (each ends with a newline). The pieces joined are one YAML document that reads back as `value`. */
export function* emitYaml(value: unknown): Generator<string> {
  if (isList(value) && value.length > 0) yield* emitList(value, '')
  else if (isMap(value) && Object.keys(value).length > 0) yield* emitMap(value, '')
  else yield `${scalar(value, '  ')}\n`
}

type Plain = Readonly<Record<string, unknown>>

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isMap = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLongNumber(value)

function* emitMap(map: Plain, indent: string): Generator<string> {
  for (const [key, value] of Object.entries(map)) yield* emitEntry(`${indent}${keyText(key)}:`, value, indent)
}

function* emitEntry(head: string, value: unknown, indent: string): Generator<string> {
  if (indent.length < maxDepth * 2) {
    if (isList(value) && value.length > 0) {
      yield `${head}\n`
      // As kubectl: dashes stand below their key.
      yield* emitList(value, indent)
      return
    }
    if (isMap(value) && Object.keys(value).length > 0) {
      yield `${head}\n`
      yield* emitMap(value, `${indent}  `)
      return
    }
  }
  yield `${head} ${scalar(value, `${indent}  `)}\n`
}

function* emitList(list: readonly unknown[], indent: string): Generator<string> {
  for (const value of list) {
    if (indent.length < maxDepth * 2 && isMap(value) && Object.keys(value).length > 0) {
      let isFirst = true
      for (const [key, item] of Object.entries(value)) {
        yield* emitEntry(`${indent}${isFirst ? '- ' : '  '}${keyText(key)}:`, item, `${indent}  `)
        isFirst = false
      }
    } else if (indent.length < maxDepth * 2 && isList(value) && value.length > 0) {
      yield `${indent}-\n`
      yield* emitList(value, `${indent}  `)
    } else {
      yield `${indent}- ${scalar(value, `${indent}  `)}\n`
    }
  }
}

function keyText(key: string): string {
  return isPlain(key) ? key : JSON.stringify(key)
}

/** A scalar on its line, or a literal block whose lines are indented by `indent`. Empty maps and lists are scalars here. */
function scalar(value: unknown, indent: string): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null'
  if (isPlain(value)) return value
  return literalBlock(value, indent) ?? quoted(value)
}

function quoted(value: string): string {
  // JSON's escapes are YAML's; what YAML cannot print as it is, and what would reorder the text, is escaped too.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `|` for texts of several lines, null where a block cannot hold the text exactly. */
function literalBlock(value: string, indent: string): string | null {
  if (!value.includes('\n') || !/^[\t\n\u0020-\u007e\u00a0-\u1fff\u2030-\u205f\u2070-\ud7ff]*$/.test(value)) return null
  // Leading white space would need an indentation indicator, trailing newlines a keep indicator.
  if (/^[ \t\n]/.test(value) || value.endsWith('\n\n') || /[ \t](\n|$)/.test(value)) return null
  const isClipped = value.endsWith('\n')
  const lines = (isClipped ? value.slice(0, -1) : value).split('\n')
  return `${isClipped ? '|' : '|-'}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`
}

const words = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i
const safe = /^[A-Za-z/][A-Za-z0-9_./@+-]*(?:[ :][A-Za-z0-9_./@+-]+)*$/
/** `10m`, `64Mi`, `6.7.2-rc.1`-like texts that begin with a digit but are no number in any YAML. */
const safeWithDigit = /^\d+[A-Za-z]+$|^\d+\.\d+\.\d+(?:[-.+][A-Za-z0-9.]+)?$/

function isPlain(text: string): boolean {
  if (text.length > 1000) return false
  // Some readers take an exponent without digits before it for a number.
  if (safe.test(text)) return !words.test(text) && !/^e[-+.\d]*\d/i.test(text)
  return safeWithDigit.test(text) && !/^0[xob]/i.test(text) && !/^\d+e$/i.test(text)
}
