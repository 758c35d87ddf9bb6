/**
 * YAML text to tokens: a character-code scanner with libyaml's rules as both go-yaml versions have them (indentation, simple keys, what may
 * start where), which decide what is accepted and with which error text. Comments are skipped, positions reduced to lines.
 *
 * The common case of a block mapping, a scalar with `:` behind it on its line, gives its tokens at once; everything else goes through the
 * list of possible simple keys, as in libyaml.
 */
import { BuildError } from '../build-error.ts'
import {
  BOM,
  CR,
  hexValue,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isWordCharacter,
  LF,
  LINE_SEPARATOR,
  NEL,
  NUL,
  PARAGRAPH_SEPARATOR,
  SPACE,
  TAB,
} from './chars.ts'

export type YamlDialect = 'v3' | 'v2'

export const TOKEN_STREAM_END = 1
export const TOKEN_VERSION = 2
export const TOKEN_TAG_DIRECTIVE = 3
export const TOKEN_DOCUMENT_START = 4
export const TOKEN_DOCUMENT_END = 5
export const TOKEN_BLOCK_SEQUENCE = 6
export const TOKEN_BLOCK_MAPPING = 7
export const TOKEN_BLOCK_END = 8
export const TOKEN_FLOW_SEQUENCE = 9
export const TOKEN_FLOW_SEQUENCE_END = 10
export const TOKEN_FLOW_MAPPING = 11
export const TOKEN_FLOW_MAPPING_END = 12
export const TOKEN_BLOCK_ENTRY = 13
export const TOKEN_FLOW_ENTRY = 14
export const TOKEN_KEY = 15
export const TOKEN_VALUE = 16
export const TOKEN_ALIAS = 17
export const TOKEN_ANCHOR = 18
export const TOKEN_TAG = 19
export const TOKEN_SCALAR = 20

const MAX_SIMPLE_KEY_LENGTH = 1024

/** Tokens that fit before the queue moves or grows. */
const QUEUE_SIZE = 256

// Class of a character inside a plain scalar: 1 ends it anywhere, 2 is `:`, 4 ends it in flow context only.
const PLAIN = new Uint8Array(128)
for (const code of [NUL, TAB, LF, CR, SPACE]) PLAIN[code] = 1
PLAIN[0x3a] = 2
for (const char of ',?[]{}') PLAIN[char.charCodeAt(0)] = 4

// Characters that cannot begin a plain scalar.
const INDICATOR = new Uint8Array(128)
for (const char of '-?:,[]{}#&*!|>\'"%@`') INDICATOR[char.charCodeAt(0)] = 1
for (const code of [NUL, TAB, LF, CR, SPACE]) INDICATOR[code] = 1

const URI = new Uint8Array(128)
for (const char of ";/?:@&=+$,.!~*'()[]%") URI[char.charCodeAt(0)] = 1

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

/** One document stream's tokens. Token fields are parallel arrays from `head` on; `peek` makes sure that there is one. */
export class Scanner {
  types = new Int32Array(QUEUE_SIZE)
  /** Scalar text, anchor or alias name, tag handle, directive handle or version. */
  readonly texts: string[] = new Array<string>(QUEUE_SIZE).fill('')
  /** Scalar style, tag suffix, directive prefix. */
  readonly extras: string[] = new Array<string>(QUEUE_SIZE).fill('')
  /** 0-based line of the token's start. */
  lines = new Int32Array(QUEUE_SIZE)
  head = 0
  private tail = 0

  private text = ''
  private readonly isV3: boolean
  private readonly maxDepth: number
  private pos = 0
  private line = 0
  private lineStart = 0
  private scanLine = 0
  private tokensParsed = 0
  private indent = -1
  private readonly indents: number[] = []
  private flowLevel = 0
  private allowsSimpleKey = true
  private hasEnded = false
  private trailingBreaks = ''

  // Possible simple keys, one per flow level.
  private readonly keyPossible: boolean[] = [false]
  private readonly keyRequired: boolean[] = [false]
  private readonly keyToken: number[] = [0]
  private readonly keyPos: number[] = [0]
  private readonly keyLine: number[] = [0]
  private readonly keyColumn: number[] = [0]
  private readonly keyByToken = new Map<number, number>()

