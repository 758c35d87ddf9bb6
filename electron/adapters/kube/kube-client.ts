/** The client of one context: the port KubeClient over channels and credentials. Knows HTTP and who asks, nothing of objects. */
import type { KubeClient, KubeRequest, Logger } from '../../engine/ports.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { decodedBody, decompress, readAll, responseOf } from './answer-body.ts'
import { createChannel } from './channel.ts'
import type { Channel } from './channel.ts'
import type { ContextSettings } from './context-settings.ts'
import { createCredentials } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { dial, hostOf } from './dial.ts'
import type { ExecCredentials } from './exec-credentials.ts'
import { localIdentity, usernameOf } from './identity.ts'
import { LineTooLong, readLineBatches } from './line-batches.ts'
import type { NameLookup } from './name-lookup.ts'
import { canceled, connectionLost, requestTimeout, toTransportError, turnedAway } from './network-errors.ts'
import type { Target } from './network-errors.ts'
import { labelUrl, quoteName } from './plain-text.ts'
import { refuseOnReadOnly, refuseTunnelOnReadOnly } from './read-only-rule.ts'
import { abortable, pause, watchSilence, watchTime } from './time-watch.ts'
import { WireLost } from './wire.ts'
import type { Exchange, WireRequest } from './wire.ts'

export interface TransportOptions {
  /** Name look-up, proxy, TCP and TLS together; default 3,000. */
  readonly connectTimeoutMs?: number
  /** Default 10,000. */
  readonly pingIntervalMs?: number
  /** Default 30,000. */
  readonly requestTimeoutMs?: number
  /** A body longer than this is refused; default 512 MiB. */
  readonly maxBodyBytes?: number
  /** Default 64 MiB. */
  readonly maxLineBytes?: number
  /** A watch over HTTP/1.1 (no PING there) that is silent for so long is given up: bookmarks come every minute. Default 150,000. */
  readonly silenceTimeoutMs?: number
  readonly userAgent?: string
}

export interface KubeClientOptions {
  readonly context: ContextId
  readonly settings: ContextSettings
  readonly exec: ExecCredentials
  readonly lookup: NameLookup
  readonly logger: Logger
  readonly monotonicMs: () => number
  readonly transport: TransportOptions
  readonly onClose: () => void
}

