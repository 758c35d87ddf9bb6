/**
 * Tokens to node trees, with an explicit stack instead of recursion, so that depth costs nothing but memory. Aliases stand in the tree until
 * the document is complete. Semantics: libyaml's grammar and go-yaml's node building.
 */
import { BuildError } from '../build-error.ts'
import type { AliasNode } from './aliases.ts'
import { needsMerge } from './aliases.ts'
import type { ScalarStyle, Tag, YamlNode } from './node.ts'
import { MapNode, ScalarNode, SequenceNode } from './node.ts'
import { plainTagV2 } from './resolve-v2.ts'
import { isResolvable, plainTagV3 } from './resolve-v3.ts'
import { Scanner } from './scanner.ts'
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
import { parserError, yamlError } from './yaml-error.ts'

const GO_YAML_MAX_DEPTH = 10_000

const STATE_DOCUMENT_END = 0
const STATE_BLOCK_SEQUENCE = 1
const STATE_INDENTLESS_SEQUENCE = 2
const STATE_BLOCK_KEY = 3
const STATE_BLOCK_VALUE = 4
const STATE_FLOW_SEQUENCE = 5
const STATE_FLOW_SEQUENCE_FIRST = 6
const STATE_PAIR_KEY = 7
const STATE_PAIR_VALUE = 8
const STATE_PAIR_END = 9
const STATE_FLOW_KEY = 10
const STATE_FLOW_KEY_FIRST = 11
const STATE_FLOW_VALUE = 12
const STATE_FLOW_EMPTY_VALUE = 13

const LONG_PREFIX = 'tag:yaml.org,2002:'

type ParsedNode = YamlNode | AliasNode

export interface ParsedDocument {
  /** May hold aliases and merge keys still. */
  readonly root: ParsedNode
  readonly isResolved: boolean
}

export interface ParserOptions {
  /** Whether merge keys are to be filled in. */
  readonly mergesKeys: boolean
  readonly maxDepth: number
}

/** One parser for all texts of a file, begun anew for each. */
export class Parser {
  private readonly scanner: Scanner
  private readonly isV3: boolean
  private readonly plainTag: (text: string) => Tag
  private readonly mergesKeys: boolean
  private readonly maxDepth: number
  private readonly tagHandles = new Map<string, string>()
  private readonly anchors = new Map<string, YamlNode>()
  private hasAliases = false
  private hasMergeKeys = false

  // The path of open collections (from 1 on), and where their entries begin on the two stacks below.
  private depth = 0
  private readonly open: (MapNode | SequenceNode)[] = []
  private readonly isMap: boolean[] = [false]
  private readonly keyBases: number[] = [0]
  private readonly itemBases: number[] = [0]
  /** Keys of open maps; values of open maps and items of open lists. The tops count: arrays never shrink, which would cost. */
  private readonly keys: YamlNode[] = []
  private readonly items: YamlNode[] = []
  private keyTop = 0
  private itemTop = 0
  private readonly states: number[] = []
  private readonly marks: number[] = []
  private state = STATE_DOCUMENT_END
  private root: ParsedNode | null = null

  /** 1-based line of the file where the text begins. */
  private firstLine = 1

  constructor(dialect: YamlDialect, options: ParserOptions) {
    this.maxDepth = options.maxDepth
    this.scanner = new Scanner(dialect, GO_YAML_MAX_DEPTH)
    this.isV3 = dialect === 'v3'
    this.plainTag = this.isV3 ? plainTagV3 : plainTagV2
    this.mergesKeys = options.mergesKeys
  }

  get hasReachedEnd(): boolean {
    return this.scanner.atEnd
  }

