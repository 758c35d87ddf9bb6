/** Walking an object along a path: lists, nulls, creation, kinds and the errors on the way. */
import { describe, expect, it } from 'vitest'
import type { FieldCreation } from '../../../../electron/engine/kustomize/field-spec/apply-field-spec.ts'
import { FieldSpecSet, applyFieldSpec } from '../../../../electron/engine/kustomize/field-spec/apply-field-spec.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { setEntry, setScalar, setScalarIfEmpty } from '../../../../electron/engine/kustomize/field-spec/setters.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { errorOf, nodesOf, normal } from '../resource/resources-from-yaml.ts'

const scalar: FieldCreation = { kind: 'scalar', tag: '!!str' }
const map: FieldCreation = { kind: 'map', tag: '!!map' }

function set(text: string, path: string, create: boolean, creation: FieldCreation | null, value = 'v'): string {
  const [node] = nodesOf(text)
  applyFieldSpec(node!, makeFieldSpec(path, {}, create), setScalar(value), creation)
  return emitNode(node!)
}

describe('setting a scalar', () => {
  it.each([
    ['a present field', 'a: {b: x}\n', 'a/b', false, null, 'a: {b: v}\n'],
    ['no missing field', 'a: {}\n', 'a/b', false, scalar, 'a: {}\n'],
    ['no field that no kind is given for', 'a: {}\n', 'a/b', true, null, 'a: {}\n'],
    ['a missing field', 'a: {}\n', 'a/b/c', true, scalar, 'a: {b: {c: v}}\n'],
    ['a null at the end', 'a: {b: null}\n', 'a/b', true, scalar, 'a: {b: v}\n'],
    ['a null at the end without creation', 'a: {b: null}\n', 'a/b', false, scalar, 'a: {b: v}\n'],
    ['through a null', 'a: null\n', 'a/b', true, scalar, 'a: {b: v}\n'],
    ['nothing through a null without creation', 'a: null\n', 'a/b', false, scalar, 'a: null\n'],
    ['every item', 'a: [{b: x}, {b: y}]\n', 'a/b', false, null, 'a: [{b: v}, {b: v}]\n'],
    ['every item of a marked list', 'a: [{b: x}, {}]\n', 'a[]/b', true, scalar, 'a: [{b: v}, {b: v}]\n'],
    ['items of items', 'a: [[{b: x}], [{b: y}]]\n', 'a/b', false, null, 'a: [[{b: v}], [{b: v}]]\n'],
    ['no null item', 'a: [null, {b: x}]\n', 'a/b', false, null, 'a: [null, {b: v}]\n'],
    ['no list that is missing', 'a: {}\n', 'a/b[]/c', true, scalar, 'a: {}\n'],
    ['an empty list for a null that is marked as one', 'a: null\n', 'a[]/b', false, null, 'a: []\n'],
    ['a key with a slash', 'a: {b/c: x}\n', 'a/b\\/c', false, null, 'a: {b/c: v}\n'],
    ['the map behind a list mark', 'a: {b: x}\n', 'a[]/b', false, null, 'a: {b: v}\n'],
  ] as const)('changes %s', (_name, before, path, create, creation, after) => {
    expect(set(before, path, create, creation)).toBe(normal(after))
  })

  it('keeps quotes, and lets plain text say what it is', () => {
    expect(set('a: "x"\n', 'a', false, null, '5')).toBe('a: "5"\n')
    expect(set('a: x\n', 'a', false, null, '5')).toBe('a: 5\n')
    const [node] = nodesOf('a: x\n')
    applyFieldSpec(node!, makeFieldSpec('a'), setScalar('5', '!!str'))
    expect(emitNode(node!)).toBe('a: "5"\n')
  })

  it('leaves a text alone where asked', () => {
    for (const [before, after] of [
      ['a: x\n', 'a: x\n'],
      ['a: ""\n', 'a: v\n'],
      ['a: null\n', 'a: v\n'],
      ['{}\n', 'a: v\n'],
    ] as const) {
      const [node] = nodesOf(`k: 1\n${before === '{}\n' ? '' : before}`)
      applyFieldSpec(node!, makeFieldSpec('a', {}, true), setScalarIfEmpty('v'), null)
      if (before === '{}\n') applyFieldSpec(node!, makeFieldSpec('a', {}, true), setScalarIfEmpty('v'), scalar)
      expect(emitNode(node!).replace('""', 'v')).toBe(normal(`k: 1\n${after}`))
    }
  })
})

