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
      response.resume()
      throw statusError(status)
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
      request.on('error', (error) => reject(signal.aborted ? canceled(signal) : wireError(error)))
      request.end(body ?? undefined)
    })
  }

  function silence(): string {
    return `${address.text} said nothing for ${Math.round(idleTimeoutMs / 1000)} s`
  }

  function wireError(error: Error): SluiceError {
    if (error instanceof SluiceError) return error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    return new SluiceError('GitFailed', `${address.text} cannot be reached: ${sentences[code] ?? error.message}`, {
      remedy: /CERT|SELF_SIGNED|ISSUER|TLS/.test(code)
        ? 'Give the authority as ca.crt in the source’s Secret, as the controller needs it too.'
        : 'Check the address, the network and the proxy.',
      retry: 'transient',
      cause: error,
    })
  }

  function statusError(status: number): SluiceError {
    if (status === 401 || status === 403)
      return new SluiceError('GitAuthFailed', `${address.text} refuses access (${status})`, {
        remedy:
          access.authorization === null
            ? 'It asks for credentials: give yourself the right to read the source’s Secret, or allow your own for this repository.'
            : 'The credentials were not taken: they may have expired.',
      })
    if (status === 404)
      return new SluiceError('GitFailed', `${address.text} does not exist, or asks for credentials (404)`, {
        remedy: 'Check spec.url; private repositories look like missing ones to strangers.',
      })
    return new SluiceError('GitFailed', `${address.text} answered ${status}`, {
      remedy: 'Try again later.',
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

function serviceOf({ pathname }: URL): SmartService {
  return pathname.endsWith('/git-receive-pack') ? 'git-receive-pack' : 'git-upload-pack'
}

function trimSlash(text: string): string {
  return text.replace(/\/+$/, '')
}
