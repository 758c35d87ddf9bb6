/** A real API server, what the controllers do to it before and while they apply, and comparisons with it. */
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import { cleanupOf } from '../../../electron/engine/apply/cleanup.ts'
import type { ComparedObject, CompareOptions } from '../../../electron/engine/apply/compare-set.ts'
import { compareSet } from '../../../electron/engine/apply/run-comparison.ts'
import type { ClusterView, KubeObject, ServedResource } from '../../../electron/engine/clusters/view.ts'
import { resourcePath } from '../../../electron/engine/clusters/view.ts'
import { uniteFields } from '../../../electron/engine/diff/managed-fields.ts'
import type { FieldNode } from '../../../electron/engine/diff/managed-fields.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { groupOf, versionOf } from '../../../electron/engine/status/read.ts'
import type { DriftField } from '../../../shared/model/drift.ts'
import { toDesiredSet } from '../../engine/apply/desired-set.ts'
import { answer } from '../../engine/cache/scripted-client.ts'
import type { TestCluster } from '../../cluster/start.ts'

const kinds: readonly (readonly [group: string, kind: string, plural: string, isNamespaced?: boolean])[] = [
  ['', 'ConfigMap', 'configmaps'],
  ['', 'Secret', 'secrets'],
  ['', 'Service', 'services'],
  ['', 'ServiceAccount', 'serviceaccounts'],
  ['', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['', 'Namespace', 'namespaces', false],
  ['apps', 'Deployment', 'deployments'],
  ['apps', 'StatefulSet', 'statefulsets'],
  ['apps', 'DaemonSet', 'daemonsets'],
  ['batch', 'Job', 'jobs'],
  ['batch', 'CronJob', 'cronjobs'],
  ['autoscaling', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
  ['networking.k8s.io', 'Ingress', 'ingresses'],
  ['networking.k8s.io', 'NetworkPolicy', 'networkpolicies'],
  ['rbac.authorization.k8s.io', 'Role', 'roles'],
  ['rbac.authorization.k8s.io', 'ClusterRole', 'clusterroles', false],
  ['policy', 'PodDisruptionBudget', 'poddisruptionbudgets'],
  ['apiextensions.k8s.io', 'CustomResourceDefinition', 'customresourcedefinitions', false],
  ['example.com', 'Widget', 'widgets'],
]

export function servedResource(group: string, kind: string): ServedResource | null {
  const found = kinds.find(([g, k]) => g === group && k === kind)
  if (found === undefined) return null
  const [, , plural, isNamespaced = true] = found
  return { group, version: 'v1', kind, plural, isNamespaced, verbs: [], shortNames: [] }
}

export function objectPath(object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  const resource = servedResource(groupOf(object.apiVersion), object.kind)
  if (resource === null) throw new Error(`no such kind in the test: ${object.kind}`)
  return resourcePath(
    { ...resource, version: versionOf(object.apiVersion) },
    object.metadata.namespace ?? '',
    object.metadata.name,
  )
}

export interface CompareCluster {
  readonly cluster: TestCluster
  readonly client: KubeClient
  get(object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): Promise<KubeObject | null>
  /** Server-side apply. */
  apply(object: unknown, manager: string): Promise<KubeObject>
  /** Merge patch, an Update. */
  patch(object: KubeObject, patch: unknown, manager: string, subresource?: string): Promise<KubeObject>
  json(object: KubeObject, patch: unknown, manager: string): Promise<KubeObject>
  /** What kustomize-controller does: a dry-run, metadata clean-up, then a forced apply. */
  reconcile(object: KubeObject, set?: Partial<DesiredSet>): Promise<KubeObject>
  compare(
    objects: readonly KubeObject[],
    more?: Partial<DesiredSet>,
    options?: Partial<CompareOptions>,
  ): Promise<{
    readonly objects: readonly ComparedObject[]
    readonly dryRuns: number
    readonly isApproximate: boolean
  }>
}

export function createCompareCluster(cluster: TestCluster): CompareCluster {
  const client = {
    async request({ method, path, body, contentType }: KubeRequest) {
      const response = await cluster.request(method, path, body, contentType)
      return answer(response.status, response.text)
    },
  } as unknown as KubeClient
  const get: CompareCluster['get'] = async (object) => {
    const response = await cluster.request('GET', objectPath(object))
    return response.status === 200 ? (response.body as KubeObject) : null
  }
  const read: CompareOptions['live']['read'] = async ({ apiVersion, kind, namespace, name }) => ({
    object: await get({ apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } }),
  })
  const apply: CompareCluster['apply'] = (object, manager) =>
    cluster.requestOk<KubeObject & Record<string, never>>(
      'PATCH',
      `${objectPath(object as KubeObject)}?fieldManager=${manager}&force=true`,
      object,
      'application/apply-patch+yaml',
    )
  const json: CompareCluster['json'] = (object, patch, manager) =>
    cluster.requestOk<KubeObject & Record<string, never>>(
      'PATCH',
      `${objectPath(object)}?fieldManager=${manager}`,
      patch,
      'application/json-patch+json',
    )
  return {
    cluster,
    client,
    get,
    apply,
    json,
    patch: (object, patch, manager, subresource) =>
      cluster.requestOk<KubeObject & Record<string, never>>(
        'PATCH',
        `${objectPath(object)}${subresource === undefined ? '' : `/${subresource}`}?fieldManager=${manager}`,
        patch,
        'application/merge-patch+json',
      ),
    async reconcile(object, more = {}) {
      const set = toDesiredSet([object], more)
      const live = await get(object)
      // A dry-run comes first, before anything is cleaned up: where it fails the controller goes no further.
      if (live !== null) await apply(object, `${set.controller}&dryRun=All`)
      const cleanup = live === null ? null : cleanupOf(set, object, live)
      if (live !== null && cleanup !== null) {
        const operations: unknown[] = []
        for (const name of ['annotations', 'labels'] as const)
          for (const key of cleanup[name])
            operations.push({ op: 'remove', path: `/metadata/${name}/${key.replaceAll('/', '~1')}` })
        const managedFields = takenOver(live, set)
        if (managedFields !== null)
          operations.push({ op: 'replace', path: '/metadata/managedFields', value: managedFields })
        await json(object, operations, set.controller)
      }
      return apply(object, set.controller)
    },
    async compare(objects, more = {}, options = {}) {
      const view = { served: servedResource } as unknown as ClusterView
      const result = await compareSet(toDesiredSet(objects, more), {
        view,
        client,
        live: { read, readFresh: read },
        codec: createCodec(),
        secretKey: new Uint8Array(32).fill(7),
        takeDryRun: () => Promise.resolve(() => undefined),
        mayDryRun: true,
        concurrency: 8,
        reuse: () => null,
        signal: new AbortController().signal,
        ...options,
      })
      return { objects: result.objects, dryRuns: result.dryRunCount, isApproximate: result.isApproximate }
    },
  }
}

/** Upstream's replacement of managers, written anew from its description: all that match become one entry of the controller. */
function takenOver(live: KubeObject, set: DesiredSet): readonly unknown[] | null {
  interface Entry {
    manager: string
    operation: string
    subresource?: string
    fieldsV1?: FieldNode
  }
  const entries = (live.metadata.managedFields ?? []) as readonly Entry[]
  let own = entries.find((entry) => entry.manager === set.controller && entry.operation === 'Apply') ?? null
  const left: Entry[] = []
  let isEdited = false
  for (const entry of entries) {
    if (entry === own) continue
    const isMain = (entry.subresource ?? '') === ''
    const matches =
      isMain &&
      (entry.manager.startsWith('kubectl') ||
        (entry.operation === 'Update' &&
          (entry.manager.startsWith('before-first-apply') || entry.manager.startsWith(set.controller))) ||
        set.overrideManagers.some((name) => entry.manager.startsWith(name)))
    if (!matches) {
      left.push(entry)
      continue
    }
    isEdited = true
    own =
      own === null
        ? { ...entry, manager: set.controller, operation: 'Apply' }
        : { ...own, fieldsV1: uniteFields(own.fieldsV1 ?? {}, entry.fieldsV1 ?? {}) }
  }
  return isEdited ? [...left, own] : null
}

/** `drift changed spec.replicas 2 > 5 by kubectl-edit`. */
export function fieldLine(field: DriftField): string {
  const by = field.blame === null ? '' : ` by ${field.blame.manager}`
  return `${field.verdict} ${field.change} ${field.path} ${field.gitValue ?? '-'} > ${field.liveValue ?? '-'}${by}`
}
