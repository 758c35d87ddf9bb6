/** Events as they were last seen, out of the history: the cluster keeps them for an hour, and cannot be asked. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { EventRow } from '../../../shared/model/rows.ts'
import type { CallName, Handlers } from '../../../shared/contract/index.ts'
import { eventRowKey } from '../events/event-table.ts'
import type { LastEventsQuestion } from '../events/create-events-watch.ts'
import type { Codec } from '../ports.ts'

type Query = Handlers['history.query' & CallName]

const maxEvents = 500

/** Newest first; the same event told several times is one row. */
export async function lastEvents(
  query: Query,
  codec: Codec,
  { cluster, ref, limit }: LastEventsQuestion,
  signal: AbortSignal,
): Promise<readonly EventRow[]> {
  const about = ref === null ? { clusters: [cluster] } : { owner: ref }
  const page = await query(
    { query: { ...about, types: ['event'] }, limit: Math.min(limit, maxEvents), after: null },
    { signal, client: 'window' },
  )
  const rows = new Map<string, EventRow>()
  for (const entry of page.entries) {
    const row = entry.ref === null ? null : toRow(entry, entry.ref, cluster, codec)
    if (row === null) continue
    const newer = rows.get(row.key)
    rows.set(row.key, newer === undefined ? row : { ...newer, count: newer.count + row.count, firstAt: row.firstAt })
  }
  return [...rows.values()]
}

function toRow(entry: HistoryEntry, involved: ObjectRef, cluster: ClusterId, codec: Codec): EventRow {
  const { reason, message, at, by, count, facts, tone } = entry
  const type = tone === 'bad' ? 'Warning' : 'Normal'
  const firstAt = facts?.['firstAt']
  return {
    key: eventRowKey(codec, refKey(involved), { type, reason, source: by, message }),
    cluster,
    involved,
    type,
    reason,
    message,
    count,
    firstAt: typeof firstAt === 'number' ? firstAt : at,
    lastAt: at,
    source: by,
  }
}