  constructor(dialect: YamlDialect, maxDepth: number) {
    this.isV3 = dialect === 'v3'
    this.maxDepth = maxDepth
  }

  /** Begins with another text; what was scanned before is forgotten. */
  start(text: string): void {
    // go-yaml reads a byte order mark as such only at the very start; a second one is skipped as a line's first character.
    let start = text.charCodeAt(0) === BOM ? 1 : 0
    if (text.charCodeAt(start) === BOM) start++
    this.text = `${start === 0 ? text : text.slice(start)}\0\0\0\0`
    this.head = 0
    this.tail = 0
    this.pos = 0
    this.line = 0
    this.lineStart = 0
    this.scanLine = 0
    this.tokensParsed = 0
    this.indent = -1
    this.indents.length = 0
    this.flowLevel = 0
    this.allowsSimpleKey = true
    this.hasEnded = false
    this.keyPossible[0] = false
    this.keyByToken.clear()
  }

  /** True once the scanner has looked at the end of its text. */
  get atEnd(): boolean {
    return this.pos >= this.text.length - 8
  }

  /** Type of the next token, which stays. */
  peek(): number {
    if (this.isV3) {
      while (this.tail - this.head <= 2 || this.isKeyPending()) this.fetchNext()
    } else {
      while (this.tail === this.head || this.isKeyPending()) this.fetchNext()
    }
    return this.types[this.head]!
  }

  /** Drops the token that `peek` saw. */
  skip(): void {
    this.head++
    this.tokensParsed++
  }

  /** Makes room behind the last token: by moving the queue to the front, or by a longer one. */
  private makeRoom(): void {
    const { head, tail } = this
    if (head > 0) {
      this.types.copyWithin(0, head, tail)
      this.lines.copyWithin(0, head, tail)
      for (let i = head; i < tail; i++) {
        this.texts[i - head] = this.texts[i]!
        this.extras[i - head] = this.extras[i]!
      }
      this.head = 0
      this.tail = tail - head
      return
    }
    const types = new Int32Array(tail * 2)
    const lines = new Int32Array(tail * 2)
    types.set(this.types)
    lines.set(this.lines)
    this.types = types
    this.lines = lines
  }

  /** True if the first token may turn out to be a key, which only the tokens behind it tell. */
  private isKeyPending(): boolean {
    if (this.keyByToken.size === 0) return false
    const level = this.keyByToken.get(this.tokensParsed)
    return level !== undefined && level < this.keyPossible.length && this.isKeyValid(level)
  }

  private push(type: number, text: string, extra: string, line: number): void {
    if (this.tail === this.types.length) this.makeRoom()
    const at = this.tail++
    this.types[at] = type
    this.lines[at] = line
    this.texts[at] = text
    this.extras[at] = extra
  }

  /** Puts a token before the one with this number, counted over the whole stream. */
  private insert(token: number, type: number, line: number): void {
    this.push(type, '', '', line)
    const index = token - this.tokensParsed + this.head
    // If the token meant is gone already, go-yaml appends.
    if (index < this.head) return
    for (let i = this.tail - 1; i > index; i--) {
      this.types[i] = this.types[i - 1]!
      this.lines[i] = this.lines[i - 1]!
      this.texts[i] = this.texts[i - 1]!
      this.extras[i] = this.extras[i - 1]!
    }
    this.types[index] = type
    this.lines[index] = line
    this.texts[index] = ''
    this.extras[index] = ''
  }

  private fail(contextLine: number, problem: string): never {
    throw scannerError(this.isV3, contextLine, this.line, problem)
  }

  private isKeyValid(level: number): boolean {
    if (!this.keyPossible[level]) return false
    const start = this.keyPos[level]!
    if (this.keyLine[level]! < this.line || this.keyLength(start) > MAX_SIMPLE_KEY_LENGTH) {
      if (this.keyRequired[level]) this.fail(this.keyLine[level]!, "could not find expected ':'")
      this.keyPossible[level] = false
      this.keyByToken.delete(this.keyToken[level]!)
      return false
    }
    return true
  }

