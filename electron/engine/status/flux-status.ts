/**
 * What one Flux object's state comes to, in one pure function. Owns the meaning of Flux's conditions, phases and gates; must not know
 * clusters or caches. Semantics: flux-semantics §1.2, §1.10, §2.13, §2.14, §7; words of interface.md.
 */
import { flaggerGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { conditionTypes, ownReasons, reasons, silentFailureReasons } from '../../../shared/flux/reasons.ts'
import type { Condition, FluxStatus, StatusWord } from '../../../shared/model/status.ts'
import { findCondition, readConditions } from './conditions.ts'
import { isNeverObserved, isOverdue } from './overdue.ts'
import { at, numberAt, textAt, timeMs } from './read.ts'
import { gateMode, isSuspended, readSuspendInfo } from './suspend-info.ts'

/**
 * Status of `object` at `now` (ms). `kind` null: a generic kind, judged by its conditions alone. Suspended wins over what the last run
 * said; a dependency that is not ready is Waiting, never red; Ready=False stays Failed while the controller retries. Never throws.
 */
export function computeFluxStatus(object: unknown, kind: FluxKind | null, now: number): FluxStatus {
  const conditions = readConditions(object)
  const ready = findCondition(conditions, conditionTypes.ready)
  const deletedAt = at(object, 'metadata', 'deletionTimestamp')
  if (deletedAt !== undefined && deletedAt !== null)
    return {
      word: 'Progressing',
      reason: ownReasons.terminating,
      message: ready?.status === 'False' && ready.message !== '' ? ready.message : 'Being deleted',
      since: timeMs(deletedAt),
      isOverdue: false,
    }
  if (isSuspended(object, kind) === true)
    return {
      word: gateMode(object, kind) === 'held' ? 'Held' : 'Suspended',
      reason: reasons.suspended,
      message: ready?.message ?? '',
      since: readSuspendInfo(object, kind)?.at ?? null,
      isOverdue: false,
    }
  if (isStatic(object, kind, conditions))
    return {
      word: 'Ready',
      reason: ownReasons.static,
      message: '',
      since: timeMs(at(object, 'metadata', 'creationTimestamp')),
      isOverdue: false,
    }
  const verdict =
    kind?.group === flaggerGroup && kind.kind === 'Canary'
      ? judgePhase(object, conditions)
      : judgeConditions(object, kind, conditions)
  return { ...verdict, isOverdue: kind !== null && isWatchedForOverdue(verdict) && isOverdue(object, kind, now) }
}

type Verdict = Omit<FluxStatus, 'isOverdue'>

/** Kinds whose readiness nobody computes: without status (Alert, Provider), and HelmRepository of type oci. */
export function isStatic(object: unknown, kind: FluxKind | null, conditions = readConditions(object)): boolean {
  if (kind === null) return false
  if (kind.group === sourceGroup && kind.kind === 'HelmRepository' && textAt(object, 'spec', 'type') === 'oci')
    return true
  // Older versions of Alert and Provider had conditions: those are believed.
  return !kind.hasStatus && conditions.length === 0
}

function judgeConditions(object: unknown, kind: FluxKind | null, conditions: readonly Condition[]): Verdict {
  const ready = findCondition(conditions, conditionTypes.ready)
  const reconciling = findCondition(conditions, conditionTypes.reconciling)
  const stalled = findCondition(conditions, conditionTypes.stalled)
  const lag = generationLag(object, ready)
  if (lag !== null) {
    const isProgressing = reconciling?.status === 'True'
    return {
      word: 'Progressing',
      reason: ownReasons.notObserved,
      message: isProgressing && reconciling.message !== '' ? reconciling.message : lag,
      since: reconciling?.lastTransitionTime ?? timeMs(at(object, 'metadata', 'creationTimestamp')),
    }
  }
  if (stalled?.status === 'True')
    return from('Stalled', stalled, ready?.status === 'False' && ready.message !== '' ? ready.message : stalled.message)
  if (ready === null) {
    if (reconciling?.status === 'True') return from('Progressing', reconciling)
    const isUnseen = kind !== null && isNeverObserved(object, kind)
    return {
      word: 'Unknown',
      reason: conditions.length === 0 ? ownReasons.noStatus : ownReasons.noCondition,
      message: isUnseen ? 'Waiting to be reconciled' : 'No Ready condition',
      since: null,
    }
  }
  switch (ready.status) {
    case 'True':
      return reconciling?.status === 'True' ? from('Progressing', reconciling) : from('Ready', ready)
    case 'False':
      if (ready.reason === reasons.dependencyNotReady) return from('Waiting', ready)
      if (ready.reason === reasons.progressing || ready.reason === reasons.healthCheckCanceled)
        return from('Progressing', ready)
      return from('Failed', ready)
    case 'Unknown':
      if (ready.reason === reasons.dependencyNotReady) return from('Waiting', ready)
      if (reconciling?.status === 'True')
        return from('Progressing', reconciling, reconciling.message === '' ? ready.message : reconciling.message)
      return ready.reason === reasons.progressing || ready.reason === reasons.progressingWithRetry
        ? from('Progressing', ready)
        : from('Unknown', ready)
  }
}

/** A sentence while no controller has looked at the newest generation, null when one has. */
function generationLag(object: unknown, ready: Condition | null): string | null {
  const generation = numberAt(object, 'metadata', 'generation')
  const observed = numberAt(object, 'status', 'observedGeneration')
  if (generation === null || observed === null) return null
  // A failing Kustomization keeps its old observedGeneration; the condition's own says which generation it judges.
  const judged = Math.max(observed, ready?.observedGeneration ?? -1)
  if (judged >= generation) return null
  return observed < 0 ? 'Waiting to be reconciled' : `Generation ${String(generation)} is not reconciled yet`
}

/** Flagger's phases. Waiting and WaitingPromotion wait for a gate outside. */
const phaseWords: Readonly<Partial<Record<string, StatusWord>>> = {
  Initializing: 'Progressing',
  Initialized: 'Ready',
  Waiting: 'Waiting',
  Progressing: 'Progressing',
  WaitingPromotion: 'Waiting',
  Promoting: 'Progressing',
  Finalising: 'Progressing',
  Succeeded: 'Ready',
  Failed: 'Failed',
  Terminating: 'Progressing',
  Terminated: 'Unknown',
}

function judgePhase(object: unknown, conditions: readonly Condition[]): Verdict {
  const phase = textAt(object, 'status', 'phase')
  const promoted = findCondition(conditions, 'Promoted')
  const word = Object.hasOwn(phaseWords, phase) ? (phaseWords[phase] ?? 'Unknown') : 'Unknown'
  return {
    word,
    reason: phase === '' ? ownReasons.noStatus : phase,
    message: promoted?.message ?? (phase === '' ? 'Waiting to be reconciled' : ''),
    since: timeMs(at(object, 'status', 'lastTransitionTime')) ?? promoted?.lastTransitionTime ?? null,
  }
}

/** Stalled objects are not retried, and some failures repeat without a trace: their silence means nothing. */
function isWatchedForOverdue(verdict: Verdict): boolean {
  return verdict.word !== 'Stalled' && verdict.word !== 'Waiting' && !silentFailureReasons.has(verdict.reason)
}

function from(word: StatusWord, condition: Condition, message = condition.message): Verdict {
  return { word, reason: condition.reason, message, since: condition.lastTransitionTime }
}
