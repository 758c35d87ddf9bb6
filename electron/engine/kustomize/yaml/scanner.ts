/**
 * YAML text to tokens: a character-code scanner with libyaml's rules as both go-yaml versions have them (indentation, simple keys, what may
 * start where), which decide what is accepted and with which error text. Comments are skipped, positions reduced to lines.
 *
 * The common case of a block mapping, a scalar with `:` behind it on its line, gives its tokens at once; everything else goes through the
 * list of possible simple keys, as in libyaml.
 */
import {
  BOM,
  CR,
  LF,
  NUL,
  SPACE,
  TAB,
  hexValue,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isWordCharacter,
} from './chars.ts'
import { ScalarReader } from './scalar-reader.ts'
import type { YamlDialect } from './tokens.ts'
import {
  TOKEN_ALIAS,
  TOKEN_ANCHOR,
  TOKEN_BLOCK_END,
  TOKEN_BLOCK_ENTRY,
  TOKEN_BLOCK_MAPPING,
  TOKEN_BLOCK_SEQUENCE,
  TOKEN_DOCUMENT_END,
  TOKEN_DOCUMENT_START,
  TOKEN_FLOW_ENTRY,
  TOKEN_FLOW_MAPPING,
  TOKEN_FLOW_MAPPING_END,
  TOKEN_FLOW_SEQUENCE,
  TOKEN_FLOW_SEQUENCE_END,
  TOKEN_KEY,
  TOKEN_SCALAR,
  TOKEN_STREAM_END,
  TOKEN_TAG,
  TOKEN_TAG_DIRECTIVE,
  TOKEN_VALUE,
  TOKEN_VERSION,
} from './tokens.ts'

const MAX_SIMPLE_KEY_LENGTH = 1024

/** Tokens that fit before the queue moves or grows. */
const QUEUE_SIZE = 256

// Characters that cannot begin a plain scalar.
const INDICATOR = new Uint8Array(128)
for (const char of '-?:,[]{}#&*!|>\'"%@`') INDICATOR[char.charCodeAt(0)] = 1
for (const code of [NUL, TAB, LF, CR, SPACE]) INDICATOR[code] = 1

const URI = new Uint8Array(128)
for (const char of ";/?:@&=+$,.!~*'()[]%") URI[char.charCodeAt(0)] = 1

/** One document stream's tokens. Token fields are parallel arrays from `head` on; `peek` makes sure that there is one. */
export class Scanner extends ScalarReader {
  types = new Int32Array(QUEUE_SIZE)
  /** Scalar text, anchor or alias name, tag handle, directive handle or version. */
  readonly texts: string[] = new Array<string>(QUEUE_SIZE).fill('')
  /** Scalar style, tag suffix, directive prefix. */
  readonly extras: string[] = new Array<string>(QUEUE_SIZE).fill('')
  /** 0-based line of the token's start. */
  lines = new Int32Array(QUEUE_SIZE)
  head = 0
  private tail = 0

  private readonly maxDepth: number
  private scanLine = 0
  private tokensParsed = 0
  private indent = -1
  private readonly indents: number[] = []
  private flowLevel = 0
  private allowsSimpleKey = true
  private hasEnded = false

  // Possible simple keys, one per flow level.
  private readonly keyPossible: boolean[] = [false]
  private readonly keyRequired: boolean[] = [false]
  private readonly keyToken: number[] = [0]
  private readonly keyPos: number[] = [0]
  private readonly keyLine: number[] = [0]
  private readonly keyColumn: number[] = [0]
  private readonly keyByToken = new Map<number, number>()

  constructor(dialect: YamlDialect, maxDepth: number) {
    super(dialect === 'v3')
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
    const start = this.line
    this.push(TOKEN_SCALAR, this.readBlockScalar(isLiteral, this.indent), isLiteral ? 'literal' : 'folded', start)
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

  private fetchPlain(): void {
    const startPos = this.pos
    const startLine = this.line
    const startColumn = startPos - this.lineStart
    if (this.allowsSimpleKey) this.startScalarKey()
    const value = this.readPlain(startLine, this.indent, this.flowLevel > 0)
    this.finishScalar(value, 'plain', startPos, startLine, startColumn)
    if (this.endsAtBreak) this.allowsSimpleKey = true
  }
}
