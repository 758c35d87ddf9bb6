/** The sample fleet with moving workloads, and engines that look at it as admin or as a user who may read all but Secrets. */
import type { InputOf, StreamName } from '../../../shared/contract/index.ts'
import { toErrorData } from '../../../shared/model/errors.ts'
import type { ErrorCode } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TestEngine } from '../../app/engine.ts'
import { startTestEngine } from '../../app/engine.ts'
import { loadSamples } from '../../app/sample-cluster.ts'
import { startTestCluster } from '../../cluster/start.ts'
import type { TestCluster } from '../../cluster/start.ts'

/** What kustomize-controller's pods print: one line of the object "apps", one of another. */
const controllerLines = [
  '{"level":"info","controller":"kustomization","controllerKind":"Kustomization","Kustomization":{"name":"apps","namespace":"flux-system"},"name":"apps","namespace":"flux-system","msg":"server-side apply completed"}',
  '{"level":"error","controller":"kustomization","controllerKind":"Kustomization","Kustomization":{"name":"infra","namespace":"flux-system"},"name":"infra","namespace":"flux-system","msg":"build failed beside apps"}',
  'apps: not JSON at all',
]

const readerRole = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader-without-secrets }
rules:
  - apiGroups: [apps, batch, policy, coordination.k8s.io, kustomize.toolkit.fluxcd.io, helm.toolkit.fluxcd.io, source.toolkit.fluxcd.io]
    resources: ['*']
    verbs: [get, list, watch]
  - apiGroups: ['']
    resources: [namespaces, pods, services, serviceaccounts, configmaps, events]
    verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: reader-without-secrets }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader-without-secrets }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: reader }]
`

export async function startLivingFleet(): Promise<{ cluster: TestCluster; readerKubeconfig: string }> {
  const cluster = await startTestCluster({
    name: 'living',
    components: { controllerManager: true, scheduler: true, kwok: true },
    podLogs: [{ namespaces: ['flux-system'], lines: controllerLines }],
  })
  try {
    await loadSamples(cluster)
    await cluster.applyYaml(readerRole)
    return { cluster, readerKubeconfig: await cluster.makeUserKubeconfig({ name: 'reader' }) }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

export interface ConnectedEngine extends TestEngine {
  ref(group: string, kind: string, namespace: string, name: string): ObjectRef
  kustomization(namespace: string, name: string): ObjectRef
}

/** An engine whose one context is connected and whose Kustomizations are listed. */
export async function connectEngine(kubeconfig: string): Promise<ConnectedEngine> {
  const engine = await startTestEngine(kubeconfig)
  const contexts = engine.watch('contexts.watch', {})
  const [context] = await contexts.until((rows) => rows.some((row) => row.cluster !== null), 'a connected context')
  contexts.close()
  const kinds = engine.watch('kinds.watch', {})
  await kinds.until(
    (rows) => rows.length > 0 && rows.every((row) => row.state !== 'loading'),
    'every kind listed or refused',
  )
  kinds.close()
  const cluster = context?.cluster ?? ''
  const ref = (group: string, kind: string, namespace: string, name: string): ObjectRef => ({
    cluster,
    group,
    kind,
    namespace,
    name,
  })
  return {
    ...engine,
    ref,
    kustomization: (namespace, name) => ref('kustomize.toolkit.fluxcd.io', 'Kustomization', namespace, name),
  }
}

export const call = { signal: new AbortController().signal, client: 'test' } as const

/** Code with which a stream ends; null where it ends without an error. */
export function endOf<P extends StreamName>(engine: TestEngine, name: P, input: InputOf<P>): Promise<ErrorCode | null> {
  return new Promise((resolve) => {
    const handler = engine.handlers[name] as (input: unknown, sink: unknown, context: unknown) => () => void
    const sink = {
      isClosed: false,
      push: () => undefined,
      ready: () => undefined,
      end: (error?: unknown) => {
        resolve(error === undefined ? null : toErrorData(error).code)
      },
    }
    handler(input, sink, call)
  })
}
