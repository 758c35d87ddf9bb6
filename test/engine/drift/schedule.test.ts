/** What is compared when, with a clock that moves only when told to and a comparison that only looks at one field. */
import { expect, it } from 'vitest'
import type { ComparedObject, CompareSet } from '../../../electron/engine/apply/compare-set.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { Comparison } from '../../../electron/engine/drift/compare-owner.ts'
import type { DesiredSource } from '../../../electron/engine/drift/owner-comparer.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import { createDrift } from '../../../electron/engine/drift/drift.ts'
import type { Drift } from '../../../electron/engine/drift/drift.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import { compileReadyExpression } from '../../../electron/engine/reconcile/health/health-expressions.ts'
import type { DriftObject, DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { createMemoryStore } from './memory-store.ts'
import { MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { ObjectServer } from './object-server.ts'

interface World {
  readonly cluster: MemoryCluster
  readonly server: ObjectServer
  readonly drift: Drift
  readonly owners: MemorySink<DriftOwner>
  readonly objects: MemorySink<DriftObject>
  /** Names of objects that were asked for by dry-run, in order. */
  readonly dryRuns: string[]
  /** Owners whose desired state was made. */
  readonly rendered: string[]
  fail: SluiceError | null
  /** Times that texts were made. */
  readonly printed: number
  owner(name: string): DriftOwner | undefined
}

const kustomization = (name: string, more = ''): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: apps, uid: u-${name}, generation: 1}
spec: {interval: 10m, prune: true, path: ., sourceRef: {kind: GitRepository, name: fleet}${more}}
status: {observedGeneration: 1, lastAppliedRevision: main@sha1:a, lastAttemptedRevision: main@sha1:a}
`

const config = (name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'apps', labels: { 'kustomize.toolkit.fluxcd.io/name': 'any' } },
  data: { value },
})

/** Desired: two ConfigMaps per Kustomization with value "git". */
function setUp(options: {
  owners: readonly string[]
  isWatched?: boolean
  perSecond?: number
  atOnce?: number
  commitOf?: DesiredSource['commitOf']
}): World {
  const cluster = new MemoryCluster()
  const server = new ObjectServer()
  cluster.kubeClient = server.client
  const dryRuns: string[] = []
  const rendered: string[] = []
  const world = { fail: null as SluiceError | null, printed: 0 }
  for (const name of options.owners) {
    cluster.apply(kustomization(name))
    for (const part of ['a', 'b']) server.put('configmaps', config(`${name}-${part}`, 'git'))
  }
  const desired: DesiredSource & { dispose(): void } = {
    async desiredOf(_view, object) {
      await Promise.resolve()
      if (world.fail !== null) throw world.fail
      const { name } = object.metadata
      rendered.push(name)
      return setOf(cluster, name)
    },
    inputsOf: () => [{ cluster: 'c1', group: '', kind: 'ConfigMap', namespace: 'apps', name: 'vars' }],
    peek: () => 'main@sha1:a',
    nextRunOf: () => Promise.reject(new Error('not asked here')),
    choicesOf: () => '',
    ...(options.commitOf === undefined ? {} : { commitOf: options.commitOf }),
    dispose: () => undefined,
  }
  const compareSet: CompareSet = async (set, { live, reuse, takeDryRun, signal }) => {
    const compared: ComparedObject[] = []
    for (const each of set.objects) {
      const { apiVersion, kind, metadata } = each.object
      const read = await live.read({ apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name })
      if ('problem' in read) throw new Error('unexpected problem')
      const earlier = reuse(each, read.object)
      if (earlier !== null) {
        compared.push(earlier)
        continue
      }
      const done = await takeDryRun(signal)
      dryRuns.push(metadata.name)
      done({ status: server.isUp ? 200 : 0, durationMs: 5 })
      if (!server.isUp) throw new SluiceError('ConnectionRefused', 'nobody listens', { retry: 'transient' })
      const value = (read.object?.['data'] as { value?: string } | undefined)?.value
      compared.push({
        apiVersion,
        kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        action: read.object === null ? 'created' : value === 'git' ? 'unchanged' : 'configured',
        fields: [],
        risk: { level: 'low', text: '' },
        rule: '',
        problem: null,
        isSecret: false,
        isApproximate: false,
        desired: each,
        live: read.object,
        wouldBe: each.object,
      })
    }
    return { objects: compared, isApproximate: false, dryRunCount: compared.length }
  }
  const comparison: Comparison = {
    compareSet,
    textsOf: () => {
      world.printed += 1
      return { git: 'g', live: 'l', marks: [] }
    },
    patchOf: () => 'p',
    ignoreRuleOf: () => ({ text: '', path: '', note: '', rule: { paths: [], target: null } }),
  }
  const ports = {
    clock: cluster.clock,
    random: { uuid: () => 'u', unit: () => 0.5 },
    logger: silentLogger,
    codec: memoryCodec,
    store: createMemoryStore(),
    folders: { display: (root: string) => root, resolve: (path: string) => Promise.resolve(path) },
    clusterRenderer: {},
    shell: { pickFiles: () => Promise.resolve(['/folders/fleet']) },
  } as unknown as Ports
  const drift = createDrift({
    ports,
    clusters: cluster,
    options: {
      isWatched: options.isWatched ?? true,
      budget: { perSecond: options.perSecond ?? Infinity, atOnce: options.atOnce ?? 4 },
    },
    createDesired: () => desired,
    comparison,
    compileReady: compileReadyExpression,
    editor: () => 'vscode',
    setDryRuns: () => Promise.resolve(),
  })
  const owners = new MemorySink<DriftOwner>()
  const objects = new MemorySink<DriftObject>()
  drift.handlers['drift.owners']({}, owners, testCall())
  drift.handlers['drift.objects']({}, objects, testCall())
  return Object.assign(world, {
    cluster,
    server,
    drift,
    owners,
    objects,
    dryRuns,
    rendered,
    owner: (name: string) => [...owners.items.values()].find(({ owner }) => owner.name === name),
  })
}

function setOf(cluster: MemoryCluster, name: string): DesiredSet {
  return {
    owner: refOf(cluster, name),
    controller: 'kustomize-controller',
    objects: ['a', 'b'].map((part) => ({
      object: config(`${name}-${part}`, 'git'),
      origin: { file: `${name}.yaml`, line: 1 },
      sensitive: [],
      unknown: '',
    })),
    stale: [],
    ignoreRules: [],
    isForced: false,
    overrideManagers: [],
    customStageKinds: [],
    target: { remote: null, impersonate: null },
    fidelity: {
      word: 'verified',
      digest: 'd',
      controllerDigest: 'd',
      revision: 'main@sha1:a',
      origin: 'storage',
      reasons: [],
      assumptions: [],
    },
    inputsKey: 'k',
  }
}

const refOf = (cluster: MemoryCluster, name: string): ObjectRef =>
  cluster.ref('kustomize.toolkit.fluxcd.io', 'Kustomization', 'apps', name)

it('compares everything once, reads whole objects by lists alone, and then rests', async () => {
  const world = setUp({ owners: ['one', 'two', 'three'] })
  await world.cluster.clock.advance(2000)
  expect([...world.owners.items.values()].map(({ state, objectCount }) => `${state} ${objectCount}`)).toEqual([
    'checked 2',
    'checked 2',
    'checked 2',
  ])
  expect(world.dryRuns).toHaveLength(6)
  expect(world.server.count('GET', /configmaps\/[a-z]/)).toBe(0)
  expect(world.objects.items.size).toBe(0)
  const before = world.server.requests.length
  await world.cluster.clock.advance(60_000)
  expect(world.server.requests.length).toBe(before)
  expect(world.dryRuns).toHaveLength(6)
})

it('compares an edited object alone, at once, without rendering', async () => {
  const world = setUp({ owners: ['one', 'two'], perSecond: 1 })
  await world.cluster.clock.advance(10_000)
  const renders = world.rendered.length
  world.dryRuns.length = 0
  world.server.put('configmaps', config('one-b', 'edited'))
  await world.cluster.clock.advance(100)
  expect(world.dryRuns).toEqual(['one-b'])
  expect(world.rendered).toHaveLength(renders)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1, state: 'checked' })
  expect([...world.objects.items.values()].map(({ ref, action }) => `${ref.name} ${action}`)).toEqual([
    'one-b configured',
  ])
})

it('says who made the revision as soon as that is known, which nothing waits for', async () => {
  const answers: ((commit: RevisionCommit | null) => void)[] = []
  const asked: string[] = []
  const world = setUp({
    owners: ['one'],
    commitOf: (_view, object, revision) => {
      asked.push(`${object.metadata.name} ${revision}`)
      return new Promise((resolve) => answers.push(resolve))
    },
  })
  await world.cluster.clock.advance(2000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', commit: null })
  expect(asked).toEqual(['one main@sha1:a'])
  const commit = { sha: 'a', author: 'Ana', at: 5, subject: 'Scale' }
  answers.shift()?.(commit)
  await world.cluster.clock.advance(200)
  expect(world.owner('one')).toMatchObject({ state: 'checked', commit })
  const told = world.drift.handlers['drift.commit']({ ref: refOf(world.cluster, 'one') }, testCall())
  await world.cluster.clock.advance(1)
  answers.shift()?.(null)
  expect(await told).toEqual({ commit: null })
})

it('leaves status noise alone', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const before = world.dryRuns.length
  for (let index = 0; index < 20; index += 1) world.server.put('configmaps', config('one-a', 'git'), true)
  await world.cluster.clock.advance(30_000)
  expect(world.dryRuns.length).toBe(before)
})

it('sees objects go and come back, and says since when', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.server.delete('configmaps', 'apps', 'one-a')
  await world.cluster.clock.advance(200)
  const missing = [...world.objects.items.values()][0]
  expect(missing).toMatchObject({ action: 'created', summary: 'missing' })
  const since = missing?.firstSeenAt
  await world.cluster.clock.advance(5000)
  const asked = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'one') }, testCall())
  await world.cluster.clock.advance(200)
  await asked
  expect([...world.objects.items.values()][0]?.firstSeenAt).toBe(since)
  world.server.put('configmaps', config('one-a', 'git'))
  await world.cluster.clock.advance(200)
  expect(world.objects.items.size).toBe(0)
  expect(world.owner('one')).toMatchObject({ driftedCount: 0, firstSeenAt: null })
})

it('renders anew when an input or the spec changes, and asks again only for what differs', async () => {
  const world = setUp({ owners: ['one', 'two'] })
  await world.cluster.clock.advance(2000)
  world.dryRuns.length = 0
  world.rendered.length = 0
  world.server.put('configmaps', config('vars', 'x'))
  await world.cluster.clock.advance(500)
  expect([...world.rendered].sort()).toEqual(['one', 'two'])
  world.cluster.apply(kustomization('one', ', force: true'))
  await world.cluster.clock.advance(500)
  expect(world.rendered.filter((name) => name === 'one')).toHaveLength(2)
  expect(world.dryRuns).toEqual([])
})

it('makes no result while the API server is away, keeps the last one, and goes on when it is back', async () => {
  const world = setUp({ owners: ['one', 'two'], perSecond: 1, atOnce: 1 })
  await world.cluster.clock.advance(1500)
  const first = [...world.owners.items.values()].filter(({ checkedAt }) => checkedAt !== null)
  expect(first.length).toBeLessThan(2)
  world.server.goDown()
  await world.cluster.clock.advance(30_000)
  for (const { error, driftedCount } of world.owners.items.values()) {
    expect(error).toBeNull()
    expect(driftedCount).toBe(0)
  }
  world.server.isUp = true
  await world.cluster.clock.advance(60_000)
  expect([...world.owners.items.values()].map(({ state }) => state)).toEqual(['checked', 'checked'])
  expect(world.objects.items.size).toBe(0)
})

it('waits while a controller brings another revision, and looks again when it is done', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const applying = kustomization('one')
    .replace('lastAttemptedRevision: main@sha1:a', 'lastAttemptedRevision: main@sha1:b')
    .replace('status: {', 'status: {conditions: [{type: Reconciling, status: "True", reason: Progressing}], ')
  world.cluster.apply(applying)
  world.server.put('configmaps', config('one-a', 'newer'))
  await world.cluster.clock.advance(3000)
  expect(world.objects.items.size).toBe(0)
  world.server.put('configmaps', config('one-a', 'git'))
  world.cluster.apply(kustomization('one').replaceAll('main@sha1:a', 'main@sha1:b'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', driftedCount: 0 })
  expect(world.objects.pushes.flatMap(({ upsert }) => upsert)).toEqual([])
})

it('calls nothing missing of what was made just now and no controller has looked at, and goes on where none does', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const made = (name: string): string =>
    kustomization(name)
      .replace(
        'generation: 1',
        `generation: 1, creationTimestamp: "${new Date(world.cluster.clock.now()).toISOString()}"`,
      )
      .replace(/status: .*/, '')
  world.cluster.apply(made('two'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('two')?.state).not.toBe('checked')
  for (const part of ['a', 'b']) world.server.put('configmaps', config(`two-${part}`, 'git'))
  world.cluster.apply(kustomization('two'))
  await world.cluster.clock.advance(3000)
  expect(world.owner('two')).toMatchObject({ state: 'checked', driftedCount: 0 })
  expect(world.objects.pushes.flatMap(({ upsert }) => upsert)).toEqual([])
  world.cluster.apply(made('three'))
  await world.cluster.clock.advance(40_000)
  expect(world.owner('three')).toMatchObject({ state: 'checked', driftedCount: 2 })
})

it('tells why an owner cannot be compared beside what was known, and tries again when something changes', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.fail = new SluiceError('RenderFailed', 'no such file')
  world.cluster.apply(kustomization('one', ', wait: true'))
  await world.cluster.clock.advance(500)
  expect(world.owner('one')).toMatchObject({ state: 'failed', objectCount: 2, error: { code: 'RenderFailed' } })
  world.fail = null
  world.cluster.apply(kustomization('one'))
  await world.cluster.clock.advance(500)
  expect(world.owner('one')).toMatchObject({ state: 'checked', error: null })
})

it('compares nothing by itself where nobody asked for it, and answers who does', async () => {
  const world = setUp({ owners: ['one', 'two'], isWatched: false })
  await world.cluster.clock.advance(60_000)
  expect(world.dryRuns).toEqual([])
  expect(world.owners.items.size).toBe(0)
  const asked = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'two') }, testCall())
  await world.cluster.clock.advance(1000)
  expect((await asked).objects.map(({ ref }) => ref.name)).toEqual(['two-a', 'two-b'])
  world.server.goDown()
  const failing = world.drift.handlers['drift.check']({ ref: refOf(world.cluster, 'two') }, testCall())
  const refused = expect(failing).rejects.toMatchObject({ code: 'ConnectionRefused' })
  await world.cluster.clock.advance(1000)
  await refused
})

it('stops at once with the context', async () => {
  const world = setUp({ owners: ['one', 'two', 'three'], perSecond: 1 })
  await world.cluster.clock.advance(1500)
  world.cluster.deselect()
  await world.cluster.clock.advance(100)
  const { length } = world.dryRuns
  expect(world.owners.items.size).toBe(0)
  await world.cluster.clock.advance(60_000)
  expect(world.dryRuns).toHaveLength(length)
})

it('reads one by one where lists are forbidden, and looks again after some minutes', async () => {
  const world = setUp({ owners: ['one'] })
  world.server.forbiddenLists.add('configmaps')
  await world.cluster.clock.advance(60_000)
  expect(world.owner('one')).toMatchObject({ state: 'checked', objectCount: 2 })
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(12 * 60_000)
  expect(world.owner('one')).toMatchObject({ driftedCount: 1 })
})

it('keeps a preview for a minute, and no longer than its objects', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  const ref = refOf(world.cluster, 'one')
  const first = await world.drift.handlers['drift.preview']({ ref }, testCall())
  expect(first).toMatchObject({ isHarmless: true, unchangedCount: 2, configuredCount: 0 })
  const { length } = world.rendered
  expect(await world.drift.previewOf(ref, testCall().signal)).toBe(first)
  expect(world.rendered).toHaveLength(length)
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(200)
  expect(await world.drift.previewOf(ref, testCall().signal)).toMatchObject({ configuredCount: 1 })
  await world.cluster.clock.advance(61_000)
  const late = await world.drift.previewOf(ref, testCall().signal)
  expect(late.checkedAt).toBe(world.cluster.clock.now())
})

it('prints nothing of what drifts until somebody looks', async () => {
  const world = setUp({ owners: ['one'] })
  await world.cluster.clock.advance(2000)
  world.server.put('configmaps', config('one-a', 'edited'))
  await world.cluster.clock.advance(2000)
  expect([world.objects.items.size, world.printed]).toEqual([1, 0])
  const [row] = world.objects.items.values()
  const texts = await world.drift.handlers['drift.texts']({ owner: row!.owner, ref: row!.ref }, testCall())
  expect([texts.git, texts.live, world.printed]).toEqual(['g', 'l', 1])
})
