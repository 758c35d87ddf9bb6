/** Flux objects and identities for the tests in this folder. */
import { createCustomResourceDefinitions } from '../../../shared/flux/custom-resource-definitions.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { TestCluster } from '../../cluster/start.ts'

/** Sluice's own CRDs: the suites here need no controllers, hence no FLUX_ASSETS. */
export async function installKinds(cluster: TestCluster, only?: (kind: string) => boolean): Promise<void> {
  const definitions = createCustomResourceDefinitions() as unknown as (KubeObject & {
    spec: { names: { kind: string } }
  })[]
  await cluster.applyObjects(definitions.filter((definition) => only === undefined || only(definition.spec.names.kind)))
}

export function kustomization(namespace: string, name: string, more: object = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '10m',
      prune: true,
      path: `./apps/${name}`,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      ...more,
    },
  }
}

export const kustomizationsPath = (namespace: string): string =>
  `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations`

/** Creates `count` Kustomizations, a few requests at a time. */
export async function createMany(
  cluster: TestCluster,
  namespace: string,
  prefix: string,
  count: number,
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++)
      await cluster.requestOk(
        'POST',
        kustomizationsPath(namespace),
        kustomization(namespace, `${prefix}-${String(index)}`),
      )
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

export async function createNamespace(cluster: TestCluster, name: string): Promise<void> {
  await cluster.requestOk('POST', '/api/v1/namespaces', { metadata: { name } })
}
