import { describe, expect, it } from 'vitest'
import { computeFluxStatus } from '../../../electron/engine/status/flux-status.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { fromYaml } from './yaml.ts'

const now = Date.parse('2026-09-16T10:00:00Z')

function statusOf(text: string) {
  const object = fromYaml(text)
  return computeFluxStatus(object, fluxKind(object.apiVersion.split('/')[0] ?? '', object.kind), now)
}
const kustomization = (status: string, more = '', metadata = '') =>
  statusOf(
    `{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a, namespace: b, generation: 2${metadata}}, spec: {interval: 10m${more}}, status: {${status}}}`,
  )
const ready = (status: string, reason: string, more = '') =>
  `{type: Ready, status: "${status}", reason: ${reason}, message: text${more}}`

describe('words', () => {
  it.each([
    [`observedGeneration: 2, conditions: [${ready('True', 'ReconciliationSucceeded')}]`, 'Ready'],
    [`observedGeneration: 2, conditions: [${ready('False', 'BuildFailed')}]`, 'Failed'],
    [`observedGeneration: 2, conditions: [${ready('False', 'DependencyNotReady')}]`, 'Waiting'],
    [`observedGeneration: 2, conditions: [${ready('False', 'HealthCheckCanceled')}]`, 'Progressing'],
    [
      `observedGeneration: 2, conditions: [${ready('Unknown', 'Progressing')}, {type: Reconciling, status: "True", reason: Progressing, message: Building}]`,
      'Progressing',
    ],
    [`observedGeneration: 2, conditions: [${ready('Unknown', 'Other')}]`, 'Unknown'],
    [
      `observedGeneration: 2, conditions: [${ready('False', 'InvalidPath')}, {type: Stalled, status: "True", reason: InvalidPath, message: stalled}]`,
      'Stalled',
    ],
    [
      `observedGeneration: 2, conditions: [${ready('True', 'Succeeded')}, {type: Reconciling, status: "True", reason: Progressing, message: m}]`,
      'Progressing',
    ],
    [`observedGeneration: 1, conditions: [${ready('True', 'Succeeded', ', observedGeneration: 1')}]`, 'Progressing'],
    [`observedGeneration: -1`, 'Progressing'],
    ['', 'Unknown'],
    [`conditions: [{type: Other, status: "True"}]`, 'Unknown'],
  ])('%s is %s', (status, expected) => {
    expect(kustomization(status).word).toBe(expected)
  })

  it.each([
    ['held', ', suspend: true', 'Held'],
    ['manual', ', suspend: true', 'Suspended'],
    ['anything', ', suspend: true', 'Suspended'],
    ['held', '', 'Unknown'],
  ])('in mode %s with spec {%s} is %s', (mode, more, expected) => {
    expect(kustomization('', more, `, annotations: {sluice.dev/mode: ${mode}}`).word).toBe(expected)
  })

  it('Ready=False stays Failed while it is retried, though its observedGeneration lags', () => {
    const status = kustomization(
      `observedGeneration: 1, conditions: [{type: Reconciling, status: "True", reason: ProgressingWithRetry}, ${ready('False', 'BuildFailed', ', observedGeneration: 2')}]`,
    )
    expect(status).toMatchObject({ word: 'Failed', reason: 'BuildFailed', message: 'text' })
  })

  it('shows the message of the run while it runs', () => {
    expect(
      kustomization(
        `observedGeneration: 2, conditions: [${ready('Unknown', 'Progressing')}, {type: Reconciling, status: "True", reason: Progressing, message: Building manifests}]`,
      ).message,
    ).toBe('Building manifests')
  })

  it('suspended wins over failed and keeps the last message', () => {
    expect(
      kustomization(`observedGeneration: 2, conditions: [${ready('False', 'BuildFailed')}]`, ', suspend: true'),
    ).toMatchObject({
      word: 'Suspended',
      message: 'text',
      isOverdue: false,
    })
  })

  it('an object that is being deleted is Progressing, even when suspended', () => {
    expect(kustomization('', ', suspend: true', ', deletionTimestamp: "2026-09-16T09:00:00Z"')).toMatchObject({
      word: 'Progressing',
      reason: 'Terminating',
      since: Date.parse('2026-09-16T09:00:00Z'),
    })
  })
})

