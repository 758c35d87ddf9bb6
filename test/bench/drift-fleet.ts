/** A fleet for the benches of drift: many small Kustomizations that the real controllers have applied. */
import { startTruthFleet, type TruthFleet } from '../cluster/drift/truth-fleet.ts'
import type { Manifest, TruthKustomization } from '../cluster/drift/truth-manifests.ts'

const namespaceCount = 10

export const benchObjectsPerKustomization = 2

function namespaceOf(index: number): string {
  return `bench-${index % namespaceCount}`
}

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

/** `count` Kustomizations with two objects each, looked at by their controllers every ten minutes. */
export async function startBenchFleet(count: number): Promise<TruthFleet> {
  const kustomizations: TruthKustomization[] = [
    {
      name: 'namespaces',
      objects: Array.from({ length: namespaceCount }, (_, index): Manifest => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespaceOf(index) },
      })),
    },
    ...Array.from({ length: count }, (_, index) => ({
      name: benchName(index),
      objects: benchObjects(index),
      spec: { interval: '10m' },
    })),
  ]
  return startTruthFleet({
    kustomizations,
    controllerArgs: ['--concurrent=12', '--kube-api-qps=500', '--kube-api-burst=1000'],
    readyTimeoutMs: 900_000,
  })
}
