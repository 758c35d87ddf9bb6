/**
 * The object page and the controllers against a real API server whose workloads move: tree, detail, YAML, events, logs. One cluster for
 * all of it; the sample fleet's statuses stand in for the Flux controllers.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TreeNode } from '../../../shared/model/rows.ts'
import type { TestCluster } from '../../cluster/start.ts'
import type { WatchedStream } from '../../app/engine.ts'
import { call, connectEngine, endOf, startLivingFleet } from './sample-engine.ts'
import type { ConnectedEngine } from './sample-engine.ts'

const mergePatch = 'application/merge-patch+json'
const kustomizations = (namespace: string): string =>
  `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations`
const deployments = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`

describe('the object page of a living fleet', () => {
  let cluster: TestCluster
  let admin: ConnectedEngine
  let reader: ConnectedEngine
  const open: { close(): void }[] = []

  const keep = <T extends { close(): void }>(stream: T): T => {
    open.push(stream)
    return stream
  }
  const treeOf = (engine: ConnectedEngine, namespace: string, name: string): WatchedStream<TreeNode> =>
    keep(engine.watch('tree.watch', { ref: engine.kustomization(namespace, name) }))
  const find = (nodes: Iterable<TreeNode>, title: string): TreeNode | undefined =>
    [...nodes].find((node) => `${node.ref.kind} ${node.ref.namespace}/${node.ref.name}` === title)
  const below = (nodes: readonly TreeNode[], parent: TreeNode | undefined, kind: string): readonly TreeNode[] =>
    nodes.filter((node) => node.parent === parent?.key && node.ref.kind === kind)

  beforeAll(async () => {
    const fleet = await startLivingFleet()
    cluster = fleet.cluster
    admin = await connectEngine(cluster.kubeconfigPath)
    reader = await connectEngine(fleet.readerKubeconfig)
  })
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close()
  })
  afterAll(async () => {
    await admin.close()
    await reader.close()
    await cluster.stop()
  })

  it('follows nested Kustomizations and HelmReleases down to pods', async () => {
    const tree = treeOf(admin, 'flux-system', 'flux-system')
    const nodes = await tree.until(
      (all, isReady) => isReady && below(all, frontendSet(all), 'Pod').length === 2,
      'two pods of podinfo-frontend',
    )
    const root = find(nodes, 'Kustomization flux-system/flux-system')
    const apps = find(nodes, 'Kustomization flux-system/apps')
    const release = find(nodes, 'HelmRelease apps/podinfo')
    const frontend = find(nodes, 'Deployment apps/podinfo-frontend')
    expect(root).toMatchObject({ parent: null, isFlux: true })
    expect(root?.ready).toMatch(/^\d+\/27$/)
    expect(apps?.parent).toBe(root?.key)
    expect(apps).toMatchObject({ status: 'Failed', shortKind: 'ks' })
    expect(apps?.message).toContain('Health check failed')
    expect(release?.parent).toBe(apps?.key)
    expect(frontend?.parent).toBe(release?.key)
    expect(find(nodes, 'StatefulSet apps/valkey-primary')?.parent).toBe(find(nodes, 'HelmRelease apps/valkey')?.key)
    await tree.until((all) => find(all, 'Deployment apps/podinfo-frontend')?.ready === '2/2', 'podinfo-frontend 2/2')
    expect(find(tree.items.values(), 'Deployment apps/podinfo-frontend')).toMatchObject({
      status: 'Current',
      shortKind: 'deploy',
    })
    const pods = below([...tree.items.values()], frontendSet([...tree.items.values()]), 'Pod')
    expect(pods.every((pod) => pod.ready === '1/1' && pod.status === 'Current')).toBe(true)
    expect(find(nodes, 'Secret apps/valkey')).toMatchObject({ status: 'Current', problem: null })
    expect(find(nodes, 'Secret apps/valkey')?.message).toContain('values hidden')
    // No object twice, and every node below one that is there.
    const keys = new Set(nodes.map((node) => node.key))
    expect(nodes.every((node) => node.parent === null || keys.has(node.parent))).toBe(true)
  })

  it('moves with the cluster: scaled, deleted, put back', async () => {
    const tree = treeOf(admin, 'flux-system', 'apps')
    const pods = (all: readonly TreeNode[]): number => below(all, frontendSet(all), 'Pod').length
    await tree.until((all, isReady) => isReady && pods(all) === 2, 'two pods')
    await cluster.requestOk('PATCH', `${deployments('apps')}/podinfo-frontend`, { spec: { replicas: 5 } }, mergePatch)
    await tree.until(
      (all) => pods(all) === 5 && find(all, 'Deployment apps/podinfo-frontend')?.ready === '5/5',
      'five pods, all ready',
    )
    await cluster.requestOk('PATCH', `${deployments('apps')}/podinfo-frontend`, { spec: { replicas: 2 } }, mergePatch)
    await tree.until((all) => pods(all) === 2, 'two pods again')
    const service = await cluster.requestOk<Record<string, object>>('GET', '/api/v1/namespaces/apps/services/podinfo')
    await cluster.requestOk('DELETE', '/api/v1/namespaces/apps/services/podinfo')
    await tree.until((all) => find(all, 'Service apps/podinfo')?.status === 'NotFound', 'the Service gone')
    expect(find(tree.items.values(), 'Service apps/podinfo')?.problem).toMatchObject({ code: 'NotFound' })
    await cluster.requestOk('POST', '/api/v1/namespaces/apps/services', {
      metadata: { name: 'podinfo' },
      spec: { ports: [{ port: 9898 }], selector: (service['spec'] as { selector?: object }).selector ?? {} },
    })
    await tree.until((all) => find(all, 'Service apps/podinfo')?.status === 'Current', 'the Service back')
    // The applier's inventory grows: a node more.
    const path = `${kustomizations('flux-system')}/apps/status`
    const before = await cluster.requestOk<{ status: { inventory: { entries: object[] } } }>('GET', path)
    const entries = [...before.status.inventory.entries, { id: 'apps_late__ConfigMap', v: 'v1' }]
    await cluster.requestOk('PATCH', path, { status: { inventory: { entries } } }, mergePatch)
    await tree.until((all) => find(all, 'ConfigMap apps/late')?.status === 'NotFound', 'what is not there yet')
    await cluster.requestOk('PATCH', path, { status: { inventory: before.status.inventory } }, mergePatch)
    await tree.until((all) => find(all, 'ConfigMap apps/late') === undefined, 'the inventory as before')
  })

  it('says node by node what a reader may not see', async () => {
    const tree = treeOf(reader, 'flux-system', 'apps')
    await tree.until(
      (all, isReady) => isReady && find(all, 'Secret apps/valkey')?.problem?.code === 'Forbidden',
      'the Secret refused',
    )
    const nodes = [...tree.items.values()]
    expect(find(nodes, 'Secret apps/valkey')?.message).toContain('forbidden')
    expect(find(nodes, 'Secret apps/valkey')?.problem?.detail).toContain('secrets "valkey" is forbidden')
    expect(nodes.filter((node) => node.problem !== null).map((node) => node.ref.kind)).toEqual(['Secret'])
    expect(below(nodes, frontendSet(nodes), 'Pod').length).toBe(2)
    await expect(
      reader.handlers['object.yaml']({ ref: reader.ref('', 'Secret', 'apps', 'valkey'), offset: 0 }, call),
    ).rejects.toMatchObject({ code: 'Forbidden' })
  })

  it('shows facts, conditions, what blocks, and what the user may do', async () => {
    const of = (engine: ConnectedEngine) =>
      keep(engine.watch('object.watch', { ref: engine.kustomization('apps', 'checkout') }))
    const [detail] = await of(admin).until(([item]) => item?.access.suspend.isAllowed === true, 'access of the admin')
    expect(detail).toMatchObject({ version: 'v1', problem: null, row: { status: { word: 'Waiting' } } })
    expect(detail?.facts).toContainEqual({ label: 'Path', value: './apps/checkout' })
    expect(detail?.conditions[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'DependencyNotReady' })
    expect(detail?.dependsOn.map((link) => `${link.ref.namespace}/${link.ref.name} ${link.status}`)).toEqual([
      'flux-system/infra Failed',
    ])
    expect(detail?.blockedBy.map((link) => link.ref.name)).toEqual(['infra'])
    expect(detail?.parent?.ref.name).toBe('flux-system')
    expect(detail?.source).toMatchObject({ kind: 'GitRepository', name: 'flux-system' })
    expect(detail?.access).toMatchObject({ reconcile: { isAllowed: true }, logs: { isAllowed: true } })
    const [seen] = await of(reader).until(
      ([item]) => item !== undefined && !item.access.suspend.reason.startsWith('Asking'),
      'access of the reader',
    )
    expect(seen?.access.suspend.isAllowed).toBe(false)
    expect(seen?.access.suspend.reason).toContain('reader')
    expect(seen?.access.logs.isAllowed).toBe(false)
    expect(seen?.blockedBy.map((link) => link.ref.name)).toEqual(['infra'])
    const infra = keep(admin.watch('object.watch', { ref: admin.kustomization('flux-system', 'infra') }))
    const [blocker] = await infra.until(([item]) => item !== undefined && item.dependents.length > 0, 'dependents')
    expect(blocker?.dependents.map((link) => link.ref.name)).toContain('checkout')
  })

  it('believes reasons only where Sluice owns the gate, and says where Git owns it', async () => {
    const watch = (namespace: string, name: string) =>
      keep(admin.watch('object.watch', { ref: admin.kustomization(namespace, name) }))
    const [trusted] = await watch('flux-system', 'policies').until(([item]) => item !== undefined, 'policies')
    expect(trusted?.row?.suspend).toMatchObject({ by: 'platform-lead', isTrusted: true, manager: 'sluice' })
    expect(trusted?.gateNote).toBe('')
    const stream = watch('apps', 'storefront')
    await stream.until(([item]) => item?.row?.isSuspended === false, 'storefront open')
    const path = `${kustomizations('apps')}/storefront`
    const forged = {
      metadata: { annotations: { 'sluice.dev/suspended-by': 'somebody', 'sluice.dev/suspend-reason': 'forged' } },
      spec: { suspend: true },
    }
    await cluster.requestOk('PATCH', `${path}?fieldManager=flux`, forged, mergePatch)
    const [closed] = await stream.until(([item]) => item?.row?.isSuspended === true, 'suspended by flux')
    expect(closed?.row?.suspend).toMatchObject({ by: null, reason: null, manager: 'flux', isTrusted: false })
    expect(closed?.gateNote).toBe('')
    await cluster.requestOk(
      'PATCH',
      `${path}?fieldManager=kustomize-controller`,
      { spec: { suspend: false } },
      mergePatch,
    )
    await stream.until(([item]) => item?.gateNote !== '' && item?.row?.isSuspended === false, 'Git owns the gate')
    expect([...stream.items.values()][0]?.gateNote).toMatch(/^Git sets this; flux-system\/flux-system puts it back/)
    await cluster.requestOk(
      'PATCH',
      `${path}?fieldManager=flux`,
      {
        metadata: { annotations: { 'sluice.dev/suspended-by': null, 'sluice.dev/suspend-reason': null } },
        spec: { suspend: null },
      },
      mergePatch,
    )
  })

  it('stays with an object that is deleted and made again, Flux kinds and others', async () => {
    const path = `${kustomizations('apps')}/smoke-tests`
    const stream = keep(admin.watch('object.watch', { ref: admin.kustomization('apps', 'smoke-tests') }))
    const [first] = await stream.until(([item]) => item !== undefined && item.uid !== '', 'smoke-tests')
    const body = await cluster.requestOk<{ spec: object }>('GET', path)
    await cluster.requestOk('DELETE', path)
    const [gone] = await stream.until(([item]) => item?.status === 'NotFound', 'deleted')
    expect(gone).toMatchObject({ row: null, problem: { code: 'NotFound' } })
    await cluster.requestOk('POST', kustomizations('apps'), {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'smoke-tests' },
      spec: body.spec,
    })
    const [again] = await stream.until(
      ([item]) => item !== undefined && item.uid !== '' && item.uid !== first?.uid,
      'made again',
    )
    expect(again?.problem).toBeNull()

    const services = '/api/v1/namespaces/apps/services'
    await cluster.requestOk('POST', services, { metadata: { name: 'fleeting' }, spec: { ports: [{ port: 80 }] } })
    const plain = keep(admin.watch('object.watch', { ref: admin.ref('', 'Service', 'apps', 'fleeting') }))
    await plain.until(([item]) => item?.status === 'Current', 'a Service')
    await cluster.requestOk('DELETE', `${services}/fleeting`)
    await plain.until(([item]) => item?.status === 'NotFound', 'the Service deleted')
  })

  it('tells nothing of a cluster or kind that is not there but what it is', async () => {
    const ref = admin.kustomization('apps', 'checkout')
    expect(await endOf(admin, 'tree.watch', { ref: { ...ref, cluster: 'no-such-cluster' } })).toBe('NotConnected')
    expect(await endOf(admin, 'object.watch', { ref: { ...ref, cluster: 'no-such-cluster' } })).toBe('NotConnected')
    const stream = keep(admin.watch('object.watch', { ref: admin.ref('example.org', 'Nothing', 'apps', 'x') }))
    const [item] = await stream.until(([each]) => each !== undefined, 'an answer')
    expect(item?.problem).toMatchObject({ code: 'ResourceNotServed' })
  })

  it('pages the YAML of an object as large as an API server takes, and masks Secrets', async () => {
    const line = 'key: "value" # ünïcode, <b>markup</b>\n'
    const data = { 'big.yaml': line.repeat(Math.floor(1_000_000 / Buffer.byteLength(line))) }
    await cluster.requestOk('POST', '/api/v1/namespaces/apps/configmaps', { metadata: { name: 'big' }, data })
    const ref = admin.ref('', 'ConfigMap', 'apps', 'big')
    let text = ''
    let etag: string | undefined
    let total = 1
    while (text.length < total) {
      const page = await admin.handlers['object.yaml'](
        { ref, offset: text.length, ...(etag === undefined ? {} : { etag }) },
        call,
      )
      expect(page.offset).toBe(text.length)
      expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(256 * 1024)
      expect(page.text.length).toBeGreaterThan(0)
      text += page.text
      etag = page.etag
      total = page.total
    }
    expect(text.length).toBe(total)
    expect(text.length).toBeGreaterThan(900_000)
    expect(text.split('<b>markup</b>').length - 1).toBe(data['big.yaml'].split('\n').length - 1)
    await expect(admin.handlers['object.yaml']({ ref, offset: 80 * 1024, etag: 'moved' }, call)).rejects.toMatchObject({
      code: 'Conflict',
    })
    await cluster.requestOk('PATCH', '/api/v1/namespaces/apps/configmaps/big', { data: { more: '1' } }, mergePatch)
    const fresh = await admin.handlers['object.yaml']({ ref, offset: 0 }, call)
    expect(fresh.etag).not.toBe(etag)
    const secret = await admin.handlers['object.yaml'](
      { ref: admin.ref('', 'Secret', 'apps', 'valkey'), offset: 0 },
      call,
    )
    const live = await cluster.requestOk<{ data: Record<string, string> }>(
      'GET',
      '/api/v1/namespaces/apps/secrets/valkey',
    )
    expect(Object.keys(live.data).length).toBeGreaterThan(0)
    for (const [key, value] of Object.entries(live.data)) {
      expect(secret.text).toContain(key)
      expect(secret.text).not.toContain(value)
      expect(secret.text).not.toContain(Buffer.from(value, 'base64').toString())
    }
  })

  it('shows events of an object and of what it owns, once each, live', async () => {
    const all = keep(admin.watch('events.watch', { limit: 5000 }))
    await all.until((rows) => rows.some((row) => row.involved.name === 'ledger-db'), 'events of the cluster')
    const stream = keep(admin.watch('events.watch', { ref: admin.kustomization('flux-system', 'apps'), limit: 500 }))
    const rows = await stream.until(
      (each) =>
        each.some((row) => row.reason === 'HealthCheckFailed') &&
        each.some((row) => row.involved.kind === 'ReplicaSet' && row.reason === 'SuccessfulCreate') &&
        each.some((row) => row.involved.kind === 'Pod' && row.reason === 'Scheduled'),
      'its own, of its ReplicaSets and of its pods',
    )
    expect(rows.some((row) => row.involved.name === 'ledger-db')).toBe(false)
    const path = '/api/v1/namespaces/apps/events'
    const event = (name: string, count: number, minute: string) => ({
      metadata: { name },
      involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'podinfo' },
      type: 'Warning',
      reason: 'Probe',
      message: 'probe <b>failed</b>\u202e',
      count,
      firstTimestamp: `2026-01-01T00:${minute}:00Z`,
      lastTimestamp: `2027-01-01T00:${minute}:00Z`,
      source: { component: 'probe' },
    })
    const probes = (each: readonly { reason: string; count: number }[]) => each.filter((row) => row.reason === 'Probe')
    await cluster.requestOk('POST', path, event('probe.1', 2, '00'))
    await cluster.requestOk('POST', path, event('probe.2', 3, '05'))
    await stream.until((each) => probes(each)[0]?.count === 5, 'two events in one row')
    await cluster.requestOk('PATCH', `${path}/probe.1`, { count: 7 }, mergePatch)
    const [probe, ...rest] = probes(await stream.until((each) => probes(each)[0]?.count === 10, 'counted on'))
    expect(rest).toEqual([])
    expect(probe).toMatchObject({ type: 'Warning', source: 'probe', message: 'probe <b>failed</b>\ufffd' })
    await cluster.requestOk('DELETE', `${path}/probe.1`)
    await cluster.requestOk('DELETE', `${path}/probe.2`)
    await stream.until((each) => probes(each).length === 0, 'gone with its events')
  })

  it('follows logs of the pods of a tree, and the lines of its controller that speak of it', async () => {
    const ref = admin.kustomization('flux-system', 'apps')
    const { targets, isTruncated } = await admin.handlers['logs.targets']({ ref }, call)
    expect(isTruncated).toBe(false)
    const pods = targets.filter((target) => target.role === 'pod')
    const [pod] = pods.filter((target) => /^podinfo-frontend-/.test(target.pod))
    expect(pod?.containers).toEqual([{ name: 'podinfo', isInit: false }])
    expect(pods.some((target) => target.pod === 'valkey-primary-0')).toBe(true)
    const [controller, ...others] = targets.filter((target) => target.role === 'controller')
    expect(others).toEqual([])
    expect(controller?.pod).toMatch(/^kustomize-controller-/)
    if (pod === undefined || controller === undefined) throw new Error('no targets')
    const input = { ref, tailLines: 100, isPrevious: false }
    const lines = keep(
      admin.watch('logs.follow', { ...input, role: 'pod', namespace: 'apps', pod: pod.pod, container: 'podinfo' }),
    )
    await lines.until((each, isReady) => isReady && each.some((line) => line.text === 'started'), 'the first line')
    expect([...lines.items.values()][0]?.at).toBeGreaterThan(Date.now() - 600_000)
    await cluster.appendPodLog(['second \u001b[31mred\u001b[0m', 'third'])
    await lines.until((each) => each.some((line) => line.text === 'third'), 'new lines')
    expect([...lines.items.values()].map((line) => line.text)).toEqual(['started', 'second red', 'third'])
    const about = keep(
      admin.watch('logs.follow', {
        ...input,
        role: 'controller',
        namespace: 'flux-system',
        pod: controller.pod,
        container: 'manager',
      }),
    )
    await about.until((each) => each.length > 0, 'a line of the controller')
    const texts = [...about.items.values()].map((line) => line.text)
    expect(texts.length).toBe(1)
    expect(texts[0]).toContain('server-side apply completed')
    const gone = { ...input, role: 'pod', namespace: 'apps', pod: 'no-such-pod', container: '' } as const
    expect(await endOf(admin, 'logs.follow', gone)).toBe('NotFound')
    const refused = {
      ...input,
      ref: reader.kustomization('flux-system', 'apps'),
      role: 'pod',
      namespace: 'apps',
    } as const
    expect(await endOf(reader, 'logs.follow', { ...refused, pod: pod.pod, container: 'podinfo' })).toBe('Forbidden')
  })

  it('knows the six controllers: version, arguments, readiness, lease', async () => {
    const stream = keep(admin.watch('controllers.watch', {}))
    const rows = await stream.until(
      (each) => each.length === 6 && each.every((row) => row.leaseHolder !== null && row.readyReplicas === 1),
      'six controllers, ready, with leases',
    )
    expect(rows.map((row) => `${row.name} ${row.version}`).sort()).toEqual([
      'helm-controller v1.6.3',
      'image-automation-controller v1.2.1',
      'image-reflector-controller v1.2.0',
      'kustomize-controller v1.9.4',
      'notification-controller v1.9.3',
      'source-controller v1.9.1',
    ])
    for (const row of rows) {
      expect(row).toMatchObject({ namespace: 'flux-system', replicas: 1, status: 'Current', shard: null })
      expect(row.args).toContain('--watch-all-namespaces=true')
      expect(row.leaseHolder).toContain(row.name)
      expect(row.leaseRenewedAt).not.toBeNull()
    }
    await cluster.requestOk(
      'PATCH',
      `${deployments('flux-system')}/helm-controller`,
      { spec: { replicas: 0 } },
      mergePatch,
    )
    await stream.until(
      (each) => each.some((row) => row.name === 'helm-controller' && row.readyReplicas === 0 && row.replicas === 0),
      'a controller scaled to none',
    )
    const contexts = keep(admin.watch('contexts.watch', {}))
    await contexts.until(([context]) => context?.fluxVersion === 'v2.9.4', 'the version of Flux')
  })

  it('says why a pod cannot be scheduled', async () => {
    const tree = treeOf(admin, 'flux-system', 'apps')
    await tree.until(
      (all) => all.filter((node) => node.ref.kind === 'Pod' && node.message.includes('node affinity')).length === 3,
      'the sentence of the scheduler',
      20_000,
    )
    const pod = [...tree.items.values()].find((node) => node.message.includes('node affinity'))
    expect(pod).toMatchObject({ status: 'Failed', ready: '0/1' })
  })
})

/** The ReplicaSet of Deployment apps/podinfo-frontend, which HelmRelease apps/podinfo owns. */
function frontendSet(nodes: readonly TreeNode[]): TreeNode | undefined {
  const deployment = nodes.find((node) => node.ref.kind === 'Deployment' && node.ref.name === 'podinfo-frontend')
  return nodes.find((node) => node.ref.kind === 'ReplicaSet' && node.parent === deployment?.key)
}
