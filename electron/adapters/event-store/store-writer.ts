/**
 * The one writer of this process. Appends that arrive together share a transaction; what was answered outlives the process. Other processes write
 * to the same file: each transaction is short and waits its turn. Retention works in slices between them.
 */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import type {
  HistoryEntry,
  HistoryRetention,
  HistoryStoreState,
  NewHistoryEntry,
} from '../../../shared/model/history.ts'
import type { EventStore } from '../../engine/history/event-store-port.ts'
import type { AuditLine } from '../../../shared/model/audit.ts'
import { appendAudit, takeOldAudit } from './audit-table.ts'
import { describeProblem } from './describe-problem.ts'
import { createEntryTable } from './entry-table.ts'
import type { AddedEntries, Connection } from './entry-table.ts'
import { boundEntry } from './limits.ts'
import { createRetention } from './retention.ts'
import { isDamage, openToWrite, setAside, toStorageError } from './store-file.ts'

export interface StoreWriterOptions {
  readonly file: string
  readonly auditFile: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly monotonicMs: () => number
  /** Calls back once after `ms`; the result cancels. */
  readonly after: (ms: number, callback: () => void) => () => void
  /** The same, without keeping the process alive. */
  readonly afterIdly: (ms: number, callback: () => void) => () => void
}

export interface Appended extends AddedEntries {
  /** As they now stand; [] where nobody asked. */
  readonly entries: readonly HistoryEntry[]
}

export interface StoreWriter extends Pick<
  EventStore,
  'putText' | 'putTexts' | 'state' | 'forget' | 'close' | 'appendAudit'
> {
  append(entries: readonly NewHistoryEntry[], isToldBack: boolean): Promise<Appended>
  /** Sets the file aside and begins a new one: a check found it damaged. */
  abandon(reason: string): Promise<void>
  retain(limits: HistoryRetention): Promise<void>
  /** A sentence about a file that was set aside; ''. */
  note(): string
}

interface Waiting {
  readonly entries: readonly NewHistoryEntry[]
  readonly audit: readonly AuditLine[]
  readonly isToldBack: boolean
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: SluiceError) => void
}

/** Appends within so long share a transaction, while they keep coming. */
const groupMs = 40
const maxGroup = 2000
/** A transaction of its own: waiting for more would only cost time. */
const fullGroup = 500
const maxTextBytes = 64 * 1024 * 1024

