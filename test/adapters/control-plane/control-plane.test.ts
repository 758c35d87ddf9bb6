import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startControlPlane } from '../../../electron/adapters/control-plane/control-plane.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import { resolveTestBinaries, startTestCluster, type TestCluster } from '../../cluster/start.ts'
import { isGone, processState, waitUntil } from './processes-under-test.ts'

const none = { controllerManager: false, scheduler: false, kwok: false }
let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-control-plane-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
})

/** Status of a GET with the client certificate of a kubeconfig, by kubectl's own rules: a fresh connection each time. */
async function statusAs(kubeconfig: string, at: string): Promise<number> {
  const text = await readFile(kubeconfig, 'utf8')
  const pick = (field: string): string => new RegExp(`${field}: (\\S+)`).exec(text)?.[1] ?? ''
  const decode = (field: string): string => Buffer.from(pick(field), 'base64').toString()
  const { createAdminClient } = await import('../../../electron/adapters/control-plane/admin-client.ts')
  const client = createAdminClient(pick('server'), decode('certificate-authority-data'), {
    certPem: decode('client-certificate-data'),
    keyPem: decode('client-key-data'),
  })
  try {
    return (await client.request('GET', at)).status
  } finally {
    client.close()
  }
}

describe('an API server with etcd', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ dataDir: path.join(scratch, 'shared') })
  })
  afterAll(() => cluster.stop())

  it('serves, and tells its version so that kubectl can read it', async () => {
    const version = await cluster.requestOk<{ gitVersion: string; minor: string }>('GET', '/version')
    expect(version).toMatchObject({ gitVersion: 'v1.36.3', minor: '36' })
    expect(Object.keys(cluster.pids).sort()).toEqual(['etcd', 'kube-apiserver'])
  })

  it('knows users by certificates; what they may do is up to RBAC', async () => {
    const viewer = await cluster.makeUserKubeconfig({ name: 'viewer', groups: ['readers'] })
    const odd = await cluster.makeUserKubeconfig({ name: 'team:a/../b', groups: [] })
    expect(path.dirname(odd)).toBe(path.join(cluster.dataDir, 'users'))
    expect(await statusAs(cluster.kubeconfigPath, '/api/v1/secrets')).toBe(200)
    expect(await statusAs(viewer, '/api/v1/configmaps')).toBe(403)
    // A role of our own: the rules of "view" are aggregated by the controller manager, which does not run here.
    await cluster.applyObjects([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'reader' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'readers' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }],
      },
    ])
    await waitUntil(async () => (await statusAs(viewer, '/api/v1/configmaps')) === 200)
    expect(await statusAs(viewer, '/api/v1/secrets')).toBe(403)
    expect(await statusAs(odd, '/api/v1/configmaps')).toBe(403)
  })

  it('keeps keys and kubeconfigs readable for their owner only', async () => {
    for (const file of ['kubeconfig', 'pki/ca.key', 'pki/admin.key', 'pki/sa.key', 'pki/etcd-ca.key']) {
      expect((await stat(path.join(cluster.dataDir, file))).mode & 0o777, file).toBe(0o600)
    }
  })

  it('listens on loopback only, and etcd lets nobody in without its own certificate', async () => {
    const log = await readFile(path.join('/proc', String(cluster.pids.etcd), 'cmdline'), 'utf8')
    const client = /--listen-client-urls=(https:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1]
    expect(client).toBeDefined()
    const { createAdminClient } = await import('../../../electron/adapters/control-plane/admin-client.ts')
    const read = async (name: string): Promise<string> => readFile(path.join(cluster.dataDir, 'pki', name), 'utf8')
    const admin = { certPem: await read('admin.crt'), keyPem: await read('admin.key') }
    const asAdmin = createAdminClient(client ?? '', await read('etcd-ca.crt'), admin)
    await expect(asAdmin.request('GET', '/health')).rejects.toThrow()
    asAdmin.close()
    const own = { certPem: await read('etcd-client.crt'), keyPem: await read('etcd-client.key') }
    const asApiServer = createAdminClient(client ?? '', await read('etcd-ca.crt'), own)
    expect((await asApiServer.request('GET', '/health')).status).toBe(200)
    asApiServer.close()
  })

  it('can be paused and resumed', async () => {
    const pid = cluster.pids['kube-apiserver'] ?? 0
    cluster.apiServer.pause()
    await waitUntil(() => processState(pid) === 'T')
    let isAnswered = false
    const waiting = cluster.request('GET', '/readyz').then((response) => {
      isAnswered = true
      return response.status
    })
    await expect(cluster.admin.request('GET', '/readyz', undefined, undefined, 300)).rejects.toThrow()
    expect(isAnswered).toBe(false)
    cluster.apiServer.resume()
    expect(await waiting).toBe(200)
  })

  it('can be killed and started again on the same port with the same data', async () => {
    await cluster.applyObjects([configMap('kept')])
    const { url, pids } = cluster
    await cluster.apiServer.kill()
    expect(isGone(pids['kube-apiserver'] ?? 0)).toBe(true)
    expect(cluster.pids['kube-apiserver']).toBeUndefined()
    await expect(cluster.request('GET', '/readyz')).rejects.toThrow()
    await cluster.apiServer.restart()
    expect(cluster.url).toBe(url)
    expect((await cluster.request('GET', '/api/v1/namespaces/default/configmaps/kept')).status).toBe(200)
  })

  it('refuses a second control plane in the same folder', async () => {
    const binaries = await resolveTestBinaries(['etcd', 'kube-apiserver'])
    const second = startControlPlane({ binaries, dataDir: cluster.dataDir, components: none })
    await expect(second).rejects.toThrow(/Another process runs a control plane/)
  })
})

