import { describe, expect, it } from 'vitest'
import { buildTree, configMap, failTree } from '../build-tree.ts'

const plain = 'generatorOptions: {disableNameSuffixHash: true}\n'

describe('configMapGenerator', () => {
  it('tells text from bytes, and wraps bytes at 70 characters', () => {
    const output = buildTree({
      'kustomization.yaml': `${plain}configMapGenerator:\n- name: a\n  files: [t.txt, s=short.bin, l=long.bin]\n`,
      't.txt': 'line one\nline two\n',
      'short.bin': new Uint8Array([0xff, 0xfe]),
      'long.bin': new Uint8Array(60).fill(0xff),
    })
    expect(output).toBe(`apiVersion: v1
binaryData:
  l: |
    //////////////////////////////////////////////////////////////////////
    //////////
  s: //4=
data:
  t.txt: |
    line one
    line two
kind: ConfigMap
metadata:
  name: a
`)
  })

  it('adds labels, annotations and immutability: its own win over those of all', () => {
    const output = buildTree({
      'kustomization.yaml': `generatorOptions:
  disableNameSuffixHash: true
  immutable: true
  labels: {a: global, b: global}
  annotations: {x: global}
configMapGenerator:
- name: a
  namespace: ns
  literals: [k=v]
  options: {labels: {a: own}}
`,
    })
    expect(output).toBe(`apiVersion: v1
data:
  k: v
immutable: true
kind: ConfigMap
metadata:
  annotations:
    x: global
  labels:
    a: own
    b: global
  name: a
  namespace: ns
`)
  })

  it.each([
    ['- literals: [a=b]', 'a configmap must have a name'],
    ['- {name: a, literals: [k=v, k=w]}', 'configmap a illegally repeats the key `k`'],
    [
      '- {name: a, literals: [k]}',
      'loading KV pairs: literal sources [k]: invalid literal source k, expected key=value',
    ],
  ])('refuses %s', (entry, message) => {
    expect(failTree({ 'kustomization.yaml': `configMapGenerator:\n${entry}\n` }).message).toBe(message)
  })

  it('takes a key that looks like a number for one, which nothing can print', () => {
    const error = failTree({ 'kustomization.yaml': `${plain}configMapGenerator:\n- {name: a, literals: [123=abc]}\n` })
    expect(error.message).toBe(
      'map[string]interface {}{"apiVersion":"v1", "data":map[interface {}]interface {}{123:"abc"}, "kind":"ConfigMap", "metadata":map[string]interface {}{"name":"a"}}: json: unsupported type: map[interface {}]interface {}',
    )
    expect(error.place.file).toBe('/kustomization.yaml')
  })
})

describe('secretGenerator', () => {
  it('encodes everything', () => {
    const output = buildTree({
      'kustomization.yaml': `${plain}secretGenerator:\n- {name: a, literals: [k=v, empty=], type: example.com/x}\n- {name: b}\n`,
    })
    expect(output).toBe(`apiVersion: v1
data:
  empty: ""
  k: dg==
kind: Secret
metadata:
  name: a
type: example.com/x
---
apiVersion: v1
data: {}
kind: Secret
metadata:
  name: b
type: Opaque
`)
  })
})

describe('behavior', () => {
  const base = {
    'base/kustomization.yaml': 'resources: [cm.yaml]\n',
    'base/cm.yaml': configMap('a', '  labels: {base: yes, both: base}\ndata: {x: "1", y: "1"}\n'),
  }
  const overlay = (behavior: string): string =>
    buildTree(
      {
        ...base,
        'over/kustomization.yaml': `${plain}resources: [../base]\nconfigMapGenerator:\n- {name: a, behavior: ${behavior}, literals: [y=2, z=2], options: {labels: {both: over}}}\n`,
      },
      '/over',
    )

  it('merges into what is there', () => {
    expect(overlay('merge')).toBe(
      configMap('a').replace(
        'kind: ConfigMap\nmetadata:\n',
        'data:\n  x: "1"\n  "y": "2"\n  z: "2"\nkind: ConfigMap\nmetadata:\n  labels:\n    base: "yes"\n    both: over\n',
      ),
    )
  })

  it('replaces what is there', () => {
    expect(overlay('replace')).toContain('data:\n  "y": "2"\n  z: "2"\nkind')
  })

  it('refuses to create what is there, and to merge into nothing', () => {
    const again = { ...base, 'over/kustomization.yaml': 'resources: [../base]\nconfigMapGenerator: [{name: a}]\n' }
    expect(failTree(again, '/over').message).toMatch(
      /exists; can not use behavior: 'unspecified', behavior must be merge or replace$/,
    )
    const missing = { 'kustomization.yaml': 'configMapGenerator: [{name: a, behavior: merge}]\n' }
    expect(failTree(missing).message).toMatch(/does not exist; cannot merge or replace$/)
  })
})