  /** The documents of a text that begins at `firstLine` (0-based) of its file; only the first unless `wantsAll`. Throws BuildError. */
  parse(text: string, firstLine: number, wantsAll: boolean): ParsedDocument[] {
    this.scanner.start(text)
    this.firstLine = firstLine + 1
    this.anchors.clear()
    this.depth = 0
    this.keyTop = 0
    this.itemTop = 0
    this.states.length = 0
    this.marks.length = 0
    this.state = STATE_DOCUMENT_END
    const nodes: ParsedDocument[] = []
    let isFirst = true
    while (this.startDocument(isFirst)) {
      isFirst = false
      this.parseContent()
      this.endDocument()
      nodes.push(this.finishDocument())
      if (!wantsAll) break
    }
    return nodes
  }

  private fail(contextLine: number, problemLine: number, problem: string): never {
    throw parserError(this.isV3, contextLine, problemLine, problem)
  }

  /** Reads up to a document's content; false at the end of the stream. */
  private startDocument(isFirst: boolean): boolean {
    const { scanner } = this
    this.tagHandles.clear()
    let type = scanner.peek()
    if (!isFirst)
      while (type === TOKEN_DOCUMENT_END) {
        scanner.skip()
        type = scanner.peek()
      }
    if (type === TOKEN_STREAM_END) return false
    this.isEmptyDocument = false
    if (isFirst && type !== TOKEN_VERSION && type !== TOKEN_TAG_DIRECTIVE && type !== TOKEN_DOCUMENT_START) {
      this.readDirectives()
      return true
    }
    this.readDirectives()
    if (scanner.peek() !== TOKEN_DOCUMENT_START)
      this.fail(0, scanner.lines[scanner.head]!, 'did not find expected <document start>')
    scanner.skip()
    type = scanner.peek()
    this.isEmptyDocument =
      type === TOKEN_VERSION ||
      type === TOKEN_TAG_DIRECTIVE ||
      type === TOKEN_DOCUMENT_START ||
      type === TOKEN_DOCUMENT_END ||
      type === TOKEN_STREAM_END
    return true
  }

  private isEmptyDocument = false

  private readDirectives(): void {
    const { scanner } = this
    let hasVersion = false
    for (;;) {
      const type = scanner.peek()
      const line = scanner.lines[scanner.head]!
      if (type === TOKEN_VERSION) {
        if (hasVersion) this.fail(0, line, 'found duplicate %YAML directive')
        if (scanner.texts[scanner.head] !== '1.1') this.fail(0, line, 'found incompatible YAML document')
        hasVersion = true
      } else if (type === TOKEN_TAG_DIRECTIVE) {
        const handle = scanner.texts[scanner.head]!
        if (this.tagHandles.has(handle)) this.fail(0, line, 'found duplicate %TAG directive')
        this.tagHandles.set(handle, scanner.extras[scanner.head]!)
      } else break
      scanner.skip()
    }
    if (!this.tagHandles.has('!')) this.tagHandles.set('!', '!')
    if (!this.tagHandles.has('!!')) this.tagHandles.set('!!', LONG_PREFIX)
  }

  private endDocument(): void {
    if (this.scanner.peek() === TOKEN_DOCUMENT_END) this.scanner.skip()
  }

  private finishDocument(): ParsedDocument {
    const root = this.root!
    this.root = null
    // Anchors last as long as the stream in v3, as long as the document in v2.
    const isResolved = !this.hasAliases && !(this.hasMergeKeys && this.mergesKeys)
    if (!this.isV3) this.anchors.clear()
    this.hasAliases = false
    this.hasMergeKeys = false
    return { root, isResolved }
  }