export function createStoreWriter(options: StoreWriterOptions): StoreWriter {
  const { file, auditFile, now, monotonicMs, after, afterIdly } = options
  const waiting: Waiting[] = []
  let open: Connection | null = null
  let problem = ''
  let note = ''
  let stopTimer: (() => void) | null = null
  let lastFlushMs = -Infinity
  let isClosed = false

  function connect(): Connection {
    if (isClosed) throw new SluiceError('StorageFailed', 'The history is closed')
    if (open !== null && !open.isCurrent()) disconnect()
    if (open !== null) return open
    try {
      return (open = openTable())
    } catch (error) {
      if (!isDamage(error)) throw error
      abandonFile(error instanceof Error ? error.message : String(error))
      return (open = openTable())
    }
  }

  function openTable(): Connection {
    const opened = openToWrite(file)
    try {
      return { ...opened, table: createEntryTable(opened.database) }
    } catch (error) {
      opened.database.close()
      throw error
    }
  }

  function disconnect(): void {
    const old = open
    open = null
    old?.database.close()
  }

  function abandonFile(reason: string): void {
    disconnect()
    const aside = setAside(file, now())
    note = `The history file could not be used (${reason}). It was set aside as ${aside}, and a new one was begun.`
  }

  /** One transaction, whole or not at all. A damaged file is set aside, and the work done once more in the new one. */
  function transact<T>(work: (connection: Connection) => T): T {
    try {
      const value = attempt(work)
      problem = ''
      return value
    } catch (error) {
      if (isDamage(error)) {
        try {
          abandonFile(error instanceof Error ? error.message : String(error))
          const value = attempt(work)
          problem = ''
          return value
        } catch (second) {
          return fail(second)
        }
      }
      return fail(error)
    }
  }

  function attempt<T>(work: (connection: Connection) => T): T {
    const connection = connect()
    const { database, table } = connection
    database.exec('BEGIN IMMEDIATE')
    try {
      const value = work(connection)
      database.exec('COMMIT')
      return value
    } catch (error) {
      table.forget()
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  function fail(error: unknown): never {
    const told = toStorageError(error)
    if (!isClosed) problem = describeProblem(told)
    throw told
  }

  function schedule(): void {
    if (stopTimer !== null) return
    // The first after a rest is written at once: whoever does one thing does not wait for more. Nor do many that already came together.
    const isFull = waiting.some(({ entries }) => entries.length >= fullGroup)
    const wait = !isFull && monotonicMs() - lastFlushMs < 100 ? groupMs : 0
    stopTimer = after(wait, flush)
  }

  function flush(): void {
    stopTimer?.()
    stopTimer = null
    const group: Waiting[] = []
    for (let size = 0; waiting.length > 0 && size < maxGroup;) {
      const one = waiting.shift()
      if (one === undefined) break
      group.push(one)
      size += one.entries.length + one.audit.length
    }
    if (group.length === 0) return
    try {
      const results = transact(({ table, database }) => {
        const time = now()
        return group.map(({ entries, audit, isToldBack }): Appended => {
          const told: HistoryEntry[] = []
          appendAudit(database, audit)
          return { ...table.add(entries, time, isToldBack ? (entry) => told.push(entry) : null), entries: told }
        })
      })
      for (const [index, { resolve }] of group.entries()) {
        const result = results[index]
        if (result !== undefined) resolve(result)
      }
    } catch (error) {
      for (const { reject } of group) reject(toStorageError(error))
    }
    lastFlushMs = monotonicMs()
    if (waiting.length > 0) stopTimer = after(0, flush)
  }

  function putAll(texts: readonly string[]): readonly string[] {
    const all = texts.map((text) => {
      const plain = Buffer.from(text, 'utf8')
      if (plain.length > maxTextBytes)
        throw new SluiceError('InvalidInput', `A text of ${plain.length} bytes is too large to be kept`)
      return { plain, digest: createHash('sha256').update(plain).digest() }
    })
    transact(({ database }) => {
      const time = now()
      const touch = database.prepare('UPDATE text SET kept = ? WHERE digest = ?')
      const add = database.prepare('INSERT INTO text (digest, kept, data) VALUES (?, ?, ?)')
      for (const { plain, digest } of all)
        if (touch.run(time, digest).changes === 0) add.run(digest, time, zstdCompressSync(plain))
    })
    return all.map(({ digest }) => `sha256:${digest.toString('hex')}`)
  }

  const retention = createRetention({
    now,
    monotonicMs,
    after,
    afterIdly,
    transact,
    database: () => connect().database,
  })

  function add(
    entries: readonly NewHistoryEntry[],
    audit: readonly AuditLine[],
    isToldBack: boolean,
  ): Promise<Appended> {
    if (isClosed) return Promise.reject(new SluiceError('StorageFailed', 'The history is closed'))
    return new Promise((resolve, reject) => {
      try {
        const time = now()
        waiting.push({ entries: entries.map((entry) => boundEntry(entry, time)), audit, isToldBack, resolve, reject })
      } catch (error) {
        reject(error)
        return
      }
      schedule()
    })
  }

  return {
    append: (entries, isToldBack) => add(entries, [], isToldBack),

    async appendAudit(lines) {
      // What was written beside the database while it could not be written comes first.
      takeOldAudit(auditFile, now(), (work) => transact(({ database }) => work(database)))
      if (lines.length > 0) await add([], lines, false)
    },

    note: () => note,

    putText: async (text) => Promise.resolve(putAll([text])[0] ?? ''),

    putTexts: async (texts) => Promise.resolve(putAll(texts)),

    state() {
      let entries = 0
      let oldestAt: number | null = null
      try {
        const { database } = connect()
        entries = Number(database.prepare('SELECT entries FROM meta').get()?.['entries'] ?? 0)
        const oldest = database.prepare('SELECT min(id) >> 20 AS at FROM entry').get()?.['at']
        oldestAt = typeof oldest === 'number' ? oldest : null
      } catch (error) {
        problem = describeProblem(toStorageError(error))
      }
      const state: HistoryStoreState = { entries, bytes: bytesOf(file), oldestAt, problem, note }
      return Promise.resolve(state)
    },

    retain: (limits) => retention.apply(limits),

    async forget(clusters) {
      await retention.forget(clusters)
    },

    abandon(reason) {
      try {
        abandonFile(reason)
        connect()
        problem = ''
      } catch (error) {
        problem = describeProblem(toStorageError(error))
      }
      return Promise.resolve()
    },

    close() {
      retention.stop()
      while (waiting.length > 0) flush()
      isClosed = true
      stopTimer?.()
      stopTimer = null
      disconnect()
      return Promise.resolve()
    },
  }
}

/** On disk, what is not yet in the file itself included. */
export function bytesOf(file: string): number {
  return ['', '-wal'].reduce(
    (sum, suffix) => sum + (statSync(`${file}${suffix}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
