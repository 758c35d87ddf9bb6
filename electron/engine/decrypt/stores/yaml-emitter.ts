/**
 * Plaintext YAML as SOPS writes it: go-yaml v3's block emitter with an indent of 4, comments where SOPS hangs them. The pending comments
 * and the foot's blank line are state, because go-yaml's emitter lets them wait for the next place that prints comments.
 * Semantics: SOPS 3.13.2 `stores/yaml` over go.yaml.in/yaml/v3 3.0.4.
 */
import { encodeUtf8 } from '../tree/go-format.ts'
import { GoBytes, SopsBranch } from '../tree/sops-tree.ts'
import type { Collection, Entry, WrittenScalar } from './yaml-collections.ts'
import { collectBranch, collectList, scalarOf } from './yaml-collections.ts'
import { allowedStyle, escapeDouble, shapeOf } from './yaml-scalar.ts'

const indentWidth = 4
const lineBreak = /[\n\r\u0085\u2028\u2029]/

/** Comments of one node. */
interface Remarks {
  head: string
  line: string
  foot: string
}

class YamlWriter {
  private readonly out: string[] = []
  private column = 0
  private indent = -1
  private isWhitespace = true
  private isIndention = true
  private footIndent = -1
  private readonly pending: Remarks & { tail: string } = {
    head: '',
    line: '',
    foot: '',
    tail: '',
  }

  document(branch: SopsBranch, isFirst: boolean): void {
    this.indent = -1
    const root = collectBranch(branch)
    if (!isFirst) {
      this.writeIndent()
      this.indicator('---', true, false, false)
      this.writeIndent()
    }
    this.note({ head: root.head, line: '', foot: '' })
    this.processHead()
    this.mapping(root, false, { line: '', foot: '' })
    this.processLine()
    this.processFoot()
    this.footIndent = 0
    this.processFoot()
    this.footIndent = -1
    this.writeIndent()
  }

  text(): string {
    return this.out.join('')
  }

  private note(remarks: Remarks, tail = ''): void {
    if (remarks.head !== '') this.pending.head = remarks.head
    if (remarks.line !== '') this.pending.line = remarks.line
    if (remarks.foot !== '') this.pending.foot = remarks.foot
    if (tail !== '') this.pending.tail = tail
  }

  private increaseIndent(isInSequence: boolean): number {
    const before = this.indent
    if (before < 0) this.indent = 0
    else if (isInSequence) this.indent += 2
    else this.indent = indentWidth * Math.floor((before + indentWidth) / indentWidth)
    return before
  }

  private mapping(node: Collection, isInSequence: boolean, end: { line: string; foot: string }): void {
    if (node.entries.length === 0) {
      this.emptyFlow('{', '}', isInSequence, end)
      return
    }
    // the place right behind the start of a block prints what waits there
    this.processWaiting()
    const before = this.increaseIndent(isInSequence)
    for (const entry of node.entries) {
      const key = scalarOf(entry.key)
      const shape = shapeOf(key.text)
      this.note({ head: entry.head, line: '', foot: '' })
      this.processHead()
      this.writeIndent()
      const isSimple = !shape.isMultiline && encodeUtf8(key.text).length <= 128
      if (isSimple) {
        this.scalar(key, true, false)
        this.indicator(':', false, false, false)
      } else {
        this.indicator('?', true, false, true)
        this.scalar(key, false, false)
        this.writeIndent()
        this.indicator(':', true, false, true)
      }
      this.value(entry, false)
    }
    // the foot of the last key is the tail of the mapping's end
    this.note({ head: '', ...end }, node.foot)
    this.processHead()
    this.indent = before
  }

  private sequence(node: Collection, isInSequence: boolean, end: { line: string; foot: string }): void {
    if (node.entries.length === 0) {
      this.emptyFlow('[', ']', isInSequence, end)
      return
    }
    this.processWaiting()
    const before = this.increaseIndent(isInSequence)
    node.entries.forEach((entry, index) => {
      const foot = index === node.entries.length - 1 ? node.foot : ''
      const head = this.headOfItem(entry)
      this.note({ head, line: '', foot: '' })
      this.processHead()
      this.writeIndent()
      this.indicator('-', true, false, true)
      this.value(entry, true, foot)
    })
    this.note({ head: '', ...end })
    this.indent = before
  }

  /** A collection inside a list prints its own leading comments before the dash. */
  private headOfItem(entry: Entry): string {
    if (!(entry.value instanceof SopsBranch) && !Array.isArray(entry.value)) return entry.head
    const own = (Array.isArray(entry.value) ? collectList(entry.value) : collectBranch(entry.value)).head
    return [entry.head, own].filter((text) => text !== '').join('\n')
  }

  private value(entry: Entry, isInSequence: boolean, foot = ''): void {
    const { value, line } = entry
    if (value instanceof SopsBranch || Array.isArray(value)) {
      const node = Array.isArray(value) ? collectList(value) : collectBranch(value)
      if (!isInSequence) this.note({ head: node.head, line: '', foot: '' })
      if (Array.isArray(value)) this.sequence(node, isInSequence, { line, foot })
      else this.mapping(node, isInSequence, { line, foot })
      return
    }
    if (value instanceof GoBytes && value.isSlice) {
      this.value({ ...entry, value: [...value.bytes].map(BigInt) }, isInSequence, foot)
      return
    }
    this.note({ head: '', line, foot })
    this.scalar(scalarOf(value), false, isInSequence)
    this.processWaiting()
  }

