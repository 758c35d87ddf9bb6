/** What a comparison says, against what a forced apply with the controller's clean-up then really does: a real API server, hand-made cases. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { areSame } from '../../../electron/engine/diff/compare-objects.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import type { CompareCluster } from './compare-cluster.ts'
import { createCompareCluster, fieldLine, objectPath } from './compare-cluster.ts'

let testCluster: TestCluster
let api: CompareCluster

beforeAll(async () => {
  testCluster = await startTestCluster()
  api = createCompareCluster(testCluster)
  await api.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
    'setup',
  )
})

afterAll(async () => {
  await testCluster?.stop()
})

let count = 0
const metadata = (more: object = {}): KubeObject['metadata'] => ({
  name: `object-${String((count += 1))}`,
  namespace: 'default',
  labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' },
  ...more,
})

type Loose = KubeObject & { readonly spec?: Record<string, unknown>; readonly data?: Record<string, string> }

function deployment(change: (spec: Record<string, unknown>) => void = () => undefined, more: object = {}): Loose {
  const spec: Record<string, unknown> = {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
            args: ['--one', '--two'],
            resources: { limits: { memory: '256Mi' }, requests: { cpu: '0.1' } },
          },
        ],
      },
    },
  }
  change(spec)
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(more), spec }
}

function configMap(data: Record<string, string> = { a: '1', b: '2' }, more: object = {}): Loose {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(more), data }
}

interface Case {
  readonly title: string
  readonly desired: () => Loose
  readonly change: (live: Loose) => Promise<unknown>
  readonly fields: readonly string[]
  readonly action?: string
  readonly set?: Partial<DesiredSet>
  /** The clean-up forces an apply that leaves ignored or foreign fields alone: not compared with a real one. */
  readonly isOracleOff?: boolean
  readonly risk?: string
}

