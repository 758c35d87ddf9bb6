/** Several ways into clusters: little RBAC, two contexts on one cluster, dead contexts, a cluster made anew, snapshots. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { load } from 'js-yaml'
import { createEventStore, historyFiles } from '../../../electron/adapters/event-store/event-store.ts'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { reportFormats } from '../../../shared/model/report.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { gatherItems } from '../../app/node-engine.ts'
import { startTestCluster, type TestCluster } from '../../cluster/start.ts'
import { createMany, createNamespace, installKinds, kustomization, kustomizationsPath } from './flux-objects.ts'
import { makeFolder, removeFolders, startEngine, type RunningEngine } from './running-engine.ts'

interface NamedEntry {
  readonly name: string
}
interface Kubeconfig {
  readonly clusters: readonly (NamedEntry & { readonly cluster: object })[]
  readonly users: readonly (NamedEntry & { readonly user: object })[]
  readonly contexts: readonly (NamedEntry & { readonly context: { readonly cluster: string; readonly user: string } })[]
}

/** One kubeconfig with a context per entry, each named by the test. */
async function joinKubeconfigs(
  entries: readonly { readonly name: string; readonly from: string; readonly namespace?: string }[],
): Promise<string> {
  const clusters: object[] = []
  const users: object[] = []
  const contexts: object[] = []
  for (const { name, from, namespace } of entries) {
    const config = load(await readFile(from, 'utf8')) as Kubeconfig
    clusters.push({ name, cluster: config.clusters[0]?.cluster })
    users.push({ name, user: config.users[0]?.user })
    contexts.push({ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } })
  }
  const file = path.join(await makeFolder(), 'config')
  const config = { apiVersion: 'v1', kind: 'Config', 'current-context': entries[0]?.name, clusters, users, contexts }
  await writeFile(file, JSON.stringify(config))
  return file
}

const viewerRole = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: kustomization-viewer }
rules:
  - { apiGroups: [kustomize.toolkit.fluxcd.io], resources: ['*'], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: kustomization-viewer }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kustomization-viewer }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: tenant, namespace: team-a }
rules:
  - { apiGroups: [kustomize.toolkit.fluxcd.io], resources: ['*'], verbs: [get, list, watch, patch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: tenant, namespace: team-a }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: tenant }]
