/**
 * Random changes of random objects by random managers: what a comparison says must be what a forced apply with the controller's clean-up then
 * does, to the field, and nothing must be left afterwards.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { areSame } from '../../../electron/engine/diff/compare-objects.ts'
import { areEqual } from '../../../electron/engine/diff/equal-values.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import type { CompareCluster } from './compare-cluster.ts'
import { createCompareCluster, fieldLine } from './compare-cluster.ts'

let testCluster: TestCluster
let api: CompareCluster

beforeAll(async () => {
  testCluster = await startTestCluster()
  api = createCompareCluster(testCluster)
  await testCluster.applyObjects([widgets])
})

afterAll(async () => {
  await testCluster?.stop()
})

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', default: 3 },
                  color: { type: 'string' },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  plain: { type: 'array', items: { type: 'string' } },
                  whole: {
                    type: 'object',
                    'x-kubernetes-map-type': 'atomic',
                    properties: { a: { type: 'string' }, b: { type: 'string' } },
                  },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id'],
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: {
                        id: { type: 'string' },
                        weight: { type: 'integer', default: 1 },
                        note: { type: 'string' },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
}

function createRandom(seed: number): { below(count: number): number; pick<T>(values: readonly T[]): T } {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return { below, pick: (values) => values[below(values.length)]! }
}
type Random = ReturnType<typeof createRandom>

const managers = [
  'kubectl-edit',
  'kubectl-client-side-apply',
  'kubectl',
  'before-first-apply',
  'kustomize-controller',
  'injector',
  'operator',
  'argocd-controller',
]

function widgetSpec(random: Random): Record<string, unknown> {
  const spec: Record<string, unknown> = {}
  const texts = ['x', 'y', 'z']
  if (random.below(2) === 0) spec['size'] = random.below(4)
  if (random.below(2) === 0) spec['color'] = random.pick(texts)
  if (random.below(3) === 0) spec['free'] = { [random.pick(texts)]: { [random.pick(texts)]: random.below(3) } }
  if (random.below(3) === 0) spec['tags'] = texts.filter(() => random.below(2) === 0)
  if (random.below(3) === 0) spec['plain'] = texts.filter(() => random.below(2) === 0)
  if (random.below(3) === 0) spec['whole'] = { [random.pick(['a', 'b'])]: random.pick(texts) }
  if (random.below(2) === 0)
    spec['parts'] = texts.flatMap((id) =>
      random.below(2) === 0
        ? []
        : [
            {
              id,
              ...(random.below(2) === 0 ? { weight: random.below(3) } : {}),
              ...(random.below(2) === 0 ? { note: random.pick(texts) } : {}),
            },
          ],
    )
  // An empty spec of a custom kind becomes a null when all else in it is taken away.
  return Object.keys(spec).length === 0 ? { color: 'x' } : spec
}

function deploymentSpec(random: Random): Record<string, unknown> {
  const container = (name: string): object => ({
    name,
    image: `${name}:${String(random.below(3))}`,
    ...(random.below(2) === 0
      ? {
          env: ['A', 'B', 'C'].flatMap((key) =>
            random.below(2) === 0 ? [] : [{ name: key, value: String(random.below(2)) }],
          ),
        }
      : {}),
    ...(random.below(3) === 0 ? { args: ['--one', '--two'].slice(0, 1 + random.below(2)) } : {}),
    ...(random.below(3) === 0 ? { ports: [{ containerPort: 8080 + random.below(2), protocol: 'TCP' }] } : {}),
    ...(random.below(3) === 0
      ? { resources: { limits: { [random.pick(['cpu', 'memory'])]: random.pick(['1', '500m']) } } }
      : {}),
  })
  return {
    ...(random.below(2) === 0 ? { replicas: random.below(4) } : {}),
    ...(random.below(4) === 0 ? { strategy: { type: 'Recreate' } } : {}),
    ...(random.below(4) === 0 ? { minReadySeconds: random.below(3) } : {}),
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web', ...(random.below(2) === 0 ? { extra: String(random.below(2)) } : {}) } },
      spec: {
        containers: ['web', 'proxy'].flatMap((name, index) =>
          index > 0 && random.below(2) === 0 ? [] : [container(name)],
        ),
        ...(random.below(3) === 0 ? { nodeSelector: { [random.pick(['disk', 'zone'])]: 'a' } } : {}),
        ...(random.below(4) === 0 ? { tolerations: [{ key: random.pick(['a', 'b']), operator: 'Exists' }] } : {}),
        ...(random.below(4) === 0 ? { volumes: [{ name: random.pick(['v', 'w']), emptyDir: {} }] } : {}),
        ...(random.below(4) === 0 ? { securityContext: { runAsUser: random.below(2) } } : {}),
      },
    },
  }
}

function makeObject(random: Random, kind: string, name: string): KubeObject {
  const labels = { ...(random.below(2) === 0 ? { team: random.pick(['a', 'b']) } : {}) }
  const annotations = { ...(random.below(2) === 0 ? { 'example.com/note': random.pick(['a', 'b']) } : {}) }
  const metadata = {
    name,
    namespace: 'default',
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
  if (kind === 'Deployment') return { apiVersion: 'apps/v1', kind, metadata, spec: deploymentSpec(random) }
  if (kind === 'Widget') return { apiVersion: 'example.com/v1', kind, metadata, spec: widgetSpec(random) }
  const data = Object.fromEntries(
    ['a', 'b', 'c'].flatMap((key) => (random.below(2) === 0 ? [] : [[key, String(random.below(3))]])),
  )
  return { apiVersion: 'v1', kind, metadata, data }
}

/** Another random object over the live one, by another manager, in one of the ways in which people write. */
async function change(random: Random, desired: KubeObject): Promise<string> {
  const manager = random.pick(managers)
  const wanted = makeObject(random, desired.kind, desired.metadata.name)
  const way = random.below(3)
  try {
    // The controller's own apply is the one thing that nobody else does.
    if (way === 0 && manager !== 'kustomize-controller') {
      await api.apply(wanted, manager)
      return `${manager} applies`
    }
    if (way === 1) {
      // Replaces the object, as an editor does.
      const live = (await api.get(desired))!
      const { resourceVersion, uid, managedFields, creationTimestamp, finalizers } = live.metadata as Record<
        string,
        unknown
      >
      const body = {
        ...wanted,
        metadata: { ...wanted.metadata, resourceVersion, uid, managedFields, creationTimestamp, finalizers },
      } as KubeObject
      const path = `${(await import('./compare-cluster.ts')).objectPath(desired)}?fieldManager=${manager}`
      await api.cluster.requestOk('PUT', path, body)
      return `${manager} replaces`
    }
    const { apiVersion: _a, kind: _k, metadata, ...rest } = wanted
    await api.patch(
      desired,
      { ...rest, metadata: { labels: metadata.labels, annotations: metadata.annotations } },
      manager,
    )
    return `${manager} patches`
  } catch (error) {
    return `${manager} fails ${String(error).slice(0, 60)}`
  }
}

