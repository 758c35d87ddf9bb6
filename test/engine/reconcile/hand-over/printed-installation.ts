/** Manifests of Flux, as small as what reads them takes, in the form in which `flux install --export` prints them. */
import { dump } from 'js-yaml'

export type Loose = Record<string, unknown>

export const namespace = 'flux-system'

export function deployment(name: string, pod: Loose = {}, container: Loose = {}): Loose {
  const manager = {
    name: 'manager',
    image: `example.invalid/fluxcd/${name}:v1.0.0`,
    args: ['--enable-leader-election'],
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { serviceAccountName: name, containers: [{ ...manager, ...container }], ...pod },
      },
    },
  }
}

export const account = (name: string): Loose => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
})

export const installation: readonly Loose[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/version': 'v2.9.5' },
    },
  },
  account('source-controller'),
  account('kustomize-controller'),
  deployment('source-controller'),
  deployment('kustomize-controller'),
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'reconciler' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'kustomize-controller', namespace }],
  },
]

export const print = (objects: readonly Loose[]): string => objects.map((each) => dump(each)).join('---\n')
