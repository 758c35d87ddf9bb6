import { describe, expect, it } from 'vitest'
import { KeyedFeed, KeyedItems } from '../../../electron/engine/clusters/keyed-feed.ts'
import type { StreamSink } from '../../../shared/contract/index.ts'
import { ManualClock } from '../memory-cluster.ts'

interface Item {
  readonly key: string
  readonly value: number
}

function gather(): StreamSink<Item> & { log: string[]; isClosed: boolean } {
  const log: string[] = []
  return {
    log,
    isClosed: false,
    push: (upsert, remove = []) =>
      log.push(
        [...upsert.map(({ key, value }) => `${key}=${String(value)}`), ...remove.map((key) => `-${key}`)].join(' '),
      ),
    ready: () => log.push('ready'),
    end: () => log.push('end'),
  }
}

describe('KeyedFeed', () => {
  it('tells the snapshot in pieces, then what changed meanwhile, then ready', async () => {
    const clock = new ManualClock()
    const items = Array.from({ length: 600 }, (_, index) => ({ key: String(index), value: 1 }))
    const feed = new KeyedFeed<Item>(clock, () => items)
    const sink = gather()
    feed.subscribe(sink)
    feed.publish([{ key: '599', value: 2 }], ['0'])
    await clock.advance(0)
    expect(sink.log.map((entry) => entry.split(' ').length)).toEqual([250, 250, 100, 2, 1])
    expect(sink.log.at(-2)).toBe('599=2 -0')
    expect(sink.log.at(-1)).toBe('ready')
    feed.publish([{ key: '1', value: 3 }])
    expect(sink.log.at(-1)).toBe('1=3')
  })

  it('stops when told, also in the middle', async () => {
    const clock = new ManualClock()
    const feed = new KeyedFeed<Item>(clock, () =>
      Array.from({ length: 600 }, (_, key) => ({ key: String(key), value: 1 })),
    )
    const sink = gather()
    feed.subscribe(sink)()
    await clock.advance(0)
    feed.publish([{ key: '1', value: 3 }])
    expect(sink.log.length).toBe(1)
  })
})

it('KeyedItems tells only what differs', async () => {
  const clock = new ManualClock()
  const items = new KeyedItems<Item>(clock)
  const sink = gather()
  items.feed.subscribe(sink)
  await clock.advance(0)
  expect(
    items.set([
      { key: 'a', value: 1 },
      { key: 'b', value: 1 },
    ]),
  ).toBe(true)
  expect(
    items.set([
      { key: 'a', value: 1 },
      { key: 'b', value: 1 },
    ]),
  ).toBe(false)
  items.set([{ key: 'b', value: 2 }])
  expect(sink.log).toEqual(['ready', 'a=1 b=1', 'b=2 -a'])
})
