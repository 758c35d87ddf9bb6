import { afterEach, describe, expect, it } from 'vitest'
import { ListWatch } from '../../../electron/engine/cache/list-watch.ts'
import { ObjectStore } from '../../../electron/engine/cache/object-store.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { ManualClock } from '../memory-cluster.ts'
import { answer, list, object, ScriptedClient, statusAnswer } from './scripted-client.ts'

interface Setup {
  readonly clock: ManualClock
  readonly client: ScriptedClient
  readonly run: ListWatch
  readonly states: string[]
  readonly changes: string[]
  readonly lost: string[]
  names(): string
  setClient(client: KubeClient | null): void
}

let running: ListWatch[] = []

function start(prepare: (client: ScriptedClient) => void): Setup {
  const clock = new ManualClock()
  const client = new ScriptedClient()
  prepare(client)
  let current: KubeClient | null = client
  const states: string[] = []
  const changes: string[] = []
  const lost: string[] = []
  const store = new ObjectStore<KubeObject>({
    archive: null,
    pack: () => '',
    summarise: (value) => value,
    onUpsert: (name) => changes.push(`+${name}`),
    onRemove: (name) => changes.push(`-${name}`),
  })
  const run = new ListWatch({
    clock,
    random: { uuid: () => '', unit: () => 0 },
    logger: { log: () => undefined },
    title: 'Things',
    path: () => '/apis/example.org/v1/things',
    sink: store.sink(null),
    client: () => current,
    onState: (state) => states.push(state.word),
    onLost: (_client, error) => lost.push(error.code),
  })
  running.push(run)
  return {
    clock,
    client,
    run,
    states,
    changes,
    lost,
    names: () => [...store.entries.keys()].sort().join(' '),
    setClient: (next) => {
      current = next
    },
  }
}

afterEach(() => {
  for (const run of running) run.stop()
  running = []
})

const watchOf = (setup: Setup) => {
  const watch = setup.client.watches.at(-1)
  if (watch === undefined) throw new Error('no watch is open')
  return watch
}

