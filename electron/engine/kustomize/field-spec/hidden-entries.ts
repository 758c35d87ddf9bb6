/**
 * Entries that were set on a null. Upstream appends them to the null's node, where nothing shows them until a later field spec makes a map of
 * that node; then they are in it, twice if they were set twice (which is refused when the object is printed).
 */
import { makeUntagged } from '../yaml/untagged.ts'
import type { YamlNode } from '../yaml/node.ts'
import { MapNode } from '../yaml/node.ts'

/** Belongs to the nodes: it goes with them, and no build sees another's. */
const hidden = new WeakMap<YamlNode, MapNode>()

export function hideEntry(node: YamlNode, key: string, value: YamlNode): void {
  let entries = hidden.get(node)
  if (entries === undefined) {
    entries = new MapNode()
    hidden.set(node, entries)
  }
  entries.keys.push(makeUntagged(key))
  entries.values.push(value)
}

/** The map that this null becomes. */
export function takeHiddenEntries(node: YamlNode): MapNode {
  return hidden.get(node) ?? new MapNode()
}
