/** Files that cannot be used, disks that are full, and entries that nobody would write by hand. */
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { migrate, schemaVersion } from '../../../electron/adapters/event-store/schema.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { never, newEntry, openStore, readAll, refOf, testFolder, workerEntry } from './entries.ts'

const start = 1_763_000_000_000

it.each([
  ['no database', (file: string) => writeFileSync(file, 'precious words of somebody else')],
  [
    'a database of another program',
    (file: string) => {
      const other = new DatabaseSync(file)
      other.exec('CREATE TABLE entry (precious TEXT)')
      other.close()
    },
  ],
])('sets %s aside and begins anew', async (_name, make) => {
  const folder = testFolder()
  const file = join(folder, 'history.db')
  make(file)
  const before = readFileSync(file)
  const store = openStore(file)
  await store.append([newEntry()])
  const { note } = await store.state()
  const aside = readdirSync(folder).find((name) => name.startsWith('history.db.damaged-')) ?? ''
  expect(note).toContain(aside)
  expect(readFileSync(join(folder, aside))).toEqual(before)
  expect(await readAll(store)).toHaveLength(1)
})

it('sets a file with damaged pages aside, when writing or a check finds it', async () => {
  const folder = testFolder()
  const file = join(folder, 'history.db')
  const first = openStore(file)
  await first.append(
    Array.from({ length: 2000 }, (_, index) => newEntry({ at: start + index, message: `one ${index}` })),
  )
  await first.close()
  const { size } = statSync(file)
  const handle = openSync(file, 'r+')
  // All but the first pages, which say where tables begin.
  for (let at = 16 * 4096; at < size; at += 4096) writeSync(handle, Buffer.alloc(1024, 0xa5), 0, 1024, at)
  closeSync(handle)
  const store = openStore(file)
  await store.check('quick')
  await store.append([newEntry()])
  expect((await store.state()).note).toMatch(/set aside as .*history\.db\.damaged-/)
  expect(await readAll(store)).toHaveLength(1)
  expect(readdirSync(folder).filter((name) => /damaged-.*Z$/.test(name))).toHaveLength(1)
})

it('leaves the file of a newer Sluice alone', async () => {
  const file = join(testFolder(), 'history.db')
  const first = openStore(file)
  await first.append([newEntry()])
  await first.close()
  const newer = new DatabaseSync(file)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  const before = readFileSync(file)
  const store = openStore(file)
  await expect(store.append([newEntry()])).rejects.toMatchObject({ code: 'StorageFailed' })
  expect((await store.state()).problem).toContain('newer Sluice')
  expect(await readAll(store)).toEqual([])
  await store.close()
  expect(readFileSync(file)).toEqual(before)
})

it('goes from each version to each other', () => {
  const file = join(testFolder(), 'history.db')
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const shape = (): unknown[] =>
    database.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all()
  const shapes = Array.from({ length: schemaVersion + 1 }, (_, version) => {
    migrate(database, version)
    return shape()
  })
  for (const version of [0, 2, 1, 2, 0, 1, 0]) {
    migrate(database, version)
    expect(shape()).toEqual(shapes[version])
  }
})

