import { expect, it, vi } from 'vitest'
import { createExpiryWatch } from '../../../electron/engine/gate/expiry-watch.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { createMemoryCluster, createMemoryStore, ManualClock } from './memory-cluster.ts'

function row(name: string, resumeAt: number | null, isTrusted = true): FluxRow {
  const ref = { cluster: 'c1', group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'apps', name }
  return { key: refKey(ref), ref, suspend: { resumeAt, isTrusted }, dependsOn: [] } as unknown as FluxRow
}

function setUp(store = createMemoryStore()) {
  const memory = createMemoryCluster()
  const clock = new ManualClock()
  const told: string[][] = []
  let isOn = true
  const stop = createExpiryWatch({
    clusters: memory.clusters,
    clock,
    store,
    logger: { log: () => undefined },
    shell: { notify: (title, body, link) => void told.push([title, body, link ?? '']) },
    areNotificationsOn: () => isOn,
  })
  return { memory, clock, told, stop, store, setOn: (value: boolean) => (isOn = value) }
}

const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

it('tells once when an until-time passes, with a link, and does nothing else', async () => {
  const { memory, clock, told, stop } = setUp()
  await settled()
  memory.tellRows([row('web', clock.now() + 60_000)])
  await settled()
  expect(told).toEqual([])
  clock.advance(60_000)
  expect(told).toEqual([
    [
      'apps/web is past its until-time',
      'Kustomization stays suspended until you resume it.',
      'sluice://context/lab/kustomize.toolkit.fluxcd.io/Kustomization/apps/web/tree',
    ],
  ])
  memory.tellRows([row('web', clock.now())])
  await settled()
  clock.advance(60_000)
  expect(told).toHaveLength(1)
  expect(memory.requests).toEqual([])
  stop()
})

it('tells again after a restart only what passed since', async () => {
  const store = createMemoryStore()
  const first = setUp(store)
  const past = first.clock.now() - 1000
  await settled()
  first.memory.tellRows([row('web', past)])
  await vi.waitFor(() => {
    expect(first.told).toHaveLength(1)
  })
  first.stop()
  const second = setUp(store)
  second.memory.tellRows([row('web', past), row('api', past)])
  await vi.waitFor(() => {
    expect(second.told).toHaveLength(1)
  })
  expect(second.told[0]?.[0]).toBe('apps/api is past its until-time')
  second.stop()
})

it('believes only words of Sluice, keeps to the setting, and makes many into one', async () => {
  const { memory, clock, told, stop, setOn } = setUp()
  await settled()
  memory.tellRows([row('foreign', clock.now() - 1, false), row('none', null)])
  await settled()
  expect(told).toEqual([])
  memory.tellRows(Array.from({ length: 9 }, (_, index) => row(`many${String(index)}`, clock.now() - 1)))
  await settled()
  expect(told).toEqual([['9 suspensions are past their until-time', 'They stay suspended until you resume them.', '']])
  setOn(false)
  memory.tellRows([row('silent', clock.now() - 1)])
  await settled()
  expect(told).toHaveLength(1)
  stop()
})
