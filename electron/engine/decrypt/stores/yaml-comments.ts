/**
 * YAML documents with their comments, for files that are written again as plaintext. Values come from the renderer's own reader; the places
 * of comments from the `yaml` package, whose tree is walked beside it. A comment belongs to the innermost block that begins no further right
 * than the comment does, which is where go-yaml puts the comments of every file that SOPS wrote.
 * Semantics: SOPS 3.13.2 `stores/yaml` (`appendYamlNodeToTreeBranch`), go-yaml v3's head, line and foot comments.
 */
import type { Node as AstNode, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isCollection, isMap, isSeq, Lexer, parseAllDocuments } from 'yaml'
import type { MapNode, SequenceNode, YamlNode } from '../../kustomize/yaml/node.ts'
import { decodeText } from '../../kustomize/yaml/parse.ts'
import type { SopsItem, SopsValue } from '../tree/sops-tree.ts'
import { SopsBranch, SopsComment } from '../tree/sops-tree.ts'
import { branchOf, keyOf, readNodes, refuseRepeatedKeys, rootBranch, scalarValue } from './yaml-store.ts'

interface PlacedComment {
  readonly offset: number
  readonly column: number
  /** First behind a value, and not set apart from what follows: go-yaml makes it a foot of that value, whatever its column. */
  readonly clings: boolean
  /** Without the `#`. */
  readonly text: string
}

/** What stands around each line of a text, found in one pass. */
class LineMap {
  /** Offsets of the lines. */
  private readonly starts: number[] = [0]
  /** Column of the comment that is all of the line; -1 for an empty line, -2 for another. */
  private readonly kinds: number[] = []
  private readonly groupStarts: number[] = []
  private readonly groupEnds: number[] = []
  /** The last line before this one that is not empty; -1 for none. */
  private readonly contentBefore: number[] = []

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1)
    let content = -1
    for (let line = 0; line < this.starts.length; line++) {
      const start = this.starts[line]!
      const end = this.starts[line + 1] ?? text.length
      let at = start
      while (at < end && (text[at] === ' ' || text[at] === '\t' || text[at] === '\r')) at++
      const kind = at >= end || text[at] === '\n' ? -1 : text[at] === '#' ? at - start : -2
      this.kinds.push(kind)
      const isOfGroup = kind >= 0 && line > 0 && this.kinds[line - 1] === kind
      this.groupStarts.push(isOfGroup ? this.groupStarts[line - 1]! : line)
      this.contentBefore.push(content)
      if (kind !== -1) content = line
    }
    this.groupEnds = this.kinds.map((_kind, line) => line)
    for (let line = this.kinds.length - 2; line >= 0; line--)
      if (this.kinds[line]! >= 0 && this.kinds[line] === this.kinds[line + 1])
        this.groupEnds[line] = this.groupEnds[line + 1]!
  }

  /** A group of comments clings if a value stands before it, and no empty line or end of the text sets it apart on both sides. */
  clingsAt(line: number): boolean {
    const first = this.groupStarts[line]!
    const before = this.contentBefore[first]!
    if (before < 0 || this.kinds[before]! >= 0) return false
    const isBelowValue = before === first - 1
    const next = this.kinds[this.groupEnds[line]! + 1]
    return !(isBelowValue && (next === undefined || next === -1))
  }

  /** Line of an offset that is not before that of the last question. */
  lineOf(offset: number, from: number): number {
    let line = from
    while (line + 1 < this.starts.length && this.starts[line + 1]! <= offset) line++
    return line
  }

  startOf(line: number): number {
    return this.starts[line]!
  }
}

function findComments(text: string): PlacedComment[] {
  const comments: PlacedComment[] = []
  const lines = new LineMap(text)
  let line = 0
  let offset = 0
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    if (token === '\u001f') {
      isScalar = true
      continue
    }
    if (token === '\u0002' || token === '\u0018') continue
    if (token.startsWith('#') && !isScalar) {
      line = lines.lineOf(offset, line)
      const column = offset - lines.startOf(line)
      comments.push({ offset, column, clings: lines.clingsAt(line), text: token.slice(1).replace(/\r$/, '') })
    }
    isScalar = false
    offset += token.length
  }
  return comments
}

/** The two trees do not agree: the comments are given up, not the document. */
class TreesDiffer extends Error {}

class CommentReader {
  private readonly text: string
  private readonly comments: readonly PlacedComment[]
  private next = 0

  constructor(text: string) {
    this.text = text
    this.comments = findComments(text)
  }

  map(node: MapNode, ast: YAMLMap, isFlow: boolean, end: number): SopsBranch {
    if (node.keys.length !== ast.items.length) throw new TreesDiffer()
    const items: SopsItem[] = []
    const push = (text: string, isInline: boolean): void => {
      items.push({ key: new SopsComment(text, isInline), value: null })
    }
    node.keys.forEach((key, index) => {
      const pair = ast.items[index]!
      const keyAst = pair.key as AstNode | null
      const start = startOf(keyAst) ?? startOf(pair.value as AstNode | null) ?? end
      for (const comment of this.before(start)) push(comment.text, false)
      const following = startOf(ast.items[index + 1]?.key as AstNode | null | undefined) ?? end
      const keyEnd = keyAst?.range?.[1] ?? start
      const value = this.child(node.values[index]!, pair.value as AstNode | null, keyEnd, following, push)
      items.push({ key: keyOf(key), value })
    })
    const column = this.columnOf(ast.range?.[0] ?? 0)
    for (const comment of this.trailing(end, isFlow ? 0 : column)) push(comment.text, false)
    return new SopsBranch(items)
  }

