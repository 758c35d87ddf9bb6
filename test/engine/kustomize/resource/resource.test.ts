/** What a build remembers of an object, and how its metadata is read and written. */
import { describe, expect, it } from 'vitest'
import { BuildPanic } from '../../../../electron/engine/kustomize/build-error.ts'
import {
  buildAnnotations,
  nodeWithBuildAnnotations,
  readBuildAnnotations,
  resourceJson,
  writeBuildAnnotations,
} from '../../../../electron/engine/kustomize/resource/build-annotations.ts'
import { resIdText } from '../../../../electron/engine/kustomize/resource/res-id.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { core, normal, resourceOf } from './resources-from-yaml.ts'

describe('former ids', () => {
  it('are those before each change, with the namespace that counted', () => {
    const resource = resourceOf(core('ConfigMap', 'a'))
    resource.storePreviousId()
    resource.setName('b')
    resource.storePreviousId()
    resource.setNamespace('n')
    expect(resource.previous().map(resIdText)).toEqual([
      'ConfigMap.v1.[noGrp]/a.default',
      'ConfigMap.v1.[noGrp]/b.default',
    ])
    expect(resIdText(resource.originalId())).toBe('ConfigMap.v1.[noGrp]/a.default')
    expect(resIdText(resource.currentId())).toBe('ConfigMap.v1.[noGrp]/b.n')
  })

  it('have the group and version of today, and their own kind', () => {
    const resource = resourceOf('{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: a}}\n')
    resource.storePreviousId()
    resource.setGvk({ group: 'apps', version: 'v1', kind: 'StatefulSet' })
    expect(resIdText(resource.originalId())).toBe('Deployment.v1.apps/a.default')
  })

  it('remember that a kind has no namespace', () => {
    const resource = resourceOf(core('Namespace', 'a'))
    resource.storePreviousId()
    expect(resource.previousIds[0]!.namespace).toBe('_non_namespaceable_')
  })

  it('are none for an object without a name', () => {
    const resource = resourceOf('{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}\n')
    resource.storePreviousId()
    expect(resource.previousIds).toEqual([])
    expect(buildAnnotations(resource)).toEqual(
      new Map([
        ['internal.config.kubernetes.io/previousNamespaces', 'default'],
        ['internal.config.kubernetes.io/previousKinds', 'Pod'],
      ]),
    )
  })

  it('cannot be read once a name is missing among others', () => {
    const resource = resourceOf(core('Pod', 'a'))
    resource.storePreviousId()
    resource.setName('')
    resource.storePreviousId()
    expect(() => resource.originalId()).toThrow(/^number of previous names, .* not equal$/)
    expect(resource.hasState()).toBe(true)
    expect(() => resource.copy().previous()).toThrow(BuildPanic)
  })

  it('are parted by the commas in them', () => {
    const resource = resourceOf(core('"a,b"', '"c,d"', 'e'))
    resource.storePreviousId()
    expect(() => resource.previousIds).toThrow(BuildPanic)
    const even = resourceOf(core('"a,b"', '"c,d"', '"e,f"'))
    even.storePreviousId()
    expect(even.previousIds).toEqual([
      { kind: 'a', name: 'c', namespace: 'e' },
      { kind: 'b', name: 'd', namespace: 'f' },
    ])
  })
})

describe('annotations map', () => {
  it.each([
    ['none', '{apiVersion: v1, kind: Pod, metadata: {name: a}}\n'],
    ['null', '{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: null}}\n'],
  ])('is there once something is remembered: %s before', (_name, text) => {
    const resource = resourceOf(text)
    resource.addNamePrefix('p-')
    expect(emitNode(resource.node)).toBe(normal('{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {}}}\n'))
  })

  it('is not made for an affix that is no text', () => {
    const resource = resourceOf(core('Pod', 'a'))
    resource.addNamePrefix('')
    resource.addNameSuffix('')
    expect(emitNode(resource.node)).toBe(normal(core('Pod', 'a')))
  })
})

