/**
 * Reads a text with `${...}` expressions into a template. Semantics: fluxcd/pkg envsubst v1.7.0 (a scanner whose modes decide which runes a
 * token may hold), rune by rune, including what a shell would read otherwise: `${v-d}` is refused, `$$` is `$` outside of an expression
 * only, `\/` and `\\` are escapes only inside `${v/pattern/replacement}`.
 *
 * Texts are "byte strings": one UTF-16 unit for each byte of UTF-8 (see byte-string.ts), because upstream counts bytes.
 */
import { runeAt, runeWidth } from './byte-string.ts'

export type TemplateNode = TextNode | ExpressionNode

export interface TextNode {
  readonly kind: 'text'
  readonly text: string
}

export interface ExpressionNode {
  readonly kind: 'expression'
  /** The variable's name. */
  readonly name: string
  /** '' for `${v}`, else the operator: `:=`, `#`, `//` and so on. */
  readonly operator: string
  readonly args: readonly TemplateNode[]
  /** The expression as it stands in the text. */
  readonly source: string
}

/** Upstream's text for an expression that cannot be read. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault'
}

type Token = 'illegal' | 'end' | 'text' | 'open' | 'close'
type Accept = (rune: number, position: number) => boolean

const IDENTIFIER = 1
const OPEN = 2
const CLOSE = 4
const ESCAPE = 8

const DOLLAR = 0x24
const SLASH = 0x2f
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const COLON = 0x3a
const EQUALS = 0x3d
const HASH = 0x23
const PERCENT = 0x25
const COMMA = 0x2c
const CARET = 0x5e
const MINUS = 0x2d
const QUESTION = 0x3f
const PLUS = 0x2b

const letterOrDigit = /^[\p{L}\p{Nd}]$/u

const acceptAny: Accept = () => true
const acceptName: Accept = (rune) =>
  rune < 0x80
    ? (rune >= 0x61 && rune <= 0x7a) ||
      (rune >= 0x41 && rune <= 0x5a) ||
      (rune >= 0x30 && rune <= 0x39) ||
      rune === 0x5f
    : letterOrDigit.test(String.fromCodePoint(rune))
const acceptColons: Accept = (rune) => rune === COLON
const acceptSlashes: Accept = (rune) => rune === SLASH
const acceptOneHash: Accept = (rune, position) => rune === HASH && position === 1
const acceptHashes: Accept = (rune, position) => rune === HASH && position < 3
const acceptPercents: Accept = (rune, position) => rune === PERCENT && position < 3
const acceptOneEqual: Accept = (rune, position) => rune === EQUALS && position === 1
const acceptOneColon: Accept = (rune, position) => rune === COLON && position === 1
const acceptNotClosing: Accept = (rune) => rune !== CLOSE_BRACE
const acceptNotSlash: Accept = (rune) => rune !== SLASH
const acceptNotColonNorClosing: Accept = (rune) => rune !== COLON && rune !== CLOSE_BRACE
const acceptCasing: Accept = (rune, position) => (rune === COMMA || rune === CARET) && position < 3
const isDefaultSign = (rune: number): boolean => rune === EQUALS || rune === MINUS || rune === QUESTION || rune === PLUS
const acceptDefault: Accept = (rune, position) =>
  (position === 1 && rune === COLON) || (position === 2 && isDefaultSign(rune))
const acceptReplace: Accept = (rune, position) =>
  (position === 1 && rune === SLASH) || (position === 2 && (rune === SLASH || rune === HASH || rune === PERCENT))

/** Nested deeper than any real text; upstream recurses until its stack ends. */
const maxDepth = 500

class Scanner {
  readonly text: string
  position = 0
  private start = 0
  private mode = 0
  private accept: Accept = acceptAny
  /** Pieces before the last escape of this token; empty where there was none. */
  private escaped = ''
  private pieceStart = 0
  private removed = 0

  constructor(text: string) {
    this.text = text
  }

