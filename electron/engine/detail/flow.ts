/**
 * The flow line of an object: Fetched, (the gate), Built, Applied, Healthy. Read from reasons, revisions and history, never from
 * message text. Semantics: flux-semantics §2.1 (order), §2.13, §2.14, §3.2.
 */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { reasons } from '../../../shared/flux/reasons.ts'
import { isSameRevision } from '../../../shared/flux/revision.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { FlowStage } from '../../../shared/model/detail.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Condition } from '../../../shared/model/status.ts'
import type { KubeObject } from '../clusters/view.ts'
import { findCondition, readConditions } from '../status/conditions.ts'
import { asArray, at, groupOf, numberAt, textAt, timeMs } from '../status/read.ts'

export interface FlowSource {
  /** false: its kind is not listed here, so that nothing can be said. */
  readonly isKnown: boolean
  /** null: the object names a source that is not there. */
  readonly row: FluxRow | null
}

/** Four stages for Kustomization and HelmRelease, Fetched alone for sources, none for other kinds. */
export function readFlow(object: KubeObject, row: FluxRow | null, source: FlowSource): readonly FlowStage[] {
  const group = groupOf(object.apiVersion)
  if (group === kustomizeGroup && object.kind === 'Kustomization') return kustomizationFlow(object, source)
  if (group === helmGroup && object.kind === 'HelmRelease') return releaseFlow(object, source)
  return row?.category === 'sources' ? [fetchedStage({ isKnown: true, row })] : []
}

const sourceFailures: ReadonlySet<string> = new Set([
  reasons.artifactFailed,
  reasons.accessDenied,
  reasons.sourceNotReady,
])
const buildFailures: ReadonlySet<string> = new Set([reasons.buildFailed, reasons.invalidCELExpression, 'ValuesError'])
const healthFailures: ReadonlySet<string> = new Set([reasons.healthCheckFailed, reasons.healthCheckCanceled])

interface Run {
  readonly ready: Condition | null
  /** A run is under way (not only a retry in waiting). */
  readonly isRunning: boolean
  readonly isFailed: boolean
  readonly reason: string
  readonly message: string
  readonly note: string
}

function readRun(object: KubeObject): Run {
  const conditions = readConditions(object)
  const ready = findCondition(conditions, 'Ready')
  const reconciling = findCondition(conditions, 'Reconciling')
  const isRunning = reconciling?.status === 'True' && reconciling.reason !== reasons.progressingWithRetry
  return {
    ready,
    isRunning,
    isFailed: ready?.status === 'False',
    reason: ready?.reason ?? '',
    message: neutralizeLine(ready?.message ?? ''),
    note: neutralizeLine(isRunning ? (reconciling?.message ?? '') : ''),
  }
}

const stage = (
  name: FlowStage['name'],
  state: FlowStage['state'],
  more: Partial<Pick<FlowStage, 'value' | 'note' | 'at'>> = {},
): FlowStage => ({ name, state, value: '', note: '', at: null, ...more })

function fetchedStage({ isKnown, row }: FlowSource, run?: Run): FlowStage {
  if (row === null) {
    if (!isKnown) return stage('Fetched', run !== undefined && sourceFailures.has(run.reason) ? 'failed' : 'unknown')
    const said = run !== undefined && sourceFailures.has(run.reason) ? run.message : ''
    return stage('Fetched', 'failed', { note: said || 'The source does not exist' })
  }
  const value = row.revision
  const at = row.lastAppliedAt
  const note = neutralizeLine(row.status.message)
  switch (row.status.word) {
    case 'Ready':
    case 'Drifted':
    case 'Held':
      return stage('Fetched', 'done', { value, at })
    case 'Failed':
    case 'Stalled':
    case 'Unreachable':
      return stage('Fetched', 'failed', { value, at: row.status.since, note })
    case 'Progressing':
      return stage('Fetched', 'running', { value, at, note })
    case 'Waiting':
      return stage('Fetched', 'waiting', { value, at, note })
    case 'Suspended':
      return stage('Fetched', value === '' ? 'unknown' : 'done', { value, at, note: 'The source is suspended' })
    case 'Unknown':
    case 'Stale':
      return stage('Fetched', value === '' ? 'unknown' : 'done', { value, at })
  }
}

