/** One object of every built-in kind that can be applied, as short as the API server takes it. */
import type { Manifest } from './truth-manifests.ts'

const namespace = 'steady'
/** Of nobody, for nothing. */
const certificateRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITE1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R2MzUmxZV1I1TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowRApBUWNEUWdBRUxiMWRIUHpORnBGLzVXZjNBRzVUUzRwYzVpb1hheE5abzkzVzY3aHZpcG1MdnJOVFNKd0xGMFpjCkZ3ZFNPbnY2bkxaSHNpSVcwZ3BnMERxRUtIWGRTYUFBTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSVFDZVNwYUsKTVI0TVZSZW8vVXdiQ3lGbjhGU1JrSDZpVGJZeFZCYkFwVHRySGdJZ1VEVEZ5TWVqeERxbWl6aEJmN2ZBenBWbQorQnRKVzN1K3dZMjBSaGxQOG9nPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

export function builtinObjects(): readonly Manifest[] {
  const of = (apiVersion: string, kind: string, name: string, rest: object = {}, isNamespaced = true): Manifest => ({
    apiVersion,
    kind,
    metadata: { name, ...(isNamespaced ? { namespace } : {}) },
    ...rest,
  })
  const wide = (apiVersion: string, kind: string, name: string, rest: object = {}): Manifest =>
    of(apiVersion, kind, name, rest, false)
  const pod = { containers: [{ name: 'main', image: 'registry.invalid/a' }] }
  const template = { metadata: { labels: { app: 'a' } }, spec: pod }
  const selector = { matchLabels: { app: 'a' } }
  const webhook = {
    clientConfig: { service: { name: 'hook', namespace: 'steady-nowhere' } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    rules: [{ apiGroups: ['steady.invalid'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] }],
  }
  const hooks = (name: string): object => ({ webhooks: [{ name, ...webhook }] })
  const matchConstraints = {
    resourceRules: [
      { apiGroups: ['steady.invalid'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] },
    ],
  }
  return [
    wide('v1', 'Namespace', namespace),
    of('v1', 'ConfigMap', 'plain', { data: { a: '1' }, binaryData: { b: 'AAEC' } }),
    of('v1', 'ConfigMap', 'empty'),
    of('v1', 'Secret', 'typed', {
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': 'a', 'tls.key': 'b' },
    }),
    of('v1', 'Secret', 'opaque', { data: { a: 'AQ==' } }),
    of('v1', 'Service', 'cluster', { spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } }),
    of('v1', 'Service', 'headless', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }),
    of('v1', 'Service', 'balanced', {
      spec: {
        type: 'LoadBalancer',
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80, protocol: 'UDP' },
        ],
      },
    }),
    of('v1', 'Service', 'named', { spec: { type: 'ExternalName', externalName: 'a.invalid' } }),
    of('v1', 'ServiceAccount', 'plain'),
    of('v1', 'Endpoints', 'outside', { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] }),
    of('v1', 'LimitRange', 'plain', { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '5Gi' } }] } }),
    of('v1', 'ResourceQuota', 'plain', { spec: { hard: { 'count/widgets': '0.5k' } } }),
    of('v1', 'PersistentVolumeClaim', 'plain', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'steady',
        resources: { requests: { storage: '1024Mi' } },
      },
    }),
    wide('v1', 'PersistentVolume', 'steady', {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/x' },
        storageClassName: 'other',
      },
    }),
    of('v1', 'Pod', 'plain', { spec: { ...pod, serviceAccountName: 'plain' } }),
    of('v1', 'PodTemplate', 'plain', { template }),
    of('v1', 'ReplicationController', 'plain', { spec: { replicas: 0, selector: { app: 'a' }, template } }),
    of('v1', 'Event', 'plain', {
      involvedObject: { kind: 'ConfigMap', namespace, name: 'plain' },
      reason: 'Steady',
      message: 'a',
      type: 'Normal',
    }),
    of('apps/v1', 'Deployment', 'plain', { spec: { selector, template } }),
    of('apps/v1', 'Deployment', 'rich', {
      spec: {
        replicas: 0,
        selector,
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            serviceAccount: 'plain',
            hostNetwork: false,
            securityContext: {},
            initContainers: [{ name: 'init', image: 'a:1', restartPolicy: 'Always' }],
            containers: [
              {
                name: 'main',
                image: 'a:latest',
                command: [],
                env: [
                  { name: 'EMPTY', value: '' },
                  { name: 'FROM', valueFrom: { configMapKeyRef: { name: 'plain', key: 'a' } } },
                ],
                resources: { limits: { cpu: '1000m', memory: '0.5Gi' } },
                readinessProbe: { httpGet: { path: '/', port: 'http' } },
                livenessProbe: { grpc: { port: 1 } },
                ports: [
                  { name: 'http', containerPort: 80, hostPort: 0 },
                  { containerPort: 80, protocol: 'UDP' },
                ],
              },
            ],
            volumes: [
              { name: 'a', configMap: { name: 'plain' } },
              { name: 'b', secret: { secretName: 'opaque' } },
              { name: 'c', emptyDir: {} },
              { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
              { name: 'e', hostPath: { path: '/x' } },
              { name: 'f', downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] } },
              {
                name: 'g',
                ephemeral: {
                  volumeClaimTemplate: {
                    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
                  },
                },
              },
            ],
            topologySpreadConstraints: [
              { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector },
            ],
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: selector } },
                ],
              },
            },
          },
        },
      },
    }),
    of('apps/v1', 'StatefulSet', 'plain', {
      spec: {
        replicas: 0,
        serviceName: 'headless',
        selector,
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
    of('apps/v1', 'DaemonSet', 'plain', { spec: { selector, template } }),
    of('apps/v1', 'ReplicaSet', 'plain', { spec: { replicas: 0, selector, template } }),
    of('apps/v1', 'ControllerRevision', 'plain', { revision: 1, data: { a: 1 } }),
    of('batch/v1', 'Job', 'plain', { spec: { suspend: true, template: { spec: { ...pod, restartPolicy: 'Never' } } } }),
    of('batch/v1', 'CronJob', 'plain', {
      spec: {
        schedule: '@daily',
        jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: 'OnFailure' } } } },
      },
    }),
    of('autoscaling/v2', 'HorizontalPodAutoscaler', 'second', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'absent' },
        behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
      },
    }),
    of('autoscaling/v1', 'HorizontalPodAutoscaler', 'first', {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'absent' },
        targetCPUUtilizationPercentage: 60,
      },
    }),
    of('networking.k8s.io/v1', 'Ingress', 'plain', {
      spec: { defaultBackend: { service: { name: 'cluster', port: { number: 80 } } } },
    }),
    wide('networking.k8s.io/v1', 'IngressClass', 'steady', { spec: { controller: 'steady.invalid/none' } }),
    of('networking.k8s.io/v1', 'NetworkPolicy', 'plain', { spec: { podSelector: {} } }),
    of('networking.k8s.io/v1', 'NetworkPolicy', 'ports', {
      spec: {
        podSelector: {},
        egress: [{ ports: [{ port: 53, protocol: 'UDP' }], to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
      },
    }),
    wide('networking.k8s.io/v1', 'ServiceCIDR', 'steady', { spec: { cidrs: ['10.97.0.0/24'] } }),
    wide('networking.k8s.io/v1', 'IPAddress', '192.0.2.9', {
      spec: { parentRef: { resource: 'services', namespace, name: 'cluster' } },
    }),
    of('policy/v1', 'PodDisruptionBudget', 'plain', { spec: { maxUnavailable: '50%', selector } }),
    of('rbac.authorization.k8s.io/v1', 'Role', 'plain', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    of('rbac.authorization.k8s.io/v1', 'RoleBinding', 'plain', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'plain' },
      subjects: [
        { kind: 'ServiceAccount', name: 'plain', namespace },
        { kind: 'Group', name: 'a' },
      ],
    }),
    wide('rbac.authorization.k8s.io/v1', 'ClusterRole', 'steady', {
      rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }],
    }),
    wide('rbac.authorization.k8s.io/v1', 'ClusterRole', 'steady-sum', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'steady.invalid/sum': 'yes' } }] },
    }),
    wide('rbac.authorization.k8s.io/v1', 'ClusterRole', 'steady-part', {
      metadata: { name: 'steady-part', labels: { 'steady.invalid/sum': 'yes' } },
      rules: [{ apiGroups: ['steady.invalid'], resources: ['nothings'], verbs: ['get'] }],
    }),
    wide('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'steady', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'steady' },
      subjects: [{ kind: 'User', name: 'nobody' }],
    }),
    wide('storage.k8s.io/v1', 'StorageClass', 'steady', { provisioner: 'steady.invalid/none' }),
    wide('storage.k8s.io/v1', 'CSIDriver', 'steady.invalid', { spec: {} }),
    wide('storage.k8s.io/v1', 'CSINode', 'steady', { spec: { drivers: [] } }),
    wide('storage.k8s.io/v1', 'VolumeAttachment', 'steady', {
      spec: { attacher: 'steady.invalid', nodeName: 'steady', source: { persistentVolumeName: 'steady' } },
    }),
    of('storage.k8s.io/v1', 'CSIStorageCapacity', 'plain', { storageClassName: 'steady', capacity: '1Gi' }),
    wide('storage.k8s.io/v1', 'VolumeAttributesClass', 'steady', {
      driverName: 'steady.invalid',
      parameters: { a: '1' },
    }),
    wide('scheduling.k8s.io/v1', 'PriorityClass', 'steady', { value: 7 }),
    wide('node.k8s.io/v1', 'RuntimeClass', 'steady', { handler: 'steady' }),
    of('coordination.k8s.io/v1', 'Lease', 'plain', { spec: { holderIdentity: 'a' } }),
    of('discovery.k8s.io/v1', 'EndpointSlice', 'plain', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'] }],
      ports: [{ port: 80 }],
    }),
    of('events.k8s.io/v1', 'Event', 'newer', {
      eventTime: '2024-01-01T00:00:00.000000Z',
      action: 'Do',
      reason: 'Steady',
      type: 'Normal',
      reportingController: 'steady.invalid/a',
      reportingInstance: 'a',
      regarding: { kind: 'ConfigMap', namespace, name: 'plain' },
    }),
    wide('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'steady', {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    }),
    wide('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'steady', {
      spec: { priorityLevelConfiguration: { name: 'steady' } },
    }),
    wide('certificates.k8s.io/v1', 'CertificateSigningRequest', 'steady', {
      spec: { signerName: 'steady.invalid/none', usages: ['client auth'], request: certificateRequest },
    }),
    wide('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'steady', hooks('a.steady.invalid')),
    wide('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'steady', hooks('b.steady.invalid')),
    wide('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'steady', {
      spec: { matchConstraints, validations: [{ expression: 'true' }] },
    }),
    wide('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'steady', {
      spec: { policyName: 'steady', validationActions: ['Warn'] },
    }),
    wide('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', 'steady', {
      spec: {
        matchConstraints,
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: `[JSONPatch{op: 'test', path: '/metadata/name', value: 'a'}]` },
          },
        ],
      },
    }),
    wide('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', 'steady', {
      spec: { policyName: 'steady' },
    }),
    wide('resource.k8s.io/v1', 'DeviceClass', 'steady', { spec: {} }),
    of('resource.k8s.io/v1', 'ResourceClaim', 'plain', {
      spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'steady' } }] } },
    }),
    of('resource.k8s.io/v1', 'ResourceClaimTemplate', 'plain', {
      spec: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'steady' } }] } } },
    }),
    wide('resource.k8s.io/v1', 'ResourceSlice', 'steady', {
      spec: {
        driver: 'steady.invalid',
        nodeName: 'steady',
        pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'd' }],
      },
    }),
    wide('apiregistration.k8s.io/v1', 'APIService', 'v1.steady.invalid', {
      spec: {
        group: 'steady.invalid',
        version: 'v1',
        groupPriorityMinimum: 10,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: 'api', namespace: 'steady-nowhere' },
      },
    }),
  ]
}
