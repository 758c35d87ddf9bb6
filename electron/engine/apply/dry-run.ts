/**
 * One dry-run and what its answer means. Requests are those of the controller: server-side apply with its field manager, forced, dryRun=All.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode, SluiceErrorData } from '../../../shared/model/errors.ts'
import { isTransportFault, readStatusBody, transportCodes } from '../cache/api-answer.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import { resourcePath } from '../clusters/view.ts'
import { isSecret } from '../detail/present-object.ts'
import { exactBody } from '../exact-json.ts'
import type { KubeRequest, KubeResponse } from '../ports.ts'
import { asArray, asRecord, asText, versionOf } from '../status/read.ts'
import type { CompareOptions } from './compare-set.ts'

export type DryRunOutcome =
  /** `object` is parsed when it is asked for. */
  | { readonly kind: 'answer'; readonly object: KubeObject; readonly bytes: Uint8Array }
  /** The user may not: a comparison by structure is still possible. */
  | { readonly kind: 'forbidden'; readonly problem: SluiceErrorData }
  /** What the controllers take for an immutable field: Conflict, Invalid, or a message that says so. */
  | { readonly kind: 'immutable'; readonly problem: SluiceErrorData; readonly message: string }
  /** 404: the namespace or the kind is not there. */
  | { readonly kind: 'absent'; readonly problem: SluiceErrorData; readonly message: string }
  | { readonly kind: 'refused'; readonly problem: SluiceErrorData; readonly message: string }

export interface DryRunTarget {
  readonly resource: ServedResource
  readonly controller: string
  readonly impersonate: string | null
}

/** Webhooks may take 30 s of the server's time. */
const timeoutMs = 45_000
const maxDetailLength = 4096

/** The apply of `desired`. Rejects with SluiceError where the API server cannot be reached, does not know the user, or on abort. */
export function dryRunApply(
  desired: KubeObject,
  target: DryRunTarget,
  options: CompareOptions,
): Promise<DryRunOutcome> {
  const path = `${pathOf(desired, target)}?fieldManager=${target.controller}&force=true&dryRun=All`
  return send(
    desired,
    { method: 'PATCH', path, body: desired, contentType: 'application/apply-patch+yaml' },
    target,
    options,
  )
}

/** What the API server makes of the live object when it is set to `wanted`: defaults that a removal uncovers come back. */
export function dryRunSet(
  live: KubeObject,
  wanted: KubeObject,
  target: DryRunTarget,
  options: CompareOptions,
): Promise<DryRunOutcome> {
  const path = `${pathOf(live, target)}?fieldManager=${target.controller}&dryRun=All`
  const operations: { op: string; path: string; value?: unknown }[] = []
  const set = (pointer: string, before: unknown, after: unknown): void => {
    if (before === after) return
    if (after === undefined) operations.push({ op: 'remove', path: pointer })
    else operations.push({ op: before === undefined ? 'add' : 'replace', path: pointer, value: after })
  }
  for (const name of ['labels', 'annotations'] as const)
    set(`/metadata/${name}`, live.metadata[name], wanted.metadata[name])
  for (const key of new Set([...Object.keys(live), ...Object.keys(wanted)]))
    if (key !== 'apiVersion' && key !== 'kind' && key !== 'metadata' && key !== 'status')
      set(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, live[key], wanted[key])
  return send(
    live,
    { method: 'PATCH', path, body: operations, contentType: 'application/json-patch+json' },
    target,
    options,
  )
}

export function pathOf(object: KubeObject, { resource }: Pick<DryRunTarget, 'resource'>): string {
  const version = versionOf(object.apiVersion)
  return resourcePath({ ...resource, version }, object.metadata.namespace ?? '', object.metadata.name)
}

async function send(
  object: KubeObject,
  request: KubeRequest,
  target: DryRunTarget,
  options: CompareOptions,
): Promise<DryRunOutcome> {
  for (let attempt = 0; ; attempt += 1) {
    const done = await options.takeDryRun(options.signal)
    const startedAt = options.clock?.monotonicMs() ?? 0
    const report = (status: number): void => {
      done({ status, durationMs: (options.clock?.monotonicMs() ?? 0) - startedAt })
    }
    let response: KubeResponse
    try {
      response = await options.client.request({
        ...request,
        timeoutMs,
        signal: options.signal,
        ...(target.impersonate === null ? {} : { impersonate: target.impersonate }),
      })
    } catch (error) {
      report(0)
      if (endsComparison(error) || !(error instanceof SluiceError)) throw error
      return { kind: 'refused', problem: error.toData(), message: error.message }
    }
    report(response.status)
    if (response.status === 401)
      throw new SluiceError('Unauthorized', 'The API server does not accept the credentials', {
        remedy: 'Log in again, then retry the context.',
      })
    if (attempt < 2 && mayTryAgain(response, attempt)) continue
    return judge(object, response)
  }
}

