/** How long it is kept, what deleting leaves, and what others see meanwhile. */
import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { newEntry, never, openStore, readAll, refOf, testFolder, workerEntry } from './entries.ts'

const hourMs = 60 * 60 * 1000

it('lets the oldest go by age, and by size', { timeout: 60_000 }, async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const now = Date.now()
  await store.append(
    Array.from({ length: 600 }, (_, index) => newEntry({ at: now - index * hourMs, message: `${index} hours ago` })),
  )
  await store.setRetention({ maxAgeMs: 300 * hourMs + hourMs / 2, maxBytes: 1e9 }, true)
  await vi.waitUntil(async () => (await store.state()).entries === 301, { timeout: 20_000 })
  expect((await readAll(store)).at(-1)?.message).toBe('300 hours ago')
  await store.setRetention({ maxAgeMs: 1000 * hourMs, maxBytes: 1 }, true)
  await vi.waitUntil(async () => (await store.state()).entries < 10, { timeout: 20_000 })
})

it('forgets a cluster without a trace, and leaves the others', async () => {
  const folder = testFolder()
  const file = join(folder, 'history.db')
  const store = openStore(file)
  const other = Array.from({ length: 50 }, (_, index) => newEntry({ message: `stays ${index}` }))
  const gone = Array.from({ length: 300 }, (_, index) =>
    newEntry({
      cluster: 'c2',
      ref: refOf(`planted-${index}`, { cluster: 'c2' }),
      message: 'planted sentence of theirs',
      by: 'planted@example.org',
      revision: `planted@sha1:${index}`,
      facts: { planted: 'fact '.repeat(100) },
    }),
  )
  await store.append([...other, ...gone])
  await store.forget(['c2'])
  expect(await store.state()).toMatchObject({ entries: 50 })
  expect(await readAll(store, { clusters: ['c2'] })).toEqual([])
  expect((await readAll(store)).map(({ message }) => message)).toEqual(other.map(({ message }) => message).toReversed())
  await store.append([newEntry({ message: 'planned again', ref: refOf('planned') })])
  expect((await readAll(store, { words: ['planned'] })).map(({ ref }) => ref?.name)).toEqual(['planned'])
  await store.forget(null)
  await store.close()
  for (const name of [file, `${file}-wal`].filter((one) => existsSync(one)))
    expect(readFileSync(name).includes('planted')).toBe(false)
})

it('tells those who watch, on disk first, and keeps a key over merges', async () => {
  const store = openStore(join(testFolder(), 'history.db'), workerEntry)
  const told: string[] = []
  const stop = store.watch((entries) =>
    told.push(...entries.map(({ key, message, count }) => `${key} ${message} ${count}`)),
  )
  expect(await store.append([newEntry({ identity: 'e', message: 'first' }), newEntry({ message: 'second' })])).toEqual({
    added: 2,
    merged: 0,
  })
  expect(await store.append([newEntry({ identity: 'e', message: 'again', at: 5, count: 7 })])).toEqual({
    added: 0,
    merged: 1,
  })
  stop()
  await store.append([newEntry()])
  expect(told).toEqual(['1 first 1', '2 second 1', '1 again 7'])
  expect((await readAll(store)).map(({ key }) => key)).toEqual(['3', '2', '1'])
})

it('pages stay where they are while entries arrive and clocks run back', async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const day = 24 * hourMs
  const at = 1_763_000_000_000
  await store.append(Array.from({ length: 40 }, (_, index) => newEntry({ at: at + index, message: `m${index}` })))
  const first = await store.query({}, { limit: 10, after: null }, never)
  await store.append([
    newEntry({ at: at + day, message: 'tomorrow' }),
    newEntry({ at: at - day, message: 'yesterday' }),
  ])
  const rest: string[] = []
  for (let { next } = first; next !== null;) {
    const page = await store.query({}, { limit: 10, after: next }, never)
    rest.push(...page.entries.map(({ message }) => message))
    next = page.next
  }
  expect(rest).toEqual([...Array.from({ length: 30 }, (_, index) => `m${29 - index}`), 'yesterday'])
})

it('keeps a text once, by what it says', async () => {
  const store = openStore(join(testFolder(), 'history.db'), workerEntry)
  const text = 'kind: ConfigMap\n---\n'.repeat(5000)
  const [one, two] = await Promise.all([store.putText(text), store.putText(text)])
  expect(one).toBe(two)
  expect(await store.text(one)).toBe(text)
  expect(await store.text(`sha256:${'0'.repeat(64)}`)).toBeNull()
  expect((await store.state()).bytes).toBeLessThan(400_000)
})

it('hears that nobody waits any more', async () => {
  const store = openStore(join(testFolder(), 'history.db'), workerEntry)
  await store.append(Array.from({ length: 5000 }, (_, index) => newEntry({ at: index, message: `entry ${index}` })))
  const abort = new AbortController()
  const asked = store.buckets({}, { from: 0, until: 5000, count: 2000 }, abort.signal)
  abort.abort()
  await expect(asked).rejects.toMatchObject({ code: 'Canceled' })
})