describe('kinds', () => {
  const object = '{apiVersion: apps/v1, kind: Deployment, a: x}\n'

  it.each([
    [{}, true],
    [{ kind: 'Deployment' }, true],
    [{ kind: 'Pod' }, false],
    [{ group: 'apps' }, true],
    [{ group: 'batch' }, false],
    [{ version: 'v1', kind: 'Deployment' }, true],
    [{ version: 'v2' }, false],
  ])('%j matches: %s', (gvk, matches) => {
    const [node] = nodesOf(object)
    applyFieldSpec(node!, makeFieldSpec('a', gvk), setScalar('v'))
    expect(emitNode(node!).includes('a: v')).toBe(matches)
  })

  it('are told apart by one set of specs', () => {
    const set = new FieldSpecSet([makeFieldSpec('a', { kind: 'Pod' }), makeFieldSpec('b')])
    const nodes = nodesOf('{kind: Pod, a: x, b: x}\n---\n{kind: Job, a: x, b: x}\n---\n{kind: Pod, a: x, b: x}\n')
    for (const node of nodes) set.apply(node, setScalar('v'))
    expect(nodes.map(emitNode)).toEqual([
      'a: v\nb: v\nkind: Pod\n',
      'a: x\nb: v\nkind: Job\n',
      'a: v\nb: v\nkind: Pod\n',
    ])
  })
})

describe('entries of maps', () => {
  function setIn(text: string, ...paths: [path: string, create: boolean][]): ReturnType<typeof nodesOf>[number] {
    const [node] = nodesOf(text)
    const specs = paths.map(([path, create]) => makeFieldSpec(path, {}, create))
    new FieldSpecSet(specs, map).apply(node!, setEntry('k', 'true'))
    return node!
  }

  it.each([
    ['a: {}\n', 'a: {k: "true"}\n'],
    ['a: {k: {deep: x}}\n', 'a: {k: "true"}\n'],
    ['a: {k: 5, l: x}\n', 'a: {k: "true", l: x}\n'],
    ['a: null\n', 'a: {k: "true"}\n'],
    ['b: x\n', 'a: {k: "true"}\nb: x\n'],
  ])('%j', (before, after) => {
    expect(emitNode(setIn(before, ['a', true]))).toBe(normal(after))
  })

  it('are nothing for a null that is no map', () => {
    expect(emitNode(setIn('a: null\n', ['a', false]))).toBe('a: null\n')
  })

  it('show once the null becomes a map, as often as they were set', () => {
    const node = setIn('a: null\n', ['a', false])
    applyFieldSpec(node, makeFieldSpec('a', {}, true), setEntry('l', 'x'), map)
    expect(emitNode(node)).toBe(normal('a: {k: "true", l: x}\n'))
  })

  it('are one node in all maps that did not have the key', () => {
    const node = setIn('{}\n'.replace('{}', 'x: 1'), ['a', true], ['b/c', true])
    applyFieldSpec(node, makeFieldSpec('a/k'), setScalar('changed'))
    expect(emitNode(node)).toBe(normal('a: {k: changed}\nb: {c: {k: changed}}\nx: 1\n'))
  })
})

describe('errors', () => {
  const object = (rest: string): string =>
    `{apiVersion: x.io/v1, kind: W, metadata: {name: n, namespace: s}, ${rest}}\n`
  const of = (path: string): string => `considering field '${path}' of object W.v1.x.io/n.s: `

  it.each([
    ['', 'a: 1', 'cannot set or create an empty field name'],
    ['a/b', 'a: text', 'expected sequence or mapping node'],
    ['a/b/c', 'a: [{b: x}]', 'visit traversal on path: [b c]: expected sequence or mapping node'],
    [
      'a[]/b[]/c',
      'a: [{b: [x]}]',
      'visit traversal on path: [b[] c]: visit traversal on path: [c]: expected sequence or mapping node',
    ],
    ['a', 'a: {b: c}', 'wrong node kind: expected ScalarNode but got MappingNode: node contents:\n{b: c}\n'],
    ['a', 'a: [b]', 'wrong node kind: expected ScalarNode but got SequenceNode: node contents:\n[b]\n'],
    ['a/*', 'a: {b: c}', 'fieldName: *: wildcard is not supported in PathGetter'],
    ['a/-1', 'a: {b: c}', 'fieldName: -1: array index -1 cannot be negative'],
    ['a/[b]', 'a: {b: c}', 'fieldName: [b]: list path element must contain fieldName=fieldValue for element to match'],
    [
      'a/0',
      'a: {b: c}',
      'fieldName: 0: wrong node kind: expected SequenceNode but got MappingNode: node contents:\n{b: c}\n',
    ],
  ])('path %j in %j', (path, rest, message) => {
    const [node] = nodesOf(object(rest))
    expect(errorOf(() => applyFieldSpec(node!, makeFieldSpec(path), setScalar('v')))).toBe(of(path) + message)
  })

  it('names a map that is none', () => {
    const [node] = nodesOf(object('a: text'))
    expect(errorOf(() => applyFieldSpec(node!, makeFieldSpec('a'), setEntry('k', 'v')))).toBe(
      `${of('a')}wrong node kind: expected MappingNode but got ScalarNode: node contents:\ntext\n`,
    )
  })
})
