/**
 * Changes that people and programs make to live objects, each with what has to be reported of it. What is expected is written down beside the
 * change, by hand: nothing of the product is asked.
 */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- manifests are reached into as the JSON that they are */
import type { Manifest } from './truth-manifests.ts'
import type { Chance } from './random.ts'

/** Managers whose additions the controller takes back: flux-semantics §2.9. */
export const kubectlManagers = ['kubectl-edit', 'kubectl-set', 'kubectl-patch', 'kubectl'] as const
/** Managers whose additions stay. */
export const otherManagers = ['own-controller', 'injector', 'rancher', 'Mozilla'] as const

export interface Expected {
  readonly path: string
  readonly change: 'changed' | 'removed' | 'added'
  readonly verdict: 'drift' | 'reclaimed' | 'record' | 'notOwned'
}

/** How a change reaches the API server. */
export type Act =
  | { readonly how: 'update'; readonly manager: string; readonly change: (object: Manifest) => void }
  | { readonly how: 'apply'; readonly manager: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly how: 'scale'; readonly manager: string; readonly replicas: number }
  | { readonly how: 'status'; readonly manager: string; readonly status: unknown }
  | { readonly how: 'delete' }
  | { readonly how: 'recreate'; readonly manager: string; readonly change: (object: Manifest) => void }

export interface Mutation {
  readonly title: string
  readonly act: Act
  readonly expected: readonly Expected[]
  /** Paths that nothing else may touch in the same round, nor later where something stays. */
  readonly places: readonly string[]
  /** The object is missing. */
  readonly isDeleted?: boolean
}

interface Maker {
  readonly name: string
  /** Null where it does not fit the object. */
  make(object: Manifest, chance: Chance, number: number): Mutation | null
}

const other = (chance: Chance): string => chance.pick(otherManagers)
const anyone = (chance: Chance): string => chance.pick([...kubectlManagers, ...otherManagers])
const isKubectl = (manager: string): boolean => manager.startsWith('kubectl')

/** A field that Git has set to another value. */
function changed(title: string, path: string, manager: string, change: (object: Manifest) => void): Mutation {
  return {
    title: `${title} by ${manager}`,
    act: { how: 'update', manager, change },
    expected: [{ path, change: 'changed', verdict: 'drift' }],
    places: [path],
  }
}

function removed(title: string, path: string, manager: string, change: (object: Manifest) => void): Mutation {
  return {
    title: `${title} by ${manager}`,
    act: { how: 'update', manager, change },
    expected: [{ path, change: 'removed', verdict: 'drift' }],
    places: [path],
  }
}

/** A field that Git does not have: taken back from kubectl, left to others. */
function added(title: string, path: string, manager: string, change: (object: Manifest) => void): Mutation {
  return {
    title: `${title} by ${manager}`,
    act: { how: 'update', manager, change },
    expected: [{ path, change: 'added', verdict: isKubectl(manager) ? 'reclaimed' : 'notOwned' }],
    places: [path],
  }
}

/** A field that Git does not have and that has a default: kubectl's value goes back to the default, that of others stays. */
function overDefault(title: string, path: string, manager: string, change: (object: Manifest) => void): Mutation {
  return {
    title: `${title} by ${manager}`,
    act: { how: 'update', manager, change },
    expected: [
      isKubectl(manager)
        ? { path, change: 'changed', verdict: 'reclaimed' }
        : { path, change: 'added', verdict: 'notOwned' },
    ],
    places: [path],
  }
}

const metadataOf = (object: Manifest): any => object.metadata
const container = (object: Manifest, name = 'main'): any =>
  object.spec.template.spec.containers.find((each: any) => each.name === name)
const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
const onWorkload =
  (make: (chance: Chance, number: number) => Mutation): Maker['make'] =>
  (object, chance, number) =>
    workloads.has(object.kind) ? make(chance, number) : null
const onKind =
  (kind: string, make: (chance: Chance, number: number, object: Manifest) => Mutation | null): Maker['make'] =>
  (object, chance, number) =>
    object.kind === kind ? make(chance, number, object) : null
const main = 'spec.template.spec.containers[main]'

