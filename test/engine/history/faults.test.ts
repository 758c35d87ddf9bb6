/** A recorder under bad luck: clocks that are set, a file that is set aside later, events that nobody would write by hand. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { History } from '../../../electron/engine/history/history.ts'
import { ReachEntries } from '../../../electron/engine/history/reach-entries.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { Handlers } from '../../../shared/contract/index.ts'
import type { DriftObject } from '../../../shared/model/drift.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { ManualClock, MemoryCluster } from '../memory-cluster.ts'
import { createMemoryEvents } from './memory-events.ts'
import { startHistory } from './start-history.ts'

const dayMs = 86_400_000

/** What the clock of the machine says beside the time that passes. */
class SetClock extends ManualClock {
  shiftMs = 0
  override now(): number {
    return super.now() + this.shiftMs
  }
  override monotonicMs(): number {
    return super.now()
  }
}

let clock: SetClock
let cluster: MemoryCluster
let events: ReturnType<typeof createMemoryEvents>
let blobs: ReturnType<typeof createMemoryStore>
let histories: History[]
let drift: Pick<Handlers, 'drift.objects' | 'drift.owners'>

beforeEach(() => {
  clock = new SetClock()
  cluster = new MemoryCluster('c1', clock)
  cluster.kindRows = [{ group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', state: 'live' } as KindRow]
  events = createMemoryEvents()
  blobs = createMemoryStore()
  histories = []
  drift = { 'drift.objects': () => () => undefined, 'drift.owners': () => () => undefined }
})
afterEach(async () => {
  for (const history of histories) await history.dispose()
})

async function begin(): Promise<History> {
  const history = startHistory(cluster, {
    blobs,
    store: events,
    findCommit: (_owner, revision) =>
      Promise.resolve({ sha: revision.slice(10), author: 'Ann', at: 1000, subject: 'S' }),
    drift,
  })
  histories.push(history)
  await clock.advance(1000)
  return history
}

function apps(revision = 'aaaaaaaa', runs: readonly string[] = []): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: 'apps',
      namespace: 'flux-system',
      uid: 'u1',
      generation: 1,
      resourceVersion: `${revision}${runs.length}`,
      creationTimestamp: '2026-09-16T08:00:00Z',
    },
    spec: { interval: '10m', path: './apps', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' } },
    status: {
      observedGeneration: 1,
      lastAppliedRevision: `main@sha1:${revision}`,
      history: runs.map((time) => ({
        digest: `sha256:${time}`,
        firstReconciled: `2026-09-16T${time}Z`,
        lastReconciledStatus: 'ReconciliationSucceeded',
        metadata: { revision: `main@sha1:${time.replaceAll(':', '')}00` },
      })),
      inventory: { entries: [{ id: 'apps_podinfo_apps_Deployment', v: 'v1' }] },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'ReconciliationSucceeded',
          message: 'm',
          observedGeneration: 1,
          lastTransitionTime: '2026-09-16T09:00:00Z',
        },
      ],
    },
  }
}

const event = (uid: string, more: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `e-${uid}`, namespace: 'apps', uid },
  involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'podinfo' },
  ...more,
})

const times = (reason: string): readonly string[] =>
  events.entries.filter((entry) => entry.reason === reason).map(({ at }) => new Date(at).toISOString().slice(0, 19))

it('keeps events with broken times, without fields, and of a megabyte; each at a time at which it may have been', async () => {
  cluster.apply(apps())
  await begin()
  events.entries.length = 0
  cluster.apply(
    event('1', { reason: 'NoTime', message: 'm' }),
    event('2', {
      reason: 'Broken',
      lastTimestamp: 'yesterday',
      firstTimestamp: 7,
      eventTime: {},
      count: 3,
      message: 'm',
    }),
    event('3', { reason: 'Huge', message: 'a'.repeat(1_048_576), lastTimestamp: '2026-09-16T10:00:00Z' }),
    event('4', {}),
    event('5', { reason: ['not', 'text'], message: { a: 1 }, count: 'many', source: 'kubelet', type: 5 }),
    event('6', { reason: 'Nothing', involvedObject: null }),
    event('7', { reason: 'Nameless', involvedObject: { kind: 'Deployment' } }),
  )
  await clock.advance(1000)
  const found = new Map(events.entries.map((entry): [string, NewHistoryEntry] => [entry.identity, entry]))
  expect([...found.keys()]).toEqual(['event|1', 'event|2', 'event|3', 'event|4', 'event|5'])
  const now = clock.now()
  for (const id of ['1', '2', '4', '5']) expect(now - (found.get(`event|${id}`)?.at ?? 0)).toBeLessThan(2000)
  expect(found.get('event|2')?.facts).toEqual({ firstAt: found.get('event|2')?.at })
  expect(found.get('event|3')?.message.length).toBeLessThan(40_000)
  expect(found.get('event|5')).toMatchObject({ reason: '', message: '', count: 1, by: '' })
})

