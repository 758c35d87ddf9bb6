/**
 * Looking back, over a connection of its own that cannot write: a long look never holds up the writer. Works in slices, between which whoever
 * called can abort and others are served.
 */
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryBucket, HistoryEntry, HistoryPage } from '../../../shared/model/history.ts'
import type { EventStore } from '../../engine/history/event-store-port.ts'
import { checkAudit, readAudit } from './audit-check.ts'
import { createDecoder } from './decode.ts'
import type { Decoder } from './decode.ts'
import { createFieldValues } from './field-values.ts'
import type { FieldValues } from './field-values.ts'
import { maxTime } from './limits.ts'
import { entryColumns, firstRowId, rowId } from './row.ts'
import type { EntryRow } from './row.ts'
import { isDamage, openToRead, toStorageError } from './store-file.ts'
import type { OpenFile } from './store-file.ts'
import { addFunctions, seek } from './store-query.ts'
import type { Condition, Sought, SqlValue } from './store-query.ts'
import { wordsOf } from './words.ts'

export type StoreReader = Pick<EventStore, 'query' | 'buckets' | 'text' | 'audit' | 'verifyAudit'> & {
  /** Problems that a check of the whole file finds; [] if there is none. */
  check(isFull: boolean): Promise<readonly string[]>
  close(): void
}

interface Link {
  readonly database: DatabaseSync
  readonly decoder: Decoder
  readonly values: FieldValues
}

export interface StoreReaderOptions {
  readonly file: string
  /** Milliseconds, never running backwards. */
  readonly monotonicMs: () => number
}

const maxPage = 1000
const sliceMs = 8
/** So many newest rows are read through before an index is asked: what is common is among them. */
const firstRows = 2000
/** A look through all messages hands over what it has after so long. */
const pageMs = 300
const maxBuckets = 2000

export function createStoreReader({ file, monotonicMs }: StoreReaderOptions): StoreReader {
  let open: (OpenFile & Link) | null = null

  function connect(): Link | null {
    if (open !== null && !open.isCurrent()) {
      open.database.close()
      open = null
    }
    if (open === null) {
      const found = openToRead(file)
      if (found !== null) {
        const { database } = found
        const decoder = createDecoder(database)
        addFunctions(database)
        open = { ...found, decoder, values: createFieldValues(database, (id) => decoder.string(id)) }
      }
    }
    return open
  }

  /** Lets others in between slices; throws when nobody waits any more. */
  function createPauses(signal: AbortSignal): () => Promise<void> | null {
    let since = monotonicMs()
    return () => {
      if (monotonicMs() - since < sliceMs) return null
      return nextTurn().then(() => {
        throwIfAborted(signal)
        since = monotonicMs()
      })
    }
  }

  async function guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toStorageError(error)
    }
  }

  return {
    query: (query, { limit, after }, signal) =>
      guard(async () => {
        throwIfAborted(signal)
        const cursor = after === null ? null : parseCursor(after)
        const link = connect()
        const sought = link === null ? null : seek(link.database, link.values, query)
        if (link === null || sought === null) return { entries: [], next: null }
        return readPage(link, sought, Math.max(1, Math.min(maxPage, Math.trunc(limit))), cursor, signal)
      }),

    buckets: (query, { from, until, count }, signal) =>
      guard(async () => {
        throwIfAborted(signal)
        const columns = createColumns(from, until, count)
        const link = connect()
        const sought = link === null ? null : seek(link.database, link.values, query)
        if (link !== null && sought !== null) await countInto(columns, link.database, sought, link.decoder, signal)
        return columns.map(({ at, count, bad, runs }) => ({ at, count, bad, runs }))
      }),

    text: (digest) =>
      guard(() => {
        const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
        const row =
          hex === undefined
            ? undefined
            : connect()?.database.prepare('SELECT data FROM text WHERE digest = ?').get(Buffer.from(hex, 'hex'))
        const data = row?.['data']
        return Promise.resolve(data instanceof Uint8Array ? zstdDecompressSync(data).toString('utf8') : null)
      }),

    audit: (page) =>
      guard(() => {
        const link = connect()
        return Promise.resolve(link === null ? [] : readAudit(link.database, page))
      }),

    verifyAudit: (signal) =>
      guard(async () => {
        throwIfAborted(signal)
        const link = connect()
        if (link === null) return { rows: 0, first: 0, head: 0, digest: '', faults: [] }
        return checkAudit(link.database, createPauses(signal))
      }),

    check: (isFull) =>
      guard(async () => {
        const found: string[] = []
        let fresh: OpenFile | null = null
        try {
          // One of its own: the index of words that a connection remembers from an earlier look is out of date once others have written, and SQLite's
          // check takes that for damage.
          fresh = openToRead(file)
          if (fresh === null) return []
          const { database } = fresh
          const rows = database.prepare(isFull ? 'PRAGMA integrity_check(5)' : 'PRAGMA quick_check(5)').iterate()
          for (const row of rows) {
            const text = String(Object.values(row)[0])
            if (text !== 'ok') found.push(text)
            await nextTurn()
          }
        } catch (error) {
          if (!isDamage(error)) throw error
          found.push(error instanceof Error ? error.message : String(error))
        } finally {
          fresh?.database.close()
        }
        return found
      }),

    close() {
      open?.database.close()
      open = null
    },
  }

  async function readPage(
    { database, decoder }: Link,
    sought: Sought,
    limit: number,
    cursor: bigint | null,
    signal: AbortSignal,
  ): Promise<HistoryPage> {
    const until = cursor === null || cursor > sought.until ? sought.until : cursor
    const entries: HistoryEntry[] = []
    const pause = createPauses(signal)
    const begunAt = monotonicMs()
    let last: EntryRow | null = null
    for (const { rows, check } of ways(database, decoder, { ...sought, until })) {
      for (const row of rows) {
        const isFound = check(row)
        // One more than asked for tells that there is a next page.
        if (isFound && entries.length === limit) return { entries, next: last === null ? null : cursorOf(last) }
        last = row
        if (isFound) entries.push(decoder.entry(row))
        const pausing = pause()
        if (pausing === null) continue
        if (monotonicMs() - begunAt > pageMs && (sought.text !== '' || sought.words.length > 0))
          return { entries, next: cursorOf(row) }
        await pausing
      }
      await pause()
    }
    return { entries, next: null }
  }
}

