import { once } from 'node:events'
import { createServer, connect as connectTcp } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:tls'
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { KubeConfigsOptions, NodeKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import { createNameLookup } from '../../../electron/adapters/kube/name-lookup.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { authority, base64, createSandbox, kubeconfigText, readSet, servePlain, serveTls, until } from './sandbox.ts'
import type { Handler, LoopbackServer, Sandbox } from './sandbox.ts'

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

const trusted = { 'certificate-authority-data': base64(authority.certPem) }

async function openClient(
  cluster: object,
  user: object = { token: 'token-1234' },
  options: Partial<KubeConfigsOptions> = {},
): Promise<KubeClient> {
  await box.write('.kube/config', kubeconfigText({ cluster: { ...cluster }, user: { ...user } }))
  const configs = box.configs(options)
  await readSet(configs)
  return configs.open('test')
}

async function tls(handler: Handler, options?: Parameters<typeof serveTls>[1]): Promise<LoopbackServer> {
  const server = await serveTls(handler, options)
  cleanups.push(() => server.close())
  return server
}

/** Passes bytes on until it is told to stall: as a cut cable, it closes nothing. */
async function relay(to: number): Promise<{ port: number; stall: () => void }> {
  const pairs: Socket[] = []
  const front = createServer((socket) => {
    const through = connectTcp(to, '127.0.0.1')
    socket.pipe(through).pipe(socket)
    for (const end of [socket, through]) {
      end.on('error', () => undefined)
      pairs.push(end)
    }
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  cleanups.push(async () => {
    front.close()
    for (const end of pairs) end.destroy()
  })
  const stall = (): void => {
    for (const end of pairs) end.unpipe().pause()
  }
  return { port: (front.address() as AddressInfo).port, stall }
}

const json: Handler = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      path: request.url,
      method: request.method,
      headers: request.headers,
      version: request.httpVersion,
    }),
  )
}
interface Echo {
  readonly path: string
  readonly method: string
  readonly version: string
  readonly headers: Readonly<Record<string, string>>
}

async function readLines(lines: AsyncIterable<readonly string[]>): Promise<string[]> {
  const all: string[] = []
  for await (const batch of lines) all.push(...batch)
  return all
}

