/**
 * The text under the scanner and its scalars: plain, quoted and block, with line breaks folded as libyaml folds them. Positions are UTF-16
 * units, lines count from 0.
 */
import {
  CR,
  LF,
  LINE_SEPARATOR,
  NEL,
  NUL,
  PARAGRAPH_SEPARATOR,
  SPACE,
  TAB,
  hexValue,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
} from './chars.ts'
import { scannerError } from './yaml-error.ts'

// Class of a character inside a plain scalar: 1 ends it anywhere, 2 is `:`, 4 ends it in flow context only.
const PLAIN = new Uint8Array(128)
for (const code of [NUL, TAB, LF, CR, SPACE]) PLAIN[code] = 1
PLAIN[0x3a] = 2
for (const char of ',?[]{}') PLAIN[char.charCodeAt(0)] = 4

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x30, '\0'],
  [0x61, '\x07'],
  [0x62, '\b'],
  [0x74, '\t'],
  [TAB, '\t'],
  [0x6e, '\n'],
  [0x76, '\v'],
  [0x66, '\f'],
  [0x72, '\r'],
  [0x65, '\x1b'],
  [SPACE, ' '],
  [0x22, '"'],
  [0x27, "'"],
  [0x5c, '\\'],
  [0x4e, '\x85'],
  [0x5f, '\xa0'],
  [0x4c, '\u2028'],
  [0x50, '\u2029'],
])

/** Where the scanner stands in its text, and how it reads scalars from there. */
export class ScalarReader {
  protected readonly isV3: boolean
  /** Ends in NULs, so that looking ahead needs no care. */
  protected text = ''
  protected pos = 0
  protected line = 0
  protected lineStart = 0
  private trailingBreaks = ''

  constructor(isV3: boolean) {
    this.isV3 = isV3
  }

  protected fail(contextLine: number, problem: string): never {
    throw scannerError(this.isV3, contextLine, this.line, problem)
  }

  protected isDocumentIndicator(): boolean {
    const { text, pos } = this
    const code = text.charCodeAt(pos)
    return (
      (code === 0x2d || code === 0x2e) &&
      text.charCodeAt(pos + 1) === code &&
      text.charCodeAt(pos + 2) === code &&
      isBlankOrEnd(text.charCodeAt(pos + 3))
    )
  }

  /** Moves over one line break and gives the text that it stands for. */
  protected readBreak(): string {
    const { text } = this
    const code = text.charCodeAt(this.pos)
    this.pos += code === CR && text.charCodeAt(this.pos + 1) === LF ? 2 : 1
    this.line++
    this.lineStart = this.pos
    return code === LINE_SEPARATOR ? '\u2028' : code === PARAGRAPH_SEPARATOR ? '\u2029' : '\n'
  }

  protected skipLineRest(): void {
    const { text } = this
    let code = text.charCodeAt(this.pos)
    while (code !== LF && code !== NUL && !isBreak(code)) code = text.charCodeAt(++this.pos)
  }

