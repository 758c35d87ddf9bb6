/** Rows as entries: texts and objects are looked up once and remembered; numbers are never used twice, so what is remembered stays true. */
import type { DatabaseSync } from 'node:sqlite'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryEntry, HistoryFacts } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { joinMessage } from './message-template.ts'
import { unpackIdentity, unpackText } from './row.ts'
import type { EntryRow, Packed } from './row.ts'

const maxKept = 50_000

export interface Decoder {
  entry(row: EntryRow): HistoryEntry
  message(template: number, holes: Packed): string
  object(id: number): ObjectRef
  string(id: number): string
}

export function createDecoder(database: DatabaseSync): Decoder {
  const strings = new Map<number, string>()
  const objects = new Map<number, ObjectRef>()
  const revisions = new Map<number, string>()
  const readString = database.prepare('SELECT text FROM string WHERE id = ?')
  const readObject = database.prepare('SELECT cluster, grp, kind, namespace, name FROM object WHERE id = ?')
  readObject.setReturnArrays(true)
  const readRevision = database.prepare('SELECT text FROM revision WHERE id = ?')

  function remember<T>(kept: Map<number, T>, id: number, read: () => T): T {
    const known = kept.get(id)
    if (known !== undefined) return known
    const value = read()
    if (kept.size >= maxKept) kept.clear()
    kept.set(id, value)
    return value
  }

  const decoder: Decoder = {
    string: (id) => remember(strings, id, () => textOf(readString.get(id))),
    object: (id) =>
      remember(objects, id, () => {
        const parts = (readObject.get(id) ?? []) as unknown as number[]
        const [cluster = '', group = '', kind = '', namespace = '', name = ''] = parts.map((part) =>
          decoder.string(part),
        )
        return { cluster, group, kind, namespace, name }
      }),
    message: (template, holes) => joinMessage(decoder.string(template), unpackText(holes)),
    entry(row) {
      const [at, , number, cluster, type, tone, backfilled, object, owner, reason, template] = row
      const [revision, actor, count, recorded, holes, identity, facts] = [
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        row[16],
        row[17],
      ] as const
      return {
        key: String(number),
        cluster: decoder.string(cluster),
        type: historyTypes[type] ?? 'event',
        tone: historyTones[tone] ?? 'plain',
        ref: object === null ? null : decoder.object(object),
        owner: owner === null ? null : decoder.object(owner),
        at,
        recordedAt: recorded,
        reason: decoder.string(reason),
        message: decoder.message(template, holes),
        revision: revision === null ? '' : remember(revisions, revision, () => textOf(readRevision.get(revision))),
        by: actor === null ? '' : decoder.string(actor),
        count: count ?? 1,
        isBackfilled: backfilled === 1,
        identity: unpackIdentity(identity),
        facts: facts === null ? null : (JSON.parse(unpackText(facts) ?? 'null') as HistoryFacts),
      }
    },
  }
  return decoder
}

function textOf(row: Record<string, unknown> | undefined): string {
  return typeof row?.['text'] === 'string' ? row['text'] : ''
}
