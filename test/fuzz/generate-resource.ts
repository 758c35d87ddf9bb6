/** Objects of the kinds that kustomize knows something about, naming each other as real manifests do. */
import type { Chance } from './random.ts'
import type { Value } from './print-yaml.ts'
import { Raw } from './print-yaml.ts'

export type Obj = { [key: string]: Value }

export interface Known {
  readonly kind: string
  readonly apiVersion: string
  readonly name: string
  readonly namespace: string
  readonly object: Obj
}

export const names = ['app', 'web', 'db', 'cache', 'api-server', 'my.app', 'job1', 'settings']
export const namespaces = ['default', 'prod', 'dev', 'kube-system']
export const imageNames = ['nginx', 'busybox', 'ghcr.io/acme/app', 'registry.local:5000/team/web', 'alpine']
const words = [
  'alpha',
  'beta',
  'gamma',
  'blue',
  'green',
  'on',
  'true',
  '8080',
  '0777',
  '1e3',
  'a b',
  'x: y',
  '*',
  '-',
  '',
]

const oddScalars = [
  'yes',
  'no',
  'on',
  'off',
  'y',
  'n',
  'Y',
  'True',
  'FALSE',
  '~',
  'null',
  'Null',
  '0777',
  '0o17',
  '0b11',
  '0x1F',
  '0X1F',
  '1_000',
  '+1',
  '-0',
  '00',
  '1e3',
  '1E+3',
  '1.0',
  '.5',
  '5.',
  '-.5',
  '1.2345678901234567890',
  '123456789012345678901234567890',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '-9223372036854775808',
  '-9223372036854775809',
  '2001-01-01',
  '2001-01-01T00:00:00Z',
  '2001-12-14t21:59:43.10-05:00',
  '2001-12-14 21:59:43.10 -5',
  '2001-1-1',
  '1:20',
  '190:20:30',
  '0.1',
  '1e21',
  '1e-7',
  '123456789.123',
  '=',
  '<<',
  "''",
  '""',
  "'0'",
  '"1"',
  '!!str 5',
  '!!str true',
  '!!int "3"',
  '!!float 1',
  '"a\\tb"',
  '"\\u2028"',
  '"\\U0001F600"',
  'é',
  '日本語',
  "'it''s'",
  '"line\\nbreak"',
  '-a',
  ':a',
  'a:b',
  'a#b',
  '?x',
  '"#x"',
  '@home'.replace('@', '"@') + '"',
  '"%x"',
  '"&a"',
  '"*a"',
  '"!a"',
  '"|"',
  '">"',
  '"`"',
  '" lead"',
  '"trail "',
  '"\\r\\n"',
  '"\\0"',
  '"\\x7f"',
  '"\\u00a0"',
  '"\\ufeff"',
  '{}',
  '[]',
  'a\\b',
  '"a\\\\b"',
]

const longTexts = [
  'the quick brown fox jumps over the lazy dog and then goes on to jump over many other animals which sleep in the sun',
  'http://example.com/a/very/long/path/without/any/space/at/all/so/that/nothing/can/be/folded/anywhere/in/it',
  '#!/bin/sh\nset -e\nif [ -f /etc/x ]; then\n\techo "tab and \'quotes\'"\nfi\n',
  'one\ntwo\n\nthree',
  'ends\n\n\n',
  '  starts with space\nand goes on\n',
  'a\n b\n  c\n',
  '\nleading newline',
  'trailing space \nnext',
  '\ttab first\nx',
  'key: value\nlist:\n- a\n- b\n',
  '{"a": 1, "b": [true, null]}',
  "it's a long line with 'quotes' in it and a colon: here, plus enough words to pass eighty columns for sure",
  'word '.repeat(30),
  'x'.repeat(120),
  'ünïcödé wörds äre läid öut in ä löng line so that columns and bytes differ from each other, yes',
]

export function randomText(chance: Chance): string {
  return chance.is(0.15) ? chance.pick(longTexts) : chance.pick(words)
}

export function oddScalar(chance: Chance): Raw {
  return new Raw(chance.pick(oddScalars))
}

function labelsFor(chance: Chance, name: string): Obj {
  const labels: Obj = { app: name }
  if (chance.is(0.3)) labels['tier'] = chance.pick(['front', 'back', 'env-name'])
  if (chance.is(0.1)) labels['app.kubernetes.io/name'] = name
  return labels
}

