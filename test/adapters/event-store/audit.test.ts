/** The chain of actions: what tampering leaves, who appends at the same time, what retention removes, and what an older Sluice had written. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { appendAudit } from '../../../electron/adapters/event-store/audit-table.ts'
import { createStoreWriter } from '../../../electron/adapters/event-store/store-writer.ts'
import type { EventStore } from '../../../electron/engine/history/event-store-port.ts'
import { never, newEntry, openStore, testFolder, workerEntry } from './entries.ts'

const dayMs = 24 * 60 * 60 * 1000
const start = 1_763_000_000_000
const all = { since: 0, after: 0, limit: 1000 }

function lineOf(index: number, at = start + index): { at: number; text: string } {
  return {
    at,
    text: JSON.stringify({ time: new Date(at).toISOString(), action: 'suspend', object: `apps/web-${index}` }),
  }
}

async function tenRows(): Promise<{ readonly file: string; readonly store: EventStore }> {
  const file = join(testFolder(), 'history.db')
  const store = openStore(file)
  for (let index = 1; index <= 10; index++) await store.appendAudit([lineOf(index)])
  return { file, store }
}

async function tamper(file: string, sql: string): Promise<readonly string[]> {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
  const store = openStore(file)
  const { faults } = await store.verifyAudit(never)
  await store.close()
  return faults.map(({ message }) => message)
}

it('is a chain that anybody can check with a SHA-256', async () => {
  const { store } = await tenRows()
  const rows = await store.audit(all, never)
  expect(rows.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  let previous = '0'.repeat(64)
  for (const { n, line } of rows) {
    expect(JSON.parse(line)).toMatchObject({ n, previous, action: 'suspend', object: `apps/web-${n}` })
    previous = createHash('sha256').update(line).digest('hex')
  }
  expect(await store.verifyAudit(never)).toEqual({ rows: 10, first: 1, head: 10, digest: previous, faults: [] })
  expect((await store.audit({ since: start + 4, after: 5, limit: 2 }, never)).map(({ n }) => n)).toEqual([6, 7])
})

it.each([
  [
    'a changed row',
    `UPDATE audit SET line = replace(line, 'web-4', 'web-9') WHERE n = 4`,
    ['Row 4 was changed after it was written.'],
  ],
  ['a removed row', 'DELETE FROM audit WHERE n = 5', ['Row 5 is missing.']],
  ['removed rows', 'DELETE FROM audit WHERE n IN (5, 6, 7)', ['Rows 5 to 7 are missing.']],
  ['the last rows removed', 'DELETE FROM audit WHERE n > 8', ['Rows 9 to 10 are missing.']],
  [
    'the last row removed, and that hidden',
    `DELETE FROM audit WHERE n = 10; UPDATE audit_chain SET head = 9`,
    ['Row 9 is not the one that was written last.'],
  ],
  ['the first rows removed', 'DELETE FROM audit WHERE n < 3', ['Rows 1 to 2 are missing.']],
  [
    'the first rows removed as if by retention',
    'DELETE FROM audit WHERE n < 3; UPDATE audit_chain SET base = 2, base_digest = unhex(substr((SELECT line FROM audit WHERE n = 3), 20, 64))',
    ['Rows 1 to 2 are missing. No row says that retention removed them.'],
  ],
  [
    'two rows that changed places',
    'UPDATE audit SET n = 99 WHERE n = 3; UPDATE audit SET n = 3 WHERE n = 4; UPDATE audit SET n = 4 WHERE n = 99',
    ['Row 3 is what was written as row 4.', 'Row 4 is what was written as row 3.'],
  ],
])('names %s', async (_name, sql, expected) => {
  const { file, store } = await tenRows()
  await store.close()
  expect(await tamper(file, sql)).toEqual(expected)
})

it('names a row that was written anew with a digest of its own', async () => {
  const { file, store } = await tenRows()
  const [, , , row] = await store.audit(all, never)
  await store.close()
  const line = (row?.line ?? '').replace('suspend', 'resume')
  const digest = createHash('sha256').update(line).digest('hex')
  expect(await tamper(file, `UPDATE audit SET line = '${line}', digest = unhex('${digest}') WHERE n = 4`)).toEqual([
    'Row 5 does not follow row 4: one of them was written anew.',
  ])
})

it('stays whole when everything that happened is forgotten, and when retention takes its beginning', async () => {
  const file = join(testFolder(), 'history.db')
  const store = openStore(file)
  const now = Date.now()
  await store.append([newEntry()])
  for (let index = 1; index <= 30; index++) await store.appendAudit([lineOf(index, now - (400 - index * 10) * dayMs)])
  await store.forget(null)
  expect((await store.verifyAudit(never)).rows).toBe(30)
  await store.setRetention({ maxAgeMs: 10 * dayMs, maxBytes: 1e9 }, true)
  await expect.poll(async () => (await store.verifyAudit(never)).first, { timeout: 20_000 }).toBe(4)
  const rows = await store.audit(all, never)
  // A year is kept, whatever else is; the anchor says what went.
  expect(rows).toHaveLength(28)
  expect(JSON.parse(rows.at(-1)?.line ?? '')).toMatchObject({ action: 'retention', removed: { from: 1, until: 3 } })
  expect(await store.verifyAudit(never)).toMatchObject({ rows: 28, first: 4, head: 31, faults: [] })
  await store.close()
  expect(await tamper(file, 'DELETE FROM audit WHERE n = 4')).toEqual(['Row 4 is missing.'])
})

it('is bounded in size, too', async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const now = Date.now()
  await store.appendAudit(
    Array.from({ length: 200 }, (_, index) => ({ at: now, text: JSON.stringify({ index, pad: 'x'.repeat(1000) }) })),
  )
  await store.setRetention({ maxAgeMs: 10 * dayMs, maxBytes: 16 * 100_000 }, true)
  await expect.poll(async () => (await store.verifyAudit(never)).rows, { timeout: 20_000 }).toBeLessThan(90)
  expect(await store.verifyAudit(never)).toMatchObject({ head: 201, faults: [] })
})

it('reads the end of the chain while nobody else can append', async () => {
  const { file, store } = await tenRows()
  await store.close()
  const other = new DatabaseSync(file, { timeout: 0 })
  const looks: string[] = []
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  }
  const writer = createStoreWriter({
    file,
    auditFile: `${file}.audit.jsonl`,
    // Asked within the transaction, before anything is read.
    now() {
      try {
        other.exec('BEGIN IMMEDIATE; ROLLBACK')
        looks.push('free')
      } catch {
        looks.push('held')
      }
      return start
    },
    monotonicMs: () => performance.now(),
    after,
    afterIdly: after,
  })
  await writer.appendAudit([lineOf(11)])
  expect(looks.at(-1)).toBe('held')
  await writer.close()
  other.close()
})

it('is one chain for two processes that append at the same time', { timeout: 120_000 }, async () => {
  const file = join(testFolder(), 'history.db')
  const child = join(import.meta.dirname, 'write-child.ts')
  const exits = ['one', 'two'].map(async (name) => {
    const one = spawn(process.execPath, [child, file, name, '148', '-', 'audit'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await once(one, 'close')
    return one.exitCode
  })
  expect(await Promise.all(exits)).toEqual([0, 0])
  const store = openStore(file)
  expect(await store.verifyAudit(never)).toMatchObject({ rows: 296, head: 296, faults: [] })
  const names = (await store.audit(all, never)).map(({ line }) => (JSON.parse(line) as { name: string }).name)
  // They took turns: neither waited for the other to end.
  expect(names.filter((name, index) => index > 0 && name !== names[index - 1]).length).toBeGreaterThan(2)
  expect(names.filter((name) => name === 'one')).toHaveLength(148)
})

it('takes over what an older Sluice wrote as lines, once, in order, torn lines too', async () => {
  const folder = testFolder()
  const file = join(folder, 'history.db')
  const text = (index: number): string => lineOf(index).text
  writeFileSync(join(folder, 'audit.jsonl.2'), `${text(1)}\n${text(2)}\n`)
  writeFileSync(join(folder, 'audit.jsonl.1'), `${text(3)}\n`)
  writeFileSync(join(folder, 'audit.jsonl'), `${text(4)}\n{"time":"2026-`)
  const store = openStore(file, workerEntry)
  await store.appendAudit([lineOf(5)])
  await store.takeOldAudit()
  const rows = (await store.audit(all, never)).map(({ at, line }) => ({ at, ...(JSON.parse(line) as object) }))
  expect(rows).toMatchObject([
    ...[1, 2, 3, 4].map((index) => ({ taken: true, at: start + index, object: `apps/web-${index}` })),
    { text: '{"taken":true,"time":"2026-' },
    { object: 'apps/web-5' },
  ])
  expect(rows).toHaveLength(6)
  expect((await store.verifyAudit(never)).faults).toEqual([])
  const kept = readdirSync(folder).filter((name) => name.startsWith('audit'))
  expect(kept.sort().map((name) => readFileSync(join(folder, name), 'utf8').split('\n')[0])).toEqual([
    text(1),
    text(3),
    text(4),
  ])
  expect(kept.every((name) => name.startsWith('audit-taken-'))).toBe(true)
  await store.close()
  // Killed between taking and renaming: known by its name, it is not taken again.
  writeFileSync(join(folder, kept[0]?.replace('taken', 'taking') ?? ''), `${text(1)}\n`)
  const again = openStore(file)
  await again.takeOldAudit()
  expect((await again.verifyAudit(never)).rows).toBe(6)
  expect(existsSync(join(folder, 'audit.jsonl'))).toBe(false)
})

it('bounds what a line may be', () => {
  const store = new DatabaseSync(':memory:')
  store.exec(`
    CREATE TABLE audit (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL, digest BLOB NOT NULL);
    CREATE TABLE audit_chain (head INTEGER, head_digest BLOB, bytes INTEGER); INSERT INTO audit_chain VALUES (0, zeroblob(32), 0);
  `)
  appendAudit(store, [
    { at: Number.NaN, text: 'no JSON' },
    { at: 1, text: `{"long":"${'x'.repeat(1e6)}"}` },
    { at: 2, text: '[]' },
  ])
  const rows = store.prepare('SELECT at, line FROM audit ORDER BY n').all()
  expect(rows.map(({ at }) => at)).toEqual([0, 1, 2])
  for (const { line } of rows) {
    expect(() => void JSON.parse(String(line))).not.toThrow()
    expect(String(line).length).toBeLessThan(200_000)
  }
  store.close()
})