  /** The token last scanned, its escapes resolved. */
  token(): string {
    return this.escaped + this.text.slice(this.pieceStart, this.position)
  }

  /** The rune ahead; 0 at the end. */
  peek(): number {
    return this.position < this.text.length ? runeAt(this.text, this.position) : 0
  }

  /** `escapes`: whether `\` escapes too, which it does from the first expression on until its end. */
  scan(mode: number, accept: Accept, hasBackslash: boolean): Token {
    this.mode = mode
    this.accept = accept
    this.start = this.position
    this.pieceStart = this.position
    this.escaped = ''
    this.removed = 0
    const rune = this.peek()
    if (rune === 0) return 'end'
    if ((mode & OPEN) !== 0 && this.isOpening(this.position)) {
      this.position += 2
      return 'open'
    }
    if ((mode & CLOSE) !== 0 && rune === CLOSE_BRACE) {
      this.position++
      return 'close'
    }
    return (mode & IDENTIFIER) !== 0 && this.scanText(rune, hasBackslash) ? 'text' : 'illegal'
  }

  private isOpening(position: number): boolean {
    return this.text.charCodeAt(position) === DOLLAR && this.text.charCodeAt(position + 1) === OPEN_BRACE
  }

  private scanText(first: number, hasBackslash: boolean): boolean {
    // A rejected first rune is consumed all the same; nobody scans on after that.
    if (!this.take(first, hasBackslash)) return false
    const hasOpen = (this.mode & OPEN) !== 0
    for (;;) {
      if (this.accept === acceptAny) this.skipPlain()
      const rune = this.peek()
      if (rune === 0) return true
      if (hasOpen && rune === DOLLAR && this.isOpening(this.position)) return true
      if (!this.take(rune, hasBackslash)) return true
    }
  }

  /** Plain text takes everything up to the next `$`: found in one step. */
  private skipPlain(): void {
    const next = this.text.indexOf('$', this.position)
    const end = next < 0 ? this.text.length : next
    const zero = this.text.indexOf('\u0000', this.position)
    this.position = zero >= 0 && zero < end ? zero : end
  }

  private take(rune: number, hasBackslash: boolean): boolean {
    if ((this.mode & ESCAPE) !== 0 && this.isEscape(rune, hasBackslash)) {
      this.escaped += this.text.slice(this.pieceStart, this.position)
      this.pieceStart = this.position + 1
      this.position += 2
      this.removed++
      return true
    }
    const width = runeWidth(rune)
    if (!this.accept(rune, this.position + width - this.start - this.removed)) return false
    this.position += width
    return true
  }

  private isEscape(rune: number, hasBackslash: boolean): boolean {
    const next = this.text.charCodeAt(this.position + 1)
    if (rune === DOLLAR) return next === DOLLAR
    return hasBackslash && rune === BACKSLASH && (next === SLASH || next === BACKSLASH)
  }
}

/** Parses a whole text; throws TemplateFault. */
export function parseTemplate(text: string): readonly TemplateNode[] {
  const scanner = new Scanner(text)
  const nodes: TemplateNode[] = []
  for (;;) {
    const token = scanner.scan(IDENTIFIER | OPEN | ESCAPE, acceptAny, false)
    if (token === 'end') return nodes
    if (token === 'text') nodes.push({ kind: 'text', text: scanner.token() })
    else if (token === 'open') nodes.push(parseExpression(scanner, 0))
    else throw new TemplateFault('bad substitution')
  }
}

