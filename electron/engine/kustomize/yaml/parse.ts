/**
 * YAML text to node trees, as kustomize reads it. Owns parsing, both dialects' tags, aliases and merge keys; knows nothing of resources.
 * Semantics: go-yaml v3 and v2 (grammar, error texts, limits), kyaml's ByteReader (how a file splits into documents) and DeAnchor.
 */
import { BuildError } from '../build-error.ts'
import { resolveAliases } from './aliases.ts'
import type { YamlNode } from './node.ts'
import type { ParsedDocument } from './parser.ts'
import { Parser } from './parser.ts'
import { findForbidden, readerError } from './text.ts'
import type { YamlDialect } from './tokens.ts'

export { decodeText } from './text.ts'
export type { YamlDialect } from './tokens.ts'

export interface YamlLimits {
  /** Characters of one file. Default 64 Mi. */
  readonly maxLength?: number
  /** Nested collections. Default 1,000, so that whatever walks a tree has stack enough; go-yaml's own limit is 10,000. */
  readonly maxDepth?: number
  /** Nodes that aliases and merge keys may add to one document. Default 400,000. */
  readonly maxAliasNodes?: number
}

export interface ParseOptions {
  /** `v3` (default) for resources and patches, `v2` for what sigs.k8s.io/yaml reads. */
  readonly dialect?: YamlDialect
  /**
   * Which documents: `reader` as kyaml's ByteReader finds them (split at `---` lines, the first document of each part, null ones left out),
   * `all` of the stream, or only the `first`. Default `reader` for v3, `first` for v2.
   */
  readonly documents?: 'reader' | 'all' | 'first'
  /** False keeps merge keys as they stand (aliases are resolved all the same). Default: true for v3, false for v2. */
  readonly mergesKeys?: boolean
  readonly limits?: YamlLimits
}

const DEFAULT_MAX_LENGTH = 64 * 1024 * 1024
const DEFAULT_MAX_ALIAS_NODES = 400_000
const DEFAULT_MAX_DEPTH = 1_000

/**
 * The documents of a YAML text as node trees, aliases resolved. Throws BuildError InvalidYaml with go-yaml's text (`yaml: line 3: ...`, behind
 * `MalformedYAMLError: ` where kyaml's reader says so) and the line in this text, LimitExceeded past the limits.
 */
export function parseDocuments(text: string, options: ParseOptions = {}): YamlNode[] {
  const dialect = options.dialect ?? 'v3'
  const documents = options.documents ?? (dialect === 'v3' ? 'reader' : 'first')
  const maxLength = options.limits?.maxLength ?? DEFAULT_MAX_LENGTH
  if (text.length > maxLength)
    throw new BuildError('LimitExceeded', `the YAML text is longer than ${maxLength} characters`)
  const parser = new Parser(dialect, {
    mergesKeys: options.mergesKeys ?? dialect === 'v3',
    maxDepth: options.limits?.maxDepth ?? DEFAULT_MAX_DEPTH,
  })
  if (documents !== 'reader')
    return parseStream(parser, text, 0, documents === 'all').map((document) => finishDocument(document, options))
  const parsed: ParsedDocument[] = []
  for (const part of splitDocuments(text)) {
    const document = parsePart(parser, part)
    if (document !== undefined && document.root.tag !== '!!null') parsed.push(document)
  }
  // kyaml resolves aliases when all parts are read: what is wrong with the text of a later one comes first.
  return parsed.map((document) => finishDocument(document, options))
}

function finishDocument(document: ParsedDocument, options: ParseOptions): YamlNode {
  if (document.isResolved) return document.root as YamlNode
  const mergesKeys = options.mergesKeys ?? options.dialect !== 'v2'
  const maxNodes = options.limits?.maxAliasNodes ?? DEFAULT_MAX_ALIAS_NODES
  return resolveAliases(document.root, { mergesKeys, keepsAliasLines: options.dialect === 'v2', maxNodes })
}

/** The first document of a part. Errors carry kyaml's wrapping, and the line in the whole text as their place. */
function parsePart(parser: Parser, part: DocumentPart): ParsedDocument | undefined {
  try {
    return parseStream(parser, part.text, part.line, false)[0]
  } catch (error) {
    if (!(error instanceof BuildError) || error.code !== 'InvalidYaml') throw error
    const { line } = error.place
    const place = line === undefined ? {} : { line: line + part.line }
    throw new BuildError(error.code, `MalformedYAMLError: ${error.message}`, place)
  }
}

interface DocumentPart {
  readonly text: string
  /** 0-based line of its start. */
  readonly line: number
}

/** kyaml's splitDocuments: at every line that begins with `---`, which must hold nothing else but a comment. */
function splitDocuments(input: string): DocumentPart[] {
  if (input.length === 0) return []
  const text = input.includes('\r\n') ? input.replaceAll('\r\n', '\n') : input
  const parts: DocumentPart[] = []
  let start = 0
  let line = 0
  let from = 0
  for (;;) {
    const at = text.indexOf('\n---', from)
    if (at < 0) break
    const end = text.indexOf('\n', at + 4)
    if (end < 0) break
    if (end > at + 4) {
      const rest = trimGoSpace(text.slice(at + 4, end))
      if (rest.length > 0 && !rest.startsWith('#'))
        throw new BuildError('InvalidYaml', `invalid document separator: ${trimGoSpace(text.slice(at, end))}`, {
          line: line + countLines(text, start, at) + 2,
        })
    }
    parts.push({ text: text.slice(start, at + 1), line })
    line += countLines(text, start, end) + 1
    start = end + 1
    from = start
  }
  parts.push({ text: start === 0 ? text : text.slice(start), line })
  return parts
}

/** What Go's TrimSpace cuts off: Unicode's White_Space, which is not quite what JavaScript's trim takes. */
function trimGoSpace(text: string): string {
  return text.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, '')
}

function countLines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Documents of a text that begins at `firstLine` (0-based) of its file. */
function parseStream(parser: Parser, text: string, firstLine: number, wantsAll: boolean): ParsedDocument[] {
  const forbidden = findForbidden(text)
  if (forbidden === null) return parser.parse(text, firstLine, wantsAll)
  // go-yaml meets the character when it fills its buffer: what is wrong well before it is reported first.
  let nodes: ParsedDocument[]
  try {
    nodes = parser.parse(text.slice(0, forbidden.start), firstLine, wantsAll)
  } catch (error) {
    if (!parser.hasReachedEnd) throw error
    throw readerError(forbidden.problem)
  }
  if (!wantsAll && nodes.length > 0 && !parser.hasReachedEnd) return nodes
  throw readerError(forbidden.problem)
}
