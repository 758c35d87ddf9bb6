/**
 * An apply, a prune and a wait against the controllers' own code on one real API server. Random sets, random changes of them by random managers, then an apply with random options: Sluice's in one namespace, ApplyAllStaged's in
 * another. Afterwards the objects must be equal, managedFields and all, and so must be what both say they did.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pruneSet } from '../../../electron/engine/apply/prune-set.ts'
import { entryOf } from '../../../electron/engine/apply/server-calls.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'
import { compileHealthExpressions } from '../../../electron/engine/reconcile/health/health-expressions.ts'
import { waitForHealth } from '../../../electron/engine/reconcile/health/wait-for-health.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import type { CompareCluster } from '../apply/compare-cluster.ts'
import { createCompareCluster } from '../apply/compare-cluster.ts'
import type { SetAnswer, SetOracle } from '../apply/oracle.ts'
import { resolveDriftOracle, startSetOracle } from '../apply/oracle.ts'
import { change, isNullInstead, makeObject, Random, widgets } from '../apply/random-objects.ts'
import { applyAll, clock, comparable, lines, openClient, view } from './twin-apply.ts'

let testCluster: TestCluster
let api: CompareCluster
let oracle: SetOracle | null = null
let program: string | null = null
let own: Awaited<ReturnType<typeof openClient>>
const ours = 'ours'
const theirs = 'theirs'

beforeAll(async () => {
  const [cluster, built] = await Promise.all([startTestCluster(), resolveDriftOracle()])
  testCluster = cluster
  program = built
  api = createCompareCluster(testCluster)
  own = await openClient(testCluster)
  const namespaces = [ours, theirs].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  await testCluster.applyObjects([widgets, ...namespaces])
  if (program !== null) oracle = startSetOracle(program, testCluster.kubeconfigPath, 'staged')
})

afterAll(async () => {
  oracle?.stop()
  own?.stop()
  await testCluster?.stop()
})

const group = 'kustomize.toolkit.fluxcd.io'
const marks: readonly (readonly [string, string])[] = [
  [`${group}/force`, 'Enabled'],
  [`${group}/ssa`, 'Merge'],
  [`${group}/ssa`, 'IfNotPresent'],
  [`${group}/ssa`, 'ignore'],
  [`${group}/reconcile`, 'disabled'],
  [`${group}/prune`, 'disabled'],
]
const pointers = [
  '/spec/replicas',
  '/data/a',
  '/metadata/labels/team',
  '/spec/color',
  '/spec/parts/0/note',
  '/spec/template/spec/containers/0/image',
]

function withMark(random: Random, object: KubeObject): KubeObject {
  if (random.below(4) !== 0) return object
  const [key, value] = random.pick(marks)
  const place = random.pick(['labels', 'annotations'])
  const old = object.metadata[place] as Record<string, string> | undefined
  return { ...object, metadata: { ...object.metadata, [place]: { ...old, [key]: value } } }
}

/** What cannot be changed in place, or cannot be at all. */
function withTrouble(random: Random, object: KubeObject): KubeObject {
  if (object.kind === 'ConfigMap' && random.below(3) === 0) return { ...object, immutable: true }
  if (object.kind === 'Deployment' && random.below(4) === 0) {
    const spec = object['spec'] as { template: { metadata: { labels: object } } }
    const labels = { app: 'web', tier: random.pick(['x', 'y']) }
    return {
      ...object,
      spec: {
        ...spec,
        selector: { matchLabels: labels },
        template: { ...spec.template, metadata: { labels: { ...spec.template.metadata.labels, ...labels } } },
      },
    }
  }
  if (object.kind === 'Widget' && random.below(12) === 0) return { ...object, spec: { size: 'large' } }
  return object
}

function makeSet(random: Random, number: number, namespace: string): readonly KubeObject[] {
  const count = 1 + random.below(4)
  return Array.from({ length: count }, (_each, index) => {
    const kind = random.pick(['Deployment', 'ConfigMap', 'Widget'])
    const object = makeObject(random, kind, `n${String(number)}-${String(index)}-${kind.toLowerCase()}`, namespace)
    return withMark(random, withTrouble(random, object))
  })
}

interface Told {
  readonly lines: readonly string[]
  readonly error: string
}

const rounds = scaleCount(1200)
const firstSeed = (seed() - 1) * rounds + 1

