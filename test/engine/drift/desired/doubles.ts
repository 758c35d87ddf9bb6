/** A desired state over a cluster in memory: the renderer gives what the test says, and remembers what it was asked. */
import { createHash } from 'node:crypto'
import type { AccessQuestion } from '../../../../electron/engine/access/access-reviews.ts'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { ClusterRender, ClusterRenderRequest } from '../../../../electron/engine/drift/cluster-renderer-port.ts'
import type { DesiredState } from '../../../../electron/engine/drift/desired/desired-state.ts'
import { createDesiredState } from '../../../../electron/engine/drift/desired/desired-state.ts'
import type { KubeClient } from '../../../../electron/engine/ports.ts'
import type { ArtifactWish, ResolvedArtifact } from '../../../../electron/engine/source/resolved-artifact.ts'
import type { ControllerRow } from '../../../../shared/model/rows.ts'
import { MemoryCluster } from '../../memory-cluster.ts'

export const never = new AbortController().signal
export const revision = 'main@sha1:0123456789012345678901234567890123456789'

export const rendered = (objects: readonly KubeObject[], more: Partial<ClusterRender> = {}): ClusterRender => ({
  objects: objects.map((object) => ({ object, origin: null, sensitive: [], unknown: '' })),
  digest: 'sha256:aaa',
  assumptions: [],
  warnings: [],
  error: null,
  durationMs: 1,
  ...more,
})

export const configMap = (name: string, namespace = 'shop', data: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

export const secret = (
  name: string,
  data: Readonly<Record<string, string>>,
  namespace = 'flux-system',
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})

export const kustomization = (spec: object = {}, status: object = {}, name = 'apps'): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: 'flux-system', uid: `uid-${name}`, generation: 3 },
  spec: { interval: '10m', prune: true, path: './apps', sourceRef: { kind: 'GitRepository', name: 'fleet' }, ...spec },
  status: {
    observedGeneration: 3,
    lastAppliedRevision: revision,
    history: [{ digest: 'sha256:aaa', firstReconciled: '2026-01-01T00:00:00Z', metadata: { revision } }],
    ...status,
  },
})

export const inventory = (...ids: readonly string[]): object => ({
  inventory: { entries: ids.map((id) => ({ id, v: 'v1' })) },
})

export const controller = (args: readonly string[] = [], more: Partial<ControllerRow> = {}): ControllerRow => ({
  key: 'k',
  cluster: 'c1',
  namespace: 'flux-system',
  name: 'kustomize-controller',
  version: 'v1.9.4',
  image: 'example.test/fluxcd/kustomize-controller:v1.9.4',
  args,
  readyReplicas: 1,
  replicas: 1,
  status: 'Current',
  message: '',
  leaseHolder: null,
  leaseRenewedAt: null,
  shard: null,
  ...more,
})

export class Bench {
  readonly cluster = new MemoryCluster()
  readonly requests: ClusterRenderRequest[] = []
  readonly wishes: ArtifactWish[] = []
  readonly questions: AccessQuestion[] = []
  readonly named: string[] = []
  readonly closed: string[] = []
  readonly allowedHosts = new Set<string>()
  render: ClusterRender = rendered([])
  artifact: Partial<ResolvedArtifact> = {}
  mayImpersonate = true
  usesOwnKeys = false
  readonly state: DesiredState

  constructor() {
    this.cluster.controllerRows = [controller()]
    this.cluster.kubeClient = {} as KubeClient
    this.state = createDesiredState({
      ports: {
        clock: this.cluster.clock,
        codec: {
          sha256Hex: (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex'),
        } as never,
        artifacts: { use: () => () => undefined } as never,
        kubeConfigs: {
          openForeign: (text: string) => ({
            host: text.split(' ')[1] ?? '',
            client: { close: () => this.closed.push(text) } as unknown as KubeClient,
          }),
        } as never,
        clusterRenderer: {
          render: (request) => {
            this.requests.push(request)
            return Promise.resolve(this.render)
          },
        },
      },
      artifacts: {
        peek: () => null,
        resolve: (wish) => {
          this.wishes.push(wish)
          return Promise.resolve({
            source: this.cluster.ref('source.toolkit.fluxcd.io', 'GitRepository', 'flux-system', 'fleet'),
            tree: { kind: 'archive', path: '/cache/tree.tar', contentKey: 'tree', files: 1, bytes: 1 },
            revision,
            digest: 'sha256:tree',
            origin: 'storage',
            reasons: [],
            ...this.artifact,
          })
        },
      },
      access: {
        review: (_client: unknown, _cluster: unknown, question: AccessQuestion) => {
          this.questions.push(question)
          return Promise.resolve({ isAllowed: this.mayImpersonate, reason: '' })
        },
      } as never,
      hosts: {
        isAllowed: (_cluster, host) => this.allowedHosts.has(host),
        noteNamed: (_cluster, host, by) => void this.named.push(`${host} by ${by}`),
      },
      usesOwnKeys: () => this.usesOwnKeys,
    })
  }

  desire(
    object: KubeObject,
    wish: 'applied' | 'latest' = 'applied',
  ): ReturnType<DesiredState['desiredOfKustomization']> {
    return this.state.desiredOfKustomization(this.cluster, object, wish, never)
  }
}