const cases: readonly Case[] = [
  {
    title: 'nothing changed',
    desired: () => deployment(),
    change: () => Promise.resolve(),
    fields: [],
    action: 'unchanged',
  },
  {
    title: 'replicas edited',
    desired: () => deployment(),
    change: (live) => api.patch(live, { spec: { replicas: 5 } }, 'kubectl-edit'),
    fields: ['drift changed spec.replicas 2 > 5 by kubectl-edit'],
    risk: 'medium stops 3 pods',
  },
  {
    title: 'scaled by the scale subresource',
    desired: () => deployment(),
    change: (live) => api.patch(live, { spec: { replicas: 5 } }, 'kube-controller-manager', 'scale'),
    fields: ['drift changed spec.replicas 2 > 5 by kube-controller-manager'],
  },
  {
    title: 'replicas not in Git, scaled by an autoscaler',
    desired: () => deployment((spec) => delete spec['replicas']),
    change: (live) => api.patch(live, { spec: { replicas: 5 } }, 'kube-controller-manager', 'scale'),
    // Who scales what nobody owns is not recorded by the API server.
    fields: ['notOwned added spec.replicas - > 5'],
    action: 'unchanged',
  },
  {
    title: 'replicas not in Git, scaled by an Update of the scale',
    desired: () => deployment((spec) => delete spec['replicas']),
    change: async (live) => {
      const path = `${objectPath(live)}/scale`
      const scale = await api.cluster.requestOk<{ spec: { replicas: number } }>('GET', path)
      scale.spec.replicas = 5
      await api.cluster.requestOk('PUT', `${path}?fieldManager=kube-controller-manager`, scale)
    },
    fields: ['notOwned added spec.replicas - > 5'],
    action: 'unchanged',
  },
  {
    title: 'replicas not in Git, set by kubectl edit: the default comes back',
    desired: () => deployment((spec) => delete spec['replicas']),
    change: (live) => api.patch(live, { spec: { replicas: 5 } }, 'kubectl-edit'),
    fields: ['reclaimed changed spec.replicas 1 > 5 by kubectl-edit'],
  },
  {
    title: 'image set',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'web:2' }],
        'kubectl-set',
      ),
    fields: ['drift changed spec.template.spec.containers[web].image web:1 > web:2 by kubectl-set'],
    risk: 'high restarts 2 pods',
  },
  {
    title: 'environment variable added by kubectl',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'C', value: '3' } }],
        'kubectl-edit',
      ),
    fields: ['reclaimed added spec.template.spec.containers[web].env[C] - > {"name":"C","value":"3"} by kubectl-edit'],
  },
  {
    title: 'environment variable added by another manager stays',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'C', value: '3' } }],
        'injector',
      ),
    fields: ['notOwned added spec.template.spec.containers[web].env[C] - > {"name":"C","value":"3"} by injector'],
    action: 'unchanged',
  },
  {
    title: 'environment variable removed',
    desired: () => deployment(),
    change: (live) =>
      api.json(live, [{ op: 'remove', path: '/spec/template/spec/containers/0/env/1' }], 'kubectl-edit'),
    fields: ['drift removed spec.template.spec.containers[web].env[B] {"name":"B","value":"2"} > -'],
  },
  {
    title: 'sidecar injected',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [{ op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'proxy', image: 'proxy:1' } }],
        'sidecar-injector',
      ),
    fields: [
      'notOwned added spec.template.spec.containers[proxy] - > {"name":"proxy","image":"proxy:1","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"} by sidecar-injector',
    ],
    action: 'unchanged',
  },
  {
    title: 'sidecar added by kubectl edit goes',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [{ op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'proxy', image: 'proxy:1' } }],
        'kubectl-edit',
      ),
    fields: [
      'reclaimed added spec.template.spec.containers[proxy] - > {"name":"proxy","image":"proxy:1","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"} by kubectl-edit',
    ],
  },
  {
    title: 'args replaced',
    desired: () => deployment(),
    change: (live) =>
      api.json(live, [{ op: 'replace', path: '/spec/template/spec/containers/0/args', value: ['--three'] }], 'someone'),
    fields: ['drift changed spec.template.spec.containers[web].args ["--one","--two"] > ["--three"] by someone'],
  },
  {
    title: 'limits changed and another added',
    desired: () => deployment(),
    change: (live) =>
      api.json(
        live,
        [
          { op: 'replace', path: '/spec/template/spec/containers/0/resources/limits/memory', value: '512Mi' },
          { op: 'add', path: '/spec/template/spec/containers/0/resources/limits/cpu', value: '2' },
        ],
        'kubectl-edit',
      ),
    fields: [
      'drift changed spec.template.spec.containers[web].resources.limits.memory 256Mi > 512Mi by kubectl-edit',
      'reclaimed added spec.template.spec.containers[web].resources.limits.cpu - > 2 by kubectl-edit',
    ],
  },
  {
    title: 'a struct that only kubectl set goes whole',
    desired: () => deployment(),
    change: (live) =>
      api.patch(
        live,
        { spec: { template: { spec: { securityContext: { runAsUser: 7 }, nodeSelector: { disk: 'fast' } } } } },
        'kubectl-patch',
      ),
    fields: [
      'reclaimed added spec.template.spec.securityContext.runAsUser - > 7 by kubectl-patch',
      'reclaimed added spec.template.spec.nodeSelector - > {"disk":"fast"} by kubectl-patch',
    ],
  },
  {
    title: 'strategy changed where Git has none',
    desired: () => deployment(),
    change: (live) =>
      api.patch(live, { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }, 'kubectl-edit'),
    fields: [
      'reclaimed changed spec.strategy.type RollingUpdate > Recreate by kubectl-edit',
      'reclaimed removed spec.strategy.rollingUpdate {"maxUnavailable":"25%","maxSurge":"25%"} > - by kubectl-edit',
    ],
  },
  {
    title: 'label and annotation added by kubectl',
    desired: () => configMap(),
    change: (live) =>
      api.patch(
        live,
        { metadata: { labels: { team: 'a' }, annotations: { 'example.com/note': 'x' } } },
        'kubectl-label',
      ),
    fields: [
      'reclaimed added metadata.labels.team - > a by kubectl-label',
      'reclaimed added metadata.annotations[example.com/note] - > x by kubectl-label',
    ],
    risk: 'low labels and annotations',
  },
  {
    title: 'label and annotation added by another manager stay',
    desired: () => configMap(),
    change: (live) =>
      api.patch(live, { metadata: { labels: { team: 'a' }, annotations: { 'example.com/note': 'x' } } }, 'policy'),
    fields: [
      'notOwned added metadata.labels.team - > a by policy',
      'notOwned added metadata.annotations[example.com/note] - > x by policy',
    ],
    action: 'unchanged',
  },
  {
    title: 'owner label removed',
    desired: () => configMap(),
    change: (live) =>
      api.patch(live, { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': null } } }, 'kubectl-label'),
    fields: ['drift removed metadata.labels[kustomize.toolkit.fluxcd.io/name] apps > -'],
  },
  {
    title: 'data changed, added and removed',
    desired: () => configMap(),
    change: (live) => api.patch(live, { data: { a: '9', b: null, c: '3' } }, 'kubectl-edit'),
    fields: [
      'drift changed data.a 1 > 9 by kubectl-edit',
      'drift removed data.b 2 > - by kubectl-edit',
      'reclaimed added data.c - > 3 by kubectl-edit',
    ],
    risk: 'medium read at start',
  },
  {
    title: 'data added by another manager stays',
    desired: () => configMap(),
    change: (live) => api.patch(live, { data: { c: '3' } }, 'ca-injector'),
    fields: ['notOwned added data.c - > 3 by ca-injector'],
    action: 'unchanged',
  },
  {
    title: 'kubectl apply of the same manifest',
    desired: () => configMap(),
    change: (live) =>
      api.patch(
        live,
        { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } },
        'kubectl-client-side-apply',
      ),
    fields: [
      'reclaimed added metadata.annotations[kubectl.kubernetes.io/last-applied-configuration] - > {} by kubectl-client-side-apply',
    ],
  },
  {
    title: 'ownership taken over by kubectl, same values',
    desired: () => configMap(),
    change: (live) => api.apply({ ...strip(live) }, 'kubectl'),
    fields: [
      'record added metadata.managedFields[kubectl] - > data.a, data.b, metadata.labels[kustomize.toolkit.fluxcd.io/name], metadata.labels[kustomize.toolkit.fluxcd.io/namespace] by kubectl',
    ],
    risk: 'low no value changes',
  },
  {
    title: 'ownership taken over with one more field',
    desired: () => configMap(),
    change: (live) => api.apply({ ...strip(live), data: { ...live.data, a: '5', z: '26' } }, 'kubectl'),
    fields: ['drift changed data.a 1 > 5 by kubectl', 'reclaimed added data.z - > 26 by kubectl'],
  },
  {
    title: 'a field of kubectl that another manager owns as well stays',
    desired: () => configMap(),
    change: async (live) => {
      await api.apply({ ...strip(live), data: { z: '26' } }, 'kubectl')
      await api.apply({ ...strip(live), data: { z: '26' } }, 'operator')
    },
    fields: [
      'record added metadata.managedFields[kubectl] - > data.z, metadata.labels[kustomize.toolkit.fluxcd.io/name], metadata.labels[kustomize.toolkit.fluxcd.io/namespace] by kubectl',
      'notOwned added data.z - > 26 by operator',
    ],
    action: 'configured',
  },
  {
    title: 'ssa: Merge keeps what kubectl added',
    desired: () => configMap(undefined, { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'merge' } }),
    change: (live) => api.patch(live, { data: { a: '9', c: '3' } }, 'kubectl-edit'),
    fields: ['drift changed data.a 1 > 9 by kubectl-edit', 'notOwned added data.c - > 3 by kubectl-edit'],
  },
  {
    title: 'ssa: Ignore on the live object skips it',
    desired: () => configMap(),
    change: (live) =>
      api.patch(
        live,
        { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' } }, data: { a: '9' } },
        'x',
      ),
    fields: [],
    action: 'skipped',
    isOracleOff: true,
  },
  {
    title: 'ssa: IfNotPresent skips what is there',
    desired: () => configMap(undefined, { labels: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } }),
    change: (live) => api.patch(live, { data: { a: '9' } }, 'x'),
    fields: [],
    action: 'skipped',
    isOracleOff: true,
  },
  {
    title: 'an overridden manager is taken over',
    desired: () => configMap(),
    change: (live) => api.patch(live, { data: { c: '3' } }, 'argocd-controller'),
    fields: ['reclaimed added data.c - > 3 by argocd-controller'],
    set: { overrideManagers: ['argocd'] },
  },
  {
    title: 'ignored by a rule with a target',
    desired: () => deployment(),
    change: (live) => api.patch(live, { spec: { replicas: 5, paused: true } }, 'scaler'),
    fields: ['ignored changed spec.replicas 2 > 5 by scaler', 'notOwned added spec.paused - > true by scaler'],
    set: { ignoreRules: [{ paths: ['/spec/replicas'], target: { kind: 'Deploy.*', group: 'apps' } }] },
    action: 'unchanged',
    isOracleOff: true,
  },
  {
    title: 'ignored by an index into a list',
    desired: () => deployment(),
    change: (live) =>
      api.json(live, [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'web:2' }], 'updater'),
    fields: ['ignored changed spec.template.spec.containers[web].image web:1 > web:2 by updater'],
    set: { ignoreRules: [{ paths: ['/spec/template/spec/containers/0/image'], target: null }] },
    action: 'unchanged',
    isOracleOff: true,
  },
  {
    title: 'of two rules without target only the last holds',
    desired: () => configMap(),
    change: (live) => api.patch(live, { data: { a: '8', b: '9' } }, 'x'),
    fields: ['drift changed data.a 1 > 8 by x', 'ignored changed data.b 2 > 9 by x'],
    set: {
      ignoreRules: [
        { paths: ['/data/a'], target: null },
        { paths: ['/data/b'], target: null },
      ],
    },
    isOracleOff: true,
  },
  {
    title: 'service port renamed',
    desired: () => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(),
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
    }),
    change: (live) =>
      api.json(live, [{ op: 'replace', path: '/spec/ports/0/targetPort', value: 9090 }], 'kubectl-edit'),
    fields: ['drift changed spec.ports[80/TCP].targetPort 8080 > 9090 by kubectl-edit'],
  },
  {
    title: 'ingress host changed in an atomic list',
    desired: () => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: metadata(),
      spec: {
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      },
    }),
    change: (live) =>
      api.json(live, [{ op: 'replace', path: '/spec/rules/0/host', value: 'b.example.com' }], 'kubectl-edit'),
    fields: ['drift changed spec.rules[0].host a.example.com > b.example.com by kubectl-edit'],
  },
  {
    title: 'a Secret says no value',
    desired: () => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(),
      type: 'Opaque',
      data: { password: 'aHVudGVyMg==', user: 'bWU=' },
    }),
    change: (live) => api.patch(live, { data: { password: 'aHVudGVyMw==', token: 'YWJj' } }, 'kubectl-edit'),
    fields: [
      'drift changed data.password ••• (7 bytes) > ••• (7 bytes) by kubectl-edit',
      'reclaimed added data.token - > ••• (3 bytes) by kubectl-edit',
    ],
  },
  {
    title: 'role rules replaced',
    desired: () => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata(),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    change: (live) =>
      api.json(live, [{ op: 'replace', path: '/rules/0/verbs', value: ['get', 'list'] }], 'kubectl-edit'),
    fields: ['drift changed rules[0].verbs ["get"] > ["get","list"] by kubectl-edit'],
    risk: 'medium changes permissions',
  },
  {
    title: 'autoscaler with two metrics, one edited',
    desired: () => ({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata(),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 9,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    }),
    change: (live) => api.patch(live, { spec: { minReplicas: 3 } }, 'kubectl-edit'),
    fields: ['drift changed spec.minReplicas 2 > 3 by kubectl-edit'],
    risk: 'medium minReplicas',
  },
  {
    title: 'finalizers and owners are no drift',
    desired: () => configMap(),
    change: (live) => api.patch(live, { metadata: { finalizers: ['example.com/keep'] } }, 'operator'),
    fields: [],
    action: 'unchanged',
  },
]

