/** Labels by spec, and how `labels` and `commonLabels` of a kustomization choose the specs. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import type { LabelField } from '../../../../electron/engine/kustomize/labels/transform-labels.ts'
import { labelConfigs, transformLabels } from '../../../../electron/engine/kustomize/labels/transform-labels.ts'
import { errorOf, makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

const config = defaultTransformerConfig()
const pairs = new Map([
  ['b', 'true'],
  ['a', '1'],
])

function run(text: string, label: Partial<LabelField>): string {
  const map = resMapOf(text)
  const full = { pairs, includeSelectors: false, includeTemplates: false, fields: null, ...label }
  for (const each of labelConfigs([full], null, config)) transformLabels(map, each, makeContext())
  return printed(map)
}

const l = '{a: "1", b: "true"}'
const deployment = (meta: string, spec: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d${meta}}, spec: ${spec}}\n`

describe('labels', () => {
  const before = deployment('', '{selector: {matchLabels: {x: y}}, template: {metadata: null}}')

  it.each([
    [
      'go to metadata',
      {},
      deployment(`, labels: ${l}`, '{selector: {matchLabels: {x: y}}, template: {metadata: null}}'),
    ],
    [
      'go to templates too',
      { includeTemplates: true },
      deployment(`, labels: ${l}`, `{selector: {matchLabels: {x: y}}, template: {metadata: {labels: ${l}}}}`),
    ],
    [
      'go to selectors too',
      { includeSelectors: true },
      deployment(
        `, labels: ${l}`,
        `{selector: {matchLabels: {x: y, a: "1", b: "true"}}, template: {metadata: {labels: ${l}}}}`,
      ),
    ],
    [
      'go where fields say',
      { fields: [makeFieldSpec('spec/extra', {}, true)] },
      deployment(`, labels: ${l}`, `{extra: ${l}, selector: {matchLabels: {x: y}}, template: {metadata: null}}`),
    ],
  ])('%s', (_name, label, after) => {
    expect(run(before, label)).toBe(normal(after))
  })

  it('make selectors where a workload has none', () => {
    expect(run(deployment('', '{}'), { includeSelectors: true })).toBe(
      normal(deployment(`, labels: ${l}`, `{selector: {matchLabels: ${l}}, template: {metadata: {labels: ${l}}}}`)),
    )
  })

  it.each([
    ['batch/v1', 'Job', '{}', '{template: {metadata: {labels: L}}}'],
    [
      'batch/v1',
      'Job',
      '{selector: {matchLabels: {}}}',
      '{selector: {matchLabels: L}, template: {metadata: {labels: L}}}',
    ],
    ['v1', 'Service', '{selector: null}', '{selector: L}'],
    ['v1', 'Service', '{}', '{selector: L}'],
    ['x.io/v1', 'Service', '{}', '{selector: L}'],
    ['x.io/v2', 'Service', '{}', '{}'],
    ['policy/v1', 'PodDisruptionBudget', '{selector: {matchLabels: {}}}', '{selector: {matchLabels: L}}'],
    ['networking.k8s.io/v1', 'NetworkPolicy', '{podSelector: {}}', '{podSelector: {}}'],
    [
      'networking.k8s.io/v1',
      'NetworkPolicy',
      '{ingress: [{from: [{podSelector: {matchLabels: {}}}, {}]}]}',
      '{ingress: [{from: [{podSelector: {matchLabels: L}}, {}]}]}',
    ],
    [
      'apps/v1',
      'StatefulSet',
      '{volumeClaimTemplates: [{metadata: {name: c}}]}',
      '{selector: {matchLabels: L}, template: {metadata: {labels: L}}, volumeClaimTemplates: [{metadata: {name: c, labels: L}}]}',
    ],
    ['batch/v1', 'CronJob', '{}', '{jobTemplate: {metadata: {labels: L}, spec: {template: {metadata: {labels: L}}}}}'],
  ])('of %s %s: %s', (apiVersion, kind, before, after) => {
    const object = (meta: string, spec: string): string =>
      `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a${meta}}, spec: ${spec}}\n`
    expect(run(object('', before), { includeSelectors: true })).toBe(
      normal(object(`, labels: ${l}`, after.replace(/\bL\b/g, l))),
    )
  })

  it('replace what is there', () => {
    expect(run(deployment(', labels: {a: old, c: old}', '{}'), {})).toBe(
      normal(deployment(', labels: {a: "1", b: "true", c: old}', '{}')),
    )
  })

  it('are refused where a path leads to no map', () => {
    expect(errorOf(() => run(deployment(', labels: text', '{}'), {}))).toBe(
      "considering field 'metadata/labels' of object Deployment.v1.apps/d.[noNs]: " +
        'wrong node kind: expected MappingNode but got ScalarNode: node contents:\ntext\n',
    )
  })
})

describe('configurations', () => {
  const label = (more: Partial<LabelField>): LabelField => ({
    pairs,
    includeSelectors: false,
    includeTemplates: false,
    fields: null,
    ...more,
  })

  it('are one for each entry, then one for commonLabels', () => {
    const common = new Map([['c', 'd']])
    const made = labelConfigs([label({}), label({ includeSelectors: true })], common, config)
    expect(made.map(({ fieldSpecs }) => fieldSpecs.length)).toEqual([1, 32, 32])
    expect(made[2]!.labels).toBe(common)
    expect(labelConfigs(null, new Map(), config)).toEqual([])
  })

  it('take what `labels` of a configuration file adds', () => {
    const extended = { ...config, labels: [makeFieldSpec('spec/l', { kind: 'W' }, true)] }
    expect(labelConfigs([label({})], null, extended)[0]!.fieldSpecs.map(({ path }) => path)).toEqual([
      'spec/l',
      'metadata/labels',
    ])
  })

  it.each([
    [{}, 'failed to merge labels: conflicting fieldspecs'],
    [{ includeSelectors: true }, 'failed to merge labels: conflicting fieldspecs'],
    [{ includeTemplates: true }, 'failed to merge template fieldSpec: conflicting fieldspecs'],
  ])('are refused where fields contradict them: %j', (more, message) => {
    const fields = [makeFieldSpec('metadata/labels')]
    expect(errorOf(() => labelConfigs([label({ ...more, fields })], null, config))).toBe(message)
  })
})
