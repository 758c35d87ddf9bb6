/**
 * How far a requested run has come, judged from one state of the object. Pure. Source: flux-semantics §7 and §10.10: the token is copied
 * to status by the final write of a run that saw it, so before that nothing is final, and after it the conditions are the run's outcome.
 */
import { helmGroup, kustomizeGroup, operatorGroup } from '../../../shared/flux/groups.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { conditionTypes, reasons } from '../../../shared/flux/reasons.ts'
import type { StageName } from '../../../shared/model/actions.ts'
import type { Condition } from '../../../shared/model/status.ts'
import type { KubeObject } from '../clusters/view.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import { numberAt, textAt } from '../status/read.ts'
import { readRevision } from '../status/row-facts.ts'
import { isTokenHandled } from './reconcile-token.ts'

export interface RunRequest {
  readonly token: string
  /** status.lastHandledReconcileAt when the plan was made. */
  readonly handledBefore: string
}

export interface RunVerdict {
  /** `waiting`: on a dependency; the controller tries again by itself. */
  readonly state: 'running' | 'waiting' | 'done' | 'failed'
  /** The stage that runs, or where it stopped; `healthy` when done. */
  readonly stage: StageName
  /** Verbatim where the object says something. */
  readonly message: string
  /** Revision that was fetched or applied; '' while not known. */
  readonly revision: string
}

/** Kinds that apply something; all others end with `fetched`. */
const appliers = new Set([
  `${kustomizeGroup}/Kustomization`,
  `${helmGroup}/HelmRelease`,
  `${operatorGroup}/FluxInstance`,
  `${operatorGroup}/ResourceSet`,
])

/** Whether objects of the kind go through all four stages. */
export function isApplier(kind: FluxKind): boolean {
  return appliers.has(`${kind.group}/${kind.kind}`)
}

export function judgeRun(object: KubeObject, kind: FluxKind, request: RunRequest): RunVerdict {
  const conditions = readConditions(object)
  const ready = findCondition(conditions, conditionTypes.ready)
  const reconciling = findCondition(conditions, conditionTypes.reconciling)
  const stalled = findCondition(conditions, conditionTypes.stalled)
  const handled = textAt(object, 'status', 'lastHandledReconcileAt')
  const revision = textAt(object, 'status', 'lastAttemptedRevision') || readRevision(object, kind)
  const last = isApplier(kind) ? 'healthy' : 'fetched'

  if (!isTokenHandled(handled, request.token, request.handledBefore)) return underWay(kind, conditions, '')
  if (stalled?.status === 'True')
    return { state: 'failed', stage: failedStage(kind, stalled.reason), message: said(stalled), revision }
  if (ready === null) return { state: 'done', stage: last, message: '', revision }
  if (ready.status === 'True') {
    if (reconciling?.status === 'True' || !isGenerationObserved(object)) return underWay(kind, conditions, revision)
    return { state: 'done', stage: last, message: ready.message, revision }
  }
  if (ready.status === 'Unknown') return underWay(kind, conditions, revision)
  if (ready.reason === reasons.dependencyNotReady)
    return { state: 'waiting', stage: 'fetched', message: said(ready), revision }
  // A newer revision took over: its run follows by itself and is the one to wait for.
  if (ready.reason === reasons.healthCheckCanceled)
    return { state: 'running', stage: 'healthy', message: `Superseded by a newer revision: ${said(ready)}`, revision }
  if (reconciling?.status === 'True' && reconciling.reason !== reasons.progressingWithRetry)
    return underWay(kind, conditions, revision)
  return { state: 'failed', stage: failedStage(kind, ready.reason), message: said(ready), revision }
}

function underWay(kind: FluxKind, conditions: readonly Condition[], revision: string): RunVerdict {
  const reconciling = findCondition(conditions, conditionTypes.reconciling)
  // ProgressingWithRetry is what the previous, failed run left behind.
  const isMoving = reconciling?.status === 'True' && reconciling.reason !== reasons.progressingWithRetry
  const message = isMoving ? reconciling.message : ''
  return { state: 'running', stage: isApplier(kind) ? stageHint(conditions, message) : 'fetched', message, revision }
}

/**
 * Which stage a progress message belongs to. Only for display while the run goes on (flux-semantics §2.14): the outcome never depends
 * on it, and an unknown message leaves the stage where every run begins.
 */
function stageHint(conditions: readonly Condition[], message: string): StageName {
  const healthy = findCondition(conditions, conditionTypes.healthy)
  if (message.startsWith('Running health checks')) return 'healthy'
  if (message !== '' && healthy?.status === 'Unknown' && healthy.reason === reasons.progressing) return 'healthy'
  return /^(Building manifests|Detecting drift|Running ')/.test(message) ? 'applied' : 'fetched'
}

const fetchReasons: ReadonlySet<string> = new Set([
  reasons.artifactFailed,
  reasons.sourceNotReady,
  reasons.accessDenied,
  reasons.dependencyNotReady,
])
const healthReasons: ReadonlySet<string> = new Set([
  reasons.healthCheckFailed,
  reasons.healthCheckCanceled,
  'TestFailed',
])

function failedStage(kind: FluxKind, reason: string): StageName {
  if (!isApplier(kind) || fetchReasons.has(reason)) return 'fetched'
  return healthReasons.has(reason) ? 'healthy' : 'applied'
}

function isGenerationObserved(object: KubeObject): boolean {
  const observed = numberAt(object, 'status', 'observedGeneration')
  const { generation } = object.metadata
  return observed === null || typeof generation !== 'number' || observed >= generation
}

function said(condition: Condition): string {
  return condition.message === '' ? condition.reason : condition.message
}
