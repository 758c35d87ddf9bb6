/** Counts of rows by status, for each category and each cluster, kept by adding and subtracting each change. */
import { createStore } from 'zustand/vanilla'
import { isFailure } from '../../shared/lib/row-order.ts'
import type { ClusterId } from '../../shared/model/identity.ts'
import type { Category, FluxRow } from '../../shared/model/rows.ts'
import type { StatusWord } from '../../shared/model/status.ts'
import { watchRows } from './rows.ts'

export interface Counts {
  readonly total: number
  /** Failed, Stalled, Unreachable or overdue. */
  readonly failures: number
  readonly overdue: number
  readonly words: Readonly<Partial<Record<StatusWord, number>>>
}

export interface RowCounts {
  readonly all: Counts
  readonly byCategory: ReadonlyMap<Category, Counts>
  readonly byCluster: ReadonlyMap<ClusterId, Counts>
}

export const noCounts: Counts = { total: 0, failures: 0, overdue: 0, words: {} }

export const rowCountsStore = createStore<RowCounts>(() => ({
  all: noCounts,
  byCategory: new Map(),
  byCluster: new Map(),
}))

function count(counts: Counts, row: FluxRow, step: 1 | -1): Counts {
  const { word, isOverdue } = row.status
  return {
    total: counts.total + step,
    failures: counts.failures + (isFailure(row.status) ? step : 0),
    overdue: counts.overdue + (isOverdue ? step : 0),
    words: { ...counts.words, [word]: (counts.words[word] ?? 0) + step },
  }
}

watchRows(({ upsert, remove, replaced }) => {
  const state = rowCountsStore.getState()
  let { all } = state
  const byCategory = new Map(state.byCategory)
  const byCluster = new Map(state.byCluster)
  const take = (row: FluxRow, step: 1 | -1): void => {
    all = count(all, row, step)
    byCategory.set(row.category, count(byCategory.get(row.category) ?? noCounts, row, step))
    byCluster.set(row.ref.cluster, count(byCluster.get(row.ref.cluster) ?? noCounts, row, step))
  }
  for (const row of replaced) take(row, -1)
  for (const row of remove) take(row, -1)
  for (const row of upsert) take(row, 1)
  rowCountsStore.setState({ all, byCategory, byCluster })
})
