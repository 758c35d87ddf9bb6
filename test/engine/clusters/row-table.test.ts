import { describe, expect, it } from 'vitest'
import { RowTable } from '../../../electron/engine/clusters/row-table.ts'
import type { RowChange } from '../../../electron/engine/clusters/view.ts'
import { findBlockers } from '../../../electron/engine/status/dependencies.ts'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { ManualClock } from '../memory-cluster.ts'

const group = 'kustomize.toolkit.fluxcd.io'

function row(name: string, status: 'True' | 'False' | 'Waiting', dependsOn: readonly string[] = []): FluxRow {
  const reason = status === 'Waiting' ? 'DependencyNotReady' : status === 'True' ? 'Succeeded' : 'BuildFailed'
  return toFluxRow(
    {
      metadata: { name, namespace: 'apps', uid: name, generation: 1 },
      spec: { dependsOn: dependsOn.map((dependency) => ({ name: dependency })) },
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: status === 'True' ? 'True' : 'False', reason, message: reason }],
      },
    },
    { cluster: 'c', group, version: 'v1', kind: 'Kustomization', fluxKind: fluxKind(group, 'Kustomization'), now: 0 },
  )
}

function make(): {
  clock: ManualClock
  table: RowTable
  changes: RowChange[]
  readonly blockers: (name: string) => string
} {
  const clock = new ManualClock()
  const table = new RowTable({ clock, blockedBy: findBlockers })
  const changes: RowChange[] = []
  table.watch((change) => changes.push(change))
  return {
    clock,
    table,
    changes,
    blockers: (name) => {
      const found = [...table.rows.values()].find((entry) => entry.ref.name === name)
      return found?.blockedBy.map((ref) => ref.name).join(' ') ?? 'gone'
    },
  }
}

describe('RowTable', () => {
  it('makes one change of a list that is being read, within 8 ms', async () => {
    const { clock, table, changes } = make()
    for (let index = 0; index < 9; index += 1) table.put(row(`a${String(index)}`, 'True'))
    await clock.advance(7)
    expect(changes.length).toBe(0)
    table.put(row('b', 'True'))
    await clock.advance(1)
    expect(changes.map((change) => change.upsert.length)).toEqual([10])
  })

  it('makes one change of the few that come in one turn, at once, and none of what changes nothing', async () => {
    const { clock, table, changes } = make()
    table.put(row('a', 'True'))
    table.put(row('b', 'True'))
    table.put(row('b', 'False'))
    expect(changes.length).toBe(0)
    await clock.advance(0)
    expect(changes.map((change) => change.upsert.map((entry) => entry.ref.name).join(' '))).toEqual(['a b'])
    table.put(row('a', 'True'))
    await clock.advance(100)
    expect(changes.length).toBe(1)
    table.put(row('c', 'True'))
    table.remove(row('c', 'True').key)
    table.remove(row('b', 'True').key)
    await clock.advance(25)
    expect(changes[1]?.upsert).toEqual([])
    expect(changes[1]?.remove).toContain(row('b', 'True').key)
  })

  it('keeps blockedBy true while the chain changes under it, in whatever order it arrives', async () => {
    const { clock, table, blockers, changes } = make()
    table.put(row('top', 'Waiting', ['middle']))
    await clock.advance(25)
    expect(blockers('top')).toBe('middle')
    table.put(row('middle', 'Waiting', ['base']))
    table.put(row('base', 'False'))
    await clock.advance(25)
    expect(blockers('top')).toBe('base')
    expect(blockers('middle')).toBe('base')
    changes.length = 0
    table.put(row('base', 'True'))
    await clock.advance(25)
    expect(blockers('top')).not.toContain('base')
    expect(changes[0]?.upsert.map((entry) => entry.ref.name).sort()).toEqual(['base', 'middle', 'top'])
    table.put(row('top', 'True', ['middle']))
    table.remove(row('base', 'True').key)
    await clock.advance(25)
    expect(blockers('top')).toBe('')
    expect(blockers('middle')).toBe('base')
  })

  it('ends in a cycle of dependencies', async () => {
    const { clock, table, blockers } = make()
    table.put(row('a', 'Waiting', ['b']))
    table.put(row('b', 'Waiting', ['a']))
    await clock.advance(25)
    expect(blockers('a')).toContain('b')
  })
})