  private parseContent(): void {
    const { scanner } = this
    if (this.isEmptyDocument) {
      this.attach(this.makeEmpty(scanner.lines[scanner.head]!))
      return
    }
    this.states.push(STATE_DOCUMENT_END)
    this.parseNode(true, false)
    while (this.state !== STATE_DOCUMENT_END) {
      switch (this.state) {
        case STATE_BLOCK_KEY:
          this.parseBlockKey()
          break
        case STATE_BLOCK_VALUE:
          this.parseBlockValue()
          break
        case STATE_BLOCK_SEQUENCE:
          this.parseBlockSequenceEntry()
          break
        case STATE_INDENTLESS_SEQUENCE:
          this.parseIndentlessEntry()
          break
        case STATE_FLOW_SEQUENCE:
        case STATE_FLOW_SEQUENCE_FIRST:
          this.parseFlowSequenceEntry()
          break
        case STATE_PAIR_KEY:
          this.parsePairKey()
          break
        case STATE_PAIR_VALUE:
          this.parsePairValue()
          break
        case STATE_PAIR_END:
          this.leave()
          this.state = STATE_FLOW_SEQUENCE
          break
        case STATE_FLOW_KEY:
        case STATE_FLOW_KEY_FIRST:
          this.parseFlowKey()
          break
        case STATE_FLOW_VALUE:
        case STATE_FLOW_EMPTY_VALUE:
          this.parseFlowValue()
          break
      }
    }
  }

  /** Gives a node its place in the innermost open collection. */
  private attach(node: ParsedNode): void {
    const { depth } = this
    if (depth === 0) {
      this.root = node
      return
    }
    if (this.isMap[depth]! && this.keyTop - this.keyBases[depth]! === this.itemTop - this.itemBases[depth]!) {
      this.keys[this.keyTop++] = node as YamlNode
      if (needsMerge(node)) this.hasMergeKeys = true
    } else this.items[this.itemTop++] = node as YamlNode
  }

  private makeEmpty(line: number): ScalarNode {
    return new ScalarNode('', '!!null', 'plain', line + this.firstLine)
  }

  private attachEmpty(line: number): void {
    this.attach(this.makeEmpty(line))
  }

  private popState(): void {
    this.state = this.states.pop()!
  }

  private parseNode(isBlock: boolean, acceptsIndentless: boolean): void {
    const { scanner } = this
    let type = scanner.peek()
    if (type === TOKEN_SCALAR) {
      const { head } = scanner
      const style = scanner.extras[head]! as ScalarStyle
      const text = scanner.texts[head]!
      const tag = style === 'plain' ? (text === '<<' ? '!!merge' : this.plainTag(text)) : '!!str'
      this.attach(new ScalarNode(text, tag, style, scanner.lines[head]! + this.firstLine))
      scanner.skip()
      this.state = this.states.pop()!
      return
    }
    if (type === TOKEN_ALIAS) {
      this.parseAlias()
      return
    }
    const startLine = scanner.lines[scanner.head]!
    let anchor = ''
    let tag = ''
    if (type === TOKEN_ANCHOR) {
      anchor = scanner.texts[scanner.head]!
      scanner.skip()
      type = scanner.peek()
      if (type === TOKEN_TAG) {
        tag = this.readTag(startLine)
        type = scanner.peek()
      }
    } else if (type === TOKEN_TAG) {
      tag = this.readTag(startLine)
      type = scanner.peek()
      if (type === TOKEN_ANCHOR) {
        anchor = scanner.texts[scanner.head]!
        scanner.skip()
        type = scanner.peek()
      }
    }
    if (acceptsIndentless && type === TOKEN_BLOCK_ENTRY) {
      this.openSequence(anchor, tag, startLine, false, STATE_INDENTLESS_SEQUENCE)
      return
    }
    switch (type) {
      case TOKEN_SCALAR: {
        const style = scanner.extras[scanner.head]! as ScalarStyle
        this.attachScalar(scanner.texts[scanner.head]!, style, tag, anchor, startLine)
        scanner.skip()
        this.popState()
        return
      }
      case TOKEN_FLOW_SEQUENCE:
        this.openSequence(anchor, tag, startLine, true, STATE_FLOW_SEQUENCE_FIRST)
        this.marks.push(scanner.lines[scanner.head]!)
        scanner.skip()
        return
      case TOKEN_FLOW_MAPPING:
        this.openMap(anchor, tag, startLine, true, STATE_FLOW_KEY_FIRST)
        this.marks.push(scanner.lines[scanner.head]!)
        scanner.skip()
        return
      case TOKEN_BLOCK_SEQUENCE:
        if (!isBlock) break
        this.openSequence(anchor, tag, startLine, false, STATE_BLOCK_SEQUENCE)
        this.marks.push(scanner.lines[scanner.head]!)
        scanner.skip()
        return
      case TOKEN_BLOCK_MAPPING:
        if (!isBlock) break
        this.openMap(anchor, tag, startLine, false, STATE_BLOCK_KEY)
        this.marks.push(scanner.lines[scanner.head]!)
        scanner.skip()
        return
    }
    if (anchor !== '' || tag !== '') {
      this.attachScalar('', 'plain', tag, anchor, startLine)
      this.popState()
      return
    }
    this.fail(startLine, scanner.lines[scanner.head]!, 'did not find expected node content')
  }

