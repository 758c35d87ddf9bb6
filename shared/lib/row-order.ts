/** Order of rows: failures first, calm last (interface.md, "Row order"); an overdue object stands with the failures. */
import type { FluxRow } from '../model/rows.ts'
import { statusWords } from '../model/status.ts'
import type { FluxStatus, StatusWord } from '../model/status.ts'

const rankOfWord: Readonly<Record<StatusWord, number>> = Object.fromEntries(
  statusWords.map((word, index) => [word, index * 2]),
) as Record<StatusWord, number>

/** Just behind the last failure. */
const overdueRank = rankOfWord.Unreachable + 1

/** Smaller comes first. */
export function statusRank(status: Pick<FluxStatus, 'word' | 'isOverdue'>): number {
  const rank = rankOfWord[status.word]
  return status.isOverdue ? Math.min(rank, overdueRank) : rank
}

/** Is this a row that asks for a person: Failed, Stalled, Unreachable or overdue. */
export function isFailure(status: Pick<FluxStatus, 'word' | 'isOverdue'>): boolean {
  return statusRank(status) <= overdueRank
}

/** Code-unit order: the same on every machine, and far faster than collation. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** By status, then newest change first among equals that failed, then namespace, name, kind, cluster. */
export function compareRows(a: FluxRow, b: FluxRow): number {
  const byStatus = statusRank(a.status) - statusRank(b.status)
  if (byStatus !== 0) return byStatus
  if (isFailure(a.status)) {
    const bySince = (b.status.since ?? 0) - (a.status.since ?? 0)
    if (bySince !== 0) return bySince
  }
  return (
    compareText(a.ref.namespace, b.ref.namespace) ||
    compareText(a.ref.name, b.ref.name) ||
    compareText(a.ref.kind, b.ref.kind) ||
    compareText(a.ref.cluster, b.ref.cluster)
  )
}

/** A sorted copy in the order of compareRows; ranks are computed once per row. */
export function orderRows(rows: readonly FluxRow[]): FluxRow[] {
  const buckets = new Map<number, FluxRow[]>()
  for (const row of rows) {
    const rank = statusRank(row.status)
    const bucket = buckets.get(rank)
    if (bucket === undefined) buckets.set(rank, [row])
    else bucket.push(row)
  }
  return [...buckets.keys()].sort((a, b) => a - b).flatMap((rank) => (buckets.get(rank) ?? []).sort(compareRows))
}
