import { describe, expect, it } from 'vitest'
import { computeKStatus } from '../../../electron/engine/status/kstatus.ts'
import { fromYaml } from './yaml.ts'

const now = Date.parse('2026-09-16T10:00:00Z')
const word = (text: string) => computeKStatus(fromYaml(text), now).word
const both = (text: string) => {
  const { word, message } = computeKStatus(fromYaml(text), now)
  return `${word}: ${message}`
}

const deployment = (spec: string, status: string) =>
  both(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, generation: 2}, spec: {${spec}}, status: {observedGeneration: 2, ${status}}}`,
  )

describe('any object', () => {
  it('a deletion timestamp is Terminating before anything else', () => {
    expect(
      both(
        `{apiVersion: v1, kind: Secret, metadata: {name: a, deletionTimestamp: "2026-09-16T09:00:00Z", finalizers: [x.io/f]}}`,
      ),
    ).toBe('Terminating: Being deleted, waits for x.io/f')
  })
  it('an old observedGeneration is InProgress even where Ready is True', () => {
    expect(
      word(
        `{apiVersion: x.io/v1, kind: X, metadata: {generation: 3}, status: {observedGeneration: 2, conditions: [{type: Ready, status: "True"}]}}`,
      ),
    ).toBe('InProgress')
    expect(word(`{apiVersion: x.io/v1, kind: X, metadata: {generation: 1}, status: {observedGeneration: -1}}`)).toBe(
      'InProgress',
    )
  })
  it('the first of Reconciling and Stalled in list order decides', () => {
    const order = (first: string, second: string) =>
      word(
        `{apiVersion: x.io/v1, kind: X, status: {conditions: [{type: ${first}, status: "True"}, {type: ${second}, status: "True"}]}}`,
      )
    expect(order('Reconciling', 'Stalled')).toBe('InProgress')
    expect(order('Stalled', 'Reconciling')).toBe('Failed')
  })
  it('Ready False or Unknown is InProgress, never Failed; True is Current; absent is Current', () => {
    const ready = (status: string) =>
      word(`{apiVersion: x.io/v1, kind: X, status: {conditions: [{type: Ready, status: "${status}"}]}}`)
    expect([ready('False'), ready('Unknown'), ready('True')]).toEqual(['InProgress', 'InProgress', 'Current'])
    expect(word(`{apiVersion: x.io/v1, kind: X}`)).toBe('Current')
  })
  it('whatever is not an object is Current: there is nothing to wait for', () => {
    for (const value of [null, undefined, 3, 'x', [], {}]) expect(computeKStatus(value, now).word).toBe('Current')
  })
})

describe('Deployment', () => {
  const available =
    'conditions: [{type: Progressing, status: "True", reason: NewReplicaSetAvailable}, {type: Available, status: "True"}]'
  it.each([
    ['replicas: 3', 'replicas: 1', 'InProgress: Replicas: 1/3'],
    ['replicas: 3', 'replicas: 3, updatedReplicas: 2', 'InProgress: Updated: 2/3'],
    ['replicas: 3', 'replicas: 4, updatedReplicas: 3', 'InProgress: Pending termination: 1'],
    ['replicas: 3', 'replicas: 3, updatedReplicas: 3, availableReplicas: 1', 'InProgress: Available: 1/3'],
    [
      'replicas: 3',
      'replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 2',
      'InProgress: Ready: 2/3',
    ],
    [
      '',
      `replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, ${available}`,
      'Current: Available: 1/1',
    ],
    ['replicas: 0', available, 'Current: Available: 0/0'],
    [
      'replicas: 1',
      'conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: late}]',
      'Failed: late',
    ],
  ])('%s with %s is %s', (spec, status, expected) => {
    expect(deployment(spec, status)).toBe(expected)
  })
  it('needs the new ReplicaSet only where a deadline is kept', () => {
    const status =
      'replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, conditions: [{type: Available, status: "True"}]'
    expect(deployment('progressDeadlineSeconds: 600', status)).toBe('InProgress: ReplicaSet not available yet')
    expect(deployment('progressDeadlineSeconds: 2147483647', status)).toBe('Current: Available: 1/1')
    expect(deployment('', status)).toBe('Current: Available: 1/1')
  })
  it('needs Available', () => {
    expect(deployment('', 'replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1')).toBe(
      'InProgress: Deployment not available yet',
    )
  })
})

describe('StatefulSet, DaemonSet, ReplicaSet', () => {
  const sts = (spec: string, status: string) =>
    both(`{apiVersion: apps/v1, kind: StatefulSet, spec: {${spec}}, status: {${status}}}`)
  it.each([
    ['updateStrategy: {type: OnDelete}', '', 'Current: Updates on deletion only'],
    ['replicas: 2', 'replicas: 1', 'InProgress: Replicas: 1/2'],
    ['replicas: 2', 'replicas: 2, readyReplicas: 1', 'InProgress: Ready: 1/2'],
    ['replicas: 2', 'replicas: 3, readyReplicas: 2', 'InProgress: Pending termination: 1'],
    [
      'replicas: 3, updateStrategy: {rollingUpdate: {partition: 1}}',
      'replicas: 3, readyReplicas: 3, updatedReplicas: 1',
      'InProgress: Updated: 1/2',
    ],
    [
      'replicas: 3, updateStrategy: {rollingUpdate: {partition: 1}}',
      'replicas: 3, readyReplicas: 3, updatedReplicas: 2',
      'Current: Partitioned roll out complete, updated: 2',
    ],
    ['replicas: 2', 'replicas: 2, readyReplicas: 2, currentReplicas: 1', 'InProgress: Current: 1/2'],
    [
      'replicas: 1',
      'replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, updateRevision: b',
      'InProgress: Waiting for revision b',
    ],
    [
      'replicas: 1',
      'replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, updateRevision: a',
      'Current: Ready: 1/1',
    ],
  ])('StatefulSet %s, %s: %s', (spec, status, expected) => {
    expect(sts(spec, status)).toBe(expected)
  })
  const ds = (status: string) =>
    both(`{apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 1}, status: {${status}}}`)
  it.each([
    ['', 'InProgress: Not observed yet'],
    ['observedGeneration: 1', 'InProgress: Missing status.desiredNumberScheduled'],
    ['observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 1', 'InProgress: Current: 1/2'],
    [
      'observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 1',
      'InProgress: Updated: 1/2',
    ],
    [
      'observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 0',
      'InProgress: Available: 0/2',
    ],
    ['observedGeneration: 1, desiredNumberScheduled: 0', 'Current: Ready: 0/0'],
  ])('DaemonSet %s: %s', (status, expected) => {
    expect(ds(status)).toBe(expected)
  })
  const rs = (spec: string, status: string) =>
    both(`{apiVersion: apps/v1, kind: ReplicaSet, spec: {${spec}}, status: {${status}}}`)
  it.each([
    ['replicas: 1', 'conditions: [{type: ReplicaFailure, status: "True", message: quota}]', 'InProgress: quota'],
    ['replicas: 3', 'fullyLabeledReplicas: 3, availableReplicas: 1', 'InProgress: Available: 1/3'],
    ['replicas: 0', '', 'Current: Scaled to 0'],
  ])('ReplicaSet %s, %s: %s', (spec, status, expected) => {
    expect(rs(spec, status)).toBe(expected)
  })
})

describe('Pod', () => {
  const pod = (status: string) => both(`{apiVersion: v1, kind: Pod, status: {${status}}}`)
  it.each([
    ['phase: Succeeded', 'Current: Completed'],
    ['phase: Failed', 'Current: Ended with an error'],
    ['phase: Running, conditions: [{type: Ready, status: "True"}]', 'Current: '],
    ['phase: Running', 'InProgress: Running, not ready'],
    [
      'phase: Running, containerStatuses: [{name: app, state: {waiting: {reason: CrashLoopBackOff}}}]',
      'Failed: CrashLoopBackOff: app',
    ],
    ['phase: Pending', 'InProgress: Pending'],
    [
      'phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: no room, lastTransitionTime: "2026-09-16T09:59:44Z"}]',
      'Failed: Unschedulable: no room',
    ],
    [
      'phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, lastTransitionTime: "2026-09-16T09:59:46Z"}]',
      'InProgress: Pending',
    ],
    ['', 'InProgress: No phase yet'],
  ])('%s is %s', (status, expected) => {
    expect(pod(status)).toBe(expected)
  })
})

describe('others', () => {
  it.each([
    [`{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Bound}}`, 'Current'],
    [`{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending}}`, 'InProgress'],
    [`{apiVersion: v1, kind: Service, spec: {type: LoadBalancer}}`, 'InProgress'],
    [`{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}}`, 'Current'],
    [
      `{apiVersion: serving.knative.dev/v1, kind: Service, status: {conditions: [{type: Ready, status: "False"}]}}`,
      'InProgress',
    ],
    [`{apiVersion: batch/v1, kind: Job}`, 'InProgress'],
    [`{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Suspended, status: "True"}]}}`, 'Current'],
    [`{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Complete, status: "True"}]}}`, 'Current'],
    [`{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Failed, status: "True"}]}}`, 'Failed'],
    [`{apiVersion: batch/v1, kind: CronJob, status: {conditions: [{type: Ready, status: "False"}]}}`, 'Current'],
    [`{apiVersion: policy/v1, kind: PodDisruptionBudget}`, 'Current'],
    [`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}`, 'InProgress'],
    [
      `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: {conditions: [{type: Established, status: "True"}]}}`,
      'Current',
    ],
    [
      `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: {conditions: [{type: Established, status: "False", reason: Installing}]}}`,
      'InProgress',
    ],
    [
      `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: {conditions: [{type: NamesAccepted, status: "False"}]}}`,
      'Failed',
    ],
  ])('%s is %s', (text, expected) => {
    expect(word(text)).toBe(expected)
  })
})
