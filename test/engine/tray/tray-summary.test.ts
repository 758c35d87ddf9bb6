import { expect, it } from 'vitest'
import { summariseForTray } from '../../../electron/engine/tray/tray-summary.ts'
import { countedOwner, driftObject, recordOnlyObject } from '../../fixtures/fake-host/drift.ts'
import { makeFleet } from '../../fixtures/fake-host/fleet.ts'

it('names failures first, then what drifts most, of the watched contexts alone, with links to them', () => {
  const fleet = makeFleet(0)
  const contexts = fleet.contexts.map((context, index) => ({ ...context, isSelected: index === 0 }))
  const [context] = contexts
  const failing = fleet.rows.filter(({ status }) => status.word === 'Failed' || status.word === 'Stalled')
  const own = fleet.rows.filter(({ ref }) => ref.cluster === context?.cluster)
  const [first, second] = own
  if (context === undefined || first === undefined || second === undefined) throw new Error('no rows')
  const drifted = (owner: typeof first, count: number) =>
    countedOwner(
      owner.ref,
      Array.from({ length: count }, (_, index) => driftObject(owner.ref, '', 'ConfigMap', `a/b-${index}`, 0)),
      0,
    )
  const summary = summariseForTray({
    contexts,
    rows: [],
    owners: [drifted(first, 1), drifted(second, 3)],
    hostings: [],
  })
  expect(summary).toMatchObject({ drifted: 4, failing: 0, hosting: [] })
  expect(summary.worst.map(({ text }) => text)).toEqual([
    `3 drifted: ${second.ref.namespace}/${second.ref.name}`,
    `1 drifted: ${first.ref.namespace}/${first.ref.name}`,
  ])
  expect(summary.worst[0]?.path).toBe(
    `context/${context.key}/${second.ref.group}/${second.ref.kind}/${second.ref.namespace}/${second.ref.name}/drift`,
  )
  const all = summariseForTray({
    contexts: fleet.contexts.map((each) => ({ ...each, isSelected: true })),
    rows: fleet.rows,
    owners: [drifted(first, 1)],
    hostings: [],
  })
  expect(all.failing).toBe(failing.length)
  expect(failing.length).toBeGreaterThan(0)
  expect(all.worst[0]?.text).toMatch(/^(Failed|Stalled): .+ in /)
  expect(all.worst.length).toBeLessThanOrEqual(5)
})

it('counts clusters that do not answer between failures and drift, says how long notifications wait, and names what has no namespace', () => {
  const fleet = makeFleet(0)
  const [context, other] = fleet.contexts
  const [row] = fleet.rows.filter(({ ref }) => ref.cluster === context?.cluster)
  if (context === undefined || other === undefined || row === undefined) throw new Error('no rows')
  const clusterWide = {
    ...row,
    ref: { ...row.ref, group: '', namespace: '' },
    status: { ...row.status, word: 'Failed' as const },
  }
  const summary = summariseForTray({
    contexts: [
      { ...context, isSelected: true, connection: 'connected' },
      { ...other, isSelected: true, connection: 'unreachable' },
      { ...other, key: 'third', isSelected: false, connection: 'unreachable' },
    ],
    rows: [clusterWide],
    owners: [],
    hostings: [],
    notify: {
      key: 'notify',
      rules: [],
      quiet: { isOn: false, from: 0, until: 0 },
      snoozedUntil: 7,
      pausedUntil: 7,
      heldCount: 0,
    },
  })
  expect(summary).toMatchObject({ failing: 1, unreachable: 1, drifted: 0, snoozedUntil: 7 })
  expect(summary.worst).toEqual([
    {
      text: `Failed: ${row.ref.name} in ${context.name}`,
      path: `context/${context.key}/core/${row.ref.kind}/_/${row.ref.name}/tree`,
    },
    { text: `Unreachable: ${other.name}`, path: 'view/settings' },
  ])
})

it('does not count what only the record of owners differs of: no value is other than in Git', () => {
  const fleet = makeFleet(0)
  const contexts = fleet.contexts.map((context, index) => ({ ...context, isSelected: index === 0 }))
  const [row] = fleet.rows.filter(({ ref }) => ref.cluster === contexts[0]?.cluster)
  if (row === undefined) throw new Error('no rows')
  const owner = countedOwner(row.ref, [recordOnlyObject(row.ref, 0)], 0)
  expect(owner).toMatchObject({ driftedCount: 0, recordOnlyCount: 1 })
  expect(summariseForTray({ contexts, rows: [], owners: [owner], hostings: [] })).toMatchObject({
    drifted: 0,
    worst: [],
  })
})
