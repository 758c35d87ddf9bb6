/**
 * reconcile/status/: how the controllers write an object's status: condition setters, summary, history, request tokens, finalizers, and the patch
 * helper. Shared by all reconcilers; must not know what any of them does. Semantics: fluxcd/pkg runtime/conditions, runtime/patch, apis/meta.
 *
 * This file: the copy of one object that a run changes before it is written.
 */
import { reconcileAnnotations } from '../../../../shared/flux/annotations.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Clock } from '../../ports.ts'
import { annotationOf, asArray, asRecord } from '../../status/read.ts'

export interface Draft {
  /** As read; never changed. */
  readonly base: KubeObject
  readonly clock: Clock
  /** Own copy: its fields are replaced or deleted, their values never changed in depth. */
  readonly status: Record<string, unknown>
  finalizers: readonly string[]
}

export function openDraft(object: KubeObject, clock: Clock): Draft {
  return {
    base: object,
    clock,
    status: { ...asRecord(object.status) },
    finalizers: asArray(object.metadata.finalizers).filter((name) => typeof name === 'string'),
  }
}

/** The status is as it was read: whatever was written of this run meanwhile, the next patch takes back. */
export function resetStatus(draft: Draft): void {
  for (const field of Object.keys(draft.status)) Reflect.deleteProperty(draft.status, field)
  Object.assign(draft.status, asRecord(draft.base.status))
}

/** The object with the draft's status and finalizers, as expressions and dependants would see it once written. */
export function draftObject(draft: Draft): KubeObject {
  return { ...draft.base, metadata: { ...draft.base.metadata, finalizers: draft.finalizers }, status: draft.status }
}

/** Sets a status field; '' deletes it, as Go's omitempty does. */
export function setStatusText(draft: Draft, field: string, text: string): void {
  if (text === '') delete draft.status[field]
  else draft.status[field] = text
}

/** The token of `reconcile.fluxcd.io/requestedAt`; '' where nobody asked. */
export function requestOf(object: KubeObject): string {
  return annotationOf(object, reconcileAnnotations.requestedAt)
}

/** Copies the request's token to status.lastHandledReconcileAt, where there is one. */
export function acknowledgeRequest(draft: Draft): void {
  const token = requestOf(draft.base)
  if (token !== '') draft.status.lastHandledReconcileAt = token
}

/** A request that no finished run has seen. */
export function isRequestPending(object: KubeObject): boolean {
  const token = requestOf(object)
  return token !== '' && token !== asRecord(object.status).lastHandledReconcileAt
}

/** Another spec, or the deletion of it: what every reconciler runs for. */
export function isWishChanged(before: KubeObject, after: KubeObject): boolean {
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
  )
}

/** Whether it was added. */
export function addFinalizer(draft: Draft, name: string): boolean {
  if (draft.finalizers.includes(name)) return false
  draft.finalizers = [...draft.finalizers, name]
  return true
}

export function removeFinalizer(draft: Draft, name: string): void {
  draft.finalizers = draft.finalizers.filter((entry) => entry !== name)
}
