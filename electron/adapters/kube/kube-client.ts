/** The client of one context: the port KubeClient over channels and credentials. Knows HTTP and who asks, nothing of objects. */
import { createGunzip, createInflate, gunzip, inflate } from 'node:zlib'
import { promisify } from 'node:util'
import type { Readable } from 'node:stream'
import { X509Certificate } from 'node:crypto'
import type { KubeClient, KubeRequest, KubeResponse, Logger } from '../../engine/ports.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { createChannel } from './channel.ts'
import type { Channel } from './channel.ts'
import type { ContextSettings } from './context-settings.ts'
import { createCredentials } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { hostOf } from './dial.ts'
import type { ExecCredentials } from './exec-credentials.ts'
import { LineTooLong, readLineBatches } from './line-batches.ts'
import type { NameLookup } from './name-lookup.ts'
import { canceled, connectionLost, requestTimeout, toTransportError } from './network-errors.ts'
import type { Target } from './network-errors.ts'
import { labelUrl, quoteName } from './plain-text.ts'
import { refuseOnReadOnly } from './read-only-rule.ts'
import { isMap, own } from './kubeconfig-text.ts'
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
  let isReadOnly = false
  let isClosed = false
  let knownIdentity: Promise<string> | null = null

  /** Everything that is wrong with a request before a byte of it leaves. */
  const check = (request: KubeRequest, body: Buffer | null): void => {
    if (isClosed) throw new SluiceError('NotConnected', `Context ${target.context} is closed`)
    if (!methods.has(request.method)) throw badRequest('method')
    // Printable ASCII, no fragment: what reaches the wire is what was checked.
    if (!/^\/[\u0021\u0022\u0024-\u007e]*$/.test(request.path)) throw badRequest('path')
    if (!isReadOnly) return
    const reason = refuseOnReadOnly({ method: request.method, path: request.path, hasBody: body !== null })
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
      ...used.headers,
    },
    body,
  })

  /** Sends until there is an answer that stands: renews credentials once, waits out one throttling, replays what was never acted on. */
  const exchange = async (request: KubeRequest, channel: Channel, isStream: boolean, signal: AbortSignal) => {
    const body = encodeBody(request.body)
    check(request, body)
    let isRenewed = false
    let isThrottled = false
    let isReplayed = false
    for (;;) {
      const used = await abortable(credentials.get(), signal)
      const wireRequest: WireRequest = { ...assemble(request, body, used, isStream), signal }
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
  const lost = (error: WireLost): SluiceError =>
    error.cause === null || error.cause === undefined
      ? connectionLost(target)
      : toTransportError(error.cause, target, 'exchange')

  const collect = async (answer: Exchange, maxBytes: number): Promise<Buffer> => {
    const raw = await readAll(answer, maxBytes)
    if (raw === null) throw answerTooLong(maxBytes)
    if (answer.isCut()) throw connectionLost(target)
    return decompress(raw, answer.headers['content-encoding'], maxBytes)
  }
  const answerTooLong = (maxBytes: number): SluiceError =>
    new SluiceError(
      'ResponseMalformed',
      `Context ${target.context}: answer of ${target.server} is longer than ${maxBytes} bytes`,
    )
  const decompress = async (raw: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> => {
    if (encoding === undefined || encoding === 'identity' || raw.length === 0) return raw
    try {
      if (encoding === 'gzip') return await gunzipAsync(raw, { maxOutputLength: maxBytes })
      if (encoding === 'deflate') return await inflateAsync(raw, { maxOutputLength: maxBytes })
    } catch (cause) {
      throw new SluiceError(
        'ResponseMalformed',
        `Context ${target.context}: answer of ${target.server} does not decompress`,
        { cause },
      )
    }
    throw new SluiceError(
      'ResponseMalformed',
      `Context ${target.context}: answer of ${target.server} is in an unknown encoding`,
    )
  }

  const request: KubeClient['request'] = async (input) => {
    const timeoutMs = input.timeoutMs ?? requestTimeoutMs
    const watch = watchTime(input.signal, timeoutMs, () =>
      requestTimeout(target, `${input.method} ${pathOnly(input.path)}`, timeoutMs),
    )
    try {
      for (let attempt = 0; ; attempt++) {
        const answer = await exchange(input, channels.requests, false, watch.signal)
        try {
          return responseOf(answer, await collect(answer, maxBodyBytes), target)
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
      answer = await exchange(input, channels.streams, true, watch.signal)
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
      try {
        const source = { body: decodedBody(answer), isCut: () => answer.isCut() }
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
      channels.requests.close()
      channels.streams.close()
      options.onClose()
    },
  }
}

const gunzipAsync = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)
const inflateAsync = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)

function encodeBody(body: unknown): Buffer | null {
  if (body === undefined) return null
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return Buffer.from(JSON.stringify(body))
}

/** Null when the body is longer than allowed. Events rather than iteration: half the time per small answer. */
function readAll(answer: Exchange, maxBytes: number): Promise<Buffer | null> {
  const { body } = answer
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    body.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) return void chunks.push(chunk)
      resolve(null)
      answer.cancel()
    })
    body.once('error', reject)
    // `close` comes after `end` and after cuts: only then the reset code of a stream is known.
    body.once('close', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    )
  })
}