  private parseAlias(): void {
    const { scanner } = this
    const name = scanner.texts[scanner.head]!
    const target = this.anchors.get(name)
    const line = scanner.lines[scanner.head]!
    if (target === undefined) throw yamlError(0, line + 1, `unknown anchor '${name}' referenced`)
    this.hasAliases = true
    this.attach({ kind: 'alias', tag: '', name, target, line: line + this.firstLine })
    scanner.skip()
    this.popState()
  }

  /** Reads a tag token; gives the full tag, `!` for the non-specific one. */
  private readTag(startLine: number): string {
    const { scanner } = this
    const handle = scanner.texts[scanner.head]!
    const suffix = scanner.extras[scanner.head]!
    const line = scanner.lines[scanner.head]!
    scanner.skip()
    if (handle === '') return suffix
    const prefix = this.tagHandles.get(handle)
    if (prefix === undefined || prefix + suffix === '') {
      scanner.peek()
      this.fail(startLine, line, 'found undefined tag handle')
    }
    return prefix + suffix
  }

  private attachScalar(text: string, style: ScalarStyle, longTag: string, anchor: string, line: number): void {
    let tag: Tag
    let actualStyle = style
    if (longTag === '' || (longTag === '!' && this.isV3)) {
      tag = style !== 'plain' ? '!!str' : text === '<<' ? '!!merge' : this.plainTag(text)
    } else if (longTag === '!') tag = text === '<<' ? '!!merge' : '!'
    else {
      tag = shortTag(longTag)
      // A quoted scalar with an explicit tag is read by its text all the same; plain is how the tree says so.
      if (tag !== '!!str' && isResolvable(tag)) actualStyle = 'plain'
    }
    const node = new ScalarNode(text, tag, actualStyle, line + this.firstLine)
    if (anchor !== '') this.anchors.set(anchor, node)
    this.attach(node)
  }

  private openSequence(anchor: string, tag: string, line: number, isFlow: boolean, state: number): void {
    const node = new SequenceNode(NONE, line + this.firstLine, isFlow)
    if (tag !== '' && tag !== '!') node.tag = shortTag(tag)
    if (anchor !== '') this.anchors.set(anchor, node)
    this.attach(node)
    this.enter(node)
    this.state = state
  }

  private openMap(anchor: string, tag: string, line: number, isFlow: boolean, state: number): void {
    const node = new MapNode(NONE, NONE, line + this.firstLine, isFlow)
    if (tag !== '' && tag !== '!') node.tag = shortTag(tag)
    if (anchor !== '') this.anchors.set(anchor, node)
    this.attach(node)
    this.enter(node)
    this.state = state
  }

  private enter(node: MapNode | SequenceNode): void {
    const depth = ++this.depth
    this.open[depth] = node
    this.isMap[depth] = node.kind === 'map'
    this.keyBases[depth] = this.keyTop
    this.itemBases[depth] = this.itemTop
    if (depth > this.maxDepth)
      throw new BuildError('LimitExceeded', `yaml: collections are nested more than ${this.maxDepth} levels deep`, {
        line: node.line,
      })
  }