describe('a data folder', () => {
  it('starts again with its objects, users and certificates after a stop', async () => {
    const dataDir = path.join(scratch, 'again')
    const first = await startTestCluster({ dataDir })
    await first.applyObjects([configMap('kept')])
    const uid = (await first.requestOk('GET', '/api/v1/namespaces/kube-system')).metadata.uid
    const user = await first.makeUserKubeconfig({ name: 'viewer' })
    const { caPem, pids } = first
    await first.stop()
    for (const pid of Object.values(pids)) expect(isGone(pid)).toBe(true)

    // Whoever took the port in between keeps it: the cluster moves, and its kubeconfigs with it.
    const { createServer } = await import('node:net')
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(Number(new URL(first.url).port), '127.0.0.1', resolve))
    const second = await startTestCluster({ dataDir })
    try {
      expect(second.url).not.toBe(first.url)
      expect(second.caPem).toBe(caPem)
      expect((await second.requestOk('GET', '/api/v1/namespaces/kube-system')).metadata.uid).toBe(uid)
      expect((await second.request('GET', '/api/v1/namespaces/default/configmaps/kept')).status).toBe(200)
      expect(await statusAs(user, '/version')).toBe(200)
    } finally {
      await second.stop()
      squatter.close()
    }
  })

  it('quotes the log and names the file when a component does not start', async () => {
    const dataDir = path.join(scratch, 'broken')
    const binaries = await resolveTestBinaries(['etcd', 'kube-apiserver'])
    const starting = startControlPlane({
      binaries,
      dataDir,
      components: none,
      extraApiServerArgs: ['--no-such-flag'],
    })
    await expect(starting).rejects.toMatchObject({
      code: 'StartFailed',
      message: expect.stringContaining(path.join(dataDir, 'logs', 'kube-apiserver.log')) as unknown,
      detail: expect.stringContaining('unknown flag: --no-such-flag') as unknown,
    })
  })

  it('says that a program is missing, and leaves nothing running, when it cannot be executed', async () => {
    const binaries = await resolveTestBinaries(['etcd'])
    const starting = startControlPlane({
      binaries: { ...binaries, 'kube-apiserver': path.join(scratch, 'nothing-here') },
      dataDir: path.join(scratch, 'missing'),
      components: none,
    })
    await expect(starting).rejects.toThrow(/kube-apiserver ended at its start/)
  })

  it('can be cancelled while it starts', async () => {
    const controller = new AbortController()
    const dataDir = path.join(scratch, 'cancelled')
    const starting = startControlPlane({
      binaries: await resolveTestBinaries(['etcd', 'kube-apiserver']),
      dataDir,
      components: none,
      signal: controller.signal,
      onProgress: () => setImmediate(() => controller.abort()),
    })
    await expect(starting).rejects.toMatchObject({ code: 'Canceled' })
    await expect(stat(path.join(dataDir, 'lock'))).rejects.toThrow()
  })
})

describe('when the process above it is killed', () => {
  it('leaves no orphan, not even a paused one', async () => {
    const start = fileURLToPath(new URL('../../cluster/start.ts', import.meta.url))
    const dataDir = path.join(scratch, 'orphans')
    const script = path.join(scratch, 'parent.ts')
    await writeFile(
      script,
      `import { startTestCluster } from ${JSON.stringify(start)}
const cluster = await startTestCluster({ dataDir: ${JSON.stringify(dataDir)}, components: { controllerManager: true } })
cluster.apiServer.pause()
console.log(JSON.stringify(cluster.pids))
setInterval(() => {}, 1000)`,
    )
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pids = await new Promise<Record<string, number>>((resolve, reject) => {
      let text = ''
      parent.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('\n')) resolve(JSON.parse(text) as Record<string, number>)
      })
      parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)))
    })
    expect(Object.keys(pids)).toHaveLength(3)
    for (const pid of Object.values(pids)) expect(isGone(pid)).toBe(false)
    parent.kill('SIGKILL')
    await waitUntil(() => Object.values(pids).every(isGone), 10_000)
    // The folder of the dead is free at once.
    const next = await startTestCluster({ dataDir })
    await next.stop()
  })
})

describe('with controller manager, scheduler and kwok', () => {
  it('moves a Deployment to 1/1, serves its logs through the API server and ends a namespace', async () => {
    const podLogs = [{ names: ['spoken'], lines: ['first', 'second'] }]
    const cluster = await startTestCluster({
      components: { controllerManager: true, scheduler: true, kwok: true },
      nodes: 2,
      podLogs,
    })
    try {
      await cluster.applyYaml(`
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: v1
kind: Pod
metadata: { name: spoken, namespace: web }
spec: { containers: [{ name: web, image: web }] }
`)
      await waitUntil(async () => {
        const at = '/apis/apps/v1/namespaces/web/deployments/web'
        return (await cluster.requestOk<{ status: { readyReplicas?: number } }>('GET', at)).status.readyReplicas === 1
      })
      const log = '/api/v1/namespaces/web/pods/spoken/log'
      await waitUntil(async () => (await cluster.request('GET', log)).text === 'first\nsecond\n')
      await cluster.appendPodLog(['later'])
      const pods = await cluster.requestOk<{ items: KubeObject[] }>(
        'GET',
        '/api/v1/namespaces/web/pods?labelSelector=app=web',
      )
      const other = `/api/v1/namespaces/web/pods/${pods.items[0]?.metadata.name}/log?tailLines=1`
      expect((await cluster.request('GET', other)).text).toBe('later\n')
      await cluster.requestOk('DELETE', '/api/v1/namespaces/web')
      await waitUntil(async () => (await cluster.request('GET', '/api/v1/namespaces/web')).status === 404, 60_000)
    } finally {
      await cluster.stop()
    }
  })
})
