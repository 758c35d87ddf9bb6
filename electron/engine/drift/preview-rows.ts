/** Rows of a preview, for both kinds of owner. */
import type { DriftObject, DriftRisk } from '../../../shared/model/drift.ts'
import { driftRank } from '../../../shared/model/drift.ts'

const maxObjects = 500

/** Riskiest first, capped. */
export function shownObjects(rows: readonly DriftObject[]): readonly DriftObject[] {
  return rows.toSorted((a, b) => driftRank(a) - driftRank(b)).slice(0, maxObjects)
}

export function riskiest(rows: readonly DriftObject[]): DriftRisk {
  return shownObjects(rows)[0]?.risk ?? { level: 'low', text: '' }
}

export function countObjects(count: number): string {
  return count === 1 ? 'one object' : `${String(count)} objects`
}