it('keeps what a broken clock dates ahead, or far back, at the time at which it was seen or written, and does not lift it again', async () => {
  cluster.apply(apps())
  const first = await begin()
  events.entries.length = 0
  const written = clock.now()
  const ahead = '2099-01-01T00:00:00Z'
  cluster.apply(
    event('1', { reason: 'Ahead', message: 'm', count: 3, firstTimestamp: ahead, lastTimestamp: ahead }),
    event('2', { reason: 'Skewed', message: 'm', lastTimestamp: new Date(written + 60_000).toISOString() }),
    {
      ...event('3', { reason: 'LongAgo', message: 'm', lastTimestamp: '1970-01-01T00:10:00Z' }),
      metadata: { name: 'e-3', namespace: 'apps', uid: '3', creationTimestamp: '2026-09-16T09:59:00Z' },
    },
  )
  await clock.advance(1000)
  const found = (): ReadonlyMap<string, NewHistoryEntry> =>
    new Map(events.entries.map((entry): [string, NewHistoryEntry] => [entry.reason, entry]))
  const at = found().get('Ahead')?.at
  expect(at).toBe(written)
  expect(found().get('Ahead')?.facts).toEqual({ firstAt: written, claimedAt: Date.parse(ahead) })
  expect(found().get('Skewed')).toMatchObject({ at: written + 60_000, facts: null })
  expect(found().get('LongAgo')).toMatchObject({
    at: Date.parse('2026-09-16T09:59:00Z'),
    facts: { claimedAt: 600_000 },
  })
  // Listed again at the next start it is where it was; what happens then stands above it.
  await first.dispose()
  histories = []
  await clock.advance(3_600_000)
  await begin()
  expect(found().get('Ahead')?.at).toBe(at)
  const newest = events.entries.toSorted((a, b) => b.at - a.at)[0]
  expect(newest?.reason).toBe('WatchBegan')
  // Once more, by the same clock: that is another time.
  cluster.apply(
    event('1', {
      reason: 'Ahead',
      message: 'm',
      count: 4,
      firstTimestamp: ahead,
      lastTimestamp: '2099-01-01T01:00:00Z',
    }),
  )
  await clock.advance(1000)
  expect(found().get('Ahead')).toMatchObject({ count: 4, at: clock.now() - 1000 })
})

it('does not let a controller of the future stand above what comes', async () => {
  cluster.apply(apps())
  await begin()
  events.entries.length = 0
  const failed = apps('bbbbbbbb', [])
  const [ready] = (failed as unknown as { status: { conditions: Record<string, string>[] } }).status.conditions
  Object.assign(ready ?? {}, { status: 'False', reason: 'BuildFailed', lastTransitionTime: '2099-01-01T00:00:00Z' })
  cluster.apply(failed)
  await clock.advance(1000)
  const turn = events.entries.find(({ type }) => type === 'status')
  expect(turn).toMatchObject({ reason: 'Failed', facts: { claimedAt: Date.parse('2099-01-01T00:00:00Z') } })
  expect(events.entries.filter(({ at }) => at > clock.now())).toEqual([])
})

it('cuts what a status says at length, and does not stand still over it', async () => {
  const begunAt = performance.now()
  const long = apps('aaaaaaaa', ['09:30:00'])
  const [run] = (long as unknown as { status: { history: { metadata: { revision: string } }[] } }).status.history
  if (run !== undefined) run.metadata.revision = 'a'.repeat(1_048_576)
  cluster.apply(long)
  await begin()
  const applied = events.entries.find(({ type, reason }) => type === 'run' && reason === 'Applied')
  expect(applied?.message).toMatch(/^a+… \(cut: it had 1048576 characters\)$/)
  expect(applied?.message.length).toBeLessThan(33_000)
  expect(performance.now() - begunAt).toBeLessThan(5000)
})

it('loses no run, and tells of no time without Sluice that lies ahead, where the clock was a day ahead and is set right', async () => {
  clock.shiftMs = dayMs
  cluster.apply(apps('aaaaaaaa', ['09:30:00']))
  const first = await begin()
  await clock.advance(60_000)
  await first.dispose()
  histories = []
  clock.shiftMs = 0
  events.entries.length = 0
  await clock.advance(3_600_000)
  cluster.apply(apps('cccccccc', ['10:50:00', '10:30:00', '09:30:00']))
  await begin()
  expect(times('Applied')).toEqual(expect.arrayContaining(['2026-09-16T10:30:00', '2026-09-16T10:50:00']))
  const [ended] = events.entries.filter(({ reason }) => reason === 'WatchEnded')
  const [began] = events.entries.filter(({ reason }) => reason === 'WatchBegan')
  expect(ended?.at).toBeLessThanOrEqual(began?.at ?? 0)
  expect(began?.at).toBeLessThanOrEqual(clock.now())
})

