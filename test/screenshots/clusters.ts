/** The clusters that are photographed: real API servers with the sample fleet, and the ways in which a context can be out of order. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCustomResourceDefinitions } from '../../shared/flux/custom-resource-definitions.ts'
import { installCustomResourceDefinitions } from '../../electron/adapters/playground/install-definitions.ts'
import { listen } from '../cluster/loopback.ts'
import type { TestCluster } from '../cluster/start.ts'

interface Condition {
  readonly type: string
  readonly status: string
}

interface Listed {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** Sets the failed objects right but for those named: a production cluster is calmer than a playground. */
export async function calm(cluster: TestCluster, except: readonly string[]): Promise<void> {
  const lists = [
    [
      '/apis/kustomize.toolkit.fluxcd.io/v1',
      'kustomizations',
      'ReconciliationSucceeded',
      'Applied revision: main@sha1:42d58f13def7a3de8cedd40b3764316ce7251b2e',
    ],
    ['/apis/helm.toolkit.fluxcd.io/v2', 'helmreleases', 'UpgradeSucceeded', 'Helm upgrade succeeded'],
    [
      '/apis/source.toolkit.fluxcd.io/v1',
      'gitrepositories',
      'Succeeded',
      'stored artifact for revision main@sha1:42d58f13',
    ],
    ['/apis/source.toolkit.fluxcd.io/v1', 'ocirepositories', 'Succeeded', 'stored artifact for digest sha256:ae1cd0'],
    ['/apis/source.toolkit.fluxcd.io/v1', 'helmrepositories', 'Succeeded', 'stored artifact'],
    ['/apis/source.toolkit.fluxcd.io/v1', 'helmcharts', 'ChartPullSucceeded', 'pulled chart'],
  ] as const
  for (const [base, plural, reason, message] of lists) {
    const { items } = await cluster.requestOk<{ items: readonly Listed[] }>('GET', `${base}/${plural}`)
    for (const { metadata, status } of items) {
      const isReady = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
      if (isReady === true || except.includes(metadata.name)) continue
      const ready = {
        type: 'Ready',
        status: 'True',
        reason,
        message,
        lastTransitionTime: new Date(Date.now() - 190_000).toISOString(),
      }
      await cluster.requestOk(
        'PATCH',
        `${base}/namespaces/${metadata.namespace}/${plural}/${metadata.name}/status`,
        { status: { conditions: [ready] } },
        'application/merge-patch+json',
      )
    }
  }
}

/** Flux's definitions and not one object. */
export async function installDefinitionsOnly(cluster: TestCluster): Promise<void> {
  await installCustomResourceDefinitions(cluster.admin, createCustomResourceDefinitions(), new AbortController().signal)
}

/** What the viewer may: namespaces and Kustomizations, and nothing of Helm. Answers the kubeconfig. */
export async function makeViewer(cluster: TestCluster): Promise<string> {
  const name = 'kustomizations-only'
  await cluster.applyObjects([
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['kustomize.toolkit.fluxcd.io'], resources: ['kustomizations'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'app-dev' }],
    },
  ])
  return cluster.makeUserKubeconfig({ name: 'app-dev' })
}

export interface OddContexts {
  /** Kubeconfig of a context whose server refuses every connection. */
  readonly dead: string
  /** … whose server takes connections and never answers. */
  readonly silent: string
  /** … whose credentials come from a program that nobody has approved. */
  readonly program: string
  /** Copies a kubeconfig to a place that outlives its cluster, and gives it a readable name. */
  keep(file: string, name: string): Promise<string>
  stop(): Promise<void>
}

/** Contexts that lead nowhere, each in its own file. */
export async function makeOddContexts(): Promise<OddContexts> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-pictures-'))
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
  })
  const port = await listen(server)
  const write = async (name: string, url: string, user: string): Promise<string> => {
    const file = join(folder, name)
    await writeFile(file, kubeconfig(name, url, user), { mode: 0o600 })
    return file
  }
  const program = join(folder, 'cloud-login')
  await writeFile(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: ${program}, args: [token, --cluster, staging-us], interactiveMode: Never}`
  return {
    dead: await write('prod-us-1', 'https://127.0.0.1:9', 'token: none'),
    silent: await write('kind-lab', `https://127.0.0.1:${port}`, 'token: none'),
    program: await write('staging-us', 'https://127.0.0.1:9', exec),
    async keep(from, name) {
      const to = join(folder, name)
      await copyFile(from, to)
      return to
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function kubeconfig(name: string, server: string, user: string): string {
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters: [{name: ${name}, cluster: {server: '${server}', insecure-skip-tls-verify: true}}]
users: [{name: ${name}, user: {${user}}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}}}]
`
}