/** Of every kind of object. */
const anyObject: readonly Maker[] = [
  {
    name: 'label added',
    make: (_, chance, number) =>
      added('label added', `metadata.labels.extra-${number}`, anyone(chance), (object) => {
        metadataOf(object).labels = { ...metadataOf(object).labels, [`extra-${number}`]: 'yes' }
      }),
  },
  {
    name: 'annotation added',
    make: (_, chance, number) =>
      added('annotation added', `metadata.annotations[example.com/extra-${number}]`, anyone(chance), (object) => {
        metadataOf(object).annotations = {
          ...metadataOf(object).annotations,
          [`example.com/extra-${number}`]: 'yes',
        }
      }),
  },
  {
    name: 'label changed',
    make: (object, chance, number) =>
      object.metadata.labels?.['tier'] === undefined
        ? null
        : changed('label changed', 'metadata.labels.tier', anyone(chance), (live) => {
            metadataOf(live).labels.tier = `front-${number}`
          }),
  },
  {
    name: 'label removed',
    make: (object, chance) =>
      object.metadata.labels?.['tier'] === undefined
        ? null
        : removed('label removed', 'metadata.labels.tier', anyone(chance), (live) => {
            delete metadataOf(live).labels.tier
          }),
  },
  {
    name: 'owner label removed',
    make: (_, chance) =>
      removed('owner label removed', 'metadata.labels[kustomize.toolkit.fluxcd.io/name]', anyone(chance), (live) => {
        delete metadataOf(live).labels['kustomize.toolkit.fluxcd.io/name']
      }),
  },
  {
    name: 'annotation changed',
    make: (object, chance, number) =>
      object.metadata.annotations?.['example.com/contact'] === undefined
        ? null
        : changed('annotation changed', 'metadata.annotations[example.com/contact]', anyone(chance), (live) => {
            metadataOf(live).annotations['example.com/contact'] = `somebody-${number}`
          }),
  },
  {
    name: 'kubectl apply',
    make: (object, _, number) => {
      if (object.metadata.annotations?.['example.com/contact'] === undefined) return null
      const lastApplied = 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]'
      const contact = 'metadata.annotations[example.com/contact]'
      return {
        title: 'kubectl apply by kubectl-client-side-apply',
        act: {
          how: 'update',
          manager: 'kubectl-client-side-apply',
          change: (live) => {
            metadataOf(live).annotations['kubectl.kubernetes.io/last-applied-configuration'] = `{"n":${number}}`
            metadataOf(live).annotations['example.com/contact'] = `applied-${number}`
          },
        },
        expected: [
          { path: lastApplied, change: 'added', verdict: 'reclaimed' },
          { path: contact, change: 'changed', verdict: 'drift' },
        ],
        places: [lastApplied, contact],
      }
    },
  },
  {
    name: 'label taken over by apply',
    make: (object, chance, number) => {
      if (object.metadata.labels?.['tier'] === undefined) return null
      const manager = chance.pick(['argocd-controller', 'platform', 'kubectl'])
      const extra = `metadata.labels.applied-${number}`
      return {
        title: `label taken over and one more applied by ${manager}`,
        act: {
          how: 'apply',
          manager,
          fields: { metadata: { labels: { tier: `taken-${number}`, [`applied-${number}`]: 'yes' } } },
        },
        expected: [
          { path: 'metadata.labels.tier', change: 'changed', verdict: 'drift' },
          { path: extra, change: 'added', verdict: isKubectl(manager) ? 'reclaimed' : 'notOwned' },
        ],
        places: ['metadata.labels.tier', extra, `apply by ${manager}`],
      }
    },
  },
  {
    name: 'co-owned by apply',
    make: (object, chance) => {
      const tier = object.metadata.labels?.['tier']
      if (tier === undefined) return null
      const manager = chance.pick(['argocd-controller', 'platform'])
      return {
        title: `same label applied by ${manager}`,
        act: { how: 'apply', manager, fields: { metadata: { labels: { tier } } } },
        expected: [],
        places: ['metadata.labels.tier', `apply by ${manager}`],
      }
    },
  },
  {
    name: 'finalizer and owner reference',
    make: (_, chance, number) => {
      const manager = anyone(chance)
      return {
        title: `owner reference added by ${manager}`,
        act: {
          how: 'update',
          manager,
          change: (live) => {
            metadataOf(live).ownerReferences = [
              {
                apiVersion: 'v1',
                kind: 'ConfigMap',
                name: `nobody-${number}`,
                uid: `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`,
              },
            ]
          },
        },
        // Neither is compared; kubectl's entry alone makes the controller take it over.
        expected: isKubectl(manager) ? [{ path: ownership(manager), change: 'added', verdict: 'record' }] : [],
        places: ['metadata.ownerReferences', ...(isKubectl(manager) ? ['alone'] : [])],
      }
    },
  },
]