it(`applies as the controller does, ${String(rounds)} times`, async (context) => {
  if (oracle === null) {
    console.info('skipped: Go is needed to build the oracle')
    context.skip()
    return
  }
  const asked = oracle
  const wrong: string[] = []
  const seen = new Map<string, number>()
  for (let number = firstSeed; number < firstSeed + rounds; number += 1) {
    const story: string[] = []
    const tell = async (namespace: string): Promise<{ told: readonly Told[]; objects: readonly unknown[] }> => {
      const random = new Random(number)
      const objects = makeSet(random, number, namespace)
      const told: Told[] = []
      const apply = async (
        set: readonly KubeObject[],
        options: { force: boolean; ignore: readonly IgnoreRule[]; override: readonly string[] },
      ) => {
        if (namespace === ours) {
          const result = await applyAll(
            own.client,
            set,
            { isForced: options.force, ignoreRules: options.ignore, overrideManagers: options.override },
            { mayBeNew: () => number % 2 === 0 },
          )
          told.push({ lines: result.error === null ? lines(result) : [], error: result.error?.message ?? '' })
        } else {
          const question = { objects: set, ...options }
          let answer: SetAnswer = await asked.ask(question)
          // Upstream cleans up an object that it has just deleted, fails, and creates it the next time.
          for (let again = 0; again < 4 && /cleanup failed: .* not found$/.test(answer.error ?? ''); again += 1) {
            story.push('asked again')
            answer = await asked.ask(question)
          }
          told.push({
            lines: answer.error === undefined ? (answer.entries ?? []) : [],
            error: answer.error === undefined ? '' : `${answer.error}\n`,
          })
        }
      }
      const plain = { force: false, ignore: [], override: [] }
      for (const object of objects)
        if (random.below(4) === 0) story.push(`${namespace} ${await change(api, random, object)}`)
      await apply(objects, plain)
      for (const object of objects)
        for (let count = random.below(3); count > 0; count -= 1)
          story.push(`${namespace} ${await change(api, random, object)}`)
      const next =
        random.below(3) === 0
          ? objects
          : objects.map((object) => {
              const made = makeObject(random, object.kind, object.metadata.name, namespace)
              return random.below(2) === 0 ? object : withMark(random, withTrouble(random, made))
            })
      const ignore: IgnoreRule[] = Array.from({ length: random.below(3) }, () => ({
        paths: [random.pick(pointers), random.pick(pointers)],
        target: random.below(2) === 0 ? null : { kind: random.pick(['Deployment', 'ConfigMap', 'Widget']) },
      }))
      const options = { force: random.below(3) === 0, ignore, override: random.below(3) === 0 ? ['argocd'] : [] }
      story.push(JSON.stringify(options))
      await apply(next, options)
      await apply(next, options)
      const live = await Promise.all(objects.map((object) => api.get(object)))
      return { told, objects: live.map((object) => comparable(object, namespace)) }
    }
    const [a, b] = [await tell(ours), await tell(theirs)]
    const words = (told: readonly Told[]): string =>
      told
        .map((each) => `${each.lines.join(', ')} ${each.error}`)
        .join(' | ')
        .replaceAll(ours, 'NS')
        .replaceAll(theirs, 'NS')
    if (/dry-run failed \(Invalid\): .*null/.test(words(b.told)) || isNullInstead(words(b.told))) continue
    for (const line of b.told.flatMap((each) => [
      ...each.lines.map((text) => text.split(' ')[1]!),
      each.error === '' ? 'fine' : 'error',
    ]))
      seen.set(line, (seen.get(line) ?? 0) + 1)
    if (words(a.told) !== words(b.told))
      wrong.push(`seed ${String(number)}: says\n  ${words(a.told)}\n  ${words(b.told)}\n  ${story.join('\n  ')}`)
    else if (JSON.stringify(a.objects) !== JSON.stringify(b.objects)) {
      const index = a.objects.findIndex((object, at) => JSON.stringify(object) !== JSON.stringify(b.objects[at]))
      wrong.push(
        `seed ${String(number)}: makes\n  ${JSON.stringify(a.objects[index])}\n  ${JSON.stringify(b.objects[index])}\n  ${story.join('\n  ')}`,
      )
    }
  }
  console.info([...seen].map(([key, count]) => `${key} ${String(count)}`).join(', '))
  expect(wrong.slice(0, 8).join('\n')).toBe('')
  for (const action of ['created', 'configured', 'unchanged', 'skipped', 'error'])
    expect(seen.get(action) ?? 0).toBeGreaterThan(5)
})