function metadata(chance: Chance, name: string, namespace: string): Obj {
  const meta: Obj = { name }
  if (namespace !== '') meta['namespace'] = namespace
  if (chance.is(0.5)) meta['labels'] = labelsFor(chance, name)
  if (chance.is(0.25)) {
    const annotations: Obj = {}
    for (let i = chance.between(0, 3); i > 0; i--)
      annotations[chance.pick(['note', 'example.com/a', 'a2', 'a10', 'Zed', '_u'])] = randomText(chance)
    meta['annotations'] = annotations
  }
  if (chance.is(0.02)) meta['creationTimestamp'] = null
  return meta
}

function container(chance: Chance, name: string): Obj {
  const result: Obj = { name, image: image(chance) }
  if (chance.is(0.4))
    result['ports'] = [80, 443, 53].slice(0, chance.between(1, 3)).map((port): Obj => ({
      containerPort: port,
      ...(chance.is(0.5) ? { protocol: chance.pick(['TCP', 'UDP']) } : {}),
      ...(chance.is(0.3) ? { name: `p${port}` } : {}),
    }))
  if (chance.is(0.5)) {
    const env: Value[] = []
    for (const key of chance.some(['A', 'B', 'HOST', 'TOKEN', 'B2', 'B10'], chance.between(1, 4)))
      env.push(envEntry(chance, key))
    result['env'] = env
  }
  if (chance.is(0.3))
    result['envFrom'] = [
      chance.is(0.5) ? { configMapRef: { name: chance.pick(names) } } : { secretRef: { name: chance.pick(names) } },
    ]
  if (chance.is(0.2)) result['command'] = ['sh', '-c', randomText(chance)]
  if (chance.is(0.2))
    result['args'] = [`--flag=${chance.pick(words)}`, '$(VAR1)', 'x$(VAR2)y', '$$(VAR1)'].slice(0, chance.between(1, 4))
  if (chance.is(0.2))
    result['resources'] = { limits: { cpu: chance.pick(['100m', '1', new Raw('1'), new Raw('0.5')]), memory: '64Mi' } }
  if (chance.is(0.25))
    result['volumeMounts'] = [
      { name: 'data', mountPath: '/data' },
      { name: 'conf', mountPath: '/conf', readOnly: true },
    ].slice(0, chance.between(1, 2))
  if (chance.is(0.1))
    result['livenessProbe'] = {
      httpGet: { path: '/healthz', port: chance.pick<Value>([80, 'http']) },
      periodSeconds: 10,
    }
  return result
}

function envEntry(chance: Chance, name: string): Obj {
  const kind = chance.int(6)
  if (kind === 0) return { name, valueFrom: { configMapKeyRef: { name: chance.pick(names), key: 'key' } } }
  if (kind === 1) return { name, valueFrom: { secretKeyRef: { name: chance.pick(names), key: 'key' } } }
  if (kind === 2) return { name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
  if (kind === 3) return { name, value: chance.pick(['$(VAR1)', 'http://$(VAR2):80', '$(NOPE)', '$$(VAR1)', '$(A)']) }
  return { name, value: chance.pick<Value>(['x', 'true', '8080', '', 'a b', randomText(chance)]) }
}

export function image(chance: Chance): string {
  const base = chance.pick(imageNames)
  return (
    base +
    chance.pick([
      '',
      ':1.25',
      ':latest',
      ':v1.2.3',
      '@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3',
      ':1.0@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3',
    ])
  )
}

export function podSpec(chance: Chance): Obj {
  const containerNames = chance.some(['main', 'side', 'proxy'], chance.between(1, 3))
  const spec: Obj = { containers: containerNames.map((name) => container(chance, name)) }
  if (chance.is(0.2)) spec['initContainers'] = [container(chance, 'init')]
  if (chance.is(0.3)) spec['serviceAccountName'] = chance.pick(names)
  if (chance.is(0.15)) spec['imagePullSecrets'] = [{ name: chance.pick(names) }]
  if (chance.is(0.4)) {
    const volumes: Value[] = [{ name: 'data', emptyDir: {} }]
    if (chance.is(0.6))
      volumes.push({
        name: 'conf',
        configMap: { name: chance.pick(names), ...(chance.is(0.3) ? { items: [{ key: 'key', path: 'k' }] } : {}) },
      })
    if (chance.is(0.4)) volumes.push({ name: 'sec', secret: { secretName: chance.pick(names) } })
    if (chance.is(0.3)) volumes.push({ name: 'pvc', persistentVolumeClaim: { claimName: chance.pick(names) } })
    if (chance.is(0.2))
      volumes.push({
        name: 'proj',
        projected: { sources: [{ configMap: { name: chance.pick(names) } }, { secret: { name: chance.pick(names) } }] },
      })
    spec['volumes'] = volumes
  }
  if (chance.is(0.1)) spec['nodeSelector'] = { disk: 'ssd' }
  if (chance.is(0.1))
    spec['tolerations'] = [
      { key: 'a', operator: 'Exists' },
      { key: 'b', effect: 'NoSchedule' },
    ]
  if (chance.is(0.1)) spec['hostAliases'] = [{ ip: '127.0.0.1', hostnames: ['a', 'b'] }]
  if (chance.is(0.1))
    spec['affinity'] = {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' } },
        ],
      },
    }
  return spec
}

