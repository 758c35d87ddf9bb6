/** References by name: which object of several namesakes is meant, which fields are mended, and what is refused. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import type { NameBackReference } from '../../../../electron/engine/kustomize/config/transformer-config.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { fixNameReferences } from '../../../../electron/engine/kustomize/name-reference/fix-name-references.ts'
import type { ResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import { createResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import type { Resource } from '../../../../electron/engine/kustomize/resource/resource.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { core, errorOf, makeContext, noSchemas, nodesOf, normal, resourceOf } from '../resource/resources-from-yaml.ts'

interface Change {
  readonly prefix?: string
  readonly suffix?: string
  readonly namespace?: string
}

/** The object after overlays, each of which may prefix, suffix or move it. */
function after(text: string, ...changes: Change[]): Resource {
  const resource = resourceOf(text)
  for (const { prefix = '', suffix = '', namespace } of changes) {
    if (namespace !== undefined) {
      resource.storePreviousId()
      resource.setNamespace(namespace)
    }
    for (const affix of ['prefix', 'suffix'] as const) {
      const value = affix === 'prefix' ? prefix : suffix
      if (value === '') continue
      if (affix === 'prefix') resource.addNamePrefix(value)
      else resource.addNameSuffix(value)
      resource.storePreviousId()
      resource.setName(affix === 'prefix' ? value + resource.name : resource.name + value)
    }
  }
  return resource
}

function mapOf(resources: readonly Resource[]): ResMap {
  const map = createResMap(noSchemas)
  for (const resource of resources) map.append(resource)
  return map
}

function fix(resources: readonly Resource[], references: readonly NameBackReference[] = standard): string {
  fixNameReferences(mapOf(resources), references, makeContext())
  const [first] = resources
  first!.setAnnotations(first!.annotations())
  return emitNode(first!.node)
}

