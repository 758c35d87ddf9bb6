/** What the fleet of the truth tests has in Git: Kustomizations of many kinds of objects, as plain objects and as files. */
/* eslint-disable @typescript-eslint/no-explicit-any -- manifests are reached into as the JSON that they are */
import type { KubeObject } from '../apply-manifests.ts'

/** Loose on purpose: tests reach into manifests. */
export type Manifest = KubeObject & { spec?: any; data?: any; rules?: any; subjects?: any }

export interface TruthKustomization {
  readonly name: string
  readonly objects: readonly Manifest[]
  readonly spec?: Readonly<Record<string, unknown>>
}

const meta = (name: string, namespace?: string): KubeObject['metadata'] => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  labels: { tier: 'back' },
  annotations: { 'example.com/contact': 'ops' },
})

export const widgetDefinition: Manifest = {
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
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', default: 3 },
                  replicas: { type: 'integer' },
                  mode: { type: 'string', enum: ['Fast', 'Slow'], default: 'Slow' },
                  endpoints: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id'],
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: {
                        id: { type: 'string' },
                        port: { type: 'integer' },
                        weight: { type: 'integer', default: 1 },
                      },
                    },
                  },
                  tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
                  steps: { type: 'array', items: { type: 'object', properties: { run: { type: 'string' } } } },
                  limits: {
                    type: 'object',
                    'x-kubernetes-map-type': 'atomic',
                    additionalProperties: { type: 'string' },
                  },
                  target: { 'x-kubernetes-int-or-string': true },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

export const gadgetDefinition: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

function podTemplate(app: string): object {
  return {
    metadata: { labels: { app } },
    spec: {
      containers: [
        {
          name: 'main',
          image: `registry.invalid/${app}:1.0.0`,
          args: ['--one', '--two=2'],
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'FIRST', value: '1' },
            { name: 'SECOND', value: '2' },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
        },
        { name: 'helper', image: 'registry.invalid/helper:2', command: ['helper'] },
      ],
      volumes: [{ name: 'config', configMap: { name: 'settings' } }],
    },
  }
}

/** Everything that a team has: one object of most namespaced kinds. */
function teamObjects(team: string): Manifest[] {
  const at = (name: string): KubeObject['metadata'] => meta(name, team)
  const labels = (app: string): object => ({ matchLabels: { app } })
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: at('web'),
      spec: { replicas: 2, selector: labels('web'), template: podTemplate('web') },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: at('scaled'),
      spec: { selector: labels('scaled'), template: podTemplate('scaled') },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: at('store'),
      spec: { replicas: 3, serviceName: 'store', selector: labels('store'), template: podTemplate('store') },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: at('agent'),
      spec: { selector: labels('agent'), template: podTemplate('agent') },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: at('nightly'),
      spec: {
        schedule: '0 3 * * *',
        jobTemplate: {
          spec: {
            template: {
              spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.invalid/job:1' }] },
            },
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: at('web'),
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: at('settings'),
      data: { a: '1', b: 'two', 'app.yaml': 'x: 1\ny: 2\n' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: at('more'), data: { a: '1', b: 'two' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: at('login'), stringData: { user: 'root', password: 'hidden' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: at('web'), automountServiceAccountToken: false },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: at('reader'),
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: at('reader'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: team }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: at('web'),
      spec: {
        rules: [
          {
            host: `${team}.example.com`,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } }],
            },
          },
        ],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: at('web'),
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{}] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: at('web'),
      spec: { minAvailable: 1, selector: labels('web') },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: at('scaled'),
      spec: {
        minReplicas: 2,
        maxReplicas: 6,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: at('limits'),
      spec: { limits: [{ type: 'Container', default: { cpu: '500m' } }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: at('quota'),
      spec: { hard: { pods: '20', 'requests.cpu': '4' } },
    },
  ]
}

function customObjects(team: string, count: number): Manifest[] {
  return Array.from({ length: count }, (_, index): Manifest[] => [
    {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: meta(`widget-${index}`, team),
      spec: {
        size: 5,
        replicas: 1,
        endpoints: [
          { id: 'a', port: 80 },
          { id: 'b', port: 81, weight: 7 },
        ],
        tags: ['x', 'y'],
        steps: [{ run: 'one' }, { run: 'two' }],
        limits: { cpu: '1' },
        target: 'http',
      },
    },
    {
      apiVersion: 'example.com/v1',
      kind: 'Gadget',
      metadata: meta(`gadget-${index}`, team),
      spec: { level: 1, settings: { mode: 'on', depth: 2 }, items: [{ id: 1 }, { id: 2 }], words: ['p', 'q'] },
    },
  ]).flat()
}

/** What all share, which has to be there first; three teams with 18 objects each; custom objects. */
export function truthKustomizations(): readonly TruthKustomization[] {
  const teams = ['team-a', 'team-b', 'team-c']
  return [
    {
      name: 'shared',
      objects: [
        widgetDefinition,
        gadgetDefinition,
        ...teams.map((name): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: meta(name) })),
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: meta('truth-reader'),
          rules: [
            { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
            { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
          ],
        },
        {
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: meta('truth-high'),
          value: 1000,
          description: 'high',
        },
      ],
    },
    ...teams.map((team) => ({ name: team, objects: teamObjects(team) })),
    { name: 'customs', objects: customObjects('team-a', 4) },
  ]
}

/** One file per object: JSON is YAML. */
export function toFiles(folder: string, objects: readonly Manifest[]): Record<string, string> {
  return Object.fromEntries(
    objects.map((object, index) => [
      `${folder}/${String(index).padStart(3, '0')}-${object.kind.toLowerCase()}.yaml`,
      `${JSON.stringify(object, null, 2)}\n`,
    ]),
  )
}
