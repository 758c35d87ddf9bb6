/** Who last wrote a field, by the managedFields of the live object. */
import type { FieldBlame } from '../../../shared/model/drift.ts'
import type { FieldManager } from './managed-fields.ts'
import { nodeAt, ownsField } from './managed-fields.ts'

/**
 * The owner of a field that is there: the youngest one that is not the controller itself, else the controller, else null. `controller` is its
 * field manager's name.
 */
export function blameOf(
  managers: readonly FieldManager[],
  segments: readonly string[],
  controller: string,
): FieldBlame | null {
  let best: FieldManager | null = null
  let isBestExact = false
  for (const entry of managers) {
    if (!ownsField(entry.fields, segments)) continue
    // Whose leaf is above the field owns it only if nobody owns the field itself: the leaf may be an empty map.
    const isExact = nodeAt(entry.fields, segments) !== undefined
    if (isBestExact && !isExact) continue
    if (best === null || (isExact && !isBestExact) || isBetter(entry, best, controller)) best = entry
    isBestExact ||= isExact
  }
  return best === null ? null : toBlame(best)
}

/**
 * Who may have removed a field: managedFields do not record it. Whoever owns as a whole what held it (an atomic list or map, by Update or Apply),
 * else the youngest foreign Update of the main resource; in both cases if it wrote after the controller's last apply; null where there is none.
 */
export function blameOfRemoval(
  managers: readonly FieldManager[],
  segments: readonly string[],
  controller: string,
): FieldBlame | null {
  let appliedAt: number | null = null
  let best: FieldManager | null = null
  let holdsBest = false
  for (const entry of managers) {
    if (entry.manager === controller) {
      if (entry.operation === 'Apply' && entry.at !== null) appliedAt = Math.max(appliedAt ?? 0, entry.at)
      continue
    }
    if (entry.subresource !== '' || entry.at === null) continue
    const holds = ownsField(entry.fields, segments)
    if (!holds && (holdsBest || entry.operation !== 'Update')) continue
    if (best === null || (holds && !holdsBest) || entry.at > (best.at ?? 0)) best = entry
    holdsBest ||= holds
  }
  return best === null || (appliedAt !== null && (best.at ?? 0) < appliedAt) ? null : toBlame(best)
}

export function toBlame(entry: FieldManager): FieldBlame {
  return { manager: entry.manager, operation: entry.operation, subresource: entry.subresource, at: entry.at }
}

function isBetter(entry: FieldManager, than: FieldManager, controller: string): boolean {
  if ((entry.manager === controller) !== (than.manager === controller)) return than.manager === controller
  return (entry.at ?? 0) > (than.at ?? 0)
}