const standard = defaultTransformerConfig().nameReference
const p: Change = { prefix: 'p-' }
const podWith = (spec: string, name = 'pod', namespace = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}${namespace === '' ? '' : `, namespace: ${namespace}`}}, spec: ${spec}}\n`
const account = (name: string, namespace = ''): string => core('ServiceAccount', name, namespace)

/** What a pod's configMap volume names after the references are mended. */
function volumeOf(pod: Resource, ...others: Resource[]): string {
  const text = fix([pod, ...others])
  return /configMap:\n {6}name: (\S+)/.exec(text)?.[1] ?? text
}

const volume = (name: string): string => `{volumes: [{configMap: {name: ${name}}}]}`

describe('fields', () => {
  it.each([
    ['ConfigMap', '{volumes: [{configMap: {name: N}}]}'],
    ['ConfigMap', '{containers: [{env: [{valueFrom: {configMapKeyRef: {name: N}}}]}]}'],
    ['ConfigMap', '{initContainers: [{envFrom: [{configMapRef: {name: N}}]}]}'],
    ['ConfigMap', '{volumes: [{projected: {sources: [{configMap: {name: N}}]}}]}'],
    ['Secret', '{volumes: [{secret: {secretName: N}}]}'],
    ['Secret', '{containers: [{envFrom: [{secretRef: {name: N}}]}]}'],
    ['Secret', '{imagePullSecrets: [{name: N}]}'],
    ['ServiceAccount', '{serviceAccountName: N}'],
    ['PersistentVolumeClaim', '{volumes: [{persistentVolumeClaim: {claimName: N}}]}'],
  ])('that name a %s in a pod: %s', (kind, spec) => {
    for (const [apiVersion, holder, wrap] of [
      ['v1', 'Pod', 'S'],
      ['apps/v1', 'Deployment', '{template: {spec: S}}'],
      ['batch/v1', 'CronJob', '{jobTemplate: {spec: {template: {spec: S}}}}'],
    ] as const) {
      const object = (name: string): string =>
        `{apiVersion: ${apiVersion}, kind: ${holder}, metadata: {name: a}, spec: ${wrap.replace('S', () => spec.replace(/\bN\b/, name))}}\n`
      expect(fix([resourceOf(object('x')), after(core(kind, 'x'), p)])).toBe(normal(object('p-x')))
      expect(fix([resourceOf(object('other')), after(core(kind, 'x'), p)])).toBe(normal(object('other')))
    }
  })

  it('that list names', () => {
    const role = (names: string): string =>
      `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{resourceNames: ${names}}]}\n`
    expect(
      fix([resourceOf(role('[x, null, y, z]')), after(core('ConfigMap', 'x'), p), after(core('Secret', 'y'), p)]),
    ).toBe(normal(role('[p-x, null, p-y, z]')))
  })

  it('that hold a slash in their path', () => {
    const ingress = (name: string): string =>
      `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/auth-secret: ${name}}}}\n`
    expect(fix([resourceOf(ingress('x')), after(core('Secret', 'x'), p)])).toBe(normal(ingress('p-x')))
  })

  it('that hold a name and a namespace', () => {
    const hook = (service: string): string =>
      `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: h}, webhooks: [{clientConfig: {service: ${service}}}]}\n`
    const service = core('Service', 'x', 'n')
    const moved = after(service, { prefix: 'p-', namespace: 'm' })
    expect(fix([resourceOf(hook('{name: x, namespace: n}')), moved])).toBe(normal(hook('{name: p-x, namespace: m}')))
    expect(fix([resourceOf(hook('{name: x, namespace: m}')), moved])).toBe(normal(hook('{name: p-x, namespace: m}')))
    expect(fix([resourceOf(hook('{name: x, namespace: o}')), moved])).toBe(normal(hook('{name: x, namespace: o}')))
    expect(fix([resourceOf(hook('{name: x}')), moved])).toBe(normal(hook('{name: p-x, namespace: m}')))
    const nowhere = after(core('Service', 'x'), p)
    expect(fix([resourceOf(hook('{name: x, namespace: default}')), nowhere])).toBe(
      normal(hook('{name: p-x, namespace: default}')),
    )
  })

  it('keep how a name is written', () => {
    expect(fix([resourceOf(podWith('{serviceAccountName: "1"}')), after(account('"1"'), { suffix: '2' })])).toContain(
      'serviceAccountName: "12"',
    )
  })

  it('may be mended twice, by targets in order', () => {
    const references: NameBackReference[] = ['ConfigMap', 'Secret'].map((kind) => ({
      group: '',
      version: '',
      kind,
      referrers: [makeFieldSpec('spec/ref', { kind: 'W' })],
    }))
    const object = (name: string): string =>
      `{apiVersion: x.io/v1, kind: W, metadata: {name: w}, spec: {ref: ${name}}}\n`
    const others = [after(core('ConfigMap', 'x'), p), after(core('Secret', 'p-x'), { prefix: 'q-' })]
    expect(fix([resourceOf(object('x')), ...others], references)).toBe(normal(object('q-p-x')))
    expect(fix([resourceOf(object('x')), ...others], [...references].reverse())).toBe(normal(object('p-x')))
  })

  it('of paths through each other are mended one after the other', () => {
    const references: NameBackReference[] = [
      { group: '', version: '', kind: 'ConfigMap', referrers: [makeFieldSpec('spec/ref/name', { kind: 'W' })] },
      { group: '', version: '', kind: 'Secret', referrers: [makeFieldSpec('spec/ref', { kind: 'W' })] },
    ]
    const object = (name: string): string =>
      `{apiVersion: x.io/v1, kind: W, metadata: {name: w}, spec: {ref: {name: ${name}}}}\n`
    const others = [after(core('ConfigMap', 'x'), p), after(core('Secret', 'p-x'), { prefix: 'q-' })]
    expect(fix([resourceOf(object('x')), ...others], references)).toBe(normal(object('q-p-x')))
  })
})

describe('candidates', () => {
  it('are those that were renamed or moved', () => {
    expect(volumeOf(resourceOf(podWith(volume('x'))), resourceOf(core('ConfigMap', 'x')))).toBe('x')
    expect(volumeOf(resourceOf(podWith(volume('x'))), after(core('ConfigMap', 'x'), p))).toBe('p-x')
  })

  it('answer to every name that they had', () => {
    const cm = (): Resource => after(core('ConfigMap', 'x'), p, { prefix: 'q-' })
    expect(volumeOf(resourceOf(podWith(volume('x'))), cm())).toBe('q-p-x')
    expect(volumeOf(resourceOf(podWith(volume('p-x'))), cm())).toBe('q-p-x')
    expect(volumeOf(resourceOf(podWith(volume('q-p-x'))), cm())).toBe('q-p-x')
  })

  it('are of the kind that the field names, now or then', () => {
    expect(volumeOf(resourceOf(podWith(volume('x'))), after(core('Secret', 'x'), p))).toBe('x')
    const changed = after(core('ConfigMap', 'x'), p)
    changed.setKind('Secret')
    expect(volumeOf(resourceOf(podWith(volume('x'))), changed)).toBe('p-x')
  })

  it('are in the namespace of the referrer now', () => {
    const cm = (namespace: string): Resource => after(core('ConfigMap', 'x', namespace), { prefix: `${namespace}-` })
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'n')), cm('n'), cm('m'))).toBe('n-x')
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'm')), cm('n'), cm('m'))).toBe('m-x')
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'o')), cm('n'), cm('m'))).toBe('x')
  })

  it('are found among many namesakes', () => {
    const all = Array.from({ length: 20 }, (_, i) => after(core('ConfigMap', 'x', `n${i}`), { prefix: `p${i}-` }))
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'n13')), ...all)).toBe('p13-x')
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'none')), ...all)).toBe('x')
  })

  it('take no namespace and default for the same', () => {
    expect(volumeOf(resourceOf(podWith(volume('x'), 'pod', 'default')), after(core('ConfigMap', 'x'), p))).toBe('p-x')
  })

  it('of kinds without a namespace are within reach of all, and reach all', () => {
    const claim =
      '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c, namespace: n}, spec: {volumeName: x}}\n'
    expect(fix([resourceOf(claim), after(core('PersistentVolume', 'x'), p)])).toContain('volumeName: p-x')
    const storage =
      '{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: s}, parameters: {secretName: x}}\n'
    expect(fix([resourceOf(storage), after(core('Secret', 'x', 'far'), p)])).toContain('secretName: p-x')
  })
})

describe('namesakes', () => {
  const cm = (...changes: Change[]): Resource => after(core('ConfigMap', 'x'), ...changes)
  const pod = (...changes: Change[]): Resource => after(podWith(volume('x')), ...changes)
  const [a, b] = [{ prefix: 'a-' }, { prefix: 'b-' }]

  it('are told apart by the prefixes that they share with the referrer', () => {
    expect(volumeOf(pod(a), cm(a), cm(b))).toBe('a-x')
    expect(volumeOf(pod(b), cm(a), cm(b))).toBe('b-x')
    expect(volumeOf(pod(a, b), cm(b, a), cm(a, b))).toBe('b-a-x')
  })

  it('are told apart by suffixes', () => {
    const [s, t] = [{ suffix: '-s' }, { suffix: '-t' }]
    expect(volumeOf(pod(t), cm(s), cm(t))).toBe('x-t')
  })

  it('share the outermost prefixes with a referrer from further out', () => {
    expect(volumeOf(pod({ prefix: 'o-' }), cm(a, { prefix: 'o-' }), cm(b))).toBe('o-a-x')
  })

  it('that were never prefixed share with all, until that leaves several', () => {
    const moved = (): Resource => after(core('ConfigMap', 'x'), { namespace: 'default' })
    expect(volumeOf(pod(a), moved(), cm(b))).toBe('x')
    expect(volumeOf(pod(a), moved(), cm(a))).toBe('a-x')
  })

  it('are none for a referrer that was never prefixed', () => {
    expect(volumeOf(pod(), cm(a), cm(b))).toBe('x')
  })

  it('are none where nothing is shared', () => {
    expect(volumeOf(pod({ prefix: 'c-' }), cm(a), cm(b))).toBe('x')
  })

  it('with the same name now are the same', () => {
    const cluster = (group: string): Resource =>
      after(`{apiVersion: ${group}/v1, kind: Deployment, metadata: {name: x}}\n`, p)
    const hpa =
      '{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {scaleTargetRef: {name: x}}}\n'
    expect(fix([after(hpa, p), cluster('apps'), cluster('extensions')])).toContain('name: p-x')
  })

  it('that differ are refused, printed as upstream holds them', () => {
    const renamed = cm(a)
    renamed.setName('other')
    const error = errorOf(() => volumeOf(pod(a), cm(a), renamed))
    const path = 'spec/volumes/configMap/name'
    expect(error).toContain(
      `updating name reference in '${path}' field of 'Pod.v1.[noGrp]/a-pod.[noNs]': ` +
        `considering field '${path}' of object Pod.v1.[noGrp]/a-pod.[noNs]: visit traversal on path: [configMap name]: ` +
        'found multiple possible referrals: ConfigMap.v1.[noGrp]/a-x.[noNs], ConfigMap.v1.[noGrp]/other.[noNs]\n' +
        '\n**** Too many possible referral targets to referrer:\napiVersion: v1\nkind: Pod\n',
    )
    expect(error).toContain('--- possible referral 1:\napiVersion: v1\nkind: ConfigMap\n')
    expect(error).toContain('internal.config.kubernetes.io/prefixes: a-\n')
  })
})

describe('role bindings', () => {
  const rbac = 'rbac.authorization.k8s.io'
  const role = (kind: string, name = 'x'): string =>
    `{apiVersion: ${rbac}/v1, kind: ${kind}, metadata: {name: ${name}}}\n`
  const binding = (roleRef: string, subjects: string, namespace = ''): string =>
    `{apiVersion: ${rbac}/v1, kind: RoleBinding, metadata: {name: b${namespace === '' ? '' : `, namespace: ${namespace}`}}, roleRef: ${roleRef}, subjects: ${subjects}}\n`
  const ref = (kind: string, name = 'x'): string => `{apiGroup: ${rbac}, kind: ${kind}, name: ${name}}`

  it('name the kind of role that they say', () => {
    const roles = (): Resource[] => [
      after(role('Role'), { prefix: 'r-' }),
      after(role('ClusterRole'), { prefix: 'c-' }),
    ]
    expect(fix([resourceOf(binding(ref('Role'), '[]')), ...roles()])).toBe(normal(binding(ref('Role', 'r-x'), '[]')))
    expect(fix([resourceOf(binding(ref('ClusterRole'), '[]')), ...roles()])).toBe(
      normal(binding(ref('ClusterRole', 'c-x'), '[]')),
    )
  })

  it('that do not say it name what comes first', () => {
    const vague = '{name: x}'
    const text = fix([resourceOf(binding(vague, '[]')), after(role('ClusterRole'), { prefix: 'c-' })])
    expect(text).toBe(normal(binding('{name: c-x}', '[]')))
  })

  it('name service accounts of other namespaces', () => {
    const subjects = (name: string, namespace: string): string =>
      `[{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}]`
    const moved = after(account('sa', 'far'), { prefix: 'p-', namespace: 'farther' })
    const before = binding(ref('Role'), subjects('sa', 'farther'), 'near')
    expect(fix([resourceOf(before), moved])).toBe(normal(binding(ref('Role'), subjects('p-sa', 'farther'), 'near')))
    // What the object says is looked at before anything is mended: it cannot reach an account that was moved away from there.
    const from = binding(ref('Role'), subjects('sa', 'far'), 'near')
    expect(fix([resourceOf(from), after(account('sa', 'far'), { prefix: 'p-', namespace: 'farther' })])).toBe(
      normal(from),
    )
  })

  it('give each subject its own account', () => {
    const subjects = '[{kind: ServiceAccount, name: sa, namespace: m}, {kind: ServiceAccount, name: sa, namespace: n}]'
    const accounts = ['m', 'n'].map((namespace) => after(account('sa', namespace), { prefix: `${namespace}-` }))
    expect(fix([resourceOf(binding(ref('Role'), subjects, 'm')), ...accounts])).toBe(
      normal(
        binding(
          ref('Role'),
          '[{kind: ServiceAccount, name: m-sa, namespace: m}, {kind: ServiceAccount, name: n-sa, namespace: n}]',
          'm',
        ),
      ),
    )
  })

  it.each([
    ['[{kind: User}]', "path config error; no 'name' field in node"],
    ['text', ''],
    ['[[a]]', 'interface {} is []interface {}, not map[string]interface {}'],
  ])('with subjects %s', (subjects, message) => {
    expect(errorOf(() => fix([resourceOf(binding(ref('Role'), subjects))]))).toContain(message)
  })

  it('of a whole cluster with subjects that are lists', () => {
    const faulty = binding(ref('Role'), '[[a]]').replace('kind: RoleBinding', 'kind: ClusterRoleBinding')
    expect(errorOf(() => fix([resourceOf(faulty)]))).toContain(
      'a list item is expected to be either a string or a map of string',
    )
  })

  it('with a namespace that is no text are refused', () => {
    const faulty = binding(ref('Role'), '[{kind: ServiceAccount, name: sa, namespace: 5}]')
    expect(errorOf(() => fix([resourceOf(faulty)]))).toBe(
      'Invalid Input: namespace is blank for resource "RoleBinding.v1.rbac.authorization.k8s.io/b.[noNs]"\n',
    )
  })
})

describe('what stays', () => {
  it('of an object without references', () => {
    const text = podWith('{containers: null, volumes: [null, {}]}')
    expect(fix([resourceOf(text), after(core('ConfigMap', 'x'), p)])).toBe(normal(text))
  })

  it('nothing where a path meets a text', () => {
    const text = podWith('{volumes: text}')
    expect(errorOf(() => fix([resourceOf(text)]))).toBe(
      "updating name reference in 'spec/volumes/configMap/name' field of 'Pod.v1.[noGrp]/pod.[noNs]': " +
        "considering field 'spec/volumes/configMap/name' of object Pod.v1.[noGrp]/pod.[noNs]: expected sequence or mapping node",
    )
  })

  it('remembers who names an object', () => {
    const cm = after(core('ConfigMap', 'x'), p)
    fix([resourceOf(podWith(volume('x'))), cm])
    expect(cm.refBy.map((id) => id.name)).toEqual(['pod'])
  })

  it('ten thousand objects are done in a breath', () => {
    const resources: Resource[] = []
    for (let i = 0; i < 2_500; i++) {
      resources.push(after(podWith(volume('x'), `pod${i}`, `n${i}`), p), after(core('ConfigMap', 'x', `n${i}`), p))
    }
    fixNameReferences(mapOf(resources), standard, makeContext())
    const wrong = resources.filter(
      (resource) => resource.kind === 'Pod' && !emitNode(resource.node).includes('name: p-x'),
    )
    expect(wrong).toEqual([])
    expect(nodesOf('a: b\n').length).toBe(1)
  })
})
