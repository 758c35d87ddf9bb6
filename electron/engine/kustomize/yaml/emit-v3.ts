/**
 * Nodes to YAML text as kyaml prints them (`RNode.String`): go-yaml v3 with two spaces and compact sequences, keys and styles as they stand.
 * Used where upstream puts a node's text into a string or an error, and for the rare trees whose round trip through this text matters.
 */
import { isBlank, isBreak, LF, SPACE, TAB } from './chars.ts'
import type { MapNode, ScalarNode, SequenceNode, YamlNode } from './node.ts'
import { plainTagV3 } from './resolve-v3.ts'
import { parseDocuments } from './parse.ts'
import { isPrintable, pad, writeDouble, writeLiteral, writeSingle } from './write-v2.ts'

const MAX_SIMPLE_KEY_BYTES = 128

type Style = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface EmitV3Options {
  /** Prints the node and all in it in flow style, on one line (kyaml's `String(node, Flow)`). */
  readonly isFlow?: boolean
}

/** The node's YAML text, ending in a line break. */
export function emitV3(node: YamlNode, options: EmitV3Options = {}): string {
  const emitter = new EmitterV3()
  if (options.isFlow) emitter.flow(node, 0)
  else emitter.root(node)
  return emitter.finish()
}

interface Analysis {
  readonly isMultiline: boolean
  readonly isFlowPlainAllowed: boolean
  readonly isBlockPlainAllowed: boolean
  readonly isSingleAllowed: boolean
  readonly isBlockAllowed: boolean
}

const FIRST_ANY = '#,[]{}&*!|>\'"%@`'
const LATER_FLOW = ',?[]{}'

function analyze(text: string): Analysis {
  if (text === '')
    return {
      isMultiline: false,
      isFlowPlainAllowed: false,
      isBlockPlainAllowed: true,
      isSingleAllowed: true,
      isBlockAllowed: false,
    }
  let block = text.startsWith('---') || text.startsWith('...')
  let flow = block
  let hasBreak = false
  let isSpecial = false
  let hasTab = false
  let breakSpace = false
  let spaceBreak = false
  let previous = 0
  let isPrecededByBlank = true
  const { length } = text
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    const char = text[i]!
    const isFollowedByBlank = i + 1 >= length || isBlank(text.charCodeAt(i + 1))
    if (i === 0) {
      if (FIRST_ANY.includes(char)) flow = block = true
      else if (char === '?' || char === ':') {
        flow = true
        if (isFollowedByBlank) block = true
      } else if (char === '-' && isFollowedByBlank) flow = block = true
    } else if (LATER_FLOW.includes(char)) flow = true
    else if (char === ':') {
      flow = true
      if (isFollowedByBlank) block = true
    } else if (char === '#' && isPrecededByBlank) flow = block = true
    if (code === TAB) hasTab = true
    else if (!isPrintable(code)) isSpecial = true
    if (code === SPACE) {
      if (previous === 2) breakSpace = true
      previous = 1
    } else if (isBreak(code)) {
      hasBreak = true
      if (previous === 1) spaceBreak = true
      previous = 2
    } else previous = 0
    isPrecededByBlank = isBlank(code) || isBreak(code) || code === 0
  }
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(length - 1)
  const isEdge = first === SPACE || isBreak(first) || last === SPACE || isBreak(last)
  const isOdd = spaceBreak || hasTab || isSpecial
  const isPlainAllowed = !isEdge && !breakSpace && !isOdd && !hasBreak
  return {
    isMultiline: hasBreak,
    isFlowPlainAllowed: isPlainAllowed && !flow,
    isBlockPlainAllowed: isPlainAllowed && !block,
    isSingleAllowed: !breakSpace && !isOdd,
    isBlockAllowed: last !== SPACE && !spaceBreak && !isSpecial,
  }
}

/** The tag to print (empty: none) and the style that the node asks for. */
function presentation(node: ScalarNode): { tag: string; style: Style } {
  let { tag } = node
  let isQuoted = false
  if (tag !== '') {
    if (tag === '!!str' && node.style !== 'plain') tag = ''
    else {
      const actual = plainTagV3(node.value)
      if (actual === tag) tag = ''
      else if (tag === '!!str') {
        tag = ''
        isQuoted = true
      }
    }
  }
  let { style } = node as { style: Style }
  if (style === 'plain') style = node.value.includes('\n') ? 'literal' : isQuoted ? 'double' : 'plain'
  return { tag, style }
}

