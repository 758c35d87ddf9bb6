import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'

const never = new AbortController().signal
let cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups) cleanup()
  cleanups = []
})

async function serve(listener: RequestListener): Promise<{ url: string; requests: string[]; headers: unknown[] }> {
  const requests: string[] = []
  const headers: unknown[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, headers }
}

const transport = createArtifactTransport({ userAgent: 'sluice/test', answerTimeoutMs: 300, silenceMs: 300 })

async function fetchText(url: string, signal = never): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of await transport.download(url, signal)) parts.push(part)
  return Buffer.concat(parts).toString()
}

describe('a download', () => {
  it('brings the bytes, and nothing of the user with the question', async () => {
    const server = await serve((_request, response) => void response.end('archive'))
    expect(await fetchText(`${server.url}/a/b.tar.gz`)).toBe('archive')
    expect(server.requests).toEqual(['GET /a/b.tar.gz'])
    expect(server.headers[0]).toEqual({
      accept: '*/*',
      'user-agent': 'sluice/test',
      connection: 'close',
      host: server.url.slice('http://'.length),
    })
  })

  it('follows a redirect on the same host, never to another one', async () => {
    const other = await serve((_request, response) => void response.end('stolen'))
    const server = await serve((request, response) => {
      const to =
        request.url === '/same'
          ? '/file'
          : request.url === '/other'
            ? `${other.url}/x`
            : request.url === '/round'
              ? '/round'
              : null
      if (to === null) response.end('file')
      else response.writeHead(302, { location: to }).end()
    })
    expect(await fetchText(`${server.url}/same`)).toBe('file')
    await expect(fetchText(`${server.url}/other`)).rejects.toMatchObject({
      code: 'ArtifactUnavailable',
      message: expect.stringContaining('which is not followed') as string,
    })
    await expect(fetchText(`${server.url}/round`)).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
    expect(other.requests).toEqual([])
  })

  it('tells apart what is missing, forbidden, broken, cut, silent and not there', async () => {
    const server = await serve((request, response) => {
      switch (request.url) {
        case '/missing':
          return response.writeHead(404).end()
        case '/forbidden':
          return response.writeHead(403).end()
        case '/broken':
          return response.writeHead(500).end()
        case '/cut':
          response.writeHead(200, { 'content-length': '1000' })
          response.write('abc')
          return setTimeout(() => response.destroy(), 20)
        case '/stops':
          response.writeHead(200, { 'content-length': '1000' })
          return response.write('abc')
        default:
          return undefined
      }
    })
    const codeOf = async (path: string) => {
      const error = (await fetchText(`${server.url}${path}`).catch((error: unknown) => error)) as {
        code: string
        retry: string
        message: string
      }
      return `${error.code} ${error.retry}`
    }
    expect(await codeOf('/missing')).toBe('ArtifactMissing transient')
    expect(await codeOf('/forbidden')).toBe('ArtifactUnavailable terminal')
    expect(await codeOf('/broken')).toBe('ArtifactUnavailable transient')
    expect(await codeOf('/cut')).toBe('ArtifactUnavailable transient')
    expect(await codeOf('/stops')).toBe('ArtifactUnavailable transient')
    expect(await codeOf('/silent')).toBe('ArtifactUnavailable transient')
    await expect(fetchText('http://127.0.0.1:1/x')).rejects.toMatchObject({
      message: expect.stringContaining('refused') as string,
    })
    await expect(fetchText('http://nowhere.invalid/x')).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
  })

  it.each(['file:///etc/passwd', 'ftp://a/b', 'http://user:pass@127.0.0.1/x', 'nonsense', '-o'])(
    'takes no %s',
    async (url) => {
      await expect(fetchText(url)).rejects.toMatchObject({ code: 'ArtifactRefused' })
    },
  )

  it('ends when it is canceled', async () => {
    const server = await serve((_request, response) => void response.write('abc'))
    const controller = new AbortController()
    const reading = fetchText(server.url, controller.signal)
    await expect.poll(() => server.requests.length).toBe(1)
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'Canceled' })
  })
})
