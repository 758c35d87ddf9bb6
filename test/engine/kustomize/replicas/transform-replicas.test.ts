/** Replica counts: by present or former name, by kind, and where nothing is found. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { transformReplicas } from '../../../../electron/engine/kustomize/replicas/transform-replicas.ts'
import { core, documents, errorOf, makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

const object = (kind: string, spec: string, name = 'a'): string =>
  `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: ${name}}, spec: ${spec}}\n`

function run(text: string, name = 'a', count: number | bigint = 5, fieldSpecs = defaultTransformerConfig().replicas) {
  const map = resMapOf(text)
  transformReplicas(map, { replica: { name, count }, fieldSpecs }, makeContext())
  return printed(map)
}

describe('replicas', () => {
  it.each(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'])('of a %s', (kind) => {
    expect(run(object(kind, '{replicas: 1}'))).toBe(normal(object(kind, '{replicas: 5}')))
    expect(run(object(kind, '{}'))).toBe(normal(object(kind, '{replicas: 5}')))
    expect(run(object(kind, '{replicas: null}'))).toBe(normal(object(kind, '{replicas: 5}')))
  })

  it('of all objects of the name, and no others', () => {
    const before = documents(object('Deployment', '{}'), object('StatefulSet', '{}'), object('Deployment', '{}', 'b'))
    expect(run(before).match(/replicas: 5/g)?.length).toBe(2)
  })

  it('by a former name', () => {
    const map = resMapOf(object('Deployment', '{}'))
    map.resources()[0]!.storePreviousId()
    map.resources()[0]!.setName('p-a')
    const fieldSpecs = defaultTransformerConfig().replicas
    transformReplicas(map, { replica: { name: 'a', count: 0 }, fieldSpecs }, makeContext())
    expect(printed(map)).toBe(normal(object('Deployment', '{replicas: 0}', 'p-a')))
  })

  it('of custom kinds by spec, however large', () => {
    const specs = [makeFieldSpec('spec/size', { kind: 'W' }, true)]
    expect(run(object('W', '{}'), 'a', 9007199254740993n, specs)).toContain('size: 9007199254740993')
  })

  it('are refused where no object fits', () => {
    expect(errorOf(() => run(documents(core('Service', 'a'), object('Deployment', '{}', 'b'))))).toBe(
      'resource with name a does not match a config with the following GVK ' +
        '[Deployment.[noVer].[noGrp] StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]',
    )
  })

  it('are not written into the status of a map', () => {
    expect(errorOf(() => run(object('Deployment', '{replicas: {a: b}}')))).toContain(
      'wrong node kind: expected ScalarNode but got MappingNode',
    )
  })
})