function strip(live: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = live.metadata
  const { status: _status, ...rest } = live
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}

describe('one object, changed by somebody', () => {
  it.each(cases)('$title', async ({ desired: make, change, fields, action = 'configured', set, isOracleOff, risk }) => {
    const desired = make()
    const applied = await api.reconcile(desired)
    await change(applied)
    const before = await api.get(desired)
    const result = await api.compare([desired], set)
    const compared = result.objects[0]!
    expect({ action: compared.action, fields: compared.fields.map(fieldLine).sort() }).toEqual({
      action,
      fields: [...fields].sort(),
    })
    expect(JSON.stringify(compared.fields)).not.toMatch(/aHVudGVy|hunter/)
    if (risk !== undefined) expect(`${compared.risk.level} ${compared.risk.text}`).toBe(risk)
    expect((await api.get(desired))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
    if (isOracleOff === true) return
    const after = await api.reconcile(desired, set)
    if (desired.kind !== 'Secret') expect(areSame(after, compared.wouldBe!)).toBe(true)
    expect(after.metadata.resourceVersion !== before?.metadata.resourceVersion).toBe(action === 'configured')
    const settled = await api.compare([desired], set)
    expect(settled.objects[0]!.action).toBe('unchanged')
  })

  it('leaves ignored fields as they are when something else is set back', async () => {
    const desired = deployment()
    const live = await api.reconcile(desired)
    await api.patch(live, { spec: { replicas: 5, minReadySeconds: 7 } }, 'kubectl-edit')
    const ignoreRules = [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }]
    const compared = (await api.compare([desired], { ignoreRules })).objects[0]!
    expect(compared.fields.map(fieldLine)).toEqual([
      'reclaimed added spec.minReadySeconds - > 7 by kubectl-edit',
      'ignored changed spec.replicas 2 > 5 by kubectl-edit',
    ])
    expect(compared.wouldBe).toMatchObject({ spec: { replicas: 5 } })
  })

  it('refuses, as the controller does, to leave out what Git has no more', async () => {
    const first = deployment()
    const live = await api.reconcile(first)
    const { replicas: _gone, ...spec } = first.spec!
    const desired = { ...first, spec }
    const ignoreRules = [{ paths: ['/spec/replicas'], target: { kind: 'Deployment' } }]
    const calm = (await api.compare([desired], { ignoreRules })).objects[0]!
    expect([calm.action, ...calm.fields.map(fieldLine)]).toEqual([
      'unchanged',
      'ignored changed spec.replicas 1 > 2 by kustomize-controller',
    ])
    await api.patch(live, { metadata: { labels: { a: 'b' } } }, 'kubectl-label')
    const compared = (await api.compare([desired], { ignoreRules })).objects[0]!
    expect([compared.action, compared.problem?.detail]).toEqual([
      'refused',
      'replace operation does not apply: doc is missing key: /spec/replicas: missing value',
    ])
  })

  it('says by structure nearly the same', async () => {
    const differing: string[] = []
    for (const { title, desired: make, change, fields, set, action = 'configured' } of cases) {
      const desired = make()
      const applied = await api.reconcile(desired)
      await change(applied)
      const compared = (await api.compare([desired], set, { mayDryRun: false })).objects[0]!
      const lines = compared.fields.map(fieldLine).sort()
      if (JSON.stringify(lines) !== JSON.stringify([...fields].sort()) || compared.action !== action)
        differing.push(`${title}: ${compared.action} ${lines.join(' | ')}`)
    }
    // Defaults that come back are not known without asking.
    expect(differing.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'replicas not in Git, set by kubectl edit',
      'a struct that only kubectl set goes whole',
      'strategy changed where Git has none',
    ])
  })
})