describe('ListWatch', () => {
  it('lists in pages, a small one first, and watches from the list’s version with bookmarks', async () => {
    const setup = start((client) => {
      client.steps.push(list([object('a', '1')], '10', 'next', 1), list([object('b', '2')], '10'))
    })
    await setup.clock.advance(0)
    expect(setup.client.calls).toEqual([
      'GET /apis/example.org/v1/things?limit=100',
      'GET /apis/example.org/v1/things?limit=500&continue=next',
    ])
    expect(watchOf(setup).request.path).toContain('resourceVersion=10')
    expect(watchOf(setup).request.path).toContain('allowWatchBookmarks=true')
    expect(setup.names()).toBe('apps/a apps/b')
    expect(setup.states).toEqual(['loading', 'live'])
  })

  it('asks for fewer objects at once where they are large: reading a page is one turn', async () => {
    const large = { ...object('a', '1'), data: 'x'.repeat(8_000) } as KubeObject
    const setup = start((client) => {
      client.steps.push(list([large], '10', 'next', 1), list([object('b', '2')], '10'))
    })
    await setup.clock.advance(0)
    const limits = setup.client.calls.map((call) => Number(/limit=(\d+)/.exec(call)?.[1]))
    expect(limits).toHaveLength(2)
    expect(limits[1]).toBeGreaterThan(50)
    expect(limits[1]).toBeLessThan(65)
  })

  it('goes on from the last bookmark after the server ended the watch', async () => {
    const setup = start((client) => client.steps.push(list([object('a', '1')], '10')))
    await setup.clock.advance(0)
    watchOf(setup).event('BOOKMARK', { metadata: { resourceVersion: '44' } })
    await setup.clock.advance(2000)
    watchOf(setup).end()
    await setup.clock.advance(2000)
    expect(setup.client.watches.length).toBe(2)
    expect(watchOf(setup).request.path).toContain('resourceVersion=44')
    expect(setup.client.requests.length).toBe(1)
  })

  it('relists on 410 without doubling or losing anything', async () => {
    const setup = start((client) =>
      client.steps.push(
        list([object('a', '1'), object('b', '2'), object('c', '3')], '10'),
        list([object('a', '1'), object('c', '9', 'uid-new'), object('d', '8')], '20'),
      ),
    )
    await setup.clock.advance(0)
    setup.changes.length = 0
    watchOf(setup).event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
    await setup.clock.advance(0)
    expect(setup.changes).toEqual(['+apps/c', '+apps/d', '-apps/b'])
    expect(setup.states).toEqual(['loading', 'live'])
    expect(watchOf(setup).request.path).toContain('resourceVersion=20')
  })

  it('relists when a line does not parse, and when an event has no metadata', async () => {
    for (const garbage of ['{"type":"ADDED","obj', 'null', '{"type":"MODIFIED","object":{}}', '[1]']) {
      const setup = start((client) =>
        client.steps.push(list([object('a', '1')], '10'), list([object('b', '11')], '12')),
      )
      await setup.clock.advance(0)
      watchOf(setup).line(garbage)
      await setup.clock.advance(2000)
      expect(setup.names(), garbage).toBe('apps/b')
      setup.run.stop()
    }
  })

  it('takes events out of order for what they are', async () => {
    const setup = start((client) => client.steps.push(list([object('a', '5')], '10')))
    await setup.clock.advance(0)
    setup.changes.length = 0
    const watch = watchOf(setup)
    watch.event('MODIFIED', object('a', '30'))
    watch.event('MODIFIED', object('a', '20'))
    watch.event('MODIFIED', object('a', '30'))
    watch.event('ADDED', object('b', '31'))
    watch.event('DELETED', object('b', '33'))
    watch.event('MODIFIED', object('b', '32'))
    watch.event('DELETED', object('a', '34', 'uid-of-an-earlier-a'))
    await setup.clock.advance(0)
    expect(setup.changes).toEqual(['+apps/a', '+apps/b', '-apps/b'])
    expect(setup.names()).toBe('apps/a')
  })

  it('re-opens a watch that has gone silent for 90 s', async () => {
    const setup = start((client) => client.steps.push(list([object('a', '1')], '10')))
    await setup.clock.advance(89_000)
    expect(setup.client.watches.length).toBe(1)
    await setup.clock.advance(2000)
    expect(setup.client.watches.length).toBe(2)
    expect(setup.client.watches[0]?.isClosed).toBe(true)
    expect(setup.client.requests.length).toBe(1)
    expect(setup.states).toEqual(['loading', 'live'])
  })

  it('tells its owner of a cut and resumes when kicked', async () => {
    const setup = start((client) => client.steps.push(list([object('a', '1')], '10')))
    await setup.clock.advance(5000)
    setup.setClient(null)
    watchOf(setup).cut()
    await setup.clock.advance(5000)
    expect(setup.lost).toEqual(['ConnectionLost'])
    expect(setup.states.at(-1)).toBe('unreachable')
    setup.setClient(setup.client)
    setup.run.kick()
    await setup.clock.advance(0)
    expect(setup.client.watches.length).toBe(2)
    expect(setup.states.at(-1)).toBe('live')
    expect(setup.names()).toBe('apps/a')
  })

  it('lists anew when watches are cut again and again before they said anything: what is cut off may be the 410', async () => {
    const setup = start((client) => {
      client.steps.push(list([object('a', '1')], '10'), list([object('b', '2')], '20'))
    })
    await setup.clock.advance(0)
    for (let cut = 0; cut < 3; cut += 1) {
      expect(watchOf(setup).request.path).toContain('resourceVersion=10')
      watchOf(setup).cut()
      await setup.clock.advance(3000)
    }
    expect(setup.names()).toBe('apps/b')
    expect(watchOf(setup).request.path).toContain('resourceVersion=20')
  })

  it('goes on from where it stood after cuts of watches that ran or told something', async () => {
    const setup = start((client) => {
      client.steps.push(list([object('a', '1')], '10'))
    })
    await setup.clock.advance(0)
    for (let cut = 0; cut < 6; cut += 1) {
      if (cut % 2 === 0) await setup.clock.advance(6000)
      else watchOf(setup).event('BOOKMARK', { kind: 'Thing', metadata: { resourceVersion: '10' } })
      await setup.clock.advance(0)
      watchOf(setup).cut()
      await setup.clock.advance(3000)
    }
    expect(setup.client.calls).toHaveLength(1)
    expect(setup.client.watches).toHaveLength(7)
  })

  it('waits as long as a 429 asks', async () => {
    const setup = start((client) =>
      client.steps.push(
        statusAnswer(429, 'TooManyRequests', 'slow down', { 'retry-after': '7' }),
        list([object('a', '1')], '10'),
      ),
    )
    await setup.clock.advance(6900)
    expect(setup.client.requests.length).toBe(1)
    await setup.clock.advance(200)
    expect(setup.names()).toBe('apps/a')
  })

  it('believes a 403 of a list that was live only the third time', async () => {
    const forbidden = statusAnswer(403, 'Forbidden', 'things is forbidden: User "x" cannot list')
    const setup = start((client) => client.steps.push(list([object('a', '1')], '10'), forbidden, forbidden))
    await setup.clock.advance(0)
    watchOf(setup).event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })
    await setup.clock.advance(0)
    expect(setup.names()).toBe('apps/a')
    await setup.clock.advance(1000)
    expect(setup.names()).toBe('apps/a')
    await setup.clock.advance(2000)
    expect(setup.names()).toBe('')
    expect(setup.states.at(-1)).toBe('forbidden')
  })

  it('polls where listing is allowed and watching is not', async () => {
    const forbidden = statusAnswer(403, 'Forbidden', 'cannot watch')
    const setup = start((client) => {
      client.steps.push(list([object('a', '1')], '10'), list([object('b', '2')], '20'))
      client.watchRefusals.push(forbidden, forbidden, forbidden)
    })
    await setup.clock.advance(1000)
    expect(setup.names()).toBe('apps/a')
    await setup.clock.advance(31_000)
    expect(setup.names()).toBe('apps/b')
    expect(setup.states).toEqual(['loading', 'live'])
    expect(setup.client.requests.length).toBe(2)
  })

  it('does not take a server that is still loading its roles for one that forbids watching', async () => {
    const setup = start((client) => client.steps.push(list([object('a', '1')], '10'), list([object('b', '2')], '20')))
    await setup.clock.advance(5000)
    setup.client.watchRefusals.push(statusAnswer(403, 'Forbidden', 'roles not loaded'))
    watchOf(setup).end()
    await setup.clock.advance(1500)
    expect(setup.names()).toBe('apps/b')
    expect(setup.states).toEqual(['loading', 'live'])
    expect(setup.client.watches.length).toBe(2)
  })

  it('starts the list again when it expires between pages, keeping what it had', async () => {
    const setup = start((client) =>
      client.steps.push(
        list([object('a', '1')], '10', 'next'),
        statusAnswer(410, 'Expired', 'the continue parameter is too old'),
        list([object('a', '1')], '12', 'next'),
        list([object('b', '2')], '12'),
      ),
    )
    await setup.clock.advance(1000)
    expect(setup.names()).toBe('apps/a apps/b')
    expect(setup.changes).toEqual(['+apps/a', '+apps/b'])
  })

  it('says what a server answers that cannot list, and recovers', async () => {
    const setup = start((client) =>
      client.steps.push(answer(500, 'etcd is down'), answer(200, '<html>'), list([object('a', '1')], '10')),
    )
    await setup.clock.advance(0)
    expect(setup.states).toEqual(['loading', 'error'])
    await setup.clock.advance(3000)
    expect(setup.states.at(-1)).toBe('live')
  })

  it('skips items without a name and survives items that are not objects', async () => {
    const odd = [null, 7, {}, { metadata: {} }, { metadata: { name: 5 } }] as unknown as KubeObject[]
    const setup = start((client) => client.steps.push(list([...odd, object('a', '1')], '10')))
    await setup.clock.advance(0)
    expect(setup.names()).toBe('apps/a')
  })

  it('stops at once, whatever it was doing', async () => {
    const setup = start((client) => client.steps.push(new SluiceError('ConnectionRefused', 'refused')))
    await setup.clock.advance(100)
    setup.run.stop()
    const count = setup.client.requests.length
    await setup.clock.advance(60_000)
    expect(setup.client.requests.length).toBe(count)
  })
})