function template(chance: Chance, name: string): Obj {
  return {
    metadata: {
      labels: labelsFor(chance, name),
      ...(chance.is(0.2) ? { annotations: { note: randomText(chance) } } : {}),
    },
    spec: podSpec(chance),
  }
}

type Make = (chance: Chance, name: string) => Obj

interface KindOf {
  readonly kind: string
  readonly apiVersion: string
  readonly isCluster?: boolean
  readonly weight?: number
  readonly make: Make
}

const rules: Make = (chance) => ({
  rules: [
    {
      apiGroups: [''],
      resources: ['pods'],
      verbs: ['get'],
      ...(chance.is(0.4) ? { resourceNames: [chance.pick(names)] } : {}),
    },
  ],
})

const binding =
  (isCluster: boolean): Make =>
  (chance) => ({
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: isCluster || chance.is(0.3) ? 'ClusterRole' : 'Role',
      name: chance.pick(names),
    },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: chance.is(0.3) ? 'default' : chance.pick(names),
        ...(chance.is(0.7) ? { namespace: chance.pick(namespaces) } : {}),
      },
      ...(chance.is(0.2) ? [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }] : []),
    ],
  })

const webhook: Make = (chance, name) => ({
  webhooks: [
    {
      name: `${name}.example.com`,
      clientConfig: { service: { name: chance.pick(names), namespace: chance.pick(namespaces), path: '/x' } },
      rules: [],
    },
  ],
})

const workload = (chance: Chance, name: string): Obj => ({
  ...(chance.is(0.6) ? { replicas: chance.between(0, 5) } : {}),
  selector: { matchLabels: { app: name } },
  template: template(chance, name),
})

