import { describe, expect, it } from 'vitest'
import { readFlow } from '../../../electron/engine/detail/flow.ts'
import { readFacts } from '../../../electron/engine/detail/facts.ts'
import { readNextRunAt } from '../../../electron/engine/detail/next-run.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { fromYaml } from '../status/yaml.ts'

const ks = 'kustomize.toolkit.fluxcd.io'
const source = 'source.toolkit.fluxcd.io'

function sourceRow(ready: string, reason = 'Succeeded') {
  const cluster = new MemoryCluster()
  cluster.apply(
    `{apiVersion: ${source}/v1, kind: GitRepository, metadata: {name: fleet, namespace: a}, status: {artifact: {revision: "main@sha1:2"}, conditions: [{type: Ready, status: "${ready}", reason: ${reason}, message: source says}]}}`,
  )
  return cluster.row(`c1|${source}/GitRepository|a/fleet`)
}

function kustomization(conditions: string, more = '', spec = '') {
  return fromYaml(
    `{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: apps}, spec: {interval: 10m, retryInterval: 2m${spec}}, status: {conditions: [${conditions}]${more}}}`,
  )
}
const draw = (object: ReturnType<typeof fromYaml>, from = sourceRow('True')) =>
  readFlow(object, null, { isKnown: true, row: from }).map((each) =>
    [each.name, each.state, each.value, each.note].filter((part) => part !== '').join(' '),
  )

const applied =
  ', lastAppliedRevision: "main@sha1:1", lastAttemptedRevision: "main@sha1:2", history: [{digest: "sha256:d", lastReconciled: "2026-09-16T09:00:00Z"}]'

describe('flow of a Kustomization', () => {
  it.each([
    [
      'applied, no health checks',
      kustomization('{type: Ready, status: "True"}', ', lastAppliedRevision: r, history: [{digest: "sha256:d"}]'),
      [
        'Fetched done main@sha1:2',
        'Built done sha256:d',
        'Applied done r',
        'Healthy unknown No health checks configured',
      ],
    ],
    [
      'healthy',
      kustomization(
        '{type: Ready, status: "True"}, {type: Healthy, status: "True", message: ok}',
        ', lastAppliedRevision: r',
        ', wait: true',
      ),
      ['Fetched done main@sha1:2', 'Built done', 'Applied done r', 'Healthy done'],
    ],
    [
      'build failed',
      kustomization('{type: Ready, status: "False", reason: BuildFailed, message: no file}', applied),
      ['Fetched done main@sha1:2', 'Built failed sha256:d no file', 'Applied waiting main@sha1:1', 'Healthy waiting'],
    ],
    [
      'apply failed',
      kustomization('{type: Ready, status: "False", reason: ReconciliationFailed, message: immutable}', applied),
      ['Fetched done main@sha1:2', 'Built done sha256:d', 'Applied failed main@sha1:1 immutable', 'Healthy waiting'],
    ],
    [
      'health check failed',
      kustomization('{type: Ready, status: "False", reason: HealthCheckFailed, message: timeout}', applied),
      ['Fetched done main@sha1:2', 'Built done sha256:d', 'Applied done main@sha1:2', 'Healthy failed timeout'],
    ],
    [
      'waiting for a dependency',
      kustomization('{type: Ready, status: "False", reason: DependencyNotReady, message: infra is not ready}', applied),
      [
        'Fetched done main@sha1:2',
        'Built waiting sha256:d infra is not ready',
        'Applied waiting main@sha1:1',
        'Healthy waiting',
      ],
    ],
    [
      'building',
      kustomization(
        '{type: Reconciling, status: "True", reason: Progressing, message: Building}, {type: Ready, status: Unknown, reason: Progressing}',
        applied,
      ),
      ['Fetched done main@sha1:2', 'Built running sha256:d Building', 'Applied waiting main@sha1:1', 'Healthy waiting'],
    ],
    [
      'checking health',
      kustomization(
        '{type: Reconciling, status: "True", reason: Progressing, message: Checking}, {type: Ready, status: Unknown, reason: Progressing}, {type: Healthy, status: Unknown}',
        applied,
      ),
      ['Fetched done main@sha1:2', 'Built done sha256:d', 'Applied done main@sha1:2', 'Healthy running Checking'],
    ],
    ['new', kustomization(''), ['Fetched done main@sha1:2', 'Built unknown', 'Applied waiting', 'Healthy waiting']],
  ])('%s', (_title, object, expected) => {
    expect(draw(object)).toEqual(expected)
  })

  it('begins at a source that failed, is missing or is unknown', () => {
    const failed = kustomization('{type: Ready, status: "False", reason: ArtifactFailed, message: not found}', applied)
    expect(draw(failed, sourceRow('False', 'AuthenticationFailed'))[0]).toBe('Fetched failed main@sha1:2 source says')
    expect(draw(failed, null)[0]).toBe('Fetched failed not found')
    expect(draw(failed)[0]).toBe('Fetched failed main@sha1:2 not found')
    expect(readFlow(kustomization(''), null, { isKnown: false, row: null })[0]).toMatchObject({ state: 'unknown' })
  })
})

