/**
 * What an applier owns: inventory ids, set algebra over them, and the objects of a Helm release. Knows no cluster; the storage reader is
 * given its Secrets. Semantics: flux-semantics §2.10 (ids), §2.11 (stale), §3.2 (release storage).
 */

/** One object of an inventory, in the version in which it was applied. */
export interface InventoryEntry {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** '' for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
}

const rbacGroup = 'rbac.authorization.k8s.io'
const colonKinds: ReadonlySet<string> = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'])

/**
 * `<namespace>_<name>_<group>_<Kind>`: the first `_` ends the namespace, the last starts the kind, the one before it the group, so that
 * RBAC names may hold single underscores; `__` in a name is `:` for every kind. null where the id has another shape.
 */
export function parseInventoryId(id: string, version: string): InventoryEntry | null {
  const first = id.indexOf('_')
  const kindStart = id.lastIndexOf('_')
  if (first < 0 || kindStart <= first) return null
  const groupStart = id.lastIndexOf('_', kindStart - 1)
  if (groupStart <= first) return null
  const kind = id.slice(kindStart + 1)
  const name = id.slice(first + 1, groupStart).replaceAll('__', ':')
  if (kind === '' || name === '') return null
  return { group: id.slice(groupStart + 1, kindStart), version, kind, namespace: id.slice(0, first), name }
}

/** The id of an object as kustomize-controller writes it. */
export function formatInventoryId(entry: Pick<InventoryEntry, 'group' | 'kind' | 'namespace' | 'name'>): string {
  const isRbac = entry.group === rbacGroup && colonKinds.has(entry.kind)
  const name = isRbac ? entry.name.replaceAll(':', '__') : entry.name
  return `${entry.namespace}_${name}_${entry.group}_${entry.kind}`
}

/** Objects of `from` whose id is not in `without`, in the order of `from`; versions do not count. */
export function subtractEntries(
  from: readonly InventoryEntry[],
  without: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const ids = new Set(without.map(formatInventoryId))
  return from.filter((entry) => !ids.has(formatInventoryId(entry)))
}

/** Objects of both, each id once: the entry of `first` wins, its order leads. */
export function uniteEntries(
  first: readonly InventoryEntry[],
  second: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  return [...first, ...subtractEntries(second, first)]
}

/** Objects of `first` whose id is also in `second`. */
export function intersectEntries(
  first: readonly InventoryEntry[],
  second: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const ids = new Set(second.map(formatInventoryId))
  return first.filter((entry) => ids.has(formatInventoryId(entry)))
}
