import { describe, expect, it } from 'vitest'
import { readResourceNodes } from '../../../../electron/engine/kustomize/loader/read-resources.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { getMap, getText } from '../../../../electron/engine/kustomize/yaml/node.ts'
import { configMap, failure } from '../build-tree.ts'

const names = (text: string): string[] =>
  readResourceNodes(text).map((node) => getText(getMap(node, 'metadata')!, 'name'))

describe('documents', () => {
  it('leaves out null, empty and commented-out ones', () => {
    expect(names(`---\n---\n# nothing\n---\nnull\n---\n{}\n---\n${configMap('a')}---\n[]\n`)).toEqual(['a'])
  })

  it('takes a name that is a number', () => expect(names('kind: A\nmetadata: {name: 5}')).toEqual(['5']))

  it.each([
    ['foo: bar', 'missing Resource metadata'],
    ['- a', 'missing Resource metadata'],
    ['hello', 'missing Resource metadata'],
    ['kind: Foo', 'missing metadata.name in object {{ Foo} {{ } map[] map[]}}'],
    [
      'apiVersion: v1\nmetadata: {name: x, namespace: n, labels: {b: "1", a: c}}',
      'missing kind in object {{v1 } {{x n} map[a:c b:1] map[]}}',
    ],
    ['kind: A\nmetadata: {name: ""}', 'missing metadata.name in object {{ A} {{ } map[] map[]}}'],
    [`${configMap('a')}--- x\n`, 'invalid document separator: --- x'],
  ])('refuses %j', (text, message) => expect(failure(() => readResourceNodes(text)).message).toBe(message))
})

describe('lists', () => {
  it('opens a List that stands alone, nulls left out', () => {
    expect(
      names('kind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- null\n- {kind: A, metadata: {name: b}}'),
    ).toEqual(['a', 'b'])
  })

  it('puts what typed and nested lists hold at the end', () => {
    const text = `kind: AList
items:
- {kind: A, metadata: {name: a}}
- {kind: BList, items: [{kind: B, metadata: {name: c}}]}
- {kind: A, metadata: {name: b}}
---
${configMap('first')}`
    expect(names(text)).toEqual(['first', 'a', 'b', 'c'])
  })

  it('keeps a kind that only sounds like a list', () => {
    expect(names('kind: AllowList\nmetadata: {name: x}')).toEqual(['x'])
    expect(readResourceNodes('kind: AllowList\nitems: null')).toEqual([])
    expect(readResourceNodes('kind: List\nitems: foo')).toEqual([])
  })

  it('sees items as JSON does', () => {
    const [node] = readResourceNodes(
      'kind: AList\nitems: [{kind: A, metadata: {name: a}, at: 2001-01-01, no: no, n: 0777}]',
    )
    expect(emitNode(node!)).toBe('at: "2001-01-01T00:00:00Z"\nkind: A\nmetadata:\n  name: a\n"n": 511\n"no": "no"\n')
  })

  it.each([
    ['kind: AList\nitems: foo', 'expected array in AList/items, but found string'],
    ['kind: AList\nitems: {a: b}', 'expected array in AList/items, but found map[string]interface {}'],
    ['kind: AList\nitems: 5', 'expected array in AList/items, but found int'],
    ['kind: AList\nitems: [{kind: A}]', 'missing metadata.name in object {{ A} {{ } map[] map[]}}'],
  ])('refuses %j', (text, message) => expect(failure(() => readResourceNodes(text)).message).toBe(message))
})
