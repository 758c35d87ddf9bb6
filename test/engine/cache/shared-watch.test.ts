/** What is told of one kind and what is kept of it: for those who look, and for one who writes it down. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KindChange } from '../../../electron/engine/cache/shared-watch.ts'
import { SharedWatches } from '../../../electron/engine/cache/shared-watch.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { list, object, ScriptedClient } from './scripted-client.ts'

let clock: ManualClock
let client: ScriptedClient
let watches: SharedWatches

beforeEach(() => {
  clock = new ManualClock()
  client = new ScriptedClient()
  client.steps.push(list([object('a', '1'), object('b', '2')], '10'))
  watches = new SharedWatches({
    clock,
    random: { uuid: () => '', unit: () => 0 },
    logger: silentLogger,
    members: () => [{ context: 'x', client, namespace: '', lost: () => undefined, seen: () => undefined }],
    served: (group, kind) => ({
      group,
      version: 'v1',
      kind,
      plural: 'events',
      isNamespaced: true,
      verbs: ['list', 'watch'],
      shortNames: [],
    }),
  })
})
afterEach(() => watches.dispose())

const words = (changes: readonly KindChange[]): readonly string[] =>
  changes.map(({ isSnapshot, upsert, remove }) =>
    [
      isSnapshot ? 'all' : 'change',
      ...upsert.map(({ metadata }) => `+${metadata.name}`),
      ...remove.map(({ metadata }) => `-${metadata.name}`),
    ].join(' '),
  )

it('tells whoever comes later what is there, and of deletions', async () => {
  const first: KindChange[] = []
  const second: KindChange[] = []
  watches.watch('', 'Event', '', (change) => first.push(change))
  await clock.advance(0)
  client.watches[0]?.event('ADDED', object('c', '11'))
  client.watches[0]?.event('DELETED', object('a', '12'))
  await clock.advance(30)
  watches.watch('', 'Event', '', (change) => second.push(change))
  await clock.advance(30)
  expect([words(first)[0], words(first).at(-1)]).toEqual(['all +a +b', 'change +c -a'])
  expect(words(second)).toEqual(['all +b +c'])
  expect(client.watches).toHaveLength(1)
})

it('keeps nothing for one who writes it down: each object once, a storm in pieces, and another one has its own watch', async () => {
  const first: KindChange[] = []
  const second: KindChange[] = []
  const stop = watches.watch('', 'Event', '', (change) => first.push(change), { isKept: false })
  await clock.advance(30)
  expect(words(first)).toEqual(['change +a +b', 'all'])
  first.length = 0
  for (let index = 0; index < 500; index++) client.watches[0]?.event('ADDED', object(`s${index}`, String(20 + index)))
  client.watches[0]?.event('DELETED', object('a', '600'))
  // More turns of the loop than one promise takes; no time.
  for (let turn = 0; turn < 100; turn++) await clock.advance(0)
  await clock.advance(30)
  expect(first.map(({ upsert, remove }) => [upsert.length, remove.length])).toEqual([
    [200, 0],
    [200, 0],
    [100, 0],
  ])
  expect(new Set(first.flatMap(({ upsert }) => upsert.map(({ metadata }) => metadata.name))).size).toBe(500)
  watches.watch('', 'Event', '', (change) => second.push(change), { isKept: false })
  await clock.advance(30)
  expect(words(second)).toEqual(['change +a +b', 'all'])
  expect(client.watches).toHaveLength(2)
  stop()
  expect(client.watches.map(({ isClosed }) => isClosed)).toEqual([true, false])
})
