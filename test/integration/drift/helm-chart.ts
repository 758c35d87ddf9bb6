/** A chart with what charts have: hooks of several kinds, custom resource definitions in both places, a dependency, odd texts and numbers. */
const name = 'shop'

export const chartFiles: Readonly<Record<string, string>> = {
  'chart/Chart.yaml': `apiVersion: v2
name: ${name}
version: 1.2.3+build.5
appVersion: "2.0"
description: A shop <with> "quotes" & more, ünï
type: application
home: https://shop.invalid
icon: https://shop.invalid/icon.svg
kubeVersion: ">=1.20.0-0"
keywords: [shop, web]
sources: [https://shop.invalid/source]
maintainers:
  - name: A. Nobody
    email: nobody@shop.invalid
annotations:
  z: last
  a: "1"
dependencies:
  - name: part
    version: 0.1.0
    condition: part.enabled
    tags: [x]
`,
  'chart/charts/part/Chart.yaml': 'apiVersion: v2\nname: part\nversion: 0.1.0\n',
  'chart/charts/part/templates/part.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-part\ndata:\n  part: "yes"\n',
  'chart/values.yaml': 'replicas: 2\npart:\n  enabled: true\n',
  'chart/crds/crd.yaml': crd('gadgets', 'Gadget'),
  'chart/templates/NOTES.txt': 'Installed {{ .Release.Name }} <here> & now.\n',
  'chart/templates/crd.yaml': `{{ if .Values.crd }}\n${crd('gizmos', 'Gizmo')}{{ end }}\n`,
  'chart/templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    app: {{ .Release.Name }}
    app.kubernetes.io/managed-by: somebody
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
    spec:
      containers:
        - name: web
          image: web:1
          ports:
            - containerPort: 8080
          resources:
            requests:
              cpu: 0.5
              memory: 1024Mi
            limits:
              memory: 1.5Gi
`,
  'chart/templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    app: {{ .Release.Name }}
  ports:
    - port: 80
      targetPort: 8080
`,
  'chart/templates/config.yaml': `# only a comment
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  number: {{ .Values.number | quote }}
  text: {{ .Values.text | quote }}
  broken: {{ .Values.broken }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-secret
stringData:
  password: hunter2
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-left
  annotations:
    helm.toolkit.fluxcd.io/driftDetection: disabled
data:
  a: b
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .Release.Name }}-reader
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [get]
`,
  'chart/templates/hooks.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-before
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation
data:
  a: b
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-after
  annotations:
    helm.sh/hook: post-install
    helm.sh/hook-delete-policy: hook-succeeded
data:
  a: b
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations:
    helm.sh/hook: test
spec:
  restartPolicy: Never
  containers:
    - name: test
      image: test:1
`,
}

function crd(plural: string, kind: string): string {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.shop.invalid
spec:
  group: shop.invalid
  scope: Namespaced
  names: {plural: ${plural}, kind: ${kind}, singular: ${kind.toLowerCase()}, listKind: ${kind}List}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer, default: 3}
              x-kubernetes-preserve-unknown-fields: true
`
}

/** A HelmRelease of that chart, its drift detection off unless `spec` says otherwise. */
export function helmRelease(
  named: string,
  spec: object = {},
): Record<string, unknown> & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: named, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      chart: {
        spec: { chart: './chart', sourceRef: { kind: 'GitRepository', name: 'charts' }, reconcileStrategy: 'Revision' },
      },
      install: { disableWait: true },
      upgrade: { disableWait: true },
      values: {
        crd: true,
        broken: 'yes',
        number: 12345678901234,
        text: '<b> & ünï',
        ratio: 0.1,
        big: 1e21,
        list: [1, 2.5, null, true],
        nested: { b: {}, a: [] },
      },
      ...spec,
    },
  }
}
