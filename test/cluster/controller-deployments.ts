/** Deployments that stand for the Flux controllers, which run as plain processes beside the test cluster. */
import type { KubeObject } from './apply-manifests.ts'

const versions: Readonly<Record<string, string>> = {
  'source-controller': 'v1.9.1',
  'kustomize-controller': 'v1.9.4',
  'helm-controller': 'v1.6.3',
  'notification-controller': 'v1.9.3',
}

/** One Deployment per name in flux-system, labelled as a Flux installation labels them. */
export function controllerDeployments(names: readonly string[]): readonly KubeObject[] {
  return names.map((name) => {
    const labels = {
      app: name,
      'app.kubernetes.io/component': name,
      'app.kubernetes.io/instance': 'flux-system',
      'app.kubernetes.io/part-of': 'flux',
      'app.kubernetes.io/version': 'v2.9.5',
    }
    const args = ['--events-addr=http://notification-controller.$(RUNTIME_NAMESPACE).svc.cluster.local./']
    const manager = {
      name: 'manager',
      image: `fluxcd/${name}:${versions[name] ?? 'v0.0.0'}`,
      args: [...args, '--watch-all-namespaces=true', '--log-level=info', '--enable-leader-election'],
    }
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'flux-system', labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels }, spec: { containers: [manager] } },
      },
    }
  })
}
