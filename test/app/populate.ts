/** Fills a test cluster with many Flux objects, fast: definitions from our own table, without status subresource so that one request makes one object. */
import type { TestCluster } from '../cluster/start.ts'
import { createCustomResourceDefinitions } from '../../shared/flux/custom-resource-definitions.ts'
import { installCustomResourceDefinitions } from '../../electron/adapters/playground/install-definitions.ts'

const concurrency = 24
/** Too many requests, and no answer in time. */
const busy: ReadonlySet<number> = new Set([429, 504])

/** The kinds' definitions with status as an ordinary field. */
export async function installPlainDefinitions(cluster: TestCluster): Promise<void> {
  const definitions = createCustomResourceDefinitions().map((definition) => ({
    ...definition,
    spec: {
      ...definition.spec,
      versions: definition.spec.versions.map((version) => ({ ...version, subresources: {} })),
    },
  }))
  await installCustomResourceDefinitions(cluster.admin, definitions, new AbortController().signal)
}

export interface FleetSize {
  readonly kustomizations: number
  readonly releases: number
  readonly namespaces?: number
}

const revision = `main@sha1:${'5a3f1c2e9d04b7716fa1'.padEnd(40, '0')}`

function conditions(index: number): unknown[] {
  const at = new Date(1_790_000_000_000 + index * 1000).toISOString().replace('.000Z', 'Z')
  const word = index % 50 === 7 ? 'failed' : index % 40 === 3 ? 'waiting' : 'ready'
  if (word === 'failed')
    return [
      {
        type: 'Ready',
        status: 'False',
        reason: 'BuildFailed',
        message: `kustomize build failed: accumulating resources: app-${index}.yaml: no such file`,
        lastTransitionTime: at,
        observedGeneration: 1,
      },
    ]
  if (word === 'waiting')
    return [
      {
        type: 'Ready',
        status: 'False',
        reason: 'DependencyNotReady',
        message: "dependency 'team-0/app-7' is not ready",
        lastTransitionTime: at,
        observedGeneration: 1,
      },
    ]
  return [
    {
      type: 'Ready',
      status: 'True',
      reason: 'ReconciliationSucceeded',
      message: `Applied revision: ${revision}`,
      lastTransitionTime: at,
      observedGeneration: 1,
    },
  ]
}

export function kustomizationObject(index: number, namespaces: number): Record<string, unknown> {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: `app-${index}`, namespace: `team-${index % namespaces}`, labels: { team: `t${index % 17}` } },
    spec: {
      interval: '24h',
      prune: true,
      path: `./apps/app-${index}`,
      sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'team-0' },
    },
    status: {
      observedGeneration: 1,
      lastAppliedRevision: revision,
      lastAttemptedRevision: revision,
      conditions: conditions(index),
      inventory: {
        entries: Array.from({ length: 12 }, (_, entry) => ({
          id: `team-${index % namespaces}_app-${index}-${entry}_apps_Deployment`,
          v: 'v1',
        })),
      },
    },
  }
}

export function releaseObject(index: number, namespaces: number): Record<string, unknown> {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: `release-${index}`, namespace: `team-${index % namespaces}` },
    spec: {
      interval: '24h',
      chart: { spec: { chart: 'podinfo', version: '6.x', sourceRef: { kind: 'HelmRepository', name: 'podinfo' } } },
      values: { replicaCount: 2, ingress: { enabled: true, hosts: [`release-${index}.example.com`] } },
    },
    status: {
      observedGeneration: 1,
      conditions: conditions(index),
      history: [
        {
          name: `release-${index}`,
          namespace: `team-${index % namespaces}`,
          version: 3,
          status: 'deployed',
          chartName: 'podinfo',
          chartVersion: '6.7.2',
          digest: `sha256:${String(index).padStart(64, '0')}`,
          configDigest: `sha256:${String(index).padStart(64, '1')}`,
        },
      ],
      helmChart: `team-${index % namespaces}/team-${index % namespaces}-release-${index}`,
    },
  }
}

/** Creates the fleet; objects that exist already are left as they are. */
export async function populate(cluster: TestCluster, size: FleetSize): Promise<void> {
  const namespaces = size.namespaces ?? 20
  for (let index = 0; index < namespaces; index++) {
    await cluster.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `team-${index}` },
    })
  }
  const work: (readonly [string, Record<string, unknown>])[] = []
  for (let index = 0; index < size.kustomizations; index++) {
    work.push([
      `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/team-${index % namespaces}/kustomizations`,
      kustomizationObject(index, namespaces),
    ])
  }
  for (let index = 0; index < size.releases; index++) {
    work.push([
      `/apis/helm.toolkit.fluxcd.io/v2/namespaces/team-${index % namespaces}/helmreleases`,
      releaseObject(index, namespaces),
    ])
  }
  await inParallel(work, concurrency, async ([path, object]) => {
    let answer = await cluster.request('POST', path, object)
    // A server that is short of processor time gives up on some; what it has made all the same is there already (409).
    for (let tries = 1; tries < 5 && busy.has(answer.status); tries++)
      answer = await cluster.request('POST', path, object)
    if (answer.status >= 300 && answer.status !== 409)
      throw new Error(`POST ${path}: ${answer.status} ${answer.text.slice(0, 300)}`)
  })
}

/** Runs `act` over all items, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next]
      next += 1
      if (item !== undefined) await act(item)
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
}
