/** Git over http and https. */
import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { SluiceError } from '../../../shared/model/errors.ts'
import { canceled } from './canceled.ts'
import type { GitAddress } from './git-address.ts'
import type { SmartAnswer, SmartService, SmartTransport } from './smart-transport.ts'

export interface HttpAccess {
  /** Value of the Authorization header; null: none. */
  readonly authorization: string | null
  /** PEM; null: public authorities. */
  readonly ca: string | null
  readonly clientCertificate: { readonly cert: string; readonly key: string } | null
  /** `http://user:password@host:port`; null: a direct connection. */
  readonly proxy: string | null
}

export interface HttpTransportOptions {
  readonly address: GitAddress
  readonly access: HttpAccess
  readonly userAgent: string
  /** Of silence on the wire. */
  readonly idleTimeoutMs: number
}

const maxRedirects = 3

/**
 * SECURITY: item 11: TLS is verified; a redirect is followed within the same scheme and host only, so credentials go nowhere else and no other
 * host is contacted.
 */
export function createHttpTransport(options: HttpTransportOptions): SmartTransport {
  const { address, access, userAgent, idleTimeoutMs } = options
  const isTls = address.protocol === 'https'
  if (!isTls && access.authorization !== null)
    throw new SluiceError('GitFailed', `Credentials are not sent to ${address.text}: it is plain http`, {
      remedy: 'Use https or ssh, as source-controller demands where there are credentials.',
    })
  const proxy = access.proxy === null ? {} : { proxyEnv: { HTTP_PROXY: access.proxy, HTTPS_PROXY: access.proxy } }
  const agentOptions = { keepAlive: true, maxSockets: 2, ...proxy }
  const agent = isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  let base = trimSlash(address.text)

  async function send(
    method: 'GET' | 'POST',
    suffix: string,
    body: Uint8Array | null,
    signal: AbortSignal,
    gitProtocol: string | undefined,
  ): Promise<SmartAnswer> {
    for (let hop = 0; ; hop++) {
      const response = await exchange(method, new URL(base + suffix), body, signal, gitProtocol)
      const status = response.statusCode ?? 0
      if (status >= 300 && status < 400 && response.headers.location !== undefined) {
        response.resume()
        base = redirectedBase(response.headers.location, suffix, hop)
        continue
      }
      if (status === 200) return { body: response }
      throw statusError(status, suffix, await readStart(response))
    }
  }

  function redirectedBase(location: string, suffix: string, hop: number): string {
    const target = new URL(location, base)
    const here = new URL(base)
    const refuse = (why: string): SluiceError =>
      new SluiceError('GitFailed', `${address.text} redirects to ${target.origin}, which is not followed: ${why}`, {
        remedy: `If that is right, write the new address into the source's spec.url.`,
      })
    if (target.origin !== here.origin) throw refuse('it is another host')
    if (hop >= maxRedirects) throw refuse('there are too many redirects')
    const text = `${target.origin}${target.pathname}${target.search}`
    if (!text.endsWith(suffix)) throw refuse('it is no repository')
    return text.slice(0, -suffix.length)
  }

  function exchange(
    method: string,
    url: URL,
    body: Uint8Array | null,
    signal: AbortSignal,
    gitProtocol: string | undefined,
  ): Promise<IncomingMessage> {
    const settings: RequestOptions & { ca?: string; cert?: string; key?: string } = {
      method,
      agent,
      signal,
      timeout: idleTimeoutMs,
      headers: {
        'user-agent': userAgent,
        accept: '*/*',
        ...(gitProtocol === undefined ? {} : { 'git-protocol': gitProtocol }),
        ...(access.authorization === null ? {} : { authorization: access.authorization }),
        ...(body === null
          ? {}
          : { 'content-type': `application/x-${serviceOf(url)}-request`, 'content-length': String(body.length) }),
      },
      ...(access.ca === null ? {} : { ca: access.ca }),
      ...(access.clientCertificate ?? {}),
    }
    return new Promise((resolve, reject) => {
      const request = (isTls ? requestHttps : requestHttp)(url, settings, resolve)
      request.on('timeout', () => request.destroy(new SluiceError('GitFailed', silence())))
      request.on('error', (error) => reject(signal.aborted ? canceled(signal) : wireError(error, url)))
      request.end(body ?? undefined)
    })
  }

  function silence(): string {
    return `${address.text} said nothing for ${Math.round(idleTimeoutMs / 1000)} s`
  }

  function wireError(error: Error, url: URL): SluiceError {
    if (error instanceof SluiceError) return error
    const { code = '' } = error as NodeJS.ErrnoException
    const cause = wireWords(error)
    return new SluiceError('GitFailed', `${address.text} cannot be reached: ${sentences[code] ?? error.message}`, {
      remedy: /CERT|SELF_SIGNED|ISSUER|TLS/.test(code)
        ? 'Give the authority as ca.crt in the source’s Secret, as the controller needs it too.'
        : 'Check the address, the network and the proxy.',
      detail: cause === null ? '' : `${url.href.includes('/info/refs') ? 'Get' : 'Post'} "${url.href}": ${cause}`,
      retry: 'transient',
      cause: error,
    })
  }

  function statusError(status: number, suffix: string, said: string): SluiceError {
    const words = statusWords[status]
    const unexpected = `unexpected client error: unexpected requesting "${base}${suffix}" status code: ${status}${said === '' ? '' : `: ${said}`}`
    const detail = words === undefined ? unexpected : `${words}: ${said}`
    if (status === 401 || status === 403)
      return new SluiceError('GitAuthFailed', `${address.text} refuses access (${status})`, {
        remedy:
          access.authorization === null
            ? 'It asks for credentials: give yourself the right to read the source’s Secret, or allow your own for this repository.'
            : 'The credentials were not taken: they may have expired.',
        detail,
      })
    if (status === 404)
      return new SluiceError('GitFailed', `${address.text} does not exist, or asks for credentials (404)`, {
        remedy: 'Check spec.url; private repositories look like missing ones to strangers.',
        detail,
      })
    return new SluiceError('GitFailed', `${address.text} answered ${status}`, {
      remedy: 'Try again later.',
      detail,
      retry: status >= 500 || status === 429 ? 'transient' : 'terminal',
    })
  }

  return {
    canNegotiate: true,
    advertise: (signal, gitProtocol) => send('GET', '/info/refs?service=git-upload-pack', null, signal, gitProtocol),
    uploadPack: (body, signal, gitProtocol) => send('POST', '/git-upload-pack', body, signal, gitProtocol),
    advertisePush: (signal) => send('GET', '/info/refs?service=git-receive-pack', null, signal, undefined),
    receivePack: (body, signal) => send('POST', '/git-receive-pack', body, signal, undefined),
    close: () => agent.destroy(),
  }
}

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was cut',
}

/** What source-controller's git client calls these answers; what the server says follows. Semantics: go-git, plumbing/transport. */
const statusWords: Readonly<Record<number, string>> = {
  401: 'authentication required',
  403: 'authorization failed',
  404: 'repository not found',
}

const untrusted: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

/** What source-controller's git client says of a connection that did not come about; null: its words depend on its machine. */
function wireWords(
  error: NodeJS.ErrnoException & { readonly address?: string; readonly port?: number },
): string | null {
  const { code = '', address, port } = error
  if (untrusted.has(code)) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
  if (code !== 'ECONNREFUSED' || address === undefined || port === undefined) return null
  return `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}: connect: connection refused`
}

/** Of the body of a refusal: enough for a sentence. */
const maxSaid = 2000

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= maxSaid) break
    }
  } catch {
    // What has arrived will do: the status says what matters.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, maxSaid)
}

function serviceOf({ pathname }: URL): SmartService {
  return pathname.endsWith('/git-receive-pack') ? 'git-receive-pack' : 'git-upload-pack'
}

function trimSlash(text: string): string {
  return text.replace(/\/+$/, '')
}
