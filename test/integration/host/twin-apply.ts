/** The same story told twice on one API server: in one namespace the controllers' own code applies, in the other Sluice does. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import type { AppliedSet, ApplyOptions } from '../../../electron/engine/apply/apply-set.ts'
import { applySet } from '../../../electron/engine/apply/apply-set.ts'
import type { ClusterView, KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import { createLiveReads } from '../../../electron/engine/reconcile/kustomization/live-reads.ts'
import type { Clock, KubeClient } from '../../../electron/engine/ports.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { toDesiredSet } from '../../engine/apply/desired-set.ts'
import { servedResource } from '../apply/compare-cluster.ts'

export const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** The product's own client, as its administrator. */
export async function openClient(cluster: TestCluster): Promise<{ readonly client: KubeClient; stop(): void }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'sluice-apply-'))
  const configs = createKubeConfigs({
    env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath, HOME: dataDir },
    dataDir,
    logger: { log: () => undefined },
    playgroundKubeconfig: () => null,
  })
  await configs.refresh()
  let client: KubeClient | null = null
  configs.watch(({ contexts }) => (client ??= contexts[0] === undefined ? null : configs.open(contexts[0].id)))()
  if (client === null) throw new Error('no context')
  const opened: KubeClient = client
  return {
    client: opened,
    stop() {
      opened.close()
      configs.dispose()
      void rm(dataDir, { recursive: true, force: true })
    },
  }
}

export const view = { served: servedResource } as unknown as ClusterView

export function applyOptions(client: KubeClient, more: Partial<ApplyOptions> = {}): ApplyOptions {
  const signal = new AbortController().signal
  return {
    view,
    client,
    live: createLiveReads(view, { client, clock, impersonate: null, signal }),
    codec: createCodec(),
    clock,
    concurrency: 1,
    knownUnchanged: null,
    remember: () => undefined,
    signal,
    ...more,
  }
}

export function applyAll(
  client: KubeClient,
  objects: readonly KubeObject[],
  set: Partial<DesiredSet> = {},
  options: Partial<ApplyOptions> = {},
): Promise<AppliedSet> {
  return applySet(toDesiredSet(objects, set), applyOptions(client, options))
}

export const lines = (applied: AppliedSet): readonly string[] =>
  applied.entries.map(({ subject, action }) => `${subject} ${action}`)

/** What must be equal: all but what the API server gives out anew each time. */
export function comparable(object: KubeObject | null, namespace: string): unknown {
  if (object === null) return null
  const { uid: _u, resourceVersion: _r, creationTimestamp: _c, managedFields = [], ...metadata } = object.metadata
  const managers = managedFields
    .map((entry) => ({ ...(entry as Record<string, unknown>), time: null }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  const text = JSON.stringify({ ...object, metadata: { ...metadata, managedFields: managers } })
  return sorted(JSON.parse(text.replaceAll(namespace, 'NAMESPACE')))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