function ownership(manager: string): string {
  return `metadata.managedFields[${manager}]`
}

const onData: readonly Maker[] = [
  {
    name: 'data changed',
    make: onKind('ConfigMap', (chance, number) =>
      changed('data changed', 'data.a', anyone(chance), (live) => {
        live.data.a = `changed ${number}`
      }),
    ),
  },
  {
    name: 'data added',
    make: onKind('ConfigMap', (chance, number) =>
      added('data added', `data.new-${number}`, anyone(chance), (live) => {
        live.data[`new-${number}`] = 'line\nline\n'
      }),
    ),
  },
  {
    name: 'data removed',
    make: onKind('ConfigMap', (chance) =>
      removed('data removed', 'data.b', anyone(chance), (live) => {
        delete live.data.b
      }),
    ),
  },
  {
    name: 'data taken over by apply, then left',
    make: onKind('ConfigMap', (chance, number) => {
      const manager = chance.pick(['platform', 'kubectl'])
      return {
        title: `data taken over by ${manager}`,
        act: { how: 'apply', manager, fields: { data: { a: `applied ${number}` } } },
        expected: [{ path: 'data.a', change: 'changed', verdict: 'drift' }],
        places: ['data.a', `apply by ${manager}`],
      }
    }),
  },
  {
    name: 'secret changed',
    make: onKind('Secret', (chance, number) =>
      changed('secret changed', 'data.password', anyone(chance), (live) => {
        live.data.password = Buffer.from(`other ${number}`).toString('base64')
      }),
    ),
  },
  {
    name: 'secret key added',
    make: onKind('Secret', (chance, number) =>
      added('secret key added', `data.key-${number}`, anyone(chance), (live) => {
        live.data[`key-${number}`] = Buffer.from('new').toString('base64')
      }),
    ),
  },
  {
    name: 'recreated by kubectl',
    make: onKind('ConfigMap', (_, number) => ({
      title: 'recreated without labels by kubectl-create',
      act: {
        how: 'recreate',
        manager: 'kubectl-create',
        change: (object) => {
          object.data.a = `anew ${number}`
        },
      },
      expected: [
        { path: 'metadata.labels[kustomize.toolkit.fluxcd.io/name]', change: 'removed', verdict: 'drift' },
        { path: 'metadata.labels[kustomize.toolkit.fluxcd.io/namespace]', change: 'removed', verdict: 'drift' },
        { path: 'data.a', change: 'changed', verdict: 'drift' },
      ],
      places: ['whole'],
    })),
  },
]