/** The same set for each side: names and groups of what has no namespace carry it too. */
type MakeSet = (side: string) => readonly KubeObject[]

async function bothSay(make: MakeSet, options: { readonly force?: boolean; readonly migrate?: boolean } = {}) {
  const mine = await applyAll(
    own.client,
    make(ours),
    { isForced: options.force ?? false },
    { isVersionMigrated: options.migrate ?? false },
  )
  const answer = await oracle!.ask({ objects: make(theirs), ...options })
  const told = answer.entries ?? []
  const changed = told.filter((line) => /created$|configured$/.test(line)).map((line) => `${line}\n`)
  const plain = (text: string): string => text.replaceAll(ours, 'SIDE').replaceAll(theirs, 'SIDE')
  return {
    mine: [...lines(mine).map(plain), plain(mine.error?.message ?? '')],
    theirs: [...told.map(plain), plain(answer.error === undefined ? '' : `${answer.error}\n${changed.join('')}`)],
  }
}

const inside = (side: string, kind: string, apiVersion: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: side },
  ...more,
})

const gadgets = (side: string, versions: readonly string[] = ['v1']): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `gadgets.${side}.example.com` },
  spec: {
    group: `${side}.example.com`,
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
    versions: versions.map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
        },
      },
    })),
  },
})

