/** A recorder on a cluster in memory: what has to be found afterwards, with the right time and the right hand. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { History, HistoryDeps } from '../../../electron/engine/history/history.ts'
import { loadMemory, saveAlive, saveMemory } from '../../../electron/engine/history/known-rows.ts'
import type { KnownRow } from '../../../electron/engine/history/row-changes.ts'
import type { LoggedCommit } from '../../../electron/engine/source/artifact-port.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { ManualClock, MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { createMemoryEvents } from './memory-events.ts'
import { fromYaml } from '../status/yaml.ts'
import { startHistory } from './start-history.ts'

let cluster: MemoryCluster
let events: ReturnType<typeof createMemoryEvents>
let blobs: ReturnType<typeof createMemoryStore>
let histories: History[] = []
let commits: Map<string, RevisionCommit>
/** By revision, what led to it, the newest first. */
let pasts: Map<string, readonly LoggedCommit[]>
/** The user allows a host; null while nobody listens. */
let allow: ((cluster: string) => void) | null
const commitOf = (sha: string, subject: string): LoggedCommit => ({
  sha,
  subject,
  author: 'Ann',
  email: 'ann@example.invalid',
  at: 1000,
  changes: null,
})

beforeEach(() => {
  cluster = new MemoryCluster()
  cluster.kindRows = [{ group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', state: 'live' } as KindRow]
  events = createMemoryEvents()
  blobs = createMemoryStore()
  histories = []
  commits = new Map()
  pasts = new Map()
  allow = null
})
afterEach(async () => {
  for (const history of histories) await history.dispose()
})

async function begin(): Promise<History> {
  const findCommit: HistoryDeps['findCommit'] = (_owner, revision) => Promise.resolve(commits.get(revision) ?? null)
  const history = startHistory(cluster, {
    blobs,
    store: events,
    findCommit,
    findLog: (_source, revision, limit) => Promise.resolve((pasts.get(revision) ?? []).slice(0, limit)),
    watchAllowed: (listener) => {
      allow = listener
      return Promise.resolve(() => (allow = null))
    },
  })
  histories.push(history)
  await cluster.clock.advance(1000)
  return history
}

const told = (): readonly string[] =>
  events.entries
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, type, reason, ref, by, isBackfilled }) =>
      [
        new Date(at).toISOString().slice(11, 19),
        type,
        reason,
        ref === null ? '' : `${ref.kind}/${ref.name}`,
        by === '' ? '' : `by ${by}`,
        isBackfilled ? 'found' : '',
      ]
        .filter((word) => word !== '')
        .join(' '),
    )

interface State {
  readonly ready?: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly since?: string
  readonly revision?: string
  readonly isSuspended?: boolean
  readonly generation?: number
  readonly uid?: string
  readonly history?: string
  readonly attempted?: string
  readonly message?: string
}
function apps(state: State = {}): string {
  const {
    ready = 'True',
    reason = 'ReconciliationSucceeded',
    since = '09:00:00',
    revision = 'main@sha1:aaaaaaaa',
  } = state
  const { isSuspended = false, generation = 1, uid = 'u1', history = '[]' } = state
  const { attempted = revision, message = 'm' } = state
  return `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
  uid: ${uid}
  generation: ${generation}
  resourceVersion: "${Math.random()}"
  creationTimestamp: 2026-09-16T08:00:00Z
  managedFields:
    - { manager: flux, operation: Apply, time: 2026-09-16T10:00:05Z, fieldsV1: { f:spec: { f:suspend: {} } } }
spec: { interval: 10m, path: ./apps, prune: true, suspend: ${isSuspended}, sourceRef: { kind: GitRepository, name: fleet } }
status:
  observedGeneration: ${generation}
  lastAppliedRevision: ${revision}
  lastAttemptedRevision: ${attempted}
  history: ${history}
  inventory:
    entries:
      - { id: apps_podinfo_apps_Deployment, v: v1 }
      - { id: apps_podinfo-web_apps_Deployment, v: v1 }
  conditions:
    - { type: Ready, status: "${ready}", reason: ${reason}, message: ${message}, lastTransitionTime: 2026-09-16T${since}Z, observedGeneration: ${generation} }
`
}
const appsRef = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }
const event = (uid: string, kind: string, name: string, reason: string, count = 1): string => `
apiVersion: v1
kind: Event
metadata: { name: e-${uid}, namespace: apps, uid: ${uid} }
involvedObject: { apiVersion: ${kind === 'Deployment' ? 'apps/v1' : 'v1'}, kind: ${kind}, namespace: apps, name: ${name} }
type: Warning
reason: ${reason}
message: "token=verysecretvalue pulled"
count: ${count}
source: { component: kubelet }
firstTimestamp: 2026-09-16T10:00:10Z
lastTimestamp: 2026-09-16T10:00:${10 + count}Z
`