describe('a request', () => {
  it.each([
    ['HTTP/2', { allowHTTP1: true }, '2.0'],
    ['HTTP/1.1 by ALPN', { isHttp1: true }, '1.1'],
  ])('over %s', async (_name, options, version) => {
    const server = await tls(json, options)
    const client = await openClient({ server: `${server.url}/prefix/`, ...trusted })
    const response = await client.request({ method: 'GET', path: '/api/v1/pods?limit=5' })
    const echo = response.json() as Echo
    expect(response.status).toBe(200)
    expect(echo).toMatchObject({ path: '/prefix/api/v1/pods?limit=5', version })
    expect(echo.headers).toMatchObject({
      authorization: 'Bearer token-1234',
      accept: 'application/json',
      'user-agent': 'sluice',
    })
    expect(echo.headers['accept-encoding']).toBeUndefined()
    await Promise.all(Array.from({ length: 40 }, () => client.request({ method: 'GET', path: '/api' })))
    expect(server.sockets.size).toBeLessThanOrEqual(version === '2.0' ? 1 : 8)
  })

  it('over plain http', async () => {
    const server = await servePlain((request, response) => void response.end(JSON.stringify({ path: request.url })))
    cleanups.push(() => server.close())
    const client = await openClient({ server: server.url })
    expect((await client.request({ method: 'GET', path: '/version' })).json()).toEqual({ path: '/version' })
  })

  it('sends bodies and impersonation', async () => {
    const server = await tls((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () =>
        response.end(
          JSON.stringify({ body: Buffer.concat(chunks).toString(), headers: request.headers, raw: request.rawHeaders }),
        ),
      )
    })
    const client = await openClient(
      { server: server.url, ...trusted },
      { username: 'u', password: 'p', as: 'bob', 'as-groups': ['a,b', 'c'], 'as-user-extra': { 'X/y': ['1'] } },
    )
    const response = await client.request({
      method: 'PATCH',
      path: '/x',
      body: [{ op: 'test' }],
      contentType: 'application/json-patch+json',
    })
    const echo = response.json() as { body: string; headers: Record<string, string>; raw: string[] }
    expect(echo.body).toBe('[{"op":"test"}]')
    expect(echo.headers).toMatchObject({
      'content-type': 'application/json-patch+json',
      authorization: `Basic ${base64('u:p')}`,
      'impersonate-user': 'bob',
      'impersonate-extra-x%2fy': '1',
    })
    expect(echo.raw.filter((_, i) => echo.raw[i - 1] === 'impersonate-group')).toEqual(['a,b', 'c'])
  })

  it('is somebody else’s where asked: in place of whom the kubeconfig impersonates, never a second header', async () => {
    const server = await tls(json)
    const user = { token: 't', as: 'bob', 'as-groups': ['admins'], 'as-user-extra': { x: ['1'] } }
    const client = await openClient({ server: server.url, ...trusted }, user)
    const asked = { method: 'PATCH', path: '/x?dryRun=All', body: {} } as const
    const deployer = 'system:serviceaccount:apps:deployer'
    const { headers } = (await client.request({ ...asked, impersonate: deployer })).json() as Echo
    expect(headers).toMatchObject({ authorization: 'Bearer t', 'impersonate-user': deployer })
    expect(Object.keys(headers).filter((name) => name.startsWith('impersonate-'))).toEqual(['impersonate-user'])
    for (const impersonate of ['a b', 'a\r\nimpersonate-group: system:masters', '', 'ü'])
      await expect(client.request({ ...asked, impersonate })).rejects.toMatchObject({ code: 'InvalidInput' })
  })

  it.each(['/a b', '/a\r\nx: y', '//\u0000', 'api', '/a#b', '/ü', ''])('with path %j does not leave', async (path) => {
    const client = await openClient({ server: 'https://127.0.0.1:1' })
    await expect(client.request({ method: 'GET', path })).rejects.toMatchObject({ code: 'InvalidInput' })
  })

  it('of a read-only client is refused before a byte is sent', async () => {
    let connections = 0
    const server = await tls(json)
    server.server.on('connection', () => connections++)
    const client = await openClient({ server: server.url, ...trusted })
    client.setReadOnly(true)
    for (const [method, path] of [
      ['PATCH', '/api/v1/namespaces/a'],
      ['POST', '/api/v1/namespaces'],
      ['GET', '/api/v1/namespaces/a/pods/p/exec'],
    ] as const) {
      await expect(client.request({ method, path, ...(method === 'GET' ? {} : { body: {} }) })).rejects.toMatchObject({
        code: 'ReadOnlyContext',
      })
      await expect(client.stream({ method, path })).rejects.toMatchObject({ code: 'ReadOnlyContext' })
    }
    expect(connections).toBe(0)
    await client.request({ method: 'PATCH', path: '/api/v1/namespaces/a?dryRun=All', body: {} })
    client.setReadOnly(false)
    await client.request({ method: 'PATCH', path: '/api/v1/namespaces/a', body: {} })
  })

  it('asks once more when its bytes go out', async () => {
    for (const isHttp1 of [false, true]) {
      const seen: string[] = []
      const server = await tls(
        (request, response) => {
          seen.push(request.method)
          json(request, response)
        },
        { isHttp1 },
      )
      const client = await openClient({ server: server.url, ...trusted })
      let asked = 0
      const write = (isAllowed: boolean): Promise<unknown> =>
        client.request({
          method: 'PATCH',
          path: '/api/v1/namespaces/a',
          body: {},
          demand: () => {
            asked += 1
            if (!isAllowed) throw new SluiceError('LeaseLost', 'not any more')
          },
        })
      await expect(write(false)).rejects.toMatchObject({ code: 'LeaseLost' })
      expect(seen).toEqual([])
      await write(true)
      await expect(write(false)).rejects.toMatchObject({ code: 'LeaseLost' })
      expect([seen, asked]).toEqual([['PATCH'], 3])
    }
  })

  it('respects the limit of concurrent streams, and answers all', async () => {
    let now = 0
    let most = 0
    const server = await tls(
      (_request, response) => {
        most = Math.max(most, ++now)
        setTimeout(() => {
          now--
          response.end('{}')
        }, 5)
      },
      { settings: { maxConcurrentStreams: 3 } },
    )
    const client = await openClient({ server: server.url, ...trusted })
    await client.request({ method: 'GET', path: '/' })
    const answers = await Promise.all(Array.from({ length: 30 }, () => client.request({ method: 'GET', path: '/' })))
    expect(answers).toHaveLength(30)
    expect(most).toBeLessThanOrEqual(3)
    expect(server.sockets.size).toBe(1)
  })

  it('reads gzip, and refuses what does not decompress', async () => {
    const server = await tls((request, response) => {
      response.setHeader('content-encoding', request.url === '/other' ? 'br' : 'gzip')
      response.end(request.url === '/bad' ? 'nonsense' : gzipSync('{"a":1}'))
    })
    const client = await openClient({ server: server.url, ...trusted })
    expect((await client.request({ method: 'GET', path: '/good' })).json()).toEqual({ a: 1 })
    await expect(client.request({ method: 'GET', path: '/bad' })).rejects.toMatchObject({ code: 'ResponseMalformed' })
    await expect(client.request({ method: 'GET', path: '/other' })).rejects.toMatchObject({ code: 'ResponseMalformed' })
    const { lines } = await client.stream({ method: 'GET', path: '/stream' })
    expect(await readLines(lines)).toEqual(['{"a":1}'])
  })

  it('asks for gzip only where the server is not this machine', async () => {
    const server = await tls(json, { hosts: ['api.example'] })
    const lookup = createNameLookup({
      system: async () => [{ address: '127.0.0.1', family: 4 }],
      direct: async () => [],
    })
    const client = await openClient({ server: `https://api.example:${server.port}`, ...trusted }, {}, { lookup })
    const echo = (await client.request({ method: 'GET', path: '/' })).json() as Echo
    expect(echo.headers['accept-encoding']).toBe('gzip')
  })

  it('that is answered by HTML says so', async () => {
    const server = await tls((_request, response) => void response.end('<html>login</html>'))
    const client = await openClient({ server: server.url, ...trusted })
    const response = await client.request({ method: 'GET', path: '/' })
    expect(() => response.json()).toThrow(expect.objectContaining({ code: 'ResponseMalformed' }))
  })

  it('beyond the longest body is refused', async () => {
    const server = await tls((_request, response) => void response.end('x'.repeat(200_000)))
    const client = await openClient({ server: server.url, ...trusted }, {}, { transport: { maxBodyBytes: 100_000 } })
    await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ResponseMalformed' })
  })

  it('with a body that no API server takes is answered as one would, and not sent', async () => {
    const seen: string[] = []
    const server = await tls((request, response) => {
      seen.push(request.method ?? '')
      response.end('{}')
    })
    const client = await openClient({ server: server.url, ...trusted })
    const patch = (length: number) =>
      client.request({ method: 'PATCH', path: '/api/v1/x', body: { text: 'x'.repeat(length) } })
    const answer = await patch(3 * 1024 * 1024)
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ kind: 'Status', code: 413, reason: 'RequestEntityTooLarge' })
    expect(seen).toEqual([])
    expect((await patch(3 * 1024 * 1024 - 100)).status).toBe(200)
    expect(seen).toEqual(['PATCH'])
  })

  it('times out, is aborted, and leaves the others alone', async () => {
    const server = await tls((request, response) => void (request.url === '/hang' || response.end('{}')))
    const client = await openClient({ server: server.url, ...trusted })
    await expect(client.request({ method: 'GET', path: '/hang', timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ConnectionTimeout',
      retry: 'transient',
    })
    const aborting = new AbortController()
    const hanging = client.request({ method: 'GET', path: '/hang', signal: aborting.signal })
    await client.request({ method: 'GET', path: '/' })
    aborting.abort()
    await expect(hanging).rejects.toMatchObject({ code: 'Canceled', retry: 'canceled' })
    await expect(client.request({ method: 'GET', path: '/', signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'Canceled',
    })
    expect(server.sockets.size).toBe(1)
  })
})