  /** Fills the innermost collection with arrays of just its size. */
  private leave(): void {
    const depth = this.depth--
    const node = this.open[depth]!
    const itemBase = this.itemBases[depth]!
    const items = this.items.slice(itemBase, this.itemTop)
    this.itemTop = itemBase
    if (node.kind === 'sequence') {
      setItems(node, items)
      return
    }
    const keyBase = this.keyBases[depth]!
    setEntries(node, this.keys.slice(keyBase, this.keyTop), items)
    this.keyTop = keyBase
  }

  private closeCollection(): void {
    this.leave()
    this.state = this.states.pop()!
  }

  private parseBlockKey(): void {
    const { scanner } = this
    const type = scanner.peek()
    const line = scanner.lines[scanner.head]!
    if (type === TOKEN_KEY) {
      scanner.skip()
      const next = scanner.peek()
      if (next !== TOKEN_KEY && next !== TOKEN_VALUE && next !== TOKEN_BLOCK_END) {
        this.states.push(STATE_BLOCK_VALUE)
        this.parseNode(true, true)
      } else {
        this.state = STATE_BLOCK_VALUE
        this.attachEmpty(line)
      }
      return
    }
    if (type === TOKEN_BLOCK_END) {
      this.marks.pop()
      scanner.skip()
      this.closeCollection()
      return
    }
    this.fail(this.marks[this.marks.length - 1]!, line, 'did not find expected key')
  }

  private parseBlockValue(): void {
    const { scanner } = this
    const type = scanner.peek()
    const line = scanner.lines[scanner.head]!
    if (type === TOKEN_VALUE) {
      scanner.skip()
      const next = scanner.peek()
      if (next !== TOKEN_KEY && next !== TOKEN_VALUE && next !== TOKEN_BLOCK_END) {
        this.states.push(STATE_BLOCK_KEY)
        this.parseNode(true, true)
        return
      }
    }
    this.state = STATE_BLOCK_KEY
    this.attachEmpty(line)
  }

  private parseBlockSequenceEntry(): void {
    const { scanner } = this
    const type = scanner.peek()
    const line = scanner.lines[scanner.head]!
    if (type === TOKEN_BLOCK_ENTRY) {
      scanner.skip()
      const next = scanner.peek()
      if (next !== TOKEN_BLOCK_ENTRY && next !== TOKEN_BLOCK_END) {
        this.states.push(STATE_BLOCK_SEQUENCE)
        this.parseNode(true, false)
      } else {
        this.state = STATE_BLOCK_SEQUENCE
        this.attachEmpty(line)
      }
      return
    }
    if (type === TOKEN_BLOCK_END) {
      this.marks.pop()
      scanner.skip()
      this.closeCollection()
      return
    }
    this.fail(this.marks[this.marks.length - 1]!, line, "did not find expected '-' indicator")
  }

  private parseIndentlessEntry(): void {
    const { scanner } = this
    if (scanner.peek() !== TOKEN_BLOCK_ENTRY) {
      this.closeCollection()
      return
    }
    const line = scanner.lines[scanner.head]!
    scanner.skip()
    const next = scanner.peek()
    if (next !== TOKEN_BLOCK_ENTRY && next !== TOKEN_KEY && next !== TOKEN_VALUE && next !== TOKEN_BLOCK_END) {
      this.states.push(STATE_INDENTLESS_SEQUENCE)
      this.parseNode(true, false)
    } else {
      this.state = STATE_INDENTLESS_SEQUENCE
      this.attachEmpty(line)
    }
  }

  private parseFlowSequenceEntry(): void {
    const { scanner } = this
    let type = scanner.peek()
    if (type !== TOKEN_FLOW_SEQUENCE_END) {
      if (this.state !== STATE_FLOW_SEQUENCE_FIRST) {
        if (type !== TOKEN_FLOW_ENTRY)
          this.fail(
            this.marks[this.marks.length - 1]!,
            scanner.lines[scanner.head]!,
            "did not find expected ',' or ']'",
          )
        scanner.skip()
        type = scanner.peek()
      }
      if (type === TOKEN_KEY) {
        this.openMap('', '', scanner.lines[scanner.head]!, true, STATE_PAIR_KEY)
        scanner.skip()
        return
      }
      if (type !== TOKEN_FLOW_SEQUENCE_END) {
        this.states.push(STATE_FLOW_SEQUENCE)
        this.parseNode(false, false)
        return
      }
    }
    this.marks.pop()
    scanner.skip()
    this.closeCollection()
  }

