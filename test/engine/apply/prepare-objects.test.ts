import { describe, expect, it } from 'vitest'
import { prepareForApply } from '../../../electron/engine/apply/prepare-objects.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'

const owner = (spec: object = {}): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace: 'flux' },
  spec,
})
const ownerLabels = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' }
const widget = (metadata: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', ...metadata },
})

describe('what kustomize-controller would send', () => {
  it('has its labels, and none but texts among the others', () => {
    const { objects, error } = prepareForApply(
      [widget({ labels: { a: '1', b: null } }), widget({ labels: { a: '1', b: 2 } })],
      owner(),
    )
    expect(error).toBeNull()
    expect(objects.map(({ object }) => object.metadata.labels)).toEqual([
      { a: '1', b: '', ...ownerLabels },
      ownerLabels,
    ])
    expect(objects[0]!.object.metadata).not.toHaveProperty('annotations')
  })

  it('has commonMetadata over everything, its own labels too', () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'mine', a: '9' }
    const { objects } = prepareForApply(
      [widget({ labels: { a: '1' } })],
      owner({ commonMetadata: { labels, annotations: { n: 'x' } } }),
    )
    expect(objects[0]!.object.metadata).toMatchObject({
      labels: { ...ownerLabels, ...labels },
      annotations: { n: 'x' },
    })
  })

  it('is the items of Lists, by their place, and no kustomize configuration', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [widget({ name: 'b' }), widget({ name: 'c' })] }
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      metadata: { name: 'x' },
    }
    const { objects } = prepareForApply(
      [widget(), kustomization, { apiVersion: 'v1', kind: 'ConfigMap' }, null, list],
      owner(),
    )
    expect(objects.map(({ object, from, item }) => [object.metadata.name, from, item])).toEqual([
      ['a', 0, null],
      ['b', 4, 0],
      ['c', 4, 1],
    ])
  })

  it('is nothing where one document has no kind, or a List holds something else', () => {
    expect(prepareForApply([widget(), { metadata: { name: 'x' } }], owner())).toMatchObject({
      objects: [],
      error: { from: 1 },
    })
    expect(prepareForApply([{ apiVersion: 'v1', kind: 'List', items: ['x'] }], owner()).error).not.toBeNull()
  })

  it('is nothing while a Secret is encrypted, unless it is left so on purpose', () => {
    const secret = (annotations: object = {}): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'a', annotations },
      data: { a: 'ENC[AES256_GCM,data:x]' },
      sops: { mac: 'x' },
    })
    expect(prepareForApply([secret()], owner())).toEqual({
      objects: [],
      error: {
        code: 'DecryptionFailed',
        from: 0,
        message: 'Secret/a/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
      },
    })
    expect(
      prepareForApply([secret({ 'kustomize.toolkit.fluxcd.io/decrypt': 'Disabled' })], owner()).objects,
    ).toHaveLength(1)
  })
})
