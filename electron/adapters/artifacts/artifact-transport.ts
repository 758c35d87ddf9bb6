/** The way to an artifact's bytes: over HTTP where the host may be contacted, else through the API server to the pod that serves it. */
import { request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Duplex } from 'node:stream'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeResponse, PodTunnel } from '../../engine/ports.ts'
import type { ArtifactTransport } from '../../engine/source/artifact-port.ts'
import { codeOf } from '../kube/context-settings.ts'
import { publicAuthorities } from '../kube/dial.ts'
import type { NameLookup } from '../kube/name-lookup.ts'
import { canceled } from '../kube/network-errors.ts'
import { createNameLookup } from '../kube/name-lookup.ts'

export interface ArtifactTransportOptions {
  readonly userAgent: string
  /** Until the first byte of the answer; default 10,000. */
  readonly answerTimeoutMs?: number
  /** Between two pieces of the body; default 30,000. */
  readonly silenceMs?: number
  readonly lookup?: NameLookup
  /** PEM, in place of the public authorities and the system's own. */
  readonly ca?: string
  /** Redirects to another host are followed: for files that are checked against a digest which the user gave. Never from https to http. */
  readonly followsOtherHosts?: boolean
}

const maxRedirects = 3
const proxyTimeoutMs = 60_000
const maxProxiedBytes = 64 * 1024 * 1024
const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name is not known',
  ENODATA: 'its name is not known',
  ETIMEOUT: 'the name server does not answer',
  ETIMEDOUT: 'it cannot be reached',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ECONNRESET: 'the connection was cut',
}

export function createArtifactTransport(options: ArtifactTransportOptions): ArtifactTransport {
  const lookup = options.lookup ?? createNameLookup()
  const answerTimeoutMs = options.answerTimeoutMs ?? 10_000
  const silenceMs = options.silenceMs ?? 30_000
  // SECURITY: items 10 and 11: no cookies, no credentials, nothing of the environment (proxies) goes with it.
  const headers = { accept: '*/*', 'user-agent': options.userAgent, connection: 'close' }

  const get = (url: URL, more: RequestOptions, what: string, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const isSecure = url.protocol === 'https:' && more.createConnection === undefined
      const request = (isSecure ? requestHttps : requestHttp)(url, {
        method: 'GET',
        headers,
        // SECURITY: with an agent, node:http would open a connection of its own in place of the tunnel.
        ...(more.createConnection === undefined ? { agent: false } : {}),
        signal,
        ...(isSecure ? { ca: options.ca ?? publicAuthorities() } : {}),
        ...more,
      })
      const timer = setTimeout(
        () => request.destroy(unavailable(what, `no answer within ${answerTimeoutMs / 1000} s`)),
        answerTimeoutMs,
      )
      request.once('response', (answer: IncomingMessage) => {
        clearTimeout(timer)
        resolve(answer)
      })
      request.on('error', (error) => {
        clearTimeout(timer)
        reject(signal.aborted ? canceled() : toFault(error, what))
      })
      request.once('upgrade', () => request.destroy(unavailable(what, 'the answer is no file')))
      request.end()
    })

  return {
    async download(address, signal) {
      let url = parseAddress(address)
      for (let redirects = 0; ; redirects++) {
        const what = `${url.protocol}//${url.host}`
        const answer = await get(
          url,
          {
            lookup: (host, _options, callback) => {
              lookup.resolve(host).then(
                (addresses) => callback(null, [...addresses]),
                (error: NodeJS.ErrnoException) => callback(error, []),
              )
            },
          },
          what,
          signal,
        )
        const status = answer.statusCode ?? 0
        const location = answer.headers.location
        if (status < 300 || status > 399 || location === undefined)
          return bodyOf(answer, what, address, silenceMs, signal)
        answer.destroy()
        const next = URL.parse(location, url)
        // SECURITY: item 10: the user allowed this host, not the one that it names.
        const isFollowed = options.followsOtherHosts === true || next?.host === url.host
        if (next === null || !isFollowed || next.protocol !== url.protocol)
          throw unavailable(what, `it redirects to ${next === null ? 'no address' : next.host}, which is not followed`)
        if (redirects >= maxRedirects) throw unavailable(what, 'it redirects in a circle')
        url = parseAddress(next.href)
      }
    },

    async downloadFromPod(client, pod, pathAndQuery, signal) {
      const what = `Port ${pod.port} of Pod ${pod.namespace}/${pod.name}`
      const url = parseAddress(`http://localhost:${pod.port}${pathAndQuery}`)
      const tunnel = await client.openTunnel(pod, signal)
      const socket = toDuplex(tunnel)
      try {
        const answer = await get(url, { createConnection: () => socket }, what, signal)
        const status = answer.statusCode ?? 0
        if (status >= 300 && status < 400) throw unavailable(what, 'it redirects, which is not followed')
        return endWith(bodyOf(answer, what, pathAndQuery, silenceMs, signal), () => socket.destroy())
      } catch (error) {
        socket.destroy()
        throw error
      }
    },

    async downloadFromService(client, service, pathAndQuery, signal) {
      const { namespace, name, port, scheme } = service
      const what = `Port ${port} of Service ${namespace}/${name}, through the API server’s proxy`
      const place = [`${scheme}:${name}:${port}`, namespace].map((part) =>
        encodeURIComponent(part).replaceAll('%3A', ':'),
      )
      const answer = await client.request({
        method: 'GET',
        path: `/api/v1/namespaces/${place[1]}/services/${place[0]}/proxy${plainPath(pathAndQuery)}`,
        accept: '*/*',
        signal,
        timeoutMs: proxyTimeoutMs,
        maxBytes: maxProxiedBytes,
      })
      const { status, bytes } = answer
      if (status === 200)
        return (async function* () {
          yield bytes
        })()
      const said = statusMessage(answer)
      if (status === 403)
        throw new SluiceError('Forbidden', `${what}: you may not use it`, {
          remedy: `Ask for the right to get services/proxy, or to create pods/portforward, in namespace ${namespace}.`,
          detail: said ?? '',
        })
      // The API server's own answer is a Status; the storage's is none.
      if ((status === 404 || status === 410) && said === null) throw missing(what, pathAndQuery, status)
      throw unavailable(what, said ?? `it answered ${status}`, status >= 500 || status === 404)
    },
  }
}

