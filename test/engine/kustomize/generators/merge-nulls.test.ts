import { expect, it } from 'vitest'
import { buildTree } from '../build-tree.ts'

it('nulls are empty texts in data that is merged, and stay what they say in labels and annotations', () => {
  const output = buildTree({
    'kustomization.yaml': 'resources: [a.yaml]\nconfigMapGenerator: [{name: a, behavior: merge, literals: [k=v]}]\n',
    'a.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {w: null}\ndata: {x: null, tilde: ~, z: Null, empty: , t: 5, s: true}\n',
  })
  expect(output).toBe(`apiVersion: v1
data:
  empty: ""
  k: v
  s: "true"
  t: "5"
  tilde: ""
  x: ""
  z: ""
kind: ConfigMap
metadata:
  labels:
    w: "null"
  name: a
`)
})