const onWorkloads: readonly Maker[] = [
  {
    name: 'image set',
    make: onWorkload((chance, number) =>
      changed('image set', `${main}.image`, anyone(chance), (live) => {
        container(live).image = `registry.invalid/other:${number}`
      }),
    ),
  },
  {
    name: 'environment variable added',
    make: onWorkload((chance, number) =>
      added('environment variable added', `${main}.env[EXTRA_${number}]`, anyone(chance), (live) => {
        container(live).env.push({ name: `EXTRA_${number}`, value: '1' })
      }),
    ),
  },
  {
    name: 'environment variable changed',
    make: onWorkload((chance, number) =>
      changed('environment variable changed', `${main}.env[FIRST].value`, anyone(chance), (live) => {
        container(live).env.find((each: any) => each.name === 'FIRST').value = `changed ${number}`
      }),
    ),
  },
  {
    name: 'environment variable removed',
    make: onWorkload((chance) =>
      removed('environment variable removed', `${main}.env[SECOND]`, anyone(chance), (live) => {
        container(live).env = container(live).env.filter((each: any) => each.name !== 'SECOND')
      }),
    ),
  },
  {
    name: 'container added',
    make: onWorkload((chance, number) =>
      added('container added', `spec.template.spec.containers[side-${number}]`, anyone(chance), (live) => {
        live.spec.template.spec.containers.push({ name: `side-${number}`, image: 'registry.invalid/side:1' })
      }),
    ),
  },
  {
    name: 'container removed',
    make: onWorkload((chance) =>
      removed('container removed', 'spec.template.spec.containers[helper]', anyone(chance), (live) => {
        const { spec } = live.spec.template
        spec.containers = spec.containers.filter((each: any) => each.name !== 'helper')
      }),
    ),
  },
  {
    name: 'command replaced',
    make: onWorkload((chance, number) =>
      changed('command replaced', 'spec.template.spec.containers[helper].command', anyone(chance), (live) => {
        container(live, 'helper').command = ['other', String(number)]
      }),
    ),
  },
  {
    name: 'arguments replaced',
    make: onWorkload((chance, number) =>
      changed('arguments replaced', `${main}.args`, anyone(chance), (live) => {
        container(live).args = ['--one', `--three=${number}`, '--four']
      }),
    ),
  },
  {
    name: 'port added',
    make: onWorkload((chance, number) =>
      added('port added', `${main}.ports[${10_000 + number}/TCP]`, anyone(chance), (live) => {
        container(live).ports.push({ containerPort: 10_000 + number, protocol: 'TCP' })
      }),
    ),
  },
  {
    name: 'port renamed',
    make: onWorkload((chance, number) =>
      changed('port renamed', `${main}.ports[8080/TCP].name`, anyone(chance), (live) => {
        container(live).ports.find((each: any) => each.containerPort === 8080).name = `p${number}`
      }),
    ),
  },
  {
    name: 'limit changed',
    make: onWorkload((chance, number) =>
      changed('limit changed', `${main}.resources.limits.memory`, anyone(chance), (live) => {
        container(live).resources.limits.memory = `${300 + number}Mi`
      }),
    ),
  },
  {
    name: 'limit added',
    make: onWorkload((chance, number) =>
      added('limit added', `${main}.resources.limits.cpu`, anyone(chance), (live) => {
        container(live).resources.limits.cpu = `${number + 200}m`
      }),
    ),
  },
  {
    name: 'volume and mount added',
    make: onWorkload((chance, number) => {
      const manager = anyone(chance)
      const verdict = isKubectl(manager) ? 'reclaimed' : 'notOwned'
      const paths = [`spec.template.spec.volumes[extra-${number}]`, `${main}.volumeMounts[/extra-${number}]`]
      return {
        title: `volume and mount added by ${manager}`,
        act: {
          how: 'update',
          manager,
          change: (live) => {
            live.spec.template.spec.volumes.push({ name: `extra-${number}`, emptyDir: {} })
            container(live).volumeMounts.push({ name: `extra-${number}`, mountPath: `/extra-${number}` })
          },
        },
        expected: paths.map((path) => ({ path, change: 'added', verdict })),
        places: paths,
      }
    }),
  },
  {
    name: 'mount changed',
    make: onWorkload((chance) =>
      added('mount made read-only', `${main}.volumeMounts[/config].readOnly`, anyone(chance), (live) => {
        container(live).volumeMounts.find((each: any) => each.mountPath === '/config').readOnly = true
      }),
    ),
  },
  {
    name: 'node selector added',
    make: onWorkload((chance, number) =>
      added('node selector added', 'spec.template.spec.nodeSelector', anyone(chance), (live) => {
        live.spec.template.spec.nodeSelector = { disk: `fast-${number}` }
      }),
    ),
  },
  {
    name: 'tolerations added',
    make: onWorkload((chance, number) =>
      added('tolerations added', 'spec.template.spec.tolerations', anyone(chance), (live) => {
        live.spec.template.spec.tolerations = [{ key: `k${number}`, operator: 'Exists' }]
      }),
    ),
  },
  {
    name: 'pod label added',
    make: onWorkload((chance, number) =>
      added('pod label added', `spec.template.metadata.labels.extra-${number}`, anyone(chance), (live) => {
        live.spec.template.metadata.labels[`extra-${number}`] = '1'
      }),
    ),
  },
  {
    name: 'restarted',
    make: onWorkload((chance, number) => {
      const manager = chance.pick(['kubectl-rollout', 'reloader'])
      return {
        ...added('restarted', 'spec.template.metadata.annotations', manager, (live) => {
          live.spec.template.metadata.annotations = { 'kubectl.kubernetes.io/restartedAt': `t${number}` }
        }),
      }
    }),
  },
  {
    name: 'grace period changed over its default',
    make: onWorkload((chance, number) =>
      overDefault(
        'grace period changed',
        'spec.template.spec.terminationGracePeriodSeconds',
        anyone(chance),
        (live) => {
          live.spec.template.spec.terminationGracePeriodSeconds = 31 + number
        },
      ),
    ),
  },
  {
    name: 'image of the helper taken over by apply',
    make: onWorkload((chance, number) => {
      const manager = chance.pick(['platform', 'argocd-controller'])
      const path = 'spec.template.spec.containers[helper].image'
      return {
        title: `image of the helper taken over by ${manager}`,
        act: {
          how: 'apply',
          manager,
          fields: {
            spec: {
              template: { spec: { containers: [{ name: 'helper', image: `registry.invalid/taken:${number}` }] } },
            },
          },
        },
        expected: [{ path, change: 'changed', verdict: 'drift' }],
        places: [path, 'spec.template.spec.containers[helper]', `apply by ${manager}`],
      }
    }),
  },
  {
    name: 'status written',
    make: onWorkload((chance, number) => ({
      title: 'status written',
      act: { how: 'status', manager: other(chance), status: { observedGeneration: number } },
      expected: [],
      places: ['status'],
    })),
  },
  {
    name: 'replicas edited',
    make: (object, chance, number) => {
      if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return null
      const manager = anyone(chance)
      const change = (live: Manifest): void => {
        live.spec.replicas = 4 + number
      }
      return object.spec.replicas === undefined
        ? overDefault('replicas edited', 'spec.replicas', manager, change)
        : changed('replicas edited', 'spec.replicas', manager, change)
    },
  },
  {
    name: 'scaled',
    make: (object, chance, number) => {
      if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet' && object.kind !== 'Widget') return null
      const manager = chance.pick(['kube-controller-manager', 'kubectl-scale', 'keda'])
      return {
        title: `scaled by ${manager}`,
        act: { how: 'scale', manager, replicas: 4 + number },
        expected: [
          object.spec.replicas === undefined
            ? { path: 'spec.replicas', change: 'added', verdict: 'notOwned' }
            : { path: 'spec.replicas', change: 'changed', verdict: 'drift' },
        ],
        places: ['spec.replicas'],
      }
    },
  },
]

