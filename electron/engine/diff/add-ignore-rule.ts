/**
 * A rule added to the manifest of a Kustomization or HelmRelease as a person would add it: lines are put in, every other byte stays.
 * Pure. What comes out is read again and compared with what was meant; where that does not hold, the file is refused.
 */
import type { Document, Node, Pair, YAMLMap } from 'yaml'
import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import { SluiceError } from '../../../shared/model/errors.ts'
import { emitYaml } from '../detail/emit-yaml.ts'
import type { IgnoreRule } from './ignore-rules.ts'

export interface RuleTarget {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/**
 * The text with `rule` appended to the list at `path`, and the first new line (1-based). Throws SluiceError: NotFound where no document of
 * the text is the object, or several are; Unsupported where the place is written in a way that no line can be put into (flow style,
 * anchors, aliases), AlreadyExists where the rule is there.
 */
export function addIgnoreRule(
  text: string,
  object: RuleTarget,
  path: readonly string[],
  rule: IgnoreRule,
): { readonly text: string; readonly line: number } {
  const before = documentsOf(text)
  if (before.some(({ errors }) => errors.length > 0)) throw unsupported('it is no valid YAML')
  const own = before.filter(({ contents }) => isObject(contents, object))
  const [document] = own
  if (document === undefined || own.length > 1 || !isMap(document.contents))
    throw new SluiceError(
      'NotFound',
      `${own.length > 1 ? 'Several documents' : 'No document'} of the file ${own.length > 1 ? 'are' : 'is'} this ${object.kind}`,
    )
  const { offset, lines } = placeFor(text, document.contents, path, rule)
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const isAtLineStart = offset === 0 || text[offset - 1] === '\n'
  const after = `${text.slice(0, offset)}${isAtLineStart ? '' : end}${lines.join(end)}${end}${text.slice(offset)}`

  // What was meant, and nothing else.
  const meant = before.map((each) => each.toJS() as unknown)
  const at = before.indexOf(document)
  meant[at] = withRule(meant[at], path, rule)
  const read = documentsOf(after)
  const isAsMeant =
    read.every(({ errors }) => errors.length === 0) &&
    JSON.stringify(read.map((each) => each.toJS() as unknown)) === JSON.stringify(meant)
  if (!isAsMeant) throw unsupported('the rule would change more than its place')
  return { text: after, line: text.slice(0, offset).split('\n').length + (isAtLineStart ? 0 : 1) }
}

function documentsOf(text: string): Document[] {
  const read = parseAllDocuments(text, { logLevel: 'silent' })
  return Array.isArray(read) ? read : []
}

/** Where new lines go, and the lines. */
function placeFor(
  text: string,
  root: YAMLMap,
  path: readonly string[],
  rule: IgnoreRule,
): { readonly offset: number; readonly lines: readonly string[] } {
  let map = root
  for (const [depth, key] of path.entries()) {
    const value = pairOf(map, key)?.value as Node | null | undefined
    const rest = path.slice(depth)
    if (value === undefined) {
      if (map.flow === true || map.items.length === 0) throw unsupported('the place is written in braces')
      const column = columnOf(text, rangeOf(map.items[0]?.key as Node)[0])
      const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), [rule])
      return { offset: lineEnd(text, map), lines: indented(nested, column) }
    }
    if (isSeq(value)) {
      if (depth < path.length - 1) throw unsupported(`${key} is a list`)
      if (value.flow === true || value.items.length === 0) throw unsupported(`${key} is written in brackets`)
      const known = value.toJSON()
      if (known.some((each) => JSON.stringify(each) === JSON.stringify(rule)))
        throw new SluiceError('Conflict', 'The file has this rule already', {
          remedy: 'Commit and push it, and wait until it is applied.',
        })
      return { offset: lineEnd(text, value), lines: indented([rule], columnOf(text, rangeOf(value)[0])) }
    }
    if (!isMap(value)) throw unsupported(`${key} is empty, or an alias`)
    map = value
  }
  throw unsupported('the list of rules is no list')
}

function isObject(contents: unknown, object: RuleTarget): boolean {
  if (!isMap(contents)) return false
  const apiVersion = contents.get('apiVersion')
  const namespace = contents.getIn(['metadata', 'namespace'])
  return (
    typeof apiVersion === 'string' &&
    apiVersion.startsWith(`${object.group}/`) &&
    contents.get('kind') === object.kind &&
    contents.getIn(['metadata', 'name']) === object.name &&
    (namespace === undefined || namespace === object.namespace)
  )
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
}

function rangeOf(node: Node): readonly [number, number, number] {
  if (node.range == null) throw unsupported('its lines could not be found')
  return node.range
}

/** The beginning of the line after a block's last content. */
function lineEnd(text: string, node: Node): number {
  const [, end] = rangeOf(node)
  if (end > 0 && text[end - 1] === '\n') return end
  const at = text.indexOf('\n', end)
  return at < 0 ? text.length : at + 1
}

function columnOf(text: string, offset: number): number {
  const column = offset - (text.lastIndexOf('\n', offset - 1) + 1)
  // Compact blocks ("- a: 1") and tags stand behind something else: the column is where the key begins all the same.
  return column
}

function indented(value: unknown, column: number): readonly string[] {
  const margin = ' '.repeat(column)
  return [...emitYaml(value)]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => margin + line)
}

function withRule(value: unknown, path: readonly string[], rule: IgnoreRule): unknown {
  const [key, ...rest] = path
  if (key === undefined) return [...((value ?? []) as readonly unknown[]), rule]
  const map = (value ?? {}) as Readonly<Record<string, unknown>>
  return { ...map, [key]: withRule(map[key], rest, rule) }
}

function unsupported(why: string): SluiceError {
  return new SluiceError('Unsupported', `The rule cannot be put into the file: ${why}`, {
    remedy: 'Copy the rule and add it by hand.',
  })
}