  private processWaiting(): void {
    this.processLine()
    this.processFoot()
  }

  private emptyFlow(open: string, close: string, isInSequence: boolean, end: { line: string; foot: string }): void {
    this.processWaiting()
    this.indicator(open, true, true, false)
    const before = this.increaseIndent(isInSequence)
    if (before < 0) this.indent = indentWidth
    this.processHead()
    this.indent = before
    this.indicator(close, false, false, false)
    this.note({ head: '', ...end })
    this.processWaiting()
  }

  private scalar({ tag, text, style: wanted }: WrittenScalar, isSimpleKey: boolean, isInSequence: boolean): void {
    if (tag !== '') this.indicator(tag, true, false, false)
    const style = allowedStyle(wanted, shapeOf(text), isSimpleKey)
    if (style === 'plain') {
      if (text !== '' && !this.isWhitespace) this.put(' ')
      this.put(text)
    } else if (style === 'literal') {
      const before = this.increaseIndent(isInSequence)
      this.literal(text)
      this.indent = before
      return
    } else if (style === 'single') this.singleQuoted(text, isInSequence)
    else {
      this.indicator('"', true, false, false)
      this.put(escapeDouble(text))
      this.indicator('"', false, false, false)
    }
    this.isWhitespace = false
    this.isIndention = false
  }

  /** Line and paragraph separators stand as they are, and what follows them on a line of its own. */
  private singleQuoted(text: string, isInSequence: boolean): void {
    const before = this.increaseIndent(isInSequence)
    this.indicator("'", true, false, false)
    let afterBreak = false
    for (const piece of text.split(/([\u2028\u2029])/)) {
      if (piece === '') continue
      if (lineBreak.test(piece)) {
        this.writeBreak(piece)
        afterBreak = true
        continue
      }
      if (afterBreak) this.writeIndent()
      this.put(piece.replaceAll("'", "''"))
      this.isIndention = false
      afterBreak = false
    }
    this.indicator("'", false, false, false)
    this.indent = before
  }

  private literal(text: string): void {
    this.indicator('|', true, false, false)
    if (/^[ \n\r\u0085\u2028\u2029]/.test(text)) this.indicator(String(indentWidth), false, false, false)
    const last = text.at(-1)!
    if (!lineBreak.test(last)) this.indicator('-', false, false, false)
    else if (text.length === 1 || lineBreak.test(text.at(-2)!)) this.indicator('+', false, false, false)
    if (this.pending.line === '') this.putBreak()
    else this.processLine()
    this.isWhitespace = true
    let afterBreak = true
    for (const piece of text.split(/([\n\r\u0085\u2028\u2029])/)) {
      if (piece === '') continue
      if (lineBreak.test(piece)) {
        this.writeBreak(piece)
        afterBreak = true
      } else {
        if (afterBreak) this.writeIndent()
        this.put(piece)
        this.isIndention = false
        afterBreak = false
      }
    }
  }

  private processHead(): void {
    const { tail, head } = this.pending
    if (tail !== '') {
      this.writeIndent()
      this.comment(tail)
      this.pending.tail = ''
      this.footIndent = Math.max(0, this.indent)
    }
    if (head === '') return
    this.writeIndent()
    this.comment(head)
    this.pending.head = ''
  }

  private processLine(): void {
    if (this.pending.line === '') return
    if (!this.isWhitespace) this.put(' ')
    this.comment(this.pending.line)
    this.pending.line = ''
  }

  private processFoot(): void {
    if (this.pending.foot === '') return
    this.writeIndent()
    this.comment(this.pending.foot)
    this.pending.foot = ''
    this.footIndent = Math.max(0, this.indent)
  }

  private comment(text: string): void {
    let afterBreak = false
    let hasMark = false
    for (const piece of text.split(/([\n\r\u0085\u2028\u2029])/)) {
      if (piece === '') continue
      if (lineBreak.test(piece)) {
        this.writeBreak(piece)
        afterBreak = true
        hasMark = false
        continue
      }
      if (afterBreak) this.writeIndent()
      if (!hasMark && !piece.startsWith('#')) this.put('# ')
      hasMark = true
      this.put(piece)
      this.isIndention = false
      afterBreak = false
    }
    if (!afterBreak) this.putBreak()
    this.isWhitespace = true
  }

  private writeIndent(): void {
    const indent = Math.max(0, this.indent)
    if (!this.isIndention || this.column > indent || (this.column === indent && !this.isWhitespace)) this.putBreak()
    if (this.footIndent === indent) this.putBreak()
    if (this.column < indent) this.put(' '.repeat(indent - this.column))
    this.isWhitespace = true
    this.footIndent = -1
  }

  private indicator(text: string, needsWhitespace: boolean, isWhitespace: boolean, isIndention: boolean): void {
    if (needsWhitespace && !this.isWhitespace) this.put(' ')
    this.put(text)
    this.isWhitespace = isWhitespace
    this.isIndention = this.isIndention && isIndention
  }

  private put(text: string): void {
    this.out.push(text)
    this.column += text.length
  }

  private putBreak(): void {
    this.out.push('\n')
    this.column = 0
    this.isIndention = true
  }

  private writeBreak(text: string): void {
    this.out.push(text)
    this.column = 0
    this.isIndention = true
  }
}

/** All branches as documents. Throws StoreFault. */
export function emitYaml(branches: readonly SopsBranch[]): Uint8Array {
  const writer = new YamlWriter()
  branches.forEach((branch, index) => writer.document(branch, index === 0))
  return encodeUtf8(writer.text())
}
