import { describe, expect, it } from 'vitest'
import { blockingChain, findBlockers, findDependents } from '../../../electron/engine/status/dependencies.ts'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { compareRows } from '../../../shared/lib/row-order.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import { fromYaml } from './yaml.ts'

const group = 'kustomize.toolkit.fluxcd.io'
function row(name: string, word: StatusWord, dependsOn: readonly string[] = [], isOverdue = false): FluxRow {
  const object = fromYaml(
    `{metadata: {name: ${name}, namespace: ns}, spec: {dependsOn: [${dependsOn.map((d) => `{name: ${d}}`).join(', ')}]}}`,
  )
  const made = toFluxRow(object, {
    cluster: 'c',
    group,
    version: 'v1',
    kind: 'Kustomization',
    fluxKind: fluxKind(group, 'Kustomization'),
    now: 0,
  })
  return { ...made, status: { ...made.status, word, isOverdue } }
}
function fleet(...rows: FluxRow[]) {
  const byName = new Map(rows.map((entry) => [entry.ref.name, entry]))
  return {
    lookup: (ref: { name: string }) => byName.get(ref.name) ?? null,
    of: (name: string) => byName.get(name) as FluxRow,
  }
}
const names = (refs: readonly { name: string }[]) => refs.map((ref) => ref.name)

describe('blocked by', () => {
  const { lookup, of } = fleet(
    row('app', 'Waiting', ['mid', 'ready']),
    row('mid', 'Waiting', ['infra', 'gone']),
    row('infra', 'Failed'),
    row('ready', 'Ready'),
    row('loop-a', 'Waiting', ['loop-b']),
    row('loop-b', 'Waiting', ['loop-a']),
    row('self', 'Waiting', ['self']),
    row('slow', 'Waiting', ['gate']),
    row('gate', 'Suspended'),
  )
  it('names the chain, nearest first, and its failed roots', () => {
    expect(names(blockingChain(of('app'), lookup).map((blocker) => blocker.ref))).toEqual(['mid', 'infra', 'gone'])
    expect(names(findBlockers(of('app'), lookup))).toEqual(['infra', 'gone'])
  })
  it('ends in cycles and names their members', () => {
    expect(names(findBlockers(of('loop-a'), lookup))).toEqual(['loop-b', 'loop-a'])
    expect(names(findBlockers(of('self'), lookup))).toEqual(['self'])
  })
  it('names a suspended root where nothing failed', () => {
    expect(names(findBlockers(of('slow'), lookup))).toEqual(['gate'])
  })
  it('is empty for what does not wait', () => {
    expect(findBlockers(of('infra'), lookup)).toEqual([])
  })
  it('finds dependents', () => {
    expect(names(findDependents(of('infra').ref, [of('mid'), of('app')]).map((entry) => entry.ref))).toEqual(['mid'])
  })
})

describe('row order', () => {
  it('is failures, overdue, waiting, … ready, stale', () => {
    const words: StatusWord[] = [
      'Stale',
      'Ready',
      'Unknown',
      'Drifted',
      'Suspended',
      'Held',
      'Progressing',
      'Waiting',
      'Stalled',
      'Failed',
    ]
    const rows = [...words.map((word) => row(word.toLowerCase(), word)), row('overdue', 'Ready', [], true)]
    expect(names(rows.sort(compareRows).map((entry) => entry.ref))).toEqual([
      'failed',
      'stalled',
      'overdue',
      'waiting',
      'progressing',
      'held',
      'suspended',
      'drifted',
      'unknown',
      'ready',
      'stale',
    ])
  })
})