describe('kinds of their own', () => {
  it.each([
    [`{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Alert, metadata: {name: a}}`, 'Ready'],
    [
      `{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Provider, metadata: {name: a}, spec: {suspend: true}}`,
      'Suspended',
    ],
    [
      `{apiVersion: notification.toolkit.fluxcd.io/v1beta1, kind: Alert, status: {conditions: [{type: Ready, status: "False", reason: X}]}}`,
      'Failed',
    ],
    [
      `{apiVersion: source.toolkit.fluxcd.io/v1, kind: HelmRepository, metadata: {generation: 1}, spec: {type: oci}, status: {observedGeneration: -1}}`,
      'Ready',
    ],
    [
      `{apiVersion: source.toolkit.fluxcd.io/v1, kind: HelmRepository, metadata: {generation: 1}, status: {observedGeneration: -1}}`,
      'Progressing',
    ],
    [
      `{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, metadata: {annotations: {fluxcd.controlplane.io/reconcile: disabled}}}`,
      'Suspended',
    ],
    [
      `{apiVersion: source.extensions.fluxcd.io/v1beta1, kind: ArtifactGenerator, metadata: {annotations: {source.extensions.fluxcd.io/reconcile: Disabled}}}`,
      'Suspended',
    ],
    [`{apiVersion: flagger.app/v1beta1, kind: MetricTemplate}`, 'Ready'],
    ...[
      ['Initializing', 'Progressing'],
      ['Initialized', 'Ready'],
      ['Waiting', 'Waiting'],
      ['WaitingPromotion', 'Waiting'],
      ['Finalising', 'Progressing'],
      ['Succeeded', 'Ready'],
      ['Failed', 'Failed'],
      ['constructor', 'Unknown'],
    ].map(([phase, word]) => [
      `{apiVersion: flagger.app/v1beta1, kind: Canary, status: {phase: ${phase ?? ''}}}`,
      word ?? '',
    ]),
  ])('%s is %s', (text, expected) => {
    expect(statusOf(text).word).toBe(expected)
  })

  it('a generic kind is judged by its conditions', () => {
    expect(
      computeFluxStatus(
        fromYaml(
          `{apiVersion: x.io/v1, kind: Widget, spec: {suspend: true}, status: {conditions: [{type: Ready, status: "True"}]}}`,
        ),
        null,
        now,
      ).word,
    ).toBe('Ready')
  })
})

describe('overdue', () => {
  const good = `observedGeneration: 2, conditions: [${ready('True', 'ReconciliationSucceeded')}]`
  const history = (time: string) =>
    `, history: [{lastReconciled: "${time}", lastReconciledStatus: ReconciliationSucceeded}]`
  // 2 × 10m + (10m − 30s)
  it('counts from the newest run in the history', () => {
    expect(kustomization(good + history('2026-09-16T09:30:31Z')).isOverdue).toBe(false)
    expect(kustomization(good + history('2026-09-16T09:30:29Z')).isOverdue).toBe(true)
  })
  it('a later status write counts as a run', () => {
    const managed = (time: string) =>
      `, managedFields: [{manager: gotk-kustomize-controller, subresource: status, time: "${time}", fieldsV1: {f:status: {}}}]`
    expect(kustomization(good + history('2026-09-16T05:00:00Z'), '', managed('2026-09-16T09:59:00Z')).isOverdue).toBe(
      false,
    )
    expect(kustomization(good, '', managed('2026-09-16T05:59:00Z')).isOverdue).toBe(true)
  })
  it('is silent without evidence, for suspended, stalled and waiting objects', () => {
    const old = history('2026-09-16T01:00:00Z')
    expect(kustomization(good).isOverdue).toBe(false)
    expect(kustomization(good + old, ', suspend: true').isOverdue).toBe(false)
    expect(kustomization(`conditions: [${ready('False', 'DependencyNotReady')}]${old}`).isOverdue).toBe(false)
    expect(kustomization(`conditions: [${ready('False', 'ArtifactFailed')}]${old}`).isOverdue).toBe(false)
    expect(kustomization(`conditions: [{type: Stalled, status: "True", reason: X}]${old}`).isOverdue).toBe(false)
  })
  it('a source whose remote is quiet is not overdue, one whose request nobody answered is', () => {
    const source = (annotations: string) =>
      statusOf(
        `{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {generation: 1, annotations: {${annotations}}}, spec: {interval: 1m, timeout: 60s}, status: {observedGeneration: 1, artifact: {lastUpdateTime: "2026-01-01T00:00:00Z"}, conditions: [${ready('True', 'Succeeded')}]}}`,
      )
    expect(source('').isOverdue).toBe(false)
    expect(source('reconcile.fluxcd.io/requestedAt: "2026-09-16T09:56:59Z"').isOverdue).toBe(true)
    expect(source('reconcile.fluxcd.io/requestedAt: "2026-09-16T09:57:01Z"').isOverdue).toBe(false)
  })
  it('an object that no controller ever saw is overdue in the end', () => {
    expect(kustomization('observedGeneration: -1', '', ', creationTimestamp: "2026-09-16T08:00:00Z"').isOverdue).toBe(
      true,
    )
    expect(kustomization('observedGeneration: -1', '', ', creationTimestamp: "2026-09-16T09:59:00Z"').isOverdue).toBe(
      false,
    )
  })
  it('a broken interval is no evidence', () => {
    expect(
      statusOf(
        `{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, spec: {interval: soon}, status: {history: [{lastReconciled: "2020-01-01T00:00:00Z"}]}}`,
      ).isOverdue,
    ).toBe(false)
  })
})