describe('flow of a HelmRelease', () => {
  const release = (conditions: string) =>
    fromYaml(
      `{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: v}, status: {history: [{chartVersion: 3.0.9, version: 7, configDigest: "sha256:c"}], conditions: [${conditions}]}}`,
    )
  it.each([
    [
      '{type: Ready, status: "True"}',
      ['Fetched done main@sha1:2', 'Built done sha256:c', 'Applied done 3.0.9, v7', 'Healthy done'],
    ],
    [
      '{type: Ready, status: "False", reason: UpgradeFailed, message: hooks}',
      ['Fetched done main@sha1:2', 'Built done sha256:c', 'Applied failed 3.0.9, v7 hooks', 'Healthy waiting'],
    ],
    [
      '{type: Ready, status: "False", reason: ValuesError, message: key}',
      ['Fetched done main@sha1:2', 'Built failed sha256:c key', 'Applied done 3.0.9, v7', 'Healthy waiting'],
    ],
    [
      '{type: Ready, status: "False", reason: TestFailed, message: bad}, {type: Released, status: "True"}, {type: TestSuccess, status: "False"}',
      ['Fetched done main@sha1:2', 'Built done sha256:c', 'Applied done 3.0.9, v7', 'Healthy failed bad'],
    ],
    [
      '{type: Ready, status: "False", reason: SourceNotReady, message: later}',
      ['Fetched failed main@sha1:2 later', 'Built waiting sha256:c', 'Applied done 3.0.9, v7', 'Healthy waiting'],
    ],
    [
      '{type: Reconciling, status: "True", reason: Progressing, message: Running upgrade}, {type: Ready, status: Unknown}',
      [
        'Fetched done main@sha1:2',
        'Built done sha256:c',
        'Applied running 3.0.9, v7 Running upgrade',
        'Healthy waiting',
      ],
    ],
  ])('%s', (conditions, expected) => {
    expect(draw(release(conditions))).toEqual(expected)
  })
})

describe('next run', () => {
  const kind = fluxKind(ks, 'Kustomization')
  const history = ', history: [{lastReconciled: "2026-09-16T09:00:00Z"}]'
  it('is one interval after a success, one retryInterval after a failure', () => {
    expect(readNextRunAt(kustomization('{type: Ready, status: "True"}', history), kind)).toBe(
      Date.parse('2026-09-16T09:10:00Z'),
    )
    expect(readNextRunAt(kustomization('{type: Ready, status: "False", reason: BuildFailed}', history), kind)).toBe(
      Date.parse('2026-09-16T09:02:00Z'),
    )
  })
  it('is unknown when suspended, stalled, waiting, running or without a trace', () => {
    for (const object of [
      kustomization('{type: Ready, status: "True"}', history, ', suspend: true'),
      kustomization('{type: Ready, status: "False"}, {type: Stalled, status: "True"}', history),
      kustomization('{type: Ready, status: "False", reason: DependencyNotReady}', history),
      kustomization('{type: Ready, status: Unknown}', history),
      kustomization('{type: Ready, status: "True"}'),
    ])
      expect(readNextRunAt(object, kind)).toBeNull()
  })
})

describe('facts', () => {
  it('never hold an address or a secret', () => {
    const facts = readFacts(
      fromYaml(
        '{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Provider, metadata: {}, spec: {type: slack, address: "https://hooks.example.com/T0", secretRef: {name: s}}}',
      ),
    )
    expect(facts).toEqual([
      { label: 'Type', value: 'slack' },
      { label: 'Secret', value: 's' },
    ])
    expect(
      readFacts(fromYaml('{apiVersion: v1, kind: Secret, metadata: {}, type: Opaque, data: {a: c2VjcmV0}}')),
    ).toEqual([
      { label: 'Type', value: 'Opaque' },
      { label: 'Keys', value: 'a' },
    ])
  })
  it('fall back to printer columns', () => {
    expect(
      readFacts(
        fromYaml(
          '{apiVersion: flagger.app/v1beta1, kind: MetricTemplate, metadata: {}, spec: {provider: {type: prometheus}}}',
        ),
      ),
    ).toContainEqual({ label: 'Provider', value: 'prometheus' })
  })
})