/** Faults after which nothing of the comparison can be believed: it is begun anew when the server is back. */
export function endsComparison(error: unknown): boolean {
  if (!(error instanceof SluiceError)) return false
  return isTransportFault(error) || endingCodes.has(error.code) || error.retry === 'canceled'
}

/** The same for a problem that came as data. */
export function isEndingProblem(problem: SluiceErrorData): boolean {
  return transportCodes.has(problem.code) || endingCodes.has(problem.code)
}

const endingCodes: ReadonlySet<ErrorCode> = new Set([
  'Canceled',
  'Unauthorized',
  'NotConnected',
  'ContextInvalid',
  'CredentialMissing',
])

/** 429 and what a gateway or a restarting server says: again at once, the budget has been told. A failed webhook is not asked twice. */
function mayTryAgain(response: KubeResponse, attempt: number): boolean {
  if (response.status === 429 || response.status === 502 || response.status === 503) return true
  if (response.status === 504) return attempt === 0
  return response.status === 500 && attempt === 0 && readStatusBody(response)?.reason === 'ServerTimeout'
}

function judge(object: KubeObject, response: KubeResponse): DryRunOutcome {
  if (response.status === 200 || response.status === 201) return answerOf(response)
  const status = readStatusBody(response)
  const reason = asText(status?.reason)
  const raw = asText(status?.message)
  const message = isSecret(object) ? withoutValues(status) : raw.slice(0, maxDetailLength)
  const make = (code: ErrorCode, words: string, remedy: string, isTransient = false): SluiceErrorData => ({
    code,
    message: `${titleOf(object)}: ${words}`,
    remedy,
    detail: message,
    retry: isTransient ? 'transient' : 'terminal',
  })
  const isConflict = response.status === 409 && reason !== 'AlreadyExists'
  if (isConflict || reason === 'Invalid' || /is\simmutable|immutable\sfield/.test(raw)) {
    const problem = isConflict
      ? make('Conflict', 'the API server refuses the change', 'Change it in Git, or allow Flux to recreate the object.')
      : make('Invalid', 'the API server refuses the change', 'Correct it in Git, or allow Flux to recreate the object.')
    return { kind: 'immutable', problem, message }
  }
  // The authorizer's own sentence; admission answers 403 too, in other words.
  if (response.status === 403 && /is forbidden: User ".*" cannot /s.test(raw))
    return {
      kind: 'forbidden',
      problem: make('Forbidden', 'no right to dry-run', 'Ask for the permission that the API server names.'),
    }
  if (response.status === 404) {
    const problem =
      asText(asRecord(asRecord(status).details).name) === ''
        ? make('ResourceNotServed', 'the API server does not serve this kind', 'Install the kind first.')
        : make('NotFound', 'something it needs is not there', 'Create what the API server names first.')
    return { kind: 'absent', problem, message }
  }
  const problem =
    response.status === 429
      ? make('Throttled', 'the API server asks to slow down', 'Sluice tries again by itself.', true)
      : response.status === 413
        ? make('DryRunFailed', 'too large for the API server', 'Make it smaller: the controller cannot apply it.')
        : make('DryRunFailed', 'the API server refuses it', '', response.status >= 500)
  return { kind: 'refused', problem, message }
}

function answerOf(response: KubeResponse): DryRunOutcome {
  let parsed: KubeObject | null = null
  return {
    kind: 'answer',
    bytes: response.bytes,
    get object() {
      return (parsed ??= exactBody(response) as KubeObject)
    },
  }
}

/** SECURITY: item 9: messages about a Secret may quote its values: only fields and reasons are kept. */
function withoutValues(status: ReturnType<typeof readStatusBody>): string {
  const details = asRecord(asRecord(status).details)
  const causes = asArray(details.causes).map(
    (cause) => `${asText(asRecord(cause).field)}: ${asText(asRecord(cause).reason)}`,
  )
  return causes.length > 0 ? causes.join('; ').slice(0, maxDetailLength) : asText(status?.reason)
}

/** `Deployment apps/web`. */
export function titleOf(object: KubeObject): string {
  const { namespace, name } = object.metadata
  return `${object.kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`
}
