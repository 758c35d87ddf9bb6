/**
 * kstatus: what any object's own fields say about its progress. Pure: knows no cluster, no clock but the `now` it is given, and no
 * Flux meaning (flux-status.ts has that). Semantics: flux-semantics §2.13 (cli-utils kstatus with Flux's override for Job).
 */
import type { Condition, KStatusWord } from '../../../shared/model/status.ts'
import { findCondition, readConditions } from './conditions.ts'
import { asArray, asRecord, asText, at, groupOf, numberAt, textAt } from './read.ts'

export interface KStatus {
  readonly word: KStatusWord
  /** Why, for people: `Available: 1/3`; '' where the word says all. */
  readonly message: string
}

/** An unschedulable pod is Failed only after this long: the scheduler may just not have caught up. */
const unschedulableGraceMs = 15_000
const maxInt32 = 2_147_483_647

const current = (message = ''): KStatus => ({ word: 'Current', message })
const inProgress = (message: string): KStatus => ({ word: 'InProgress', message })
const failed = (message: string): KStatus => ({ word: 'Failed', message })

/** kstatus of one object at `now` (ms since the epoch). Never throws; what is missing counts as the API's default. */
export function computeKStatus(object: unknown, now: number): KStatus {
  if (at(object, 'metadata', 'deletionTimestamp') !== undefined && at(object, 'metadata', 'deletionTimestamp') !== null)
    return { word: 'Terminating', message: terminatingMessage(object) }
  const generation = numberAt(object, 'metadata', 'generation')
  const observed = numberAt(object, 'status', 'observedGeneration')
  if (observed !== null && generation !== null && observed !== generation)
    return inProgress(`Generation ${String(generation)} is not observed yet, last was ${String(observed)}`)
  const conditions = readConditions(object)
  for (const condition of conditions) {
    if (condition.status !== 'True') continue
    if (condition.type === 'Reconciling') return inProgress(condition.message)
    if (condition.type === 'Stalled') return failed(condition.message)
  }
  const rule = rules[`${groupOf(at(object, 'apiVersion'))}/${textAt(object, 'kind')}`]
  if (rule !== undefined) return rule(object, conditions, now)
  const ready = findCondition(conditions, 'Ready')
  if (ready === null) return current()
  return ready.status === 'True' ? current(ready.message) : inProgress(ready.message)
}

type Rule = (object: unknown, conditions: readonly Condition[], now: number) => KStatus

/** By `group/Kind`, any version. */
const rules: Readonly<Partial<Record<string, Rule>>> = {
  'apps/Deployment': deploymentStatus,
  'extensions/Deployment': deploymentStatus,
  'apps/StatefulSet': statefulSetStatus,
  'apps/DaemonSet': daemonSetStatus,
  'extensions/DaemonSet': daemonSetStatus,
  'apps/ReplicaSet': replicaSetStatus,
  'extensions/ReplicaSet': replicaSetStatus,
  '/Pod': podStatus,
  '/PersistentVolumeClaim': claimStatus,
  '/Service': serviceStatus,
  '/Secret': () => current(),
  '/ConfigMap': () => current(),
  'batch/Job': jobStatus,
  'batch/CronJob': () => current(),
  'policy/PodDisruptionBudget': () => current(),
  'apiextensions.k8s.io/CustomResourceDefinition': definitionStatus,
}

function terminatingMessage(object: unknown): string {
  const finalizers = asArray(at(object, 'metadata', 'finalizers'))
    .map(asText)
    .filter((text) => text !== '')
  return finalizers.length === 0 ? 'Being deleted' : `Being deleted, waits for ${finalizers.join(', ')}`
}

const status = (object: unknown, key: string): number => numberAt(object, 'status', key) ?? 0

