import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../../../electron/engine/ports.ts'
import { findAccess, reachContext } from '../../../../electron/engine/reconcile/hosting/context-access.ts'
import type { ContextRow } from '../../../../shared/model/rows.ts'
import { MemoryCluster } from '../../memory-cluster.ts'

/** One context of one cluster: `client` is null as long as nothing may be asked through it. */
function open(connection: ContextRow['connection'], isSelected = true) {
  const cluster = new MemoryCluster()
  const client = {} as KubeClient
  const state: { client: KubeClient | null; row: ContextRow } = {
    client: null,
    row: { key: 'ctx', name: 'lab', cluster: cluster.id, isSelected, connection } as ContextRow,
  }
  const clusters = Object.assign(cluster, { contextRow: () => state.row, clientOf: () => state.client })
  const abort = new AbortController()
  const settled: unknown[] = []
  const reached = reachContext(clusters, 'ctx', { clock: cluster.clock, signal: abort.signal })
  reached.then(
    (access) => settled.push(access.client),
    (error: unknown) => settled.push(error),
  )
  return { clusters, client, state, abort, settled, advance: (ms: number) => cluster.clock.advance(ms) }
}

describe('the way into a context', () => {
  it('is waited for while a connection that was there is in doubt', async () => {
    const { clusters, client, state, settled, advance } = open('connected')
    expect(findAccess(clusters, 'ctx')).toBeNull()
    await advance(4000)
    expect(settled).toEqual([])
    state.client = client
    await advance(100)
    expect(settled).toEqual([client])
    expect(findAccess(clusters, 'ctx')).toMatchObject({ row: { name: 'lab' }, view: { id: clusters.id } })
  })

  it.each(['connecting', 'connected'] as const)('is not waited for for ever: %s', async (connection) => {
    const { settled, advance } = open(connection)
    await advance(6000)
    expect(settled).toMatchObject([{ code: 'NotConnected', message: 'Context lab is not connected' }])
  })

  it.each([
    ['unreachable', true],
    ['unauthorized', true],
    ['needs-approval', true],
    ['connected', false],
  ] as const)('is refused at once where nothing is on its way: %s, selected %s', async (connection, isSelected) => {
    const { settled, advance } = open(connection, isSelected)
    await advance(0)
    expect(settled).toMatchObject([{ code: 'NotConnected', retry: 'transient' }])
  })

  it('is refused as soon as the doubt was right', async () => {
    const { state, settled, advance } = open('connected')
    await advance(1000)
    state.row = { ...state.row, connection: 'unreachable' }
    await advance(100)
    expect(settled).toMatchObject([{ code: 'NotConnected' }])
  })

  it('is not waited for by somebody who has gone', async () => {
    const { abort, settled, advance } = open('connected')
    await advance(100)
    abort.abort(new Error('gone'))
    await advance(0)
    expect(settled).toMatchObject([{ message: 'gone' }])
  })
})