  private parsePairKey(): void {
    const { scanner } = this
    const type = scanner.peek()
    if (type !== TOKEN_VALUE && type !== TOKEN_FLOW_ENTRY && type !== TOKEN_FLOW_SEQUENCE_END) {
      this.states.push(STATE_PAIR_VALUE)
      this.parseNode(false, false)
      return
    }
    const line = scanner.lines[scanner.head]!
    // libyaml drops the token here, so that `[? : b]` has no value and `[?]` no end.
    scanner.skip()
    this.state = STATE_PAIR_VALUE
    this.attachEmpty(line)
  }

  private parsePairValue(): void {
    const { scanner } = this
    const type = scanner.peek()
    const line = scanner.lines[scanner.head]!
    if (type === TOKEN_VALUE) {
      scanner.skip()
      const next = scanner.peek()
      if (next !== TOKEN_FLOW_ENTRY && next !== TOKEN_FLOW_SEQUENCE_END) {
        this.states.push(STATE_PAIR_END)
        this.parseNode(false, false)
        return
      }
    }
    this.state = STATE_PAIR_END
    this.attachEmpty(line)
  }

  private parseFlowKey(): void {
    const { scanner } = this
    let type = scanner.peek()
    if (type !== TOKEN_FLOW_MAPPING_END) {
      if (this.state !== STATE_FLOW_KEY_FIRST) {
        if (type !== TOKEN_FLOW_ENTRY)
          this.fail(
            this.marks[this.marks.length - 1]!,
            scanner.lines[scanner.head]!,
            "did not find expected ',' or '}'",
          )
        scanner.skip()
        type = scanner.peek()
      }
      if (type === TOKEN_KEY) {
        scanner.skip()
        type = scanner.peek()
        if (type !== TOKEN_VALUE && type !== TOKEN_FLOW_ENTRY && type !== TOKEN_FLOW_MAPPING_END) {
          this.states.push(STATE_FLOW_VALUE)
          this.parseNode(false, false)
        } else {
          this.state = STATE_FLOW_VALUE
          this.attachEmpty(scanner.lines[scanner.head]!)
        }
        return
      }
      if (type !== TOKEN_FLOW_MAPPING_END) {
        this.states.push(STATE_FLOW_EMPTY_VALUE)
        this.parseNode(false, false)
        return
      }
    }
    this.marks.pop()
    scanner.skip()
    this.closeCollection()
  }

  private parseFlowValue(): void {
    const { scanner } = this
    const type = scanner.peek()
    const line = scanner.lines[scanner.head]!
    if (this.state === STATE_FLOW_VALUE && type === TOKEN_VALUE) {
      scanner.skip()
      const next = scanner.peek()
      if (next !== TOKEN_FLOW_ENTRY && next !== TOKEN_FLOW_MAPPING_END) {
        this.states.push(STATE_FLOW_KEY)
        this.parseNode(false, false)
        return
      }
    }
    this.state = STATE_FLOW_KEY
    this.attachEmpty(line)
  }
}

/** What a collection holds until it is complete. */
const NONE: YamlNode[] = []

function setItems(node: { items: YamlNode[] }, items: YamlNode[]): void {
  node.items = items
}

function setEntries(node: { keys: YamlNode[]; values: YamlNode[] }, keys: YamlNode[], values: YamlNode[]): void {
  node.keys = keys
  node.values = values
}

function shortTag(tag: string): Tag {
  return tag.startsWith(LONG_PREFIX) ? `!!${tag.slice(LONG_PREFIX.length)}` : tag
}
