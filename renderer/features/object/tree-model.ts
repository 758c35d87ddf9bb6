/** What the tree shows: nodes of the inventory, grouped, filtered and in order. Pure. */
import type { TreeNode } from '../../../shared/model/rows.ts'
import type { TreeItem } from '../../ui/tree/tree-rows.ts'

export type TreeGrouping = 'namespace' | 'kind' | 'order'

export interface TreeEntry extends TreeItem {
  /** null: a heading that stands for a namespace or kind without an object of its own in the tree. */
  readonly node: TreeNode | null
  readonly heading: string
  /** Objects below a heading. */
  readonly count: number
}

const quiet = new Set<string>(['Ready', 'Current'])

/** Failed, in progress, suspended, unknown, or with a cause below its word. */
export function isNotReady(node: TreeNode): boolean {
  return !quiet.has(node.status) || node.cause !== ''
}

function byTitle(a: TreeNode, b: TreeNode): number {
  return compare(a.ref.namespace, b.ref.namespace) || compare(a.ref.kind, b.ref.kind) || compare(a.ref.name, b.ref.name)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function entryOf(node: TreeNode, parent: string | null): TreeEntry {
  return { id: node.key, parent, node, heading: '', count: 0 }
}

/** Nodes kept by "Not ready only": those not ready and all above them. */
function keepNotReady(nodes: readonly TreeNode[]): readonly TreeNode[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const kept = new Set<string>()
  for (const node of nodes) {
    if (!isNotReady(node)) continue
    for (let at: TreeNode | undefined = node; at !== undefined && !kept.has(at.key);) {
      kept.add(at.key)
      at = at.parent === null ? undefined : byKey.get(at.parent)
    }
  }
  return nodes.filter((node) => kept.has(node.key) || node.parent === null)
}

/**
 * Entries for the treegrid. The root stays the root; its children (the inventory) are grouped by namespace or kind or stand in apply
 * order; what they own hangs below them as the cluster says. A Namespace of the inventory is the heading of its own objects.
 */
export function treeEntries(
  all: Iterable<TreeNode>,
  grouping: TreeGrouping,
  isNotReadyOnly: boolean,
): readonly TreeEntry[] {
  const sorted = [...all].sort((a, b) => a.order - b.order || byTitle(a, b))
  const nodes = isNotReadyOnly ? keepNotReady(sorted) : sorted
  const root = nodes.find((node) => node.parent === null)
  if (root === undefined || grouping === 'order') return nodes.map((node) => entryOf(node, node.parent))

  const inventory = nodes.filter((node) => node.parent === root.key)
  const namespaces = new Map(
    inventory
      .filter((node) => node.ref.kind === 'Namespace' && node.ref.group === '')
      .map((node) => [node.ref.name, node]),
  )
  const groups = new Map<string, TreeNode[]>()
  for (const node of inventory) {
    if (grouping === 'namespace' && namespaces.get(node.ref.name) === node) {
      if (!groups.has(node.ref.name)) groups.set(node.ref.name, [])
      continue
    }
    const name = grouping === 'namespace' ? node.ref.namespace : node.ref.kind
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [node])
    else group.push(node)
  }

  const entries: TreeEntry[] = [entryOf(root, null)]
  for (const [name, members] of [...groups].sort(([a], [b]) => compare(a, b))) {
    const own = grouping === 'namespace' ? namespaces.get(name) : undefined
    const heading = name === '' ? 'cluster-scoped' : name
    const id = own?.key ?? `group:${grouping}:${name}`
    entries.push(
      own === undefined ? { id, parent: root.key, node: null, heading, count: members.length } : entryOf(own, root.key),
    )
    for (const node of members.sort(byTitle)) entries.push(entryOf(node, id))
  }
  const inventoryKeys = new Set([root.key, ...inventory.map((node) => node.key)])
  for (const node of nodes) if (!inventoryKeys.has(node.key)) entries.push(entryOf(node, node.parent))
  return entries
}

/** Entries open at first: the root, headings, and whatever has something not ready below it. */
export function openAtFirst(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const open = new Set<string>()
  for (const entry of entries) {
    if (
      entry.parent === null ||
      entry.node === null ||
      (entry.node.ref.kind === 'Namespace' && entry.node.ref.group === '')
    )
      open.add(entry.id)
    if (entry.node === null || !isNotReady(entry.node)) continue
    for (let parent = entry.parent; parent !== null && !open.has(parent); parent = byId.get(parent)?.parent ?? null)
      open.add(parent)
  }
  return open
}

export interface TreeCounts {
  readonly inventory: number
  readonly owned: number
  readonly notReady: number
}

/** `48 in the inventory, 31 owned by them`. */
export function countTree(all: Iterable<TreeNode>): TreeCounts {
  let inventory = 0
  let owned = 0
  let notReady = 0
  let root: string | null = null
  const nodes = [...all]
  for (const node of nodes) if (node.parent === null) root = node.key
  for (const node of nodes) {
    if (node.parent === null) continue
    if (node.parent === root) inventory += 1
    else owned += 1
    if (isNotReady(node)) notReady += 1
  }
  return { inventory, owned, notReady }
}

/** The first node with a cause, deepest first in tree order: what "Show cause" selects. Null where none is known. */
export function firstCause(all: Iterable<TreeNode>): TreeNode | null {
  let failed: TreeNode | null = null
  for (const node of all) {
    if (node.cause !== '') return node
    if (failed === null && node.parent !== null && (node.status === 'Failed' || node.status === 'Stalled'))
      failed = node
  }
  return failed
}
