/** When a controller will look at an object again by itself. Semantics: flux-semantics §2.14. */
import { durationMs } from '../../../shared/flux/durations.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { reasons } from '../../../shared/flux/reasons.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import { isStatic } from '../status/flux-status.ts'
import { intervalMs, lastReconciledAt } from '../status/overdue.ts'
import { at } from '../status/read.ts'
import { isSuspended } from '../status/suspend-info.ts'

/** ms since the epoch, null where nothing is scheduled (suspended, stalled, running, deleted) or the object leaves no trace of runs. */
export function readNextRunAt(object: unknown, kind: FluxKind | null): number | null {
  if (kind === null || isSuspended(object, kind) === true || isStatic(object, kind)) return null
  const deletedAt = at(object, 'metadata', 'deletionTimestamp')
  if (deletedAt !== undefined && deletedAt !== null) return null
  const conditions = readConditions(object)
  if (findCondition(conditions, 'Stalled')?.status === 'True') return null
  const ready = findCondition(conditions, 'Ready')
  const last = lastReconciledAt(object, kind)
  const interval = intervalMs(object, kind)
  if (ready === null || last === null || interval === null) return null
  if (ready.status === 'True') return last + interval
  // Waiting objects are looked at every 30 s, failed ones after retryInterval: what is running has no next run yet.
  if (ready.status === 'Unknown' || ready.reason === reasons.dependencyNotReady) return null
  return last + (durationMs(at(object, 'spec', 'retryInterval')) ?? interval)
}
