import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { statusWords } from '../../../shared/model/status.ts'
import { scaleCount, seed } from '../../soak.ts'
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

/** A full object of a kind: every field that Sluice reads is there, with a value of its type. */
function fullObject(kindIndex: number): Record<string, unknown> {
  const kind = fluxKinds[kindIndex % fluxKinds.length]
  if (kind === undefined) throw new Error('no kinds')
  const root: Record<string, unknown> = {
    apiVersion: `${kind.group}/${kind.versions[0] ?? ''}`,
    kind: kind.kind,
    metadata: {
      name: 'name',
      namespace: 'namespace',
      uid: 'uid',
      generation: 2,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['finalizers.fluxcd.io'],
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'a', 'kustomize.toolkit.fluxcd.io/namespace': 'b' },
      annotations: { 'reconcile.fluxcd.io/requestedAt': '2026-01-01T00:00:00Z', 'sluice.dev/suspended-by': 'ada' },
      managedFields: [
        {
          manager: 'sluice',
          operation: 'Update',
          time: '2026-01-01T00:00:00Z',
          fieldsV1: { 'f:spec': { 'f:suspend': {} } },
        },
      ],
    },
  }
  for (const field of kind.fields) {
    const parts = field.path.split('.')
    let node: Record<string, unknown> = root
    parts.forEach((part, index) => {
      const isLast = index === parts.length - 1
      const isList = part.endsWith('[]')
      const key = isList ? part.slice(0, -2) : part
      if (isList) {
        if (!Array.isArray(node[key])) node[key] = [{}]
        const first = (node[key] as Record<string, unknown>[])[0] as Record<string, unknown>
        if (!isLast) node = first
        return
      }
      if (!isLast) {
        if (typeof node[key] !== 'object' || node[key] === null) node[key] = {}
        node = node[key] as Record<string, unknown>
        return
      }
      const values = {
        string: field.enum?.[0] ?? '2026-01-01T00:00:00Z',
        integer: 2,
        number: 2.5,
        boolean: true,
        object: {},
        array: [{}],
        map: { a: 'b' },
        any: 1,
      }
      node[key] ??= field.default ?? values[field.type]
    })
  }
  return root
}

/** Every place in a JSON tree as [container, key]. */
function places(value: unknown, found: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    found.push([value as Record<string, unknown>, key])
    places((value as Record<string, unknown>)[key], found)
  }
  return found
}

const wrong: readonly unknown[] = [
  null,
  '',
  'text',
  0,
  -1,
  1e308,
  true,
  false,
  [],
  [null],
  [[]],
  {},
  { a: 1 },
  'x'.repeat(10_000),
  '\u202e<b>',
  '2026-13-99T99:99:99Z',
  { __proto__: null },
]

describe('any field of any kind may be missing or of the wrong type', () => {
  it('still makes a valid row', () => {
    const mutation = fc.tuple(fc.nat(1000), fc.nat(wrong.length))
    fc.assert(
      fc.property(
        fc.nat(fluxKinds.length - 1),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (kindIndex, mutations) => {
          const object = fullObject(kindIndex)
          const kind = fluxKinds[kindIndex]
          for (const [place, choice] of mutations) {
            const all = places(object).filter(([container]) => container !== object)
            const [container, key] = all[place % Math.max(all.length, 1)] ?? [object, 'status']
            if (choice === wrong.length) Reflect.deleteProperty(container, key)
            else container[key] = structuredClone(wrong[choice])
          }
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
        },
      ),
      { numRuns: scaleCount(10_000), seed: seed() },
    )
  })
  it('even when nothing of the object is left', () => {
    for (const value of [...wrong, undefined])
      expect(rowOf(value, 'kustomize.toolkit.fluxcd.io', 'Kustomization').status.word).toBe('Unknown')
  })
})