it.each([1, 2])('brings a file of version %i forth without loss, as an older Sluice left it', async (version) => {
  const file = join(testFolder(), 'history.db')
  const first = openStore(file)
  await first.append([newEntry(), newEntry({ at: start + 1, facts: { kept: 'x'.repeat(500) }, identity: 'e' })])
  const digest = await first.putText('kind: ConfigMap\n')
  await first.appendAudit([{ at: start, text: '{"action":"suspend"}' }])
  const before = await readAll(first)
  await first.close()
  const database = new DatabaseSync(file)
  migrate(database, version)
  database.close()
  const store = openStore(file)
  await store.append([newEntry({ at: start + 2 }), newEntry({ at: start + 1, identity: 'e', count: 2 })])
  expect((await readAll(store)).map(({ key }) => key)).toEqual(['3', '2', '1'])
  expect((await readAll(store)).at(-1)).toEqual(before.at(-1))
  // What that version had; a chain begins anew where there was none, and is whole.
  expect(await store.text(digest)).toBe(version >= 2 ? 'kind: ConfigMap\n' : null)
  await store.appendAudit([{ at: start, text: '{"action":"resume"}' }])
  expect(await store.verifyAudit(never)).toMatchObject({ rows: 1, faults: [] })
  await store.check('full')
  expect(await store.state()).toMatchObject({ entries: 3, note: '', problem: '' })
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

it.runIf(canMount)('says that the disk is full or read-only, reads on, and recovers by itself', async () => {
  const folder = join(testFolder(), 'disk')
  mkdirSync(folder)
  const mount = (...args: string[]): void => {
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`mount: ${stderr}`)
  }
  mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder)
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  const store = openStore(join(folder, 'history.db'), workerEntry)
  await store.append([newEntry({ message: 'before' })])
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(1024 * 1024))
  const big = Array.from({ length: 300 }, (_, index) =>
    newEntry({
      at: start + 1 + index,
      message: Array.from({ length: 200 }, (__, word) => `w${index}x${word}`).join(' '),
    }),
  )
  let failed = 0
  for (let round = 0; round < 20 && failed === 0; round++)
    await store.append(big).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'StorageFailed', retry: 'transient' })
      failed += 1
    })
  expect(failed).toBe(1)
  const full = await store.state()
  expect(full.problem).toMatch(/disk is full/)
  expect(await readAll(store)).toHaveLength(full.entries)
  rmSync(join(folder, 'ballast'))
  await store.append([newEntry({ message: 'after' })])
  expect(await store.state()).toMatchObject({ problem: '', note: '', entries: full.entries + 1 })

  await store.close()
  mount('-o', 'remount,ro', folder)
  const again = openStore(join(folder, 'history.db'), workerEntry)
  await expect(again.append([newEntry()])).rejects.toMatchObject({ code: 'StorageFailed' })
  expect((await again.state()).problem).toMatch(/read-only/)
  expect(await readAll(again, { text: 'after' })).toHaveLength(1)
  mount('-o', 'remount,rw', folder)
  await again.append([newEntry({ message: 'later' })])
  expect(await again.state()).toMatchObject({ problem: '', note: '', entries: full.entries + 2 })
})

it('bounds what comes from outside', async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const before = Date.now()
  const missing = { cluster: 'c1', type: 'event', tone: 'plain', at: Number.NaN } as unknown as NewHistoryEntry
  const messages = ['NUL \0 here', 'lone \ud800 surrogate', `${'long '.repeat(200_000)}end`]
  const times = [-1, Date.UTC(9999, 11, 31), Infinity, '2025-11-13T00:00:00Z' as unknown as number]
  await store.append([
    missing,
    ...messages.map((message) => newEntry({ message, facts: { message: message.slice(0, 100) } })),
    ...times.map((at) => newEntry({ at, message: 'broken time' })),
    newEntry({ ref: refOf('n'.repeat(100_000)), message: 'long name', count: -5 }),
  ])
  const all = await readAll(store)
  expect(all).toHaveLength(9)
  for (const { at } of all.filter(({ message }) => message === 'broken time')) expect(at).toBeGreaterThanOrEqual(before)
  const long = all.find(({ message }) => message.startsWith('long long'))
  expect(long?.message).toMatch(/… \(cut: it had 1000003 characters\)$/)
  expect(all.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['NUL \ufffd here', 'lone \ufffd surrogate']),
  )
  expect(all.find(({ message }) => message === 'long name')).toMatchObject({ count: 1 })
  await expect(store.append([newEntry({ type: 'nothing' as 'run' })])).rejects.toMatchObject({ code: 'InvalidInput' })
  await expect(store.query({}, { limit: 1, after: '1; DROP TABLE entry' }, never)).rejects.toMatchObject({
    code: 'InvalidInput',
  })
})

it.runIf(canMount)('reads on from a disk on which there is no room at all, and says so', async () => {
  const folder = join(testFolder(), 'disk')
  mkdirSync(folder)
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status).toBe(0)
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
  const file = join(folder, 'history.db')
  const first = openStore(file)
  await first.append([newEntry({ message: 'before' })])
  await first.close()
  expect(() => {
    for (;;) writeFileSync(join(folder, 'ballast'), Buffer.alloc(4096), { flag: 'a' })
  }).toThrow(/ENOSPC/)
  const store = openStore(file)
  await expect(store.append([newEntry()])).rejects.toMatchObject({ code: 'StorageFailed' })
  expect((await store.state()).problem).toMatch(/^The disk is full.*\. Free some space/)
  expect(await readAll(store, { text: 'before' })).toHaveLength(1)
  rmSync(join(folder, 'ballast'))
  await store.append([newEntry({ message: 'after' })])
  expect(await readAll(store)).toHaveLength(2)
})
