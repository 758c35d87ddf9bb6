/** Walking to one node by a path. Semantics: kyaml's PathGetter. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { lookup } from '../../../../electron/engine/kustomize/paths/lookup.ts'
import type { NodeKind } from '../../../../electron/engine/kustomize/paths/path-part.ts'
import { emitV3 } from '../../../../electron/engine/kustomize/yaml/emit-v3.ts'
import type { YamlNode } from '../../../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

const text = `
map:
  key: value
  nothing: null
list:
- name: a
  value: 1
- name: b
  value: 2
texts: [x, y]
empty: []
`

function read(): YamlNode {
  return parseDocuments(text)[0]!
}

function answer(path: readonly string[], create?: NodeKind, root: YamlNode = read()): string {
  try {
    const node = lookup(root, path, create)
    return node === undefined ? 'none' : emitV3(node)
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
}

describe('looking up', () => {
  it.each([
    [['map', 'key'], 'value\n'],
    [['map'], 'key: value\nnothing: null\n'],
    [['map', 'none'], 'none'],
    [['map', 'none', 'deeper'], 'none'],
    [['map', 'nothing'], 'null\n'],
    [['map', 'nothing', 'deeper'], 'none'],
    [[' map ', '', 'key'], 'value\n'],
    [['list', '0', 'name'], 'a\n'],
    [['list', '-', 'name'], 'b\n'],
    [['list', '5'], 'none'],
    [['list', '[name=b]', 'value'], '2\n'],
    [['list', '[value=2]', 'name'], 'b\n'],
    [['list', '[name=c]'], 'none'],
    [['texts', '[=y]'], 'y\n'],
    [['texts', '[=z]'], 'none'],
    [['list', '-1'], 'array index -1 cannot be negative'],
    [['list', '*'], 'wildcard is not supported in PathGetter'],
    [['list', '[name]'], 'list path element must contain fieldName=fieldValue for element to match'],
    [['empty', '-'], 'runtime error: index out of range [-1]'],
    [
      ['map', '0'],
      'wrong node kind: expected SequenceNode but got MappingNode: node contents:\nkey: value\nnothing: null\n',
    ],
    [['texts', 'x'], 'wrong node kind: expected MappingNode but got SequenceNode: node contents:\n[x, y]\n'],
    [['map', 'key', 'x'], 'wrong node kind: expected MappingNode but got ScalarNode: node contents:\nvalue\n'],
    [['map', 'key', '[a=b]'], 'wrong node kind: expected SequenceNode but got ScalarNode: node contents:\nvalue\n'],
  ])('%j', (path, expected) => {
    expect(answer(path)).toBe(expected)
  })
})

describe('creating what is missing', () => {
  it.each<[string[], NodeKind, string]>([
    [['map', 'new'], 'map', 'map:\n  key: value\n  nothing: null\n  new: {}\n'],
    [['map', 'new', 'deep'], 'sequence', 'map:\n  key: value\n  nothing: null\n  new:\n    deep: []\n'],
    [['map', 'new', '[name=x]', 'y'], 'map', 'map:\n  key: value\n  nothing: null\n  new:\n  - name: x\n    y: {}\n'],
    [
      ['list', '[name=c]', 'value'],
      'map',
      'list:\n- name: a\n  value: 1\n- name: b\n  value: 2\n- name: c\n  value: {}\n',
    ],
    [['texts', '[=z]'], 'scalar', 'texts: [x, y, z]\n'],
    [['list', '7'], 'map', 'list:\n- name: a\n  value: 1\n- name: b\n  value: 2\ntexts'],
    [['map', 'nothing', 'x'], 'map', 'nothing: null\n'],
  ])('%j as %s', (path, kind, expected) => {
    const root = read()
    lookup(root, path, kind)
    expect(emitV3(root)).toContain(expected)
  })

  it('what is there is not made anew', () => {
    const root = read()
    expect(answer(['map', 'key'], 'map', root)).toBe('value\n')
    expect(emitV3(root)).toBe(emitV3(read()))
  })
})