it('goes on where the clock is set back and forth by a day while it runs', async () => {
  cluster.apply(apps())
  await begin()
  for (const [index, shift] of [dayMs, 0, -dayMs, 0].entries()) {
    clock.shiftMs = shift
    const time = `2026-09-16T10:0${index}:00Z`
    // The API server's clock is not this machine's.
    const metadata = { name: `e-${index}`, namespace: 'apps', uid: `${index}`, creationTimestamp: time }
    cluster.apply({ ...event(`${index}`, { reason: `Told${index}`, lastTimestamp: time }), metadata })
    await clock.advance(31_000)
    expect(times(`Told${index}`)).toEqual([`2026-09-16T10:0${index}:00`])
  }
  expect(events.checks).toEqual(['quick'])
})

it('says that a cluster was lost after seconds, though the clock was set back meanwhile', async () => {
  const written: NewHistoryEntry[] = []
  let connection = 'connected'
  const view = { id: 'c1', contexts: () => [{ connection }] as never }
  const reach = new ReachEntries(view, clock, (entries) => written.push(...entries))
  connection = 'unreachable'
  reach.look()
  clock.shiftMs = -dayMs
  await clock.advance(11_000)
  expect(written.map(({ reason }) => reason)).toEqual(['ClusterLost'])
  reach.stop()
})

it('fills a new file at once where a check sets the old one aside: rows, events, commits, drift', async () => {
  const ref = { cluster: 'c1', group: 'apps', kind: 'Deployment', namespace: 'apps', name: 'podinfo' }
  const owner = {
    cluster: 'c1',
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'apps',
  }
  drift = {
    ...drift,
    'drift.objects': (_input, sink) => {
      const object = {
        key: 'k',
        ref,
        owner,
        action: 'configured',
        summary: 's',
        managers: [],
        firstSeenAt: 5,
        problem: null,
      }
      sink.push([object as unknown as DriftObject])
      return () => undefined
    },
  }
  cluster.apply(
    apps('aaaaaaaa', ['09:30:00']),
    event('1', { reason: 'BackOff', lastTimestamp: '2026-09-16T09:59:00Z' }),
  )
  await begin()
  const told = (): readonly string[] =>
    events.entries
      .filter(({ type }) => type !== 'session')
      .map(({ type, reason, at }) => `${new Date(at).toISOString().slice(11, 19)} ${type} ${reason}`)
      .toSorted()
  const before = told()
  expect(before).toEqual([
    '00:00:00 drift DriftFound',
    '00:00:01 commit Commit',
    '08:00:00 object Created',
    '09:30:00 run Applied',
    '09:59:00 event BackOff',
  ])
  events.entries.length = 0
  events.note = 'It was set aside.'
  await clock.advance(25_000)
  expect(events.checks).toEqual(['quick'])
  expect(told()).toEqual(before)
  expect(events.entries.filter(({ reason }) => reason === 'WatchBegan')).toHaveLength(1)
  // Once.
  await clock.advance(3_600_000)
  expect(told()).toEqual(before)
  expect(events.entries.filter(({ reason }) => reason === 'WatchBegan')).toHaveLength(1)
})

it('tells the digest of what was applied while it looked, too', async () => {
  cluster.apply(apps())
  await begin()
  cluster.apply(apps('bbbbbbbb', ['10:00:01']))
  await clock.advance(1000)
  const [run] = events.entries.filter(({ type }) => type === 'run')
  expect(run).toMatchObject({
    revision: 'main@sha1:bbbbbbbb',
    facts: { before: 'main@sha1:aaaaaaaa', digest: 'sha256:10:00:01' },
  })
})

it('tells how long a run took, and whether it was waited for health: of the first run of it alone', async () => {
  const at = (revision: string, total: number, isHealthy: boolean): KubeObject => {
    const { status, ...object } = apps(revision, ['10:00:01'])
    const { conditions, history } = status as { conditions: object[]; history: object[] }
    const healthy = { type: 'Healthy', status: 'True', reason: 'Succeeded', message: 'm' }
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: `${revision}${total}` },
      status: {
        ...(status as object),
        conditions: isHealthy ? [...conditions, healthy] : conditions,
        history: history.map((run) => ({
          ...run,
          totalReconciliations: total,
          lastReconciledDuration: '2.1s',
          metadata: { revision: `main@sha1:${revision}` },
        })),
      },
    }
  }
  cluster.apply(apps())
  await begin()
  for (const [index, object] of [
    at('bbbbbbbb', 1, true),
    at('cccccccc', 1, false),
    at('dddddddd', 2, false),
  ].entries()) {
    cluster.apply(object)
    await clock.advance(1000 * (index + 1))
  }
  const runs = events.entries.filter(({ type }) => type === 'run')
  expect(runs.map(({ facts }) => [facts?.['duration'], facts?.['outcome']])).toEqual([
    ['2.1s', 'Healthy'],
    ['2.1s', 'Applied'],
    [undefined, undefined],
  ])
})
