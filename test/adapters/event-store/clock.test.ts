/** A clock that goes forth and back by a day: order, keys, retention, what is forgotten, and the chain of actions. */
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createStoreReader } from '../../../electron/adapters/event-store/store-reader.ts'
import type { StoreReader } from '../../../electron/adapters/event-store/store-reader.ts'
import { createStoreWriter } from '../../../electron/adapters/event-store/store-writer.ts'
import type { StoreWriter } from '../../../electron/adapters/event-store/store-writer.ts'
import { historyRetention } from '../../../shared/model/history.ts'
import { never, newEntry, openStore, readAll, refOf, testFolder } from './entries.ts'

const dayMs = 24 * 60 * 60 * 1000
const start = 1_763_000_000_000

function open(): { readonly clock: { now: number }; readonly writer: StoreWriter; readonly reader: StoreReader } {
  const file = join(testFolder(), 'history.db')
  const clock = { now: start }
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  }
  const monotonicMs = (): number => performance.now()
  const writer = createStoreWriter({
    file,
    auditFile: `${file}.audit.jsonl`,
    now: () => clock.now,
    monotonicMs,
    after,
    afterIdly: after,
  })
  const reader = createStoreReader({ file, monotonicMs })
  onTestFinished(async () => {
    reader.close()
    await writer.close()
  })
  return { clock, writer, reader }
}

it('keeps the order of times, and each entry, whatever the clock says', async () => {
  const { clock, writer, reader } = open()
  for (const [index, shift] of [0, dayMs, 0, -dayMs, 0].entries()) {
    clock.now = start + shift
    await writer.append([newEntry({ at: clock.now + index, message: `told ${index}` })], false)
    // What comes without a time has the one of the clock.
    await writer.append([newEntry({ at: Number.NaN, message: `seen ${index}` })], false)
    await writer.appendAudit([{ at: clock.now, text: JSON.stringify({ index }) }])
  }
  const { entries } = await reader.query({}, { limit: 100, after: null }, never)
  expect(entries.map(({ message }) => message)).toEqual([
    ...['told 1', 'seen 1'],
    ...['told 4', 'told 2', 'seen 4', 'seen 2', 'seen 0', 'told 0'],
    ...['told 3', 'seen 3'],
  ])
  expect(new Set(entries.map(({ key }) => key)).size).toBe(10)
  expect(entries.map(({ recordedAt }) => (recordedAt - start) / dayMs)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, -1, -1])
  expect((await reader.audit({ since: 0, after: 0, limit: 10 }, never)).map(({ line }) => line)).toHaveLength(5)
  expect(await reader.verifyAudit(never)).toMatchObject({ rows: 5, head: 5, faults: [] })
})

it('lets go what is too old by the clock as it stands, and nothing else', async () => {
  const { clock, writer } = open()
  const days = [0, 1, 88, 89.5, 90.5]
  await writer.append(
    days.map((day) => newEntry({ at: start - day * dayMs })),
    false,
  )
  await writer.append([newEntry({ at: start + dayMs / 2, message: 'the cluster is ahead' })], false)
  const retention = historyRetention(90, 1024)
  const left = async (now: number): Promise<number> => {
    clock.now = now
    await writer.retain(retention)
    return (await writer.state()).entries
  }
  expect(await left(start - dayMs)).toBe(6)
  expect(await left(start)).toBe(5)
  expect(await left(start + dayMs)).toBe(4)
  expect(await left(start - dayMs)).toBe(4)
})

it('forgets a cluster and its manifests after the clock was set back', async () => {
  const { clock, writer, reader } = open()
  clock.now = start + dayMs
  const texts = await writer.putTexts(['kind: ConfigMap', 'kind: Service'])
  const render = (cluster: string, digest: string | undefined): Promise<unknown> =>
    writer.append(
      [newEntry({ cluster, ref: refOf('web', { cluster }), type: 'render', facts: { objects: [digest] } })],
      false,
    )
  await render('c1', texts[0])
  await render('c2', texts[1])
  clock.now = start
  await writer.forget(['c2'])
  expect(await reader.text(texts[0] ?? '')).toBe('kind: ConfigMap')
  expect(await reader.text(texts[1] ?? '')).toBeNull()
})

it('leaves what is told again with the same time of a broken clock where it was first seen', async () => {
  const store = openStore(join(testFolder(), 'history.db'))
  const ahead = (told: number, claimedAt: number): ReturnType<typeof newEntry> =>
    newEntry({ at: told, identity: 'event|1', facts: { claimedAt } })
  await store.append([ahead(start, 4_000_000_000_000)])
  await store.append([ahead(start + 60_000, 4_000_000_000_000)])
  expect((await readAll(store)).map((entry) => entry.at)).toEqual([start])
  await store.append([ahead(start + 90_000, 4_000_000_001_000)])
  expect((await readAll(store)).map((entry) => entry.at)).toEqual([start + 90_000])
})