interface Way {
  readonly rows: Iterable<EntryRow>
  /** What SQL did not look at. */
  readonly check: (row: EntryRow) => boolean
}

/** One after the other they hold all rows, newest first. */
function* ways(database: DatabaseSync, decoder: Decoder, sought: Sought): Generator<Way> {
  const { from, until, streams, conditions, beside, tokens } = sought
  const hasText = createTextCheck(decoder, sought.text)
  const hasWords = createWordCheck(decoder, sought.words)
  const checkAll = (row: EntryRow): boolean => hasWords(row) && hasText(row)
  if (streams.length > 0) {
    const all = streams.map(({ index, ...own }) =>
      select(database, `entry e INDEXED BY ${index}`, [own, ...conditions, ...within('e.id', from, until)], 'e.id'),
    )
    yield { rows: mergeRows(all), check: checkAll }
    return
  }
  if (tokens.length === 0) {
    yield { rows: select(database, 'entry e', [...conditions, ...within('e.id', from, until)], 'e.id'), check: hasText }
    return
  }
  const edge = edgeOf(database, from, until)
  yield {
    rows: select(database, 'entry e', [...within('e.id', edge ?? from, until), ...conditions], 'e.id'),
    check: checkAll,
  }
  if (edge === null) return
  const match = { sql: 'w.word MATCH ?', values: [tokens.join(' AND ')] }
  yield {
    rows: select(
      database,
      'word w CROSS JOIN entry e ON e.id = w.rowid',
      [match, ...within('w.rowid', from, edge), ...beside],
      'w.rowid',
    ),
    check: hasText,
  }
}

/** The row number at which the first rows end; null: there are no more than those. */
function edgeOf(database: DatabaseSync, from: bigint, until: bigint): bigint | null {
  const found = database
    .prepare(
      `SELECT id >> 20 AS at, id & 1048575 AS n FROM entry WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ${firstRows}`,
    )
    .get(from, until)
  return found === undefined ? null : rowId(Number(found['at']), Number(found['n'])) + 1n
}

function within(column: string, from: bigint, until: bigint): readonly Condition[] {
  return [{ sql: `${column} >= ? AND ${column} < ?`, values: [from, until] }]
}

function select(
  database: DatabaseSync,
  tables: string,
  conditions: readonly Condition[],
  order: string,
): Iterable<EntryRow> {
  const where = conditions.map(({ sql }) => sql).join(' AND ')
  const statement = database.prepare(`SELECT ${entryColumns} FROM ${tables} WHERE ${where} ORDER BY ${order} DESC`)
  statement.setReturnArrays(true)
  const values: SqlValue[] = conditions.flatMap((condition) => condition.values)
  return statement.iterate(...values) as unknown as Iterable<EntryRow>
}

/** Several, each newest first and without rows in common, as one. */
function* mergeRows(all: readonly Iterable<EntryRow>[]): Generator<EntryRow> {
  const heads = all.map((rows) => rows[Symbol.iterator]()).map((rows) => ({ rows, next: rows.next() }))
  try {
    for (;;) {
      let newest: (typeof heads)[number] | null = null
      for (const head of heads) {
        if (head.next.done === true) continue
        const row = head.next.value
        const best: EntryRow | null = newest === null || newest.next.done === true ? null : newest.next.value
        if (best === null || row[0] > best[0] || (row[0] === best[0] && row[1] > best[1])) newest = head
      }
      if (newest === null || newest.next.done === true) return
      yield newest.next.value
      newest.next = newest.rows.next()
    }
  } finally {
    // One left open would go on looking at the file as it was.
    for (const { rows } of heads) rows.return?.()
  }
}

