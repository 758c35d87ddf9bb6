/**
 * Turns the text of a manifest file into object trees: nulls dropped, kind and name required, lists opened.
 * Semantics: kyaml kio.ByteReader and kustomize api resource.Factory (RNodesFromBytes).
 */
import { BuildError } from '../build-error.ts'
import type { GoValue } from '../yaml/go-value.ts'
import type { MapNode, YamlNode } from '../yaml/node.ts'
import { getField, getMap, getText, isNullNode } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { goValueToNode, nodeToGoValue } from '../yaml/to-value.ts'

/** Objects of a manifest in upstream's order: what lists hold comes after the documents. Throws BuildError InvalidYaml, InvalidResource. */
export function readResourceNodes(text: string): MapNode[] {
  return openLists(checkedNodes(readDocuments(text)))
}

/** Every document, and the items of a `List` that stands alone. */
function readDocuments(text: string): readonly YamlNode[] {
  const nodes = parseDocuments(text)
  const [node] = nodes
  return (nodes.length === 1 && node!.kind === 'map' ? unwrappedItems(node as MapNode) : null) ?? nodes
}

function unwrappedItems(node: MapNode): readonly YamlNode[] | null {
  const kind = getText(node, 'kind')
  if (kind !== 'List' && kind !== 'ResourceList') return null
  const items = getField(node, 'items')
  if (items === undefined) return getField(node, 'functionConfig') === undefined ? null : []
  return items.kind === 'sequence' ? items.items : items.kind === 'map' ? interleaved(items) : []
}

function interleaved(map: MapNode): YamlNode[] {
  return map.keys.flatMap((key, index) => [key, map.values[index]!])
}

function checkedNodes(nodes: readonly YamlNode[]): MapNode[] {
  const checked: MapNode[] = []
  for (const node of nodes) {
    if (isEmptyNode(node)) continue
    checkMetadata(node)
    checked.push(node as MapNode)
  }
  return checked
}

/** Null, '', {} and []. */
function isEmptyNode(node: YamlNode): boolean {
  if (node.kind === 'scalar') return node.tag === '!!null' || node.value === ''
  return node.kind === 'map' ? node.keys.length === 0 : node.items.length === 0
}

/** Requires a kind, and a name unless the kind ends in `List`. Throws BuildError InvalidResource with kyaml's text. */
export function checkMetadata(node: YamlNode): void {
  const place = node.line > 0 ? { line: node.line } : {}
  if (node.kind !== 'map') throw new BuildError('InvalidResource', 'missing Resource metadata', place)
  const kind = getText(node, 'kind')
  if (kind !== '' && (kind.endsWith('List') || nameOf(node) !== '')) return
  if (kind === '' && !hasAnyMetadata(node)) throw new BuildError('InvalidResource', 'missing Resource metadata', place)
  const missing = kind === '' ? 'kind' : 'metadata.name'
  throw new BuildError('InvalidResource', `missing ${missing} in object ${metadataText(node)}`, place)
}

function nameOf(node: MapNode): string {
  const metadata = getMap(node, 'metadata')
  return metadata === null ? '' : getText(metadata, 'name')
}

function hasAnyMetadata(node: MapNode): boolean {
  if (getText(node, 'apiVersion') !== '') return true
  const metadata = getMap(node, 'metadata')
  return (
    metadata !== null &&
    ['name', 'namespace', 'labels', 'annotations'].some((name) => {
      const value = getField(metadata, name)
      return value !== undefined && !isEmptyNode(value)
    })
  )
}

/** Go's `%v` of kyaml's ResourceMeta: `{{v1 Kind} {{name namespace} map[a:b] map[]}}`. */
function metadataText(node: MapNode): string {
  const metadata = getMap(node, 'metadata')
  const part = (name: string): string => (metadata === null ? '' : getText(metadata, name))
  const pairs = (name: string): string => {
    const map = metadata === null ? null : getMap(metadata, name)
    const entries = new Map<string, string>()
    map?.keys.forEach((key, index) => {
      const value = map.values[index]!
      entries.set(key.kind === 'scalar' ? key.value : '', value.kind === 'scalar' ? value.value : '')
    })
    const keys = [...entries.keys()].sort()
    return `map[${keys.map((key) => `${key}:${entries.get(key)}`).join(' ')}]`
  }
  const type = `{${getText(node, 'apiVersion')} ${getText(node, 'kind')}}`
  return `{${type} {{${part('name')} ${part('namespace')}} ${pairs('labels')} ${pairs('annotations')}}}`
}

/** Replaces objects whose kind ends in `List` by their items, which join the end of the queue. */
function openLists(nodes: MapNode[]): MapNode[] {
  if (!nodes.some((node) => getText(node, 'kind').endsWith('List'))) return nodes
  const result: MapNode[] = []
  const queue = [...nodes]
  for (let next = 0; next < queue.length; next++) {
    const node = queue[next]!
    const kind = getText(node, 'kind')
    const items = kind.endsWith('List') ? getField(node, 'items') : undefined
    if (items === undefined) {
      result.push(node)
      continue
    }
    if (isNullNode(items)) continue
    if (items.kind !== 'sequence')
      throw new BuildError(
        'InvalidResource',
        `expected array in ${kind}/items, but found ${goTypeOf(items)}`,
        items.line > 0 ? { line: items.line } : {},
      )
    for (const item of items.items) queue.push(...checkedNodes(itemNodes(item)))
  }
  return result
}

/** An item goes through JSON, where a `List` that stands alone is opened once more. */
function itemNodes(item: YamlNode): readonly YamlNode[] {
  const node = goValueToNode(nodeToGoValue(item))
  if (isNullNode(node)) return []
  return (node.kind === 'map' ? unwrappedItems(node) : null) ?? [node]
}

function goTypeOf(node: YamlNode): string {
  if (node.kind === 'map') return 'map[string]interface {}'
  const value: GoValue = nodeToGoValue(node)
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return 'string'
}
