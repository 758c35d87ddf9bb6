/** Reads status.inventory in the forms that Flux, Flux Operator and ArtifactGenerator write. Source: flux-semantics §1.4, §1.5, §2.10. */
import { sourceGroup } from '../../../shared/flux/groups.ts'
import { asArray, asRecord, asText, at, textAt } from '../status/read.ts'
import { parseInventoryId } from './entry.ts'
import type { InventoryEntry } from './entry.ts'

export interface Inventory {
  readonly entries: readonly InventoryEntry[]
  /** Ids that have no meaning, verbatim: shown, never guessed. */
  readonly unreadable: readonly string[]
}

/** null where the object has no inventory at all (a HelmRelease before Flux 2.8 keeps it in its release storage). */
export function readInventory(object: unknown): Inventory | null {
  const inventory = at(object, 'status', 'inventory')
  if (inventory === undefined || inventory === null) return null
  // ArtifactGenerator lists ExternalArtifacts by name.
  if (Array.isArray(inventory))
    return { entries: inventory.flatMap((each) => artifactEntry(each, object)), unreadable: [] }
  const entries: InventoryEntry[] = []
  const unreadable: string[] = []
  const seen = new Set<string>()
  for (const each of asArray(at(inventory, 'entries'))) {
    const id = asText(asRecord(each).id)
    if (id === '' || seen.has(id)) continue
    seen.add(id)
    const entry = parseInventoryId(id, asText(asRecord(each).v))
    if (entry === null) unreadable.push(id)
    else entries.push(entry)
  }
  return { entries, unreadable }
}

function artifactEntry(value: unknown, owner: unknown): readonly InventoryEntry[] {
  const name = textAt(value, 'name')
  if (name === '') return []
  const namespace = textAt(value, 'namespace') || textAt(owner, 'metadata', 'namespace')
  return [{ group: sourceGroup, version: 'v1', kind: 'ExternalArtifact', namespace, name }]
}