function kustomizationFlow(object: KubeObject, source: FlowSource): readonly FlowStage[] {
  const run = readRun(object)
  const fetched = fetchedStage(source, run)
  const status = at(object, 'status')
  const applied = textAt(status, 'lastAppliedRevision')
  const attempted = textAt(status, 'lastAttemptedRevision')
  const newest = asArray(at(status, 'history'))[0]
  const healthy = findCondition(readConditions(object), 'Healthy')
  const digest = textAt(newest, 'digest')
  const lastAt = timeMs(at(newest, 'lastReconciled')) ?? run.ready?.lastTransitionTime ?? null
  const failedAt = run.ready?.lastTransitionTime ?? null
  const built = (state: FlowStage['state'], note = ''): FlowStage =>
    stage('Built', state, { value: digest, note, at: state === 'failed' ? failedAt : lastAt })
  const appliedStage = (state: FlowStage['state'], value: string, note = ''): FlowStage =>
    stage('Applied', state, { value, note, at: state === 'failed' ? failedAt : lastAt })

  if (run.ready === null && applied === '') {
    const state = run.isRunning ? 'running' : 'unknown'
    return [fetched, built(state, run.note), appliedStage('waiting', ''), stage('Healthy', 'waiting')]
  }
  if (run.isFailed) {
    if (sourceFailures.has(run.reason) || run.reason === reasons.dependencyNotReady) {
      const note = run.reason === reasons.dependencyNotReady ? run.message : ''
      return [
        sourceFailures.has(run.reason) && fetched.state !== 'failed'
          ? stage('Fetched', 'failed', { ...pick(fetched), note: run.message })
          : fetched,
        built('waiting', note),
        appliedStage('waiting', applied),
        stage('Healthy', 'waiting'),
      ]
    }
    if (buildFailures.has(run.reason))
      return [fetched, built('failed', run.message), appliedStage('waiting', applied), stage('Healthy', 'waiting')]
    if (healthFailures.has(run.reason))
      return [
        fetched,
        built('done'),
        appliedStage('done', attempted || applied),
        stage('Healthy', run.reason === reasons.healthCheckCanceled ? 'waiting' : 'failed', {
          note: run.message,
          at: failedAt,
        }),
      ]
    return [fetched, built('done'), appliedStage('failed', applied, run.message), stage('Healthy', 'waiting')]
  }
  if (run.isRunning || run.ready?.status === 'Unknown') {
    // The controller resets Healthy when it begins to check: the only stage of a run that shows in the object.
    if (healthy?.status === 'Unknown')
      return [
        fetched,
        built('done'),
        appliedStage('done', attempted || applied),
        stage('Healthy', 'running', { note: run.note }),
      ]
    return [fetched, built('running', run.note), appliedStage('waiting', applied), stage('Healthy', 'waiting')]
  }
  const isBehind = attempted !== '' && applied !== '' && !isSameRevision(attempted, applied)
  return [
    fetched,
    built('done'),
    appliedStage('done', applied, isBehind ? `Attempted ${attempted}` : ''),
    healthStage(object, healthy),
  ]
}

function healthStage(object: KubeObject, healthy: Condition | null): FlowStage {
  if (healthy !== null)
    return stage('Healthy', healthy.status === 'True' ? 'done' : healthy.status === 'False' ? 'failed' : 'running', {
      note: healthy.status === 'True' ? '' : neutralizeLine(healthy.message),
      at: healthy.lastTransitionTime,
    })
  const isChecked = at(object, 'spec', 'wait') === true || asArray(at(object, 'spec', 'healthChecks')).length > 0
  return isChecked ? stage('Healthy', 'done') : stage('Healthy', 'unknown', { note: 'No health checks configured' })
}

function pick({ value, at: when }: FlowStage): Pick<FlowStage, 'value' | 'at'> {
  return { value, at: when }
}

function releaseFlow(object: KubeObject, source: FlowSource): readonly FlowStage[] {
  const run = readRun(object)
  const conditions = readConditions(object)
  const fetched = fetchedStage(source, run)
  const released = findCondition(conditions, 'Released')
  const tested = findCondition(conditions, 'TestSuccess')
  const snapshot = asArray(at(object, 'status', 'history'))[0]
  const version = numberAt(snapshot, 'version')
  const value = [textAt(snapshot, 'chartVersion'), version === null ? '' : `v${String(version)}`]
    .filter((part) => part !== '')
    .join(', ')
  const appliedAt = timeMs(at(snapshot, 'lastDeployed'))
  const failedAt = run.ready?.lastTransitionTime ?? null
  const configDigest = textAt(snapshot, 'configDigest')
  const built = (state: FlowStage['state'], note = ''): FlowStage =>
    stage('Built', state, { value: configDigest, note })
  const applied = (state: FlowStage['state'], note = ''): FlowStage =>
    stage('Applied', state, { value, note, at: state === 'failed' ? failedAt : appliedAt })
  const rest = (): readonly FlowStage[] => [
    applied(snapshot === undefined ? 'waiting' : 'done'),
    stage('Healthy', 'waiting'),
  ]

  if (run.isFailed) {
    if (sourceFailures.has(run.reason))
      return [stage('Fetched', 'failed', { ...pick(fetched), note: run.message }), built('waiting'), ...rest()]
    if (run.reason === reasons.dependencyNotReady) return [fetched, built('waiting', run.message), ...rest()]
    if (buildFailures.has(run.reason)) return [fetched, built('failed', run.message), ...rest()]
    if (tested?.status === 'False' && released?.status === 'True')
      return [fetched, built('done'), applied('done'), stage('Healthy', 'failed', { note: run.message, at: failedAt })]
    return [fetched, built('done'), applied('failed', run.message), stage('Healthy', 'waiting')]
  }
  if (run.ready === null || run.ready.status === 'Unknown')
    return [
      fetched,
      built(run.isRunning ? 'done' : 'unknown'),
      applied(run.isRunning ? 'running' : 'unknown', run.note),
      stage('Healthy', 'waiting'),
    ]
  return [fetched, built('done'), applied('done'), stage('Healthy', 'done', { at: run.ready.lastTransitionTime })]
}
