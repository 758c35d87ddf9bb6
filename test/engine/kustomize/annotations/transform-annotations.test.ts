/** Annotations on objects and templates. */
import { describe, expect, it } from 'vitest'
import { transformAnnotations } from '../../../../electron/engine/kustomize/annotations/transform-annotations.ts'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import { makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

function run(text: string, entries: Record<string, string>): string {
  const map = resMapOf(text)
  const annotations = new Map(Object.entries(entries))
  transformAnnotations(map, { annotations, fieldSpecs: defaultTransformerConfig().commonAnnotations }, makeContext())
  return printed(map)
}

describe('annotations', () => {
  it.each([
    ['v1', 'ConfigMap', '{}', '{}'],
    ['apps/v1', 'Deployment', '{}', '{template: {metadata: {annotations: A}}}'],
    ['extensions/v1beta1', 'DaemonSet', '{template: {}}', '{template: {metadata: {annotations: A}}}'],
    ['x.io/v1', 'StatefulSet', '{}', '{template: {metadata: {annotations: A}}}'],
    ['x.io/v1', 'Job', '{}', '{}'],
    ['batch/v1', 'Job', '{}', '{template: {metadata: {annotations: A}}}'],
    [
      'batch/v1',
      'CronJob',
      '{}',
      '{jobTemplate: {metadata: {annotations: A}, spec: {template: {metadata: {annotations: A}}}}}',
    ],
    ['v1', 'ReplicationController', '{}', '{template: {metadata: {annotations: A}}}'],
  ])('of %s %s with spec %s', (apiVersion, kind, before, after) => {
    const object = (meta: string, spec: string): string =>
      `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a${meta}}, spec: ${spec}}\n`
    expect(run(object('', before), { k: '1' })).toBe(
      normal(object(', annotations: {k: "1"}', after.replaceAll('A', '{k: "1"}'))),
    )
  })

  it('replace, keep and add', () => {
    const object = (entries: string): string =>
      `{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: ${entries}}}\n`
    expect(run(object('{a: old, b: old}'), { a: 'new', 'x.io/c': 'yes' })).toBe(
      normal(object('{a: new, b: old, x.io/c: "yes"}')),
    )
    expect(run(object('null'), { a: 'new' })).toBe(normal(object('{a: new}')))
    expect(run(object('{a: old}'), {})).toBe(normal(object('{a: old}')))
  })
})
