/**
 * A way to the real API server that breaks when a test says so: TLS on loopback, every request handed on with the administrator's certificate, each
 * one's fate decided by a rule: passed, delayed, refused, or cut before or after the server has acted on it.
 */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as sendHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { TestCluster } from '../../cluster/start.ts'

export type RequestKind = 'read' | 'watch' | 'dryRun' | 'lease' | 'event' | 'write'

export interface PassedRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly kind: RequestKind
  readonly authorization: string
  readonly at: number
}

export type Fate =
  | 'pass'
  /** The connection breaks and the server never heard of it. */
  | 'cutBefore'
  /** The server has acted, and the answer is lost; refusals come through. */
  | 'cutAfter'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

export type FaultRule = (request: PassedRequest) => Fate | Promise<Fate>

export interface FaultProxy {
  /** A kubeconfig whose context `test` leads through here; `user` as a kubeconfig has it. */
  kubeconfig(user?: Readonly<Record<string, unknown>>): string
  readonly requests: readonly PassedRequest[]
  /** Null: all pass. */
  obey(rule: FaultRule | null): void
  /** Watches say nothing any more, though their connections stand; false: they say what they held back. */
  freezeWatches(isFrozen: boolean): void
  /** Hands further lines to the watches of this path, as if the server had told them; resolves when they take more. How many watches there are. */
  tellWatches(pathname: string, lines: string): Promise<number>
  /** How often the server has said that it knows no such resource version any more: 410, or that in a watch. */
  expired(): number
  stop(): Promise<void>
}

export async function startFaultProxy(
  cluster: Pick<TestCluster, 'url' | 'caPem' | 'kubeconfigPath'>,
): Promise<FaultProxy> {
  const text = await readFile(cluster.kubeconfigPath, 'utf8')
  const pem = (field: string): string => {
    const found = new RegExp(`${field}: (\\S+)`).exec(text)?.[1] ?? ''
    return Buffer.from(found, 'base64').toString('utf8')
  }
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 256,
    ca: cluster.caPem,
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  })
  const authority = createAuthority('faults')
  const leaf = issueLeaf(authority, { commonName: 'faults', usage: 'server', hosts: ['127.0.0.1'] })
  const requests: PassedRequest[] = []
  const watches = new Set<IncomingMessage>()
  let rule: FaultRule | null = null
  let isFrozen = false
  let expired = 0

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { method = 'GET', url = '/' } = incoming
    const { authorization = '' } = incoming.headers
    const passed = { method, path: url, kind: kindOf(method, url), authorization, at: performance.now() }
    requests.push(passed)
    const fate = rule === null ? 'pass' : await rule(passed)
    if (fate === 'cutBefore') return void incoming.socket.destroy()
    if (typeof fate === 'object') {
      const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: fate.status, message: 'a fault' }
      outgoing.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers })
      return void outgoing.end(JSON.stringify(body))
    }
    const { host: _host, connection: _connection, authorization: _token, ...headers } = incoming.headers
    const target = new URL(url, cluster.url)
    const forward = sendHttps(target, { method, agent, headers }, (answer) => {
      if (fate === 'cutAfter' && (answer.statusCode ?? 500) < 300) {
        answer.resume()
        answer.once('end', () => incoming.socket.destroy())
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', () => outgoing.destroy())
      if (answer.statusCode === 410) expired += 1
      if (passed.kind === 'watch')
        answer.on('data', (chunk: Buffer) => {
          if (chunk.includes('"type":"ERROR"') && chunk.includes('"code":410')) expired += 1
        })
      if (passed.kind === 'watch') {
        watches.add(answer)
        answer.once('close', () => {
          watches.delete(answer)
          // What the server said to its end is on its way still: a 410 that is cut off keeps a watch from listing anew.
          if (!answer.complete) outgoing.destroy()
        })
        outgoing.flushHeaders()
        open.set(outgoing, new URL(url, cluster.url).pathname)
        outgoing.once('close', () => open.delete(outgoing))
      }
      answer.pipe(outgoing)
      if (passed.kind === 'watch' && isFrozen) answer.unpipe(outgoing).pause()
      pipes.set(answer, outgoing)
    })
    outgoing.once('close', () => forward.destroy())
    forward.on('error', () => outgoing.destroy())
    forward.end(Buffer.concat(chunks))
  }
  const open = new Map<ServerResponse, string>()
  const pipes = new WeakMap<IncomingMessage, ServerResponse>()

  const server = createServer({ key: leaf.keyPem, cert: leaf.certPem }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    requests,
    kubeconfig: (user = { token: 'of-the-test' }) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        clusters: [
          {
            name: 'test',
            cluster: {
              server: `https://127.0.0.1:${String(port)}`,
              'certificate-authority-data': Buffer.from(authority.certPem).toString('base64'),
            },
          },
        ],
        users: [{ name: 'test', user }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      }),
    obey: (next) => void (rule = next),
    freezeWatches(is) {
      if (is === isFrozen) return
      isFrozen = is
      for (const answer of watches) {
        const outgoing = pipes.get(answer)
        if (outgoing === undefined) continue
        if (is) answer.unpipe(outgoing).pause()
        else answer.pipe(outgoing)
      }
    },
    async tellWatches(pathname, lines) {
      const meant = [...open].filter(([, at]) => at === pathname).map(([outgoing]) => outgoing)
      await Promise.all(
        meant.map(async (outgoing) => {
          if (outgoing.write(lines)) return
          await new Promise<void>((resolve) => {
            const go = (): void => {
              outgoing.off('drain', go).off('close', go)
              resolve()
            }
            outgoing.on('drain', go).on('close', go)
          })
        }),
      )
      return meant.length
    },
    expired: () => expired,
    async stop() {
      rule = null
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      agent.destroy()
    },
  }
}

export function kindOf(method: string, url: string): RequestKind {
  const { pathname, searchParams } = new URL(url, 'https://127.0.0.1')
  if (pathname.includes('/leases/') || pathname.endsWith('/leases')) return 'lease'
  if (method === 'GET') return searchParams.has('watch') ? 'watch' : 'read'
  if (pathname.startsWith('/apis/authorization.k8s.io/') || pathname.startsWith('/apis/authentication.k8s.io/'))
    return 'read'
  if (searchParams.get('dryRun') === 'All') return 'dryRun'
  return pathname.endsWith('/events') || pathname.includes('/events/') ? 'event' : 'write'
}
