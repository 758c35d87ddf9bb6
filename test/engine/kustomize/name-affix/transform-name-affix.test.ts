/** Prefixes and suffixes: what is renamed, what keeps its name, and what is remembered. */
import { describe, expect, it } from 'vitest'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import {
  transformPrefix,
  transformSuffix,
} from '../../../../electron/engine/kustomize/name-affix/transform-name-affix.ts'
import { core, documents, errorOf, makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

const name = makeFieldSpec('metadata/name')

function prefixed(text: string, prefix = 'p-', fieldSpecs = [name]) {
  const map = resMapOf(text)
  transformPrefix(map, { prefix, fieldSpecs }, makeContext())
  return map
}

describe('a prefix', () => {
  it('renames and is remembered', () => {
    const map = prefixed(core('ConfigMap', 'a', 'n'))
    expect(printed(map)).toBe(normal(core('ConfigMap', 'p-a', 'n')))
    const [resource] = map.resources()
    expect(resource!.namePrefixes).toEqual(['p-'])
    expect(resource!.nameSuffixes).toEqual([])
    expect(resource!.previousIds).toEqual([{ namespace: 'n', name: 'a', kind: 'ConfigMap' }])
  })

  it('goes before earlier ones', () => {
    const map = prefixed(core('ConfigMap', 'a'))
    transformPrefix(map, { prefix: 'q-', fieldSpecs: [name] }, makeContext())
    expect(map.resources()[0]!.name).toBe('q-p-a')
    expect(map.resources()[0]!.namePrefixes).toEqual(['p-', 'q-'])
    expect(map.resources()[0]!.previousIds.map((id) => id.name)).toEqual(['a', 'p-a'])
  })

  it.each([
    ['a Namespace', core('Namespace', 'a')],
    ['a definition', '{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}}\n'],
    ['an APIService', '{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: a}}\n'],
  ])('leaves %s', (_name, text) => {
    const map = prefixed(text)
    expect(printed(map)).toBe(normal(text))
    expect(map.resources()[0]!.namePrefixes).toEqual([])
  })

  it('renames an APIService of another group', () => {
    expect(printed(prefixed('{apiVersion: x.io/v1, kind: APIService, metadata: {name: a}}\n'))).toContain('name: p-a')
  })

  it('goes by the original kind', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    map.resources()[0]!.storePreviousId()
    map.resources()[0]!.setKind('Namespace')
    transformPrefix(map, { prefix: 'p-', fieldSpecs: [name] }, makeContext())
    expect(map.resources()[0]!.name).toBe('p-a')
  })

  it('changes other fields without remembering', () => {
    const text = '{apiVersion: x.io/v1, kind: W, metadata: {name: a}, spec: {ref: r, refs: [x, y]}}\n'
    const map = prefixed(text, 'p-', [makeFieldSpec('spec/ref', { kind: 'W' }), makeFieldSpec('spec/none')])
    expect(printed(map)).toBe(normal(text.replace('ref: r', 'ref: p-r')))
    expect(map.resources()[0]!.previousIds).toEqual([])
  })

  it('that is empty changes and remembers nothing', () => {
    const map = prefixed(core('ConfigMap', 'a'), '')
    expect(printed(map)).toBe(normal(core('ConfigMap', 'a')))
    expect(map.resources()[0]!.previousIds).toEqual([])
  })

  it('is refused for what is no text', () => {
    const text = '{apiVersion: x.io/v1, kind: W, metadata: {name: a}, spec: {ref: {b: c}}}\n'
    expect(errorOf(() => prefixed(text, 'p-', [makeFieldSpec('spec/ref')]))).toContain(
      "considering field 'spec/ref' of object W.v1.x.io/a.[noNs]: wrong node kind: expected ScalarNode but got MappingNode",
    )
  })

  it('keeps quoted numbers texts', () => {
    expect(printed(prefixed('{apiVersion: v1, kind: Pod, metadata: {name: "1"}}\n', '0'))).toContain('name: "01"')
  })
})

describe('a suffix', () => {
  it('renames all, in any order of kinds', () => {
    const map = resMapOf(documents(core('ConfigMap', 'a'), core('Namespace', 'n'), core('Secret', 'b')))
    transformSuffix(map, { suffix: '-s', fieldSpecs: [name] }, makeContext())
    expect(map.resources().map((resource) => resource.name)).toEqual(['a-s', 'n', 'b-s'])
    expect(map.resources()[0]!.nameSuffixes).toEqual(['-s'])
  })

  it('may free a name for another object', () => {
    const map = resMapOf(documents(core('ConfigMap', 'a'), core('ConfigMap', 'a-s')))
    transformSuffix(map, { suffix: '-s', fieldSpecs: [name] }, makeContext())
    expect(map.resources().map((resource) => resource.name)).toEqual(['a-s', 'a-s-s'])
    expect(map.withAnyId(map.resources()[0]!.currentId()).length).toBe(2)
  })
})