  private sequence(node: SequenceNode, ast: YAMLSeq, isFlow: boolean, end: number, least: number): SopsValue[] {
    if (node.items.length !== ast.items.length) throw new TreesDiffer()
    const items: SopsValue[] = []
    const push = (text: string, isInline: boolean): void => {
      items.push(new SopsComment(text, isInline))
    }
    node.items.forEach((item, index) => {
      const itemAst = ast.items[index] as AstNode | null
      const start = startOf(itemAst) ?? end
      for (const comment of this.before(start)) push(comment.text, false)
      const following = startOf(ast.items[index + 1] as AstNode | null | undefined) ?? end
      items.push(this.child(item, itemAst, start, following, push, true))
    })
    const column = this.columnOf(ast.range?.[0] ?? 0)
    // a list that is not indented more than its key leaves the comments below it to the map around it
    if (isFlow || column > least)
      for (const comment of this.trailing(end, isFlow ? 0 : column)) push(comment.text, false)
    return items
  }

  private child(
    node: YamlNode,
    ast: AstNode | null,
    before: number,
    end: number,
    push: (text: string, isInline: boolean) => void,
    isInSequence = false,
  ): SopsValue {
    if (ast === null || isAlias(ast) || !isCollection(ast)) {
      const start = ast?.range?.[0] ?? before
      const valueEnd = ast?.range?.[1] ?? before
      for (const comment of this.before(start)) push(comment.text, false)
      for (const comment of this.before(valueEnd)) push(comment.text, true)
      for (const comment of this.onSameLine(valueEnd, end)) push(comment.text, true)
      if (node.kind === 'scalar') return scalarValue(node)
      return node.kind === 'map' ? branchOf(node) : withoutComments(node)
    }
    const isFlow = ast.flow === true
    const start = ast.range?.[0] ?? before
    if (!isFlow) for (const comment of this.onSameLine(before, start)) push(comment.text, false)
    const stop = isFlow ? (ast.range?.[1] ?? end) : end
    let value: SopsBranch | SopsValue[]
    if (node.kind === 'map' && isMap(ast)) value = this.map(node, ast, isFlow, stop)
    else if (node.kind === 'sequence' && isSeq(ast)) {
      const line = this.text.lastIndexOf('\n', before - 1) + 1
      const keyColumn = /^[ -]*/.exec(this.text.slice(line, before))?.[0].length ?? 0
      value = this.sequence(node, ast, isFlow, stop, isInSequence ? -1 : keyColumn)
    } else throw new TreesDiffer()
    if (isFlow)
      for (const { text } of this.onSameLine(stop, end)) {
        const comment = new SopsComment(text, false)
        if (Array.isArray(value)) value.unshift(comment)
        else value.items.unshift({ key: comment, value: null })
      }
    return value
  }

  private columnOf(offset: number): number {
    return offset - (this.text.lastIndexOf('\n', offset - 1) + 1)
  }

  private *before(offset: number): Generator<PlacedComment> {
    for (let comment = this.comments[this.next]; comment !== undefined; comment = this.comments[this.next]) {
      if (comment.offset >= offset) return
      this.next++
      yield comment
    }
  }

  private *onSameLine(from: number, limit: number): Generator<PlacedComment> {
    const comment = this.comments[this.next]
    if (comment === undefined || comment.offset < from || comment.offset >= limit) return
    // a block scalar ends behind its last line break
    if (this.text[from - 1] === '\n' || this.text.slice(from, comment.offset).includes('\n')) return
    this.next++
    yield comment
  }

  private *trailing(end: number, column: number): Generator<PlacedComment> {
    const line = end === Infinity ? '' : this.text.slice(this.text.lastIndexOf('\n', end - 1) + 1, end + 1)
    const nextColumn = end === Infinity ? -1 : line.search(/[^ ]/)
    for (let comment = this.comments[this.next]; comment !== undefined; comment = this.comments[this.next]) {
      const isFoot = comment.clings && end !== Infinity && comment.column !== nextColumn
      if (comment.offset >= end || (comment.column < column && !isFoot)) return
      this.next++
      yield comment
    }
  }
}

function startOf(ast: AstNode | null | undefined): number | null {
  return ast?.range?.[0] ?? null
}

function withoutComments(node: SequenceNode): SopsValue[] {
  return node.items.map((item) =>
    item.kind === 'scalar' ? scalarValue(item) : item.kind === 'map' ? branchOf(item) : withoutComments(item),
  )
}

/** Every document as a branch, comments among the items. Throws StoreFault. */
export function loadYamlWithComments(bytes: Uint8Array): SopsBranch[] {
  const nodes = readNodes(bytes)
  if (nodes[0] !== undefined) refuseRepeatedKeys(nodes[0])
  const roots = nodes.map(rootBranch)
  const text = decodeText(bytes)
  if (!text.includes('#')) return roots.map((root) => (root instanceof SopsBranch ? root : branchOf(root)))
  try {
    const parsed = parseAllDocuments(text, { uniqueKeys: false, strict: false, logLevel: 'silent', merge: false })
    const documents = Array.isArray(parsed) ? parsed : []
    if (documents.length !== roots.length) throw new TreesDiffer()
    const reader = new CommentReader(text)
    return roots.map((root, index) => {
      const document = documents[index]!
      const end = index === roots.length - 1 ? Infinity : document.range[2]
      if (root instanceof SopsBranch) return root
      if (!isMap(document.contents)) throw new TreesDiffer()
      return reader.map(root, document.contents, document.contents.flow === true, end)
    })
  } catch {
    // the `yaml` package reads another dialect: what it cannot follow is written without comments
    return roots.map((root) => (root instanceof SopsBranch ? root : branchOf(root)))
  }
}
