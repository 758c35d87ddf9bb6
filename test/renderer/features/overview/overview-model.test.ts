import { expect, test } from 'vitest'
import {
  attentionOf,
  axisTicks,
  laneOf,
  liveCounts,
  reportOf,
  silentClusters,
} from '../../../../renderer/features/overview/overview-model.ts'
import { makeContext, makeFleet, makeRow } from '../../../fixtures/fake-host/fleet.ts'

const now = Date.UTC(2026, 8, 16, 10, 12)

test('failures come first, newest first, with what they block under them; then silent contexts and expired suspensions', () => {
  const fleet = makeFleet(now)
  const items = attentionOf(fleet.rows, fleet.contexts, fleet.controllers, now)
  const first = items[0]
  expect(first?.kind === 'object' && [first.row.ref.name, first.blocks.map((row) => row.ref.name).sort()]).toEqual([
    'apps',
    ['podinfo-canary', 'smoke-tests'],
  ])
  expect(items.map((item) => item.kind).filter((kind) => kind !== 'object')).toEqual(['context', 'expired'])
  expect(items.some((item) => item.kind === 'object' && item.row.status.isOverdue)).toBe(true)
  const report = reportOf(items, (cluster) => cluster)
  expect(report).toContain('Blocks apps/podinfo-canary, apps/smoke-tests')
})

test('an untrusted until-time expires nothing', () => {
  const row = makeRow('a', 'Kustomization', 'x/y', 'Suspended', {
    suspend: { by: 'x', reason: 'y', at: 0, resumeAt: now - 1, manager: 'kubectl', isTrusted: false },
  })
  expect(attentionOf([row], [], [], now)).toEqual([])
})

test('a lane marks what is not known as no data', () => {
  const from = now - 86_400_000
  const row = makeRow('a', 'Kustomization', 'x/y', 'Failed', { since: now - 3_600_000, lastAppliedAt: now - 7_200_000 })
  const lane = laneOf('uid-a', [row], [], { connection: 'unreachable', lastSeenAt: now - 600_000 }, from, now)
  expect(lane.spans).toEqual([
    { from, to: now - 7_200_000, kind: 'nodata' },
    { from: now - 3_600_000, to: now, kind: 'failing' },
    { from: now - 600_000, to: now, kind: 'nodata' },
  ])
  expect(laneOf(null, [row], [], { connection: 'connecting', lastSeenAt: null }, from, now).spans).toEqual([
    { from, to: now, kind: 'nodata' },
  ])
})

test('a lane of a cluster that has been silent for longer than the axis is one stretch without data', () => {
  const from = now - 3_600_000
  const silent = { connection: 'unreachable', lastSeenAt: now - 7_200_000 } as const
  expect(laneOf('uid-a', [], [], silent, from, now).spans).toEqual([{ from, to: now, kind: 'nodata' }])
  const brief = { connection: 'unreachable', lastSeenAt: now - 60_000 } as const
  expect(laneOf('uid-a', [], [], brief, from, now).spans).toEqual([
    { from, to: now - 60_000, kind: 'nodata' },
    { from: now - 60_000, to: now, kind: 'nodata' },
  ])
})

test('the axis has at most six whole hours', () => {
  for (const range of [3_600_000, 86_400_000, 604_800_000]) {
    const ticks = axisTicks(now - range, now)
    expect(ticks.length).toBeGreaterThan(1)
    expect(ticks.length).toBeLessThanOrEqual(6)
    for (const tick of ticks) expect(tick.position > 0 && tick.position < 1).toBe(true)
  }
})

test('what was seen of a cluster that is silent now is unknown, and nothing of it counts as failed', () => {
  const silent = makeContext('a', { connection: 'unreachable' })
  const cluster = silent.cluster ?? ''
  const row = makeRow('a', 'Kustomization', 'x/y', 'Failed')
  expect(row.ref.cluster).toBe(cluster)
  expect(attentionOf([row], [silent], [], now).map((item) => item.kind)).toEqual(['context'])
  const counts = { total: 3, failures: 2, overdue: 1, words: { Failed: 2, Ready: 1 } }
  const own = { total: 1, failures: 1, overdue: 0, words: { Failed: 1 } }
  expect(liveCounts(counts, new Map([[cluster, own]]), silentClusters([silent]))).toEqual({
    total: 3,
    failures: 1,
    overdue: 1,
    words: { Failed: 1, Ready: 1, Unknown: 1 },
  })
  // A second way in that answers makes it live.
  expect(silentClusters([silent, { ...silent, key: 'b', connection: 'connected' }]).size).toBe(0)
})
