/** The store's port over a list: what the engine's tests look into. */
import type { AuditLine } from '../../../shared/model/audit.ts'
import type { EventStore } from '../../../electron/engine/history/event-store-port.ts'
import { memoryCodec } from '../memory-codec.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { mergedTime } from '../../../shared/model/history.ts'
import type { HistoryEntry, HistoryRetention, NewHistoryEntry } from '../../../shared/model/history.ts'

export function createMemoryEvents(): EventStore & {
  readonly entries: HistoryEntry[]
  readonly checks: string[]
  readonly texts: Map<string, string>
  readonly audited: AuditLine[]
  /** Of a file that was set aside. */
  note: string
  readonly retentions: HistoryRetention[]
  readonly forgotten: (readonly string[] | null)[]
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
          const { message, count: times, facts } = entry
          events.entries[index] = { ...known, at: mergedTime(known, entry), message, count: times, facts }
          continue
        }
        events.entries.push(...added.slice(-1))
      }
      for (const listener of listeners) listener(added)
      return Promise.resolve({ added: added.length, merged })
    },
    query(query: Parameters<EventStore['query']>[0], page: Parameters<EventStore['query']>[1]) {
      const found = events.entries
        .filter((entry) => matches(entry, query))
        .sort((a, b) => b.at - a.at || Number(b.key) - Number(a.key))
      const start = Number(page.after ?? 0)
      const end = start + page.limit
      return Promise.resolve({ entries: found.slice(start, end), next: end < found.length ? String(end) : null })
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
    texts: new Map<string, string>(),
    putText: async (text: string) => (await events.putTexts([text]))[0] ?? '',
    putTexts(texts: readonly string[]) {
      return Promise.resolve(
        texts.map((text) => {
          const digest = `sha256:${memoryCodec.sha256Hex(text)}`
          events.texts.set(digest, text)
          return digest
        }),
      )
    },
    text: (digest: string) => Promise.resolve(events.texts.get(digest) ?? null),
    state: () =>
      Promise.resolve({ entries: events.entries.length, bytes: 0, oldestAt: null, problem: '', note: events.note }),
    note: '',
    audited: [] as AuditLine[],
    appendAudit(lines: readonly AuditLine[]) {
      events.audited.push(...lines)
      return Promise.resolve()
    },
    takeOldAudit: () => Promise.resolve(),
    audit: () => Promise.resolve([]),
    verifyAudit: () => Promise.resolve({ rows: 0, first: 0, head: 0, digest: '', faults: [] }),
    retentions: [] as HistoryRetention[],
    setRetention(retention: HistoryRetention) {
      events.retentions.push(retention)
      return Promise.resolve()
    },
    forgotten: [] as (readonly string[] | null)[],
    forget(clusters: readonly string[] | null) {
      events.forgotten.push(clusters)
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
  return events
}

/** As the store: what the engine asks for. */
function matches(entry: HistoryEntry, query: Parameters<EventStore['query']>[0]): boolean {
  const { clusters, types, ref, owner, commits, tones, from = 0, until = Infinity } = query
  if (clusters !== undefined && !clusters.includes(entry.cluster)) return false
  if (types !== undefined && !types.includes(entry.type)) return false
  if (tones !== undefined && !tones.includes(entry.tone)) return false
  if (ref !== undefined && (entry.ref === null || refKey(entry.ref) !== refKey(ref))) return false
  if (owner !== undefined && ![entry.ref, entry.owner].some((each) => each !== null && refKey(each) === refKey(owner)))
    return false
  if (commits !== undefined && !commits.some((each) => entry.revision === each || entry.revision.includes(`:${each}`)))
    return false
  return entry.at >= from && entry.at < until
}
