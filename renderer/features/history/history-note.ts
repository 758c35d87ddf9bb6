import type { HistoryStoreState } from '../../../shared/model/history.ts'

/** What is wrong with the store, else how much it holds. */
export function historyNote(state: HistoryStoreState | null): string {
  if (state === null) return ''
  if (state.problem !== '') return `Not recorded now: ${state.problem}`
  if (state.note !== '') return state.note
  return `${state.entries.toLocaleString()} entries, ${Math.max(1, Math.round(state.bytes / 1_000_000)).toLocaleString()} MB`
}