const onOthers: readonly Maker[] = [
  {
    name: 'schedule changed',
    make: onKind('CronJob', (chance, number) =>
      changed('schedule changed', 'spec.schedule', anyone(chance), (live) => {
        live.spec.schedule = `${number % 60} 4 * * *`
      }),
    ),
  },
  {
    name: 'suspended',
    make: onKind('CronJob', (chance) =>
      overDefault('suspended', 'spec.suspend', anyone(chance), (live) => {
        live.spec.suspend = true
      }),
    ),
  },
  {
    name: 'target port changed',
    make: onKind('Service', (chance, number) =>
      changed('target port changed', 'spec.ports[80/TCP].targetPort', anyone(chance), (live) => {
        live.spec.ports.find((each: any) => each.port === 80).targetPort = 7000 + number
      }),
    ),
  },
  {
    name: 'service port added',
    make: onKind('Service', (chance, number) =>
      added('service port added', `spec.ports[${20_000 + number}/TCP]`, anyone(chance), (live) => {
        live.spec.ports.push({ name: `p${number}`, port: 20_000 + number, protocol: 'TCP', targetPort: 1 })
      }),
    ),
  },
  {
    name: 'selector changed',
    make: onKind('Service', (chance, number) =>
      changed('selector changed', 'spec.selector.app', anyone(chance), (live) => {
        live.spec.selector.app = `other-${number}`
      }),
    ),
  },
  {
    // The map is atomic: whoever writes it owns all of it, and the apply sets all of it.
    name: 'selector made narrower',
    make: onKind('Service', (chance, number) => ({
      ...changed('selector made narrower', 'spec.selector.more', anyone(chance), (live) => {
        live.spec.selector.more = `m-${number}`
      }),
      expected: [{ path: 'spec.selector.more', change: 'added', verdict: 'drift' }],
      places: ['spec.selector'],
    })),
  },
  {
    name: 'verbs changed',
    make: (object, chance, number) =>
      object.kind !== 'Role' && object.kind !== 'ClusterRole'
        ? null
        : changed('verbs changed', 'rules[0].verbs', anyone(chance), (live) => {
            live.rules[0].verbs = ['get', 'list', 'watch', `verb-${number}`]
          }),
  },
  {
    name: 'rule added',
    make: (object, chance, number) =>
      object.kind !== 'Role' && object.kind !== 'ClusterRole'
        ? null
        : {
            ...changed('rule added', 'rules', anyone(chance), (live) => {
              live.rules.push({ apiGroups: ['example.com'], resources: [`r${number}`], verbs: ['get'] })
            }),
            places: ['rules'],
          },
  },
  {
    name: 'subject added',
    make: onKind('RoleBinding', (chance, number) =>
      changed('subject added', 'subjects', anyone(chance), (live) => {
        live.subjects.push({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `user-${number}` })
      }),
    ),
  },
  {
    name: 'host changed',
    make: onKind('Ingress', (chance, number) =>
      changed('host changed', 'spec.rules[0].host', anyone(chance), (live) => {
        live.spec.rules[0].host = `h${number}.example.com`
      }),
    ),
  },
  {
    name: 'TLS added',
    make: onKind('Ingress', (chance, number) =>
      added('TLS added', 'spec.tls', anyone(chance), (live) => {
        live.spec.tls = [{ hosts: [`h${number}.example.com`], secretName: 'tls' }]
      }),
    ),
  },
  {
    name: 'pod selector changed',
    make: onKind('NetworkPolicy', (chance, number) =>
      changed('pod selector changed', 'spec.podSelector.matchLabels.app', anyone(chance), (live) => {
        live.spec.podSelector.matchLabels.app = `other-${number}`
      }),
    ),
  },
  {
    name: 'budget changed',
    make: onKind('PodDisruptionBudget', (chance, number) =>
      changed('budget changed', 'spec.minAvailable', anyone(chance), (live) => {
        live.spec.minAvailable = 2 + number
      }),
    ),
  },
  {
    name: 'autoscaler limit changed',
    make: onKind('HorizontalPodAutoscaler', (chance, number) =>
      changed('autoscaler limit changed', 'spec.maxReplicas', anyone(chance), (live) => {
        live.spec.maxReplicas = 7 + number
      }),
    ),
  },
  {
    name: 'token mounted',
    make: onKind('ServiceAccount', (chance) =>
      changed('token mounted', 'automountServiceAccountToken', anyone(chance), (live) => {
        ;(live as any).automountServiceAccountToken = true
      }),
    ),
  },
  {
    name: 'quota changed',
    make: onKind('ResourceQuota', (chance, number) =>
      changed('quota changed', 'spec.hard.pods', anyone(chance), (live) => {
        live.spec.hard.pods = String(30 + number)
      }),
    ),
  },
  {
    name: 'quota added',
    make: onKind('ResourceQuota', (chance, number) =>
      added('quota added', 'spec.hard.services', anyone(chance), (live) => {
        live.spec.hard.services = String(1 + number)
      }),
    ),
  },
  {
    name: 'description changed',
    make: onKind('PriorityClass', (chance, number) =>
      changed('description changed', 'description', anyone(chance), (live) => {
        ;(live as any).description = `words ${number}`
      }),
    ),
  },
]

