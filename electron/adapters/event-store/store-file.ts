/** The file: opened with its checks, made anew where there is none, set aside where it is not ours or damaged. Never deletes one. */
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { SluiceError } from '../../../shared/model/errors.ts'
import { applicationId, migrate, readVersion, schemaVersion } from './schema.ts'

/** Another process may hold the file for one of its transactions; they are short. */
const busyTimeoutMs = 5000
const busyPauseMs = 10
/** SQLITE_BUSY. */
const busy = 5
const magic = 'SQLite format 3\0'

export interface OpenFile {
  readonly database: DatabaseSync
  /** Another file has taken its name since: it was set aside or deleted. */
  isCurrent(): boolean
}

/** Thrown for a file that is to be set aside. */
export class UnusableFile extends Error {}

/** Opens for writing; makes the file, and brings an older one to this version. Throws UnusableFile, SluiceError for one of a newer Sluice. */
export function openToWrite(file: string): OpenFile {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // SECURITY: item 9: nobody else reads what happened; SQLite gives its other files the rights of this one.
  closeSync(openSync(file, 'a', 0o600))
  checkHeader(file)
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs })
  try {
    // Before the first table: pages that retention frees can be handed back then.
    if (readVersion(database) === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL')
    checkOwner(database)
    // NORMAL: what was answered outlives this process, not a power cut (docs/decisions/history-store.md).
    execPatiently(
      database,
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -4000; PRAGMA secure_delete = FAST; PRAGMA trusted_schema = OFF',
    )
    migrate(database, schemaVersion)
    checkTables(database)
  } catch (error) {
    database.close()
    throw error
  }
  return withIdentity(file, database)
}

/** SQLite itself does not wait for another process where a file that both just made changes its journal: each would wait for the other. */
function execPatiently(database: DatabaseSync, sql: string): void {
  const until = performance.now() + busyTimeoutMs
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      database.exec(sql)
      return
    } catch (error) {
      if (primaryCode(error) !== busy || performance.now() > until) throw error
      Atomics.wait(nothing, 0, 0, busyPauseMs)
    }
  }
}

/** Opens for reading; null: there is none yet, or none that this version reads. */
export function openToRead(file: string): OpenFile | null {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null
  try {
    return openReader(file, file)
  } catch (error) {
    // On a read-only or full disk there can be no file for the locks between processes; nobody writes there either.
    const isJournalEmpty = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0
    const isUnwritten = isJournalEmpty && ([8, 14].includes(primaryCode(error)) || isFull(error))
    if (!isUnwritten) throw error
    const address = pathToFileURL(file)
    address.searchParams.set('immutable', '1')
    const found = openReader(file, address)
    // The next question looks again: what becomes of the file meanwhile would not be seen.
    return found === null ? null : { ...found, isCurrent: () => false }
  }
}

function openReader(file: string, address: string | URL): OpenFile | null {
  const database = new DatabaseSync(address, { timeout: busyTimeoutMs, readOnly: true })
  try {
    if (readVersion(database) === schemaVersion) {
      database.exec('PRAGMA cache_size = -8000; PRAGMA trusted_schema = OFF')
      return withIdentity(file, database)
    }
  } catch (error) {
    database.close()
    throw error
  }
  database.close()
  return null
}

function withIdentity(file: string, database: DatabaseSync): OpenFile {
  const { ino, dev } = statSync(file)
  return {
    database,
    isCurrent() {
      const found = statSync(file, { throwIfNoEntry: false })
      return found !== undefined && found.ino === ino && found.dev === dev
    },
  }
}

function checkHeader(file: string): void {
  const { size } = statSync(file)
  if (size === 0) return
  const handle = openSync(file, 'r')
  try {
    const header = Buffer.alloc(100)
    const length = readSync(handle, header, 0, 100, 0)
    if (length < 100 || header.toString('latin1', 0, 16) !== magic) throw new UnusableFile('it is not a database')
  } finally {
    closeSync(handle)
  }
}

function checkOwner(database: DatabaseSync): void {
  const owner = Number(database.prepare('PRAGMA application_id').get()?.['application_id'] ?? 0)
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] ?? 0)
  if (owner !== applicationId && (tables > 0 || owner !== 0)) throw new UnusableFile('it is not a history of Sluice')
  const version = readVersion(database)
  if (version > schemaVersion)
    throw new SluiceError('StorageFailed', `The history was written by a newer Sluice (its version is ${version})`, {
      remedy: 'Update Sluice, or move the file away to begin a new history.',
    })
}

const tables = [
  'string',
  'object',
  'revision',
  'entry',
  'word',
  'meta',
  'used_again',
  'text',
  'audit',
  'audit_chain',
  'audit_taken',
]

function checkTables(database: DatabaseSync): void {
  for (const table of tables) {
    const found = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ? AND type = 'table'").get(table)
    if (found === undefined) throw new UnusableFile(`it has no table ${table}`)
  }
  if (
    database.prepare('SELECT next_number FROM meta m JOIN audit_chain c ON c.id = m.id WHERE m.id = 1').get() ===
    undefined
  )
    throw new UnusableFile('its first row is missing')
}

/** Renames the file and what belongs to it; answers the new name. */
export function setAside(file: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  let aside = `${file}.damaged-${time}`
  for (let more = 2; existsSync(aside); more++) aside = `${file}.damaged-${time}-${more}`
  renameSync(file, aside)
  // A journal left beside a new file would be played into it.
  for (const suffix of ['-wal', '-shm'])
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`)
  return aside
}

const damaged = new Set([11, 26])

/** SQLITE_CORRUPT, SQLITE_NOTADB, or our own finding. */
export function isDamage(error: unknown): boolean {
  return error instanceof UnusableFile || damaged.has(primaryCode(error))
}

/** SQLITE_IOERR_SHMSIZE: no room for the file of the locks. */
const noRoomForLocks = 4874

function isFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === noRoomForLocks
}

function primaryCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 255 : 0
}

/** What SQLite and the system answer, as the sentence that the user sees. */
export function toStorageError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const system = error instanceof Error && 'code' in error ? String(error.code) : ''
  const fail = (message: string, remedy: string): SluiceError =>
    new SluiceError('StorageFailed', message, { detail, remedy, retry: 'transient', cause: error })
  switch (
    system === 'ENOSPC' || isFull(error) ? 13 : ['EROFS', 'EACCES', 'EPERM'].includes(system) ? 8 : primaryCode(error)
  ) {
    case 13:
      return fail('The disk is full: history is not recorded', 'Free some space; recording goes on by itself.')
    case 8:
    case 14:
      return fail(
        'The history cannot be written: its file or folder is read-only',
        'Give Sluice the right to write it.',
      )
    case 5:
      return fail('The history is held by another process', 'Close the other Sluice if it hangs.')
    case 11:
    case 26:
      return fail('The history file is damaged', 'It is set aside with the next entry, and a new one is begun.')
    default:
      return fail('The history could not be written', 'Look at the disk that holds the data folder.')
  }
}