describe('a set', () => {
  it('counts on namespaces and kinds that it creates itself', async () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    properties: { size: { type: 'integer', default: 3 }, color: { type: 'string' } },
                  },
                },
              },
            },
          },
        ],
      },
    } as unknown as KubeObject
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fresh' } }
    const inside = configMap({ a: '1' }, { namespace: 'fresh' })
    const widget = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
      spec: { color: 'red' },
    }
    const lost = configMap({ a: '1' }, { namespace: 'nowhere' })
    const first = await api.compare([inside, widget, namespace, crd, lost])
    expect(first.objects.map((object) => `${object.kind} ${object.action} ${object.problem?.code ?? ''}`)).toEqual([
      'ConfigMap created ',
      'Widget created ',
      'Namespace created ',
      'CustomResourceDefinition created ',
      'ConfigMap refused NotFound',
    ])
    expect(first.dryRuns).toBe(3)
    await testCluster.applyObjects([crd])
    await api.apply(namespace, 'kustomize-controller')
    const second = await api.compare([inside, widget, namespace])
    expect(second.objects.map((object) => object.action)).toEqual(['created', 'created', 'unchanged'])
    await api.apply(widget, 'kustomize-controller')
    expect((await api.compare([widget])).objects[0]).toMatchObject({ action: 'unchanged', fields: [] })
    const live = (await api.get(widget))!
    await api.patch(live, { spec: { size: 7 } }, 'kubectl-edit')
    expect((await api.compare([widget])).objects[0]!.fields.map(fieldLine)).toEqual([
      'reclaimed changed spec.size 3 > 7 by kubectl-edit',
    ])
  })

  it('tells refused from recreated', async () => {
    const desired = deployment()
    await api.reconcile(desired)
    const labels = { app: 'web', tier: 'x' }
    const other = deployment((spec) => {
      spec['selector'] = { matchLabels: labels }
      spec['template'] = { ...(spec['template'] as object), metadata: { labels } }
    })
    const changed = { ...other, metadata: desired.metadata }
    const refused = (await api.compare([changed])).objects[0]!
    expect(refused.action).toBe('refused')
    expect(refused.problem?.code).toBe('Invalid')
    expect(refused.problem?.detail).toMatch(/field is immutable/)
    expect(refused.fields.map((field) => field.path)).toContain('spec.selector.matchLabels.tier')
    const forced = (await api.compare([changed], { isForced: true })).objects[0]!
    expect(forced).toMatchObject({ action: 'recreated', problem: null, risk: { level: 'high' } })
    const annotated = {
      ...changed,
      metadata: { ...changed.metadata, annotations: { 'kustomize.toolkit.fluxcd.io/force': 'Enabled' } },
    }
    expect((await api.compare([annotated])).objects[0]!.action).toBe('recreated')
  })

  it('prunes only what carries the labels of its owner', async () => {
    const own = configMap()
    const kept = configMap(undefined, {
      labels: { ...own.metadata.labels, 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    })
    const foreign = configMap(undefined, { labels: {} })
    for (const object of [own, kept, foreign]) await api.apply(object, 'kustomize-controller')
    const stale = [own, kept, foreign, configMap()].map(({ metadata: { name } }) => ({
      group: '',
      version: 'v1',
      kind: 'ConfigMap',
      namespace: 'default',
      name,
    }))
    const result = await api.compare([], { stale })
    expect(result.objects.map((object) => [object.name, object.action])).toEqual([
      [own.metadata.name, 'pruned'],
      [kept.metadata.name, 'skipped'],
    ])
  })

  it('leaves what moves under it', async () => {
    const desired = configMap()
    await api.reconcile(desired)
    const old = (await api.get(desired))!
    let turn = 0
    const write = async (): Promise<{ object: KubeObject | null }> => {
      const object = await api.get(desired)
      turn += 1
      await api.patch(old, { data: { a: String(turn) } }, 'busy')
      return { object }
    }
    await api.patch(old, { data: { a: 'x' } }, 'busy')
    const once = await api.compare(
      [desired],
      {},
      {
        live: {
          read: () => Promise.resolve({ object: old }),
          readFresh: async () => ({ object: await api.get(desired) }),
        },
      },
    )
    expect(once.objects[0]!.fields.map(fieldLine)).toEqual(['drift changed data.a 1 > x by busy'])
    expect(once.dryRuns).toBe(2)
    const always = await api.compare([desired], {}, { live: { read: write, readFresh: write } })
    expect(always.objects[0]!.action).toBe('moving')
  })

  it('sends nothing for what is still known', async () => {
    const desired = configMap()
    await api.reconcile(desired)
    const { objects } = await api.compare([desired])
    const again = await api.compare([desired], {}, { reuse: () => objects[0]! })
    expect(again.dryRuns).toBe(0)
    expect(again.objects[0]).toBe(objects[0])
    expect(objectPath(desired)).toContain(desired.metadata.name)
  })
})
