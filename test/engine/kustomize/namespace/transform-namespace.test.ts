/** Namespaces: which objects get one, subjects of role bindings by mode, fields by spec, and ids that become equal. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import type { FieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import type { NamespaceConfig } from '../../../../electron/engine/kustomize/namespace/transform-namespace.ts'
import {
  readRoleBindingSubjects,
  transformNamespace,
} from '../../../../electron/engine/kustomize/namespace/transform-namespace.ts'
import { core, documents, errorOf, makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

function config(more: Partial<NamespaceConfig> = {}): NamespaceConfig {
  const { namespace: fieldSpecs } = defaultTransformerConfig()
  return { namespace: 'team', fieldSpecs, unsetOnly: false, setRoleBindingSubjects: '', ...more }
}

function run(text: string, more: Partial<NamespaceConfig> = {}): string {
  const map = resMapOf(text)
  transformNamespace(map, config(more), makeContext())
  return printed(map)
}

describe('metadata.namespace', () => {
  it.each([
    ['is set where it is missing', core('ConfigMap', 'a'), core('ConfigMap', 'a', 'team')],
    ['is replaced', core('ConfigMap', 'a', 'other'), core('ConfigMap', 'a', 'team')],
    ['is set over null', core('ConfigMap', 'a', 'null'), core('ConfigMap', 'a', 'team')],
    ['is not given to a kind without', core('Node', 'a'), core('Node', 'a')],
    ['is left to a kind without', core('Node', 'a', 'odd'), core('Node', 'a', 'odd')],
    [
      'is given to unknown kinds',
      '{apiVersion: x.io/v1, kind: W, metadata: {name: a}}\n',
      '{apiVersion: x.io/v1, kind: W, metadata: {name: a, namespace: team}}\n',
    ],
    [
      'is not given to what Helm made',
      '{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {internal.config.kubernetes.io/helm-generated: "true"}}}\n',
      '{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {internal.config.kubernetes.io/helm-generated: "true"}}}\n',
    ],
  ])('%s', (_name, before, after) => {
    expect(run(before)).toBe(normal(after))
  })

  it('is a text whatever it looks like', () => {
    expect(run(core('ConfigMap', 'a'), { namespace: '0123' })).toContain('namespace: "0123"')
  })

  it('does nothing for an empty one', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    transformNamespace(map, config({ namespace: '' }), makeContext())
    expect(map.resources()[0]!.previousIds).toEqual([])
  })

  it('is remembered', () => {
    const map = resMapOf(core('ConfigMap', 'a', 'other'))
    transformNamespace(map, config(), makeContext())
    expect(map.resources()[0]!.previousIds).toEqual([{ namespace: 'other', name: 'a', kind: 'ConfigMap' }])
  })

  it('is set only where there is none, if asked', () => {
    const before = documents(core('ConfigMap', 'a', 'other'), core('ConfigMap', 'b'))
    expect(run(before, { unsetOnly: true })).toBe(
      normal(documents(core('ConfigMap', 'a', 'other'), core('ConfigMap', 'b', 'team'))),
    )
  })
})

describe('fields by spec', () => {
  it.each([
    ['a Namespace takes the name', core('Namespace', 'old'), core('Namespace', 'team')],
    [
      'a Namespace of another group keeps it',
      '{apiVersion: x.io/v1, kind: Namespace, metadata: {name: old}}\n',
      '{apiVersion: x.io/v1, kind: Namespace, metadata: {name: old, namespace: team}}\n',
    ],
    [
      "an APIService's service",
      '{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: a}, spec: {service: {name: s}}}\n',
      '{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: a}, spec: {service: {name: s, namespace: team}}}\n',
    ],
    [
      "a definition's webhook, if it says one",
      '{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {conversion: {webhook: {clientConfig: {service: {namespace: x}}}}}}\n',
      '{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {conversion: {webhook: {clientConfig: {service: {namespace: team}}}}}}\n',
    ],
  ])('%s', (_name, before, after) => {
    expect(run(before)).toBe(normal(after))
  })

  it.each([
    ['{ns: {a: b}}', 'namespace field specs must target scalar nodes: ', 'wrong node kind'],
    ['text', 'namespace transformation failed: ', 'expected sequence or mapping node'],
  ])('that are no texts are refused: %s', (spec, prefix, rest) => {
    const text = `{apiVersion: x.io/v1, kind: W, metadata: {name: a}, spec: ${spec}}\n`
    const fieldSpecs: FieldSpec[] = [makeFieldSpec('spec/ns', {}, true)]
    const error = errorOf(() => run(text, { fieldSpecs }))
    expect(error.startsWith(`${prefix}considering field 'spec/ns' of object W.v1.x.io/a.team: ${rest}`)).toBe(true)
  })
})

describe('subjects of role bindings', () => {
  const binding = (subjects: string, kind = 'RoleBinding'): string =>
    `{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {name: a${kind === 'RoleBinding' ? ', namespace: team' : ''}}, subjects: ${subjects}}\n`
  const subjects =
    '[{kind: ServiceAccount, name: default}, {kind: ServiceAccount, name: sa, namespace: x}, {kind: User, name: default}]'

  it.each([
    [
      '',
      '[{kind: ServiceAccount, name: default, namespace: team}, {kind: ServiceAccount, name: sa, namespace: x}, {kind: User, name: default, namespace: team}]',
    ],
    [
      'defaultOnly',
      '[{kind: ServiceAccount, name: default, namespace: team}, {kind: ServiceAccount, name: sa, namespace: x}, {kind: User, name: default, namespace: team}]',
    ],
    [
      'allServiceAccounts',
      '[{kind: ServiceAccount, name: default, namespace: team}, {kind: ServiceAccount, name: sa, namespace: team}, {kind: User, name: default}]',
    ],
    ['none', subjects],
  ] as const)('mode %j', (setRoleBindingSubjects, after) => {
    for (const kind of ['RoleBinding', 'ClusterRoleBinding'])
      expect(run(binding(subjects, kind), { setRoleBindingSubjects })).toBe(normal(binding(after, kind)))
  })

  it('are not what specs say of them', () => {
    const fieldSpecs = [makeFieldSpec('subjects/namespace', { kind: 'RoleBinding' }, true)]
    const before = binding('[{kind: User, name: u}]')
    expect(run(before, { fieldSpecs })).toBe(normal(before))
  })

  it('are left alone where null', () => {
    for (const none of ['null', '[]', '[null]']) expect(run(binding(none))).toBe(normal(binding(none)))
  })

  it('keep a namespace that only missing ones are to get', () => {
    const before = binding('[{kind: ServiceAccount, name: default, namespace: x}]')
    expect(run(before, { unsetOnly: true })).toBe(normal(before))
  })

  it.each([
    [
      '{a: b}',
      'setting namespace on (cluster)role binding subjects: wrong node kind: expected SequenceNode but got MappingNode',
    ],
    [
      '[text]',
      'setting namespace on (cluster)role binding subjects: looking up name on (cluster)role binding subject: wrong node kind: expected MappingNode but got ScalarNode',
    ],
  ])('of a wrong form are refused: %s', (text, message) => {
    expect(errorOf(() => run(binding(text))).startsWith(message)).toBe(true)
  })

  it('have four modes', () => {
    expect(readRoleBindingSubjects('none')).toBe('none')
    expect(errorOf(() => readRoleBindingSubjects('all'))).toBe(
      'invalid value "all" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"',
    )
  })
})

describe('ids that become equal', () => {
  it('are refused, with both objects', () => {
    const both = documents(core('ConfigMap', 'a', 'x'), core('ConfigMap', 'a', 'y'))
    const first =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{"internal.config.kubernetes.io/previousKinds":"ConfigMap",' +
      '"internal.config.kubernetes.io/previousNames":"a","internal.config.kubernetes.io/previousNamespaces":"x"},"name":"a","namespace":"team"}}'
    expect(errorOf(() => run(both))).toBe(
      `namespace transformation produces ID conflict: [${first} ${first.replace('"x"', '"y"')}]`,
    )
  })

  it('are found before the second one is changed', () => {
    const both = documents(core('ConfigMap', 'a', 'x'), core('ConfigMap', 'a', 'team'))
    expect(errorOf(() => run(both))).toContain('namespace transformation produces ID conflict')
  })

  it('are none among kinds without a namespace', () => {
    const both = documents(core('Node', 'a'), core('ConfigMap', 'a', 'x'))
    expect(errorOf(() => run(both))).toBe('')
  })

  it('are seen by later look-ups', () => {
    const map = resMapOf(core('ConfigMap', 'a'))
    transformNamespace(map, config(), makeContext())
    expect(map.getByCurrentId({ ...map.resources()[0]!.currentId() })).not.toBeNull()
  })
})
