import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { CompareInput } from '../../../electron/engine/diff/compare-objects.ts'
import { parseExact } from '../../../electron/engine/exact-json.ts'
import { areSame, compareObjects, maxFields, normaliseForDiff } from '../../../electron/engine/diff/compare-objects.ts'

const time = (second: number): string => `2026-01-01T00:00:0${String(second)}Z`
const entry = (manager: string, operation: string, second: number, fieldsV1: object, subresource?: string): object => ({
  manager,
  operation,
  time: time(second),
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
})
const env = (...names: string[]): object => ({
  'f:spec': { 'f:env': Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {} }])) },
})
const object = (spec: object, ...managedFields: object[]): KubeObject => ({
  apiVersion: 'x.y/v1',
  kind: 'Thing',
  metadata: { name: 'a', managedFields },
  spec,
})

function compare(live: KubeObject, wouldBe: KubeObject, more: Partial<CompareInput> = {}) {
  return compareObjects({
    live,
    wouldBe,
    afterCleanup: null,
    controller: 'kustomize-controller',
    owned: null,
    isReclaimed: () => false,
    ignored: [],
    keepsRemovedMetadata: false,
    isReclaimAboveRules: true,
    isSettled: false,
    ...more,
  })
}

describe('fields of two states', () => {
  const own = entry('kustomize-controller', 'Apply', 1, env('A', 'B'))

  it('have keys of their own, though what is missing and what is added have the same place', () => {
    const live = object({ env: [{ name: 'A' }, { name: 'C' }] }, own, entry('injector', 'Update', 2, env('C')))
    const fields = compare(live, object({ env: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] }, own))
    expect(fields.map(({ key, path, verdict }) => [key, path, verdict])).toEqual([
      ['/spec/env/1#git', 'spec.env[B]', 'drift'],
      ['/spec/env/1', 'spec.env[C]', 'notOwned'],
    ])
  })

  it('name the youngest foreign owner, and the controller where there is none', () => {
    const live = object(
      { a: 1, b: 1, c: 1 },
      entry('kustomize-controller', 'Apply', 3, { 'f:spec': { 'f:a': {}, 'f:b': {} } }),
      entry('old', 'Update', 1, { 'f:spec': { 'f:a': {}, 'f:c': {} } }),
      entry('new', 'Update', 2, { 'f:spec': { 'f:a': {} } }, 'scale'),
    )
    const fields = compare(live, object({ a: 2, b: 2, c: 2, d: 2 }))
    expect(fields.map(({ path, blame }) => [path, blame?.manager, blame?.subresource])).toEqual([
      ['spec.a', 'new', 'scale'],
      ['spec.b', 'kustomize-controller', ''],
      ['spec.c', 'old', ''],
      // Nobody wrote the main resource after the controller.
      ['spec.d', undefined, undefined],
    ])
  })

  it('blame a removal on who wrote last after the controller', () => {
    const live = object(
      {},
      entry('kustomize-controller', 'Apply', 1, { 'f:spec': {} }),
      entry('status', 'Update', 9, { 'f:status': {} }, 'status'),
      entry('editor', 'Update', 2, { 'f:metadata': {} }),
      entry('applier', 'Apply', 5, { 'f:metadata': {} }),
    )
    expect(compare(live, object({ a: 1 }))[0]?.blame).toMatchObject({ manager: 'editor', at: Date.parse(time(2)) })
  })

  it('never list status, bookkeeping or what nobody owns', () => {
    const foreign = entry('x', 'Update', 1, {
      'f:status': { 'f:a': {} },
      'f:metadata': { 'f:finalizers': { '.': {} }, 'f:labels': { '.': {}, 'f:l': {} } },
      'f:spec': { 'f:gone': {} },
    })
    const own = entry('kustomize-controller', 'Apply', 1, { 'f:spec': { 'f:a': {} } })
    const live: KubeObject = {
      ...object({ a: 1, byDefault: 2 }, own, foreign),
      metadata: { name: 'a', finalizers: ['f'], labels: { l: '1' }, managedFields: [own, foreign] },
      status: { a: 1 },
    }
    expect(compare(live, live).map(({ path }) => path)).toEqual(['metadata.labels.l'])
  })

  it('count what is beyond the limit', () => {
    const data = (value: string): object =>
      Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${String(n)}`, value]))
    const fields = compare(object(data('a')), object(data('b')))
    expect(fields).toHaveLength(maxFields + 1)
    expect(fields.at(-1)).toMatchObject({ path: 'and 3,000 more fields', verdict: 'drift' })
  })
})

describe('what was removed', () => {
  const base = entry('kustomize-controller', 'Apply', 1, { 'f:spec': { 'f:policy': {} } })
  const live = (...entries: object[]): KubeObject => object({ selector: { a: 1 } }, base, ...entries)
  const wouldBe = object({ selector: { a: 1, b: 2 } })
  const whole = { 'f:spec': { 'f:selector': {} } }
  const removedBy = (...entries: object[]): string | undefined =>
    compare(live(...entries), wouldBe).find(({ change }) => change === 'removed')?.blame?.manager

  it('was removed by who has taken over the whole that held it, whatever others wrote', () => {
    const other = entry('other', 'Update', 5, { 'f:spec': { 'f:more': {} } })
    expect(removedBy(entry('argocd-controller', 'Apply', 3, whole), other)).toBe('argocd-controller')
    expect(removedBy(other, entry('argocd-controller', 'Update', 3, whole))).toBe('argocd-controller')
  })

  it('is laid at the door of nobody who wrote before the last apply', () => {
    const late = entry('kustomize-controller', 'Apply', 4, { 'f:spec': {} })
    expect(removedBy(entry('argocd-controller', 'Apply', 3, whole), late)).toBeUndefined()
    expect(removedBy(entry('other', 'Apply', 3, { 'f:spec': { 'f:more': {} } }))).toBeUndefined()
  })
})

describe('whole numbers beyond 2^53', () => {
  const read = (spec: string, ...entries: object[]): KubeObject => object(parseExact(spec) as object, ...entries)

  it('differ in their last digit, and are told with all of them', () => {
    const fields = compare(
      read('{"id":9007199254740992,"ids":[1,9223372036854775806],"same":9007199254740993}'),
      read('{"id":9007199254740993,"ids":[1,9223372036854775807],"same":9007199254740993}'),
    )
    expect(fields.map(({ path, gitValue, liveValue }) => [path, gitValue, liveValue])).toEqual([
      ['spec.id', '9007199254740993', '9007199254740992'],
      ['spec.ids', '[1,9223372036854775807]', '[1,9223372036854775806]'],
    ])
    const same = '{"id":9007199254740993,"ids":[9223372036854775807]}'
    expect(areSame(read(same), read(same))).toBe(true)
  })

  it('name items of lists and elements of sets', () => {
    const ids = (...values: string[]): object => ({
      'f:spec': { 'f:ids': Object.fromEntries(values.map((value) => [`v:${value}`, {}])) },
    })
    const set = read(
      '{"ids":[9007199254740993,9007199254740994]}',
      entry('kustomize-controller', 'Apply', 1, ids('9007199254740993')),
      entry('other', 'Update', 2, ids('9007199254740993', '9007199254740994')),
    )
    const foreign = compare(set, set).map(({ path, verdict }) => `${verdict} ${path}`)
    expect(foreign).toEqual(['notOwned spec.ids[9007199254740994]'])

    const items = { 'f:spec': { 'f:items': { 'k:{"id":9007199254740993}': { '.': {}, 'f:a': {} } } } }
    const before = read(
      '{"items":[{"id":9007199254740993,"a":1},{"id":9007199254740992,"a":1}]}',
      entry('kustomize-controller', 'Apply', 1, items),
    )
    const after = read('{"items":[{"id":9007199254740993,"a":2},{"id":9007199254740992,"a":1}]}')
    expect(compare(before, after).map(({ path }) => path)).toEqual(['spec.items[9007199254740993].a'])
  })
})

describe('equality', () => {
  it('is that of the controller', () => {
    const a = object({ a: 1, list: [] })
    expect(areSame(a, { ...a, status: { x: 1 }, metadata: { name: 'a', labels: {}, finalizers: ['f'] } })).toBe(true)
    expect(areSame(a, object({ a: 1 }))).toBe(false)
    expect(areSame(a, { ...a, metadata: { name: 'a', annotations: { x: 'y' } } })).toBe(false)
    expect(areSame(a, { ...a, data: {} })).toBe(false)
  })

  it('forgives the doubled metric of an autoscaler', () => {
    const target = { type: 'Utilization', averageUtilization: 50 }
    const metric = (name: string): object => ({ type: 'Resource', resource: { name, target } })
    const rest = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }
    const scaler = (metrics: unknown): KubeObject => ({
      ...object({ ...rest, metrics }),
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
    })
    const single = scaler([metric('cpu'), metric('memory')])
    const doubled = normaliseForDiff(scaler([metric('cpu'), metric('cpu'), metric('memory'), { type: '' }]))
    expect(doubled['spec']).toEqual(single['spec'])
    expect(areSame(doubled, normaliseForDiff(single))).toBe(true)
    const sealed = scaler('\u2063sealed:0:1')
    expect(normaliseForDiff(sealed)).toBe(sealed)
  })
})
