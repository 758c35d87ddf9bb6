/** The way into the store: what comes faster than it is written waits, packed; what there is no room for is counted and told. */
import { expect, it } from 'vitest'
import type { Journal } from '../../../electron/engine/history/journal.ts'
import { createJournal } from '../../../electron/engine/history/journal.ts'
import { sessionEntry } from '../../../electron/engine/history/session-entry.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'

const numbered = (from: number, count: number): readonly NewHistoryEntry[] =>
  Array.from({ length: count }, (_, index) => sessionEntry('c1', 'Number', String(from + index), from + index))

interface Bench {
  readonly clock: ManualClock
  readonly journal: Journal
  /** In the order in which they were acknowledged. */
  readonly kept: NewHistoryEntry[]
  /** Packed batches, and how many of them at most. */
  mostPacked: number
  isRefusing: boolean
}

/** A store that takes so long for each append. */
function start(appendMs: number, maxPackedBytes?: number): Bench {
  const clock = new ManualClock()
  const kept: NewHistoryEntry[] = []
  let packed = 0
  const bench: Bench = {
    clock,
    kept,
    mostPacked: 0,
    isRefusing: false,
    journal: createJournal({
      clock,
      random: { uuid: () => 'u', unit: () => 0.5 },
      logger: silentLogger,
      codec: {
        deflate(text) {
          bench.mostPacked = Math.max(bench.mostPacked, (packed += 1))
          return memoryCodec.deflate(text)
        },
        inflate(bytes) {
          packed -= 1
          return memoryCodec.inflate(bytes)
        },
      },
      store: {
        append: (entries) =>
          new Promise((resolve, reject) => {
            clock.after(appendMs, () => {
              if (bench.isRefusing) {
                reject(new Error('disk full'))
                return
              }
              for (const entry of entries) kept.push(entry)
              resolve({ added: entries.length, merged: 0 })
            })
          }),
      },
      ...(maxPackedBytes === undefined ? {} : { maxPackedBytes }),
    }),
  }
  return bench
}

it('keeps in order what comes ten times as fast as it is written', async () => {
  const bench = start(1000)
  const { clock, journal, kept } = bench
  let count = 0
  for (let turn = 0; turn < 80; turn++) {
    journal.write(numbered(count, 1000))
    count += 1000
    await clock.advance(100)
  }
  expect(bench.mostPacked).toBeGreaterThan(50)
  await clock.advance(100_000)
  expect(kept.map(({ message }) => Number(message))).toEqual(Array.from({ length: count }, (_, index) => index))
})

it('keeps in order what comes while the store refuses, and what was refused', async () => {
  const bench = start(10)
  const { clock, journal, kept } = bench
  bench.isRefusing = true
  for (let turn = 0; turn < 30; turn++) {
    journal.write(numbered(turn * 700, 700))
    await clock.advance(100)
  }
  expect(kept).toEqual([])
  bench.isRefusing = false
  await clock.advance(120_000)
  expect(kept.map(({ message }) => Number(message))).toEqual(Array.from({ length: 21_000 }, (_, index) => index))
})

it('counts what there is no room for, and tells it once', async () => {
  const bench = start(10, 0)
  const { clock, journal, kept } = bench
  bench.isRefusing = true
  journal.write(numbered(0, 1000))
  await clock.advance(100)
  const from = clock.now()
  journal.write(numbered(1000, 12_000))
  bench.isRefusing = false
  await clock.advance(120_000)
  const lost = kept.filter(({ reason }) => reason === 'EntriesLost')
  expect(lost).toMatchObject([
    { count: 2000, tone: 'bad', message: '2,000 entries could not be written in time', facts: { from } },
  ])
  expect(lost[0]?.at).toBeGreaterThan(from)
  expect(kept).toHaveLength(11_001)
})
