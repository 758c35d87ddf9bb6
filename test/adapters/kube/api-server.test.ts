/** The client against a real API server: pages, watches, kills and pauses, identities, HTTP/1.1, read-only. */
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { request as sendHttps } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestCluster } from '../../cluster/start.ts'
import type { TestCluster } from '../../cluster/start.ts'
import type { KubeConfigsOptions } from '../../../electron/adapters/kube/kube-configs.ts'
import { parseKubeconfig } from '../../../electron/adapters/kube/kubeconfig-text.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { createSandbox, kubeconfigText, readSet, serveTls, until } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

let cluster: TestCluster
let box: Sandbox
beforeAll(async () => {
  cluster = await startTestCluster()
  for (let i = 0; i < 250; i++)
    await cluster.requestOk('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name: `map-${String(i).padStart(3, '0')}`, labels: { test: 'pages' } },
    })
})
afterAll(() => cluster?.stop())
beforeEach(async () => {
  box = await createSandbox()
})
afterEach(() => box.dispose())

async function openFile(file: string, options: Partial<KubeConfigsOptions> = {}): Promise<KubeClient> {
  const configs = box.configs({ env: { HOME: box.home, KUBECONFIG: file }, ...options })
  const { contexts } = await readSet(configs)
  return configs.open(contexts[0]?.id ?? '')
}
const openAdmin = (options?: Partial<KubeConfigsOptions>): Promise<KubeClient> =>
  openFile(cluster.kubeconfigPath, options)

interface List {
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string }
  readonly items: readonly { readonly metadata: { readonly name: string; readonly resourceVersion: string } }[]
}
const maps = '/api/v1/namespaces/default/configmaps'

async function put(client: KubeClient, name: string): Promise<void> {
  const response = await client.request({
    method: 'PATCH',
    path: `${maps}/${name}?fieldManager=test&force=true`,
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { at: String(performance.now()) } },
  })
  expect(response.status).toBeLessThan(300)
}

/** Follows config maps until the stream ends; what ended it is in `fault`. */
function follow(client: KubeClient, resourceVersion: string) {
  const watch = { names: [] as string[], fault: null as { code: string } | null, isOver: false }
  const done = (async () => {
    const { status, lines } = await client.stream({
      method: 'GET',
      path: `${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`,
    })
    expect(status).toBe(200)
    for await (const batch of lines)
      for (const line of batch) {
        const event = JSON.parse(line) as { type: string; object: { metadata: { name: string } } }
        if (event.type !== 'BOOKMARK') watch.names.push(event.object.metadata.name)
      }
  })()
  done.catch((error: { code: string }) => (watch.fault = error)).finally(() => (watch.isOver = true))
  return watch
}

const list = async (client: KubeClient): Promise<List> =>
  (await client.request({ method: 'GET', path: `${maps}?limit=1` })).json() as List

