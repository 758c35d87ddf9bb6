/** What goes with a Kustomization that is deleted: its finalizer prunes its own inventory, and so on. */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import { formatInventoryId } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { HostedView } from '../reconciler.ts'
import { readKustomizationSpec } from './kustomization-spec.ts'

/** The entries, and beside each Kustomization that would prune, what it holds; each object once. */
export function withOwned(
  view: Pick<HostedView, 'id' | 'cached'>,
  entries: readonly InventoryEntry[],
): readonly InventoryEntry[] {
  const seen = new Set<string>()
  const result: InventoryEntry[] = []
  const queue = [...entries]
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    const id = formatInventoryId(entry)
    if (seen.has(id)) continue
    seen.add(id)
    result.push(entry)
    const { group, kind, namespace, name } = entry
    if (group !== kustomizeGroup || kind !== 'Kustomization') continue
    const child = view.cached({ cluster: view.id, group, kind, namespace, name })
    if (child === null) continue
    const spec = readKustomizationSpec(child, view.id)
    const deletes = spec.deletionPolicy === 'MirrorPrune' ? spec.isPruned : spec.deletionPolicy !== 'Orphan'
    if (deletes && !spec.isSuspended) queue.push(...(readInventory(child)?.entries ?? []))
  }
  return result
}