describe('throttling and goodbyes', () => {
  it('waits as told and asks once more, for GET only', async () => {
    let asked = 0
    const server = await tls((_request, response) => {
      asked++
      response.writeHead(asked === 1 ? 429 : 200, { 'retry-after': '0' }).end('{}')
    })
    const client = await openClient({ server: server.url, ...trusted })
    expect((await client.request({ method: 'GET', path: '/' })).status).toBe(200)
    asked = 0
    expect((await client.request({ method: 'POST', path: '/', body: {} })).status).toBe(429)
    expect(asked).toBe(1)
  })

  it('gives a long Retry-After, and a second 429, to the engine', async () => {
    let retryAfter = '600'
    const server = await tls(
      (_request, response) => void response.writeHead(429, { 'retry-after': retryAfter }).end('{}'),
    )
    const client = await openClient({ server: server.url, ...trusted })
    const long = await client.request({ method: 'GET', path: '/' })
    expect([long.status, long.headers['retry-after']]).toEqual([429, '600'])
    retryAfter = '0'
    expect((await client.request({ method: 'GET', path: '/' })).status).toBe(429)
  })

  it('GOAWAY: what runs ends, what comes gets a new session', async () => {
    const sessions: ServerHttp2Session[] = []
    const held: (() => void)[] = []
    const server = await tls((request, response) => {
      if (request.url === '/slow') held.push(() => response.end('{"slow":true}'))
      else response.end('{}')
    })
    ;(server.server as Http2SecureServer).on('session', (session) => sessions.push(session))
    const client = await openClient({ server: server.url, ...trusted })
    const slow = client.request({ method: 'GET', path: '/slow' })
    await until(() => held.length === 1)
    sessions[0]?.goaway(0)
    await until(() => server.sockets.size === 1)
    await client.request({ method: 'GET', path: '/' })
    held[0]?.()
    expect((await slow).json()).toEqual({ slow: true })
    await client.request({ method: 'GET', path: '/' })
    expect(sessions.length).toBe(2)
  })

  it('a session that breaks: GET is sent again, a write is not', async () => {
    let seen = 0
    const server = await tls((request, response) => {
      seen++
      if (seen === 1) request.stream.session?.destroy()
      else response.end('{}')
    })
    const client = await openClient({ server: server.url, ...trusted })
    expect((await client.request({ method: 'GET', path: '/' })).status).toBe(200)
    expect(seen).toBe(2)
    seen = 0
    await expect(client.request({ method: 'PATCH', path: '/', body: {} })).rejects.toMatchObject({
      code: 'ConnectionLost',
      retry: 'transient',
    })
    expect(seen).toBe(1)
    expect((await client.request({ method: 'PATCH', path: '/', body: {} })).status).toBe(200)
  })

  it('a refused stream is sent again, even a write', async () => {
    let seen = 0
    const server = await tls((request, response) => {
      seen++
      if (seen === 1) request.stream.close(7)
      else response.end('{}')
    })
    const client = await openClient({ server: server.url, ...trusted })
    expect((await client.request({ method: 'PATCH', path: '/', body: {} })).status).toBe(200)
    expect(seen).toBe(2)
  })

  it('no answer to PING ends the session', async () => {
    const server = await tls((_request, response) => void response.write('{"a":1}\n'))
    const { port, stall } = await relay(server.port)
    const url = `https://127.0.0.1:${port}`
    const client = await openClient({ server: url, ...trusted }, {}, { transport: { pingIntervalMs: 50 } })
    const { lines } = await client.stream({ method: 'GET', path: '/watch' })
    const iterator = lines[Symbol.asyncIterator]()
    expect(await iterator.next()).toMatchObject({ value: ['{"a":1}'] })
    stall()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ConnectionLost' })
  })
})