type Methods = KubeRequest['method'] | 'HEAD'
const methods: ReadonlySet<string> = new Set<Methods>(['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD'])
const maxErrorBodyBytes = 1024 * 1024
/** What an API server reads of a request (k8s.io/apiserver, MaxRequestBodyBytes); it answers 413 beyond. */
const maxRequestBytes = 3 * 1024 * 1024
const longestThrottleMs = 10_000

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { settings, transport } = options
  const target: Target = {
    context: quoteName(settings.contextName),
    server: labelUrl(settings.server),
    proxy: settings.proxy === null ? null : labelUrl(settings.proxy),
  }
  const credentials = createCredentials(settings, options.exec, options.monotonicMs)
  const requestTimeoutMs = transport.requestTimeoutMs ?? 30_000
  const maxBodyBytes = transport.maxBodyBytes ?? 512 * 1024 * 1024
  const maxLineBytes = transport.maxLineBytes ?? 64 * 1024 * 1024
  // Compression costs the server more than the loopback saves; API servers compress answers over 128 KiB.
  const doesGzipPay = !settings.isCompressionOff && !isLoopback(hostOf(settings.server))
  const channelOf = (role: 'requests' | 'streams'): Channel =>
    createChannel({
      role,
      settings,
      target,
      lookup: options.lookup,
      connectTimeoutMs: transport.connectTimeoutMs ?? 3000,
      pingIntervalMs: transport.pingIntervalMs ?? 10_000,
    })
  const channels = { requests: channelOf('requests'), streams: channelOf('streams') }
  const life = new AbortController()
  let isReadOnly = false
  let isClosed = false
  let knownIdentity: Promise<string> | null = null

  /** Everything that is wrong with a request before a byte of it leaves. */
  const check = (request: KubeRequest, body: Buffer | null): void => {
    if (isClosed) throw new SluiceError('NotConnected', `Context ${target.context} is closed`)
    if (!methods.has(request.method)) throw badRequest('method')
    // Printable ASCII, no fragment: what reaches the wire is what was checked.
    if (!/^\/[\u0021\u0022\u0024-\u007e]*$/.test(request.path)) throw badRequest('path')
    if (request.impersonate !== undefined && !/^[\u0021-\u007e]+$/.test(request.impersonate))
      throw badRequest('impersonated user')
    const hasBody = body !== null
    demandAllowed(() => refuseOnReadOnly({ method: request.method, path: request.path, hasBody }))
  }
  const demandAllowed = (judge: () => string | null): void => {
    const reason = isReadOnly ? judge() : null
    if (reason !== null)
      throw new SluiceError('ReadOnlyContext', `Context ${target.context} is read-only: ${reason}`, {
        remedy: 'Turn read-only off for this context in Settings.',
      })
  }
  const badRequest = (part: string): SluiceError =>
    new SluiceError('InvalidInput', `Context ${target.context}: request with a ${part} that cannot be sent`)

  const assemble = (request: KubeRequest, body: Buffer | null, used: Credential, isStream: boolean) => ({
    method: request.method,
    path: settings.pathPrefix + request.path,
    headers: {
      accept: request.accept ?? 'application/json',
      'user-agent': transport.userAgent ?? 'sluice',
      ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      ...(doesGzipPay && !isStream && request.method === 'GET' ? { 'accept-encoding': 'gzip' } : {}),
      ...(request.impersonate === undefined ? used.headers : impersonating(used.headers, request.impersonate)),
    },
    body,
  })

  /** Sends until there is an answer that stands: renews credentials once, waits out one throttling, replays what was never acted on. */
  const exchange = async (
    request: KubeRequest,
    body: Buffer | null,
    channel: Channel,
    isStream: boolean,
    signal: AbortSignal,
  ) => {
    check(request, body)
    let isRenewed = false
    let isThrottled = false
    let isReplayed = false
    for (;;) {
      const used = await abortable(credentials.get(), signal)
      const { demand } = request
      const wireRequest: WireRequest = {
        ...assemble(request, body, used, isStream),
        signal,
        ...(demand === undefined ? {} : { demand }),
      }
      let answer: Exchange
      try {
        answer = await channel.send(wireRequest, used.identity)
      } catch (error) {
        if (!(error instanceof WireLost)) throw error
        if (signal.aborted || isReplayed || !(error.isUnprocessed || request.method === 'GET')) throw lost(error)
        isReplayed = true
        continue
      }
      if (answer.status === 401 && !isRenewed && credentials.renew(used)) {
        isRenewed = true
        answer.cancel()
        continue
      }
      const delayMs =
        answer.status === 429 && request.method === 'GET' && !isThrottled ? retryAfterMs(answer.headers) : null
      if (delayMs !== null && delayMs <= longestThrottleMs) {
        isThrottled = true
        answer.cancel()
        await pause(delayMs, signal)
        continue
      }
      return answer
    }
  }
  const lost = (error: WireLost): SluiceError => {
    const fault = toTransportError(error.cause ?? null, target, 'exchange')
    return error.isEarly && fault.code === 'ConnectionLost' ? turnedAway(target, error.cause) : fault
  }

  const collect = async (answer: Exchange, maxBytes: number): Promise<Buffer> => {
    const raw = await readAll(answer, maxBytes)
    if (raw === null) throw answerTooLong(maxBytes)
    if (answer.isCut()) throw connectionLost(target)
    return decompress(raw, answer.headers['content-encoding'], maxBytes, target)
  }
  const answerTooLong = (maxBytes: number): SluiceError =>
    new SluiceError(
      'ResponseMalformed',
      `Context ${target.context}: answer of ${target.server} is longer than ${maxBytes} bytes`,
    )
  const request: KubeClient['request'] = async (input) => {
    const timeoutMs = input.timeoutMs ?? requestTimeoutMs
    const watch = watchTime(input.signal, timeoutMs, () =>
      requestTimeout(target, `${input.method} ${pathOnly(input.path)}`, timeoutMs),
    )
    try {
      const body = encodeBody(input.body)
      // Not sent: the server would end the exchange in the middle of the body, over which Node's HTTP/2 may never come to rest.
      if (body !== null && body.length > maxRequestBytes) {
        check(input, body)
        return responseOf({ status: 413, headers: {} }, tooLargeBody(body.length), target)
      }
      for (let attempt = 0; ; attempt++) {
        const answer = await exchange(input, body, channels.requests, false, watch.signal)
        try {
          return responseOf(
            answer,
            await collect(answer, Math.min(maxBodyBytes, input.maxBytes ?? maxBodyBytes)),
            target,
          )
        } catch (error) {
          if (watch.signal.aborted) throw error
          const isLost = error instanceof SluiceError && error.code === 'ConnectionLost'
          if (!isLost || input.method !== 'GET' || attempt > 0) throw error
        }
      }
    } catch (error) {
      throw watch.explain(error, target)
    } finally {
      watch.stop()
    }
  }

  const stream: KubeClient['stream'] = async (input) => {
    const timeoutMs = input.timeoutMs ?? requestTimeoutMs
    const watch = watchTime(input.signal, timeoutMs, () => requestTimeout(target, pathOnly(input.path), timeoutMs))
    let answer: Exchange
    try {
      answer = await exchange(input, encodeBody(input.body), channels.streams, true, watch.signal)
    } catch (error) {
      watch.stop()
      throw watch.explain(error, target)
    }
    // From here on only the caller's own signal ends it; a watch runs for as long as the server likes.
    watch.stopTimer()
    answer.body.once('close', () => watch.stop())
    const isOk = answer.status >= 200 && answer.status < 300
    let isTaken = false

    async function* lines(): AsyncGenerator<readonly string[]> {
      if (!isOk || isTaken) return
      isTaken = true
      const isBookmarked = input.path.includes('allowWatchBookmarks=true')
      const silence =
        answer.isProbed || !isBookmarked ? null : watchSilence(answer, transport.silenceTimeoutMs ?? 150_000)
      try {
        const source = { body: decodedBody(answer), isCut: () => answer.isCut(), onChunk: () => silence?.renew() }
        const isCut = yield* readLineBatches(source, maxLineBytes)
        if (watch.signal.aborted) throw canceled()
        if (isCut) throw connectionLost(target)
      } catch (error) {
        if (watch.signal.aborted) throw watch.explain(error, target)
        if (error instanceof LineTooLong)
          throw new SluiceError(
            'ResponseMalformed',
            `Context ${target.context}: line of ${pathOnly(input.path)} is longer than ${maxLineBytes} bytes`,
          )
        throw error instanceof SluiceError ? error : connectionLost(target, error)
      } finally {
        silence?.stop()
        answer.cancel()
        watch.stop()
      }
    }
    return {
      status: answer.status,
      headers: answer.headers,
      lines: { [Symbol.asyncIterator]: lines },
      error: async () => {
        try {
          isTaken = true
          return responseOf(answer, await collect(answer, maxErrorBodyBytes), target)
        } catch (error) {
          throw watch.explain(error, target)
        } finally {
          answer.cancel()
          watch.stop()
        }
      },
    }
  }

  const openTunnel: KubeClient['openTunnel'] = async (pod, outer) => {
    if (isClosed) throw new SluiceError('NotConnected', `Context ${target.context} is closed`)
    if (!Number.isInteger(pod.port) || pod.port < 1 || pod.port > 65_535) throw badRequest('port')
    const place = `namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}`
    const path = `/api/v1/${place}/portforward?ports=${pod.port}`
    demandAllowed(() => refuseTunnelOnReadOnly(path))
    // Loaded when it is needed: most contexts never forward a port.
    const { NotUpgraded, openPodTunnel } = await import('./pod-tunnel.ts')
    // Ends with the caller's signal, and with the client.
    const signal = AbortSignal.any([outer, life.signal])
    for (let isRenewed = false; ; isRenewed = true) {
      const used = await abortable(credentials.get(), signal)
      const { socket } = await dial({
        settings,
        target,
        identity: used.identity,
        lookup: options.lookup,
        protocols: ['http/1.1'],
        deadlineMs: transport.connectTimeoutMs ?? 3000,
        signal,
      })
      try {
        return await openPodTunnel({
          socket,
          target,
          host: settings.server.host,
          path: settings.pathPrefix + path,
          headers: { 'user-agent': transport.userAgent ?? 'sluice', ...used.headers },
          pod,
          timeoutMs: requestTimeoutMs,
          signal,
          isReadOnly: () => isReadOnly,
        })
      } catch (error) {
        if (!(error instanceof NotUpgraded)) throw error
        if (error.status !== 401 || isRenewed || !credentials.renew(used)) throw error.cause
      }
    }
  }

  const askIdentity = async (): Promise<string> => {
    for (const version of ['v1', 'v1beta1']) {
      const response = await request({
        method: 'POST',
        path: `/apis/authentication.k8s.io/${version}/selfsubjectreviews`,
        body: { apiVersion: `authentication.k8s.io/${version}`, kind: 'SelfSubjectReview' },
      })
      if (response.status === 404) continue
      if (response.status >= 300) break
      const name = usernameOf(response.json())
      if (name !== null) return name
    }
    return localIdentity(settings, await credentials.get())
  }

  return {
    context: options.context,
    request,
    stream,
    openTunnel,
    setReadOnly(value) {
      isReadOnly = value
    },
    pendingApproval: () => credentials.pendingApproval(),
    identity() {
      knownIdentity ??= askIdentity().catch((error: unknown) => {
        knownIdentity = null
        throw error
      })
      return knownIdentity
    },
    reset() {
      knownIdentity = null
      channels.requests.reset()
      channels.streams.reset()
    },
    close() {
      if (isClosed) return
      isClosed = true
      life.abort()
      channels.requests.close()
      channels.streams.close()
      options.onClose()
    },
  }
}

/** Somebody else in place of whom the kubeconfig may impersonate: the server knows no impersonation of an impersonated user. */
function impersonating(headers: Credential['headers'], user: string): Credential['headers'] {
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('impersonate-'))
  return { ...Object.fromEntries(own), 'impersonate-user': user }
}

function tooLargeBody(bytes: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'RequestEntityTooLarge',
      code: 413,
      message: `The request has ${bytes.toLocaleString('en')} bytes; an API server takes ${maxRequestBytes.toLocaleString('en')}`,
    }),
  )
}

function encodeBody(body: unknown): Buffer | null {
  if (body === undefined) return null
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return Buffer.from(JSON.stringify(body))
}

/** Seconds or an HTTP date; a second where the server does not say. */
function retryAfterMs(headers: Readonly<Record<string, string>>): number {
  const value = headers['retry-after']
  if (value === undefined) return 1000
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? 1000 : Math.max(0, at - Date.now())
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host)
}

function pathOnly(path: string): string {
  return path.split('?', 1)[0]?.slice(0, 300) ?? ''
}