function tagText(tag: string): string {
  return tag.startsWith('!') ? tag : `!<${tag}>`
}

function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) bytes += code < 0x800 || (code & 0xf800) === 0xd800 ? 1 : 2
  }
  return bytes
}

class EmitterV3 {
  private out = ''

  finish(): string {
    return isBreak(this.out.charCodeAt(this.out.length - 1)) ? this.out : `${this.out}\n`
  }

  root(node: YamlNode): void {
    if (node.kind === 'scalar') this.out += this.scalar(node, 2, false, false)
    else if (isInline(node)) this.flow(node, 0)
    else {
      this.collectionTag(node)
      this.block(node, 0, this.out === '')
    }
  }

  private collectionTag(node: MapNode | SequenceNode): boolean {
    if (node.tag === '' || node.tag === (node.kind === 'map' ? '!!map' : '!!seq')) return false
    this.out += tagText(node.tag)
    return true
  }

  private block(node: MapNode | SequenceNode, indent: number, isFirstInLine: boolean): void {
    if (node.kind === 'map') this.map(node, indent, isFirstInLine)
    else this.sequence(node, indent, isFirstInLine)
  }

  private startLine(indent: number): void {
    if (this.out !== '' && !isBreak(this.out.charCodeAt(this.out.length - 1))) this.out += '\n'
    this.out += pad(indent)
  }

  private map(node: MapNode, indent: number, isFirstInLine: boolean): void {
    node.keys.forEach((key, index) => {
      if (index > 0 || !isFirstInLine) this.startLine(indent)
      const value = node.values[index]!
      if (this.isSimpleKey(key)) {
        if (key.kind === 'scalar') this.out += this.scalar(key, indent + 2, false, true)
        else this.flow(key, indent)
        this.out += ':'
        this.value(value, indent)
      } else {
        this.out += '?'
        this.entry(key, indent)
        this.startLine(indent)
        this.out += ':'
        this.entry(value, indent)
      }
    })
  }

  private isSimpleKey(key: YamlNode): boolean {
    if (key.kind === 'map') return key.keys.length === 0
    if (key.kind === 'sequence') return key.items.length === 0
    const { tag } = presentation(key)
    return !analyze(key.value).isMultiline && byteLength(key.value) + tag.length <= MAX_SIMPLE_KEY_BYTES
  }

  /** What follows `key:`. */
  private value(node: YamlNode, indent: number): void {
    if (node.kind === 'scalar') {
      const text = this.scalar(node, indent + 2, false, false)
      if (text !== '') this.out += ` ${text}`
    } else if (isInline(node)) {
      this.out += ' '
      this.flow(node, indent)
    } else {
      const before = this.out
      this.out += ' '
      if (!this.collectionTag(node)) this.out = before
      this.block(node, node.kind === 'map' ? indent + 2 : indent, false)
    }
  }

  /** What follows `- `, `? ` or `: `: collections begin on the same line. */
  private entry(node: YamlNode, indent: number): void {
    if (node.kind === 'scalar') {
      const text = this.scalar(node, indent + 2, false, false)
      if (text !== '') this.out += ` ${text}`
    } else {
      this.out += ' '
      if (isInline(node)) this.flow(node, indent)
      else this.block(node, indent + 2, !this.collectionTag(node))
    }
  }

  private sequence(node: SequenceNode, indent: number, isFirstInLine: boolean): void {
    node.items.forEach((item, index) => {
      if (index > 0 || !isFirstInLine) this.startLine(indent)
      this.out += '-'
      this.entry(item, indent)
    })
  }

