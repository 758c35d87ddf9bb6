/** Port-forward against a loopback server that speaks the API server's part; test/integration/source has the real one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { authority, base64, createSandbox, kubeconfigText, readSet, serveTls } from './sandbox.ts'
import type { LoopbackServer, Sandbox } from './sandbox.ts'

const pod = { namespace: 'flux-system', name: 'source-controller-1', port: 9090 }
const never = new AbortController().signal
let box: Sandbox
let cleanups: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  box = await createSandbox()
})
afterEach(async () => {
  await box.dispose()
  for (const cleanup of cleanups.reverse()) await cleanup()
  cleanups = []
})

interface Kubelet {
  readonly requests: {
    readonly path: string
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
  }[]
  readonly server: LoopbackServer
}

/** `onBytes` answers what was sent to the port; `refuse` answers before the upgrade. */
async function serveKubelet(
  onOpen: (web: WebSocket) => void,
  refuse: () => { status: number; body: string } | null = () => null,
): Promise<Kubelet> {
  const requests: Kubelet['requests'] = []
  const server = await serveTls((_request, response) => void response.end('{}'), { isHttp1: true })
  cleanups.push(() => server.close())
  const web = new WebSocketServer({
    noServer: true,
    handleProtocols: (all) => (all.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  })
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push({ path: request.url ?? '', headers: request.headers })
    const refusal = refuse()
    if (refusal !== null) {
      const { status, body } = refusal
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`)
      return
    }
    web.handleUpgrade(request, socket, head, (one) => {
      one.send(Buffer.of(0, 0x82, 0x23))
      one.send(Buffer.of(1, 0x82, 0x23))
      onOpen(one)
    })
  })
  return { requests, server }
}

const say = (web: WebSocket, text: string | Buffer, channel = 0): void =>
  web.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]))

/** Answers one HTTP request per connection. */
function answering(answer: (head: string) => string | Buffer): (web: WebSocket) => void {
  return (web) =>
    web.on('message', (data: Buffer) => {
      say(web, answer(data.subarray(1).toString()))
    })
}

async function openClient(
  server: LoopbackServer,
  cluster: object = {},
  user: object = { token: 'token-1234' },
): Promise<KubeClient> {
  const trusted = { 'certificate-authority-data': base64(authority.certPem) }
  await box.write(
    '.kube/config',
    kubeconfigText({ cluster: { server: `${server.url}/prefix`, ...trusted, ...cluster }, user: { ...user } }),
  )
  const configs = box.configs()
  await readSet(configs)
  return configs.open('test')
}

const transport = createArtifactTransport({ userAgent: 'sluice/test', answerTimeoutMs: 3000 })

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  return Buffer.concat(parts)
}

describe('a port of a pod', () => {
  it('is reached with the credentials of the context', async () => {
    const kubelet = await serveKubelet((web) => web.on('message', (data: Buffer) => web.send(data)))
    const client = await openClient(kubelet.server, {}, { token: 'token-1234', as: 'bob' })
    const tunnel = await client.openTunnel(pod, never)
    await tunnel.write(Buffer.from('hello'))
    const { value } = (await tunnel.incoming[Symbol.asyncIterator]().next()) as { value: Uint8Array }
    expect(Buffer.from(value).toString()).toBe('hello')
    tunnel.close()
    expect(kubelet.requests[0]).toMatchObject({
      path: '/prefix/api/v1/namespaces/flux-system/pods/source-controller-1/portforward?ports=9090',
      headers: {
        authorization: 'Bearer token-1234',
        'impersonate-user': 'bob',
        'sec-websocket-protocol': 'v4.channel.k8s.io',
      },
    })
    await expect.poll(() => kubelet.server.sockets.size).toBe(0)
  })

  it('gives an artifact, long ones held back while nobody reads', async () => {
    const body = Buffer.alloc(8_000_000, 'artifact ')
    const kubelet = await serveKubelet((web) =>
      web.on('message', () => {
        say(web, `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
        for (let at = 0; at < body.length; at += 32_768) say(web, body.subarray(at, at + 32_768))
      }),
    )
    const client = await openClient(kubelet.server)
    const bytes = await transport.downloadFromPod(client, pod, '/gitrepository/a/b/c.tar.gz?x=1', never)
    expect((await readAll(bytes)).equals(body)).toBe(true)
    await expect.poll(() => kubelet.server.sockets.size).toBe(0)
  })

  it('sends one plain GET, in a read-only context too', async () => {
    const heads: string[] = []
    const kubelet = await serveKubelet(
      answering((head) => {
        heads.push(head)
        return 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
      }),
    )
    const client = await openClient(kubelet.server)
    client.setReadOnly(true)
    expect(String(await readAll(await transport.downloadFromPod(client, pod, '/a.tar.gz', never)))).toBe('ok')
    expect(heads).toEqual([expect.stringMatching(/^GET \/a\.tar\.gz HTTP\/1\.1\r\n/)])
    // Whatever else is tried through it does not leave.
    for (const text of ['POST / HTTP/1.1\r\n\r\n', 'SET x 1\r\n', 'GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\n']) {
      const tunnel = await client.openTunnel(pod, never)
      await expect(tunnel.write(Buffer.from(text))).rejects.toMatchObject({ code: 'ReadOnlyContext' })
      await expect(tunnel.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).rejects.toMatchObject({
        code: 'ReadOnlyContext',
      })
      tunnel.close()
    }
    await expect(
      client.request({ method: 'GET', path: '/api/v1/namespaces/a/pods/b/portforward?ports=1' }),
    ).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    expect(heads).toHaveLength(1)
  })

  it.each([
    [403, 'Forbidden', '{"kind":"Status","message":"pods \\"x\\" is forbidden"}', 'pods "x" is forbidden'],
    [401, 'Unauthorized', '{}', ''],
    [404, 'NotFound', 'nope', 'nope'],
    [400, 'Unsupported', 'Upgrade request required', 'Upgrade request required'],
    [502, 'ServerError', 'bad gateway', 'bad gateway'],
  ])('that is refused with %i says %s', async (status, code, body, detail) => {
    const kubelet = await serveKubelet(
      () => undefined,
      () => ({ status, body }),
    )
    const client = await openClient(kubelet.server)
    const error = await client.openTunnel(pod, never).catch((error: unknown) => error)
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining('port 9090 of Pod flux-system/source-controller-1') as string,
    })
    if (detail !== '') expect(error).toMatchObject({ detail })
    await expect.poll(() => kubelet.server.sockets.size).toBe(0)
  })

  it('that nobody listens on says so', async () => {
    const kubelet = await serveKubelet((web) => say(web, 'dial tcp: connection refused', 1))
    const client = await openClient(kubelet.server)
    await expect(transport.downloadFromPod(client, pod, '/a', never)).rejects.toMatchObject({
      code: 'ConnectionLost',
      detail: 'dial tcp: connection refused',
    })
  })

  it('missing, redirecting, cut and silent answers are told apart', async () => {
    let answer = ''
    const kubelet = await serveKubelet((web) =>
      web.on('message', () => {
        say(web, answer)
        if (answer.includes('cut')) web.close()
      }),
    )
    const client = await openClient(kubelet.server)
    const outcome = async (text: string): Promise<string> => {
      answer = text
      return readAll(await transport.downloadFromPod(client, pod, '/a', never)).then(String)
    }
    await expect(outcome('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n')).rejects.toMatchObject({
      code: 'ArtifactMissing',
    })
    await expect(
      outcome('HTTP/1.1 302 No\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n'),
    ).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
    await expect(outcome('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut')).rejects.toMatchObject({
      code: 'ArtifactUnavailable',
    })
    await expect(outcome('220 smtp.example ESMTP\r\n')).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
    await expect(outcome('')).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 3 s') as string,
    })
  })

  it('ends with the caller’s signal, and with the client', async () => {
    const kubelet = await serveKubelet(() => undefined)
    const client = await openClient(kubelet.server)
    const controller = new AbortController()
    const tunnel = await client.openTunnel(pod, controller.signal)
    const reading = readAll(tunnel.incoming)
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'Canceled' })
    const other = await client.openTunnel(pod, never)
    const otherReading = readAll(other.incoming)
    client.close()
    await expect(otherReading).rejects.toMatchObject({ code: 'Canceled' })
    await expect.poll(() => kubelet.server.sockets.size).toBe(0)
    await expect(client.openTunnel(pod, never)).rejects.toMatchObject({ code: 'NotConnected' })
  })

  it('goes through the context’s proxy', async () => {
    const kubelet = await serveKubelet((web) => web.on('message', (data: Buffer) => web.send(data)))
    const asked: string[] = []
    const { connect } = await import('node:net')
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      const through = connect(kubelet.server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(through).pipe(socket)
      })
      for (const one of [socket, through]) one.on('error', () => undefined)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    cleanups.push(async () => void proxy.close())
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const client = await openClient(kubelet.server, { 'proxy-url': address })
    const tunnel = await client.openTunnel(pod, never)
    tunnel.close()
    expect(asked).toEqual([`127.0.0.1:${kubelet.server.port}`])
  })

  it('of another name than a pod’s is encoded, not followed', async () => {
    const kubelet = await serveKubelet(() => undefined)
    const client = await openClient(kubelet.server)
    client.setReadOnly(true)
    const evil = { namespace: 'a/pods/b/exec?x=', name: '../../secrets', port: 1 }
    await expect(client.openTunnel(evil, never)).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    await expect(client.openTunnel({ ...pod, port: 0 }, never)).rejects.toMatchObject({ code: 'InvalidInput' })
    expect(kubelet.requests).toEqual([])
  })
})
