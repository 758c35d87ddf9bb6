/** Labels, annotations and data as plain pairs of texts, as kyaml reads and writes them. */
import { BuildPanic } from '../build-error.ts'
import type { SequenceNode, YamlNode } from '../yaml/node.ts'
import { getField, isNullNode, makeString, MapNode } from '../yaml/node.ts'
import { makeUntagged } from '../yaml/untagged.ts'

/** A map of strings in the order of their keys (kyaml's `SetLabels`, `SetAnnotations`). */
export function stringMap(values: ReadonlyMap<string, string>): MapNode {
  const keys: YamlNode[] = []
  const nodes: YamlNode[] = []
  for (const key of [...values.keys()].sort()) {
    keys.push(makeUntagged(key))
    nodes.push(makeString(values.get(key)!))
  }
  return new MapNode(keys, nodes)
}

/** As `pairs`, but nulls are empty: so upstream reads the data that it merges, and only that. */
export function texts(parent: MapNode, field: string): ReadonlyMap<string, string> {
  const result = new Map(pairs(parent, field))
  const map = getField(parent, field)
  if (map?.kind !== 'map') return result
  map.keys.forEach((key, index) => {
    if (key.kind === 'scalar' && isNullNode(map.values[index])) result.set(key.value, '')
  })
  return result
}

/**
 * The texts of a field's entries by key. Upstream takes whatever stands in turn for a key and its value, so a list gives pairs as well; throws
 * BuildPanic for one that ends in a key.
 */
export function pairs(parent: MapNode | null, field: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>()
  const map = parent === null ? undefined : getField(parent, field)
  if (map?.kind === 'sequence') return pairsOfList(map)
  if (map?.kind !== 'map') return result
  map.keys.forEach((key, index) => {
    const value = map.values[index]
    if (key.kind === 'scalar') result.set(key.value, value?.kind === 'scalar' ? value.value : '')
  })
  return result
}

function pairsOfList({ items }: SequenceNode): ReadonlyMap<string, string> {
  const { length } = items
  if (length % 2 === 1) throw new BuildPanic(`runtime error: index out of range [${length}] with length ${length}`)
  const texts = items.map((item) => (item.kind === 'scalar' ? item.value : ''))
  const result = new Map<string, string>()
  for (let i = 0; i < length; i += 2) result.set(texts[i]!, texts[i + 1]!)
  return result
}