function deploymentStatus(object: unknown, conditions: readonly Condition[]): KStatus {
  const deadline = numberAt(object, 'spec', 'progressDeadlineSeconds')
  const progressing = findCondition(conditions, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return failed(progressing.message === '' ? 'Progress deadline exceeded' : progressing.message)
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const replicas = status(object, 'replicas')
  const updated = status(object, 'updatedReplicas')
  const available = status(object, 'availableReplicas')
  const ready = status(object, 'readyReplicas')
  if (wanted > replicas) return inProgress(`Replicas: ${fraction(replicas, wanted)}`)
  if (wanted > updated) return inProgress(`Updated: ${fraction(updated, wanted)}`)
  if (replicas > wanted) return inProgress(`Pending termination: ${String(replicas - wanted)}`)
  if (updated > available) return inProgress(`Available: ${fraction(available, updated)}`)
  if (wanted > ready) return inProgress(`Ready: ${fraction(ready, wanted)}`)
  const isDeadlineKept = deadline !== null && deadline !== maxInt32
  if (isDeadlineKept && !(progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable'))
    return inProgress('ReplicaSet not available yet')
  if (findCondition(conditions, 'Available')?.status !== 'True') return inProgress('Deployment not available yet')
  return current(`Available: ${fraction(available, wanted)}`)
}

function statefulSetStatus(object: unknown): KStatus {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return current('Updates on deletion only')
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const replicas = status(object, 'replicas')
  const ready = status(object, 'readyReplicas')
  const updated = status(object, 'updatedReplicas')
  const currentReplicas = status(object, 'currentReplicas')
  if (wanted > replicas) return inProgress(`Replicas: ${fraction(replicas, wanted)}`)
  if (wanted > ready) return inProgress(`Ready: ${fraction(ready, wanted)}`)
  if (replicas > wanted) return inProgress(`Pending termination: ${String(replicas - wanted)}`)
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition')
  if (partition !== null) {
    if (updated < wanted - partition) return inProgress(`Updated: ${fraction(updated, wanted - partition)}`)
    return current(`Partitioned roll out complete, updated: ${String(updated)}`)
  }
  if (wanted > currentReplicas) return inProgress(`Current: ${fraction(currentReplicas, wanted)}`)
  const currentRevision = textAt(object, 'status', 'currentRevision')
  const updateRevision = textAt(object, 'status', 'updateRevision')
  if (currentRevision !== updateRevision) return inProgress(`Waiting for revision ${updateRevision}`)
  return current(`Ready: ${fraction(ready, wanted)}`)
}

function daemonSetStatus(object: unknown): KStatus {
  if (numberAt(object, 'metadata', 'generation') === null || numberAt(object, 'status', 'observedGeneration') === null)
    return inProgress('Not observed yet')
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled')
  if (wanted === null) return inProgress('Missing status.desiredNumberScheduled')
  const scheduled = status(object, 'currentNumberScheduled')
  const updated = status(object, 'updatedNumberScheduled')
  const available = status(object, 'numberAvailable')
  const ready = status(object, 'numberReady')
  if (wanted > scheduled) return inProgress(`Current: ${fraction(scheduled, wanted)}`)
  if (wanted > updated) return inProgress(`Updated: ${fraction(updated, wanted)}`)
  if (wanted > available) return inProgress(`Available: ${fraction(available, wanted)}`)
  if (wanted > ready) return inProgress(`Ready: ${fraction(ready, wanted)}`)
  return current(`Ready: ${fraction(ready, wanted)}`)
}

function replicaSetStatus(object: unknown, conditions: readonly Condition[]): KStatus {
  const failure = findCondition(conditions, 'ReplicaFailure')
  if (failure?.status === 'True') return inProgress(failure.message === '' ? 'Replica failure' : failure.message)
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const replicas = status(object, 'replicas')
  const labelled = status(object, 'fullyLabeledReplicas')
  const available = status(object, 'availableReplicas')
  const ready = status(object, 'readyReplicas')
  if (wanted > labelled) return inProgress(`Labelled: ${fraction(labelled, wanted)}`)
  if (wanted > available) return inProgress(`Available: ${fraction(available, wanted)}`)
  if (wanted > ready) return inProgress(`Ready: ${fraction(ready, wanted)}`)
  if (replicas > wanted) return inProgress(`Pending termination: ${String(replicas - wanted)}`)
  return current(wanted === 0 ? 'Scaled to 0' : `Available: ${fraction(available, wanted)}`)
}

function podStatus(object: unknown, conditions: readonly Condition[], now: number): KStatus {
  const phase = textAt(object, 'status', 'phase')
  switch (phase) {
    // A pod that has ended is settled: whether it should have ended is its owner's question.
    case 'Succeeded':
      return current('Completed')
    case 'Failed':
      return current('Ended with an error')
    case 'Running': {
      if (findCondition(conditions, 'Ready')?.status === 'True') return current()
      const crashing = crashLoopingContainers(object)
      if (crashing.length > 0) return failed(`CrashLoopBackOff: ${crashing.join(', ')}`)
      return inProgress('Running, not ready')
    }
    case 'Pending': {
      const scheduled = findCondition(conditions, 'PodScheduled')
      if (
        scheduled?.status === 'False' &&
        scheduled.reason === 'Unschedulable' &&
        scheduled.lastTransitionTime !== null &&
        now - scheduled.lastTransitionTime > unschedulableGraceMs
      )
        return failed(scheduled.message === '' ? 'Unschedulable' : `Unschedulable: ${scheduled.message}`)
      return inProgress('Pending')
    }
    default:
      return inProgress(phase === '' ? 'No phase yet' : `Phase ${phase}`)
  }
}

function crashLoopingContainers(object: unknown): readonly string[] {
  const result: string[] = []
  for (const key of ['initContainerStatuses', 'containerStatuses'])
    for (const entry of asArray(at(object, 'status', key)))
      if (textAt(entry, 'state', 'waiting', 'reason') === 'CrashLoopBackOff') result.push(asText(asRecord(entry).name))
  return result
}

function claimStatus(object: unknown): KStatus {
  const phase = textAt(object, 'status', 'phase')
  return phase === 'Bound' ? current('Bound') : inProgress(phase === '' ? 'Not bound' : `Not bound: ${phase}`)
}

function serviceStatus(object: unknown): KStatus {
  const isWaiting = textAt(object, 'spec', 'type') === 'LoadBalancer' && textAt(object, 'spec', 'clusterIP') === ''
  return isWaiting ? inProgress('Waiting for a cluster IP') : current()
}

function jobStatus(object: unknown, conditions: readonly Condition[]): KStatus {
  for (const condition of conditions) {
    if (condition.status !== 'True') continue
    if (condition.type === 'Complete') return current('Completed')
    if (condition.type === 'Failed') return failed(condition.message === '' ? 'Failed' : condition.message)
    if (condition.type === 'Suspended') return current('Suspended')
  }
  if (at(object, 'spec', 'suspend') === true) return current('Suspended')
  const done = status(object, 'succeeded')
  return inProgress(`Completed: ${fraction(done, numberAt(object, 'spec', 'completions') ?? 1)}`)
}

function definitionStatus(_object: unknown, conditions: readonly Condition[]): KStatus {
  for (const condition of conditions) {
    if (condition.type === 'NamesAccepted' && condition.status === 'False')
      return failed(condition.message === '' ? 'Names not accepted' : condition.message)
    if (condition.type === 'Established') {
      if (condition.status === 'True') return current('Established')
      if (condition.status === 'False' && condition.reason !== 'Installing')
        return failed(condition.message === '' ? 'Not established' : condition.message)
    }
  }
  return inProgress('Not established yet')
}

function fraction(have: number, want: number): string {
  return `${String(have)}/${String(want)}`
}