function createTextCheck(decoder: Decoder, text: string): (row: EntryRow) => boolean {
  if (text === '') return () => true
  /** Where nothing varies, one look is enough for all rows of a template. */
  const known = new Map<number, boolean>()
  return (row) => {
    if (row[15] !== null) return decoder.message(row[10], row[15]).toLowerCase().includes(text)
    let is = known.get(row[10])
    if (is === undefined) {
      is = decoder.message(row[10], null).toLowerCase().includes(text)
      known.set(row[10], is)
    }
    return is
  }
}

function createWordCheck(decoder: Decoder, words: readonly string[]): (row: EntryRow) => boolean {
  if (words.length === 0) return () => true
  return (row) => {
    const name = row[7] === null ? '' : decoder.object(row[7]).name
    const found = [...wordsOf(`${name} ${decoder.string(row[9])} ${decoder.message(row[10], row[15])}`)]
    return words.every((word) => found.some((one) => one.startsWith(word)))
  }
}

interface Column extends HistoryBucket {
  /** Row numbers. */
  readonly from: bigint
  readonly until: bigint
  count: number
  bad: number
  runs: number
}

function createColumns(from: number, until: number, count: number): Column[] {
  if (!(until > from) || !(count >= 1) || count > maxBuckets)
    throw new SluiceError('InvalidInput', `There is no range of ${count} columns from ${from} until ${until}`)
  const step = (until - from) / Math.trunc(count)
  const edge = (index: number): bigint =>
    firstRowId(Math.min(maxTime, Math.max(0, Math.ceil(index === Math.trunc(count) ? until : from + index * step))))
  return Array.from({ length: Math.trunc(count) }, (_, index) => ({
    at: from + index * step,
    from: edge(index),
    until: edge(index + 1),
    count: 0,
    bad: 0,
    runs: 0,
  }))
}

const bad = historyTones.indexOf('bad')
const runTypes = [historyTypes.indexOf('run'), historyTypes.indexOf('commit')]

async function countInto(
  columns: readonly Column[],
  database: DatabaseSync,
  sought: Sought,
  decoder: Decoder,
  signal: AbortSignal,
): Promise<void> {
  const pause = async (): Promise<void> => {
    await nextTurn()
    throwIfAborted(signal)
  }
  const first = columns[0]?.from ?? 0n
  const end = columns.at(-1)?.until ?? 0n
  const from = sought.from > first ? sought.from : first
  const until = sought.until < end ? sought.until : end
  if (sought.streams.length > 0 || sought.words.length > 0 || sought.text !== '') {
    let index = columns.length - 1
    let seen = 0
    for (const { rows, check } of ways(database, decoder, { ...sought, from, until })) {
      for (const row of rows) {
        if (++seen % 500 === 0) await pause()
        if (!check(row)) continue
        const id = rowId(row[0], row[1])
        while (index > 0 && id < (columns[index]?.from ?? 0n)) index -= 1
        const column = columns[index]
        if (column === undefined) continue
        column.count += 1
        if (row[5] === bad) column.bad += 1
        if (runTypes.includes(row[4])) column.runs += 1
      }
    }
    return
  }
  const where = ['e.id >= ? AND e.id < ?', ...sought.conditions.map(({ sql }) => sql)].join(' AND ')
  const values = sought.conditions.flatMap((condition) => condition.values)
  const statement = database.prepare(
    `SELECT count(*) AS n, sum(e.tone = ${bad}) AS bad, sum(e.type IN (${runTypes.join(', ')})) AS runs FROM entry e WHERE ${where}`,
  )
  for (const column of columns) {
    const low = column.from > from ? column.from : from
    const high = column.until < until ? column.until : until
    if (low >= high) continue
    const row = statement.get(low, high, ...values)
    column.count = Number(row?.['n'] ?? 0)
    column.bad = Number(row?.['bad'] ?? 0)
    column.runs = Number(row?.['runs'] ?? 0)
    await pause()
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
}

function cursorOf(row: EntryRow): string {
  return String(rowId(row[0], row[1]))
}

function parseCursor(after: string): bigint {
  if (!/^[0-9]{1,19}$/.test(after)) throw new SluiceError('InvalidInput', `Not a place in the history: ${after}`)
  const id = BigInt(after)
  if (id >= 2n ** 63n) throw new SluiceError('InvalidInput', `Not a place in the history: ${after}`)
  return id
}
