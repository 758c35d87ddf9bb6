/** The history as the engine would answer it, from entries in memory. */
import type { HistoryEntry, HistoryQuery, HistoryStoreState } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { ModelStore } from '../../adapters/event-store/model.ts'
import type { FakeBridge } from './fake-bridge.ts'

let count = 0

/** About `ref`, which is its own owner unless it says otherwise. */
export function historyEntry(
  ref: ObjectRef,
  type: HistoryEntry['type'],
  at: number,
  told: Partial<HistoryEntry> = {},
): HistoryEntry {
  return {
    key: String((count += 1)),
    recordedAt: at,
    cluster: ref.cluster,
    type,
    ref,
    owner: type === 'commit' ? null : ref,
    at,
    reason: '',
    message: '',
    tone: 'plain',
    revision: '',
    by: '',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
    ...told,
  }
}

export function answerHistory(
  bridge: FakeBridge,
  entries: readonly HistoryEntry[],
  state: Partial<HistoryStoreState> = {},
): void {
  const store = new ModelStore()
  store.append(entries)
  bridge.answer('history.query', ({ query, limit, after }) => {
    // Number and time of writing are kept with the rest.
    const found = store.query(query as HistoryQuery) as readonly HistoryEntry[]
    const from = after === null ? 0 : Number(after)
    const next = from + limit < found.length ? String(from + limit) : null
    return { ok: true, value: { entries: found.slice(from, from + limit), next } }
  })
  bridge.answer('history.buckets', ({ query, from, until, count: columns }) => {
    const step = (until - from) / columns
    const buckets = Array.from({ length: columns }, (_, index) => {
      const at = from + index * step
      const found = store.query(query as HistoryQuery).filter((entry) => entry.at >= at && entry.at < at + step)
      const runs = found.filter(({ type }) => type === 'run' || type === 'commit').length
      return { at, count: found.length, bad: found.filter(({ tone }) => tone === 'bad').length, runs }
    })
    return { ok: true, value: { buckets } }
  })
  bridge.answer('history.bands', () => ({ ok: true, value: { bands: [] } }))
  bridge.answer('history.state', () => ({
    ok: true,
    value: {
      entries: entries.length,
      bytes: 1_000_000,
      oldestAt: entries.length === 0 ? null : Math.min(...entries.map(({ at }) => at)),
      problem: '',
      note: '',
      ...state,
    },
  }))
}
