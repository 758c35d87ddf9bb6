/** What the controller would prune: what its inventory holds and it does not want any more. Semantics: flux-semantics §2.10, §2.11, §10.9. */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { formatInventoryId } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import { at } from '../../status/read.ts'
import type { DesiredObject } from '../desired-set.ts'
import { hasHashedName } from './generated-names.ts'

export interface Stale {
  readonly entries: readonly InventoryEntry[]
  /** Sentences. */
  readonly assumptions: readonly string[]
}

/**
 * `object`: the live Kustomization with its inventory; its `spec` decides unless `isPruned` is told. What another Kustomization of the cluster
 * holds is on its way there and is not pruned.
 */
export function findStale(
  view: ClusterView,
  object: KubeObject,
  desired: readonly DesiredObject[],
  isPruned: boolean = at(object, 'spec', 'prune') === true,
): Stale {
  const inventory = readInventory(object)
  if (inventory === null || !isPruned) return { entries: [], assumptions: [] }
  const assumptions = inventory.unreadable.map(
    (id) => `Its inventory holds ${id}, which names no object: it is left out.`,
  )
  const wanted = new Set<string>()
  for (const { object: one } of desired) for (const id of idsOf(one)) wanted.add(id)
  let entries = inventory.entries.filter((entry) => !wanted.has(formatInventoryId(entry)))
  if (entries.length === 0) return { entries, assumptions }

  const unnamed = new Set(desired.filter(isUnnamed).map(({ object: one }) => kindOf(one)))
  const hidden = entries.filter(({ group, kind }) => unnamed.has(`${group}/${kind}`))
  if (hidden.length > 0) {
    entries = entries.filter((entry) => !hidden.includes(entry))
    const titles = hidden.map(titleOf).join(', ')
    assumptions.push(`Names of objects depend on unknown values: whether ${titles} would be pruned is not known.`)
  }
  const holders = holdersOf(view, object, entries)
  for (const entry of entries) {
    const holder = holders.get(formatInventoryId(entry))
    if (holder !== undefined) assumptions.push(`${titleOf(entry)} moves to Kustomization ${holder}: it is not pruned.`)
  }
  return { entries: entries.filter((entry) => !holders.has(formatInventoryId(entry))), assumptions }
}

/** With and without its namespace: the server drops the one of a cluster-scoped object. */
function idsOf(object: KubeObject): readonly string[] {
  const { name, namespace = '' } = object.metadata
  const [group = '', kind = ''] = kindOf(object).split('/')
  const bare = formatInventoryId({ group, kind, namespace: '', name })
  return namespace === '' ? [bare] : [formatInventoryId({ group, kind, namespace, name }), bare]
}

function kindOf({ apiVersion, kind }: KubeObject): string {
  const slash = apiVersion.indexOf('/')
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`
}

/** An expression that nobody could substitute stands in what names it, or the hash of something that nobody could decrypt. */
function isUnnamed({ object, unknown }: DesiredObject): boolean {
  const { name, namespace = '' } = object.metadata
  return unknown !== '' && (name.includes('${') || namespace.includes('${') || hasHashedName(object))
}

function titleOf({ kind, namespace, name }: InventoryEntry): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

/** Inventory id → `namespace/name` of another Kustomization that holds it. */
function holdersOf(
  view: ClusterView,
  own: KubeObject,
  entries: readonly InventoryEntry[],
): ReadonlyMap<string, string> {
  const wanted = new Set(entries.map(formatInventoryId))
  const holders = new Map<string, string>()
  if (wanted.size === 0) return holders
  for (const { ref } of view.rows()) {
    if (ref.group !== kustomizeGroup || ref.kind !== 'Kustomization') continue
    if (ref.name === own.metadata.name && ref.namespace === (own.metadata.namespace ?? '')) continue
    const other = view.cached(ref)
    // Objects of another cluster may have the same names.
    if (
      other === null ||
      JSON.stringify(at(other, 'spec', 'kubeConfig')) !== JSON.stringify(at(own, 'spec', 'kubeConfig'))
    )
      continue
    for (const entry of readInventory(other)?.entries ?? []) {
      const id = formatInventoryId(entry)
      if (wanted.has(id)) holders.set(id, `${ref.namespace}/${ref.name}`)
    }
  }
  return holders
}