describe('metadata', () => {
  it('keeps how a name is written', () => {
    const resource = resourceOf('{apiVersion: v1, kind: Pod, metadata: {name: "1"}}\n')
    resource.setName('2')
    expect(emitNode(resource.node)).toContain('name: "2"')
  })

  it('quotes a new text that YAML 1.1 would not read as one', () => {
    const resource = resourceOf(core('Pod', 'a'))
    resource.setNamespace('1e3')
    expect(emitNode(resource.node)).toContain('namespace: "1e3"')
  })

  it('loses an empty namespace', () => {
    const resource = resourceOf(core('Pod', 'a', 'n'))
    resource.setNamespace('')
    expect(emitNode(resource.node)).toBe(normal(core('Pod', 'a')))
  })

  it('makes texts of labels, and loses empty ones', () => {
    const resource = resourceOf('{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {b: 5, a: true}}}\n')
    resource.setLabels(resource.labels())
    expect(emitNode(resource.node)).toBe(
      normal('{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {a: "true", b: "5"}}}\n'),
    )
    resource.setLabels(new Map())
    expect(emitNode(resource.node)).toBe(normal(core('Pod', 'a')))
  })
})

describe('annotations of a build', () => {
  const remembered = () => {
    const resource = resourceOf(core('ConfigMap', 'a'))
    resource.storePreviousId()
    resource.setName('p-a')
    resource.addNamePrefix('p-')
    resource.setBehavior('merge')
    resource.enableHashSuffix()
    resource.origin = { path: 'a.yaml' }
    resource.transformations = [
      { configuredIn: 'k.yaml', configuredBy: { apiVersion: 'builtin', kind: 'P', name: '', namespace: '' } },
    ]
    return resource
  }

  it('are what upstream would hold', () => {
    expect(Object.fromEntries(buildAnnotations(remembered()))).toEqual({
      'internal.config.kubernetes.io/previousNames': 'a',
      'internal.config.kubernetes.io/previousNamespaces': 'default',
      'internal.config.kubernetes.io/previousKinds': 'ConfigMap',
      'internal.config.kubernetes.io/prefixes': 'p-',
      'internal.config.kubernetes.io/generatorBehavior': 'merge',
      'internal.config.kubernetes.io/needsHashSuffix': 'enabled',
      'config.kubernetes.io/origin': 'path: a.yaml\n',
      'alpha.config.kubernetes.io/transformations':
        '- configuredIn: k.yaml\n  configuredBy:\n    apiVersion: builtin\n    kind: P\n',
    })
    expect(buildAnnotations(resourceOf(core('Pod', 'a'))).size).toBe(0)
  })

  it('are printed without changing the object', () => {
    const resource = remembered()
    const before = emitNode(resource.node)
    expect(emitNode(nodeWithBuildAnnotations(resource))).toContain('previousNames: a')
    expect(resourceJson(resourceOf(core('Pod', 'a')))).toBe('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}')
    expect(emitNode(resource.node)).toBe(before)
  })

  it('are not printed for an object that is no JSON', () => {
    const text = resourceJson(resourceOf('{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {a: {1: b}}}\n'))
    expect(text).toBe('<json: unsupported type: map[interface {}]interface {}>')
  })

  it('survive being written and read', () => {
    const resource = remembered()
    const before = emitNode(resource.node)
    writeBuildAnnotations(resource)
    readBuildAnnotations(resource)
    expect(emitNode(resource.node)).toBe(before)
    expect(buildAnnotations(resource)).toEqual(buildAnnotations(remembered()))
  })

  it('are forgotten when a patch replaces the map', () => {
    const resource = remembered()
    writeBuildAnnotations(resource)
    resource.setAnnotations(new Map([['own', 'x']]))
    readBuildAnnotations(resource)
    expect(buildAnnotations(resource).size).toBe(0)
    expect([...resource.annotations()]).toEqual([['own', 'x']])
  })
})
