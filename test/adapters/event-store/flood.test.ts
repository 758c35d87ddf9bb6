/** Ten thousand events a second, for a minute: each is found afterwards, whatever the disk takes. */
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import { createRandom, createSystemClock } from '../../../electron/adapters/node/system-clock.ts'
import { createJournal } from '../../../electron/engine/history/journal.ts'
import { silentLogger } from '../../engine/memory-cluster.ts'
import { scaleCount } from '../../soak.ts'
import { never, newEntry, openStore, refOf, testFolder, workerEntry } from './entries.ts'

const perSecond = 10_000
const start = 1_763_000_000_000

it('loses none of ten thousand events a second', { timeout: 600_000 }, async () => {
  const seconds = scaleCount(60)
  const store = openStore(join(testFolder(), 'history.db'), workerEntry)
  const clock = createSystemClock()
  const journal = createJournal({ store, clock, random: createRandom(), logger: silentLogger, codec: createCodec() })
  const total = seconds * perSecond
  const begunAt = clock.monotonicMs()
  for (let count = 0; count < total;) {
    // As many as are due by now.
    const due = Math.min(total, Math.ceil(((clock.monotonicMs() - begunAt) / 1000) * perSecond))
    const entries = Array.from({ length: due - count }, (_, offset) => {
      const index = count + offset
      return newEntry({
        type: 'event',
        ref: refOf(`pod-${index % 5000}`, { group: '', kind: 'Pod' }),
        at: start + Math.floor(index / 10),
        reason: 'BackOff',
        message: `Back-off restarting failed container web in pod pod-${index % 5000} for the ${index}th time`,
        identity: `event|${index}`,
      })
    })
    count = due
    if (entries.length > 0) journal.write(entries)
    // Not a wait for anything: they come as time passes.
    await pass(10)
  }
  await journal.close()
  expect(await store.state()).toMatchObject({ entries: total, problem: '', note: '' })
  const buckets = await store.buckets({}, { from: start, until: start + seconds * 1000, count: seconds }, never)
  expect(buckets.map(({ count }) => count)).toEqual(Array.from({ length: seconds }, () => perSecond))
})
