/** Writing entries into an open file: one transaction's work; whoever calls opens and ends it. */
import type { DatabaseSync } from 'node:sqlite'
import { historyTones, historyTypes, mergedTime } from '../../../shared/model/history.ts'
import type { HistoryEntry, NewHistoryEntry } from '../../../shared/model/history.ts'
import { createDecoder } from './decode.ts'
import type { Decoder } from './decode.ts'
import { createInterner, stringHash } from './intern.ts'
import { splitMessage } from './message-template.ts'
import { entryColumns, firstRowId, packIdentity, packText, perMillisecond, reasonBehind, rowId } from './row.ts'
import type { EntryRow } from './row.ts'
import type { OpenFile } from './store-file.ts'
import { fieldToken, wordsOf } from './words.ts'

export interface EntryTable {
  /** Within a transaction. `tell` is given each entry as it now stands. */
  add(entries: readonly NewHistoryEntry[], now: number, tell: ((entry: HistoryEntry) => void) | null): AddedEntries
  /** Within a transaction: deletes these rows. */
  remove(ids: readonly bigint[]): void
  /** After a transaction that was undone. */
  forget(): void
  readonly decoder: Decoder
}

/** An open file with its statements. */
export interface Connection extends OpenFile {
  readonly table: EntryTable
}

export interface AddedEntries {
  readonly added: number
  readonly merged: number
}

export function createEntryTable(database: DatabaseSync): EntryTable {
  const intern = createInterner(database)
  const decoder = createDecoder(database)
  const readMeta = database.prepare('SELECT next_number, entries, generation, sweeping FROM meta WHERE id = 1')
  const writeMeta = database.prepare('UPDATE meta SET next_number = ?, entries = ? WHERE id = 1')
  const lastOf = database.prepare('SELECT max(id) & 1048575 AS n FROM entry WHERE id >= ? AND id < ?')
  const insert = database.prepare(
    'INSERT INTO entry (id, number, cluster, type, tone, backfilled, object, owner, reason, template, revision, actor, count, recorded, holes, identity, facts) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const change = database.prepare('UPDATE entry SET template = ?, holes = ?, count = ?, facts = ? WHERE id = ?')
  const find = database.prepare(`SELECT ${entryColumns} FROM entry e WHERE e.identity = ? AND e.cluster = ?`)
  find.setReturnArrays(true)
  const remove = database.prepare('DELETE FROM entry WHERE id = ?')
  const addWords = database.prepare('INSERT INTO word (rowid, text) VALUES (?, ?)')
  const removeWords = database.prepare('DELETE FROM word WHERE rowid = ?')
  const countDown = database.prepare('UPDATE meta SET entries = entries - ?, deleted = deleted + ? WHERE id = 1')
  let generation = -1

  /** A place in that millisecond, or in the next that has one. */
  function placeAt(at: number): bigint {
    for (let time = at; ; time++) {
      const last = lastOf.get(firstRowId(time), firstRowId(time + 1))?.['n']
      if (last === null || last === undefined) return rowId(time, 0)
      if (Number(last) + 1 < perMillisecond) return rowId(time, Number(last) + 1)
    }
  }

  function insertEntry(entry: NewHistoryEntry, number: number, recorded: number): void {
    const { template, holes } = splitMessage(entry.message)
    const id = placeAt(entry.at)
    const cluster = intern.string(entry.cluster)
    const reason = intern.string(entry.reason)
    const actor = entry.by === '' ? null : intern.string(entry.by)
    const type = historyTypes.indexOf(entry.type)
    const tone = historyTones.indexOf(entry.tone)
    const { ref, owner } = entry
    insert.run(
      id,
      number,
      cluster,
      type,
      tone,
      entry.isBackfilled ? 1 : 0,
      ref === null ? null : intern.object(ref),
      owner === null ? null : intern.object(owner),
      reason,
      intern.string(template),
      entry.revision === '' ? null : intern.revision(entry.revision),
      actor,
      entry.count === 1 ? null : entry.count,
      recorded,
      holes === null ? null : packText(holes),
      packIdentity(entry.identity),
      entry.facts === null ? null : packText(JSON.stringify(entry.facts)),
    )
    const words = [
      ...wordsOf(`${ref?.name ?? ''} ${entry.reason} ${entry.message}`),
      fieldToken('cluster', cluster),
      fieldToken('type', type),
      fieldToken('tone', tone),
      fieldToken('reason', reason),
    ]
    if (actor !== null) words.push(fieldToken('actor', actor))
    if (ref !== null) {
      words.push(fieldToken('kind', intern.string(ref.kind)), fieldToken('namespace', intern.string(ref.namespace)))
    }
    // By its text, not a number of the table of texts: a sweep need not know of it.
    const because = entry.type === 'event' ? '' : reasonBehind(entry.facts)
    if (because !== '') words.push(fieldToken('because', stringHash(because)))
    addWords.run(id, words.join(' '))
  }

  /** A later one of the same identity. */
  function merge(row: EntryRow, entry: NewHistoryEntry): HistoryEntry {
    const before = decoder.entry(row)
    const { message, count, facts } = entry
    const at = mergedTime(before, entry)
    const after: HistoryEntry = { ...before, at, message, count, facts }
    const id = rowId(row[0], row[1])
    if (at === before.at && message === before.message && reasonBehind(facts) === reasonBehind(before.facts)) {
      change.run(
        row[10],
        row[15],
        count === 1 ? null : count,
        facts === null ? null : packText(JSON.stringify(facts)),
        id,
      )
      return after
    }
    remove.run(id)
    removeWords.run(id)
    insertEntry(after, row[2], row[14])
    return after
  }

  return {
    decoder,
    add(entries, now, tell) {
      const meta = readMeta.get()
      if (Number(meta?.['generation']) !== generation) {
        intern.forget()
        generation = Number(meta?.['generation'])
        intern.setSweeping(meta?.['sweeping'] === 1)
      }
      const first = Number(meta?.['next_number'])
      let number = first
      for (const entry of entries) {
        const identity = packIdentity(entry.identity)
        const found =
          identity === null
            ? undefined
            : (find.get(identity, intern.string(entry.cluster)) as unknown as EntryRow | undefined)
        if (found !== undefined) {
          const after = merge(found, entry)
          tell?.(after)
          continue
        }
        insertEntry(entry, number, now)
        tell?.({ ...entry, key: String(number), recordedAt: now })
        number += 1
      }
      const added = number - first
      writeMeta.run(number, Number(meta?.['entries']) + added)
      return { added, merged: entries.length - added }
    },
    remove(ids) {
      for (const id of ids) {
        remove.run(id)
        removeWords.run(id)
      }
      countDown.run(ids.length, ids.length)
    },
    forget() {
      intern.forget()
      generation = -1
    },
  }
}
