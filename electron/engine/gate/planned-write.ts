/** One planned patch of one object, and sending it. What moved since the plan is decided in the API server, and named here. */
import { sluiceFieldManager } from '../../../shared/flux/annotations.ts'
import { pause } from '../pause.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { errorFromAnswer, isTransportFault, retryAfterMs } from '../cache/api-answer.ts'
import type { ClusterView, KubeObject, ServedResource } from '../clusters/view.ts'
import { resourcePath } from '../clusters/view.ts'
import type { Clock, KubeClient } from '../ports.ts'
import type { Expected, PatchOperation } from './field-edits.ts'
import { buildPatch, describeMove, hasAnnotationMap, isWritten } from './field-edits.ts'

export interface PlannedWrite {
  readonly ref: ObjectRef
  readonly context: ContextId
  readonly resource: ServedResource
  readonly expected: Expected
  /** Whether the object had annotations when the plan was made. */
  readonly hasAnnotations: boolean
}

export interface WriteOutcome {
  readonly object: KubeObject | null
  readonly error: SluiceError | null
  /** HTTP status of the last answer, null when none came. */
  readonly status: number | null
  /** The body sent last. */
  readonly patch: readonly PatchOperation[]
}

const maxAttempts = 6
const longestWaitMs = 30_000

/** `Kustomization flux-system/apps`. */
export function titleOf(ref: ObjectRef): string {
  return `${ref.kind} ${refTitle(ref)}`
}

/** The request as "Show patch" prints it and as it is sent. */
export function requestOf(
  write: PlannedWrite,
  hasAnnotations: boolean,
): { path: string; patch: readonly PatchOperation[] } {
  const { ref, resource, expected } = write
  const path = `${resourcePath(resource, ref.namespace, ref.name)}?fieldManager=${sluiceFieldManager}`
  return { path, patch: buildPatch(expected, hasAnnotations) }
}

/**
 * Sends the patch; never rejects. Outcomes: the object as written; PlanMoved naming what moved; Forbidden, Invalid, NotConnected … A
 * conflict between status writers, a request to slow down and an annotations map that came or went are not the user's affair. `signal` stops before a request, never in the middle of one: what was sent is waited for, so that its outcome is known.
 */
export async function sendWrite(
  write: PlannedWrite,
  client: KubeClient,
  view: ClusterView,
  clock: Clock,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const title = titleOf(write.ref)
  let { hasAnnotations } = write
  let status: number | null = null
  let patch: readonly PatchOperation[] = []
  const failed = (error: SluiceError): WriteOutcome => ({ object: null, error, status, patch })

  for (let attempt = 1; ; attempt++) {
    const request = requestOf(write, hasAnnotations)
    patch = request.patch
    try {
      signal.throwIfAborted()
      const response = await client.request({
        method: 'PATCH',
        path: request.path,
        body: patch,
        contentType: 'application/json-patch+json',
      })
      status = response.status
      if (status < 300) return { object: response.json() as KubeObject, error: null, status, patch }
      const error = errorFromAnswer(response, `Change ${title}`)
      if (error.code === 'NotFound') return failed(movedError(title, 'was deleted'))
      const isLast = attempt >= maxAttempts
      if (error.retry === 'transient' && !isLast && (error.code !== 'ServerError' || status === 503)) {
        await pause(clock, Math.min(retryAfterMs(response) ?? 50 * 2 ** attempt, longestWaitMs), signal)
        continue
      }
      if (error.code !== 'Invalid') return failed(error)
      // The API server does not say which test failed: look at what stands there now.
      const current = await view.fetch(write.ref, signal)
      const move = describeMove(write.expected, current)
      if (move !== null) return failed(movedError(title, move))
      if (isLast || hasAnnotationMap(current) === hasAnnotations) return failed(error)
      hasAnnotations = !hasAnnotations
    } catch (fault) {
      const error = toSluiceError(fault, title)
      if (error.code === 'NotFound') return failed(movedError(title, 'was deleted'))
      if (!isTransportFault(error) && error.code !== 'ResponseMalformed') return failed(error)
      // The request may have arrived, or its answer got lost on the way: only the object can tell.
      const current = await view.fetch(write.ref, signal).catch(() => null)
      if (current !== null && isWritten(write.expected, current)) return { object: current, error: null, status, patch }
      return failed(error)
    }
  }
}

export function movedError(title: string, move: string): SluiceError {
  return new SluiceError('PlanMoved', `${title} ${move}, so nothing was written to it.`, {
    remedy: 'Look at the new plan and confirm again.',
  })
}

export function toSluiceError(fault: unknown, title: string): SluiceError {
  if (fault instanceof SluiceError) return fault
  if (fault instanceof Error && fault.name === 'AbortError')
    return new SluiceError('Canceled', `${title}: canceled`, { retry: 'canceled', cause: fault })
  return new SluiceError('Internal', `${title}: ${fault instanceof Error ? fault.message : String(fault)}`, {
    cause: fault,
  })
}
