import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentHash, shortHash } from '../../../../electron/engine/kustomize/hash/content-hash.ts'
import { sha256Hex } from '../../../../electron/engine/kustomize/hash/sha256.ts'
import { readResourceNodes } from '../../../../electron/engine/kustomize/loader/read-resources.ts'
import { Resource } from '../../../../electron/engine/kustomize/resource/resource.ts'
import { buildTree, failure } from '../build-tree.ts'

describe('sha256Hex', () => {
  it('agrees with Node for every length around its blocks', () => {
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256)
      expect(sha256Hex(data)).toBe(createHash('sha256').update(data).digest('hex'))
    }
  })
})

describe('contentHash', () => {
  const hashOf = (text: string): string => contentHash(new Resource(readResourceNodes(text)[0]!))
  const content = (json: string): string => shortHash(json)

  it('covers data, kind and an empty name, in JSON as Go writes it', () => {
    expect(hashOf('kind: ConfigMap\nmetadata: {name: a}\ndata: {b: "<&>", a: x}')).toBe(
      content('{"data":{"a":"x","b":"\\u003c\\u0026\\u003e"},"kind":"ConfigMap","name":""}'),
    )
    expect(hashOf('kind: ConfigMap\nmetadata: {name: a}')).toBe(content('{"data":"","kind":"ConfigMap","name":""}'))
    expect(hashOf('kind: ConfigMap\nmetadata: {name: a}\nbinaryData: {k: AA==}')).toBe(
      content('{"binaryData":{"k":"AA=="},"data":"","kind":"ConfigMap","name":""}'),
    )
    expect(hashOf('kind: Secret\nmetadata: {name: a}\ntype: Opaque\nstringData: {k: v}\ndata: {}')).toBe(
      content('{"data":{},"kind":"Secret","name":"","stringData":{"k":"v"},"type":"Opaque"}'),
    )
  })

  it('writes no digit or letter that could spell', () => expect(content('x')).toMatch(/^[245-9bcdfghkmt]{10}$/))

  it('refuses other kinds rather than guess', () => {
    expect(failure(() => hashOf('kind: Deployment\nmetadata: {name: a}')).code).toBe('NotSupported')
  })

  it('covers the null that a JSON patch leaves as its text, as 5.8.1 does', () => {
    const output = buildTree({
      'kustomization.yaml':
        'configMapGenerator: [{name: a, literals: [a=b]}]\npatches: [{target: {kind: ConfigMap}, patch: "- {op: replace, path: /data, value: null}"}]\n',
    })
    expect(output).toContain('  name: a-g886t7dd28\n')
  })

  it('is in the names of what is generated and of what asks for it, and references follow', () => {
    const output = buildTree({
      'kustomization.yaml': 'resources: [r.yaml]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n',
      'r.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: asked, annotations: {internal.config.kubernetes.io/needsHashSuffix: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {volumes: [{name: a, configMap: {name: made}}, {name: b, configMap: {name: asked}}]}
`,
    })
    const [, asked] = /name: (asked-\w{10})\n/.exec(output)!
    const [, made] = /name: (made-\w{10})\n/.exec(output)!
    expect(output.split(asked!).length - 1).toBe(2)
    expect(output.split(made!).length - 1).toBe(2)
  })
})