/** The scanner stands behind `${`. */
function parseExpression(scanner: Scanner, depth: number): ExpressionNode {
  if (depth > maxDepth) throw new TemplateFault(`expressions are nested more than ${maxDepth} deep`)
  const start = scanner.position - 2
  const finish = (name: string, operator: string, args: readonly TemplateNode[] = []): ExpressionNode => ({
    kind: 'expression',
    name,
    operator,
    args,
    source: scanner.text.slice(start, scanner.position),
  })
  if (scanner.peek() === HASH) {
    const operator = expectText(scanner, acceptOneHash)
    const name = expectText(scanner, acceptName)
    expectClose(scanner)
    return finish(name, operator)
  }
  if (scanner.scan(IDENTIFIER, acceptName, true) !== 'text') throw new TemplateFault('unable to parse variable name')
  const name = scanner.token()
  switch (scanner.peek()) {
    case COLON:
      return isDefaultSign(scanner.text.charCodeAt(scanner.position + 1)) ? parseDefault() : parseSubstring()
    case EQUALS:
      return parseDefault()
    case COMMA:
    case CARET: {
      const operator = expectText(scanner, acceptCasing)
      expectClose(scanner)
      return finish(name, operator)
    }
    case SLASH:
      return parseReplace()
    case HASH:
      return parseRemove(acceptHashes)
    case PERCENT:
      return parseRemove(acceptPercents)
  }
  if (scanner.scan(CLOSE, acceptName, true) !== 'close') throw new TemplateFault('missing closing brace')
  return finish(name, '')

  function parseDefault(): ExpressionNode {
    const accept = scanner.peek() === EQUALS ? acceptOneEqual : acceptDefault
    if (scanner.scan(IDENTIFIER, accept, true) !== 'text') throw new TemplateFault('unable to parse default function')
    const operator = scanner.token()
    const args: TemplateNode[] = []
    while (scanner.peek() !== CLOSE_BRACE) args.push(parseArgument(scanner, acceptNotClosing, 0, depth))
    expectClose(scanner)
    return finish(name, operator, args)
  }

  function parseSubstring(): ExpressionNode {
    // Upstream steps back by the width of the rune that it peeked at, which is one byte only for ASCII.
    if (!(scanner.text.charCodeAt(scanner.position + 1) < 0x80)) throw new TemplateFault('bad substitution')
    const operator = expectText(scanner, acceptOneColon)
    const args = [parseArgument(scanner, acceptNotColonNorClosing, 0, depth)]
    const token = scanner.scan(IDENTIFIER | CLOSE, acceptColons, true)
    if (token === 'close') return finish(name, operator, args)
    if (token !== 'text') throw new TemplateFault('bad substitution')
    args.push(parseArgument(scanner, acceptNotClosing, 0, depth))
    expectClose(scanner)
    return finish(name, operator, args)
  }

  function parseRemove(accept: Accept): ExpressionNode {
    const operator = expectText(scanner, accept)
    const args = [parseArgument(scanner, acceptNotClosing, 0, depth)]
    expectClose(scanner)
    return finish(name, operator, args)
  }

  function parseReplace(): ExpressionNode {
    const operator = expectText(scanner, acceptReplace)
    const args = [parseArgument(scanner, acceptNotSlash, ESCAPE, depth)]
    expectText(scanner, acceptSlashes)
    if (scanner.peek() !== CLOSE_BRACE) args.push(parseArgument(scanner, acceptNotClosing, ESCAPE, depth))
    expectClose(scanner)
    return finish(name, operator, args)
  }
}

function parseArgument(scanner: Scanner, accept: Accept, extraMode: number, depth: number): TemplateNode {
  const token = scanner.scan(IDENTIFIER | OPEN | extraMode, accept, true)
  if (token === 'open') return parseExpression(scanner, depth + 1)
  if (token === 'text') return { kind: 'text', text: scanner.token() }
  throw new TemplateFault('unable to parse substitution within function')
}

function expectText(scanner: Scanner, accept: Accept): string {
  if (scanner.scan(IDENTIFIER, accept, true) !== 'text') throw new TemplateFault('bad substitution')
  return scanner.token()
}

function expectClose(scanner: Scanner): void {
  if (scanner.scan(CLOSE, acceptAny, true) !== 'close') throw new TemplateFault('bad substitution')
}
