import { describe, expect, it } from 'vitest'
import { ObjectArchive } from '../../../electron/engine/cache/object-archive.ts'
import { RowTable } from '../../../electron/engine/clusters/row-table.ts'
import { StringPool } from '../../../shared/lib/string-pool.ts'
import type { KubeObject, ServedResource } from '../../../electron/engine/clusters/view.ts'
import { WatchedKind } from '../../../electron/engine/clusters/watched-kind.ts'
import { findBlockers } from '../../../electron/engine/status/dependencies.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { list, ScriptedClient } from '../cache/scripted-client.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'

const group = 'kustomize.toolkit.fluxcd.io'
const served: ServedResource = {
  group,
  version: 'v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  isNamespaced: true,
  verbs: ['list', 'watch'],
  shortNames: ['ks'],
}

function subject(clock: ManualClock, resourceVersion: string): KubeObject {
  const at = new Date(clock.now()).toISOString()
  return {
    apiVersion: `${group}/v1`,
    kind: 'Kustomization',
    metadata: {
      name: 'a',
      namespace: 'apps',
      uid: 'u',
      resourceVersion,
      managedFields: [
        { manager: 'kubectl', operation: 'Apply', time: at, fieldsV1: { 'f:spec': { 'f:path': {} } } },
        { manager: 'kubectl-edit', operation: 'Update', time: at, fieldsV1: { 'f:spec': { 'f:suspend': {} } } },
        {
          manager: 'gotk',
          operation: 'Update',
          subresource: 'status',
          time: at,
          fieldsV1: { 'f:status': { 'f:x': {} } },
        },
      ],
    },
    spec: { interval: '10m', timeout: '1m' },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: 'ok' }] },
  }
}

function make(told: string[] = []): {
  clock: ManualClock
  client: ScriptedClient
  kind: WatchedKind
  row: () => FluxRow | undefined
} {
  const clock = new ManualClock()
  const client = new ScriptedClient()
  const table = new RowTable({ clock, blockedBy: findBlockers })
  const member = { context: 'x', client, namespace: '', lost: () => undefined, seen: () => undefined }
  const kind = new WatchedKind(
    { group, kind: 'Kustomization', fluxKind: fluxKind(group, 'Kustomization'), columns: [] },
    {
      clock,
      random: { uuid: () => '', unit: () => 0 },
      logger: silentLogger,
      cluster: 'c',
      archive: new ObjectArchive(memoryCodec),
      table,
      strings: new StringPool(),
      members: () => [member],
      namespaces: () => Promise.resolve([]),
      onChange: () => undefined,
      onObject: (key, { metadata }) => told.push(`${key} ${String(metadata.resourceVersion)}`),
      onNotServed: () => undefined,
      beforeRest: () => Promise.resolve(),
      afterCourtesy: (act) => {
        act()
        return () => undefined
      },
    },
  )
  return { clock, client, kind, row: () => [...table.rows.values()][0] }
}

describe('WatchedKind', () => {
  it('finds an object overdue by the passing of time alone', async () => {
    const { clock, client, kind, row } = make()
    client.steps.push(list([subject(clock, '5')], '10'))
    kind.setServed(served)
    await clock.advance(0)
    expect(row()?.status.isOverdue).toBe(false)
    await clock.advance(20 * 60_000)
    await kind.checkOverdue()
    expect(row()?.status.isOverdue).toBe(false)
    await clock.advance(2 * 60_000)
    await kind.checkOverdue()
    expect(row()?.status.isOverdue).toBe(true)
    kind.stop()
  })

  it('tells of each version of an object, also where its row stays as it was', async () => {
    const told: string[] = []
    const { clock, client, kind } = make(told)
    client.steps.push(list([subject(clock, '5')], '10'))
    kind.setServed(served)
    await clock.advance(0)
    client.watches[0]?.event('MODIFIED', subject(clock, '11'))
    // The same version once more is no news.
    client.watches[0]?.event('MODIFIED', subject(clock, '11'))
    await clock.advance(100)
    const key = `c|${group}/Kustomization|apps/a`
    expect(told).toEqual([`${key} 5`, `${key} 11`])
    kind.stop()
  })

  it('keeps the object without the managed fields that nobody asks for', async () => {
    const { clock, client, kind } = make()
    client.steps.push(list([subject(clock, '5')], '10'))
    kind.setServed(served)
    await clock.advance(0)
    const kept = kind.cached('apps/a')
    expect(kept).toMatchObject({ ...subject(clock, '5'), metadata: { uid: 'u' } })
    const entries = (kept?.metadata.managedFields ?? []) as readonly { manager: string; fieldsV1?: unknown }[]
    expect(entries.map(({ manager }) => manager)).toEqual(['kubectl', 'kubectl-edit', 'gotk'])
    // Who wrote the spec, not which fields: those of a gate alone are asked for.
    expect(entries[0]?.fieldsV1).toEqual({ 'f:spec': {} })
    kind.stop()
  })

  it('takes its rows anew when discovery changes the version', async () => {
    const { clock, client, kind, row } = make()
    client.steps.push(list([subject(clock, '5')], '10'))
    kind.setServed({ ...served, version: 'v1beta2' })
    await clock.advance(0)
    expect(row()?.version).toBe('v1beta2')
    kind.setServed(served)
    await clock.advance(100)
    expect(row()?.version).toBe('v1')
    expect(client.calls.at(-1)).toContain('/v1/kustomizations')
    kind.setServed(null)
    expect(row()).toBeUndefined()
  })

  it('replaces rows of a snapshot, and drops those that are gone', async () => {
    const { clock, client, kind, row } = make()
    client.steps.push(list([], '10'))
    kind.setServed(served)
    await clock.advance(0)
    kind.stop()
    const other = make()
    other.client.steps.push(list([subject(other.clock, '5')], '10'))
    other.kind.setServed(served)
    await other.clock.advance(0)
    const known = other.row()
    if (known === undefined) throw new Error('no row')
    const third = make()
    third.client.steps.push(list([], '20'))
    third.kind.seed(known)
    expect(third.row()?.key).toBe(known.key)
    third.kind.setServed(served)
    await third.clock.advance(0)
    expect(third.row()).toBeUndefined()
    expect(row()).toBeUndefined()
    other.kind.stop()
    third.kind.stop()
  })
})
