/**
 * Clears away texts, objects and revisions that no entry uses any more, beside writers of any process. First the sweep is announced (a new
 * `generation` makes writers forget their numbers, `sweeping` makes them note which they use again), then all entries are read in slices, then
 * what neither they nor a note name is deleted.
 */
import type { DatabaseSync } from 'node:sqlite'
import { sweptTables } from './intern.ts'
import { unpackText } from './row.ts'
import type { Packed } from './row.ts'
import type { Connection } from './entry-table.ts'

export interface SweepOptions {
  readonly transact: <T>(work: (connection: Connection) => T) => T
  readonly pause: () => Promise<void>
  /** Texts that no entry's facts name and that were kept before, too. */
  readonly textsBefore: number | null
}

const readRows = 5000
const deleteRows = 1000

export async function sweep({ transact, pause, textsBefore }: SweepOptions): Promise<void> {
  const last = transact(({ database }) => {
    database.exec('DELETE FROM used_again; UPDATE meta SET generation = generation + 1, sweeping = 1')
    return sweptTables.map((table) => numberOf(database, `SELECT max(id) AS n FROM ${table}`))
  })
  const [strings, objects, revisions] = last.map((id) => new Uint8Array(id + 1)) as [Uint8Array, Uint8Array, Uint8Array]
  const mark = (marks: Uint8Array, id: number | null): void => {
    if (id !== null && id < marks.length) marks[id] = 1
  }
  const digests = new Set<string>()
  for (let from = 0n; from >= 0n;) {
    from = transact(({ database }) => {
      const rows = prepare(
        database,
        `SELECT cluster, reason, template, actor, object, owner, revision, id >> 20, id & 1048575, ${textsBefore === null ? 'NULL' : 'facts'}
         FROM entry WHERE id >= ? ORDER BY id LIMIT ${readRows}`,
      ).all(from) as unknown as (number | null)[][]
      for (const [cluster, reason, template, actor, object, owner, revision, , , facts] of rows) {
        for (const id of [cluster, reason, template, actor]) mark(strings, id ?? null)
        for (const id of [object, owner]) mark(objects, id ?? null)
        mark(revisions, revision ?? null)
        const text = unpackText((facts ?? null) as unknown as Packed)
        for (const [digest] of text?.matchAll(/sha256:[0-9a-f]{64}/g) ?? []) digests.add(digest.slice(7))
      }
      const row = rows.at(-1)
      return row === undefined ? -1n : (BigInt(row[7] ?? 0) << 20n) + BigInt(row[8] ?? 0) + 1n
    })
    await pause()
  }
  for (const [kind, table, marks] of [
    [1, 'object', objects],
    [2, 'revision', revisions],
    [0, 'string', strings],
  ] as const) {
    for (let from = 0; from < marks.length; from += deleteRows) {
      const until = Math.min(marks.length, from + deleteRows)
      transact(({ database }) => {
        const again = database.prepare('SELECT 1 FROM used_again WHERE kind = ? AND id = ?')
        const remove = database.prepare(`DELETE FROM ${table} WHERE id = ?`)
        const partsOf = prepare(database, 'SELECT cluster, grp, kind, namespace, name FROM object WHERE id = ?')
        for (let id = from; id < until; id++) {
          const isUsed = marks[id] === 1 || again.get(kind, id) !== undefined
          if (!isUsed) remove.run(id)
          else if (table === 'object')
            for (const part of (partsOf.get(id) ?? []) as unknown as number[]) mark(strings, part)
        }
      })
      await pause()
    }
  }
  transact(({ database }) => {
    database.exec('DELETE FROM used_again; UPDATE meta SET generation = generation + 1, sweeping = 0')
  })
  if (textsBefore !== null) await removeTexts(digests, textsBefore, transact, pause)
}

async function removeTexts(
  used: ReadonlySet<string>,
  before: number,
  transact: SweepOptions['transact'],
  pause: () => Promise<void>,
): Promise<void> {
  const all = transact(({ database }) =>
    database
      .prepare('SELECT digest FROM text WHERE kept < ?')
      .all(before)
      .map(({ digest }) => Buffer.from(digest as Uint8Array)),
  )
  const unused = all.filter((digest) => !used.has(digest.toString('hex')))
  for (let from = 0; from < unused.length; from += 20) {
    transact(({ database }) => {
      const remove = database.prepare('DELETE FROM text WHERE digest = ? AND kept < ?')
      for (const digest of unused.slice(from, from + 20)) remove.run(digest, before)
    })
    await pause()
  }
}

function prepare(database: DatabaseSync, sql: string): ReturnType<DatabaseSync['prepare']> {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return statement
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(database.prepare(sql).get()?.['n'] ?? 0)
}