`

describe('identities and contexts', () => {
  let cluster: TestCluster
  let viewer: string
  let tenant: string
  let running: RunningEngine[] = []

  const start = async (kubeconfig: string, dataDir?: string): Promise<RunningEngine> => {
    const engine = await startEngine({ kubeconfigs: [kubeconfig], ...(dataDir === undefined ? {} : { dataDir }) })
    running.push(engine)
    return engine
  }
  const select = (engine: RunningEngine, contexts: readonly string[]): Promise<null> =>
    engine.engine.handlers['contexts.select']({ contexts: [...contexts] }, engine.call)

  beforeAll(async () => {
    cluster = await startTestCluster()
    await installKinds(cluster)
    await createNamespace(cluster, 'team-a')
    await createNamespace(cluster, 'team-b')
    await createMany(cluster, 'team-a', 'a', 3)
    await createMany(cluster, 'team-b', 'b', 2)
    await cluster.applyYaml(viewerRole)
    viewer = await cluster.makeUserKubeconfig({ name: 'viewer' })
    tenant = await cluster.makeUserKubeconfig({ name: 'tenant' })
  })
  afterEach(async () => {
    await Promise.all(running.map((engine) => engine.dispose()))
    running = []
  })
  afterAll(async () => {
    await cluster.stop()
    await removeFolders()
  })

  it('tells forbidden kinds from empty ones, with the sentence of the API server, and a hashed identity', async () => {
    const engine = await start(await joinKubeconfigs([{ name: 'viewer', from: viewer }]))
    await waitUntil(() => engine.kind('Kustomization')?.state === 'live')
    await waitUntil(() => engine.kind('HelmRelease')?.state === 'forbidden')
    expect(engine.kind('HelmRelease')?.message).toContain('cannot list resource "helmreleases"')
    expect(engine.named('Kustomization').length).toBe(5)
    await waitUntil(() => engine.kind('Kustomization')?.patchAccess === 'denied')
    expect(engine.kind('Kustomization')?.patchAccessReason).toContain('viewer')
    const [context] = engine.contexts.values()
    expect(context?.cluster).toMatch(/^h-[0-9a-f]{16}$/)
    expect(context?.user).toBe('viewer')
  })

  it('lists namespace by namespace where that is all that is allowed', async () => {
    const engine = await start(await joinKubeconfigs([{ name: 'tenant', from: tenant, namespace: 'team-a' }]))
    await waitUntil(() => engine.kind('Kustomization')?.state === 'live')
    expect(engine.kind('Kustomization')?.namespaces).toEqual(['team-a'])
    expect(engine.named('Kustomization')).toEqual(['team-a/a-0', 'team-a/a-1', 'team-a/a-2'])
    await waitUntil(() => engine.kind('HelmRelease')?.state === 'forbidden')
    await waitUntil(() => engine.kind('Kustomization')?.patchAccess === 'byNamespace')
    await cluster.requestOk('POST', kustomizationsPath('team-a'), kustomization('team-a', 'new'))
    await waitUntil(() => engine.named('Kustomization').includes('team-a/new'))
    await cluster.requestOk('DELETE', `${kustomizationsPath('team-a')}/new`)
    await waitUntil(() => !engine.named('Kustomization').includes('team-a/new'))
  })

  it('makes one set of rows of two contexts on one cluster, and lists by the one that may', async () => {
    await cluster.applyYaml(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: viewer-knows-the-cluster }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: knows-the-cluster }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: knows-the-cluster }
rules: [{ apiGroups: [''], resources: [namespaces], resourceNames: [kube-system], verbs: [get] }]
`)
    const file = await joinKubeconfigs([
      { name: 'viewer', from: viewer },
      { name: 'admin', from: cluster.kubeconfigPath },
    ])
    const engine = await start(file)
    await waitUntil(() => engine.kind('Kustomization', 'viewer')?.state === 'live')
    await waitUntil(() => engine.kind('HelmRelease', 'viewer')?.state === 'forbidden')
    await select(engine, ['viewer', 'admin'])
    await waitUntil(() => engine.kind('HelmRelease', 'admin')?.state === 'live')
    expect(engine.kind('HelmRelease', 'viewer')?.state).toBe('forbidden')
    expect(engine.kind('Kustomization', 'viewer')?.state).toBe('live')
    expect(engine.kind('Kustomization', 'admin')?.state).toBe('live')
    expect(engine.named('Kustomization').length).toBe(5)
    expect(engine.engine.clusters.views().length).toBe(1)
    expect(engine.engine.clusters.views()[0]?.contexts().length).toBe(2)
    await select(engine, ['admin'])
    await waitUntil(() => engine.kind('HelmRelease', 'viewer') === undefined)
    await cluster.requestOk('POST', kustomizationsPath('team-b'), kustomization('team-b', 'later'))
    await waitUntil(() => engine.named('Kustomization').includes('team-b/later'))
    await cluster.requestOk('DELETE', `${kustomizationsPath('team-b')}/later`)
    await select(engine, [])
    await waitUntil(() => engine.rows.size === 0 && engine.kinds.size === 0)
  })

  it('is not slowed by dead contexts, and guards those that look like production', async () => {
    const folder = await makeFolder()
    const dead = path.join(folder, 'dead')
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    // TEST-NET-1: packets go nowhere.
    await writeFile(dead, text.replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, 'https://127.0.0.1:1'))
    const file = await joinKubeconfigs([
      { name: 'prod-eu', from: cluster.kubeconfigPath },
      { name: 'dead', from: dead },
    ])
    const engine = await start(file)
    await waitUntil(() => engine.contexts.size === 2)
    await select(engine, ['dead', 'prod-eu'])
    await waitUntil(() => engine.kind('Kustomization', 'prod-eu')?.state === 'live', 5000)
    await waitUntil(() => engine.contexts.get('dead')?.connection === 'unreachable')
    expect(engine.contexts.get('dead')).toMatchObject({ error: { code: 'ConnectionRefused' } })
    expect(engine.contexts.get('dead')?.nextTryAt).not.toBeNull()
    expect(engine.contexts.get('prod-eu')).toMatchObject({ isProduction: true, isReadOnly: true, isAlwaysAsk: true })
    const client = engine.engine.clusters
      .views()
      .find((view) => view.contexts()[0]?.name === 'prod-eu')
      ?.client()
    const write = { method: 'DELETE', path: `${kustomizationsPath('team-a')}/a-0` } as const
    await expect(client?.request(write)).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    await engine.engine.handlers['contexts.setReadOnly']({ context: 'prod-eu', isReadOnly: false }, engine.call)
    await waitUntil(() => engine.contexts.get('prod-eu')?.isReadOnly === false)
    expect((await client?.request({ ...write, path: `${write.path}?dryRun=All` }))?.status).toBe(200)
    const again = await start(file, engine.dataDir)
    await waitUntil(() => again.contexts.get('prod-eu')?.isReadOnly === false)
  })

  it('writes through the context that may be written through, where another one of the same cluster is read-only', async () => {
    const file = await joinKubeconfigs([
      { name: 'prod-eu', from: cluster.kubeconfigPath },
      { name: 'workbench', from: cluster.kubeconfigPath },
    ])
    const engine = await start(file)
    await waitUntil(() => engine.contexts.size === 2)
    await select(engine, ['prod-eu', 'workbench'])
    await waitUntil(() => [...engine.contexts.values()].every((context) => context.connection === 'connected'))
    await waitUntil(() => engine.kind('Kustomization', 'workbench')?.state === 'live')
    const [row] = [...engine.rows.values()].filter(({ ref }) => ref.kind === 'Kustomization')
    const prepare = engine.engine.handlers['plan.prepare']
    const plan = await prepare({ action: 'suspend', refs: row === undefined ? [] : [row.ref] }, engine.call)
    expect(plan.items[0]).toMatchObject({ refusal: null })
    await engine.engine.handlers['contexts.setReadOnly']({ context: 'workbench', isReadOnly: true }, engine.call)
    const refused = await prepare({ action: 'suspend', refs: row === undefined ? [] : [row.ref] }, engine.call)
    expect(refused.items[0]?.refusal?.code).toBe('ReadOnlyContext')
  })

  it('writes a planted secret nowhere: history, actions, what was last seen, settings, logs, reports', async () => {
    const planted = 'planted-cGxhbnRlZA-secret'
    const leak = `login failed: password=${planted} at https://ann:${planted}@git.example.org/fleet`
    await cluster.applyYaml(`
apiVersion: v1
kind: Secret
metadata: { name: leaked, namespace: team-a }
stringData: { key: ${planted} }
---
apiVersion: v1
kind: Event
metadata: { name: leaky, namespace: team-a }
involvedObject: { apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, namespace: team-a, name: leaky }
type: Warning
reason: Leaked
message: "${leak}"
lastTimestamp: "${new Date().toISOString().slice(0, 19)}Z"
`)
    await cluster.requestOk('POST', kustomizationsPath('team-a'), kustomization('team-a', 'leaky', { suspend: false }))
    await cluster.requestOk(
      'PATCH',
      `${kustomizationsPath('team-a')}/leaky/status`,
      {
        status: {
          observedGeneration: 1,
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'Leaked',
              message: leak,
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
          inventory: { entries: [{ id: 'team-a_leaked__Secret', v: 'v1' }] },
        },
      },
      'application/merge-patch+json',
    )
    const engine = await startEngine({ kubeconfigs: [cluster.kubeconfigPath], isRecording: true })
    running.push(engine)
    const { handlers } = engine.engine
    await waitUntil(() => engine.named('Kustomization').includes('team-a/leaky'))
    await waitUntil(() => [...engine.kinds.values()].every(({ state }) => state !== 'loading'))
    const ref = [...engine.rows.values()].find((row) => row.ref.name === 'leaky')?.ref
    if (ref === undefined) throw new Error('There is no row')
    expect(await treeOf(engine, ref)).toEqual(['Kustomization/leaky', 'Secret/leaked'])
    const told = async (): Promise<readonly string[]> =>
      (await handlers['history.query']({ query: { ref }, limit: 100, after: null }, engine.call)).entries.map(
        ({ type }) => type,
      )
    const patience = { timeout: 30_000 }
    await expect.poll(told, patience).toEqual(expect.arrayContaining(['event', 'status']))
    const reason = `token: ${planted}`
    const plan = await handlers['plan.prepare']({ action: 'suspend', refs: [ref], reason }, engine.call)
    await handlers['plan.execute']({ digest: plan.digest }, engine.call)
    await expect.poll(told, patience).toEqual(expect.arrayContaining(['gate', 'action']))
    const range = { from: 0, until: Date.now() + 60_000, title: 'What leaked', filter: '', query: {} }
    const reports = await Promise.all(
      reportFormats.map((format) => handlers['history.report']({ ...range, format }, engine.call)),
    )
    await engine.dispose()
    running = []

    const store = createEventStore({ ...historyFiles(engine.dataDir), entry: null, onCrash: () => undefined })
    const never = new AbortController().signal
    const page = await store.query({}, { limit: 1000, after: null }, never)
    const actions = await store.audit({ since: 0, after: 0, limit: 100 }, never)
    await store.close()
    const names = await readdir(engine.dataDir, { recursive: true, withFileTypes: true })
    const files = await Promise.all(
      names
        .filter((file) => file.isFile())
        .map(async (file) => ({
          name: file.name,
          text: await readFile(path.join(file.parentPath, file.name), 'latin1'),
        })),
    )
    // Each of them came as far as the disk, without what it must not say.
    expect(page.entries.filter(({ message }) => message.includes('[redacted]')).length).toBeGreaterThan(2)
    expect(actions.map(({ line }) => line).join()).toContain('[redacted]')
    for (const { preview } of reports) expect(preview).toContain('redacted')
    const seen = await keptText(engine.dataDir)
    expect(seen).toContain('./apps/leaky')
    expect(files.map(({ name }) => name)).toContain('history.db')
    const texts = [
      seen,
      JSON.stringify(page.entries),
      ...actions.map(({ line }) => line),
      ...engine.logs,
      ...reports.map(({ preview }) => preview),
      ...files.map(({ text }) => text),
    ]
    for (const secret of [planted, Buffer.from(planted).toString('base64')])
      expect(texts.filter((text) => text.includes(secret)).map((text) => text.slice(0, 200))).toEqual([])
    await cluster.requestOk('DELETE', `${kustomizationsPath('team-a')}/leaky`)
  })

  it('shows what was last seen while the cluster is silent: lists, an object, its YAML and tree; live rows after it', async () => {
    const planted = 'planted-c2VjcmV0-value'
    await cluster.applyYaml(`
apiVersion: v1
kind: Secret
metadata: { name: planted, namespace: team-a }
stringData: { key: ${planted} }
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: unseen, namespace: team-a }
spec: { interval: 10m, url: 'https://ann:${planted}@git.example.org/fleet' }
`)
    await cluster.requestOk(
      'PATCH',
      `${kustomizationsPath('team-a')}/a-1/status`,
      { status: { inventory: { entries: [{ id: 'team-a_planted__Secret', v: 'v1' }] } } },
      'application/merge-patch+json',
    )
    const file = await joinKubeconfigs([
      { name: 'admin', from: cluster.kubeconfigPath },
      { name: 'viewer', from: viewer },
    ])
    const first = await start(file)
    await waitUntil(() => first.kind('Kustomization')?.state === 'live' && first.named('Kustomization').length === 5)
    // Only what is whole is kept.
    await waitUntil(() => [...first.kinds.values()].every(({ state }) => state !== 'loading'))
    const [row] = [...first.rows.values()].filter(({ ref }) => ref.name === 'a-1')
    const ref = row?.ref ?? { cluster: '', group: '', kind: '', namespace: '', name: '' }
    const tree = await treeOf(first, ref)
    expect(tree).toEqual(['Kustomization/a-1', 'Secret/planted'])
    await select(first, ['viewer'])
    await waitUntil(() => first.kind('Kustomization', 'viewer')?.state === 'live')
    await waitUntil(() => first.kind('GitRepository', 'viewer')?.state === 'forbidden')
    await waitUntil(() => [...first.kinds.values()].every(({ state }) => state !== 'loading'))
    await first.dispose()
    running = []
    await cluster.apiServer.kill()

    const second = await start(file, first.dataDir)
    await waitUntil(() => second.named('Kustomization').length === 5)
    // What another identity saw is not shown to this one.
    expect(second.named('GitRepository')).toEqual([])
    await select(second, ['admin'])
    await waitUntil(() => second.named('GitRepository').length === 1)
    await waitUntil(() => second.named('Kustomization').length === 5)
    await waitUntil(() => second.kind('Kustomization', 'admin')?.state === 'stale')
    for (const { status } of second.rows.values()) expect(status).toMatchObject({ word: 'Stale' })
    expect(second.contexts.get('admin')?.snapshotAt).toBeGreaterThan(1_600_000_000_000)
    expect(second.contexts.get('admin')?.kubernetesVersion).toMatch(/^v1/)
    const details = new Map<string, ObjectDetail>()
    const stopDetail = second.engine.handlers['object.watch']({ ref }, gatherItems(details), second.call)
    await waitUntil(() => details.get(refKey(ref))?.uid === row?.uid)
    stopDetail()
    expect(details.get(refKey(ref))).toMatchObject({ problem: null, access: { suspend: { isAllowed: false } } })
    const yaml = await second.engine.handlers['object.yaml']({ ref, offset: 0 }, second.call)
    expect(yaml.text).toContain('./apps/a-1')
    expect(await treeOf(second, ref)).toEqual(tree)
    const plan = second.engine.handlers['plan.prepare']({ action: 'suspend', refs: [ref] }, second.call)
    await expect(plan.then(({ items }) => items[0]?.refusal?.code)).resolves.toBe('NotConnected')
    const kept = await keptText(first.dataDir)
    expect(kept).toContain('./apps/a-1')
    expect(kept).not.toContain(planted)
    expect(kept).not.toContain(Buffer.from(planted).toString('base64'))

    await cluster.apiServer.restart()
    await cluster.requestOk('DELETE', `${kustomizationsPath('team-a')}/a-2`)
    const seen = second.rowLog.length
    await engineRetry(second)
    await waitUntil(() => second.named('Kustomization').length === 4)
    await waitUntil(() => [...second.rows.values()].every((each) => each.status.word !== 'Stale'))
    await waitUntil(() => second.contexts.get('admin')?.snapshotAt === null)
    // Nothing flickers: what is still there was never taken away.
    const gone = second.rowLog.slice(seen).filter((entry) => entry.startsWith('-'))
    expect(gone.map((entry) => entry.split('|').at(-1))).toEqual(['team-a/a-2'])
    await second.engine.handlers['history.forget']({ clusters: null }, second.call)
    expect(await keptText(first.dataDir)).toBe('')
    await cluster.requestOk('POST', kustomizationsPath('team-a'), kustomization('team-a', 'a-2'))
  })

  const treeOf = async (engine: RunningEngine, ref: ObjectRef): Promise<readonly string[]> => {
    const nodes = new Map<string, TreeNode>()
    let isReady = false
    const sink = { ...gatherItems(nodes), ready: () => (isReady = true) }
    const stop = engine.engine.handlers['tree.watch']({ ref }, sink, engine.call)
    await waitUntil(() => isReady && nodes.size > 1)
    stop()
    return [...nodes.values()].sort((a, b) => a.order - b.order).map((node) => `${node.ref.kind}/${node.ref.name}`)
  }

  /** Everything that is kept of clusters, unpacked. */
  const keptText = async (dataDir: string): Promise<string> => {
    const texts: string[] = []
    const folder = path.join(dataDir, 'last-seen')
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const bytes = await readFile(path.join(folder, name)).catch(() => null)
      if (bytes === null) continue
      for (let offset = 16; offset + 24 < bytes.length;) {
        const length = bytes.readUInt32BE(offset)
        texts.push(createCodec().inflate(bytes.subarray(offset + 20, offset + 20 + length)))
        offset += 20 + length
      }
    }
    return texts.join('\n')
  }

  const engineRetry = (engine: RunningEngine): Promise<null> =>
    engine.engine.handlers['contexts.retry']({ context: 'admin' }, engine.call)
})