  /** Flow style all the way down; `indent` is that of the collection around, for quoted scalars of several lines. */
  flow(node: YamlNode, indent: number): void {
    if (node.kind === 'scalar') {
      this.out += this.scalar(node, indent + 2, true, false)
      return
    }
    if (this.collectionTag(node)) this.out += ' '
    if (node.kind === 'sequence') {
      this.out += '['
      node.items.forEach((item, index) => {
        if (index > 0) this.out += ', '
        this.flow(item, indent + 2)
      })
      this.out += ']'
      return
    }
    this.out += '{'
    node.keys.forEach((key, index) => {
      if (index > 0) this.out += ', '
      if (this.isSimpleKey(key)) {
        if (key.kind === 'scalar') this.out += this.scalar(key, indent + 4, true, true)
        else this.flow(key, indent + 2)
        this.out += ': '
      } else {
        this.out += '? '
        this.flow(key, indent + 2)
        this.out += ' : '
      }
      this.flow(node.values[index]!, indent + 2)
    })
    this.out += '}'
  }

  private scalar(node: ScalarNode, indent: number, isFlow: boolean, isKey: boolean): string {
    const { tag, style } = presentation(node)
    const analysis = analyze(node.value)
    const text = writeAs(selectStyle(style, node.value, analysis, isFlow, isKey), node.value, indent)
    if (tag === '') return text
    return text === '' ? tagText(tag) : `${tagText(tag)} ${text}`
  }
}

function isInline(node: MapNode | SequenceNode): boolean {
  return node.isFlow || (node.kind === 'map' ? node.keys.length === 0 : node.items.length === 0)
}

function selectStyle(asked: Style, text: string, analysis: Analysis, isFlow: boolean, isKey: boolean): Style {
  let style = asked
  if (isKey && analysis.isMultiline) style = 'double'
  if (style === 'plain') {
    if (!(isFlow ? analysis.isFlowPlainAllowed : analysis.isBlockPlainAllowed)) style = 'single'
    if (text === '' && (isFlow || isKey)) style = 'single'
  }
  if (style === 'single' && !analysis.isSingleAllowed) style = 'double'
  if ((style === 'literal' || style === 'folded') && (!analysis.isBlockAllowed || isFlow || isKey)) style = 'double'
  return style
}

function writeAs(style: Style, text: string, indent: number): string {
  switch (style) {
    case 'plain':
      return text
    case 'single':
      return writeSingle(text, 0, indent, false)
    case 'double':
      return writeDouble(text, 0, indent, false)
    case 'literal':
      return `${writeLiteral(text, indent)}${endsOwnLine(text) ? '' : '\n'}`
    case 'folded':
      return writeFolded(text, indent)
  }
}

function endsOwnLine(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last !== LF && isBreak(last)
}

/**
 * What folded text is once it was printed and read again: the printer asks the text's first character whether a line break must be doubled, so
 * a break before an indented line comes back twice.
 */
export function rereadFolded(text: string): string {
  if (!analyze(text).isBlockAllowed) return text
  const [node] = parseDocuments(`a: ${writeFolded(text, 2)}`, { documents: 'first' })
  const value = node?.kind === 'map' ? node.values[0] : undefined
  return value?.kind === 'scalar' ? value.value : text
}

/** `>` with its hints and lines; no line is ever folded, for the width has no bound. */
function writeFolded(text: string, indent: number): string {
  const first = text.charCodeAt(0)
  let out = first === SPACE || isBreak(first) ? '>2' : '>'
  const last = text.length - 1
  if (!isBreak(text.charCodeAt(last))) out += '-'
  else if (last === 0 || isBreak(text.charCodeAt(last - 1))) out += '+'
  out += '\n'
  let breaks = true
  let leadingSpaces = true
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isBreak(code)) {
      if (!breaks && !leadingSpaces && code === LF) {
        // libyaml looks at the breaks from the start of the text, not from here.
        let k = 0
        while (isBreak(text.charCodeAt(k))) k++
        const next = text.charCodeAt(k)
        if (!(Number.isNaN(next) || isBlank(next) || isBreak(next) || next === 0)) out += '\n'
      }
      out += text[i]!
      breaks = true
    } else {
      if (breaks) {
        out += pad(indent)
        leadingSpaces = isBlank(code)
      }
      out += text[i]!
      breaks = false
    }
  }
  return breaks ? out : `${out}\n`
}
