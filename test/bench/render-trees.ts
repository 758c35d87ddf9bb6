/** Trees for the benches of rendering: many ordinary documents in files of fifty, and an overlay over them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const documentsPerFile = 50
const namespaces = 40

/** `FOLDER/base` with `count` documents (22 lines on average), and `FOLDER/overlay` with patches and replacements over it. */
export async function writeBenchTree(folder: string, count: number): Promise<void> {
  const base = join(folder, 'base')
  await mkdir(base, { recursive: true })
  const names: string[] = []
  for (let from = 0; from < count; from += documentsPerFile) {
    const name = `part-${String(from / documentsPerFile).padStart(4, '0')}.yaml`
    const documents = Array.from({ length: Math.min(documentsPerFile, count - from) }, (_, index) =>
      makeDocument(from + index),
    )
    names.push(name)
    await writeFile(join(base, name), documents.join('---\n'))
  }
  await writeFile(join(base, 'kustomization.yaml'), `resources:\n${names.map((name) => `- ${name}\n`).join('')}`)
  const overlay = join(folder, 'overlay')
  await mkdir(overlay, { recursive: true })
  await writeFile(join(overlay, 'kustomization.yaml'), overlayFile)
}

const overlayFile = `resources:
- ../base
namePrefix: prod-
labels:
- pairs:
    environment: production
  includeTemplates: true
images:
- name: ghcr.io/example/app
  newTag: "2.0"
patches:
- target:
    kind: Deployment
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: any
    spec:
      replicas: 3
      template:
        spec:
          containers:
          - name: main
            env:
            - name: REGION
              value: west
- target:
    kind: Service
  patch: |
    - op: add
      path: /metadata/annotations
      value:
        patched: "true"
replacements:
- source:
    kind: ConfigMap
    name: config-1
    fieldPath: data.LEVEL
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=LOG_LEVEL].value
`

function makeDocument(index: number): string {
  const header = (apiVersion: string, kind: string, name: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}-${index}\n  namespace: ns-${index % namespaces}\n  labels:\n    app: app-${index}\n    app.kubernetes.io/part-of: bench\n`
  switch (index % 4) {
    case 0:
      return `${header('apps/v1', 'Deployment', 'app')}spec:
  replicas: 2
  selector:
    matchLabels:
      app: app-${index}
  template:
    metadata:
      labels:
        app: app-${index}
    spec:
      serviceAccountName: account-${index + 3}
      containers:
      - name: main
        image: ghcr.io/example/app:1.${index}
        args: ["--port", "8080"]
        ports:
        - containerPort: 8080
          name: http
        env:
        - name: LOG_LEVEL
          value: info
        envFrom:
        - configMapRef:
            name: config-${index + 1}
        resources:
          limits:
            memory: 128Mi
`
    case 1:
      return `${header('v1', 'ConfigMap', 'config')}data:
  LEVEL: "info"
  application.properties: |
    server.port=8080
    server.name=app-${index}
    # a comment that stays
    feature.enabled=true
  url: https://app-${index}.example.com/some/path?with=query
`
    case 2:
      return `${header('v1', 'Service', 'service')}spec:
  selector:
    app: app-${index - 2}
  ports:
  - name: http
    port: 80
    targetPort: 8080
`
    default:
      return `${header('v1', 'ServiceAccount', 'account')}imagePullSecrets:
- name: registry
`
  }
}