  /** Characters (not code units) since the start of a possible key. */
  private keyLength(start: number): number {
    const length = this.pos - start
    if (length <= MAX_SIMPLE_KEY_LENGTH || length > MAX_SIMPLE_KEY_LENGTH * 2) return length
    let pairs = 0
    for (let i = start; i < this.pos; i++) if ((this.text.charCodeAt(i) & 0xfc00) === 0xdc00) pairs++
    return length - pairs
  }

  private saveKey(): void {
    if (!this.allowsSimpleKey) return
    this.removeKey()
    const column = this.pos - this.lineStart
    const level = this.flowLevel
    const token = this.tokensParsed + this.tail - this.head
    this.keyPossible[level] = true
    this.keyRequired[level] = level === 0 && this.indent === column
    this.keyToken[level] = token
    this.keyPos[level] = this.pos
    this.keyLine[level] = this.line
    this.keyColumn[level] = column
    this.keyByToken.set(token, level)
  }

  private removeKey(): void {
    const level = this.flowLevel
    if (!this.keyPossible[level]) return
    if (this.keyRequired[level]) this.fail(this.keyLine[level]!, "could not find expected ':'")
    this.keyPossible[level] = false
    this.keyByToken.delete(this.keyToken[level]!)
  }

  private rollIndent(column: number, token: number, type: number, line: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return
    this.indents.push(this.indent)
    this.indent = column
    if (this.indents.length > this.maxDepth)
      this.fail(this.keyLine[this.flowLevel]!, `exceeded max depth of ${this.maxDepth}`)
    if (token < 0) this.push(type, '', '', line)
    else this.insert(token, type, line)
  }

  private unrollIndent(column: number): void {
    if (this.flowLevel > 0) return
    while (this.indent > column) {
      this.push(TOKEN_BLOCK_END, '', '', this.isV3 ? this.scanLine : this.line)
      this.indent = this.indents.pop()!
    }
  }

  private fetchNext(): void {
    const { text } = this
    if (this.hasEnded) {
      this.push(TOKEN_STREAM_END, '', '', this.line)
      return
    }
    this.scanLine = this.line
    this.skipToToken()
    const column = this.pos - this.lineStart
    if (this.indent > column) this.unrollIndent(column)
    const code = text.charCodeAt(this.pos)
    if (code === NUL) return this.fetchStreamEnd()
    if (column === 0) {
      if (code === 0x25) return this.fetchDirective()
      if ((code === 0x2d || code === 0x2e) && this.isDocumentIndicator())
        return this.fetchDocumentIndicator(code === 0x2d ? TOKEN_DOCUMENT_START : TOKEN_DOCUMENT_END)
    }
    const isFlow = this.flowLevel > 0
    if (code >= 128 ? isBreak(code) : INDICATOR[code] === 1) {
      const next = text.charCodeAt(this.pos + 1)
      switch (code) {
        case 0x5b:
          return this.fetchFlowStart(TOKEN_FLOW_SEQUENCE)
        case 0x7b:
          return this.fetchFlowStart(TOKEN_FLOW_MAPPING)
        case 0x5d:
          return this.fetchFlowEnd(TOKEN_FLOW_SEQUENCE_END)
        case 0x7d:
          return this.fetchFlowEnd(TOKEN_FLOW_MAPPING_END)
        case 0x2c:
          this.removeKey()
          this.allowsSimpleKey = true
          this.push(TOKEN_FLOW_ENTRY, '', '', this.line)
          this.pos++
          return
        case 0x2d:
          if (isBlankOrEnd(next)) return this.fetchBlockEntry()
          return this.fetchPlain()
        case 0x3f:
          if (isFlow || isBlankOrEnd(next)) return this.fetchKey()
          return this.fetchPlain()
        case 0x3a:
          if (isFlow || isBlankOrEnd(next)) return this.fetchValue()
          return this.fetchPlain()
        case 0x2a:
          return this.fetchAnchor(TOKEN_ALIAS)
        case 0x26:
          return this.fetchAnchor(TOKEN_ANCHOR)
        case 0x21:
          return this.fetchTag()
        case 0x7c:
          if (!isFlow) return this.fetchBlockScalar(true)
          break
        case 0x3e:
          if (!isFlow) return this.fetchBlockScalar(false)
          break
        case 0x27:
          return this.fetchQuoted(true)
        case 0x22:
          return this.fetchQuoted(false)
      }
      this.fail(this.line, 'found character that cannot start any token')
    }
    this.fetchPlain()
  }

