/** A small fleet as a folder on disk, for the pictures of Repositories: what a team's repository looks like, with every kind of outcome. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const apps = ['podinfo', 'checkout', 'catalog', 'payments', 'search', 'mailer', 'reports']
const infra = ['cert-manager', 'ingress', 'monitoring', 'policies']

function kustomization(name: string, path: string, spec: readonly string[] = []): string {
  return [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    'metadata:',
    `  name: ${name}`,
    '  namespace: flux-system',
    'spec:',
    '  interval: 10m',
    `  path: ./${path}`,
    '  prune: true',
    '  sourceRef:',
    '    kind: GitRepository',
    '    name: fleet',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n')
}

function deployment(name: string, region: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: ${name}
          image: oci.example.com/${name}
          env:
            - name: LOG_LEVEL
              value: info
            - name: PUBLIC_HOST
              value: ${name}.\${DOMAIN}
            - name: REGION
              value: ${region}
          ports:
            - containerPort: 9898
          resources:
            limits:
              cpu: 2000m
              memory: 256Mi
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - port: 80
      targetPort: 9898
`
}

/** Writes the fleet into `folder`; returns the file that the pictures edit. */
export async function writeSampleFolder(folder: string): Promise<string> {
  const write = async (path: string, text: string): Promise<string> => {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    return file
  }
  await write('clusters/staging/flux-system/sync.yaml', kustomization('flux-system', 'clusters/staging'))
  for (const name of infra)
    await write(
      `clusters/staging/infra/${name}.yaml`,
      kustomization(name, `infra/${name}`, name === 'cert-manager' ? [] : ['dependsOn:', '  - name: cert-manager']),
    )
  for (const name of apps)
    await write(
      `clusters/staging/apps/${name}.yaml`,
      kustomization(name, `apps/${name}/staging`, [
        ...(name === 'reports' ? ['suspend: true'] : []),
        'dependsOn:',
        '  - name: ingress',
        ...(name === 'checkout' ? ['  - name: payments'] : []),
        'targetNamespace: apps',
        'postBuild:',
        '  substitute:',
        '    DOMAIN: staging.example.com',
        ...(name === 'payments' ? ['  substituteFrom:', '    - kind: Secret', '      name: payments-settings'] : []),
      ]),
    )
  for (const name of infra) {
    await write(
      `infra/${name}/namespace.yaml`,
      `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels:\n    team: platform\n`,
    )
    await write(
      `infra/${name}/release.yaml`,
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: ${name}\nspec:\n  interval: 1h\n  chartRef:\n    kind: OCIRepository\n    name: ${name}\n  values:\n    replicaCount: 2\n`,
    )
  }
  for (const name of apps) {
    await write(
      `apps/${name}/base/deployment.yaml`,
      deployment(name, name === 'payments' ? '${PAYMENTS_REGION}' : 'eu-central'),
    )
    await write(`apps/${name}/base/kustomization.yaml`, 'resources:\n  - deployment.yaml\n')
    await write(
      `apps/${name}/staging/kustomization.yaml`,
      [
        'resources:',
        '  - ../base',
        ...(name === 'podinfo' ? ['  - secret.yaml'] : []),
        'images:',
        `  - name: oci.example.com/${name}`,
        '    newTag: 6.7.1',
        'configMapGenerator:',
        `  - name: ${name}-settings`,
        '    literals:',
        '      - color=teal',
        '',
      ].join('\n'),
    )
  }
  await write(
    'apps/podinfo/staging/secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: podinfo-login\nstringData:\n  username: podinfo\n  password: correct-horse-battery\n',
  )
  return join(folder, 'apps/podinfo/base/deployment.yaml')
}
