/** A fleet for the benches of drift: many small Kustomizations that the real controllers have applied. */
import {
  fluxNamespace,
  kustomizationOf,
  kustomizationsPath,
  startTruthFleet,
  type FluxObject,
  type TruthFleet,
} from '../cluster/drift/truth-fleet.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'
import type { Manifest } from '../cluster/drift/truth-manifests.ts'

const namespaceCount = 10

export const benchObjectsPerKustomization = 2

function namespaceOf(index: number): string {
  return `bench-${index % namespaceCount}`
}

export const benchNamespaces: readonly string[] = Array.from({ length: namespaceCount }, (_, index) =>
  namespaceOf(index),
)

export function benchName(index: number): string {
  return `app-${String(index).padStart(4, '0')}`
}

export function benchObjects(index: number): readonly Manifest[] {
  const name = benchName(index)
  const metadata = { name, namespace: namespaceOf(index), labels: { app: name } }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [
              {
                name: 'main',
                image: 'registry.invalid/app:1.0.0',
                args: ['--config=/config/app.yaml'],
                ports: [{ name: 'http', containerPort: 8080 }],
                env: [
                  { name: 'LEVEL', value: 'info' },
                  { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                ],
                resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
                readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
                volumeMounts: [{ name: 'config', mountPath: '/config' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name } }],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'app.yaml': `name: ${name}\nlevel: info\nworkers: 4\n` } },
  ]
}

export function benchPath({ kind, metadata }: Manifest): string {
  const root = kind === 'Deployment' ? '/apis/apps/v1' : '/api/v1'
  return `${root}/namespaces/${metadata.namespace ?? ''}/${kind.toLowerCase()}s/${metadata.name}`
}

/** Kustomizations per repository: the controller unpacks all of it for each of them. */
const perRepository = 50

/** `count` Kustomizations with two objects each, looked at by their controllers at the interval. */
export async function startBenchFleet(count: number, interval: string): Promise<BenchFleet> {
  const namespaces = benchNamespaces.map((name): Manifest => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
  const fleet = await startTruthFleet({
    kustomizations: [{ name: 'namespaces', objects: namespaces }],
    controllerArgs: ['--concurrent=12', '--kube-api-qps=500', '--kube-api-burst=1000'],
  })
  try {
    const folders: string[] = []
    for (let first = 0; first < count; first += perRepository) {
      const indexes = Array.from({ length: Math.min(perRepository, count - first) }, (_, offset) => first + offset)
      const source = `bench-${first / perRepository}`
      const repository = await fleet.git.createRepository(
        source,
        Object.fromEntries(
          indexes.map((index) => [
            `${benchName(index)}/all.yaml`,
            benchObjects(index)
              .map((object) => JSON.stringify(object))
              .join('\n---\n'),
          ]),
        ),
      )
      for (const index of indexes) folders.push(`${repository.workFolder}/${benchName(index)}`)
      await fleet.cluster.applyObjects([
        {
          apiVersion: 'source.toolkit.fluxcd.io/v1',
          kind: 'GitRepository',
          metadata: { name: source, namespace: fluxNamespace },
          spec: { url: repository.url, interval, ref: { branch: repository.branch } },
        },
        ...indexes.map((index) =>
          kustomizationOf(benchName(index), { interval, sourceRef: { kind: 'GitRepository', name: source } }),
        ),
      ])
    }
    await waitUntil(async () => {
      const { items } = await fleet.cluster.requestOk<{ items: FluxObject[] }>('GET', kustomizationsPath)
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: word }) => type === 'Ready' && word === 'True'),
      )
      return ready.length > count
    }, 900_000)
    return { ...fleet, folderOf: (index) => folders[index] ?? '' }
  } catch (error) {
    await fleet.stop()
    throw error
  }
}

export interface BenchFleet extends TruthFleet {
  /** Where the sources of a Kustomization lie. */
  folderOf(index: number): string
}
