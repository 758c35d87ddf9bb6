/** How long history is kept: by age and by size, the oldest going first, in slices that hold up a writer for some milliseconds at most. */
import type { DatabaseSync } from 'node:sqlite'
import type { HistoryRetention } from '../../../shared/model/history.ts'
import { trimAudit } from './audit-table.ts'
import { stringHash } from './intern.ts'
import { firstRowId, rowId } from './row.ts'
import type { Connection } from './entry-table.ts'
import { sweep } from './sweep.ts'
import { exactly, fieldToken } from './words.ts'

export interface Retention {
  /** Resolves when what these limits do not keep is gone; rejects where it cannot go (disk full, stopped). */
  apply(limits: HistoryRetention): Promise<void>
  forget(clusters: readonly string[] | null): Promise<void>
  stop(): void
}

export interface RetentionOptions {
  readonly now: () => number
  readonly monotonicMs: () => number
  readonly after: (ms: number, callback: () => void) => () => void
  /** Does not keep the process alive. */
  readonly afterIdly: (ms: number, callback: () => void) => () => void
  readonly transact: <T>(work: (connection: Connection) => T) => T
  readonly database: () => DatabaseSync
}

/** What one slice aims at, and how long the writers then have it for themselves. */
const sliceMs = 5
const restMs = 10
const vacuumPages = 64
/** After so many deleted entries it pays to look for texts that nothing uses any more. */
const sweepAfter = 5000