it('tells on first sight what the cluster still knows, each at its time, as found afterwards', async () => {
  cluster.apply(
    apps({
      ready: 'False',
      reason: 'BuildFailed',
      since: '09:30:00',
      history:
        '[{digest: "sha256:b", firstReconciled: "2026-09-16T09:30:00Z", lastReconciledStatus: BuildFailed, metadata: {revision: "main@sha1:bbbb"}},' +
        '{digest: "sha256:a", firstReconciled: "2026-09-16T08:30:00Z", lastReconciledStatus: ReconciliationSucceeded, metadata: {revision: "main@sha1:aaaa"}}]',
    }),
  )
  await begin()
  expect(told()).toEqual([
    '08:00:00 object Created Kustomization/apps found',
    '08:30:00 run Applied Kustomization/apps found',
    '09:30:00 run BuildFailed Kustomization/apps found',
    '09:30:00 status Failed Kustomization/apps found',
    '10:00:00 session WatchBegan',
  ])
})

it('tells each turn once: applied, failed, suspended, resumed, recreated, deleted; a run that changes nothing tells nothing', async () => {
  cluster.apply(apps())
  await begin()
  events.entries.length = 0
  // Progressing and back to what it was.
  cluster.apply(apps({ ready: 'Unknown', reason: 'Progressing', since: '10:00:01' }))
  cluster.apply(apps())
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', since: '10:00:02' }))
  cluster.apply(
    apps({ revision: 'main@sha1:bbbbbbbb', ready: 'False', reason: 'HealthCheckFailed', since: '10:00:03' }),
  )
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', since: '10:00:04' }))
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', isSuspended: true, generation: 2 }))
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', generation: 3 }))
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', generation: 4 }))
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', generation: 1, uid: 'u2' }))
  cluster.delete({ cluster: cluster.id, ...appsRef })
  await cluster.clock.advance(1000)
  expect(events.entries.map(({ type, reason, by }) => `${type} ${reason}${by === '' ? '' : ` by ${by}`}`)).toEqual([
    'run Applied',
    'status Failed',
    'status Ready',
    'gate Suspended by flux',
    'gate Resumed by flux',
    'object SpecChanged by flux',
    'object Recreated',
    'object Deleted',
  ])
  const failed = events.entries.find(({ reason }) => reason === 'Failed')
  expect(failed).toMatchObject({ at: Date.parse('2026-09-16T10:00:03Z'), tone: 'bad', owner: { name: 'apps' } })
  expect(failed?.facts).toMatchObject({ before: 'Ready', because: 'HealthCheckFailed' })
})

it('tells of each revision that fails, though it fails as the one before, and asks for its commit; of a retry nothing', async () => {
  const failing = (attempted: string, since: string, message = 'm'): string =>
    apps({ ready: 'False', reason: 'BuildFailed', since, attempted: `main@sha1:${attempted}`, message })
  for (const [sha, author] of [
    ['bbbbbbbb', 'Bob'],
    ['cccccccc', 'Cem'],
    ['dddddddd', 'Dee'],
  ])
    commits.set(`main@sha1:${sha!}`, { sha: sha!, author: author!, at: 1000, subject: 's' })
  cluster.apply(apps())
  const first = await begin()
  events.entries.length = 0
  cluster.apply(failing('bbbbbbbb', '10:00:02'))
  cluster.apply(apps({ ready: 'Unknown', reason: 'Progressing', since: '10:00:03', attempted: 'main@sha1:bbbbbbbb' }))
  cluster.apply(failing('bbbbbbbb', '10:00:04'))
  cluster.apply(apps({ ready: 'Unknown', reason: 'Progressing', since: '10:00:05', attempted: 'main@sha1:cccccccc' }))
  cluster.apply(failing('cccccccc', '10:00:06', 'other'))
  await cluster.clock.advance(1000)
  const failures = (): readonly string[] =>
    events.entries.flatMap(({ type, at, revision, message, by, facts }) => {
      if (type === 'commit') return [`commit of ${by}`]
      if (type !== 'status') return []
      return [`${new Date(at).toISOString().slice(11, 19)} ${revision} ${message}, was ${String(facts?.['before'])}`]
    })
  expect(failures()).toEqual([
    '10:00:02 main@sha1:bbbbbbbb m, was Ready',
    '10:00:06 main@sha1:cccccccc other, was Failed',
    'commit of Bob',
    'commit of Cem',
  ])
  await first.dispose()
  histories = []
  events.entries.length = 0
  await cluster.clock.advance(3_600_000)
  cluster.apply(failing('dddddddd', '10:30:00'))
  await begin()
  await cluster.clock.advance(1000)
  expect(failures()).toEqual(['10:30:00 main@sha1:dddddddd m, was Failed', 'commit of Dee'])
  expect(events.entries.find(({ type }) => type === 'status')?.isBackfilled).toBe(true)
})

