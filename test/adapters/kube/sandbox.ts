/** What the tests of this folder share: a temporary home, kubeconfig texts, a TLS server on loopback, a silent logger. */
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener, Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, SecureServerOptions } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { KeyPair } from '../../../electron/adapters/control-plane/certificates.ts'
import { createKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import type { KubeConfigsOptions, NodeKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import type { KubeConfigSet, KubeContextInfo } from '../../../electron/engine/ports.ts'

export interface Sandbox {
  readonly home: string
  /** Writes a file below home, returns its absolute path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>
  configs(options?: Partial<KubeConfigsOptions>): NodeKubeConfigs
  dispose(): Promise<void>
}

export async function createSandbox(): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-kube-'))
  const open: NodeKubeConfigs[] = []
  return {
    home,
    async write(name, content, mode) {
      const file = join(home, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      if (mode !== undefined) await chmod(file, mode)
      return file
    },
    configs(options = {}) {
      const configs = createKubeConfigs({
        env: { HOME: home, PATH: process.env['PATH'] },
        dataDir: join(home, 'data'),
        logger: { log: () => undefined },
        playgroundKubeconfig: () => null,
        pollIntervalMs: 200,
        debounceMs: 20,
        ...options,
      })
      open.push(configs)
      return configs
    },
    async dispose() {
      for (const configs of open) configs.dispose()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The set as it stands now. */
export async function readSet(configs: NodeKubeConfigs): Promise<KubeConfigSet> {
  await configs.refresh()
  let found: KubeConfigSet | undefined
  configs.watch((set) => (found = set))()
  if (found === undefined) throw new Error('no set')
  return found
}

export async function readContext(configs: NodeKubeConfigs, name: string): Promise<KubeContextInfo> {
  const info = (await readSet(configs)).contexts.find((context) => context.name === name)
  if (info === undefined) throw new Error(`no context ${name}`)
  return info
}

export interface Kubeconfig {
  readonly cluster: Readonly<Record<string, unknown>>
  readonly user?: Readonly<Record<string, unknown>>
  readonly name?: string
}

/** JSON is YAML. */
export function kubeconfigText(...entries: readonly Kubeconfig[]): string {
  const named = entries.map((entry) => ({ ...entry, name: entry.name ?? 'test' }))
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': named[0]?.name,
    clusters: named.map(({ name, cluster }) => ({ name, cluster })),
    users: named.map(({ name, user }) => ({ name, user: user ?? {} })),
    contexts: named.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  })
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const authority: KeyPair = createAuthority('sluice-test')

export interface LoopbackServer {
  readonly url: string
  readonly port: number
  readonly server: Http2SecureServer | HttpServer
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}

export type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** TLS on 127.0.0.1, HTTP/2 and (with `allowHTTP1`) HTTP/1.1. */
export async function serveTls(
  handler: Handler,
  options: SecureServerOptions & { hosts?: string[]; isHttp1?: boolean } = {},
): Promise<LoopbackServer> {
  const leaf = issueLeaf(authority, {
    commonName: 'server',
    usage: 'server',
    hosts: options.hosts ?? ['127.0.0.1', 'localhost'],
  })
  if (options.isHttp1 === true) {
    const listener = handler as unknown as RequestListener
    return listen(createHttpsServer({ cert: leaf.certPem, key: leaf.keyPem }, listener), 'https')
  }
  const server = createSecureServer({ cert: leaf.certPem, key: leaf.keyPem, ...options }, handler)
  return listen(server, 'https')
}

export async function servePlain(handler: RequestListener): Promise<LoopbackServer> {
  return listen(createHttpServer(handler), 'http')
}

async function listen(server: Http2SecureServer | HttpServer, scheme: string): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.on('sessionError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    server,
    sockets,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Polls until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('condition did not come true')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
