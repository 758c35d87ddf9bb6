/** The store's port over a list: what the engine's tests look into. */
import type { EventStore } from '../../../electron/engine/history/event-store-port.ts'
import type { HistoryEntry, NewHistoryEntry } from '../../../shared/model/history.ts'

export function createMemoryEvents(): EventStore & {
  readonly entries: HistoryEntry[]
  readonly checks: string[]
  refusal: Error | null
} {
  const listeners = new Set<(entries: readonly HistoryEntry[]) => void>()
  let count = 0
  const stored = (entry: NewHistoryEntry): HistoryEntry => ({
    ...entry,
    key: String((count += 1)),
    recordedAt: entry.at,
  })
  const events = {
    entries: [] as HistoryEntry[],
    checks: [] as string[],
    refusal: null as Error | null,
    append(entries: readonly NewHistoryEntry[]) {
      if (events.refusal !== null) return Promise.reject(events.refusal)
      let merged = 0
      const added: HistoryEntry[] = []
      for (const entry of entries) {
        const index = events.entries.findIndex(
          (each) => entry.identity !== '' && each.identity === entry.identity && each.cluster === entry.cluster,
        )
        const known = events.entries[index]
        if (known === undefined) added.push(stored(entry))
        else {
          merged += 1
          const { at, message, count: times, facts } = entry
          events.entries[index] = { ...known, at, message, count: times, facts }
          continue
        }
        events.entries.push(...added.slice(-1))
      }
      for (const listener of listeners) listener(added)
      return Promise.resolve({ added: added.length, merged })
    },
    query(query: Parameters<EventStore['query']>[0], page: Parameters<EventStore['query']>[1]) {
      const found = events.entries.filter(({ type }) => query.types === undefined || query.types.includes(type))
      return Promise.resolve({ entries: found.toReversed().slice(0, page.limit), next: null })
    },
    buckets: () => Promise.resolve([]),
    watch(listener: (entries: readonly HistoryEntry[]) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    check(depth: 'quick' | 'full') {
      events.checks.push(depth)
      return Promise.resolve()
    },
    putText: () => Promise.reject(new Error('not asked for')),
    text: () => Promise.resolve(null),
    state: () => Promise.resolve({ entries: events.entries.length, bytes: 0, oldestAt: null, problem: '', note: '' }),
    setRetention: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  return events
}