it('hears of another failing revision though the row stays as it is, and takes for its time when it was seen', async () => {
  const failing = (attempted: string): string =>
    apps({ ready: 'False', reason: 'BuildFailed', since: '09:00:00', attempted: `main@sha1:${attempted}` })
  cluster.apply(failing('bbbbbbbb'))
  await begin()
  events.entries.length = 0
  cluster.areRowsTold = false
  cluster.apply(failing('cccccccc'))
  await cluster.clock.advance(1000)
  expect(told()).toEqual(['10:00:01 status Failed Kustomization/apps'])
})

it('finds after a restart what changed while nobody looked, and says when nobody did', async () => {
  cluster.apply(apps())
  const first = await begin()
  await first.dispose()
  histories = []
  const before = events.entries.length
  await cluster.clock.advance(3_600_000)
  cluster.apply(apps({ revision: 'main@sha1:cccccccc', ready: 'False', reason: 'ArtifactFailed', since: '10:20:00' }))
  await begin()
  expect(told().slice(before - 1)).toEqual([
    '10:00:01 session WatchEnded',
    '10:20:00 run Applied Kustomization/apps found',
    '10:20:00 status Failed Kustomization/apps found',
    '11:00:01 session WatchBegan',
  ])
})

it('takes for the end of a killed Sluice when it was last known to live', async () => {
  cluster.apply(apps())
  await begin()
  await cluster.clock.advance(45_000)
  const killed = cluster.clock.now()
  // What the killed one left on disk; its timers and watches go with it.
  const left = new Map(blobs.blobs)
  const hour = new ManualClock(killed + 3_600_000)
  cluster = Object.assign(new MemoryCluster(cluster.id, hour), { kindRows: cluster.kindRows })
  blobs = createMemoryStore()
  for (const [name, data] of left) blobs.blobs.set(name, data)
  cluster.apply(apps())
  events.entries.length = 0
  await begin()
  const [ended, began] = events.entries
  expect(ended).toMatchObject({ reason: 'WatchEnded', isBackfilled: true })
  expect(killed - (ended?.at ?? 0)).toBeLessThan(30_000)
  expect(began).toMatchObject({ reason: 'WatchBegan', at: hour.now() - 1000 })
  expect(events.entries).toHaveLength(2)
})

it('keeps events of what Flux applies, with its owner, counted and redacted, and no others', async () => {
  cluster.apply(apps())
  await begin()
  events.entries.length = 0
  cluster.apply(event('1', 'Pod', 'podinfo-web-6c9b8d4f7-x2x4z', 'BackOff'))
  cluster.apply(event('1', 'Pod', 'podinfo-web-6c9b8d4f7-x2x4z', 'BackOff', 7))
  cluster.apply(event('2', 'Deployment', 'podinfo', 'ScalingReplicaSet'))
  cluster.apply(event('3', 'Pod', 'stranger-1', 'BackOff'))
  await cluster.clock.advance(1000)
  expect(events.entries.map(({ reason, ref, owner, count }) => [reason, ref?.name, owner?.name, count])).toEqual([
    ['BackOff', 'podinfo-web-6c9b8d4f7-x2x4z', 'apps', 7],
    ['ScalingReplicaSet', 'podinfo', 'apps', 1],
  ])
  expect(JSON.stringify(events.entries)).not.toContain('verysecretvalue')
})

it('does not take a list that was lost for deletions', async () => {
  cluster.apply(apps())
  await begin()
  events.entries.length = 0
  cluster.kindRows = [{ ...cluster.kindRows[0], state: 'unreachable' } as KindRow]
  cluster.delete({ cluster: cluster.id, ...appsRef })
  await cluster.clock.advance(1000)
  expect(events.entries).toEqual([])
})

