/** Rows of a preview, for both kinds of owner. */
import type { DriftObject, DriftRisk } from '../../../shared/model/drift.ts'

const maxObjects = 500
const levels: readonly DriftRisk['level'][] = ['low', 'medium', 'high']

/** Riskiest first, capped. */
export function shownObjects(rows: readonly DriftObject[]): readonly DriftObject[] {
  return rows.toSorted((a, b) => levels.indexOf(b.risk.level) - levels.indexOf(a.risk.level)).slice(0, maxObjects)
}

export function riskiest(rows: readonly DriftObject[]): DriftRisk {
  return shownObjects(rows)[0]?.risk ?? { level: 'low', text: '' }
}

export function countObjects(count: number): string {
  return count === 1 ? 'one object' : `${String(count)} objects`
}
