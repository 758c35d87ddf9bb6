/**
 * Requests of an apply, and what the controllers make of a refusal: the sentence that ends in a condition is the API server's own, or, where it
 * sends none, the one of Kubernetes' Go client.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode, SluiceErrorData } from '../../../shared/model/errors.ts'
import { readStatusBody, retryAfterMs } from '../cache/api-answer.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import { pause } from '../pause.ts'
import type { Clock, KubeClient, KubeRequest, KubeResponse } from '../ports.ts'
import { asText, groupOf, textAt, versionOf } from '../status/read.ts'

export interface CallOptions {
  /** Of the target cluster; fenced where it may write. */
  readonly client: KubeClient
  readonly clock: Clock
  readonly impersonate: string | null
  readonly signal: AbortSignal
}

/** Webhooks may take 30 s of the server's time. */
const timeoutMs = 45_000
const maxAttempts = 6
const longestWaitMs = 10_000

/**
 * The answer, whatever its status. Waits and asks again where the server says when to (429, and 5xx with Retry-After), as Kubernetes' clients do.
 * Rejects with the transport's faults, LeaseLost, Canceled, and Unauthorized.
 */
export async function call(request: KubeRequest, options: CallOptions): Promise<KubeResponse> {
  const { client, clock, impersonate, signal } = options
  for (let attempt = 1; ; attempt += 1) {
    if (signal.aborted) throw canceled()
    const response = await client.request({
      timeoutMs,
      signal,
      ...request,
      ...(impersonate === null ? {} : { impersonate }),
    })
    if (response.status === 401)
      throw new SluiceError('Unauthorized', 'The API server does not accept the credentials', {
        remedy: 'Log in again, then retry the context.',
      })
    const waitMs = response.status === 429 || response.status >= 500 ? retryAfterMs(response) : null
    if (waitMs === null || waitMs > longestWaitMs || attempt >= maxAttempts) return response
    await pauseCall(clock, Math.max(waitMs, 50), signal)
  }
}

export function isOk(response: KubeResponse): boolean {
  return response.status >= 200 && response.status < 300
}

/** Resolves after `ms`; rejects with Canceled when the signal is aborted first. */
export function pauseCall(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return pause(clock, ms, signal).catch(() => {
    throw canceled()
  })
}

export function canceled(): SluiceError {
  return new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
}

export interface Refusal {
  readonly httpStatus: number
  /** Kubernetes' reason: `Invalid`, `NotFound`; '' where there is none. */
  readonly reason: string
  /** The server named an object: it is that which is missing, not the path. */
  readonly isNamed: boolean
  /** The sentence that Go's client would give. */
  readonly text: string
}

const wordsOfStatus: Readonly<Partial<Record<number, readonly [reason: string, text: string]>>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  409: ['Conflict', 'the server reported a conflict'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
}

/** What an answer that is not 2xx says. `verb` in lower case. */
export function refusalOf(
  response: KubeResponse,
  verb: string,
  resource: Pick<ServedResource, 'group' | 'plural'>,
  name: string,
): Refusal {
  const httpStatus = response.status
  const status = readStatusBody(response)
  if (status !== null)
    return {
      httpStatus,
      reason: asText(status.reason),
      isNamed: textAt(status, 'details', 'name') !== '',
      text: asText(status.message),
    }
  const body = response.headers['content-type']?.includes('text/plain') === true ? response.text().trim() : 'unknown'
  const [reason, words] = wordsOfStatus[httpStatus] ?? [
    httpStatus >= 500 ? 'InternalError' : '',
    httpStatus >= 500
      ? `an error on the server (${JSON.stringify(body)}) has prevented the request from succeeding`
      : `the server responded with the status code ${String(httpStatus)} but did not return more information`,
  ]
  const text = httpStatus === 403 ? body : words
  const place = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  return {
    httpStatus,
    reason: httpStatus === 403 ? 'Forbidden' : reason,
    isNamed: false,
    text: `${text} (${verb} ${place} ${name})`,
  }
}

/** What the controllers take for an immutable field: Conflict, Invalid, or a message that says so. */
export function isImmutable({ httpStatus, reason, text }: Refusal): boolean {
  const isConflict = reason === 'Conflict' || (httpStatus === 409 && reason === '')
  const isInvalid = reason === 'Invalid' || (httpStatus === 422 && reason === '')
  return isConflict || isInvalid || /is\simmutable|immutable\sfield/.test(text)
}

/** `Deployment/apps/podinfo`, as the controllers write it into events and conditions. */
export function subjectOf(entry: Pick<InventoryEntry, 'kind' | 'namespace' | 'name'>): string {
  return entry.namespace === '' ? `${entry.kind}/${entry.name}` : `${entry.kind}/${entry.namespace}/${entry.name}`
}

export function entryOf(object: KubeObject): InventoryEntry {
  const { apiVersion, kind, metadata } = object
  return {
    group: groupOf(apiVersion),
    version: versionOf(apiVersion),
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }
}

/** The sentence for an API server that does not know the kind, as a RESTMapper gives it. */
export function noMatchText(entry: Pick<InventoryEntry, 'group' | 'version' | 'kind'>): string {
  const version = entry.group === '' ? entry.version : `${entry.group}/${entry.version}`
  return `no matches for kind ${JSON.stringify(entry.kind)} in version ${JSON.stringify(version)}`
}

/** The fault as data, beside the controller's sentence. */
export function faultOf(message: string, refusal: Refusal | null): SluiceErrorData {
  const codes: Readonly<Partial<Record<number, ErrorCode>>> = {
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    422: 'Invalid',
    429: 'Throttled',
  }
  const isPassing = refusal !== null && (refusal.httpStatus === 429 || refusal.httpStatus >= 500)
  return {
    code: (refusal === null ? undefined : codes[refusal.httpStatus]) ?? 'ApplyFailed',
    message,
    remedy: '',
    detail: refusal?.text ?? '',
    retry: isPassing ? 'transient' : 'terminal',
  }
}