describe('with the real API server', () => {
  it('lists in pages', async () => {
    const client = await openAdmin()
    const names: string[] = []
    let next = ''
    let pages = 0
    do {
      const response = await client.request({
        method: 'GET',
        path: `${maps}?limit=100&labelSelector=test%3Dpages${next}`,
      })
      const page = response.json() as List
      names.push(...page.items.map(({ metadata }) => metadata.name))
      next = page.metadata.continue ? `&continue=${encodeURIComponent(page.metadata.continue)}` : ''
      pages++
    } while (next !== '')
    expect([pages, names.length, new Set(names).size]).toEqual([3, 250, 250])
  })

  it('watches, and shows the Status of a watch that is refused', async () => {
    const client = await openAdmin()
    const watch = follow(client, (await list(client)).metadata.resourceVersion)
    for (let i = 0; i < 20; i++) await put(client, `watched-${i}`)
    await until(() => watch.names.length === 20)
    expect(watch.names).toEqual(Array.from({ length: 20 }, (_, i) => `watched-${i}`))
    const refused = await client.stream({ method: 'GET', path: `${maps}?watch=true&resourceVersion=nonsense` })
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect((await refused.error()).json()).toMatchObject({ kind: 'Status' })
  })

  it('a watch that the server ends by its time ends without a fault', async () => {
    const client = await openAdmin()
    const { lines } = await client.stream({ method: 'GET', path: `${maps}?watch=true&timeoutSeconds=1` })
    for await (const batch of lines) void batch
  })

  it('knows who it is: from the server, and 401 and 403 stay answers', async () => {
    const file = await cluster.makeUserKubeconfig({ name: 'viola', groups: ['viewers'] })
    const viola = await openFile(file)
    expect(await viola.identity()).toBe('viola')
    const forbidden = await viola.request({ method: 'GET', path: '/api/v1/secrets' })
    expect(forbidden.status).toBe(403)
    expect(forbidden.json()).toMatchObject({ reason: 'Forbidden' })
    const cluster0 = parseKubeconfig(await readFile(file, 'utf8'), 'x')
      .clusters.values()
      .next().value
    const ca = { server: cluster.url, 'certificate-authority-data': cluster0?.caData }
    const stranger = await openFile(
      await box.write('stranger', kubeconfigText({ cluster: ca, user: { token: 'nonsense' } })),
    )
    expect((await stranger.request({ method: 'GET', path: '/api/v1/pods' })).status).toBe(401)
    const admin = parseKubeconfig(await readFile(cluster.kubeconfigPath, 'utf8'), 'x')
      .users.values()
      .next().value
    const user = {
      'client-certificate-data': admin?.certData,
      'client-key-data': admin?.keyData,
      as: 'jane',
      'as-groups': ['a', 'b'],
    }
    const jane = await openFile(await box.write('jane', kubeconfigText({ cluster: ca, user })))
    expect(await jane.identity()).toBe('jane')
    const review = await jane.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    })
    expect(review.json()).toMatchObject({ status: { userInfo: { groups: ['a', 'b', 'system:authenticated'] } } })
  })

  it('read-only: asks, tries, and changes nothing', async () => {
    const client = await openAdmin()
    client.setReadOnly(true)
    const before = (await list(client)).metadata.resourceVersion
    const create = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'never' } }
    expect((await client.request({ method: 'POST', path: `${maps}?dryRun=All`, body: create })).status).toBe(201)
    expect((await client.request({ method: 'DELETE', path: `${maps}/map-000?dryRun=All` })).status).toBe(200)
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    }
    const review = await client.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body,
    })
    expect(review.json()).toMatchObject({ status: { allowed: true } })
    expect(await client.identity()).not.toBe('')
    for (const attempt of [
      { method: 'POST', path: maps, body: create },
      { method: 'DELETE', path: `${maps}/map-000?dryRun=All`, body: { kind: 'DeleteOptions', apiVersion: 'v1' } },
      { method: 'POST', path: `${maps}?dryRun=All;x=1`, body: create },
    ] as const)
      await expect(client.request(attempt)).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    expect((await list(client)).metadata.resourceVersion).toBe(before)
  })

  it('the attack that read-only holds back is real: a DELETE whose body silences dryRun', async () => {
    const client = await openAdmin()
    await put(client, 'victim')
    const path = `${maps}/victim?dryRun=All`
    await client.request({ method: 'DELETE', path, body: { kind: 'DeleteOptions', apiVersion: 'v1' } })
    expect((await client.request({ method: 'GET', path: `${maps}/victim` })).status).toBe(404)
  })

  it('over HTTP/1.1 where something before the server speaks nothing newer', async () => {
    const admin = parseKubeconfig(await readFile(cluster.kubeconfigPath, 'utf8'), 'x')
    const user = [...admin.users.values()][0]
    const cert = Buffer.from(user?.certData ?? '', 'base64')
    const key = Buffer.from(user?.keyData ?? '', 'base64')
    const front = await serveTls(
      (request, response) => {
        const { hostname, port } = new URL(cluster.url)
        const through = sendHttps(
          {
            hostname,
            port,
            path: request.url,
            method: request.method,
            headers: request.headers,
            ca: cluster.caPem,
            cert,
            key,
          },
          (answer) => {
            response.writeHead(answer.statusCode ?? 0, answer.headers)
            answer.pipe(response)
            answer.on('error', () => response.end())
          },
        )
        request.pipe(through)
        through.on('error', () => undefined)
        ;(response as unknown as NodeJS.EventEmitter).on('close', () => through.destroy())
      },
      { isHttp1: true },
    )
    try {
      const file = await box.write(
        'front',
        kubeconfigText({ cluster: { server: front.url, 'insecure-skip-tls-verify': true } }),
      )
      const client = await openFile(file)
      const watch = follow(client, (await list(client)).metadata.resourceVersion)
      await Promise.all(Array.from({ length: 30 }, (_, i) => put(client, `http1-${i}`)))
      await until(() => watch.names.length === 30)
      for (const socket of front.sockets) socket.destroy()
      await until(() => watch.isOver)
      expect(watch.fault?.code).toBe('ConnectionLost')
      expect((await list(client)).items).toHaveLength(1)
    } finally {
      await front.close()
    }
  })

  it('killed and restarted: streams fail at once, requests say why, and it is back without help', async () => {
    const client = await openAdmin()
    const watch = follow(client, (await list(client)).metadata.resourceVersion)
    await put(client, 'before-kill')
    await until(() => watch.names.includes('before-kill'))
    await cluster.apiServer.kill()
    await until(() => watch.isOver)
    expect(watch.fault?.code).toBe('ConnectionLost')
    await expect(list(client)).rejects.toMatchObject({ code: 'ConnectionRefused', retry: 'transient' })
    await cluster.apiServer.restart()
    expect((await list(client)).items).toHaveLength(1)
    await put(client, 'after-kill')
  })

  it('paused: PING notices, and the next connection works when it runs again', async () => {
    const client = await openAdmin({ transport: { pingIntervalMs: 200, connectTimeoutMs: 1000 } })
    const watch = follow(client, (await list(client)).metadata.resourceVersion)
    await put(client, 'before-pause')
    await until(() => watch.names.includes('before-pause'))
    cluster.apiServer.pause()
    try {
      await until(() => watch.isOver)
      expect(watch.fault?.code).toBe('ConnectionLost')
      await expect(list(client)).rejects.toMatchObject({ code: 'ConnectionTimeout' })
    } finally {
      cluster.apiServer.resume()
    }
    expect((await list(client)).items).toHaveLength(1)
  })

  it('through a proxy', async () => {
    const { createServer: createHttp } = await import('node:http')
    const proxy = createHttp()
    proxy.on('connect', (request, socket) => {
      const [host, port] = (request.url ?? '').split(':')
      const through = connectTcp(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        through.pipe(socket).pipe(through)
      })
      through.on('error', () => socket.destroy())
      socket.on('error', () => through.destroy())
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const text = await readFile(cluster.kubeconfigPath, 'utf8')
    const { caData } = [...parseKubeconfig(text, 'x').clusters.values()][0] ?? {}
    const user = [...parseKubeconfig(text, 'x').users.values()][0]
    const file = await box.write(
      'proxied',
      kubeconfigText({
        cluster: {
          server: cluster.url,
          'certificate-authority-data': caData,
          'proxy-url': `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        },
        user: { 'client-certificate-data': user?.certData, 'client-key-data': user?.keyData },
      }),
    )
    const client = await openFile(file)
    expect((await list(client)).items).toHaveLength(1)
    client.close()
    proxy.close()
  })

  it('twenty dead contexts do not slow it', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const server = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`
    const dead = await box.write(
      'dead',
      kubeconfigText(...Array.from({ length: 20 }, (_, i) => ({ name: `dead${i}`, cluster: { server } }))),
    )
    const configs = box.configs({ env: { HOME: box.home, KUBECONFIG: `${dead}:${cluster.kubeconfigPath}` } })
    const { contexts } = await readSet(configs)
    const started = performance.now()
    const faults: Promise<unknown>[] = []
    let isAnswered = false
    for (const { id, name } of contexts) {
      const client = configs.open(id)
      const answer = client.request({ method: 'GET', path: '/version' })
      if (name.startsWith('dead')) faults.push(answer.catch((error: { code: string }) => error.code))
      else isAnswered = (await answer).status === 200
    }
    expect(isAnswered).toBe(true)
    expect(performance.now() - started).toBeLessThan(1000)
    expect(new Set(await Promise.all(faults))).toEqual(new Set(['ConnectionTimeout']))
    mute.close()
  })
})