it('applies definitions with what they define, in stages', async (context) => {
  if (oracle === null) return context.skip()
  const make: MakeSet = (side) => [
    inside(`${side}-new`, 'Gadget', `${side}.example.com/v1`, 'first', { spec: { size: 1 } }),
    inside(`${side}-new`, 'ConfigMap', 'v1', 'first', { data: { a: '1' } }),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${side}-new` } },
    gadgets(side),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: `class-${side}` },
      provisioner: 'example.com/x',
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `role-${side}`, namespace: side },
      rules: [],
    },
  ]
  for (let pass = 0; pass < 2; pass += 1) {
    const said = await bothSay(make)
    expect(said.mine).toEqual(said.theirs)
    expect(said.mine.at(-1)).toBe('')
  }
})

it('fails in the words of the controller', async (context) => {
  if (oracle === null) return context.skip()
  const map = (side: string, more: object = {}): KubeObject => inside(side, 'ConfigMap', 'v1', 'words', more)
  const cases: readonly MakeSet[] = [
    (side) => [inside(`${side}-nowhere`, 'ConfigMap', 'v1', 'x')],
    () => [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }],
    (side) => [inside(side, 'Unheard', 'example.com/v1', 'x')],
    (side) => [inside(side, 'Unheard', 'unheard.example.com/v1', 'x')],
    (side) => [inside(side, 'Deployment', 'apps/v1beta1', 'x')],
    (side) => [inside(side, 'ConfigMap', 'v1', 'Not_A_Name')],
    (side) => [map(side, { data: { 'not a key': 'x' } })],
    (side) => [map(side, { data: { a: 1 } })],
    (side) => [map(side, { immutable: true, data: { a: '1' } })],
    (side) => [map(side, { immutable: true, data: { a: '2' } })],
    (side) => [map(side, { data: 'text' })],
    (side) => [inside(side, 'Secret', 'v1', 'x', { data: { a: '%%' } })],
    (side) => [inside(side, 'Deployment', 'apps/v1', 'x', { spec: {} })],
    (side) => [inside(side, 'Deployment', 'apps/v1', 'x', { spec: { replicas: 'many' } })],
    (side) => [inside(side, 'Widget', 'example.com/v1', 'x', { spec: { size: 'large' } })],
    (side) => [inside(side, 'Service', 'v1', 'x', { spec: { ports: [{ port: 99999 }] } })],
    (side) => [inside(side, 'ConfigMap', 'v1', 'fine'), map(side, { immutable: true, data: { a: '3' } })],
    (side) => [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: `early-${side}` },
        rules: [],
      },
      map(side, { immutable: true, data: { a: '4' } }),
    ],
  ]
  const wrong: unknown[] = []
  for (const make of cases) {
    const said = await bothSay(make)
    if (JSON.stringify(said.mine) !== JSON.stringify(said.theirs)) wrong.push(said)
  }
  expect(wrong).toEqual([])
})

it('brings bookkeeping to the version that is applied, where the gate asks for it', async (context) => {
  if (oracle === null) return context.skip()
  const sides: MakeSet = (side) => [gadgets(`${side}-old`, ['v1beta1', 'v1'])]
  expect((await bothSay(sides)).mine.at(-1)).toBe('')
  const gadget =
    (version: string): MakeSet =>
    (side) => [inside(side, 'Gadget', `${side}-old.example.com/${version}`, 'old', { spec: { size: 1 } })]
  for (const [version, migrate] of [
    ['v1beta1', false],
    ['v1', true],
    ['v1', true],
  ] as const) {
    const said = await bothSay(gadget(version), { migrate })
    expect(said.mine).toEqual(said.theirs)
  }
  const live = await Promise.all(
    [ours, theirs].map(async (side) =>
      comparable(
        (await testCluster.request('GET', `/apis/${side}-old.example.com/v1/namespaces/${side}/gadgets/old`))
          .body as KubeObject,
        side,
      ),
    ),
  )
  expect(live[0]).toEqual(live[1])
})

it('prunes what the controller prunes, and leaves what it leaves', async (context) => {
  if (program === null) return context.skip()
  const pruner = startSetOracle(program, testCluster.kubeconfigPath, 'prune')
  const labels = { [`${group}/name`]: 'apps', [`${group}/namespace`]: 'flux' }
  const map = (side: string, name: string, more: object = {}, annotations: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: side, labels: { ...labels, ...more }, annotations: { ...annotations } },
  })
  const make: MakeSet = (side) => [
    map(side, 'plain'),
    map(side, 'other', { [`${group}/name`]: 'others' }),
    map(side, 'kept', {}, { [`${group}/prune`]: 'Disabled' }),
    map(side, 'kept-by-label', { [`${group}/ssa`]: 'ignore' }),
    map(side, 'off', {}, { [`${group}/reconcile`]: 'disabled' }),
    { ...map(side, 'held'), metadata: { ...map(side, 'held').metadata, finalizers: ['example.com/hold'] } },
    inside(side, 'Widget', 'example.com/v1', 'gone'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `pruned-${side}`, labels },
      rules: [],
    },
  ]
  const say = async (side: string): Promise<readonly string[]> => {
    const objects = make(side)
    await testCluster.applyObjects(objects.filter(({ metadata }) => metadata.name !== 'gone'))
    if (side === theirs) {
      const answer = await pruner.ask({ objects, owner: { name: 'apps', namespace: 'flux' } })
      return [...(answer.entries ?? []), answer.error ?? '']
    }
    const result = await pruneSet(objects.map(entryOf), {
      view,
      client: own.client,
      clock,
      owner: { kind: 'Kustomization', name: 'apps', namespace: 'flux' },
      impersonate: null,
      signal: new AbortController().signal,
    })
    expect(result.survivors).toEqual([])
    return [...result.entries.map(({ subject, action }) => `${subject} ${action}`), result.error ?? '']
  }
  try {
    const said = { mine: await say(ours), theirs: await say(theirs) }
    expect(said.mine.map((line) => line.replaceAll(ours, 'SIDE'))).toEqual(
      said.theirs.map((line) => line.replaceAll(theirs, 'SIDE')),
    )
    const left = async (side: string): Promise<readonly boolean[]> =>
      Promise.all(
        make(side).map(async (object) => {
          const live = await api.get(object)
          return live !== null && live.metadata.deletionTimestamp === undefined
        }),
      )
    expect(await left(ours)).toEqual(await left(theirs))
    // Named in a version that is served no longer: it is found all the same.
    const before = await pruneSet([{ ...entryOf(map(ours, 'held')), name: 'old' }], {
      view,
      client: own.client,
      clock,
      owner: { kind: 'Kustomization', name: 'apps', namespace: 'flux' },
      impersonate: null,
      signal: new AbortController().signal,
    })
    expect(before.entries.map(({ action }) => action)).toEqual(['deleted'])
    const widget = {
      ...inside(ours, 'Widget', 'example.com/v1', 'versioned'),
      metadata: { name: 'versioned', namespace: ours, labels },
    }
    await testCluster.applyObjects([widget])
    for (const [version, left] of [
      ['v0', null],
      ['v0', null],
    ] as const) {
      const old = await pruneSet([{ ...entryOf(widget), version }], {
        view,
        client: own.client,
        clock,
        owner: { kind: 'Kustomization', name: 'apps', namespace: 'flux' },
        impersonate: null,
        signal: new AbortController().signal,
      })
      expect(old.entries.map(({ action }) => action)).toEqual(['deleted'])
      expect(await api.get(widget)).toBe(left)
    }
    // Whoever may not delete keeps it in the inventory.
    const refused = await pruneSet(
      [entryOf(map(ours, 'kept'))].map((entry) => ({ ...entry })),
      {
        view,
        client: own.client,
        clock,
        owner: { kind: 'Kustomization', name: 'apps', namespace: 'flux' },
        impersonate: 'system:serviceaccount:flux:nobody',
        signal: new AbortController().signal,
      },
    )
    expect(refused.survivors).toHaveLength(1)
    expect(refused.error).toMatch(
      /^delete failed, errors: ConfigMap\/ours\/kept query failed: configmaps "kept" is forbidden: User /,
    )
  } finally {
    pruner.stop()
  }
})

it('waits as the controller waits', async (context) => {
  if (program === null) return context.skip()
  const waiter = startSetOracle(program, testCluster.kubeconfigPath, 'wait')
  const container = { name: 'x', image: 'x' }
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container], restartPolicy: 'Always' } }
  const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
  const objects: readonly KubeObject[] = [
    inside(ours, 'ConfigMap', 'v1', 'waited'),
    inside(ours, 'Deployment', 'apps/v1', 'waited', { spec: { selector: { matchLabels: { app: 'x' } }, template } }),
    inside(ours, 'StatefulSet', 'apps/v1', 'waited', {
      spec: { serviceName: 'x', selector: { matchLabels: { app: 'x' } }, template },
    }),
    inside(ours, 'Job', 'batch/v1', 'waited', { spec: { template: once, ttlSecondsAfterFinished: 60 } }),
    inside(ours, 'Widget', 'example.com/v1', 'waited', { spec: { color: 'x' } }),
  ]
  const failed = inside(ours, 'Widget', 'example.com/v1', 'failed', { spec: { color: 'red' } })
  const gone = inside(ours, 'ConfigMap', 'v1', 'gone')
  const ttl = inside(ours, 'Job', 'batch/v1', 'gone', { spec: { ttlSecondsAfterFinished: 1 } })
  const strange = inside(ours, 'Unheard', 'example.com/v1', 'x')
  await testCluster.applyObjects([...objects, failed])
  const checks = [
    { apiVersion: 'example.com/v1', kind: 'Widget', current: "spec.color == 'x'", failed: "spec.color == 'red'" },
  ]
  const faulty = [{ apiVersion: 'example.com/v1', kind: 'Widget', current: "spec.nope == 'x'" }]
  const cases = [
    { set: [objects[0]!, objects[4]!, ttl], checks },
    { set: objects, checks },
    { set: [objects[0]!, gone], checks: [] },
    { set: [...objects, failed], checks },
    { set: [failed, objects[0]!], checks },
    { set: [objects[4]!], checks: faulty },
    { set: [strange], checks: [] },
  ]
  const sorted = (text: string): string =>
    text.replace(/\[(.*)\]$/s, (_all, inner: string) => `[${inner.split(', ').sort().join(', ')}]`)
  try {
    for (const { set, checks } of cases) {
      const timeoutMs = 1500
      const compiled = compileHealthExpressions(checks)
      const [mine, answer] = await Promise.all([
        waitForHealth(set.map(entryOf), {
          view,
          client: own.client,
          impersonate: null,
          clock,
          expressions: compiled.ok ? compiled.expressions : null,
          timeoutMs,
          jobsWithTtl: [entryOf(objects[3]!), entryOf(ttl)],
          signal: new AbortController().signal,
        }),
        waiter.ask({ objects: set, timeoutMs, checks }),
      ])
      expect('message' in mine ? sorted(mine.message) : '').toBe(sorted(answer.error ?? ''))
    }
  } finally {
    waiter.stop()
  }
})

it('applies as the account that it is told to', async () => {
  const objects = [inside(ours, 'ConfigMap', 'v1', 'as-somebody')]
  const impersonate = `system:serviceaccount:${ours}:deployer`
  const result = await applyAll(own.client, objects, { target: { remote: null, impersonate } })
  expect(result.error?.message).toBe(
    `ConfigMap/ours/as-somebody dry-run failed (Forbidden): configmaps "as-somebody" is forbidden: User "${impersonate}" cannot patch resource "configmaps" in API group "" in the namespace "ours"\n`,
  )
})
