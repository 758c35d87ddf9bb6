/**
 * Overdue: an object that nobody has reconciled for 2 × interval + timeout. Silent wherever a quiet object and a dead controller look
 * the same. Semantics: flux-semantics §2.14 (timing), §1.2 (history), §7 (tokens).
 *
 * Evidence differs by kind. Kustomization and HelmRelease write their status in every run (history, or at least a progress message, so
 * the status manager's time in managedFields moves); image kinds write a scan or run time. Sources write nothing when the remote has not
 * moved: for them only a request that was never handled, or a status that was never written, tells.
 */
import { operatorAnnotations, reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import { durationMs } from '../../../shared/flux/durations.ts'
import { helmGroup, imageGroup, kustomizeGroup, operatorGroup } from '../../../shared/flux/groups.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { lastStatusWriteAt } from './managed-fields.ts'
import { annotationOf, asArray, at, textAt, timeMs } from './read.ts'

const minuteMs = 60_000
/** Floor of Kustomization's default timeout. */
const minTimeoutMs = 30_000

/** How often the object is reconciled when nothing changes, null where it says nothing (or nothing valid). */
export function intervalMs(object: unknown, kind: FluxKind | null): number | null {
  if (kind?.group === operatorGroup) {
    if (kind.kind === 'FluxReport') return null
    const every = durationMs(annotationOf(object, operatorAnnotations.reconcileEvery))
    return every ?? (kind.kind === 'ResourceSetInputProvider' ? 10 * minuteMs : 60 * minuteMs)
  }
  const spec = durationMs(at(object, 'spec', 'interval')) ?? durationMs(at(object, 'spec', 'analysis', 'interval'))
  if (spec !== null) return spec > 0 ? spec : null
  return kind?.kind === 'Receiver' ? 10 * minuteMs : null
}

/** How long one run may take. */
export function timeoutMs(object: unknown, kind: FluxKind | null): number {
  const spec = durationMs(at(object, 'spec', 'timeout'))
  if (kind?.group === kustomizeGroup)
    return Math.max(spec ?? (intervalMs(object, kind) ?? minuteMs) - 30_000, minTimeoutMs)
  if (kind?.group === helmGroup) return spec ?? 5 * minuteMs
  if (kind?.group === operatorGroup)
    return durationMs(annotationOf(object, operatorAnnotations.reconcileTimeout)) ?? 5 * minuteMs
  return spec ?? minuteMs
}

/** Latest moment at which a controller was certainly at work on the object; null where the kind leaves no such trace. */
export function lastReconciledAt(object: unknown, kind: FluxKind | null): number | null {
  if (kind === null) return null
  const times: (number | null)[] = []
  for (const entry of asArray(at(object, 'status', 'history'))) times.push(timeMs(at(entry, 'lastReconciled')))
  if (kind.group === kustomizeGroup || kind.group === helmGroup) times.push(lastStatusWriteAt(object))
  if (kind.group === imageGroup) {
    times.push(timeMs(at(object, 'status', 'lastScanResult', 'scanTime')))
    times.push(timeMs(at(object, 'status', 'lastAutomationRunTime')))
  }
  const known = times.filter((time) => time !== null)
  if (known.length === 0) return null
  // A handled token is younger than the request, so it only ever helps.
  const handled = timeMs(at(object, 'status', 'lastHandledReconcileAt'))
  return Math.max(...known, ...(handled === null ? [] : [handled]))
}

/** True only with evidence. The caller leaves out suspended, stalled, terminating and static objects. */
export function isOverdue(object: unknown, kind: FluxKind, now: number): boolean {
  const interval = intervalMs(object, kind)
  if (interval === null) return false
  const window = 2 * interval + timeoutMs(object, kind)
  const token = annotationOf(object, reconcileAnnotations.requestedAt)
  const requested = timeMs(token)
  if (requested !== null && kind.canReconcile && textAt(object, 'status', 'lastHandledReconcileAt') !== token) {
    // Runs in progress have not copied the token yet: their own traces count.
    const last = lastReconciledAt(object, kind)
    if (now - Math.max(requested, last ?? requested) > window) return true
  }
  const last = lastReconciledAt(object, kind)
  if (last !== null) return now - last > window
  const created = timeMs(at(object, 'metadata', 'creationTimestamp'))
  return isNeverObserved(object, kind) && created !== null && now - created > window
}

/** No controller has written a status yet. */
export function isNeverObserved(object: unknown, kind: FluxKind): boolean {
  if (!kind.hasStatus || asArray(at(object, 'status', 'conditions')).length > 0) return false
  const observed = at(object, 'status', 'observedGeneration')
  return kind.statusDefault !== null && (observed === undefined || observed === -1)
}
