import type { HistoryStoreState } from '../../../shared/model/history.ts'

/** How much the store holds. */
export function historyNote(state: HistoryStoreState | null): string {
  if (state === null || (state.problem !== '' && state.entries === 0)) return ''
  return `${state.entries.toLocaleString()} entries, ${Math.max(1, Math.round(state.bytes / 1_000_000)).toLocaleString()} MB`
}