export function createRetention(options: RetentionOptions): Retention {
  const { now, monotonicMs, after, afterIdly, transact, database } = options
  let running: Promise<void> | null = null
  let isStopped = false
  let sliceRows = 50
  let wake: (() => void) | null = null
  /** Whoever asked waits for it. */
  let asked = 0

  function pause(): Promise<void> {
    if (isStopped) return Promise.reject(new Error('stopped'))
    return new Promise((resolve, reject) => {
      const cancel = (asked > 0 ? after : afterIdly)(restMs, () => {
        wake = null
        resolve()
      })
      wake = () => {
        cancel()
        reject(new Error('stopped'))
      }
    })
  }

  /** One after the other; what goes wrong (disk full, stopped) is tried again with the next look. */
  function run(work: () => Promise<void>): Promise<void> {
    const before = running
    const mine = (async () => {
      await before?.catch(() => undefined)
      await work()
    })()
    running = mine
    const done = (): void => {
      if (running === mine) running = null
    }
    mine.then(done, done)
    return mine
  }

  /** Deletes the entries that `find` names, in slices; answers when it names none. */
  async function removeAll(find: (database: DatabaseSync, limit: number) => readonly bigint[]): Promise<void> {
    for (;;) {
      const begunAt = monotonicMs()
      const rows = sliceRows
      const count = transact(({ database: own, table }) => {
        const ids = find(own, rows)
        if (ids.length > 0) table.remove(ids)
        return ids.length
      })
      if (count < rows) return
      sliceRows = Math.max(10, Math.min(1000, Math.round((rows * sliceMs) / Math.max(1, monotonicMs() - begunAt))))
      await pause()
    }
  }

  async function removeOldTexts(before: number): Promise<void> {
    let count: number
    do {
      count = transact(({ database: own }) =>
        Number(
          own.prepare('DELETE FROM text WHERE digest IN (SELECT digest FROM text WHERE kept < ? LIMIT 20)').run(before)
            .changes,
        ),
      )
      if (count > 0) await pause()
    } while (count > 0)
  }

  async function apply(limits: HistoryRetention): Promise<void> {
    transact(({ database: own }) => trimAudit(own, limits, now()))
    const oldest = Math.max(0, now() - limits.maxAgeMs)
    await removeAll((own, limit) => oldestRows(own, firstRowId(oldest), limit))
    await removeOldTexts(oldest)
    // A twentieth at a time: the index hands its pages back only when its parts are joined.
    while (usedBytes(database()) > limits.maxBytes) {
      const total = Number(database().prepare('SELECT entries AS n FROM meta').get()?.['n'] ?? 0)
      const edge = database()
        .prepare('SELECT id >> 20 AS at FROM entry ORDER BY id LIMIT 1 OFFSET ?')
        .get(Math.min(Math.max(0, total - 1), Math.ceil(total / 20)))?.['at']
      if (typeof edge !== 'number') break
      await removeAll((own, limit) => oldestRows(own, firstRowId(edge + 1), limit))
      await removeOldTexts(edge + 1)
      await joinIndex()
    }
    const deleted = Number(database().prepare('SELECT deleted FROM meta').get()?.['deleted'] ?? 0)
    await tidy(deleted >= sweepAfter, null)
  }

  async function joinIndex(): Promise<void> {
    for (;;) {
      const changes = transact(({ database: own }) => {
        const before = totalChanges(own)
        own.exec("INSERT INTO word (word, rank) VALUES ('merge', 64)")
        return totalChanges(own) - before
      })
      // Below two there was nothing to join (the index' own documentation).
      if (changes < 2) return
      await pause()
    }
  }

  async function tidy(isSwept: boolean, textsBefore: number | null): Promise<void> {
    if (isSwept) {
      await sweep({ transact, pause, textsBefore })
      transact(({ database: own }) => own.exec('UPDATE meta SET deleted = 0'))
    }
    await joinIndex()
    for (;;) {
      const free = Number(database().prepare('PRAGMA freelist_count').get()?.['freelist_count'] ?? 0)
      if (free === 0) break
      database().exec(`PRAGMA incremental_vacuum(${vacuumPages})`)
      await pause()
    }
  }

  return {
    apply: (limits) => run(() => apply(limits)),
    forget(clusters) {
      asked += 1
      return run(async () => {
        if (clusters === null) {
          transact(({ database: own }) => {
            own.exec(
              "DELETE FROM entry; DELETE FROM object; DELETE FROM revision; DELETE FROM string; DELETE FROM text; DELETE FROM used_again; INSERT INTO word (word) VALUES ('delete-all'); " +
                'UPDATE meta SET entries = 0, deleted = 0, generation = generation + 1, sweeping = 0',
            )
          })
          await tidy(false, null)
        } else {
          for (const cluster of clusters) await removeCluster(cluster)
          const time = now()
          // Kept while the clock was ahead: whatever is not used is from before this.
          transact(({ database: own }) => own.prepare('UPDATE text SET kept = ? WHERE kept >= ?').run(time - 1, time))
          await tidy(true, time)
        }
        database().exec('PRAGMA wal_checkpoint(TRUNCATE)')
      }).finally(() => (asked -= 1))
    },
    stop() {
      isStopped = true
      wake?.()
      wake = null
    },
  }

  async function removeCluster(cluster: string): Promise<void> {
    const id = database()
      .prepare('SELECT id FROM string WHERE hash = ? AND text = ?')
      .get(stringHash(cluster), cluster)?.['id']
    if (typeof id !== 'number') return
    const token = exactly(fieldToken('cluster', id))
    await removeAll((own, limit) =>
      rowsOf(own, 'SELECT rowid >> 20, rowid & 1048575 FROM word WHERE word MATCH ? LIMIT ?', token, limit),
    )
  }
}

function oldestRows(database: DatabaseSync, before: bigint, limit: number): readonly bigint[] {
  return rowsOf(database, 'SELECT id >> 20, id & 1048575 FROM entry WHERE id < ? ORDER BY id LIMIT ?', before, limit)
}

function rowsOf(database: DatabaseSync, sql: string, ...values: (bigint | string | number)[]): readonly bigint[] {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  return (statement.all(...values) as unknown as [number, number][]).map(([at, n]) => rowId(at, n))
}

function usedBytes(database: DatabaseSync): number {
  const read = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
  return (read('page_count') - read('freelist_count')) * read('page_size')
}

function totalChanges(database: DatabaseSync): number {
  return Number(database.prepare('SELECT total_changes() AS n').get()?.['n'] ?? 0)
}
