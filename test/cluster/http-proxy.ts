/** A proxy on loopback that lets through who knows the password: requests for http, tunnels for https. */
import { createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { listen, stopServer } from './loopback.ts'

export interface HttpProxy {
  /** http://127.0.0.1:PORT */
  readonly url: string
  /** `GET http://…` and `CONNECT host:port`, in order of arrival. */
  readonly asked: string[]
  stop(): void
}

export async function startHttpProxy(username: string, password: string): Promise<HttpProxy> {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const asked: string[] = []
  const isAllowed = ({ headers }: IncomingMessage): boolean => headers['proxy-authorization'] === expected
  const proxy = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    if (!isAllowed(incoming)) return void outgoing.writeHead(407).end()
    const { method, headers, url = '' } = incoming
    incoming.pipe(
      request(url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }),
    )
  })
  proxy.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url ?? ''}`)
    if (!isAllowed(incoming)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const far = connect(Number(new URL(`tcp://${incoming.url ?? ''}`).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    for (const end of [far, socket]) end.on('error', () => undefined)
  })
  const port = await listen(proxy)
  return { url: `http://127.0.0.1:${String(port)}`, asked, stop: () => stopServer(proxy) }
}
