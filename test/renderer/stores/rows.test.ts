import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { contextOfCluster, contextsStore } from '../../../renderer/stores/contexts.ts'
import { rowCountsStore } from '../../../renderer/stores/row-counts.ts'
import { allRows, rowsStore } from '../../../renderer/stores/rows.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { createFakeHost } from '../../fixtures/fake-host/fake-host.ts'
import type { FakeHost } from '../../fixtures/fake-host/fake-host.ts'
import { makeFleet, makeRow } from '../../fixtures/fake-host/fleet.ts'
import { connectHost } from '../with-host.ts'
import type { ConnectedHost } from '../with-host.ts'

let host: FakeHost
let connected: ConnectedHost
beforeEach(async () => {
  host = createFakeHost(makeFleet(1_800_000_000_000))
  connected = connectHost(host)
  await vi.waitFor(() => expect(rowsStore.getState().isReady).toBe(true))
})
afterEach(() => connected.stop())

/** Rows and counts of the window are those of the host, none lost, none doubled. */
function expectSame(): void {
  const unique = new Map<string, FluxRow>(host.fleet.rows.map((row) => [row.key, row]))
  expect([...allRows().keys()].sort()).toEqual([...unique.keys()].sort())
  const { all, byCategory, byCluster } = rowCountsStore.getState()
  expect(all.total).toBe(unique.size)
  const sum = (counts: Iterable<{ readonly total: number }>): number =>
    [...counts].reduce((total, each) => total + each.total, 0)
  expect(sum(byCategory.values())).toBe(unique.size)
  expect(sum(byCluster.values())).toBe(unique.size)
  expect(all.words.Failed).toBe([...unique.values()].filter((row) => row.status.word === 'Failed').length)
}

test('the snapshot, changes and removals leave rows and counts as the host has them', () => {
  expectSame()
})

test('after a gap in seq nothing is lost and nothing doubled', async () => {
  host.fleet.rows = host.fleet.rows.filter((_, index) => index % 3 !== 0)
  host.fleet.rows.push(makeRow('staging-eu', 'Kustomization', 'new/one', 'Failed'))
  host.skipSeq('rows.watch')
  host.push('rows.watch', [makeRow('staging-eu', 'Kustomization', 'never/seen', 'Ready')])
  await vi.waitFor(expectSame)
})

test('after the engine came back nothing is lost and nothing doubled', async () => {
  connected.cut()
  host.fleet.rows = host.fleet.rows.slice(10)
  connected.reconnect()
  await vi.waitFor(expectSame)
})

test('two contexts on one cluster make one way to its rows, the connected one', async () => {
  const [context] = host.fleet.contexts
  if (context === undefined) throw new Error('The fleet has no context')
  host.push('contexts.watch', [{ ...context, key: 'a-second-way', name: 'a-second-way', connection: 'unreachable' }])
  await vi.waitFor(() => expect(contextsStore.getState().items.has('a-second-way')).toBe(true))
  expect(contextOfCluster(contextsStore.getState().items, context.cluster ?? '')?.key).toBe(context.key)
})