it('keeps what the store refuses, tries again, and counts what it could not keep', async () => {
  cluster.apply(apps())
  const history = await begin()
  events.entries.length = 0
  events.refusal = new Error('disk full')
  cluster.apply(apps({ ready: 'False', reason: 'BuildFailed', since: '10:00:01' }))
  await cluster.clock.advance(5000)
  expect(events.entries).toEqual([])
  events.refusal = null
  await cluster.clock.advance(120_000)
  expect(events.entries.map(({ reason }) => reason)).toContain('Failed')
  const sink = new MemorySink<{ key: string; added: number }>()
  const stop = history.handlers['history.changes']({}, sink, testCall())
  cluster.apply(apps({ since: '10:00:02' }))
  await cluster.clock.advance(1000)
  expect(sink.items.get('changes')?.added).toBeGreaterThan(0)
  stop()
})

it('records what was done in Sluice with the person, the plan and the result', async () => {
  const history = await begin()
  events.entries.length = 0
  const ref = { cluster: cluster.id, ...appsRef }
  history.recordAction({
    client: 'window',
    context: 'test',
    cluster: cluster.id,
    identity: 'admin',
    verb: 'patch',
    object: ref,
    action: 'suspend',
    plan: 'sha256:p',
    patch: { spec: { suspend: true } },
    result: 'ok',
    code: 200,
  })
  const page = await history.handlers['history.query'](
    { query: { types: ['action'] }, limit: 10, after: null },
    testCall(),
  )
  expect(page.entries.map((entry: NewHistoryEntry) => [entry.reason, entry.by, refKey(entry.ref ?? ref)])).toEqual([
    ['Suspend', 'ann', refKey(ref)],
  ])
})

it('joins the commit of what ran and of what failed, once, and asks again for one that could not be had', async () => {
  commits.set('main@sha1:aaaaaaaa', { sha: 'aaaaaaaa', author: 'Ann', at: 1000, subject: 'First' })
  cluster.apply(apps())
  await begin()
  const told = (): readonly string[] =>
    events.entries
      .filter(({ type }) => type === 'commit')
      .map(({ ref, by, message }) => `${ref?.kind} ${by} ${message}`)
  expect(told()).toEqual([])
  // On first sight only what status.history tells is a run.
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', since: '10:00:02' }))
  await cluster.clock.advance(1000)
  expect(told()).toEqual([])
  cluster.apply(apps({ revision: 'main@sha1:aaaaaaaa', since: '10:00:03' }))
  await cluster.clock.advance(1000)
  expect(told()).toEqual(['GitRepository Ann First'])
  commits.set('main@sha1:bbbbbbbb', { sha: 'bbbbbbbb', author: 'Bob', at: 2000, subject: 'Second' })
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', since: '10:00:04' }))
  cluster.apply(apps({ revision: 'main@sha1:aaaaaaaa', since: '10:00:05' }))
  await cluster.clock.advance(1000)
  expect(told()).toEqual(['GitRepository Ann First', 'GitRepository Bob Second'])
})

it('asks for commits as soon as their host is allowed, however late that is, and listens no longer than it records', async () => {
  cluster.apply(apps())
  const history = await begin()
  cluster.apply(apps({ revision: 'main@sha1:bbbbbbbb', since: '10:00:02' }))
  await cluster.clock.advance(3_600_000)
  commits.set('main@sha1:bbbbbbbb', { sha: 'bbbbbbbb', author: 'Bob', at: 2000, subject: 'Second' })
  allow?.('c1')
  await cluster.clock.advance(1000)
  expect(events.entries.filter(({ type }) => type === 'commit').map(({ by, message }) => `${by} ${message}`)).toEqual([
    'Bob Second',
  ])
  await history.dispose()
  expect(allow).toBeNull()
})