  private isDocumentIndicator(): boolean {
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
  private readBreak(): string {
    const { text } = this
    const code = text.charCodeAt(this.pos)
    this.pos += code === CR && text.charCodeAt(this.pos + 1) === LF ? 2 : 1
    this.line++
    this.lineStart = this.pos
    return code === LINE_SEPARATOR ? '\u2028' : code === PARAGRAPH_SEPARATOR ? '\u2029' : '\n'
  }

  private skipToToken(): void {
    const { text } = this
    for (;;) {
      let code = text.charCodeAt(this.pos)
      const acceptsTabs = this.flowLevel > 0 || !this.allowsSimpleKey
      while (code === SPACE || (code === TAB && acceptsTabs)) code = text.charCodeAt(++this.pos)
      if (code === 0x23) {
        this.skipComment()
        code = text.charCodeAt(this.pos)
      }
      if (code === LF) {
        this.line++
        this.lineStart = ++this.pos
      } else if (isBreak(code)) this.readBreak()
      else return
      if (this.flowLevel === 0) this.allowsSimpleKey = true
    }
  }

  private skipLineRest(): void {
    const { text } = this
    let code = text.charCodeAt(this.pos)
    while (code !== LF && code !== NUL && !isBreak(code)) code = text.charCodeAt(++this.pos)
  }

  private skipComment(): void {
    this.skipLineRest()
    if (!this.isV3) return
    // v3 gathers a run of comment lines, and looks over tabs and empty lines between them that it would refuse elsewhere.
    const { text } = this
    let at = this.pos
    for (;;) {
      const code = text.charCodeAt(at)
      if (isBlank(code) || isBreak(code)) {
        if (at - this.pos > 512) return
        at++
        continue
      }
      if (code !== 0x23) return
      while (this.pos < at) {
        if (isBreak(text.charCodeAt(this.pos))) this.readBreak()
        else this.pos++
      }
      this.skipLineRest()
      at = this.pos
    }
  }

  private fetchStreamEnd(): void {
    if (this.pos !== this.lineStart) {
      this.lineStart = this.pos
      this.line++
    }
    this.scanLine = this.line
    this.unrollIndent(-1)
    this.removeKey()
    this.allowsSimpleKey = false
    this.push(TOKEN_STREAM_END, '', '', this.line)
    this.hasEnded = true
  }

  private fetchDocumentIndicator(type: number): void {
    this.scanLine = this.line
    this.unrollIndent(-1)
    this.removeKey()
    this.allowsSimpleKey = false
    this.push(type, '', '', this.line)
    this.pos += 3
  }

  private fetchDirective(): void {
    this.scanLine = this.line
    this.unrollIndent(-1)
    this.removeKey()
    this.allowsSimpleKey = false
    const { text } = this
    const start = this.line
    const nameStart = ++this.pos
    while (isWordCharacter(text.charCodeAt(this.pos))) this.pos++
    const name = text.slice(nameStart, this.pos)
    if (name === '') this.fail(start, 'could not find expected directive name')
    if (!isBlankOrEnd(text.charCodeAt(this.pos))) this.fail(start, 'found unexpected non-alphabetical character')
    if (name === 'YAML') {
      this.skipBlanks()
      const major = this.readVersionNumber(start)
      if (text.charCodeAt(this.pos) !== 0x2e) this.fail(start, "did not find expected digit or '.' character")
      this.pos++
      const minor = this.readVersionNumber(start)
      this.push(TOKEN_VERSION, `${major}.${minor}`, '', start)
    } else if (name === 'TAG') {
      this.skipBlanks()
      const handle = this.readTagHandle(true, start)
      if (!isBlank(text.charCodeAt(this.pos))) this.fail(start, 'did not find expected whitespace')
      this.skipBlanks()
      const prefix = this.readTagUri('', start)
      if (!isBlankOrEnd(text.charCodeAt(this.pos))) this.fail(start, 'did not find expected whitespace or line break')
      this.push(TOKEN_TAG_DIRECTIVE, handle, prefix, start)
    } else this.fail(start, 'found unknown directive name')
    this.skipBlanks()
    if (text.charCodeAt(this.pos) === 0x23) this.skipLineRest()
    const code = text.charCodeAt(this.pos)
    if (!isBreakOrEnd(code)) this.fail(start, 'did not find expected comment or line break')
    if (code !== NUL) this.readBreak()
  }

  private skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.pos))) this.pos++
  }

  private readVersionNumber(start: number): number {
    const { text } = this
    const first = this.pos
    while (isDigit(text.charCodeAt(this.pos))) {
      if (this.pos - first >= 2) this.fail(start, 'found extremely long version number')
      this.pos++
    }
    if (this.pos === first) this.fail(start, 'did not find expected version number')
    return Number(text.slice(first, this.pos))
  }

  private fetchFlowStart(type: number): void {
    this.saveKey()
    const level = ++this.flowLevel
    this.keyPossible[level] = false
    this.keyRequired[level] = false
    this.keyLine[level] = this.line
    this.keyToken[level] = this.tokensParsed + this.tail - this.head
    if (level > this.maxDepth) this.fail(this.line, `exceeded max depth of ${this.maxDepth}`)
    this.allowsSimpleKey = true
    this.push(type, '', '', this.line)
    this.pos++
  }

  private fetchFlowEnd(type: number): void {
    this.removeKey()
    if (this.flowLevel > 0) {
      // go-yaml forgets by token number, which is the bracket's own where nothing inside could have been a key.
      this.keyByToken.delete(this.keyToken[this.flowLevel]!)
      this.keyPossible.length = this.flowLevel
      this.flowLevel--
    }
    this.allowsSimpleKey = false
    this.push(type, '', '', this.line)
    this.pos++
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.allowsSimpleKey) this.fail(this.line, 'block sequence entries are not allowed in this context')
      this.rollIndent(this.pos - this.lineStart, -1, TOKEN_BLOCK_SEQUENCE, this.line)
    }
    this.removeKey()
    this.allowsSimpleKey = true
    this.push(TOKEN_BLOCK_ENTRY, '', '', this.line)
    this.pos++
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.allowsSimpleKey) this.fail(this.line, 'mapping keys are not allowed in this context')
      this.rollIndent(this.pos - this.lineStart, -1, TOKEN_BLOCK_MAPPING, this.line)
    }
    this.removeKey()
    this.allowsSimpleKey = this.flowLevel === 0
    this.push(TOKEN_KEY, '', '', this.line)
    this.pos++
    this.skipTabbedComment()
  }

  private fetchValue(): void {
    const level = this.flowLevel
    if (this.isKeyValid(level)) {
      const token = this.keyToken[level]!
      this.insert(token, TOKEN_KEY, this.keyLine[level]!)
      this.rollIndent(this.keyColumn[level]!, token, TOKEN_BLOCK_MAPPING, this.keyLine[level]!)
      this.keyPossible[level] = false
      this.keyByToken.delete(token)
      this.allowsSimpleKey = false
    } else {
      if (level === 0) {
        if (!this.allowsSimpleKey) this.fail(this.line, 'mapping values are not allowed in this context')
        this.rollIndent(this.pos - this.lineStart, -1, TOKEN_BLOCK_MAPPING, this.line)
      }
      this.allowsSimpleKey = level === 0
    }
    this.push(TOKEN_VALUE, '', '', this.line)
    this.pos++
    this.skipTabbedComment()
  }

  /** v3 takes a comment behind an indicator at once, with tabs before it where otherwise none may stand. */
  private skipTabbedComment(): void {
    if (!this.isV3 || !this.allowsSimpleKey) return
    let at = this.pos
    while (isBlank(this.text.charCodeAt(at))) at++
    if (this.text.charCodeAt(at) !== 0x23) return
    this.pos = at
    this.skipLineRest()
  }

  private fetchAnchor(type: number): void {
    this.saveKey()
    this.allowsSimpleKey = false
    const { text } = this
    const start = ++this.pos
    while (isWordCharacter(text.charCodeAt(this.pos))) this.pos++
    const code = text.charCodeAt(this.pos)
    if (this.pos === start || !(isBlankOrEnd(code) || '?:,]}%@`'.includes(String.fromCharCode(code))))
      this.fail(this.line, 'did not find expected alphabetic or numeric character')
    this.push(type, text.slice(start, this.pos), '', this.line)
  }

  private fetchTag(): void {
    this.saveKey()
    this.allowsSimpleKey = false
    const { text } = this
    const start = this.line
    let handle = ''
    let suffix: string
    if (text.charCodeAt(this.pos + 1) === 0x3c) {
      this.pos += 2
      suffix = this.readTagUri('', start)
      if (text.charCodeAt(this.pos) !== 0x3e) this.fail(start, "did not find the expected '>'")
      this.pos++
    } else {
      handle = this.readTagHandle(false, start)
      if (handle.length > 1 && handle.endsWith('!')) suffix = this.readTagUri('', start)
      else {
        suffix = this.readTagUri(handle, start)
        handle = '!'
        if (suffix === '') {
          handle = ''
          suffix = '!'
        }
      }
    }
    if (!isBlankOrEnd(text.charCodeAt(this.pos))) this.fail(start, 'did not find expected whitespace or line break')
    this.push(TOKEN_TAG, handle, suffix, start)
  }

  private readTagHandle(isDirective: boolean, start: number): string {
    const { text } = this
    if (text.charCodeAt(this.pos) !== 0x21) this.fail(start, "did not find expected '!'")
    const first = this.pos++
    while (isWordCharacter(text.charCodeAt(this.pos))) this.pos++
    if (text.charCodeAt(this.pos) === 0x21) this.pos++
    else if (isDirective && this.pos > first + 1) this.fail(start, "did not find expected '!'")
    return text.slice(first, this.pos)
  }

  private readTagUri(head: string, start: number): string {
    const { text } = this
    let hasTag = head.length > 0
    let uri = head.slice(1)
    for (;;) {
      const code = text.charCodeAt(this.pos)
      if (!(isWordCharacter(code) || (code < 128 && URI[code] === 1))) break
      if (code === 0x25) uri += this.readUriEscape(start)
      else {
        uri += text[this.pos]!
        this.pos++
      }
      hasTag = true
    }
    if (!hasTag) this.fail(start, 'did not find expected tag URI')
    return uri
  }

  private readUriEscape(start: number): string {
    const { text } = this
    const octets: number[] = []
    let width = 0
    do {
      const high = hexValue(text.charCodeAt(this.pos + 1))
      const low = hexValue(text.charCodeAt(this.pos + 2))
      if (text.charCodeAt(this.pos) !== 0x25 || high < 0 || low < 0) this.fail(start, 'did not find URI escaped octet')
      const octet = high * 16 + low
      if (octets.length === 0) {
        width = octet < 0x80 ? 1 : octet >> 5 === 6 ? 2 : octet >> 4 === 14 ? 3 : octet >> 3 === 30 ? 4 : 0
        if (width === 0) this.fail(start, 'found an incorrect leading UTF-8 octet')
      } else if ((octet & 0xc0) !== 0x80) this.fail(start, 'found an incorrect trailing UTF-8 octet')
      octets.push(octet)
      this.pos += 3
    } while (octets.length < width)
    return new TextDecoder().decode(new Uint8Array(octets))
  }

  private fetchBlockScalar(isLiteral: boolean): void {
    this.removeKey()
    this.allowsSimpleKey = true
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

    let indent = increment === 0 ? 0 : this.indent >= 0 ? this.indent + increment : increment
    indent = this.readBlockBreaks(indent, start)
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
      this.readBlockBreaks(indent, start)
    }
    if (chomping !== -1) value += leadingBreak
    if (chomping === 1) value += this.trailingBreaks
    this.push(TOKEN_SCALAR, value, isLiteral ? 'literal' : 'folded', start)
  }

  /** Reads indentation and empty lines into `trailingBreaks`; gives the indentation, found here where none is known yet. */
  private readBlockBreaks(indent: number, start: number): number {
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
    return indent === 0 ? Math.max(widest, this.indent + 1, 1) : indent
  }

  /**
   * Pushes a scalar that ended where the scanner stands: as a key with its value indicator if that follows on the line. If not, the scalar is
   * listed as a possible key only where that can still matter: it must be one, or other tokens follow on its line.
   */
  private finishScalar(value: string, style: string, startPos: number, startLine: number, startColumn: number): void {
    if (!this.allowsSimpleKey) {
      this.push(TOKEN_SCALAR, value, style, startLine)
      return
    }
    this.allowsSimpleKey = false
    const { text } = this
    const isFlow = this.flowLevel > 0
    let mayFollow = false
    if (this.line === startLine) {
      let at = this.pos
      let code = text.charCodeAt(at)
      while (code === SPACE || code === TAB) code = text.charCodeAt(++at)
      if (code === 0x3a) {
        if (at - startPos <= MAX_SIMPLE_KEY_LENGTH && (isFlow || isBlankOrEnd(text.charCodeAt(at + 1)))) {
          this.rollIndent(startColumn, -1, TOKEN_BLOCK_MAPPING, startLine)
          this.push(TOKEN_KEY, '', '', startLine)
          this.push(TOKEN_SCALAR, value, style, startLine)
          this.push(TOKEN_VALUE, '', '', startLine)
          this.pos = at + 1
          return
        }
        mayFollow = true
      } else
        mayFollow = !(
          code === LF ||
          code === NUL ||
          code === 0x23 ||
          isBreak(code) ||
          (isFlow && (code === 0x2c || code === 0x5d || code === 0x7d))
        )
    }
    const isRequired = !isFlow && this.indent === startColumn
    if (isRequired || mayFollow) {
      const level = this.flowLevel
      this.keyPossible[level] = true
      this.keyRequired[level] = isRequired
      this.keyPos[level] = startPos
      this.keyLine[level] = startLine
      this.keyColumn[level] = startColumn
      this.keyByToken.set(this.keyToken[level]!, level)
    }
    this.push(TOKEN_SCALAR, value, style, startLine)
  }

  private fetchQuoted(isSingle: boolean): void {
    const startPos = this.pos
    const startLine = this.line
    const startColumn = startPos - this.lineStart
    if (this.allowsSimpleKey) this.startScalarKey()
    const value = isSingle ? this.readSingleQuoted(startLine) : this.readDoubleQuoted(startLine)
    this.finishScalar(value, isSingle ? 'single' : 'double', startPos, startLine, startColumn)
  }

  /** A scalar that may be a key takes the place of the possible key before it. */
  private startScalarKey(): void {
    this.removeKey()
    this.keyToken[this.flowLevel] = this.tokensParsed + this.tail - this.head
  }

  private readSingleQuoted(startLine: number): string {
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

  private readDoubleQuoted(startLine: number): string {
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

  private fetchPlain(): void {
    const startPos = this.pos
    const startLine = this.line
    const startColumn = startPos - this.lineStart
    if (this.allowsSimpleKey) this.startScalarKey()
    const value = this.readPlain(startLine)
    this.finishScalar(value, 'plain', startPos, startLine, startColumn)
    if (this.endsAtBreak) this.allowsSimpleKey = true
  }

  /** Whether the plain scalar read last was followed by line breaks. */
  private endsAtBreak = false

  private readPlain(startLine: number): string {
    const { text } = this
    const isFlow = this.flowLevel > 0
    const indent = this.indent + 1
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
      let leading = ''
      let trailing = ''
      const blanksFrom = at
      while (isBlank(code)) code = text.charCodeAt(++at)
      if (!isBreak(code)) {
        this.pos = at
        pending = text.slice(blanksFrom, at)
        continue
      }
      this.pos = at
      leading = this.readBreak()
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

/** go-yaml's text for a scanner error; lines are 0-based, and a line 0 counts as unknown. */
export function scannerError(isV3: boolean, contextLine: number, problemLine: number, problem: string): BuildError {
  let line: number
  if (isV3) line = contextLine !== 0 ? contextLine + 1 : problemLine !== 0 ? problemLine + 1 : 0
  else line = problemLine !== 0 ? problemLine + 1 : contextLine
  return yamlError(line, Math.max(problemLine, contextLine) + 1, problem)
}

/** go-yaml's text for a parser error, which names the line before. */
export function parserError(isV3: boolean, contextLine: number, problemLine: number, problem: string): BuildError {
  const line = isV3 ? contextLine || problemLine : problemLine || contextLine
  return yamlError(line, problemLine + 1, problem)
}

/** `yaml: line N: PROBLEM`; `place` is the line where a reader should look. */
export function yamlError(line: number, place: number, problem: string): BuildError {
  return new BuildError('InvalidYaml', `yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`, { line: place })
}
