/** Random objects of three kinds, and random changes of them by random managers, in the ways in which people and programs write. */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { Chance } from '../../fuzz/random.ts'
import type { CompareCluster } from './compare-cluster.ts'
import { objectPath } from './compare-cluster.ts'

export const widgets = {
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

/** As test/fuzz has it, with the words used here. */
export class Random {
  private readonly chance: Chance

  constructor(seed: number) {
    this.chance = new Chance(seed)
  }

  below(count: number): number {
    return this.chance.int(count)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }
}

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

export function makeObject(random: Random, kind: string, name: string, namespace = 'default'): KubeObject {
  const labels = { ...(random.below(2) === 0 ? { team: random.pick(['a', 'b']) } : {}) }
  const annotations = { ...(random.below(2) === 0 ? { 'example.com/note': random.pick(['a', 'b']) } : {}) }
  const metadata = {
    name,
    namespace,
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
export async function change(api: CompareCluster, random: Random, desired: KubeObject): Promise<string> {
  const manager = random.pick(managers)
  const wanted = makeObject(random, desired.kind, desired.metadata.name, desired.metadata.namespace)
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
      await api.cluster.requestOk('PUT', `${objectPath(desired)}?fieldManager=${manager}`, body)
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
export const isNullInstead = (error: string): boolean => /: \\?"null\\?"/.test(error)

export function withoutEmpty(object: KubeObject): KubeObject {
  return JSON.parse(JSON.stringify(object), (_key, value: unknown) =>
    value === null || (typeof value === 'object' && Object.keys(value).length === 0) ? undefined : value,
  ) as KubeObject
}
