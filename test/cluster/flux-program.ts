/**
 * A `flux` as a user has it on PATH: the real CLI, which here prints an installation of ours. The one in FLUX_ASSETS was built without manifests
 * inside, so it is told where some are: the real definitions, and objects that are laid out as an installation's.
 */
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { dump, loadAll } from 'js-yaml'
import { unpackProgram } from './flux.ts'
import { controllerDeployments } from './controller-deployments.ts'

export interface FluxProgram {
  /** The folder with `flux` in it: for PATH. */
  readonly folder: string
  /** The folder that holds the manifests: for `--manifests`. */
  readonly manifests: string
  /** The real program. */
  readonly program: string
  remove(): Promise<void>
}

export interface FluxProgramOptions {
  readonly assets: string
  readonly components?: readonly string[]
  readonly namespace?: string
}

const all = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller']

export async function makeFluxProgram(options: FluxProgramOptions): Promise<FluxProgram> {
  const { components = all, namespace = 'flux-system' } = options
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-flux-program-'))
  const program = await unpackProgram(options.assets, 'flux')
  const definitions = path.join(options.assets, 'crds')
  const objects: unknown[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]
  for (const name of await readdir(definitions)) {
    if (!components.some((each) => name === `${each}.yaml`)) continue
    objects.push(...loadAll(await readFile(path.join(definitions, name), 'utf8')).filter((each) => each != null))
  }
  for (const name of components)
    objects.push({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
  objects.push(service('source-controller', namespace), ...controllerDeployments(components).map(asAccount))
  objects.push(
    binding('cluster-reconciler-flux-system', 'cluster-admin', ['kustomize-controller', 'helm-controller'], namespace),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'critical-pods', namespace },
      spec: { hard: { pods: '1000' } },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-egress', namespace },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    },
  )
  await writeFile(path.join(folder, 'components.yaml'), objects.map((each) => dump(each)).join('---\n'))
  await writeFile(
    path.join(folder, 'kustomization.yaml'),
    dump({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['components.yaml'],
      labels: [{ pairs: { 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/version': 'v2.9.5' } }],
    }),
  )
  const file = path.join(folder, 'flux')
  await writeFile(
    file,
    `#!/bin/sh\nif [ "$1" = install ]; then exec "${program}" "$@" "--manifests=${folder}"; fi\nexec "${program}" "$@"\n`,
  )
  await chmod(file, 0o755)
  return { folder, manifests: folder, program, remove: () => rm(folder, { recursive: true, force: true }) }
}

function service(name: string, namespace: string): unknown {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }]
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: { app: name }, ports } }
}

function asAccount(deployment: unknown): unknown {
  const copy = structuredClone(deployment) as {
    metadata: { name: string }
    spec: { template: { spec: { serviceAccountName?: string } } }
  }
  copy.spec.template.spec.serviceAccountName = copy.metadata.name
  return copy
}

function binding(name: string, role: string, accounts: readonly string[], namespace: string): unknown {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace })),
  }
}
