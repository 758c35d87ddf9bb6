import { describe, expect, it } from 'vitest'
import { createTreeWatch } from '../../../electron/engine/tree/create-tree-watch.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import { packReleaseForSecret } from '../../fixtures/helm-storage.ts'
import { memoryCodec } from '../memory-codec.ts'
import { MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'

const ks = 'kustomize.toolkit.fluxcd.io'
const hr = 'helm.toolkit.fluxcd.io'

function kustomization(name: string, ids: readonly string[], more = ''): string {
  const entries = ids.map((id) => `{id: "${id}", v: v1}`).join(', ')
  return `{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: ${name}, namespace: flux-system, uid: u-${name}, generation: 1}, spec: {interval: 10m${more}}, status: {observedGeneration: 1, inventory: {entries: [${entries}]}, conditions: [{type: Ready, status: "True", reason: ReconciliationSucceeded, message: Applied}]}}`
}
const deployment = (ready: number) =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: podinfo, namespace: apps, uid: d1, generation: 1}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: ${String(ready)}, availableReplicas: ${String(ready)}, conditions: [{type: Available, status: "True"}]}}`
const replicaSet = (ready: number) =>
  `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: podinfo-7d4, namespace: apps, uid: r1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: podinfo, uid: d1, controller: true}]}, spec: {replicas: 3}, status: {fullyLabeledReplicas: 3, readyReplicas: ${String(ready)}, availableReplicas: ${String(ready)}}}`
const pod = (name: string, status: string) =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: apps, uid: p-${name}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: podinfo-7d4, uid: r1, controller: true}]}, spec: {containers: [{name: app, image: "oci.example.com/podinfo:6.7.2"}]}, status: {${status}}}`
const pullError =
  'phase: Pending, containerStatuses: [{name: app, ready: false, image: "oci.example.com/podinfo:6.7.2", state: {waiting: {reason: ImagePullBackOff}}}]'
const running =
  'phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: app, ready: true}]'

async function open(cluster: MemoryCluster, ref: ObjectRef) {
  const sink = new MemorySink<TreeNode>()
  const stop = createTreeWatch({
    clusters: cluster,
    ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
  })({ ref }, sink, testCall())
  await cluster.clock.advance(1000)
  return { sink, stop }
}

/** `indent short namespace/name: status ready (message) cause`, in order. */
function draw(sink: MemorySink<TreeNode>): string[] {
  const nodes = [...sink.items.values()].sort((a, b) => a.order - b.order)
  const lines: string[] = []
  const walk = (parent: string | null, indent: string): void => {
    for (const node of nodes.filter((each) => each.parent === parent)) {
      const parts = [node.status, node.ready, node.message && `(${node.message})`, node.cause, node.problem?.code]
      lines.push(`${indent}${node.shortKind} ${node.ref.name}: ${parts.filter((part) => part).join(' ')}`)
      walk(node.key, `${indent}  `)
    }
  }
  walk(null, '')
  return lines
}