  protected skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.pos))) this.pos++
  }

  /** A literal or folded scalar at its indicator; `parentIndent` is the indentation of the collection around it. */
  protected readBlockScalar(isLiteral: boolean, parentIndent: number): string {
    const { text } = this
    const start = this.line
    this.pos++
    let chomping = 0
    let increment = 0
    let code = text.charCodeAt(this.pos)
    const readChomping = (): void => {
      chomping = code === 0x2b ? 1 : -1
      code = text.charCodeAt(++this.pos)
    }
    const readIncrement = (): void => {
      if (code === 0x30) this.fail(start, 'found an indentation indicator equal to 0')
      increment = code - 0x30
      code = text.charCodeAt(++this.pos)
    }
    if (code === 0x2b || code === 0x2d) {
      readChomping()
      if (isDigit(code)) readIncrement()
    } else if (isDigit(code)) {
      readIncrement()
      if (code === 0x2b || code === 0x2d) readChomping()
    }
    this.skipBlanks()
    code = text.charCodeAt(this.pos)
    if (code === 0x23) {
      this.skipLineRest()
      code = text.charCodeAt(this.pos)
    }
    if (!isBreakOrEnd(code)) this.fail(start, 'did not find expected comment or line break')
    if (code !== NUL) this.readBreak()

    let indent = increment === 0 ? 0 : parentIndent >= 0 ? parentIndent + increment : increment
    indent = this.readBlockBreaks(indent, start, parentIndent)
    let value = ''
    let leadingBreak = ''
    let startsBlank = false
    while (this.pos - this.lineStart === indent && text.charCodeAt(this.pos) !== NUL) {
      const isBlankLine = isBlank(text.charCodeAt(this.pos))
      if (!isLiteral && !startsBlank && !isBlankLine && leadingBreak === '\n') {
        if (this.trailingBreaks === '') value += ' '
      } else value += leadingBreak
      value += this.trailingBreaks
      startsBlank = isBlankLine
      const first = this.pos
      let at = first
      code = text.charCodeAt(at)
      while (code !== LF && code !== NUL && code !== CR && (code < NEL || !isBreak(code))) code = text.charCodeAt(++at)
      this.pos = at
      value += text.slice(first, at)
      leadingBreak = code === NUL ? '' : this.readBreak()
      this.readBlockBreaks(indent, start, parentIndent)
    }
    if (chomping !== -1) value += leadingBreak
    if (chomping === 1) value += this.trailingBreaks
    return value
  }

  /** Reads indentation and empty lines into `trailingBreaks`; gives the indentation, found here where none is known yet. */
  private readBlockBreaks(indent: number, start: number, parentIndent: number): number {
    const { text } = this
    let breaks = ''
    let widest = 0
    for (;;) {
      let code = text.charCodeAt(this.pos)
      while (code === SPACE && (indent === 0 || this.pos - this.lineStart < indent)) code = text.charCodeAt(++this.pos)
      const column = this.pos - this.lineStart
      if (column > widest) widest = column
      if (code === TAB && (indent === 0 || column < indent))
        this.fail(start, 'found a tab character where an indentation space is expected')
      if (!isBreak(code)) break
      breaks += this.readBreak()
    }
    this.trailingBreaks = breaks
    return indent === 0 ? Math.max(widest, parentIndent + 1, 1) : indent
  }

  protected readSingleQuoted(startLine: number): string {
    const { text } = this
    let at = ++this.pos
    let first = at
    let value = ''
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x27) {
        if (text.charCodeAt(at + 1) !== 0x27) {
          this.pos = at + 1
          return value === '' ? text.slice(first, at) : value + text.slice(first, at)
        }
        value += text.slice(first, at + 1)
        at += 2
        first = at
      } else if (code === NUL || isBreak(code)) {
        this.pos = at
        value += trimTrailingBlanks(text, first, at) + this.foldQuotedBreaks(startLine)
        at = this.pos
        first = at
      } else at++
    }
  }

  protected readDoubleQuoted(startLine: number): string {
    const { text } = this
    let at = ++this.pos
    let first = at
    let value = ''
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) {
        this.pos = at + 1
        return value === '' ? text.slice(first, at) : value + text.slice(first, at)
      }
      if (code === 0x5c) {
        value += text.slice(first, at)
        this.pos = at
        if (isBreak(text.charCodeAt(at + 1))) {
          this.pos++
          this.readBreak()
          value += this.foldEscapedBreak(startLine)
        } else value += this.readEscape(startLine)
        at = this.pos
        first = at
      } else if (code === NUL || isBreak(code)) {
        this.pos = at
        value += trimTrailingBlanks(text, first, at) + this.foldQuotedBreaks(startLine)
        at = this.pos
        first = at
      } else at++
    }
  }

  private checkQuotedLine(startLine: number): void {
    if (this.pos === this.lineStart && this.isDocumentIndicator())
      this.fail(startLine, 'found unexpected document indicator')
    if (this.text.charCodeAt(this.pos) === NUL) this.fail(startLine, 'found unexpected end of stream')
  }

  /** At a line break (or the end) inside quotes: moves to the next text and gives what the breaks fold to. */
  private foldQuotedBreaks(startLine: number): string {
    const { text } = this
    if (text.charCodeAt(this.pos) === NUL) this.fail(startLine, 'found unexpected end of stream')
    const leading = this.readBreak()
    const trailing = this.readQuotedBreaks()
    this.checkQuotedLine(startLine)
    if (leading !== '\n') return leading + trailing
    return trailing === '' ? ' ' : trailing
  }

  private foldEscapedBreak(startLine: number): string {
    const trailing = this.readQuotedBreaks()
    this.checkQuotedLine(startLine)
    return trailing
  }

  private readQuotedBreaks(): string {
    const { text } = this
    let breaks = ''
    for (;;) {
      const code = text.charCodeAt(this.pos)
      if (isBlank(code)) this.pos++
      else if (isBreak(code)) breaks += this.readBreak()
      else return breaks
    }
  }

  private readEscape(startLine: number): string {
    const { text } = this
    const code = text.charCodeAt(this.pos + 1)
    const simple = ESCAPES.get(code)
    if (simple !== undefined) {
      this.pos += 2
      return simple
    }
    const length = code === 0x78 ? 2 : code === 0x75 ? 4 : code === 0x55 ? 8 : 0
    if (length === 0) this.fail(startLine, 'found unknown escape character')
    this.pos += 2
    let value = 0
    for (let i = 0; i < length; i++) {
      const digit = hexValue(text.charCodeAt(this.pos + i))
      if (digit < 0) this.fail(startLine, 'did not find expected hexdecimal number')
      value = value * 16 + digit
    }
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff)
      this.fail(startLine, 'found invalid Unicode character escape code')
    this.pos += length
    return String.fromCodePoint(value)
  }

  /** Whether the plain scalar read last was followed by line breaks. */
  protected endsAtBreak = false

  /** A plain scalar, over as many lines as it takes. */
  protected readPlain(startLine: number, parentIndent: number, isFlow: boolean): string {
    const { text } = this
    const indent = parentIndent + 1
    let value = ''
    let pending = ''
    let isAfterBreak = false
    for (;;) {
      let at = this.pos
      const first = at
      let code = text.charCodeAt(at)
      if (code === 0x23 || (at === this.lineStart && this.isDocumentIndicator())) break
      for (;;) {
        if (code < 128) {
          const kind = PLAIN[code]!
          if (kind !== 0) {
            if (kind === 1) break
            if (kind === 2) {
              if (isBlankOrEnd(text.charCodeAt(at + 1))) break
            } else if (isFlow) break
          }
        } else if (isBreak(code)) break
        code = text.charCodeAt(++at)
      }
      if (at > first) {
        const segment = text.slice(first, at)
        value = value === '' ? segment : value + pending + segment
        this.pos = at
        isAfterBreak = false
      }
      if (!(code === SPACE || code === LF || code === TAB || isBreak(code))) break

      // Blanks and line breaks: they belong to the scalar only if more of it follows.
      let trailing = ''
      const blanksFrom = at
      while (isBlank(code)) code = text.charCodeAt(++at)
      if (!isBreak(code)) {
        this.pos = at
        pending = text.slice(blanksFrom, at)
        continue
      }
      this.pos = at
      const leading = this.readBreak()
      isAfterBreak = true
      for (;;) {
        code = text.charCodeAt(this.pos)
        if (isBlank(code)) {
          if (code === TAB && this.pos - this.lineStart < indent)
            this.fail(startLine, 'found a tab character that violates indentation')
          this.pos++
        } else if (isBreak(code)) trailing += this.readBreak()
        else break
      }
      pending = leading !== '\n' ? leading + trailing : trailing === '' ? ' ' : trailing
      if (!isFlow && this.pos - this.lineStart < indent) break
    }
    this.endsAtBreak = isAfterBreak
    return value
  }
}

function trimTrailingBlanks(text: string, first: number, end: number): string {
  let at = end
  while (at > first && isBlank(text.charCodeAt(at - 1))) at--
  return text.slice(first, at)
}
