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

function count(counts: Counts, row: FluxRow, step: number): Counts {
  const { word, isOverdue } = row.status
  return {
    total: counts.total + step,
    failures: counts.failures + (isFailure(row.status) ? step : 0),
    overdue: counts.overdue + (isOverdue ? step : 0),
    words: { ...counts.words, [word]: (counts.words[word] ?? 0) + step },
  }
}

/** Rows that are counted alike have one text. */
function countedAs({ status, category, ref }: FluxRow): string {
  return `${status.word} ${String(status.isOverdue)} ${category} ${ref.cluster}`
}

watchRows(({ upsert, remove, replaced }) => {
  const steps = new Map<string, { readonly row: FluxRow; step: number }>()
  const add = (row: FluxRow, step: 1 | -1): void => {
    const text = countedAs(row)
    const known = steps.get(text)
    if (known === undefined) steps.set(text, { row, step })
    else known.step += step
  }
  for (const row of replaced) add(row, -1)
  for (const row of remove) add(row, -1)
  for (const row of upsert) add(row, 1)
  // Most changes of a cluster at rest are of messages and times: whoever shows counts is not asked to draw anew.
  const moved = [...steps.values()].filter(({ step }) => step !== 0)
  if (moved.length === 0) return
  const state = rowCountsStore.getState()
  let { all } = state
  const byCategory = new Map(state.byCategory)
  const byCluster = new Map(state.byCluster)
  for (const { row, step } of moved) {
    all = count(all, row, step)
    byCategory.set(row.category, count(byCategory.get(row.category) ?? noCounts, row, step))
    byCluster.set(row.ref.cluster, count(byCluster.get(row.ref.cluster) ?? noCounts, row, step))
  }
  rowCountsStore.setState({ all, byCategory, byCluster })
})
