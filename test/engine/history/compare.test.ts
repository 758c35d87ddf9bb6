/** Two points compared, an object as it was, and stretches of time: over a history that the test has written itself. */
import { beforeEach, expect, it } from 'vitest'
import { findAsItWas } from '../../../electron/engine/history/as-it-was.ts'
import { findBands } from '../../../electron/engine/history/compare-bands.ts'
import { compareHistory, compareTexts, timeOfPoint } from '../../../electron/engine/history/compare.ts'
import { ReachEntries } from '../../../electron/engine/history/reach-entries.ts'
import { createRenderKeeper } from '../../../electron/engine/history/renders.ts'
import { entryOf } from '../../../electron/engine/history/row-changes.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { CompareScope } from '../../../shared/model/history-compare.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { ManualClock, MemoryCluster, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { createMemoryEvents } from './memory-events.ts'
import { desiredSet } from './rendered.ts'

const never = new AbortController().signal
const minute = 60_000
let cluster: MemoryCluster
let events: ReturnType<typeof createMemoryEvents>
let apps: ObjectRef
let deployment: ObjectRef
let start: number

beforeEach(() => {
  cluster = new MemoryCluster()
  events = createMemoryEvents()
  start = cluster.clock.now()
  apps = {
    cluster: cluster.id,
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'flux-system',
    name: 'apps',
  }
  deployment = { cluster: cluster.id, group: 'apps', kind: 'Deployment', namespace: 'apps', name: 'podinfo' }
  cluster.apply(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system, uid: u1, generation: 1 }
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef: { kind: GitRepository, name: fleet }
  postBuild: { substituteFrom: [{ kind: Secret, name: variables }] }
status:
  observedGeneration: 1
  conditions: [{ type: Ready, status: "True", reason: ReconciliationSucceeded, message: m, lastTransitionTime: 2026-09-16T09:00:00Z, observedGeneration: 1 }]
`)
  cluster.apply(`
apiVersion: v1
kind: Secret
metadata: { name: variables, namespace: flux-system }
data: { database: ${btoa('postgres-hunter2')} }
`)
})

const scope = (more: Partial<CompareScope> = {}): CompareScope => ({
  clusters: [cluster.id],
  owner: null,
  ref: null,
  ...more,
})

async function keep(revision: string, ...objects: readonly string[]): Promise<void> {
  const owner = cluster.cached(apps)
  if (owner === null) throw new Error('no owner')
  await keeper().keep(cluster, owner, desiredSet(apps, revision, objects))
}

let blobs = createMemoryStore()
function keeper(): ReturnType<typeof createRenderKeeper> {
  return createRenderKeeper({
    store: events,
    ports: {
      clock: cluster.clock,
      random: { uuid: () => '01234567-89ab-cdef-0123-456789abcdef', unit: () => 0.5 },
      codec: memoryCodec,
      store: blobs,
      logger: silentLogger,
    },
    write: async (entries) => void (await events.append(entries)),
  })
}
beforeEach(() => {
  blobs = createMemoryStore()
})

type Told = Parameters<ReturnType<typeof entryOf>>[0]
function tell(ref: ObjectRef, minutes: number, told: Omit<Told, 'at' | 'message'> & { message?: string }): void {
  void events.append([
    entryOf(ref, { owner: apps, isBackfilled: false })({ message: '', ...told, at: start + minutes * minute }),
  ])
}
function session(reason: string, minutes: number): NewHistoryEntry {
  const { ref: _ref, ...entry } = entryOf(apps, { owner: null, isBackfilled: false })({
    type: 'session',
    reason,
    message: '',
    at: start + minutes * minute,
  })
  return { ...entry, ref: null }
}

const podinfo = (replicas: number, image: string, more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: podinfo, namespace: apps }
spec:
  replicas: ${replicas}
  template: { spec: { containers: [{ name: podinfo, image: "${image}"${more} }] } }
`
const settings = (value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: apps }
data: { level: ${value} }
`

/** Two revisions: the second one changes a field, adds an object, fails; a hand scales; the gate closes. */
async function tellIncident(): Promise<void> {
  await events.append([session('WatchBegan', -100)])
  tell(apps, -30, {
    type: 'run',
    reason: 'Applied',
    message: 'main@sha1:aaaaaaa',
    tone: 'good',
    revision: 'main@sha1:aaaaaaa',
  })
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0'))
  await cluster.clock.advance(20 * minute)
  tell(apps, 20, {
    type: 'run',
    reason: 'Applied',
    message: 'main@sha1:bbbbbbb',
    tone: 'good',
    revision: 'main@sha1:bbbbbbb',
    facts: { before: 'main@sha1:aaaaaaa' },
  })
  tell(apps, 15, {
    type: 'commit',
    reason: 'Commit',
    message: 'Bump podinfo',
    by: 'Ann',
    revision: 'main@sha1:bbbbbbb',
  })
  await keep('main@sha1:bbbbbbb', podinfo(2, 'podinfo:6.7.1'), settings('debug'))
  tell(deployment, 30, {
    type: 'drift',
    reason: 'DriftFound',
    message: 'spec.replicas 2 → 5',
    by: 'kubectl-scale',
    facts: {
      action: 'configured',
      changes: [{ path: 'spec.replicas', git: '2', live: '5', manager: 'kubectl-scale', at: null }],
    },
  })
  tell(apps, 40, {
    type: 'status',
    reason: 'Failed',
    message: 'Health check failed',
    tone: 'bad',
    revision: 'main@sha1:bbbbbbb',
    facts: { before: 'Ready', because: 'HealthCheckFailed' },
  })
  tell(apps, 50, {
    type: 'gate',
    reason: 'Suspended',
    message: 'INC-1',
    tone: 'closed',
    by: 'ann',
    facts: { until: null },
  })
}

it('tells apart what Git, the cluster and a hand changed between two times', async () => {
  await tellIncident()
  const found = await compareHistory(
    events,
    scope({ owner: apps }),
    { from: start + 10 * minute, until: start + 60 * minute, now: start + 60 * minute },
    never,
  )
  expect(
    found.objects.map(({ ref, git, fields }) => [
      ref.name,
      git,
      ...fields.map(({ origin, path, before, after, by }) => `${origin} ${path} ${before} → ${after} ${by}`),
    ]),
  ).toEqual([
    [
      'podinfo',
      'changed',
      'git spec.template.spec.containers[podinfo].image podinfo:6.7.0 → podinfo:6.7.1 Ann',
      'hand spec.replicas 2 → 5 kubectl-scale',
    ],
    ['settings', 'added'],
    [
      'apps',
      null,
      'hand Gate open → suspended: INC-1 ann',
      'cluster Revision main@sha1:aaaaaaa → main@sha1:bbbbbbb ',
      'cluster Status Ready → Failed ',
    ],
  ])
  expect(found.counts).toEqual({ git: 2, hand: 2, cluster: 1 })
  expect(found.gaps).toEqual([])
  expect(found.notes).toEqual([])
})

it('compares one object, and says which gap and which missing manifest leave something open', async () => {
  await tellIncident()
  await events.append([session('WatchEnded', 52), session('WatchBegan', 57)])
  const found = await compareHistory(
    events,
    scope({ ref: deployment }),
    { from: start - 60 * minute, until: start + 60 * minute, now: start + 60 * minute },
    never,
  )
  expect(found.objects.map(({ ref, git }) => [ref.name, git])).toEqual([['podinfo', null]])
  expect(found.gaps).toEqual([
    { kind: 'off', cluster: cluster.id, from: start + 52 * minute, until: start + 57 * minute },
  ])
  expect(found.notes).toEqual(['Kustomization flux-system/apps: its manifests at the first point are not kept.'])
})

it('takes what went and came back for no change, and drift that is gone for none', async () => {
  await tellIncident()
  tell(deployment, 55, { type: 'drift', reason: 'DriftGone', message: 'spec.replicas 2 → 5', tone: 'good' })
  tell(apps, 56, { type: 'status', reason: 'Ready', tone: 'good', facts: { before: 'Failed' } })
  const { objects } = await compareHistory(
    events,
    scope({ owner: apps }),
    { from: start + 25 * minute, until: start + 60 * minute, now: start + 60 * minute },
    never,
  )
  expect(objects.map(({ ref, fields }) => [ref.name, fields.map(({ path }) => path)])).toEqual([['apps', ['Gate']]])
  // Whoever opens it again: the gate is as it was.
  tell(apps, 58, { type: 'gate', reason: 'Resumed', tone: 'open' })
  const later = await compareHistory(
    events,
    scope({ owner: apps }),
    { from: start + 25 * minute, until: start + 60 * minute, now: start + 60 * minute },
    never,
  )
  expect(later.objects).toEqual([])
})

it('compares two revisions by when they were tried, and refuses one that never was', async () => {
  await tellIncident()
  expect(await timeOfPoint(events, apps, 'main@sha1:bbbbbbb', never)).toBe(start + 20 * minute)
  await expect(timeOfPoint(events, apps, 'main@sha1:ccccccc', never)).rejects.toMatchObject({ code: 'NotFound' })
  await expect(timeOfPoint(events, null, 'main@sha1:bbbbbbb', never)).rejects.toMatchObject({ code: 'InvalidInput' })
})

it('shows a manifest at both points, each field on its line; a sealed value never', async () => {
  await tellIncident()
  const points = { from: start + 10 * minute, until: start + 60 * minute }
  const texts = await compareTexts(events, apps, deployment, points, never)
  expect(texts.before).toContain('image: podinfo:6.7.0')
  expect(texts.after).toContain('image: podinfo:6.7.1')
  expect(texts).toMatchObject({ revisionBefore: 'main@sha1:aaaaaaa', revisionAfter: 'main@sha1:bbbbbbb' })
  const [mark] = texts.marks
  expect(texts.after.split('\n')[(mark?.liveLine ?? 0) - 1]).toContain('6.7.1')
  expect(texts.before.split('\n')[(mark?.gitLine ?? 0) - 1]).toContain('6.7.0')
  await expect(compareTexts(events, apps, { ...deployment, name: 'nobody' }, points, never)).rejects.toMatchObject({
    code: 'NotFound',
  })
})

it('shows an object as it was: its manifest of then, its drift, its gate; before anything is known it says so', async () => {
  await tellIncident()
  const then = await findAsItWas(events, cluster, deployment, start + 35 * minute, start + 60 * minute, never)
  expect(then).toMatchObject({
    owner: apps,
    isKnown: true,
    revision: 'main@sha1:bbbbbbb',
    appliedAt: start + 20 * minute,
    commit: { subject: 'Bump podinfo', author: 'Ann' },
    drift: [{ summary: 'spec.replicas 2 → 5', by: 'kubectl-scale', since: start + 30 * minute }],
    gap: null,
  })
  expect(then.manifest).toContain('image: podinfo:6.7.1')
  const before = await findAsItWas(events, cluster, deployment, start + 10 * minute, start + 60 * minute, never)
  expect(before.manifest).toContain('image: podinfo:6.7.0')
  expect(before.drift).toEqual([])

  const owner = await findAsItWas(events, cluster, apps, start + 45 * minute, start + 60 * minute, never)
  expect(owner.status).toMatchObject({ word: 'Failed', reason: 'HealthCheckFailed', since: start + 40 * minute })
  expect(owner.gate).toBeNull()
  expect(owner.objects.map(({ name }) => name)).toEqual(['podinfo', 'settings'])
  // What the failure turned from is what it was.
  const calm = await findAsItWas(events, cluster, apps, start + 25 * minute, start + 60 * minute, never)
  expect(calm.status).toMatchObject({ word: 'Ready' })
  const closed = await findAsItWas(events, cluster, apps, start + 55 * minute, start + 60 * minute, never)
  expect(closed.gate).toMatchObject({ isSuspended: true, by: 'ann', reason: 'INC-1' })

  // Where no word was recorded, the last run says it.
  events.entries.splice(0, events.entries.length, ...events.entries.filter(({ type }) => type !== 'status'))
  const ran = await findAsItWas(events, cluster, apps, start + 25 * minute, start + 60 * minute, never)
  expect(ran.status).toMatchObject({ word: 'Ready', since: start + 20 * minute })

  const stranger = await findAsItWas(
    events,
    cluster,
    { ...deployment, name: 'nobody' },
    start - 200 * minute,
    start + 60 * minute,
    never,
  )
  expect(stranger).toMatchObject({ isKnown: false, manifest: '', gap: { from: 0, until: start - 100 * minute } })
})

it('keeps a render once, and again when it changes back', async () => {
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0'))
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0'))
  expect(events.entries.filter(({ type }) => type === 'render')).toHaveLength(1)
  await cluster.clock.advance(minute)
  await keep('main@sha1:bbbbbbb', podinfo(3, 'podinfo:6.7.0'))
  await cluster.clock.advance(minute)
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0'))
  expect(events.entries.filter(({ type }) => type === 'render').map(({ revision }) => revision)).toEqual([
    'main@sha1:aaaaaaa',
    'main@sha1:bbbbbbb',
    'main@sha1:aaaaaaa',
  ])
  expect(events.texts.size).toBe(2)
})

it('seals what came out of a Secret wherever it stands, and can still tell whether it changed', async () => {
  const env = (value: string): string =>
    `, env: [{ name: DB_URL, value: "db://${value}@db" }, { name: API_TOKEN, value: "abc123" }]`
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0', env('postgres-hunter2')))
  await cluster.clock.advance(minute)
  cluster.apply(`
apiVersion: v1
kind: Secret
metadata: { name: variables, namespace: flux-system }
data: { database: ${btoa('postgres-hunter3')} }
`)
  await keep('main@sha1:bbbbbbb', podinfo(2, 'podinfo:6.7.0', env('postgres-hunter3')))
  const written = JSON.stringify([events.entries, [...events.texts.values()]])
  for (const secret of ['hunter2', 'hunter3', 'abc123']) expect(written).not.toContain(secret)
  const texts = await compareTexts(
    events,
    apps,
    deployment,
    { from: cluster.clock.now() - minute, until: cluster.clock.now() },
    never,
  )
  expect(texts.after).toMatch(/value: .*bytes.*#[0-9a-f]{6}/)
  expect(texts.marks).toHaveLength(1)
})

it('keeps nothing of an owner whose Secrets may not be read', async () => {
  cluster.fetch = () => Promise.reject(new SluiceError('Forbidden', 'You may not'))
  await keep('main@sha1:aaaaaaa', podinfo(2, 'podinfo:6.7.0'))
  expect(events.entries).toEqual([])
  expect(events.texts.size).toBe(0)
})

it('draws failing, suspended, unreachable and unwatched stretches, also those that began before the range', async () => {
  await tellIncident()
  await events.append([
    session('ClusterLost', 42),
    session('ClusterReached', 44),
    session('WatchEnded', 52),
    session('WatchBegan', 57),
  ])
  const bands = await findBands(
    events,
    scope({ owner: apps }),
    { from: start - 200 * minute, until: start + 60 * minute, now: start + 60 * minute },
    [],
    never,
  )
  const shown = bands.map(({ kind, from, until }) => [kind, (from - start) / minute, (until - start) / minute])
  expect(shown).toEqual([
    ['off', -200, -100],
    ['failing', 40, 60],
    ['unreachable', 42, 44],
    ['suspended', 50, 60],
    ['off', 52, 57],
  ])
  tell(apps, 58, { type: 'status', reason: 'Ready', tone: 'good', facts: { before: 'Failed' } })
  const late = await findBands(
    events,
    scope(),
    { from: start + 55 * minute, until: start + 60 * minute, now: start + 60 * minute },
    [],
    never,
  )
  expect(late.map(({ kind, from, until }) => [kind, (from - start) / minute, (until - start) / minute])).toEqual([
    ['off', 55, 57],
    ['failing', 55, 58],
  ])
})

it('takes a gate that was closed in another way for closed, before and after it, and says what it was', async () => {
  await events.append([session('WatchBegan', -100)])
  tell(apps, 30, {
    type: 'gate',
    reason: 'Changed',
    message: 'INC-2',
    tone: 'closed',
    by: 'bob',
    facts: { until: start + 90 * minute, before: { by: 'ann', reason: 'INC-1', until: null, mode: null } },
  })
  const range = { from: start, until: start + 60 * minute, now: start + 60 * minute }
  const bands = await findBands(events, scope({ owner: apps }), range, [], never)
  expect(bands.map(({ kind, from, until }) => [kind, (from - start) / minute, (until - start) / minute])).toEqual([
    ['suspended', 0, 60],
  ])
  const asItWas = (at: number): ReturnType<typeof findAsItWas> =>
    findAsItWas(events, cluster, apps, start + at * minute, range.now, never)
  expect((await asItWas(20)).gate).toMatchObject({ isSuspended: true })
  expect((await asItWas(40)).gate).toMatchObject({ by: 'bob', reason: 'INC-2', until: start + 90 * minute })
  const { objects } = await compareHistory(events, scope({ owner: apps }), range, never)
  expect(objects.flatMap(({ fields }) => fields.map(({ path, before, after }) => [path, before, after]))).toEqual([
    ['Gate', 'suspended: INC-1', 'suspended: INC-2'],
  ])
})

it('draws what could not be written as unwatched, however short', async () => {
  const at = start + 30 * minute
  await events.append([
    session('WatchBegan', -100),
    { ...session('EntriesLost', 30), facts: { from: at - 20_000 } },
    session('EntriesLost', 40),
  ])
  const range = { from: start, until: start + 60 * minute, now: start + 60 * minute }
  expect(await findBands(events, scope(), range, [], never)).toMatchObject([
    { kind: 'off', from: at - 20_000, until: at },
    { kind: 'off', from: start + 40 * minute },
  ])
})

it('notes when a cluster is lost and reached again, and leaves a short loss alone', async () => {
  const clock = new ManualClock()
  const written: string[] = []
  let connection: ContextRow['connection'] = 'connected'
  const reach = new ReachEntries(
    { id: 'c', contexts: () => [{ connection, error: null } as ContextRow] },
    clock,
    (entries) => written.push(...entries.map(({ reason, at }) => `${reason} ${String((at - begin) / 1000)}`)),
  )
  const begin = clock.now()
  const turn = async (next: ContextRow['connection'], seconds: number): Promise<void> => {
    connection = next
    reach.look()
    await clock.advance(seconds * 1000)
  }
  await turn('connected', 4)
  await turn('unreachable', 6)
  await turn('connected', 10)
  expect(written).toEqual([])
  await turn('unreachable', 5)
  await turn('connecting', 15)
  await turn('connected', 4)
  expect(written).toEqual(['ClusterLost 20', 'ClusterReached 40'])
  await turn('unreachable', 1)
  reach.stop()
  expect(clock.pendingTimers).toBe(0)
})
