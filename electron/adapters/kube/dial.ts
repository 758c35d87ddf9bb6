/** One connection to an API server: name, TCP or proxy, TLS, all within one deadline. Says which HTTP version was agreed. */
import { request as requestHttp } from 'node:http'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext, getCACertificates } from 'node:tls'
import type { ConnectionOptions, SecureContext } from 'node:tls'
import type { LookupAddress } from 'node:dns'
import type { ContextSettings } from './context-settings.ts'
import type { NameLookup } from './name-lookup.ts'
import { canceled, connectTimeout, proxyRefused, toTransportError } from './network-errors.ts'
import type { Phase, Target } from './network-errors.ts'

/** Client certificate of one connection, PEM. */
export interface TlsIdentity {
  readonly cert: Buffer | string
  readonly key: Buffer | string
}

export interface Connection {
  readonly socket: Socket
  readonly protocol: 'h2' | 'http/1.1'
}

export interface DialOptions {
  readonly settings: ContextSettings
  readonly target: Target
  /** In place of the settings' own, where an exec plugin gave one. */
  readonly identity: TlsIdentity | null
  readonly lookup: NameLookup
  /** WebSockets want HTTP/1.1 alone; default both. */
  readonly protocols?: readonly Connection['protocol'][]
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/** Opens a connection. Rejects with a SluiceError that names context and server; nothing is left open then. */
export async function dial(options: DialOptions): Promise<Connection> {
  const { settings, target, signal } = options
  let phase: Phase = 'lookup'
  const opened: Socket[] = []
  const keep = <T extends Socket>(socket: T): T => {
    opened.push(socket)
    // Late errors of a socket that was given up must not surface as uncaught.
    socket.on('error', ignoreError)
    return socket
  }
  const watch = watchDeadline(options)
  try {
    signal.throwIfAborted()
    const first = settings.proxy ?? settings.server
    const host = hostOf(first)
    const addresses = await watch.race(options.lookup.resolve(host))
    phase = settings.proxy === null ? 'connect' : 'proxy'
    let socket: Socket
    try {
      socket = await watch.race(openTcp(host, portOf(first), addresses, keep))
    } catch (error) {
      options.lookup.forget(host)
      throw error
    }
    if (settings.proxy !== null) {
      if (settings.proxy.protocol === 'https:')
        socket = await watch.race(openTls({ socket, ...namesOf(host, null), ca: publicAuthorities() }, keep))
      socket = keep(await watch.race(openTunnel(socket, settings, target)))
    }
    if (settings.server.protocol === 'http:') return { socket, protocol: 'http/1.1' }
    phase = 'tls'
    const tls = await watch.race(
      openTls(
        {
          socket,
          ...namesOf(hostOf(settings.server), settings.tlsServerName),
          ALPNProtocols: [...(options.protocols ?? ['h2', 'http/1.1'])],
          secureContext: secureContextOf(settings, options.identity),
          // SECURITY: item 10: off only where the kubeconfig says insecure-skip-tls-verify, which the context row flags.
          rejectUnauthorized: !settings.isInsecure,
        },
        keep,
      ),
    )
    return { socket: tls, protocol: tls.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' }
  } catch (error) {
    for (const socket of opened) socket.destroy()
    throw toTransportError(error, target, phase)
  } finally {
    watch.stop()
  }
}

function ignoreError(): void {}

/** Races each step against the deadline and the abort signal. */
function watchDeadline(options: DialOptions): { race: <T>(step: Promise<T>) => Promise<T>; stop: () => void } {
  let fail: (error: unknown) => void = ignoreError
  const failed = new Promise<never>((_, reject) => (fail = reject))
  failed.catch(ignoreError)
  const timer = setTimeout(() => fail(connectTimeout(options.target, options.deadlineMs)), options.deadlineMs)
  const abort = (): void => fail(canceled())
  options.signal.addEventListener('abort', abort, { once: true })
  return {
    race: (step) => {
      step.catch(ignoreError)
      return Promise.race([step, failed])
    },
    stop: () => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', abort)
    },
  }
}

function openTcp(
  host: string,
  port: number,
  addresses: readonly LookupAddress[],
  keep: (socket: Socket) => Socket,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = keep(
      connectTcp({
        host,
        port,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: 250,
        lookup: (_host, _options, callback) => callback(null, [...addresses]),
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 15_000,
      }),
    )
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
}

function openTls(options: ConnectionOptions, keep: <T extends Socket>(socket: T) => T): ReturnType<typeof tlsReady> {
  return tlsReady(keep(connectTls(options)))
}

function tlsReady(socket: ReturnType<typeof connectTls>): Promise<ReturnType<typeof connectTls>> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
}

/** SNI and the name that the certificate must carry. */
function namesOf(host: string, serverName: string | null): { host: string; servername?: string } {
  if (serverName !== null)
    return isIP(serverName) === 0 ? { host: serverName, servername: serverName } : { host: serverName }
  return isIP(host) === 0 ? { host, servername: host } : { host }
}

function openTunnel(socket: Socket, settings: ContextSettings, target: Target): Promise<Socket> {
  const authority = `${settings.server.hostname}:${portOf(settings.server)}`
  const { username, password } = settings.proxy ?? { username: '', password: '' }
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return new Promise((resolve, reject) => {
    const request = requestHttp({
      method: 'CONNECT',
      path: authority,
      createConnection: () => socket,
      headers: {
        host: authority,
        ...(username === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` }),
      },
    })
    request.once('connect', (response, tunnel: Socket, head: Buffer) => {
      if (response.statusCode !== 200) return reject(proxyRefused(target, response.statusCode ?? 0))
      if (head.length > 0) tunnel.unshift(head)
      resolve(tunnel)
    })
    request.once('response', (response) => reject(proxyRefused(target, response.statusCode ?? 0)))
    request.on('error', reject)
    request.end()
  })
}

let sharedAuthorities: string[] | undefined
let publicContext: SecureContext | undefined

/** Mozilla's list and the system's own: kubectl trusts the latter, and company proxies are only known there. */
export function publicAuthorities(): string[] {
  if (sharedAuthorities === undefined) {
    const lists = [getCACertificates('default')]
    try {
      lists.push(getCACertificates('system'))
    } catch {
      // A platform without a system store that can be read: the default list remains.
    }
    sharedAuthorities = [...new Set(lists.flat())]
  }
  return sharedAuthorities
}

const secureContexts = new WeakMap<ContextSettings, { identity: TlsIdentity | null; context: SecureContext }>()

/** Parsed once per context: certificates and, without an authority of its own, some hundred public ones. */
function secureContextOf(settings: ContextSettings, identity: TlsIdentity | null): SecureContext {
  const cached = secureContexts.get(settings)
  if (cached !== undefined && cached.identity === identity) return cached.context
  const own = settings.cert !== null && settings.key !== null ? { cert: settings.cert, key: settings.key } : null
  const pair = identity ?? own
  if (settings.ca === null && pair === null) return (publicContext ??= createSecureContext({ ca: publicAuthorities() }))
  const context = createSecureContext({ ca: settings.ca ?? publicAuthorities(), ...pair })
  secureContexts.set(settings, { identity, context })
  return context
}

/** Host without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}
