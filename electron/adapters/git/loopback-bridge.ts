/**
 * A smart-HTTP server on loopback that hands everything to a SmartTransport: a system git talks to it and never sees hosts, credentials,
 * certificates or proxies. SECURITY: items 9 and 11: the address holds 128 random bits and lives for one fetch; git is told it by its environment.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { SmartAnswer, SmartTransport } from './smart-transport.ts'
import { capped, collect } from './smart-transport.ts'

export interface LoopbackBridge {
  readonly url: string
  /** The first thing that the transport refused, which git only reports as a failed request. */
  fault(): unknown
  close(): void
}

const maxRequestBytes = 16 * 1024 * 1024

export async function openLoopbackBridge(
  transport: SmartTransport,
  maxBytes: number,
  tooLarge: () => Error,
  signal: AbortSignal,
): Promise<LoopbackBridge> {
  const secret = randomBytes(16).toString('hex')
  let fault: unknown = null
  let left = maxBytes

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    const own = `/${secret}/r.git`
    const asked = request.headers['git-protocol']
    const gitProtocol = transport.canNegotiate && typeof asked === 'string' ? asked : undefined
    let answer: SmartAnswer
    let type: string
    if (request.method === 'GET' && path === `${own}/info/refs?service=git-upload-pack`) {
      answer = await transport.advertise(signal, gitProtocol)
      type = 'application/x-git-upload-pack-advertisement'
    } else if (request.method === 'POST' && path === `${own}/git-upload-pack`) {
      const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
      const bytes = await collect(capped(body, maxRequestBytes, tooLarge))
      answer = await transport.uploadPack(bytes, signal, gitProtocol)
      type = 'application/x-git-upload-pack-result'
    } else {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of answer.body) {
        left -= chunk.length
        if (left < 0) throw tooLarge()
        yield chunk
      }
    }
    await pipeline(counted(), response)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      fault ??= error
      if (!response.headersSent) response.writeHead(502).end()
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}/r.git`,
    fault: () => fault,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