const kinds: readonly KindOf[] = [
  {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    weight: 8,
    make: (chance, name) => ({
      spec: { ...workload(chance, name), ...(chance.is(0.1) ? { strategy: { type: 'Recreate' } } : {}) },
    }),
  },
  {
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    weight: 3,
    make: (chance, name) => ({
      spec: {
        ...workload(chance, name),
        serviceName: chance.pick(names),
        ...(chance.is(0.4)
          ? {
              volumeClaimTemplates: [
                { metadata: { name: 'data' }, spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'] } },
              ],
            }
          : {}),
      },
    }),
  },
  {
    kind: 'DaemonSet',
    apiVersion: 'apps/v1',
    make: (chance, name) => ({ spec: { selector: { matchLabels: { app: name } }, template: template(chance, name) } }),
  },
  { kind: 'ReplicaSet', apiVersion: 'apps/v1', make: (chance, name) => ({ spec: workload(chance, name) }) },
  {
    kind: 'Job',
    apiVersion: 'batch/v1',
    make: (chance, name) => ({ spec: { backoffLimit: 2, template: template(chance, name) } }),
  },
  {
    kind: 'CronJob',
    apiVersion: 'batch/v1',
    make: (chance, name) => ({
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template(chance, name) } } },
    }),
  },
  {
    kind: 'CronJob',
    apiVersion: 'batch/v1beta1',
    make: (chance, name) => ({
      spec: { schedule: '@daily', jobTemplate: { spec: { template: template(chance, name) } } },
    }),
  },
  { kind: 'Pod', apiVersion: 'v1', weight: 2, make: (chance) => ({ spec: podSpec(chance) }) },
  {
    kind: 'Service',
    apiVersion: 'v1',
    weight: 6,
    make: (chance, name) => ({
      spec: {
        ...(chance.is(0.8) ? { selector: labelsFor(chance, name) } : {}),
        ports: [
          {
            port: 80,
            targetPort: chance.pick<Value>([8080, 'http']),
            ...(chance.is(0.4) ? { name: 'http', protocol: 'TCP' } : {}),
          },
          ...(chance.is(0.3) ? [{ port: 443, name: 'https' }] : []),
        ],
        ...(chance.is(0.1) ? { type: 'LoadBalancer' } : {}),
      },
    }),
  },
  { kind: 'ConfigMap', apiVersion: 'v1', weight: 8, make: (chance) => ({ data: dataOf(chance) }) },
  {
    kind: 'Secret',
    apiVersion: 'v1',
    weight: 4,
    make: (chance) => (chance.is(0.4) ? { stringData: dataOf(chance) } : { type: 'Opaque', data: { key: 'dmFsdWU=' } }),
  },
  {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    weight: 4,
    make: (chance) => ({
      ...(chance.is(0.3)
        ? { secrets: [{ name: chance.pick(names) }], imagePullSecrets: [{ name: chance.pick(names) }] }
        : {}),
    }),
  },
  {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    weight: 2,
    make: (chance) => ({
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        ...(chance.is(0.5) ? { volumeName: chance.pick(names), storageClassName: chance.pick(names) } : {}),
      },
    }),
  },
  {
    kind: 'PersistentVolume',
    apiVersion: 'v1',
    isCluster: true,
    make: (chance) => ({
      spec: {
        capacity: { storage: '1Gi' },
        storageClassName: chance.pick(names),
        claimRef: { name: chance.pick(names), namespace: chance.pick(namespaces) },
      },
    }),
  },
  { kind: 'Namespace', apiVersion: 'v1', isCluster: true, weight: 2, make: () => ({}) },
  { kind: 'Role', apiVersion: 'rbac.authorization.k8s.io/v1', weight: 2, make: rules },
  {
    kind: 'ClusterRole',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    isCluster: true,
    weight: 2,
    make: (chance, name) => ({
      ...rules(chance, name),
      ...(chance.is(0.3) ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } } : {}),
    }),
  },
  { kind: 'RoleBinding', apiVersion: 'rbac.authorization.k8s.io/v1', weight: 3, make: binding(false) },
  {
    kind: 'ClusterRoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    isCluster: true,
    weight: 3,
    make: binding(true),
  },
  {
    kind: 'Ingress',
    apiVersion: 'networking.k8s.io/v1',
    weight: 2,
    make: (chance) => ({
      spec: {
        ...(chance.is(0.3)
          ? {
              ingressClassName: chance.pick(names),
              defaultBackend: { service: { name: chance.pick(names), port: { number: 80 } } },
            }
          : {}),
        tls: [{ hosts: ['a.example.com'], secretName: chance.pick(names) }],
        rules: [
          {
            host: 'a.example.com',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: chance.pick(names), port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    }),
  },
  {
    kind: 'Ingress',
    apiVersion: 'extensions/v1beta1',
    make: (chance) => ({
      spec: {
        backend: { serviceName: chance.pick(names), servicePort: 80 },
        rules: [{ http: { paths: [{ backend: { serviceName: chance.pick(names), servicePort: 80 } }] } }],
      },
    }),
  },
  {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    weight: 2,
    make: (chance) => ({
      spec: {
        scaleTargetRef: {
          apiVersion: 'apps/v1',
          kind: chance.pick(['Deployment', 'StatefulSet']),
          name: chance.pick(names),
        },
        minReplicas: 1,
        maxReplicas: 3,
      },
    }),
  },
  {
    kind: 'NetworkPolicy',
    apiVersion: 'networking.k8s.io/v1',
    make: (_, name) => ({
      spec: {
        podSelector: { matchLabels: { app: name } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: name } } }] }],
        egress: [{ to: [{ podSelector: { matchLabels: { app: name } } }] }],
      },
    }),
  },
  {
    kind: 'PodDisruptionBudget',
    apiVersion: 'policy/v1',
    make: (_, name) => ({ spec: { minAvailable: 1, selector: { matchLabels: { app: name } } } }),
  },
  {
    kind: 'StorageClass',
    apiVersion: 'storage.k8s.io/v1',
    isCluster: true,
    make: () => ({ provisioner: 'example.com/x' }),
  },
  { kind: 'PriorityClass', apiVersion: 'scheduling.k8s.io/v1', isCluster: true, make: () => ({ value: 1000 }) },
  {
    kind: 'MutatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    isCluster: true,
    make: webhook,
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    isCluster: true,
    make: webhook,
  },
  {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    isCluster: true,
    make: (chance) => ({
      spec: { group: 'x', version: 'v1', service: { name: chance.pick(names), namespace: chance.pick(namespaces) } },
    }),
  },
  {
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    isCluster: true,
    make: (chance) => ({
      spec: {
        group: 'example.com',
        names: { kind: 'Widget', plural: 'widgets' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { containers: { type: 'array', items: { type: 'string' } } } },
                },
              },
            },
          },
        ],
        ...(chance.is(0.4)
          ? {
              conversion: {
                strategy: 'Webhook',
                webhook: {
                  clientConfig: { service: { name: chance.pick(names), namespace: chance.pick(namespaces) } },
                },
              },
            }
          : {}),
      },
    }),
  },
  {
    kind: 'Widget',
    apiVersion: 'example.com/v1',
    weight: 4,
    make: (chance) => ({
      spec: {
        size: chance.between(1, 5),
        list: ['a', 'b'],
        nested: {
          image: image(chance),
          name: chance.pick(names),
          items: [
            { name: 'x', value: 1 },
            { name: 'y', value: randomText(chance) },
          ],
        },
        ...(chance.is(0.4) ? { containers: [{ name: 'c', image: image(chance) }] } : {}),
      },
    }),
  },
  {
    kind: 'HelmRelease',
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    make: (chance) => ({
      spec: {
        interval: '1h',
        chartRef: { kind: 'OCIRepository', name: chance.pick(names) },
        values: { image: { repository: 'nginx', tag: 'x' }, replicas: 2, list: [1, 2], text: randomText(chance) },
      },
    }),
  },
  {
    kind: 'Kustomization',
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    make: (chance) => ({
      spec: {
        interval: '1h',
        path: './x',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: chance.pick(names) },
        postBuild: { substitute: { A: 'b' } },
      },
    }),
  },
]

