/** Events that say the same of the same object are one row; the newest `limit` rows are kept in sight. Pure. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { EventRow } from '../../../shared/model/rows.ts'
import type { Codec } from '../ports.ts'
import type { ReadEvent } from './event-row.ts'

interface Group {
  readonly key: string
  readonly cluster: ClusterId
  readonly members: Map<string, ReadEvent>
  /** null: to be made anew when it is next looked at. */
  row: EventRow | null
}

export class EventTable {
  readonly #limit: number
  readonly #codec: Codec
  readonly #groups = new Map<string, Group>()
  /** Event id (with its cluster) → key of its group. */
  readonly #groupOf = new Map<string, string>()
  /** Rows told, by key. */
  #shown = new Map<string, EventRow>()

  constructor(options: { limit: number; codec: Codec }) {
    this.#limit = options.limit
    this.#codec = options.codec
  }

  get size(): number {
    return this.#groups.size
  }

  upsert(event: ReadEvent): void {
    const id = `${event.involved.cluster}|${event.id}`
    const key = eventRowKey(this.#codec, refKey(event.involved), event)
    const before = this.#groupOf.get(id)
    if (before !== undefined && before !== key) this.#leave(before, id)
    this.#groupOf.set(id, key)
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { key, cluster: event.involved.cluster, members: new Map(), row: null }
      this.#groups.set(key, group)
    }
    group.members.set(id, event)
    group.row = null
  }

  remove(cluster: ClusterId, eventId: string): void {
    const id = `${cluster}|${eventId}`
    const key = this.#groupOf.get(id)
    if (key === undefined) return
    this.#groupOf.delete(id)
    this.#leave(key, id)
  }

  /** Forgets the events for which `isGone` holds. */
  removeWhere(isGone: (event: ReadEvent) => boolean): void {
    for (const group of [...this.#groups.values()])
      for (const [id, event] of [...group.members])
        if (isGone(event)) {
          this.#groupOf.delete(id)
          this.#leave(group.key, id)
        }
  }

  /** What changed in sight since the last call, newest first. */
  takeChanges(): { readonly upsert: readonly EventRow[]; readonly remove: readonly string[] } {
    const rows = [...this.#groups.values()].map(
      (group) => (group.row ??= toRow(group.key, [...group.members.values()])),
    )
    rows.sort((a, b) => b.lastAt - a.lastAt || (a.key < b.key ? -1 : 1))
    const shown = new Map(rows.slice(0, this.#limit).map((row) => [row.key, row]))
    const upsert = [...shown.values()].filter((row) => this.#shown.get(row.key) !== row)
    const remove = [...this.#shown.keys()].filter((key) => !shown.has(key))
    this.#shown = shown
    return { upsert, remove }
  }

  /** Is it among the rows in sight, as of the last `takeChanges`. */
  isShown(key: string): boolean {
    return this.#shown.has(key)
  }

  #leave(key: string, id: string): void {
    const group = this.#groups.get(key)
    if (group === undefined) return
    group.members.delete(id)
    if (group.members.size === 0) this.#groups.delete(key)
    else group.row = null
  }
}

/** Key of the row of all events that say the same of an object. */
export function eventRowKey(
  codec: Codec,
  involved: string,
  { type, reason, source, message }: Pick<EventRow, 'type' | 'reason' | 'source' | 'message'>,
): string {
  return `${involved}|${codec.sha256Hex([type, reason, source, message].join('\u0000')).slice(0, 16)}`
}

function toRow(key: string, members: readonly ReadEvent[]): EventRow {
  const newest = members.reduce((best, each) => (each.lastAt > best.lastAt ? each : best))
  return {
    key,
    cluster: newest.involved.cluster,
    involved: newest.involved,
    type: newest.type,
    reason: newest.reason,
    message: newest.message,
    count: members.reduce((sum, each) => sum + each.count, 0),
    firstAt: members.reduce((least, each) => Math.min(least, each.firstAt), newest.firstAt),
    lastAt: newest.lastAt,
    source: newest.source,
  }
}