it('asks for the commits of what a source fetched behind a closed gate, since the revision before', async () => {
  const fleet = (sha: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system, uid: g1, generation: 1, resourceVersion: "${sha}", creationTimestamp: 2026-09-16T08:00:00Z }
spec: { interval: 1m, url: "https://git.example/org/fleet", ref: { branch: main } }
status:
  artifact: { revision: "main@sha1:${sha}", lastUpdateTime: 2026-09-16T10:00:00Z }
  conditions: [{ type: Ready, status: "True", reason: Succeeded, lastTransitionTime: 2026-09-16T09:00:00Z }]
`
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(40))
  pasts.set(`main@sha1:${c}`, [commitOf(c!, 'Third'), commitOf(b!, 'Second'), commitOf(a!, 'First')])
  cluster.apply(apps({ isSuspended: true, revision: `main@sha1:${a}` }), fleet(a!))
  await begin()
  cluster.apply(fleet(c!))
  await cluster.clock.advance(1000)
  expect(
    events.entries
      .filter(({ type }) => type === 'artifact' || type === 'commit')
      .map(({ type, ref, message, isBackfilled }) => [type, ref?.name, message, isBackfilled]),
  ).toEqual([
    ['artifact', 'fleet', `main@sha1:${c}`, false],
    ['commit', 'fleet', 'Third', false],
    ['commit', 'fleet', 'Second', false],
  ])
})

/** As `status.history` has it, the last that ran first: digest, when it began and when it last ran. */
const historyOf = (...told: readonly (readonly [digest: string, first: string, last: string])[]): string =>
  JSON.stringify(
    told.map(([digest, first, last]) => ({
      digest: `sha256:${digest}`,
      firstReconciled: `2026-09-16T${first}Z`,
      lastReconciled: `2026-09-16T${last}Z`,
      lastReconciledStatus: 'ReconciliationSucceeded',
      metadata: { revision: 'main@sha1:aaaaaaaa' },
    })),
  )
const toldRuns = (): readonly string[] =>
  events.entries
    .filter(({ type }) => type === 'run')
    .map(
      ({ at, facts, isBackfilled }) =>
        `${new Date(at).toISOString().slice(11, 19)} ${String(facts?.['digest'])}${isBackfilled ? ' found' : ''}`,
    )

it('tells a run of the same revision that rendered to something else, and one that rendered to what it did before', async () => {
  cluster.apply(apps({ history: historyOf(['a', '09:00:00', '09:50:00']) }))
  const first = await begin()
  expect(toldRuns()).toEqual(['09:00:00 sha256:a found'])
  cluster.apply(apps({ history: historyOf(['a', '09:00:00', '10:00:01']) }))
  cluster.apply(apps({ history: historyOf(['b', '10:00:02', '10:00:02'], ['a', '09:00:00', '10:00:01']) }))
  cluster.apply(apps({ history: historyOf(['b', '10:00:02', '10:00:03'], ['a', '09:00:00', '10:00:01']) }))
  cluster.apply(apps({ history: historyOf(['a', '09:00:00', '10:00:04'], ['b', '10:00:02', '10:00:03']) }))
  await cluster.clock.advance(1000)
  expect(toldRuns()).toEqual(['09:00:00 sha256:a found', '10:00:02 sha256:b', '10:00:04 sha256:a'])
  // What was known of the rows is lost: what is found is what was told.
  await cluster.clock.advance(3_600_000)
  await first.dispose()
  histories = []
  blobs.blobs.clear()
  events.entries.splice(0, Infinity, ...events.entries.filter(({ identity }) => identity !== ''))
  const before = toldRuns()
  await begin()
  expect(toldRuns()).toEqual(before)
})

it('finds after a restart that the same revision rendered to something else', async () => {
  cluster.apply(apps({ history: historyOf(['a', '09:00:00', '09:50:00']) }))
  const first = await begin()
  await first.dispose()
  histories = []
  events.entries.length = 0
  await cluster.clock.advance(3_600_000)
  cluster.apply(apps({ history: historyOf(['b', '10:30:00', '10:50:00'], ['a', '09:00:00', '10:20:00']) }))
  await begin()
  expect(toldRuns()).toEqual(['10:30:00 sha256:b found'])
})

it('tells what becomes of a closed gate: another reason, another end, held, by somebody else', async () => {
  const closed = (by: string, reason: string, more: Record<string, string> = {}, since = '10:00:00'): KubeObject => {
    const object = fromYaml(apps({ isSuspended: true, generation: 2 }))
    const annotations = {
      'sluice.dev/suspended-by': by,
      'sluice.dev/suspended-at': `2026-09-16T${since}Z`,
      'sluice.dev/suspend-reason': reason,
      ...more,
    }
    const managedFields = [
      {
        manager: 'sluice',
        operation: 'Update',
        time: '2026-09-16T10:00:00Z',
        fieldsV1: { 'f:spec': { 'f:suspend': {} } },
      },
    ]
    return { ...object, metadata: { ...object.metadata, annotations, managedFields } }
  }
  cluster.apply(closed('Ann', 'INC-1'))
  const first = await begin()
  events.entries.length = 0
  cluster.apply(closed('Ann', 'INC-1'))
  cluster.apply(closed('Ann', 'INC-2', { 'sluice.dev/resume-at': '2026-09-16T12:00:00Z' }))
  cluster.apply(closed('Ann', 'INC-2', { 'sluice.dev/resume-at': '2026-09-16T12:00:00Z', 'sluice.dev/mode': 'held' }))
  await cluster.clock.advance(1000)
  await first.dispose()
  histories = []
  await cluster.clock.advance(3_600_000)
  cluster.apply(closed('Bob', 'INC-2', { 'sluice.dev/mode': 'held' }, '10:40:00'))
  await begin()
  cluster.apply(apps({ generation: 3 }))
  await cluster.clock.advance(1000)
  const noon = Date.parse('2026-09-16T12:00:00Z')
  const manager = 'sluice'
  expect(
    events.entries
      .filter(({ type }) => type === 'gate')
      .map(({ reason, tone, by, message, facts, at, isBackfilled }) => ({
        told: `${new Date(at).toISOString().slice(11, 19)} ${reason} ${tone} ${by} ${message}${isBackfilled ? ' found' : ''}`,
        facts,
      })),
  ).toEqual([
    {
      told: '10:00:00 Changed closed Ann INC-2',
      facts: { until: noon, manager, mode: null, before: { by: 'Ann', reason: 'INC-1', until: null, mode: null } },
    },
    {
      told: '10:00:00 Changed closed Ann INC-2',
      facts: { until: noon, manager, mode: 'held', before: { by: 'Ann', reason: 'INC-2', until: noon, mode: null } },
    },
    {
      told: '10:40:00 Changed closed Bob INC-2 found',
      facts: { until: null, manager, mode: 'held', before: { by: 'Ann', reason: 'INC-2', until: noon, mode: 'held' } },
    },
    { told: '10:00:05 Resumed open flux ', facts: { manager: 'flux' } },
  ])
})

it('finds after a restart each run that the object still knows, not only the last', async () => {
  const runs = (...hours: readonly number[]): string =>
    `[${hours.map((hour) => `{digest: "sha256:${hour}", firstReconciled: "2026-09-16T${hour}:30:00Z", lastReconciledStatus: ReconciliationSucceeded, metadata: {revision: "main@sha1:${hour}000000"}}`).join(',')}]`
  cluster.apply(apps({ history: runs(10) }))
  const first = await begin()
  await cluster.clock.advance(3_600_000)
  await first.dispose()
  histories = []
  events.entries.length = 0
  await cluster.clock.advance(4 * 3_600_000)
  cluster.apply(apps({ revision: 'main@sha1:14000000', history: runs(14, 13, 12, 10), since: '14:30:00' }))
  await begin()
  expect(told().filter((line) => line.includes('run'))).toEqual([
    '12:30:00 run Applied Kustomization/apps found',
    '13:30:00 run Applied Kustomization/apps found',
    '14:30:00 run Applied Kustomization/apps found',
  ])
})

it('checks the file after the first rows, and wholly when nothing happens, once a week', async () => {
  await begin()
  expect(events.checks).toEqual([])
  await cluster.clock.advance(20_000)
  expect(events.checks).toEqual(['quick'])
  await cluster.clock.advance(3_600_000)
  expect(events.checks).toEqual(['quick', 'full'])
  await cluster.clock.advance(7 * 86_400_000)
  expect(events.checks).toEqual(['quick', 'full', 'full'])
})

it('forgets what was known with what happened: the next start begins anew', async () => {
  cluster.apply(apps())
  const history = await begin()
  await cluster.clock.advance(31_000)
  const kept = (): readonly string[] => [...blobs.blobs.keys()].filter((name) => name.startsWith('history/'))
  expect(kept()).toHaveLength(2)
  await history.handlers['history.forget']({ clusters: null }, testCall())
  expect(events.forgotten).toEqual([null])
  expect(kept()).toEqual([])
})

it('tells all anew where the file was set aside, though the rows are known', async () => {
  cluster.apply(apps())
  const first = await begin()
  await cluster.clock.advance(31_000)
  await first.dispose()
  const before = told().filter((line) => line.includes('object Created'))
  expect(before).toHaveLength(1)
  events.entries.length = 0
  events.note = 'It was set aside.'
  await begin()
  expect(told().filter((line) => line.includes('object Created'))).toEqual(before)
})

it('tells nothing twice where what was known of the rows was lost, and the history was not', async () => {
  cluster.apply(apps())
  const first = await begin()
  const history =
    '[{digest: "sha256:b", firstReconciled: "2026-09-16T10:00:02Z", lastReconciledStatus: ReconciliationSucceeded, metadata: {revision: "main@sha1:bbbbbbbb"}}]'
  cluster.apply(apps({ generation: 2, since: '10:00:02', revision: 'main@sha1:bbbbbbbb', history }))
  await cluster.clock.advance(3_600_000)
  await first.dispose()
  histories = []
  const changes = (): readonly string[] => told().filter((line) => /object|run/.test(line))
  const before = changes()
  expect(before).toEqual([
    '08:00:00 object Created Kustomization/apps found',
    '10:00:01 run Applied Kustomization/apps',
    '10:00:05 object SpecChanged Kustomization/apps by flux',
  ])
  blobs.blobs.clear()
  await begin()
  expect(changes()).toEqual(before)
})

it('does not take whoever wrote the spec an hour ago for who changed it now', async () => {
  cluster.apply(apps())
  await begin()
  await cluster.clock.advance(3_600_000)
  cluster.apply(apps({ generation: 2 }))
  await cluster.clock.advance(1000)
  expect(told().at(-1)).toBe('11:00:01 object SpecChanged Kustomization/apps')
})

it('takes no deletion for a change of the spec by whoever wrote it last', async () => {
  cluster.apply(apps())
  await begin()
  cluster.apply(
    apps({ generation: 2 }).replace(
      '  resourceVersion',
      '  deletionTimestamp: 2026-09-16T10:00:02Z\n  resourceVersion',
    ),
  )
  await cluster.clock.advance(1000)
  cluster.delete({ ...appsRef, cluster: cluster.id })
  await cluster.clock.advance(1000)
  expect(told().filter((line) => line.includes(' object '))).toEqual([
    '08:00:00 object Created Kustomization/apps found',
    '10:00:02 object Deleted Kustomization/apps',
  ])
})

it('knows thousands of rows over a restart, and takes a file that was cut off for none', async () => {
  const known = new Map(
    Array.from({ length: 1201 }, (_, index) => [
      `c1|kustomize.toolkit.fluxcd.io/Kustomization|apps/web-${index}`,
      {
        uid: `u${index}`,
        generation: index,
        word: 'Ready',
        reason: '',
        revision: 'r\n1',
        isSuspended: index % 2 === 0,
        conditions: index % 3 === 0 ? null : 'Healthy\tTrue\tSucceeded',
        release: index % 3 === 0 ? `${index}|1` : null,
        attempted: index % 5 === 0 ? null : 'r2',
        ran: index % 7 === 0 ? null : index,
        gate: index % 2 === 0 ? 'Ann\tINC-1\t\theld' : null,
      },
    ]),
  ) as ReadonlyMap<string, KnownRow>
  const ports = { store: blobs, codec: memoryCodec, logger: silentLogger }
  await saveMemory(ports, 'c1', known)
  await saveAlive(ports, 'c1', 7)
  expect(await loadMemory(ports, 'c1')).toEqual({ aliveAt: 7, rows: known })
  const [name = ''] = [...blobs.blobs.keys()].filter((each) => !each.endsWith('-alive'))
  blobs.blobs.set(name, (blobs.blobs.get(name) ?? new Uint8Array()).subarray(0, -9))
  expect(await loadMemory(ports, 'c1')).toBeNull()
})

const web = (
  snapshots: readonly (readonly [version: number, status: string, chart: string, at: string])[],
  { ready = 'True', attempted = snapshots[0]?.[2] ?? '' } = {},
): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: web, namespace: flux-system, uid: r1, generation: 1, resourceVersion: "${Math.random()}", creationTimestamp: 2026-09-16T08:00:00Z }
spec: { chart: { spec: { chart: ./charts/web, reconcileStrategy: Revision, sourceRef: { kind: GitRepository, name: fleet } } } }
status:
  observedGeneration: 1
  helmChart: flux-system/flux-system-web
  lastAttemptedRevision: "${attempted}"
  history: [${snapshots.map(([version, status, chart, at]) => `{ version: ${version}, status: ${status}, chartName: web, chartVersion: "${chart}", lastDeployed: 2026-09-16T${at}Z, digest: "sha256:${version}" }`).join(', ')}]
  conditions: [{ type: Ready, status: "${ready}", reason: ${ready === 'True' ? 'UpgradeSucceeded' : 'UpgradeFailed'}, message: m, lastTransitionTime: 2026-09-16T${snapshots[0]?.[3] ?? '08:00:00'}Z, observedGeneration: 1 }]
`
const chart = (revision: string, sha: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: flux-system-web, namespace: flux-system, uid: c1, resourceVersion: "${Math.random()}" }
spec: { chart: ./charts/web, reconcileStrategy: Revision, sourceRef: { kind: GitRepository, name: fleet } }
status: { observedSourceArtifactRevision: "main@sha1:${sha}", artifact: { revision: "${revision}", lastUpdateTime: 2026-09-16T08:00:00Z } }
`
const runs = (): readonly unknown[] =>
  events.entries
    .filter(({ type, ref }) => type === 'run' && ref?.kind === 'HelmRelease')
    .map(({ at, revision, tone, facts, isBackfilled }) => [
      new Date(at).toISOString().slice(11, 19),
      revision,
      tone,
      facts?.['version'],
      facts?.['originRevision'],
      isBackfilled,
    ])

it('tells each release when it is deployed, also of the same chart with other values, and the commit that its chart was packaged from', async () => {
  const [one, two] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string]
  const [first, second] = [`0.1.0+${one.slice(0, 12)}`, `0.1.0+${two.slice(0, 12)}`]
  commits.set(`main@sha1:${two}`, { sha: two, author: 'Ben', at: 5, subject: 'Two' })
  cluster.kindRows = [
    { group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', state: 'live' } as KindRow,
    { group: 'source.toolkit.fluxcd.io', kind: 'HelmChart', state: 'live' } as KindRow,
  ]
  cluster.apply(chart(first, one), web([]))
  await begin()
  // Not before it is there: it may fail.
  cluster.apply(web([[1, 'pending-install', first, '10:00:02']], { ready: 'Unknown' }))
  await cluster.clock.advance(5000)
  expect(runs()).toEqual([])
  cluster.apply(web([[1, 'deployed', first, '10:00:02']]))
  await cluster.clock.advance(5000)
  const installed = ['10:00:02', first, 'good', 1, `main@sha1:${one}`, false]
  expect(runs()).toEqual([installed])
  // Other values.
  cluster.apply(
    web([
      [2, 'deployed', first, '10:00:08'],
      [1, 'superseded', first, '10:00:02'],
    ]),
  )
  await cluster.clock.advance(5000)
  const changed = ['10:00:08', first, 'good', 2, `main@sha1:${one}`, false]
  expect(runs()).toEqual([installed, changed])
  // Another chart, whose release fails: no release, and whose commit it is.
  cluster.apply(chart(second, two))
  cluster.apply(
    web(
      [
        [3, 'failed', second, '10:00:12'],
        [2, 'deployed', first, '10:00:08'],
      ],
      { ready: 'False' },
    ),
  )
  await cluster.clock.advance(5000)
  expect(runs()).toEqual([installed, changed])
  expect(events.entries.find(({ type, reason }) => type === 'status' && reason === 'Failed')).toMatchObject({
    revision: second,
    facts: { originRevision: `main@sha1:${two}` },
  })
  expect(events.entries.filter(({ type }) => type === 'commit').map(({ by, message }) => [by, message])).toEqual([
    ['Ben', 'Two'],
  ])
})

it('tells what was released while nobody looked once, with all that was superseded meanwhile', async () => {
  cluster.kindRows = [{ group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', state: 'live' } as KindRow]
  cluster.apply(web([[1, 'deployed', '0.1.0', '09:59:00']]))
  const history = await begin()
  await history.dispose()
  histories = []
  cluster.apply(
    web([
      [3, 'deployed', '0.1.0', '10:00:20'],
      [2, 'superseded', '0.1.0', '10:00:10'],
      [1, 'superseded', '0.1.0', '09:59:00'],
    ]),
  )
  await cluster.clock.advance(60_000)
  await begin()
  const found = [
    ['09:59:00', '0.1.0', 'good', 1, undefined, true],
    ['10:00:10', '0.1.0', 'good', 2, undefined, true],
    ['10:00:20', '0.1.0', 'good', 3, undefined, true],
  ]
  expect(runs()).toEqual(found)
  cluster.apply(web([[3, 'deployed', '0.1.0', '10:00:20']]))
  await cluster.clock.advance(5000)
  expect(runs()).toEqual(found)
})
