/** Faults of the network as SluiceErrors: decided by error code and phase, never by message text. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode } from '../../../shared/model/errors.ts'
import { codeOf } from './context-settings.ts'

/** Where a connection goes, in words fit for a message. */
export interface Target {
  /** Quoted context name. */
  readonly context: string
  /** Scheme, host and port. */
  readonly server: string
  readonly proxy: string | null
}

export type Phase = 'lookup' | 'connect' | 'proxy' | 'tls' | 'exchange'

interface Sentence {
  readonly code: ErrorCode
  readonly text: string
  readonly remedy: string
  readonly isTerminal?: boolean
}

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'CERT_CHAIN_TOO_LONG',
  'PATH_LENGTH_EXCEEDED',
])
const expired = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
])
/** TLS alerts with which a server turns a client certificate down. */
const clientCertificateAlert =
  /^ERR_SSL_(?:TLSV1(?:3)?|SSLV3)_ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|UNSUPPORTED_CERTIFICATE)$/

/** `error` as SluiceError naming context and server, with the remedy. SluiceErrors pass unchanged, aborts become Canceled. */
export function toTransportError(error: unknown, target: Target, phase: Phase): SluiceError {
  if (error instanceof SluiceError) return error
  if (error instanceof Error && error.name === 'AbortError') return canceled(error)
  const code = codeOf(error)
  const { code: errorCode, text, remedy, isTerminal } = sayFault(code, phase, target)
  return new SluiceError(errorCode, `Context ${target.context}: ${text}`, {
    remedy,
    detail: code,
    retry: isTerminal === true ? 'terminal' : 'transient',
    cause: error,
  })
}

export function canceled(cause?: unknown): SluiceError {
  return new SluiceError('Canceled', 'Canceled', { retry: 'canceled', cause })
}

export function connectTimeout(target: Target, timeoutMs: number): SluiceError {
  const where = target.proxy === null ? target.server : `${target.server} through proxy ${target.proxy}`
  return new SluiceError(
    'ConnectionTimeout',
    `Context ${target.context}: no connection to ${where} within ${timeoutMs / 1000} s`,
    {
      remedy: 'Check that the cluster runs and that this machine reaches its network (VPN?).',
      retry: 'transient',
    },
  )
}

export function requestTimeout(target: Target, what: string, timeoutMs: number): SluiceError {
  return new SluiceError(
    'ConnectionTimeout',
    `Context ${target.context}: ${target.server} did not answer ${what} within ${timeoutMs / 1000} s`,
    {
      remedy: 'The API server or the network is slow or stuck; try again.',
      retry: 'transient',
    },
  )
}

export function connectionLost(target: Target, cause?: unknown): SluiceError {
  return new SluiceError('ConnectionLost', `Context ${target.context}: connection to ${target.server} was lost`, {
    remedy: 'It is opened again by itself.',
    detail: codeOf(cause),
    retry: 'transient',
    cause,
  })
}

/** Closed between the TLS handshake and the first word. */
export function turnedAway(target: Target, cause: unknown): SluiceError {
  return new SluiceError(
    'ConnectionLost',
    `Context ${target.context}: ${target.server} closed the connection right after the TLS handshake`,
    {
      remedy: 'It may want a client certificate, or another one than this user has; else try again.',
      detail: codeOf(cause),
      retry: 'transient',
      cause,
    },
  )
}

export function proxyRefused(target: Target, status: number): SluiceError {
  return new SluiceError(
    'ProxyFailed',
    `Context ${target.context}: proxy ${target.proxy} answered ${status} when asked for ${target.server}`,
    {
      remedy:
        status === 407 ? 'Put user name and password into proxy-url.' : 'Check proxy-url and the rules of the proxy.',
      retry: status >= 500 ? 'transient' : 'terminal',
    },
  )
}

function sayFault(code: string, phase: Phase, target: Target): Sentence {
  const { server } = target
  if (phase === 'proxy')
    return {
      code: 'ProxyFailed',
      text: `proxy ${target.proxy} cannot be used for ${server} (${code || 'connection closed'})`,
      remedy: 'Check proxy-url and that the proxy runs.',
    }
  if (phase === 'lookup')
    return {
      code: 'NameNotResolved',
      text: `host name of ${server} is not known${code === 'ETIMEOUT' ? ': no answer from the name server' : ''}`,
      remedy: 'Check the server of the kubeconfig and that this machine reaches its network (VPN?).',
    }
  if (untrusted.has(code))
    return {
      code: 'TlsUntrusted',
      text: `certificate of ${server} is not signed by the authority of the kubeconfig`,
      remedy: 'Was the cluster recreated? Fetch its kubeconfig again, or correct certificate-authority.',
      isTerminal: true,
    }
  if (expired.has(code))
    return {
      code: 'TlsUntrusted',
      text: `certificate of ${server} is expired or not valid yet`,
      remedy: 'Renew the certificate of the API server; check the clock of this machine.',
      isTerminal: true,
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      code: 'TlsNameMismatch',
      text: `certificate of ${server} is for another host name`,
      remedy: 'Use a name that the certificate carries, or set tls-server-name.',
      isTerminal: true,
    }
  if (clientCertificateAlert.test(code))
    return {
      code: 'Unauthorized',
      text: `${server} turned the client certificate down`,
      remedy: 'Fetch a new client certificate for this user.',
      isTerminal: true,
    }
  if (phase === 'tls' && (code.startsWith('ERR_SSL_') || code === 'EPROTO'))
    return {
      code: 'TlsUntrusted',
      text: `${server} does not speak TLS as expected`,
      remedy: 'Check the port and the scheme of the server in the kubeconfig.',
      isTerminal: true,
    }
  switch (code) {
    case 'ECONNREFUSED':
      return {
        code: 'ConnectionRefused',
        text: `${server} refused the connection`,
        remedy: 'Check that the cluster runs and that the server of the kubeconfig is right.',
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
    case 'EAI_FAIL':
    case 'ENODATA':
      return sayFault(code, 'lookup', target)
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return {
        code: 'ConnectionTimeout',
        text: `${server} cannot be reached`,
        remedy: 'Check that the cluster runs and that this machine reaches its network (VPN?).',
      }
    default:
      return {
        code: 'ConnectionLost',
        text: phase === 'exchange' ? `connection to ${server} was lost` : `${server} closed the connection`,
        remedy: 'It is opened again by itself.',
      }
  }
}
