import type { FluxRow } from '../../../shared/model/rows.ts'

/** A row as it was last seen: Stale, with the word that it had as the reason and the time of the snapshot as since. */
export function staleRow(row: FluxRow, at: number): FluxRow {
  const { word, reason, message } = row.status
  return {
    ...row,
    status: { word: 'Stale', reason: word === 'Stale' ? reason : word, message, since: at, isOverdue: false },
  }
}