const weighted = kinds.flatMap((kind) => Array<KindOf>(kind.weight ?? 1).fill(kind))

function dataOf(chance: Chance): Obj {
  const data: Obj = {}
  for (const key of chance.some(
    ['key', 'config.yaml', 'HOST', 'a2', 'a10', '_u', 'Zed', 'on', 'n', '0123', 'script.sh'],
    chance.between(1, 4),
  ))
    data[key] = chance.is(0.08) ? oddScalar(chance) : randomText(chance)
  if (chance.is(0.1))
    data['config.json'] = '{"replicas": 3, "image": "nginx:1", "nested": {"list": [{"name": "x", "v": "y"}]}}'
  return data
}

/** An object of a random kind. */
export function randomObject(chance: Chance): Known {
  const { kind, apiVersion, isCluster = false, make } = chance.pick(weighted)
  const name = chance.pick(names)
  const namespace = isCluster
    ? chance.is(0.03)
      ? chance.pick(namespaces)
      : ''
    : chance.is(0.35)
      ? chance.pick(namespaces)
      : ''
  const object: Obj = { apiVersion, kind, metadata: metadata(chance, name, namespace), ...make(chance, name) }
  if (chance.is(0.05)) sprinkle(object, chance)
  const entries = Object.entries(object)
  return {
    kind,
    apiVersion,
    name,
    namespace,
    object: chance.is(0.1) ? Object.fromEntries(chance.shuffle(entries)) : object,
  }
}

/** Puts odd scalars and odd fields into places that no transformer expects them in. */
function sprinkle(object: Obj, chance: Chance): void {
  const where = (object['spec'] ?? object['data'] ?? object) as Obj
  if (typeof where !== 'object' || Array.isArray(where)) return
  const odd: readonly (() => void)[] = [
    () => (where[chance.pick(['odd', 'extra'])] = oddScalar(chance)),
    () => (where['null-field'] = null),
    () => (where['empty'] = {}),
    () => (where['emptyList'] = []),
    () => (where['__proto__x'] = { constructor: 'x', prototype: 1 }),
    () => (where['mixed'] = [1, 'two', { three: 3 }, [4, [5]], null]),
    () =>
      (where['floats'] = [
        new Raw('1.0'),
        new Raw('1e3'),
        new Raw('0.1'),
        new Raw('1e21'),
        new Raw('100000000000000000000'),
      ]),
  ]
  chance.pick(odd)()
}
