/**
 * cache/: copies of what the API server has: discovery, lists in pages, watches that survive cuts, summaries and compressed bytes.
 * Knows requests of one cluster through KubeClient; must not know contexts, selection or what a stream's reader does with rows.
 * Semantics: Kubernetes API concepts (resource versions, 410, bookmarks, chunking, apidiscovery v2).
 *
 * This file: what an HTTP answer of the API server means.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode } from '../../../shared/model/errors.ts'
import type { KubeResponse } from '../ports.ts'

interface StatusBody {
  readonly kind?: unknown
  readonly reason?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly details?: { readonly retryAfterSeconds?: unknown; readonly name?: unknown }
}

const maxDetailLength = 4096

/** The `Status` object of an answer that is not 2xx, or null where the body is something else. */
export function readStatusBody(response: KubeResponse): StatusBody | null {
  try {
    const body = response.json()
    return typeof body === 'object' && body !== null && (body as StatusBody).kind === 'Status' ? body : null
  } catch {
    return null
  }
}

/**
 * SluiceError for an answer that is not 2xx: `what` names the request for people ("List Kustomizations in apps"). The API server's own
 * sentence becomes `detail`. 404 is NotFound when the server names the object, ResourceNotServed when the path itself is unknown.
 */
export function errorFromAnswer(response: KubeResponse, what: string): SluiceError {
  const status = readStatusBody(response)
  return errorFromStatus(response.status, status, what, status === null ? safeText(response) : '')
}

/** The same for a `Status` that came inside a watch (`type: ERROR`) or in place of a body. */
export function errorFromStatus(httpStatus: number, status: StatusBody | null, what: string, text = ''): SluiceError {
  const sentence = typeof status?.message === 'string' && status.message !== '' ? status.message : text
  const detail = sentence.slice(0, maxDetailLength)
  const reason = typeof status?.reason === 'string' ? status.reason : ''
  const code = typeof status?.code === 'number' ? status.code : httpStatus
  const make = (errorCode: ErrorCode, words: string, remedy: string, isTransient = false): SluiceError =>
    new SluiceError(errorCode, `${what}: ${words}`, { detail, remedy, retry: isTransient ? 'transient' : 'terminal' })

  if (code === 401)
    return make(
      'Unauthorized',
      'the API server does not accept the credentials',
      'Log in again, then retry the context.',
    )
  if (code === 403) return make('Forbidden', 'forbidden', 'Ask for the permission that the API server names.')
  if (code === 404)
    return status?.details?.name === undefined
      ? make('ResourceNotServed', 'the API server does not serve this resource', '')
      : make('NotFound', 'not found', '')
  if (code === 409)
    return make(reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict', 'conflict', 'Try again.', true)
  if (code === 410) return make('Gone', 'the resource version is too old', '', true)
  if (code === 422 || code === 400) return make('Invalid', 'the API server calls the request invalid', '')
  if (code === 429) return make('Throttled', 'the API server asks to slow down', 'Sluice tries again by itself.', true)
  return make('ServerError', `the API server answers ${String(code)}`, 'Sluice tries again by itself.', true)
}

/** Milliseconds that a 429 or 503 asks to wait, null where it does not say. */
export function retryAfterMs(response: KubeResponse): number | null {
  const header = response.headers['retry-after']
  const seconds = header === undefined ? Number(readStatusBody(response)?.details?.retryAfterSeconds) : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 120) * 1000 : null
}

/** Faults of the way to the server. */
export const transportCodes: ReadonlySet<ErrorCode> = new Set([
  'ConnectionRefused',
  'ConnectionTimeout',
  'NameNotResolved',
  'TlsUntrusted',
  'TlsNameMismatch',
  'ConnectionLost',
  'ProxyFailed',
])

/** Whether the fault is the way to the server rather than the server's answer. */
export function isTransportFault(error: unknown): boolean {
  return error instanceof SluiceError && transportCodes.has(error.code)
}

function safeText(response: KubeResponse): string {
  try {
    return response.text().slice(0, maxDetailLength)
  } catch {
    return ''
  }
}
