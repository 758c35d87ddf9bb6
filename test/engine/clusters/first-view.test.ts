import { expect, it } from 'vitest'
import { FirstView } from '../../../electron/engine/clusters/first-view.ts'
import { ListWatch } from '../../../electron/engine/cache/list-watch.ts'
import { ObjectStore } from '../../../electron/engine/cache/object-store.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { ScriptedClient, list, object } from '../cache/scripted-client.ts'
import { ManualClock } from '../memory-cluster.ts'

function listing(
  clock: ManualClock,
  firstView: FirstView,
): { client: ScriptedClient; names: () => string; stop: () => void } {
  const client = new ScriptedClient()
  client.steps.push(list([object('a', '1')], '10', 'next', 1), list([object('b', '2')], '10'))
  const store = new ObjectStore<KubeObject>({
    archive: null,
    pack: () => '',
    summarise: (value) => value,
    onUpsert: () => undefined,
    onRemove: () => undefined,
  })
  const run = new ListWatch({
    clock,
    random: { uuid: () => '', unit: () => 0 },
    logger: { log: () => undefined },
    title: 'Things',
    path: () => '/apis/example.org/v1/things',
    sink: store.sink(null),
    client: () => client,
    onState: () => undefined,
    onLost: () => undefined,
    beforeRest: () => firstView.wait(),
  })
  return { client, names: () => [...store.entries.keys()].sort().join(' '), stop: () => run.stop() }
}

it('reads the rest of a list when the window shows its first view', async () => {
  const clock = new ManualClock()
  const firstView = new FirstView(clock, true)
  const { client, names, stop } = listing(clock, firstView)
  await clock.advance(200)
  expect(names()).toBe('apps/a')
  expect(client.calls).toHaveLength(1)
  firstView.shown()
  await clock.advance(0)
  expect(names()).toBe('apps/a apps/b')
  stop()
})

it('does not wait for a window that shows nothing', async () => {
  const clock = new ManualClock()
  const { names, stop } = listing(clock, new FirstView(clock, true))
  await clock.advance(1499)
  expect(names()).toBe('apps/a')
  await clock.advance(1)
  expect(names()).toBe('apps/a apps/b')
  stop()
})

it('waits for nobody where no window is expected, and is told in vain without harm', async () => {
  const clock = new ManualClock()
  const firstView = new FirstView(clock, false)
  firstView.shown()
  const { names, stop } = listing(clock, firstView)
  await clock.advance(0)
  expect(names()).toBe('apps/a apps/b')
  stop()
})

it('reads nothing more after it was stopped while it waited', async () => {
  const clock = new ManualClock()
  const firstView = new FirstView(clock, true)
  const { client, stop } = listing(clock, firstView)
  await clock.advance(0)
  stop()
  firstView.shown()
  await clock.advance(0)
  expect(client.calls).toHaveLength(1)
})
