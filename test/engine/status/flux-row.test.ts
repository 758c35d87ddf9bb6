import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { statusWords } from '../../../shared/model/status.ts'
import { scaleCount, seed } from '../../soak.ts'
import { breakObject, fullObject, mutations, wrongValues } from './broken-objects.ts'
import { fromYaml } from './yaml.ts'

const now = Date.parse('2026-09-16T10:00:00Z')

function rowOf(object: unknown, group: string, kind: string): FluxRow {
  return toFluxRow(object, { cluster: 'c1', group, version: 'v1', kind, fluxKind: fluxKind(group, kind), now })
}
function row(text: string): FluxRow {
  const object = fromYaml(text)
  return rowOf(object, object.apiVersion.split('/')[0] ?? '', object.kind)
}

describe('toFluxRow', () => {
  it('summarises a Kustomization', () => {
    expect(
      row(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
  uid: u1
  generation: 3
  creationTimestamp: "2026-01-01T00:00:00Z"
  labels: {kustomize.toolkit.fluxcd.io/name: flux-system, kustomize.toolkit.fluxcd.io/namespace: flux-system}
spec:
  interval: 10m
  path: ./apps
  sourceRef: {kind: GitRepository, name: flux-system}
  dependsOn: [{name: infra}, {name: crds, namespace: other}, {}, null]
status:
  observedGeneration: 3
  lastAppliedRevision: main@sha1:5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d
  inventory: {entries: [{id: a__b_c, v: v1}]}
  history: [{lastReconciled: "2026-09-16T09:59:00Z", lastReconciledStatus: ReconciliationSucceeded}]
  conditions: [{type: Ready, status: "True", reason: ReconciliationSucceeded, message: Applied, lastTransitionTime: "2026-09-16T09:00:00Z"}]`),
    ).toEqual({
      key: 'c1|kustomize.toolkit.fluxcd.io/Kustomization|flux-system/apps',
      ref: {
        cluster: 'c1',
        group: 'kustomize.toolkit.fluxcd.io',
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'apps',
      },
      version: 'v1',
      category: 'kustomizations',
      uid: 'u1',
      generation: 3,
      status: {
        word: 'Ready',
        reason: 'ReconciliationSucceeded',
        message: 'Applied',
        since: Date.parse('2026-09-16T09:00:00Z'),
        isOverdue: false,
      },
      isSuspended: false,
      suspend: null,
      source: {
        kind: 'GitRepository',
        group: 'source.toolkit.fluxcd.io',
        namespace: 'flux-system',
        name: 'flux-system',
      },
      revision: 'main@sha1:5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d5a3f1c2d',
      target: './apps',
      lastAppliedAt: Date.parse('2026-09-16T09:59:00Z'),
      createdAt: Date.parse('2026-01-01T00:00:00Z'),
      intervalMs: 600_000,
      dependsOn: [
        {
          cluster: 'c1',
          group: 'kustomize.toolkit.fluxcd.io',
          kind: 'Kustomization',
          namespace: 'flux-system',
          name: 'infra',
        },
        {
          cluster: 'c1',
          group: 'kustomize.toolkit.fluxcd.io',
          kind: 'Kustomization',
          namespace: 'other',
          name: 'crds',
        },
      ],
      blockedBy: [],
      inventoryCount: 1,
      parent: {
        cluster: 'c1',
        group: 'kustomize.toolkit.fluxcd.io',
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'flux-system',
      },
      columns: {},
      isTerminating: false,
    })
  })

  it.each([
    [
      'a HelmRelease of a chart',
      `{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {namespace: a}, spec: {chart: {spec: {chart: valkey, version: 3.x, sourceRef: {kind: HelmRepository, name: r}}}}, status: {history: [{status: failed, chartVersion: 3.1.0}, {status: deployed, chartVersion: 3.0.9, chartName: valkey}]}}`,
      { target: 'valkey@3.x', revision: '3.0.9', source: { kind: 'HelmRepository', name: 'r' }, inventoryCount: null },
    ],
    [
      'a HelmRelease of a chartRef',
      `{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {namespace: a}, spec: {chartRef: {kind: OCIRepository, name: podinfo, namespace: b}}}`,
      { target: 'podinfo', source: { kind: 'OCIRepository', name: 'podinfo', namespace: 'b' } },
    ],
    [
      'a GitRepository',
      `{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {}, spec: {url: "https://git.example.com/a"}, status: {artifact: {revision: "main@sha1:1", lastUpdateTime: "2026-01-01T00:00:00Z"}}}`,
      {
        target: 'https://git.example.com/a',
        revision: 'main@sha1:1',
        lastAppliedAt: Date.parse('2026-01-01T00:00:00Z'),
        source: null,
      },
    ],
    [
      'a Provider, without its address',
      `{apiVersion: notification.toolkit.fluxcd.io/v1beta3, kind: Provider, metadata: {}, spec: {type: slack, channel: ops, address: "https://hooks.example.com/secret"}}`,
      { target: 'slack ops' },
    ],
    [
      'a ResourceSet with dependencies of other kinds',
      `{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, metadata: {namespace: a}, spec: {dependsOn: [{apiVersion: apps/v1, kind: Deployment, name: d}]}}`,
      { dependsOn: [{ group: 'apps', kind: 'Deployment', name: 'd', namespace: 'a' }], intervalMs: 3_600_000 },
    ],
    [
      'a Kustomization that applies itself: no parent',
      `{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: f, namespace: f, labels: {kustomize.toolkit.fluxcd.io/name: f, kustomize.toolkit.fluxcd.io/namespace: f}}}`,
      { parent: null },
    ],
  ])('summarises %s', (_title, text, expected) => {
    expect(row(text)).toMatchObject(expected)
  })

  it('caps texts: a row is a summary', () => {
    const long = row(
      `{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {}, spec: {url: "${'x'.repeat(100_000)}"}}`,
    )
    expect(long.target.length).toBeLessThan(5000)
  })
})

describe('any field of any kind may be missing or of the wrong type', () => {
  it('still makes a valid row', () => {
    fc.assert(
      fc.property(fc.nat(fluxKinds.length - 1), mutations, (kindIndex, list) => {
        const object = fullObject(kindIndex)
        const kind = fluxKinds[kindIndex]
        breakObject(object, list)
        const result = rowOf(object, kind?.group ?? '', kind?.kind ?? '')
        expect(statusWords).toContain(result.status.word)
        expect(result.key).toBe(refKey(result.ref))
        for (const text of [
          result.ref.name,
          result.uid,
          result.revision,
          result.target,
          result.status.message,
          result.status.reason,
        ])
          expect(typeof text).toBe('string')
        for (const time of [result.createdAt, result.lastAppliedAt, result.status.since, result.intervalMs])
          expect(time === null || Number.isFinite(time)).toBe(true)
        expect(JSON.parse(JSON.stringify(result))).toEqual(result)
      }),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })
  it('even when nothing of the object is left', () => {
    for (const value of [...wrongValues, undefined])
      expect(rowOf(value, 'kustomize.toolkit.fluxcd.io', 'Kustomization').status.word).toBe('Unknown')
  })
})