describe('a stream', () => {
  it.each([
    ['HTTP/2', {}],
    ['HTTP/1.1', { isHttp1: true }],
  ])('gives lines as they come, and ends when the server ends (%s)', async (_name, options) => {
    let push: (text: string | Buffer | null) => void = () => undefined
    const server = await tls((_request, response) => {
      push = (text) => (text === null ? response.end() : response.write(text))
      push('{"a":1}\n')
    }, options)
    const client = await openClient({ server: server.url, ...trusted })
    const { status, lines } = await client.stream({ method: 'GET', path: '/watch', timeoutMs: 200 })
    expect(status).toBe(200)
    const iterator = lines[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toEqual(['{"a":1}'])
    // Longer than the time-out, which only counts until the headers came.
    await new Promise((resolve) => setTimeout(resolve, 250))
    const wave = Buffer.from('{"b":"🌊"}\n\n{"c":3}\nlast')
    push(wave.subarray(0, 8))
    push(wave.subarray(8))
    push(null)
    const rest: string[] = []
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) rest.push(...next.value)
    expect(rest).toEqual(['{"b":"🌊"}', '', '{"c":3}', 'last'])
  })

  it.each([
    ['HTTP/2', {}],
    ['HTTP/1.1', { isHttp1: true }],
  ])('that is cut fails with ConnectionLost (%s)', async (_name, options) => {
    const server = await tls((_request, response) => void response.write('{"a":1}\n{"b'), options)
    const client = await openClient({ server: server.url, ...trusted })
    const { lines } = await client.stream({ method: 'GET', path: '/watch' })
    const iterator = lines[Symbol.asyncIterator]()
    await iterator.next()
    for (const socket of server.sockets) socket.destroy()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ConnectionLost', retry: 'transient' })
  })

  it('over HTTP/1.1 that falls silent is given up where bookmarks are due', async () => {
    let push = (): void => undefined
    const server = await tls((_request, response) => (push = () => void response.write('{}\n'))(), { isHttp1: true })
    const client = await openClient({ server: server.url, ...trusted }, {}, { transport: { silenceTimeoutMs: 200 } })
    const { lines } = await client.stream({ method: 'GET', path: '/x?watch=true&allowWatchBookmarks=true' })
    const iterator = lines[Symbol.asyncIterator]()
    for (let i = 0; i < 5; i++) {
      await iterator.next()
      setTimeout(push, 100)
    }
    await iterator.next()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ConnectionLost' })
    const log = await client.stream({ method: 'GET', path: '/log?follow=true' })
    const logLines = log.lines[Symbol.asyncIterator]()
    await logLines.next()
    setTimeout(() => push(), 400)
    expect((await logLines.next()).value).toEqual(['{}'])
  })

  it('that is aborted or left ends on the server, the session stays', async () => {
    let closed = 0
    const server = await tls((_request, response) => {
      response.write('{}\n')
      response.on('close', () => closed++)
    })
    const client = await openClient({ server: server.url, ...trusted })
    const aborting = new AbortController()
    const first = await client.stream({ method: 'GET', path: '/watch', signal: aborting.signal })
    const reading = readLines(first.lines)
    aborting.abort()
    await expect(reading).rejects.toMatchObject({ code: 'Canceled' })
    for await (const batch of (await client.stream({ method: 'GET', path: '/watch' })).lines) {
      expect(batch).toEqual(['{}'])
      break
    }
    await until(() => closed === 2)
    expect(server.sockets.size).toBe(1)
  })

  it('that is refused gives its body as error', async () => {
    const server = await tls((_request, response) => void response.writeHead(410).end('{"reason":"Expired"}'))
    const client = await openClient({ server: server.url, ...trusted })
    const answer = await client.stream({ method: 'GET', path: '/watch' })
    expect(answer.status).toBe(410)
    expect((await answer.error()).json()).toEqual({ reason: 'Expired' })
    expect(await readLines(answer.lines)).toEqual([])
  })

  it('holds the server back while nobody reads', async () => {
    let sent = 0
    const server = await tls((_request, response) => {
      const line = `${'x'.repeat(65_535)}\n`
      const write = (): void => {
        while (sent < 2000) {
          sent++
          if (!response.write(line)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const client = await openClient({ server: server.url, ...trusted })
    const { lines } = await client.stream({ method: 'GET', path: '/big' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toBeLessThan(200)
    let count = 0
    for await (const batch of lines) count += batch.length
    expect(count).toBe(2000)
  })

  it('with a line that is too long fails by itself', async () => {
    const server = await tls((_request, response) => void response.end(`ok\n${'x'.repeat(300_000)}\nok\n`))
    const client = await openClient({ server: server.url, ...trusted }, {}, { transport: { maxLineBytes: 100_000 } })
    const { lines } = await client.stream({ method: 'GET', path: '/' })
    await expect(readLines(lines)).rejects.toMatchObject({ code: 'ResponseMalformed' })
  })

  it('beyond the server’s limit gets a further session', async () => {
    const server = await tls((_request, response) => void response.write('{}\n'), {
      settings: { maxConcurrentStreams: 4 },
    })
    const client = await openClient({ server: server.url, ...trusted })
    const first = await client.stream({ method: 'GET', path: '/watch' })
    await first.lines[Symbol.asyncIterator]().next()
    await Promise.all(Array.from({ length: 11 }, () => client.stream({ method: 'GET', path: '/watch' })))
    expect(server.sockets.size).toBe(3)
    client.close()
    await until(() => server.sockets.size === 0)
    await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'NotConnected' })
  })

  it('reset while connecting is a lost connection, not a cancellation', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    cleanups.push(async () => mute.close())
    const client = await openClient({ server: `https://127.0.0.1:${(mute.address() as AddressInfo).port}` })
    const request = client.request({ method: 'GET', path: '/' })
    await once(mute, 'connection')
    client.reset()
    await expect(request).rejects.toMatchObject({ code: 'ConnectionLost' })
  })

  it('follows no redirect: credentials stay with their server', async () => {
    const thief = await tls(json)
    const server = await tls((_request, response) => void response.writeHead(307, { location: thief.url }).end())
    const client = await openClient({ server: server.url, ...trusted })
    expect((await client.request({ method: 'GET', path: '/' })).status).toBe(307)
    expect(thief.sockets.size).toBe(0)
  })

  it('reset drops sessions, the next request connects anew', async () => {
    const server = await tls((_request, response) => void response.write('{}\n'))
    const client = await openClient({ server: server.url, ...trusted })
    const { lines } = await client.stream({ method: 'GET', path: '/watch' })
    const reading = readLines(lines)
    client.reset()
    await expect(reading).rejects.toMatchObject({ code: 'ConnectionLost' })
    await client.stream({ method: 'GET', path: '/watch' })
  })
})

describe('faults are told apart', () => {
  const secret = 'token-hunter2'
  async function faultOf(cluster: object, options: Partial<KubeConfigsOptions> = {}, user: object = { token: secret }) {
    const client = await openClient(cluster, user, { transport: { connectTimeoutMs: 500 }, ...options })
    const error = await client.request({ method: 'GET', path: '/version' }).then(
      () => null,
      (fault: { code: string; message: string; remedy: string; detail: string }) => fault,
    )
    if (error === null) throw new Error('was answered')
    expect(error.message).toContain('Context "test"')
    expect(error.remedy).not.toBe('')
    expect(`${error.message}${error.remedy}${error.detail}`).not.toContain('hunter2')
    return error
  }
  async function freePort(): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    return port
  }

  it('refused', async () => {
    const error = await faultOf({ server: `https://127.0.0.1:${await freePort()}` })
    expect(error.code).toBe('ConnectionRefused')
  })

  it('refused on both addresses of localhost', async () => {
    const error = await faultOf({ server: `https://localhost:${await freePort()}` })
    expect(error.code).toBe('ConnectionRefused')
  })

  it('a server that accepts and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    cleanups.push(async () => silent.close())
    const error = await faultOf({ server: `https://127.0.0.1:${(silent.address() as AddressInfo).port}` })
    expect(error.code).toBe('ConnectionTimeout')
  })

  it('unknown name, silent name server, several dead names and one that lives', async () => {
    const fail = (code: string) => async () => Promise.reject(Object.assign(new Error('x'), { code }))
    const unknown = createNameLookup({ system: fail('ENOTFOUND'), direct: async () => [] })
    expect((await faultOf({ server: 'https://gone.example' }, { lookup: unknown })).code).toBe('NameNotResolved')
    const again = createNameLookup({ system: fail('EAI_AGAIN'), direct: async () => [] })
    expect((await faultOf({ server: 'https://gone.example' }, { lookup: again })).code).toBe('NameNotResolved')
    const silent = createNameLookup({
      system: () => new Promise(() => undefined),
      direct: async () => [],
      deadlineMs: 50,
    })
    expect((await faultOf({ server: 'https://gone.example' }, { lookup: silent })).code).toBe('NameNotResolved')
    const half = createNameLookup({
      system: (host) =>
        host === 'live.example' ? Promise.resolve([{ address: '127.0.0.9', family: 4 }]) : new Promise(() => undefined),
      direct: async (host) => (host === 'live.example' ? [{ address: '127.0.0.8', family: 4 }] : []),
      preferSystemMs: 20,
    })
    for (let i = 0; i < 20; i++) void half.resolve(`dead${i}.example`).catch(() => undefined)
    expect(await half.resolve('live.example')).toEqual([{ address: '127.0.0.8', family: 4 }])
  })

  it('untrusted, expired, not yet valid, other name', async () => {
    const server = await tls(json)
    const other = createAuthority('other')
    expect((await faultOf({ server: server.url, 'certificate-authority-data': base64(other.certPem) })).code).toBe(
      'TlsUntrusted',
    )
    expect((await faultOf({ server: server.url })).code).toBe('TlsUntrusted')
    for (const when of ['2001-01-01', '2099-01-01']) {
      const old = issueLeaf(authority, { commonName: 'x', usage: 'server', hosts: ['127.0.0.1'] }, new Date(when))
      const stale = await tls(json, { cert: old.certPem, key: old.keyPem })
      const error = await faultOf({ server: stale.url, ...trusted })
      expect(error.code).toBe('TlsUntrusted')
      expect(error.message).toContain('expired or not valid yet')
    }
    const named = await tls(json, { hosts: ['api.internal'] })
    expect((await faultOf({ server: named.url, ...trusted })).code).toBe('TlsNameMismatch')
    const client = await openClient({ server: named.url, ...trusted, 'tls-server-name': 'api.internal' })
    expect((await client.request({ method: 'GET', path: '/' })).status).toBe(200)
    const careless = await openClient({ server: named.url, 'insecure-skip-tls-verify': true })
    expect((await careless.request({ method: 'GET', path: '/' })).status).toBe(200)
  })

  it('no TLS at all, and a server that hangs up', async () => {
    const plain = await servePlain((_request, response) => void response.end('x'))
    cleanups.push(() => plain.close())
    expect((await faultOf({ server: `https://127.0.0.1:${plain.port}` })).code).toBe('TlsUntrusted')
    const rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(rude, 'listening')
    cleanups.push(async () => rude.close())
    expect((await faultOf({ server: `https://127.0.0.1:${(rude.address() as AddressInfo).port}` })).code).toBe(
      'ConnectionLost',
    )
  })

  it('the client certificate is refused', async () => {
    const leaf = issueLeaf(createAuthority('stranger'), { commonName: 'mallory', usage: 'client' })
    const server = await tls(json, { requestCert: true, rejectUnauthorized: true, ca: authority.certPem })
    const user = { 'client-certificate-data': base64(leaf.certPem), 'client-key-data': base64(leaf.keyPem) }
    const error = await faultOf({ server: server.url, ...trusted }, {}, user)
    // Servers that send an alert make it Unauthorized; this one only closes.
    expect(error.code).toBe('ConnectionLost')
    expect(error.remedy).toContain('client certificate')
  })

  it('proxies: absent, refusing, asking for a password', async () => {
    const server = await tls(json)
    const dead = await faultOf({
      server: server.url,
      ...trusted,
      'proxy-url': `http://u:hunter2@127.0.0.1:${await freePort()}`,
    })
    expect(dead.code).toBe('ProxyFailed')
    for (const status of [407, 403, 502]) {
      const proxy = createHttpServer((_request, response) => void response.writeHead(status).end())
      proxy.on('connect', (_request, socket: Socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`))
      proxy.listen(0, '127.0.0.1')
      await once(proxy, 'listening')
      cleanups.push(async () => proxy.close())
      const { port } = proxy.address() as AddressInfo
      const error = await faultOf({ server: server.url, ...trusted, 'proxy-url': `http://u:hunter2@127.0.0.1:${port}` })
      expect(error.code).toBe('ProxyFailed')
      expect(error.message).toContain(String(status))
    }
  })
})

describe('a proxy', () => {
  it.each(['http', 'https'])('%s: tunnels HTTP/2, with its password', async (scheme) => {
    const server = await tls(json)
    const seen: string[] = []
    const leaf = issueLeaf(authority, { commonName: 'proxy', usage: 'server', hosts: ['127.0.0.1'] })
    const front =
      scheme === 'http'
        ? createHttpServer()
        : (await import('node:https')).createServer({ cert: leaf.certPem, key: leaf.keyPem })
    front.on('connect', (request, socket: Socket) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization']}`)
      const [host, port] = (request.url ?? '').split(':')
      const through = connectTcp(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        through.pipe(socket).pipe(through)
      })
      socket.on('error', () => through.destroy())
      through.on('error', () => socket.destroy())
      cleanups.push(async () => socket.destroy())
    })
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    cleanups.push(async () => front.close())
    const { port } = front.address() as AddressInfo
    const client = await openClient({
      server: server.url,
      ...trusted,
      'proxy-url': `${scheme}://us%40er:pw@127.0.0.1:${port}`,
    })
    if (scheme === 'https') {
      // Its certificate is not one of the public authorities: trusted by nobody here.
      await expect(client.request({ method: 'GET', path: '/' })).rejects.toMatchObject({ code: 'ProxyFailed' })
      return
    }
    const echo = (await client.request({ method: 'GET', path: '/' })).json() as Echo
    expect(echo.version).toBe('2.0')
    expect(seen).toEqual([`127.0.0.1:${server.port} Basic ${base64('us@er:pw')}`])
  })
})

describe('many contexts', () => {
  it('twenty dead ones do not slow the live one', async () => {
    const server = await tls(json)
    const silent = createTlsServer().listen(0, '127.0.0.1')
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await Promise.all([once(silent, 'listening'), once(mute, 'listening')])
    cleanups.push(async () => {
      silent.close()
      mute.close()
    })
    const dead = Array.from({ length: 20 }, (_, i) => ({
      name: `dead${i}`,
      cluster: {
        server: i % 2 === 0 ? `https://127.0.0.1:${(mute.address() as AddressInfo).port}` : `https://dead${i}.invalid`,
      },
    }))
    await box.write(
      '.kube/config',
      kubeconfigText(...dead, { name: 'live', cluster: { server: server.url, ...trusted } }),
    )
    const lookup = createNameLookup({
      system: () => new Promise(() => undefined),
      direct: () => new Promise(() => undefined),
    })
    const configs: NodeKubeConfigs = box.configs({ lookup, transport: { connectTimeoutMs: 1500 } })
    const { contexts } = await readSet(configs)
    const started = performance.now()
    const faults = contexts
      .filter(({ name }) => name !== 'live')
      .map(({ id }) =>
        configs
          .open(id)
          .request({ method: 'GET', path: '/' })
          .then(
            () => 'answered',
            (error: { code: string }) => error.code,
          ),
      )
    const live = configs.open('live')
    expect((await live.request({ method: 'GET', path: '/' })).status).toBe(200)
    expect(performance.now() - started).toBeLessThan(1000)
    expect(new Set(await Promise.all(faults))).toEqual(new Set(['ConnectionTimeout']))
  })
})
