/** Helm's storage in memory, and the state of releases over it. */
import { createHash } from 'node:crypto'
import { createReleaseReader, readReleaseHere } from '../../../electron/adapters/worker-pool/release-reader.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import type { ReleaseState } from '../../../electron/engine/helm/desired-release.ts'
import { createReleaseState } from '../../../electron/engine/helm/desired-release.ts'
import { observationText } from '../../../electron/engine/helm/observation.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { answer, statusAnswer } from '../cache/scripted-client.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { packRelease, packReleaseForSecret } from '../../fixtures/helm-storage.ts'

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
export const never = new AbortController().signal
export const manifest = `---
# Source: shop/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
  labels: {app.kubernetes.io/managed-by: somebody}
data: {a: b}
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: other}
spec: {ports: [{port: 80}]}
`

export const storedRelease = (revision: number, more: object = {}): Record<string, unknown> => ({
  name: 'shop',
  namespace: 'shops',
  version: revision,
  info: { status: 'deployed', first_deployed: '2026-01-02T03:04:05Z' },
  chart: { metadata: { name: 'shop', version: '1.2.3', apiVersion: 'v2' }, templates: [] },
  manifest,
  ...more,
})

const digestOf = (release: object): string => `sha256:${sha256Hex(observationText(release, ''))}`
export const snapshot = (release: Record<string, unknown>, more: object = {}): object => ({
  apiVersion: 'v2',
  name: 'shop',
  namespace: 'shops',
  version: release['version'],
  status: 'deployed',
  digest: digestOf(release),
  chartName: 'shop',
  chartVersion: '1.2.3',
  ...more,
})

export class Bench {
  readonly cluster = new MemoryCluster()
  readonly objects = new Map<string, unknown>()
  readonly requests: string[] = []
  mayList = true
  mayImpersonate = true
  readonly state: ReleaseState

  constructor() {
    this.cluster.kubeClient = this.client()
    this.state = createReleaseState({
      ports: {
        clock: this.cluster.clock,
        codec: { sha256Hex } as never,
        kubeConfigs: { openForeign: () => ({ host: 'far:6443', client: this.client('far ') }) } as never,
        releases: createReleaseReader(readReleaseHere),
      },
      access: { review: () => Promise.resolve({ isAllowed: this.mayImpersonate, reason: '' }) } as never,
      hosts: { isAllowed: () => true, noteNamed: () => undefined },
    })
  }

  private client(prefix = ''): KubeClient {
    return {
      request: ({ path }: KubeRequest) => {
        this.requests.push(`${prefix}${path}`)
        const found = path.includes('labelSelector')
          ? this.mayList
            ? { items: this.itemsOf(path.includes('/secrets?') ? 'secrets/' : 'configmaps/') }
            : 403
          : this.objects.get(path.replace(/^.*\/(secrets|configmaps)\//, '$1/'))
        if (found === undefined) return Promise.resolve(statusAnswer(404, 'NotFound', 'none'))
        return Promise.resolve(typeof found === 'number' ? statusAnswer(found, '', 'no') : answer(200, found))
      },
      close: () => undefined,
    } as unknown as KubeClient
  }

  private itemsOf(prefix: string): readonly unknown[] {
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object)
  }

  store(release: Record<string, unknown>, kind: 'secrets' | 'configmaps' = 'secrets'): void {
    const name = `sh.helm.release.v1.shop.v${String(release['version'])}`
    this.objects.set(`${kind}/${name}`, {
      metadata: { name, uid: name, resourceVersion: '1', labels: { version: String(release['version']) } },
      data: { release: kind === 'secrets' ? packReleaseForSecret(release) : packRelease(release) },
    })
  }

  desired(history: readonly object[], spec: object = {}): Promise<DesiredSet> {
    return this.state.desiredOfRelease(this.cluster, release(history, spec), never)
  }
}

export const release = (history: readonly object[], spec: object = {}): KubeObject => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'shop', namespace: 'flux-system' },
  spec,
  status: { storageNamespace: 'storage', history },
})
