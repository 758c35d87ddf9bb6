/**
 * go-yaml v2's block style for plain values: what is quoted and how, where lines fold, how texts of several lines stand. Pure text; no
 * nodes. Columns and widths count characters, key lengths bytes, as in libyaml.
 */
import { isBlank, isBreak, LF, SPACE } from './chars.ts'
import { escapeCode } from './escape-code.ts'
import { hintOf } from './resolve-v3.ts'
import { plainTagV2 } from './resolve-v2.ts'

const BEST_WIDTH = 80
const MAX_SIMPLE_KEY_BYTES = 128

// 1: printable and nothing else; 2: space; 3: needs a look; 4: `:`; 5: `#`; 0: special (must be escaped).
const KIND = new Uint8Array(128).fill(1)
KIND.fill(0, 0, 0x20)
KIND[0x7f] = 0
KIND[SPACE] = 2
KIND[LF] = 3
KIND[0x0d] = 3
KIND[0x3a] = 4
KIND[0x23] = 5

// First characters that need quotes in block context.
const FIRST = new Uint8Array(128)
for (const char of '#,[]{}&*!|>\'"%@`') FIRST[char.charCodeAt(0)] = 1
for (const char of '?:-') FIRST[char.charCodeAt(0)] = 2

// Letters, digits and what names and paths are made of: none of them asks for quotes after the first character.
const ORDINARY = new Uint8Array(128)
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-')
  ORDINARY[char.charCodeAt(0)] = 1

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

export type WrittenStyle = 'plain' | 'single' | 'double' | 'literal'

/** True if libyaml prints the character as it is. */
export function isPrintable(code: number): boolean {
  if (code < 0x80) return code === LF || (code >= 0x20 && code <= 0x7e)
  return code >= 0xa0 && (code < 0xd800 || code >= 0xe000) && code !== 0xfeff && code !== 0xfffe && code !== 0xffff
}

/** True if a plain scalar of this text would read as something else than a string, under YAML 1.1 or go-yaml's v2. */
function readsAsOther(text: string): boolean {
  const hint = hintOf(text)
  if (hint === 0) return text.length === 0
  if (plainTagV2(text) !== '!!str') return true
  return hint === 3 && text.includes(':') && BASE_60.test(text)
}

/** True for texts that are plain whatever stands around them, which most names are: a quick answer, false says nothing. */
export function isOrdinary(text: string): boolean {
  const first = text.charCodeAt(0)
  // Only a letter or `_` first, for everything else may read as a number or stand for something.
  if (!((first >= 0x61 && first <= 0x7a) || (first >= 0x41 && first <= 0x5a) || first === 0x5f)) return false
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 128 || ORDINARY[code] === 0) return false
  }
  return text.length > 5 || hintOf(text) === 0 || plainTagV2(text) === '!!str'
}

/** The style in which go-yaml v2 writes a string; `isKey` for one that stands before `:` on its line. */
function styleOfString(text: string, isKey: boolean): WrittenStyle {
  const { length } = text
  if (length === 0) return 'double'
  let hasBreak = false
  let hasNewline = false
  let isSpecial = false
  let hasIndicator = false
  let breakSpace = false
  let spaceBreak = false
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(length - 1)
  if (first < 128 && FIRST[first] !== 0) {
    if (FIRST[first] === 1) hasIndicator = true
    else if (length === 1 || isBlank(text.charCodeAt(1))) hasIndicator = true
    else if (first === 0x2d && text.startsWith('---')) hasIndicator = true
  } else if (first === 0x2e && text.startsWith('...')) hasIndicator = true
  let previous = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128) {
      const kind = KIND[code]!
      if (kind === 1) {
        previous = 1
        continue
      }
      if (kind === 2) {
        if (previous === 3) breakSpace = true
        previous = 2
        continue
      }
      if (kind === 4) {
        if (i > 0 && (i + 1 === length || isBlank(text.charCodeAt(i + 1)))) hasIndicator = true
        previous = 1
        continue
      }
      if (kind === 5) {
        if (i > 0 && (previous === 2 || previous === 3 || text.charCodeAt(i - 1) === 0x09)) hasIndicator = true
        previous = 1
        continue
      }
      if (code === LF || code === 0x0d) {
        hasBreak = true
        if (code === LF) hasNewline = true
        else isSpecial = true
        if (previous === 2) spaceBreak = true
        previous = 3
        continue
      }
      isSpecial = true
      previous = 1
      continue
    }
    if (!isPrintable(code)) isSpecial = true
    if (isBreak(code)) {
      hasBreak = true
      if (previous === 2) spaceBreak = true
      previous = 3
    } else previous = 1
  }
  const isSpaceLast = last === SPACE
  if (hasNewline && !isKey) {
    const isBlockAllowed = !isSpaceLast && !spaceBreak && !isSpecial
    return isBlockAllowed ? 'literal' : 'double'
  }
  if (isKey && hasBreak) return 'double'
  if (readsAsOther(text)) return 'double'
  if (isSpecial || spaceBreak || breakSpace) return 'double'
  if (hasIndicator || hasBreak || isSpaceLast || first === SPACE) return 'single'
  return 'plain'
}