const onCustoms: readonly Maker[] = [
  {
    name: 'size changed',
    make: onKind('Widget', (chance, number) =>
      changed('size changed', 'spec.size', anyone(chance), (live) => {
        live.spec.size = 6 + number
      }),
    ),
  },
  {
    name: 'size removed: the default takes its place',
    make: onKind('Widget', (chance) =>
      changed('size removed', 'spec.size', anyone(chance), (live) => {
        delete live.spec.size
      }),
    ),
  },
  {
    name: 'mode changed over its default',
    make: onKind('Widget', (chance) =>
      overDefault('mode changed', 'spec.mode', anyone(chance), (live) => {
        live.spec.mode = 'Fast'
      }),
    ),
  },
  {
    name: 'endpoint changed',
    make: onKind('Widget', (chance, number) =>
      changed('endpoint changed', 'spec.endpoints[b].weight', anyone(chance), (live) => {
        live.spec.endpoints.find((each: any) => each.id === 'b').weight = 8 + number
      }),
    ),
  },
  {
    name: 'endpoint added',
    make: onKind('Widget', (chance, number) =>
      added('endpoint added', `spec.endpoints[new-${number}]`, anyone(chance), (live) => {
        live.spec.endpoints.push({ id: `new-${number}`, port: 1 })
      }),
    ),
  },
  {
    name: 'endpoint removed',
    make: onKind('Widget', (chance) =>
      removed('endpoint removed', 'spec.endpoints[a]', anyone(chance), (live) => {
        live.spec.endpoints = live.spec.endpoints.filter((each: any) => each.id !== 'a')
      }),
    ),
  },
  {
    name: 'tag added',
    make: onKind('Widget', (chance, number) =>
      added('tag added', `spec.tags[t${number}]`, anyone(chance), (live) => {
        live.spec.tags.push(`t${number}`)
      }),
    ),
  },
  {
    name: 'tag removed',
    make: onKind('Widget', (chance) =>
      removed('tag removed', 'spec.tags[y]', anyone(chance), (live) => {
        live.spec.tags = live.spec.tags.filter((each: string) => each !== 'y')
      }),
    ),
  },
  {
    name: 'step changed in an atomic list',
    make: onKind('Widget', (chance, number) =>
      changed('step changed', 'spec.steps[1].run', anyone(chance), (live) => {
        live.spec.steps[1].run = `other ${number}`
      }),
    ),
  },
  {
    name: 'steps replaced',
    make: onKind('Widget', (chance, number) => ({
      ...changed('steps replaced', 'spec.steps', anyone(chance), (live) => {
        live.spec.steps = [{ run: `only ${number}` }]
      }),
      places: ['spec.steps'],
    })),
  },
  {
    name: 'target made a number',
    make: onKind('Widget', (chance, number) =>
      changed('target made a number', 'spec.target', anyone(chance), (live) => {
        live.spec.target = number
      }),
    ),
  },
  {
    name: 'status of a custom object written',
    make: (object, chance, number) =>
      object.kind !== 'Widget' && object.kind !== 'Gadget'
        ? null
        : {
            title: 'status written',
            act: { how: 'status', manager: other(chance), status: { phase: `p${number}` } },
            expected: [],
            places: ['status'],
          },
  },
  {
    name: 'level changed',
    make: onKind('Gadget', (chance, number) =>
      changed('level changed', 'spec.level', anyone(chance), (live) => {
        live.spec.level = 2 + number
      }),
    ),
  },
  {
    name: 'unknown field added',
    make: onKind('Gadget', (chance, number) =>
      added('unknown field added', `spec.settings.extra${number}`, anyone(chance), (live) => {
        live.spec.settings[`extra${number}`] = { deep: { er: [1, 2] } }
      }),
    ),
  },
  {
    name: 'setting removed',
    make: onKind('Gadget', (chance) =>
      removed('setting removed', 'spec.settings.mode', anyone(chance), (live) => {
        delete live.spec.settings.mode
      }),
    ),
  },
  {
    name: 'words replaced',
    make: onKind('Gadget', (chance, number) =>
      changed('words replaced', 'spec.words', anyone(chance), (live) => {
        live.spec.words = ['p', `w${number}`]
      }),
    ),
  },
  {
    name: 'items replaced',
    make: onKind('Gadget', (chance, number) =>
      changed('items replaced', 'spec.items', anyone(chance), (live) => {
        live.spec.items = [{ id: number + 10 }]
      }),
    ),
  },
]