function decodedBody(answer: Exchange): Readable {
  const encoding = answer.headers['content-encoding']
  const decoder = encoding === 'gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : null
  if (decoder === null) return answer.body
  answer.body.on('error', (error) => decoder.destroy(error))
  return answer.body.pipe(decoder)
}

function responseOf(answer: Exchange, bytes: Buffer, target: Target): KubeResponse {
  const text = (): string => bytes.toString('utf8')
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    text,
    json() {
      try {
        return JSON.parse(text()) as unknown
      } catch (cause) {
        throw new SluiceError(
          'ResponseMalformed',
          `Context ${target.context}: ${target.server} answered ${answer.status} with something other than JSON`,
          {
            remedy: 'Is this the address of a Kubernetes API server? A proxy or login page may stand before it.',
            retry: 'transient',
            cause,
          },
        )
      }
    },
  }
}

interface TimeWatch {
  readonly signal: AbortSignal
  explain(error: unknown, target: Target): SluiceError
  stopTimer(): void
  stop(): void
}

/** The caller's signal and a time-out as one signal, and which of both it was. */
function watchTime(outer: AbortSignal | undefined, timeoutMs: number, onTimeout: () => SluiceError): TimeWatch {
  const inner = new AbortController()
  const abort = (): void => inner.abort(canceled())
  if (outer?.aborted === true) abort()
  outer?.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(() => inner.abort(onTimeout()), timeoutMs)
  return {
    signal: inner.signal,
    explain: (error, target) =>
      inner.signal.aborted ? (inner.signal.reason as SluiceError) : toTransportError(error, target, 'exchange'),
    stopTimer: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
  }
}

function abortable<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(canceled())
    const abort = (): void => reject(canceled())
    signal.addEventListener('abort', abort, { once: true })
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const step = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  return abortable(step, signal).finally(() => clearTimeout(timer))
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

function usernameOf(review: unknown): string | null {
  const status = isMap(review) ? own(review, 'status') : null
  const info = isMap(status) ? own(status, 'userInfo') : null
  const name = isMap(info) ? own(info, 'username') : null
  return typeof name === 'string' && name !== '' ? name : null
}

/** What the credentials tell by themselves: certificate's common name, token's subject, else the kubeconfig's user. */
function localIdentity(settings: ContextSettings, credential: Credential): string {
  if (settings.impersonate !== null) return settings.impersonate.user
  const pem = credential.identity?.cert ?? settings.cert
  if (pem !== null) {
    const subject = new X509Certificate(pem).subject ?? ''
    const commonName = /(?:^|\n)CN=(.*)/.exec(subject)?.[1]
    if (commonName !== undefined) return commonName
  }
  return subjectOf(credential.headers['authorization']) ?? settings.basic?.username ?? settings.userName
}

function subjectOf(authorization: string | string[] | undefined): string | null {
  if (typeof authorization !== 'string') return null
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization)?.[1]
  if (payload === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const subject = isMap(claims) ? own(claims, 'sub') : null
    return typeof subject === 'string' && subject !== '' ? subject : null
  } catch {
    return null
  }
}
