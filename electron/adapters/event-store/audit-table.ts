/**
 * The audit log's rows: each one's text begins with its number and the digest of the row before. Written within transactions that began IMMEDIATE, so
 * that processes which append at once make one chain. What retention takes away at its beginning is said by a row of the chain itself, the anchor.
 */
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { basename, dirname, join } from 'node:path'
import type { AuditLine } from '../../../shared/model/audit.ts'

/** Before the first row. */
export const noDigest = '0'.repeat(64)
/** What an anchor's row says it did. */
export const anchorAction = 'retention'

const maxLineChars = 64 * 1024
const yearMs = 365 * 24 * 60 * 60 * 1000
const dayMs = 24 * 60 * 60 * 1000

export function digestOf(line: string): string {
  return hash('sha256', line, 'hex')
}

/** Within a transaction. A line that is no JSON object is kept as the text of one. */
export function appendAudit(database: DatabaseSync, lines: readonly AuditLine[]): void {
  if (lines.length === 0) return
  const chain = database.prepare('SELECT head, lower(hex(head_digest)) AS digest, bytes FROM audit_chain').get()
  let head = Number(chain?.['head'])
  let digest = String(chain?.['digest'])
  let bytes = Number(chain?.['bytes'])
  const insert = database.prepare('INSERT INTO audit (n, at, line, digest) VALUES (?, ?, ?, ?)')
  for (const { at, text } of lines) {
    head += 1
    const line = `{"n":${head},"previous":"${digest}",${membersOf(text)}}`
    digest = digestOf(line)
    bytes += line.length
    insert.run(head, Number.isSafeInteger(at) ? at : 0, line, Buffer.from(digest, 'hex'))
  }
  database
    .prepare('UPDATE audit_chain SET head = ?, head_digest = ?, bytes = ?')
    .run(head, Buffer.from(digest, 'hex'), bytes)
}

/** What stands between the braces of a JSON object. */
function membersOf(text: string): string {
  const plain = text.trim()
  const isObject = plain.startsWith('{"') && plain.length <= maxLineChars && isJson(plain)
  return (isObject ? plain : JSON.stringify({ text: plain.slice(0, maxLineChars) })).slice(1, -1)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Within a transaction: actions are kept a year at least, and as long as the rest where that is kept longer, but never more than a sixteenth of its
 * size. At most once a day, so that anchors stay few.
 */
export function trimAudit(
  database: DatabaseSync,
  limits: { readonly maxAgeMs: number; readonly maxBytes: number },
  now: number,
): void {
  const maxAgeMs = Math.max(limits.maxAgeMs, yearMs)
  const maxBytes = limits.maxBytes / 16
  const chain = database.prepare('SELECT base, head, bytes FROM audit_chain').get()
  const base = Number(chain?.['base'])
  const bytes = Number(chain?.['bytes'])
  const first = database.prepare('SELECT at FROM audit WHERE n = ?').get(base + 1)
  if (first === undefined) return
  const isOld = Number(first['at']) < now - maxAgeMs - dayMs
  if (!isOld && bytes <= maxBytes) return
  let end = base
  let left = bytes
  for (const row of database.prepare('SELECT n, at, length(line) AS size FROM audit ORDER BY n').iterate()) {
    // A tenth more than asked for, so that the next row does not ask again.
    const isTooMuch = bytes > maxBytes && left > maxBytes * 0.9
    if (Number(row['at']) >= now - maxAgeMs && !isTooMuch) break
    // The last one stays: the chain hangs on it.
    if (Number(row['n']) === Number(chain?.['head'])) break
    end = Number(row['n'])
    left -= Number(row['size'])
  }
  if (end > base) removeUntil(database, base, end, left, now)
}

function removeUntil(database: DatabaseSync, base: number, end: number, bytes: number, now: number): void {
  const digest = String(
    database.prepare('SELECT lower(hex(digest)) AS digest FROM audit WHERE n = ?').get(end)?.['digest'],
  )
  database.prepare('DELETE FROM audit WHERE n <= ?').run(end)
  database
    .prepare('UPDATE audit_chain SET base = ?, base_digest = ?, bytes = ?')
    .run(end, Buffer.from(digest, 'hex'), bytes)
  const text = JSON.stringify({
    time: new Date(now).toISOString(),
    action: anchorAction,
    removed: { from: base + 1, until: end, digest },
  })
  appendAudit(database, [{ at: now, text }])
}

/** Names under which `audit.jsonl` and what was rotated away from it lie, the oldest first. */
function oldFiles(auditFile: string): readonly string[] {
  const folder = dirname(auditFile)
  const name = basename(auditFile)
  if (!existsSync(folder)) return []
  const rotated = (file: string): number => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0)
  return readdirSync(folder)
    .filter((file) => file === name || (file.startsWith(`${name}.`) && /^\d+$/.test(file.slice(name.length + 1))))
    .sort((a, b) => rotated(b) - rotated(a))
    .map((file) => join(folder, file))
}

/**
 * The lines of `audit.jsonl` go into the chain once, and the file is kept as `audit-taken-….jsonl`: renamed first, so that nobody appends to it any
 * more, and known by that name, so that whoever dies in between does not take it twice. Answers whether there was any.
 */
export function takeOldAudit(
  auditFile: string,
  now: number,
  transact: (work: (database: DatabaseSync) => void) => void,
): boolean {
  const folder = dirname(auditFile)
  if (!existsSync(folder)) return false
  for (const [index, file] of oldFiles(auditFile).entries())
    try {
      renameSync(file, join(folder, `audit-taking-${now}-${process.pid}-${String(index).padStart(2, '0')}.jsonl`))
    } catch (error) {
      // Another process has taken it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  const taking = readdirSync(folder)
    .filter((name) => /^audit-taking-.*\.jsonl$/.test(name))
    .sort()
  for (const name of taking) {
    const lines = readLines(join(folder, name))
    if (lines === null) continue
    transact((database) => {
      const { changes } = database.prepare('INSERT OR IGNORE INTO audit_taken (name) VALUES (?)').run(name)
      if (changes > 0) appendAudit(database, lines)
    })
    try {
      renameSync(join(folder, name), join(folder, name.replace('audit-taking-', 'audit-taken-')))
    } catch {
      // Another process has, or it stays under this name: it is not taken twice.
    }
  }
  return taking.length > 0
}

/** null: another process was faster. */
function readLines(file: string): readonly AuditLine[] | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ at: timeOf(line), text: line.replace(/^\{"/, '{"taken":true,"') }))
}

function timeOf(line: string): number {
  const time = /"time":"([^"]+)"/.exec(line)?.[1]
  const at = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(at) ? 0 : at
}