/** Whether a string stands before its `:` on one line; else `? ` introduces it. */
export function isSimpleKey(text: string): boolean {
  if (text.length > MAX_SIMPLE_KEY_BYTES) return false
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) {
      if (code === LF || code === 0x0d) return false
    } else {
      if (isBreak(code)) return false
      bytes += code < 0x800 ? 1 : (code & 0xf800) === 0xd800 ? 1 : 2
    }
  }
  return bytes <= MAX_SIMPLE_KEY_BYTES
}

const PADS: string[] = ['']
for (let i = 1; i <= 64; i++) PADS.push(' '.repeat(i))

export function pad(width: number): string {
  return width <= 64 ? PADS[width]! : ' '.repeat(width)
}

/**
 * A string as a scalar in block context, without the space before it or the break behind it (a literal ends without its last break).
 * `column` is where it begins, `indent` that of its continuation lines; `folds` is false for simple keys.
 */
export function writeString(text: string, column: number, indent: number, isKey: boolean): string {
  const style = styleOfString(text, isKey)
  switch (style) {
    case 'plain':
      return !isKey && column + text.length > BEST_WIDTH ? foldPlain(text, column, indent) : text
    case 'single':
      return writeSingle(text, column, indent, !isKey)
    case 'double':
      return writeDouble(text, column, indent, !isKey)
    case 'literal':
      return writeLiteral(text, indent)
  }
}

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800
}

/** A plain scalar has neither breaks nor spaces at its ends: only where it folds is in question. */
function foldPlain(text: string, startColumn: number, indent: number): string {
  let column = startColumn
  let out = ''
  let from = 0
  let isAfterSpace = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === SPACE) {
      if (!isAfterSpace && column > BEST_WIDTH && text.charCodeAt(i + 1) !== SPACE) {
        out += `${text.slice(from, i)}\n${pad(indent)}`
        column = indent
        from = i + 1
      } else column++
      isAfterSpace = true
    } else {
      if (!isHighSurrogate(code)) column++
      isAfterSpace = false
    }
  }
  return from === 0 ? text : out + text.slice(from)
}

export function writeSingle(text: string, startColumn: number, indent: number, folds: boolean): string {
  let column = startColumn + 1
  let out = "'"
  let isAfterSpace = false
  let isAfterBreak = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === SPACE) {
      if (
        folds &&
        !isAfterSpace &&
        column > BEST_WIDTH &&
        i > 0 &&
        i < text.length - 1 &&
        text.charCodeAt(i + 1) !== SPACE
      ) {
        out += `\n${pad(indent)}`
        column = indent
      } else {
        out += ' '
        column++
      }
      isAfterSpace = true
    } else if (isBreak(code)) {
      if (!isAfterBreak && code === LF) out += '\n'
      out += text[i]!
      column = 0
      isAfterBreak = true
    } else {
      if (isAfterBreak) {
        out += pad(indent)
        column = indent
      }
      if (code === 0x27) {
        out += "''"
        column += 2
      } else {
        out += text[i]!
        if (!isHighSurrogate(code)) column++
      }
      isAfterSpace = false
      isAfterBreak = false
    }
  }
  return `${out}'`
}

export function writeDouble(text: string, startColumn: number, indent: number, folds: boolean): string {
  let column = startColumn + 1
  let out = '"'
  let isAfterSpace = false
  // libyaml looks for a byte order mark at the start of the text, wherever it is: all is escaped then.
  const escapesAll = text.charCodeAt(0) === 0xfeff
  const bytesEnd = text.length - 1
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (escapesAll || code === 0x22 || code === 0x5c || !isPrintable(code) || isBreak(code)) {
      if (isHighSurrogate(code) && i + 1 < text.length) {
        code = text.codePointAt(i)!
        if (code > 0xffff) i++
      }
      const escape = escapeCode(code)
      out += escape
      column += escape.length
      isAfterSpace = false
    } else if (code === SPACE) {
      if (folds && !isAfterSpace && column > BEST_WIDTH && i > 0 && i < bytesEnd) {
        out += `\n${pad(indent)}`
        column = indent
        if (text.charCodeAt(i + 1) === SPACE) {
          out += '\\'
          column++
        }
      } else {
        out += ' '
        column++
      }
      isAfterSpace = true
    } else {
      out += text[i]!
      column++
      isAfterSpace = false
    }
  }
  return `${out}"`
}

/** `|` with its hints and lines; the break behind the last line is left out. */
export function writeLiteral(text: string, indent: number): string {
  const first = text.charCodeAt(0)
  let out = first === SPACE || isBreak(first) ? '|2' : '|'
  const last = text.length - 1
  if (!isBreak(text.charCodeAt(last))) out += '-'
  else if (last === 0 || isBreak(text.charCodeAt(last - 1))) out += '+'
  const margin = pad(indent)
  const hasWideBreaks = text.search(/[\u2028\u2029]/) >= 0
  let at = 0
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const line = text.slice(at, end)
    if (line === '') out += '\n'
    else if (!hasWideBreaks) out += `\n${margin}${line}`
    // The breaks that only Unicode knows are kept as they are; what follows them is indented.
    else out += `\n${line.replace(/[^\u2028\u2029]+/g, (run) => margin + run)}`
    at = end + 1
  }
  return out
}
