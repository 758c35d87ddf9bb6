/** Lists of field specs: how they merge, sort and print, and how a path is taken apart. */
import { describe, expect, it } from 'vitest'
import {
  fieldSpecText,
  makeFieldSpec,
  mergeFieldSpec,
  mergeFieldSpecs,
  sortByGvk,
  splitPath,
} from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { errorOf } from '../resource/resources-from-yaml.ts'

describe('a path', () => {
  it.each([
    ['a/b', ['a', 'b']],
    ['/a/b', ['a', 'b']],
    ['a', ['a']],
    ['', ['']],
    ['a//b', ['a', '', 'b']],
    ['a/b\\/c/d', ['a', 'b/c', 'd']],
    ['a\\/b\\/c', ['a/b/c']],
    ['metadata/annotations/x.io\\/y', ['metadata', 'annotations', 'x.io/y']],
    ['spec/containers[]/image', ['spec', 'containers[]', 'image']],
  ])('%j is split', (path, parts) => {
    expect(splitPath(path)).toEqual(parts)
  })

  it('is split at dots where asked', () => {
    expect(splitPath('a.b\\.c.d', '.')).toEqual(['a', 'b.c', 'd'])
  })
})

describe('merging', () => {
  const any = makeFieldSpec('metadata/labels', {}, true)
  const deployment = makeFieldSpec('metadata/labels', { kind: 'Deployment' }, true)

  it('adds what is new at the end', () => {
    expect(mergeFieldSpec([any], makeFieldSpec('x'))).toEqual([any, makeFieldSpec('x')])
  })

  it('gives the list itself if nothing is added', () => {
    const list = [deployment, any]
    expect(mergeFieldSpecs(list, [any, deployment])).toBe(list)
    expect(mergeFieldSpecs(list, [])).toBe(list)
  })

  it('takes a spec for any kind as present if one for some kind is', () => {
    expect(mergeFieldSpec([deployment], any)).toEqual([deployment])
    expect(mergeFieldSpec([any], deployment)).toEqual([any, deployment])
  })

  it('refuses to disagree on `create`', () => {
    expect(errorOf(() => mergeFieldSpec([any], { ...any, create: false }))).toBe('conflicting fieldspecs')
    expect(errorOf(() => mergeFieldSpecs([], [any, { ...any, create: false }]))).toBe('conflicting fieldspecs')
  })
})

describe('order and text', () => {
  it('sorts by gvk, keeping the order of equals', () => {
    const specs = [makeFieldSpec('b'), makeFieldSpec('a', { kind: 'Service' }), makeFieldSpec('c')]
    expect(sortByGvk(specs).map(({ path }) => path)).toEqual(['a', 'b', 'c'])
    const sorted = [makeFieldSpec('a', { kind: 'Namespace' }), makeFieldSpec('b')]
    expect(sortByGvk(sorted)).toBe(sorted)
  })

  it('prints kind, creation and path', () => {
    expect(fieldSpecText(makeFieldSpec('spec/replicas', { kind: 'Deployment', group: 'apps' }, true))).toBe(
      'Deployment.[noVer].apps:true:spec/replicas',
    )
  })
})