/** SECURITY: item 10: what a source's status names stays behind the proxy: nothing that could be read as a way out of it, in any encoding. */
function plainPath(pathAndQuery: string): string {
  const [path = ''] = pathAndQuery.split('?', 1)
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    decoded = '..'
  }
  if (!path.startsWith('/') || /%(?:25|2f|5c)/i.test(path) || decoded.split(/[\\/]/).includes('..'))
    throw new SluiceError('ArtifactRefused', `The artifact's address is not in plain form`, {
      remedy: 'Look at status.artifact.url of the source.',
    })
  return path
}

/** What the API server says itself; null for an answer of somebody else. */
function statusMessage(answer: KubeResponse): string | null {
  try {
    const body = answer.json() as { kind?: unknown; message?: unknown } | null
    if (body?.kind !== 'Status') return null
    return typeof body.message === 'string' ? body.message.slice(0, 500) : ''
  } catch {
    return null
  }
}

function missing(what: string, path: string, status: number): SluiceError {
  return new SluiceError('ArtifactMissing', `${what} does not have ${pathOf(path)} (${status})`, {
    remedy: 'source-controller makes it again at its next run; reconcile the source.',
    retry: 'transient',
  })
}

/** SECURITY: item 10: http and https only, no user info. */
function parseAddress(address: string): URL {
  const url = URL.parse(address)
  if (
    url === null ||
    (url.protocol !== 'http:' && url.protocol !== 'https:') ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new SluiceError('ArtifactRefused', `The artifact's address is not a plain http or https URL`, {
      remedy: 'Look at status.artifact.url of the source.',
    })
  return url
}

function bodyOf(
  answer: IncomingMessage,
  what: string,
  path: string,
  silenceMs: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const status = answer.statusCode ?? 0
  if (status !== 200) {
    answer.destroy()
    if (status === 404 || status === 410) throw missing(what, path, status)
    throw unavailable(what, `it answered ${status}`, status >= 500, `HTTP ${status}`)
  }
  const expected = answer.headers['content-length']
  return readBody(answer, what, expected === undefined ? null : Number(expected), silenceMs, signal)
}

async function* readBody(
  answer: IncomingMessage,
  what: string,
  expected: number | null,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let received = 0
  const timer = setTimeout(
    () => answer.destroy(unavailable(what, `it fell silent for ${silenceMs / 1000} s`)),
    silenceMs,
  )
  try {
    for await (const bytes of answer as AsyncIterable<Buffer>) {
      timer.refresh()
      received += bytes.length
      yield bytes
    }
  } catch (error) {
    throw signal.aborted ? canceled() : toFault(error, what)
  } finally {
    clearTimeout(timer)
    answer.destroy()
  }
  if (!answer.complete || (expected !== null && received !== expected))
    throw unavailable(what, 'the connection was cut')
}

async function* endWith(bytes: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } finally {
    end()
  }
}

/** The tunnel as a stream that node:http takes for a socket. */
function toDuplex(tunnel: PodTunnel): Duplex {
  const incoming = tunnel.incoming[Symbol.asyncIterator]()
  return new Duplex({
    read() {
      incoming.next().then(
        ({ done, value }) => this.push(done === true ? null : value),
        (error: Error) => this.destroy(error),
      )
    },
    write(bytes: Uint8Array, _encoding, done) {
      tunnel.write(bytes).then(() => done(), done)
    },
    // The port-forward knows no half-closed connection: what was asked is answered first.
    final: (done) => done(),
    destroy(error, done) {
      tunnel.close()
      done(error)
    },
  })
}

function pathOf(address: string): string {
  return (URL.parse(address)?.pathname ?? address.split('?')[0] ?? '').slice(0, 300)
}

function unavailable(what: string, why: string, isTransient = true, detail = ''): SluiceError {
  return new SluiceError('ArtifactUnavailable', `${what}: ${why}`, {
    detail,
    remedy: 'Check that the controller that serves the artifact runs and can be reached.',
    retry: isTransient ? 'transient' : 'terminal',
  })
}

function toFault(error: unknown, what: string): SluiceError {
  if (error instanceof SluiceError) return error
  const code = codeOf(error)
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code))
    return new SluiceError('ArtifactUnavailable', `${what}: its certificate is not trusted (${code})`, {
      remedy: 'Let this machine trust the authority that signed it.',
      cause: error,
    })
  return new SluiceError('ArtifactUnavailable', `${what}: ${codes[code] ?? 'it gives no proper answer'}`, {
    remedy: 'Check that the controller that serves the artifact runs and can be reached.',
    detail: code,
    retry: 'transient',
    cause: error,
  })
}
