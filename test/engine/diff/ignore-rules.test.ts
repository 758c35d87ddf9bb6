import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'
import { compileIgnoreRules, isIgnoredBy } from '../../../electron/engine/diff/ignore-rules.ts'
import { ignoreRuleOf } from '../../../electron/engine/diff/ignore-rule-text.ts'
import { stripPointer } from '../../../electron/engine/diff/strip-pointer.ts'

const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web-1', namespace: 'apps', labels: { tier: 'front' }, annotations: { note: 'x' } },
}
const matching = (rules: readonly IgnoreRule[]): readonly string[] =>
  compileIgnoreRules(rules)
    .matching(object)
    .map(({ rule }) => rule)

describe('ignore rules', () => {
  it('anchors its expressions', () => {
    const rule = (target: IgnoreRule['target']): IgnoreRule => ({ paths: ['/spec'], target })
    expect(matching([rule({ name: 'web' }), rule({ name: 'web|web-1' }), rule({ name: 'web-\\d' })])).toEqual([
      'name: web|web-1: /spec',
      'name: web-\\d: /spec',
    ])
    expect(matching([rule({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps' })])).toHaveLength(1)
    expect(matching([rule({ group: 'batch' })])).toHaveLength(0)
  })

  it('selects by labels and annotations', () => {
    const rule = (labelSelector: string, annotationSelector: string): IgnoreRule => ({
      paths: ['/spec'],
      target: { labelSelector, annotationSelector },
    })
    expect(matching([rule('tier in (front)', 'note=x'), rule('tier=back', ''), rule('', '!note')])).toHaveLength(1)
  })

  it('keeps of rules without target only the last, as upstream does, and all that have one', () => {
    const rules = ['/a', '/b', '/c'].map((path) => ({ paths: [path], target: null }))
    expect(matching([...rules, { paths: ['/d'], target: {} }, { paths: ['/e'], target: {} }])).toEqual([
      '/c',
      '/d',
      '/e',
    ])
  })

  it('refuses what upstream refuses', () => {
    expect(() => compileIgnoreRules([{ paths: [], target: { name: '(' } }])).toThrow(/cannot be read/)
  })

  it('covers what is below a pointer, not what begins like it', () => {
    expect(isIgnoredBy('/spec/replicas', '/spec/replicas')).toBe(true)
    expect(isIgnoredBy('/spec/a/b', '/spec/a')).toBe(true)
    expect(isIgnoredBy('/spec/ab', '/spec/a')).toBe(false)
    expect(isIgnoredBy('/spec', '')).toBe(true)
  })

  it('strips without touching its input', () => {
    const value = { a: [{ b: 1, c: 2 }, 3], d: 4 }
    expect(stripPointer(value, ['a', '0', 'b'])).toEqual({ a: [{ c: 2 }, 3], d: 4 })
    expect(stripPointer(value, ['a', '-1'])).toEqual({ a: [{ b: 1, c: 2 }], d: 4 })
    for (const parts of [['x'], ['a', '7'], ['a', 'b'], ['d', 'e']]) expect(stripPointer(value, parts)).toEqual(value)
    expect(value).toEqual({ a: [{ b: 1, c: 2 }, 3], d: 4 })
  })

  it('is written as the manifest wants it', () => {
    const set = { owner: {} as never, controller: 'kustomize-controller', ignoreRules: [] } as const
    const field = { pointer: '/metadata/annotations/a~1b', verdict: 'drift' } as never
    const named = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web.1' }
    expect(ignoreRuleOf(set, named, field)).toMatchObject({
      path: 'spec.ignore',
      note: 'Needs Flux 2.9 or newer.',
      text: [
        'spec:',
        '  ignore:',
        '  - paths:',
        '    - /metadata/annotations/a~1b',
        '    target:',
        '      group: apps',
        '      kind: Deployment',
        '      name: "web\\\\.1"',
        '      namespace: apps',
        '',
      ]
        .join('\n')
        .replace('/metadata/annotations/a~1b', '"/metadata/annotations/a~1b"'),
    })
    const second = ignoreRuleOf({ ...set, ignoreRules: [{ paths: ['/data'], target: null }] }, named, field)
    expect(second.text.split('\n').slice(0, 3)).toEqual(['- paths:', '  - "/metadata/annotations/a~1b"', '  target:'])
    expect(second.note).toContain('Add it to the list that is there.')
    expect(ignoreRuleOf({ ...set, controller: 'helm-controller' }, named, field).path).toBe(
      'spec.driftDetection.ignore',
    )
    const gone = { ...(field as object), gitValue: null } as never
    expect(ignoreRuleOf(set, named, gone).note).toContain('Git does not have this field')
    const compiled = compileIgnoreRules([{ paths: [''], target: { name: 'web\\.1' } }])
    expect(compiled.matching({ ...object, metadata: { name: 'web.1' } })).toHaveLength(1)
    expect(compiled.matching({ ...object, metadata: { name: 'web-1' } })).toHaveLength(0)
  })
})
