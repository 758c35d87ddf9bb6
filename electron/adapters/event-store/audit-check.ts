/** Reading the audit log: pages of it, and whether every row is what was written, at its place, behind the one before. */
import type { DatabaseSync } from 'node:sqlite'
import type { AuditCheck, AuditFault, AuditFaultKind, AuditPage, AuditRow } from '../../../shared/model/audit.ts'
import { anchorAction, digestOf, noDigest } from './audit-table.ts'

const maxFaults = 100

export function readAudit(database: DatabaseSync, { since, after, limit }: AuditPage): readonly AuditRow[] {
  return database
    .prepare('SELECT n, at, line, lower(hex(digest)) AS digest FROM audit WHERE n > ? AND at >= ? ORDER BY n LIMIT ?')
    .all(Math.max(0, after), since, limit)
    .map((row) => ({
      n: Number(row['n']),
      at: Number(row['at']),
      line: String(row['line']),
      digest: String(row['digest']),
    }))
}

interface Said {
  readonly n: number | null
  readonly previous: string
  readonly removed: { readonly until: number; readonly digest: string } | null
}

/** `pause` lets others in between slices. One statement: what is appended or taken away meanwhile is not seen. */
export async function checkAudit(database: DatabaseSync, pause: () => Promise<void> | null): Promise<AuditCheck> {
  const faults: AuditFault[] = []
  const tell = (kind: AuditFaultKind, n: number, message: string, last = n): void => {
    if (faults.length < maxFaults) faults.push({ kind, n, last, message })
  }
  const rows = database
    .prepare(
      `SELECT c.base, lower(hex(c.base_digest)) AS base_digest, c.head, lower(hex(c.head_digest)) AS head_digest,
         a.n, a.line, lower(hex(a.digest)) AS digest
       FROM audit_chain c LEFT JOIN audit a ON a.n IS NOT NULL ORDER BY a.n`,
    )
    .iterate()
  let count = 0
  let first = 0
  let base = 0
  let baseDigest = noDigest
  let head = 0
  let headDigest = noDigest
  /** The row before, as the store says, and as its text says. */
  let before = 0
  let beforeDigest = noDigest
  /** What follows a row at a wrong place says nothing more. */
  let wasMoved = false
  let anchor: Said['removed'] = null
  for (const row of rows) {
    base = Number(row['base'])
    baseDigest = String(row['base_digest'])
    head = Number(row['head'])
    headDigest = String(row['head_digest'])
    if (row['n'] === null) break
    const n = Number(row['n'])
    const line = String(row['line'])
    if (count === 0) {
      first = n
      before = base
      beforeDigest = baseDigest
    }
    count += 1
    if (n > before + 1) tell('missing', before + 1, nameMissing(before + 1, n - 1), n - 1)
    const said = readSaid(line)
    const actual = digestOf(line)
    const isMoved = said.n !== null && said.n !== n
    if (isMoved) tell('moved', n, `Row ${n} is what was written as row ${said.n}.`)
    else if (said.n === null || actual !== row['digest'])
      tell('changed', n, `Row ${n} was changed after it was written.`)
    else if (n === before + 1 && !wasMoved && said.previous !== beforeDigest)
      tell(
        'unlinked',
        n,
        before === 0
          ? `Row ${n} does not begin the chain: it follows a row that is not there.`
          : `Row ${n} does not follow row ${before}: one of them was written anew.`,
      )
    if (said.removed !== null) anchor = said.removed
    before = n
    wasMoved = isMoved
    beforeDigest = String(row['digest'])
    const pausing = pause()
    if (pausing !== null) await pausing
  }
  if (count === 0) before = base
  if (head > before) tell('missing', before + 1, nameMissing(before + 1, head), head)
  else if (count > 0 && (head !== before || headDigest !== beforeDigest))
    tell('unlinked', before, `Row ${before} is not the one that was written last.`)
  if (base > 0 && (anchor === null || anchor.until !== base || anchor.digest !== baseDigest))
    tell(
      'missing',
      1,
      `${nameMissing(1, base)} No row says that retention removed ${base === 1 ? 'it' : 'them'}.`,
      base,
    )
  return { rows: count, first, head, digest: head === 0 ? '' : headDigest, faults }
}

function nameMissing(from: number, until: number): string {
  return from === until ? `Row ${from} is missing.` : `Rows ${from} to ${until} are missing.`
}

/** By its beginning: what an action has to say may have members of the same names. */
function readSaid(line: string): Said {
  const [, n, previous = ''] = /^\{"n":(\d+),"previous":"([0-9a-f]{64})",/.exec(line) ?? []
  return { n: n === undefined ? null : Number(n), previous, removed: readRemoved(line) }
}

function readRemoved(line: string): Said['removed'] {
  if (!line.includes(`"action":"${anchorAction}"`)) return null
  try {
    const { removed } = JSON.parse(line) as { removed?: unknown }
    if (typeof removed !== 'object' || removed === null) return null
    const { until, digest } = removed as Record<string, unknown>
    return typeof until === 'number' && typeof digest === 'string' ? { until, digest } : null
  } catch {
    return null
  }
}