/** API servers (structured-merge-diff before 6.4) leave a null where an apply empties a list or map of a custom kind, and may refuse it. */
const isNullInstead = (error: string): boolean => error.includes(': \\"null\\"')

function withoutEmpty(object: KubeObject): KubeObject {
  return JSON.parse(JSON.stringify(object), (_key, value: unknown) =>
    value === null || (typeof value === 'object' && Object.keys(value).length === 0) ? undefined : value,
  ) as KubeObject
}

const rounds = Number(process.env['SLUICE_DRIFT_ROUNDS'] ?? 80)
const firstSeed = Number(process.env['SLUICE_DRIFT_SEED'] ?? 1)

it(`says what the controller then does, ${String(rounds)} times`, async () => {
  const wrong: string[] = []
  let configured = 0
  for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
    const random = createRandom(seed)
    const kind = random.pick(['Deployment', 'ConfigMap', 'Widget'])
    const first = makeObject(random, kind, `random-${String(seed)}`)
    const set = random.below(4) === 0 ? { overrideManagers: ['argocd'] } : {}
    const story: string[] = []
    if (random.below(4) === 0) {
      // There before Flux was.
      story.push(`created by ${await change(random, first)}`)
    }
    if ((await api.reconcile(first, set).catch(() => null)) === null) continue
    for (let count = random.below(3); count >= 0; count -= 1) story.push(await change(random, first))
    // Git moves on, sometimes.
    const desired = random.below(3) === 0 ? makeObject(random, kind, first.metadata.name) : first
    const before = (await api.get(desired))!
    const compared = (await api.compare([desired], set)).objects[0]!
    const fail = (what: string): void => {
      const fields = compared.fields.map(fieldLine).join('\n    ')
      wrong.push(`seed ${String(seed)} ${kind}: ${what}; ${compared.action}; ${story.join(', ')}\n    ${fields}`)
    }
    if (compared.action === 'refused') {
      const after = await api.reconcile(desired, set).catch(() => null)
      if (after !== null) fail(`refused (${compared.problem?.detail ?? ''}) but applied`)
      continue
    }
    const after = await api.reconcile(desired, set).catch((error: unknown) => String(error))
    if (typeof after === 'string') {
      if (!isNullInstead(after)) fail(after)
      continue
    }
    const isChanged = after.metadata.resourceVersion !== before.metadata.resourceVersion
    if (isChanged !== (compared.action === 'configured')) {
      // A forced apply that only takes ownership changes the version although the controller would not have sent it.
      if (compared.action === 'configured' || !areSame(before, after)) fail(`version changed: ${String(isChanged)}`)
    }
    if (compared.action === 'configured') configured += 1
    if (!areSame(withoutEmpty(after), withoutEmpty(compared.wouldBe!))) fail('another result')
    const isDifferent = !areSame(before, after)
    const drifting = compared.fields.filter(
      (field) =>
        (field.verdict === 'drift' || field.verdict === 'reclaimed') && field.pointer !== '/metadata/managedFields',
    )
    if (isDifferent !== drifting.length > 0) fail(`different: ${String(isDifferent)}`)
    for (const field of compared.fields) {
      if (field.verdict !== 'notOwned') continue
      const at = (object: unknown): unknown =>
        field.pointer
          .split('/')
          .slice(1)
          .reduce<unknown>(
            (value, part) =>
              (value as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
            object,
          )
      // Lists may shift when items before it go: looked for anywhere in the result.
      if (!areEqual(at(before), at(after)) && !JSON.stringify(after).includes(JSON.stringify(at(before))))
        fail(`not kept: ${field.path}`)
    }
    // What nobody owned is given to before-first-apply by the API server, and taken over by the apply after this one.
    if (before.metadata.managedFields === undefined) continue
    const settled = (await api.compare([desired], set)).objects[0]!
    if (settled.action !== 'unchanged' && !areSame(withoutEmpty(settled.live!), withoutEmpty(settled.wouldBe!)))
      fail(`not settled: ${settled.fields.map(fieldLine).join(', ')}`)
  }
  expect(wrong.slice(0, 12).join('\n')).toBe('')
  expect(configured).toBeGreaterThan(rounds / 3)
})