/** Kinds that are left where they are: what lies in them would go too. */
const kept = new Set(['Namespace', 'CustomResourceDefinition'])

const deletion: Maker = {
  name: 'deleted',
  make: (object) =>
    kept.has(object.kind)
      ? null
      : { title: 'deleted', act: { how: 'delete' }, expected: [], places: ['whole'], isDeleted: true },
}

const makers: readonly Maker[] = [...anyObject, ...onData, ...onWorkloads, ...onOthers, ...onCustoms, deletion]

/** A change of `desired`, an object of the fleet as Git has it. `number` makes names and values its own. */
export function makeMutation(desired: Manifest, chance: Chance, number: number): Mutation {
  // What belongs to the kind comes more often than what fits everything.
  for (;;) {
    const isGeneral = chance.below(4) === 0
    const maker = chance.pick(makers)
    if (!isGeneral && anyObject.includes(maker)) continue
    const mutation = maker.make(desired, chance, number)
    if (mutation !== null) return mutation
  }
}

/** Whether two places overlap: the same, or one inside of the other. */
export function overlaps(a: string, b: string): boolean {
  if (a === b || a === 'whole' || b === 'whole' || a === 'alone' || b === 'alone') return true
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return long.startsWith(short) && /^[.[]/.test(long.slice(short.length))
}