describe('a cluster made anew under the same context', () => {
  afterAll(removeFolders)

  it('starts fresh and says so', async () => {
    const old = await startTestCluster()
    let current: TestCluster | null = old
    let engine: RunningEngine | null = null
    try {
      await installKinds(old, (kind) => kind === 'Kustomization' || kind === 'GitRepository')
      await createMany(old, 'default', 'old', 3)
      const file = await joinKubeconfigs([{ name: 'kind-lab', from: old.kubeconfigPath }])
      engine = await startEngine({ kubeconfigs: [file] })
      const running = engine
      await waitUntil(() => running.named('Kustomization').length === 3)
      await waitUntil(() => running.kind('HelmRelease')?.state === 'notInstalled')
      const before = running.contexts.get('kind-lab')
      await old.stop()
      current = await startTestCluster()
      await installKinds(current, (kind) => kind === 'Kustomization')
      await createMany(current, 'default', 'new', 2)
      await writeFile(file, await readFile(await joinKubeconfigs([{ name: 'kind-lab', from: current.kubeconfigPath }])))
      await waitUntil(() => running.named('Kustomization').join() === 'default/new-0,default/new-1')
      const after = running.contexts.get('kind-lab')
      expect(before?.recreatedAt).toBeNull()
      expect(after?.recreatedAt).not.toBeNull()
      expect(after?.cluster).not.toBe(before?.cluster)
    } finally {
      await engine?.dispose()
      await current?.stop()
    }
  })
})