describe('tree.watch', () => {
  it('follows the inventory in apply order down to pods', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(
      kustomization('apps', [
        'apps_podinfo_apps_Deployment',
        'apps_settings__ConfigMap',
        '_apps__Namespace',
        'apps_gone__Service',
        'flux-system_apps_kustomize.toolkit.fluxcd.io_Kustomization',
      ]),
      '{apiVersion: v1, kind: Namespace, metadata: {name: apps, uid: n1}}',
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: apps, uid: c1}, data: {a: "1", b: "2"}}',
      deployment(1),
      replicaSet(1),
      pod('podinfo-a', running),
      pod('podinfo-b', pullError),
      '{apiVersion: v1, kind: Pod, metadata: {name: stranger, namespace: apps, uid: px}}',
    )
    const { sink, stop } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'apps'))
    expect(sink.isReady).toBe(true)
    expect(draw(sink)).toEqual([
      'ks apps: Ready 2/4 (Applied)',
      '  ns apps: Current',
      '  cm settings: Current (2 keys)',
      '  svc gone: NotFound (In the inventory, not in the cluster) NotFound',
      '  deploy podinfo: InProgress 1/3 (Available: 1/3)',
      '    rs podinfo-7d4: InProgress 1/3 (Available: 1/3)',
      '      po podinfo-a: Current 1/1',
      '      po podinfo-b: InProgress 0/1 (Pending) ImagePullBackOff: oci.example.com/podinfo:6.7.2',
    ])
    // Looks only where the inventory has workloads, and reads single quiet objects.
    expect(new Set(cluster.opened)).toEqual(
      new Set(['/Service|apps', 'apps/Deployment|apps', 'apps/ReplicaSet|apps', '/Pod|apps']),
    )

    // A pod heals, one goes, one comes: only those and what counts them are told.
    const before = sink.pushes.length
    cluster.apply(pod('podinfo-c', running), deployment(2))
    cluster.delete(cluster.ref('', 'Pod', 'apps', 'podinfo-b'))
    await cluster.clock.advance(200)
    expect(sink.pushes.length).toBe(before + 1)
    const last = sink.pushes.at(-1)
    expect(last?.remove).toEqual([`c1|/Pod|apps/podinfo-b`])
    expect(last?.upsert.map((node) => node.ref.name).sort()).toEqual(['podinfo', 'podinfo-c'])
    stop()
    expect(cluster.watcherCount).toBe(0)
    expect(cluster.clock.pendingTimers).toBe(0)
  })

  it('follows nested Kustomizations and HelmReleases, and ends in cycles', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(
      kustomization('root', ['flux-system_child_kustomize.toolkit.fluxcd.io_Kustomization']),
      kustomization('child', [
        'flux-system_root_kustomize.toolkit.fluxcd.io_Kustomization',
        'apps_valkey_helm.toolkit.fluxcd.io_HelmRelease',
      ]),
      `{apiVersion: ${hr}/v2, kind: HelmRelease, metadata: {name: valkey, namespace: apps, uid: h1}, spec: {interval: 5m}, status: {inventory: {entries: [{id: apps_valkey__Service, v: v1}]}, conditions: [{type: Ready, status: "False", reason: UpgradeFailed, message: no}]}}`,
      '{apiVersion: v1, kind: Service, metadata: {name: valkey, namespace: apps, uid: s1}, spec: {clusterIP: 10.0.0.1}}',
    )
    const { sink } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'root'))
    expect(draw(sink)).toEqual([
      'ks root: Ready 1/1 (Applied)',
      '  ks child: Ready 1/2 (Applied)',
      '    hr valkey: Failed 1/1 (no)',
      '      svc valkey: Current (ClusterIP 10.0.0.1)',
    ])
  })

  it('reads release storage where a HelmRelease has no inventory', async () => {
    const cluster = new MemoryCluster()
    const release = {
      name: 'valkey',
      namespace: 'apps',
      version: 3,
      info: { status: 'deployed' },
      manifest: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: valkey\n',
    }
    const payload = packReleaseForSecret(release)
    cluster.apply(
      `{apiVersion: ${hr}/v2, kind: HelmRelease, metadata: {name: valkey, namespace: apps, uid: h1}, status: {history: [{name: valkey, version: 3}], conditions: [{type: Ready, status: "True", message: ok}]}}`,
      `{apiVersion: v1, kind: Secret, type: helm.sh/release.v1, metadata: {name: sh.helm.release.v1.valkey.v3, namespace: apps, labels: {owner: helm, name: valkey, version: "3"}}, data: {release: "${payload}"}}`,
      '{apiVersion: v1, kind: Service, metadata: {name: valkey, namespace: apps, uid: s1}, spec: {clusterIP: None}}',
    )
    const { sink } = await open(cluster, cluster.ref(hr, 'HelmRelease', 'apps', 'valkey'))
    expect(draw(sink)).toEqual(['hr valkey: Ready 1/1 (ok)', '  svc valkey: Current (Headless)'])

    // Read before it was there: it is read again.
    cluster.refusals.set(`c1|/Secret|apps/sh.helm.release.v1.valkey.v3`, 'NotFound')
    const later = await open(cluster, cluster.ref(hr, 'HelmRelease', 'apps', 'valkey'))
    expect(draw(later.sink)).toEqual(['hr valkey: Ready (ok)'])
    cluster.refusals.clear()
    await cluster.clock.advance(5000)
    expect(draw(later.sink)).toEqual(['hr valkey: Ready 1/1 (ok)', '  svc valkey: Current (Headless)'])
  })

  it('says per object what may not be read or is not served, and keeps the rest', async () => {
    const cluster = new MemoryCluster()
    cluster.refusals.set('/Service', 'Forbidden')
    cluster.refusals.set('c1|/Service|apps/b', 'Forbidden')
    cluster.apply(
      kustomization('apps', ['apps_a__Service', 'apps_b__Service', 'apps_w_example.com_Widget', '_odd']),
      '{apiVersion: v1, kind: Service, metadata: {name: a, namespace: apps, uid: s1}, spec: {clusterIP: None}}',
    )
    const { sink } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'apps'))
    expect(draw(sink)).toEqual([
      'ks apps: Ready 1/3 (Applied)',
      '  svc a: Current (Headless)',
      '  svc b: Unknown (Forbidden Service b) Forbidden',
      '  widget w: Unknown (The cluster does not serve Widget of example.com) ResourceNotServed',
      '  ? _odd: Unknown (The inventory of flux-system/apps holds an id that has no meaning: _odd) ResponseMalformed',
    ])
    expect(sink.isReady).toBe(true)
  })

  it('does not look for objects of another cluster', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(kustomization('remote', ['apps_a__Service'], ', kubeConfig: {secretRef: {name: k}}'))
    const { sink } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'remote'))
    expect(draw(sink)).toEqual([
      'ks remote: Ready (Applied)',
      '  svc a: Unknown (Lives in the cluster of spec.kubeConfig)',
    ])
    expect(cluster.opened).toEqual([])
  })

  it('stops at 5,000 nodes and says so', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(
      kustomization(
        'huge',
        Array.from({ length: 6000 }, (_, index) => `apps_s${String(index)}__Service`),
      ),
    )
    const { sink } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'huge'))
    expect(sink.items.size).toBe(5000)
    const more = [...sink.items.values()].find((node) => node.ref.kind === 'More')
    expect(more?.message).toContain('1002 are not shown')
    expect(cluster.opened).toEqual(['/Service|apps'])
  })

  it('watches a kind over all namespaces when a tree has it in many', async () => {
    const cluster = new MemoryCluster()
    cluster.apply(
      kustomization(
        'wide',
        Array.from({ length: 12 }, (_, index) => `ns${String(index)}_a__Service`),
      ),
    )
    await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'wide'))
    expect(cluster.opened).toEqual(['/Service|'])
  })

  it('shows a root that is not there, and ends when the cluster goes', async () => {
    const cluster = new MemoryCluster()
    const { sink } = await open(cluster, cluster.ref(ks, 'Kustomization', 'flux-system', 'nobody'))
    expect(draw(sink)).toEqual(['ks nobody: NotFound (Not in the cluster) NotFound'])
    cluster.apply(kustomization('nobody', []))
    await cluster.clock.advance(31_000)
    expect(draw(sink)).toEqual(['ks nobody: Ready (Applied)'])
    cluster.deselect()
    expect(sink.isClosed).toBe(true)
    expect(sink.error).toMatchObject({ code: 'NotConnected' })
    expect(cluster.watcherCount).toBe(0)
  })
})
