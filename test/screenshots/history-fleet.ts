/**
 * Two clusters with the real controllers and a Git server, and a week of history over them. What the week tells was recorded: an engine watched while
 * each thing was done; its entries were then moved to the days on which they are told.
 */
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createEventStore, historyFiles } from '../../electron/adapters/event-store/event-store.ts'
import type { EventStore } from '../../electron/engine/history/event-store-port.ts'
import type { SourceHost } from '../../shared/model/drift.ts'
import { historyTypes } from '../../shared/model/history.ts'
import type { HistoryEntry } from '../../shared/model/history.ts'
import type { ContextRow, FluxRow } from '../../shared/model/rows.ts'
import { gatherItems, startNodeEngine } from '../app/node-engine.ts'
import type { NodeEngine } from '../app/node-engine.ts'
import { startFluxControllers } from '../cluster/flux.ts'
import type { RunningFlux } from '../cluster/flux.ts'
import { startGitServer } from '../cluster/git-server.ts'
import type { GitRepository } from '../cluster/git-server.ts'
import { startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

export interface HistoryFleet {
  readonly kubeconfigs: readonly string[]
  /** Of a Sluice that has watched for a week. */
  readonly dataDir: string
  /** What happens today, while the window is open: the commit that was applied, and the last one, which failed in one cluster and waits in the other. */
  happen(): Promise<{ readonly applied: string; readonly waiting: string }>
  stop(): Promise<void>
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const waitMs = 300_000
const never = new AbortController().signal

const base = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations'

const deployment = (name: string, namespace: string, image: string, replicas: number, memory: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
      - name: ${name}
        image: ${image}
        resources: { limits: { memory: ${memory} } }
`

const podinfo = (version: string, replicas = 3, memory = '256Mi'): Record<string, string> => ({
  'apps/podinfo.yaml': deployment('podinfo', 'apps', `oci.example.com/podinfo:${version}`, replicas, memory),
})

/** `mount`: of a volume, which may not be there. */
const checkout = (version: string, mount = ''): Record<string, string> => ({
  'apps/checkout.yaml':
    deployment('checkout', 'checkout', `oci.example.com/checkout:${version}`, 2, '512Mi') +
    (mount === '' ? '' : `        volumeMounts: [{ name: checkout-config, mountPath: /etc/checkout }]\n${mount}`),
})

const volume = `      volumes: [{ name: checkout-config, configMap: { name: checkout-config } }]\n`

const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: apps }\ndata: { ${data} }\n`

/** Nobody runs its Deployments: their health is not waited for. */
const kustomization = (name: string, path: string): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  interval: 10m
  retryInterval: 2s
  path: ${path}
  prune: true
  timeout: 1m
  sourceRef: { kind: GitRepository, name: fleet }
`

interface Site {
  readonly cluster: TestCluster
  readonly flux: RunningFlux
}

interface Kustomization {
  readonly metadata: { readonly generation?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly lastAppliedRevision?: string
    readonly lastAttemptedRevision?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

async function until(look: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + waitMs; ;) {
    if (await look()) return
    if (Date.now() > end) throw new Error(`Waited ${waitMs / 1000} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Three times: an API server has a minute and a half to be ready, which is little on a machine that does other things. */
async function again<T>(act: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--)
    try {
      return await act()
    } catch (error) {
      if (left === 0) throw error
    }
}

export async function startHistoryFleet(assets: string): Promise<HistoryFleet> {
  const git = await startGitServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-week-'))
  const repository = await git.createRepository('fleet', {
    ...podinfo('6.6.0'),
    ...checkout('2.13.0'),
    'apps/limits.yaml': configMap('limits', 'most: "10"'),
  })
  const sites: Site[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(sites.map(({ flux }) => flux.stop()))
    await Promise.all(sites.map(({ cluster }) => cluster.stop()))
    await git.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    // One after the other: side by side they starve each other on a small machine.
    const production = await again(() => startSite(assets, 'prod-eu-1', sites))
    const staging = await again(() => startSite(assets, 'staging-eu', sites))
    for (const { cluster } of sites) {
      for (const name of ['apps', 'checkout'])
        await cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }])
      await cluster.applyYaml(
        [
          `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system }
spec: { interval: 2s, url: "${repository.url}", ref: { branch: ${repository.branch} } }
`,
          kustomization('apps', './apps'),
        ].join('---'),
      )
    }
    await applied(sites, await repository.git('rev-parse', 'HEAD'))
    await recordWeek(production, staging, repository, dataDir)
    return today(production, staging)
  } catch (error) {
    await stop()
    throw error
  }

  function today(production: Site, staging: Site): HistoryFleet {
    return {
      kubeconfigs: sites.map(({ cluster }) => cluster.kubeconfigPath),
      dataDir,
      async happen() {
        const commit = (...told: CommitTold): Promise<string> => commitAs(repository, ...told, Date.now())
        const sha = await commit('app-dev', 'podinfo 6.7.1, two replicas', podinfo('6.7.1', 2))
        await applied(sites, sha)
        await change(production.cluster, `${base}/apps`, 'sluice', {
          metadata: {
            annotations: {
              'sluice.dev/suspend-reason': 'Hotfix for checkout latency (INC-2041)',
              'sluice.dev/suspended-by': 'oncall-1',
              'sluice.dev/suspended-at': new Date().toISOString(),
              'sluice.dev/resume-at': new Date(Date.now() + 6 * hourMs).toISOString(),
            },
          },
          spec: { suspend: true },
        })
        // Git tells whole seconds: what waits was written after the gate was closed.
        await new Promise((resolve) => setTimeout(resolve, 1500))
        const ledger = await commit('platform-lead', 'Add ledger service account', {
          'apps/ledger.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ledger, namespace: apps }\n',
        })
        // Each of them: a source that skips one knows of it only where its server sends the past.
        await fetched(production, ledger)
        await applied([staging], ledger)
        const bumped = await commit('app-dev', 'checkout 2.16.0', checkout('2.16.0', volume))
        await fetched(production, bumped)
        await applied([staging], bumped)
        const waiting = await commit('payments-dev', 'podinfo 6.7.2, more memory', podinfo('6.7.2', 2, '512Mb'))
        await fetched(production, waiting)
        await failed([staging], waiting)
        const workload = '/apis/apps/v1/namespaces/apps/deployments/podinfo'
        const container = { name: 'podinfo', image: 'oci.example.com/podinfo:6.7.0' }
        await change(production.cluster, workload, 'kubectl-set', {
          spec: { template: { spec: { containers: [container] } } },
        })
        await change(production.cluster, `${workload}/scale`, 'kubectl', { spec: { replicas: 5 } })
        return { applied: sha, waiting }
      },
      stop,
    }
  }
}

async function startSite(assets: string, name: string, into: Site[]): Promise<Site> {
  const cluster = await startTestCluster({ name })
  try {
    const controllers = ['source-controller', 'kustomize-controller'] as const
    const site = { cluster, flux: await startFluxControllers(cluster, { assets, controllers }) }
    into.push(site)
    return site
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

type CommitTold = readonly [author: string, subject: string, files: Readonly<Record<string, string>>]

/** `at`: when it is said to have been made. */
async function commitAs(
  repository: GitRepository,
  ...[author, subject, files, at]: [...CommitTold, number]
): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(repository.workFolder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  await repository.git('add', '-A', '-f')
  const date = `${Math.floor(at / 1000)} +0000`
  await repository.git('commit', '-q', `--author=${author} <${author}@example.com>`, `--date=${date}`, '-m', subject)
  return repository.git('rev-parse', 'HEAD')
}

/** Merged by the name of list items, where the kind has such. */
async function change(cluster: TestCluster, at: string, manager: string, patch: object): Promise<void> {
  const isOwn = at.startsWith('/apis/apps/') && !at.endsWith('/scale')
  const type = isOwn ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json'
  await cluster.requestOk('PATCH', `${at}?fieldManager=${manager}`, patch, type)
}

const isReady = ({ status }: Kustomization, word: string): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === word) === true

async function applied(sites: readonly Site[], sha: string): Promise<void> {
  for (const { cluster } of sites)
    await until(async () => {
      const object = await cluster.requestOk<Kustomization>('GET', `${base}/apps`)
      return object.status?.lastAppliedRevision?.endsWith(sha) === true && isReady(object, 'True')
    }, `apps to apply ${sha}`)
}

async function fetched({ cluster }: Site, sha: string): Promise<void> {
  const path = '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/fleet'
  await until(async () => {
    const { status } = await cluster.requestOk<{ status?: { artifact?: { revision?: string } } }>('GET', path)
    return status?.artifact?.revision?.endsWith(sha) === true
  }, `the source to fetch ${sha}`)
}

async function failed(sites: readonly Site[], sha: string): Promise<void> {
  for (const { cluster } of sites)
    await until(async () => {
      const object = await cluster.requestOk<Kustomization>('GET', `${base}/apps`)
      return object.status?.lastAttemptedRevision?.endsWith(sha) === true && isReady(object, 'False')
    }, `apps to fail at ${sha}`)
}

/** A moment as it was, and as it is told. */
interface Mark {
  readonly real: number
  readonly told: number
}

/** Recording begins; both clusters are watched. */
async function startWatching(kubeconfigs: readonly string[], dataDir: string): Promise<NodeEngine> {
  const node = startNodeEngine({
    kubeconfig: kubeconfigs.join(delimiter),
    dataDir,
    engine: { isWindowExpected: false, isRecording: true, isDriftWatched: true },
  })
  const { engine, call } = node
  const contexts = new Map<string, ContextRow>()
  const rows = new Map<string, FluxRow>()
  const allow = gatherItems<SourceHost>(new Map(), (_key, host) => {
    if (host !== null && !host.isAllowed)
      void engine.handlers['hosts.allow']({ cluster: host.cluster, host: host.host, isAllowed: true }, call)
  })
  const from = Date.now()
  engine.handlers['contexts.watch']({}, gatherItems(contexts), call)
  engine.handlers['rows.watch']({}, gatherItems(rows), call)
  engine.handlers['hosts.watch']({}, allow, call)
  const count = kubeconfigs.length
  await until(() => contexts.size === count, 'the contexts')
  await engine.handlers['contexts.select']({ contexts: [...contexts.keys()] }, call)
  await until(() => [...rows.values()].filter(({ ref }) => ref.kind === 'Kustomization').length === count, 'the rows')
  await recorded(node, ({ reason, at }) => reason === 'WatchBegan' && at >= from, count, 'the watch')
  return node
}

async function recordWeek(production: Site, staging: Site, repository: GitRepository, dataDir: string): Promise<void> {
  const sites = [production, staging]
  const kubeconfigs = sites.map(({ cluster }) => cluster.kubeconfigPath)
  const now = Date.now()
  const marks: Mark[] = []
  let told = now
  /** From here on it is so many days ago. Clusters tell whole seconds: what was done before is over by then. */
  const then = async (days: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 3000))
    told = now - days * dayMs
    marks.push({ real: Date.now(), told })
  }
  const commit = (...all: CommitTold): Promise<string> => commitAs(repository, ...all, told - 3 * minuteMs)
  await then(6.5)
  const node = await startWatching(kubeconfigs, dataDir)
  try {
    await then(5.9)
    const limits = await commit('platform-lead', 'Limits for everybody', {
      'apps/limits.yaml': configMap('limits', 'most: "25"'),
    })
    await applied(sites, limits)
    await known(node, limits)

    await then(5.2)
    await change(production.cluster, `${base}/apps`, 'kubectl-patch', { spec: { suspend: true } })
    await recorded(node, ({ type, reason }) => type === 'gate' && reason === 'Suspended', 1, 'the closed gate')
    await then(4.7)
    await change(production.cluster, `${base}/apps`, 'kubectl-patch', { spec: { suspend: false } })
    await recorded(node, ({ type, reason }) => type === 'gate' && reason === 'Resumed', 1, 'the open gate')

    await then(4.1)
    const first = await commit('image-bot', 'checkout 2.14.0', checkout('2.14.0'))
    await applied(sites, first)
    await known(node, first)

    await then(3.2)
    const broken = await commit('payments-dev', 'Mount checkout-config', checkout('2.14.0', '      volumes: []\n'))
    await failed(sites, broken)
    await known(node, broken)
    await then(3.2 - 0.5 / 24 - 0.1)
    const mended = await commit('app-dev', 'Fix checkout-config mount', {
      ...checkout('2.14.0', volume),
      'apps/checkout-config.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: checkout-config, namespace: checkout }\ndata: { LOG_FORMAT: json }\n',
    })
    await applied(sites, mended)
    await known(node, mended)

    await then(2.3)
    const lostAt = Date.now()
    await staging.cluster.apiServer.kill()
    await recorded(node, ({ reason, at }) => reason === 'ClusterLost' && at > lostAt, 1, 'the loss of a cluster')
    await then(2.1)
    await again(() => staging.cluster.apiServer.restart())
    await recorded(node, ({ reason, at }) => reason === 'ClusterReached' && at > lostAt, 1, 'the cluster to be back')

    await then(1.3)
    const second = await commit('image-bot', 'checkout 2.15.0', checkout('2.15.0', volume))
    await applied(sites, second)
    await known(node, second)
    await then(0.9)
    const third = await commit('app-dev', 'podinfo 6.7.0', podinfo('6.7.0'))
    await applied(sites, third)
    await known(node, third)
    await then(0.6)
  } finally {
    await node.dispose()
  }
  // Nobody watches for some hours, and then Sluice does until it is closed for the window.
  await then(0.25)
  const later = await startWatching(kubeconfigs, dataDir)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  marks.push({ real: Date.now(), told: Date.now() })
  await later.dispose()
  await tellAs(dataDir, marks)
}

async function recorded(
  { engine, call }: NodeEngine,
  isIt: (entry: HistoryEntry) => boolean,
  count: number,
  what: string,
): Promise<void> {
  await until(async () => {
    const { entries } = await engine.handlers['history.query']({ query: {}, limit: 500, after: null }, call)
    return entries.filter(isIt).length >= count
  }, what)
}

/** Its author, in the history of each cluster. */
const known = (node: NodeEngine, sha: string): Promise<void> =>
  recorded(node, ({ type, revision }) => type === 'commit' && revision.endsWith(sha), 2, `the author of ${sha}`)

/** The same entries at the moments of the marks before them, with what was rendered; when a commit was made is Git's to say. */
async function tellAs(dataDir: string, marks: readonly Mark[]): Promise<void> {
  const move = (at: number): number => {
    const mark = marks.findLast(({ real }) => real - 1000 <= at) ?? marks[0]
    return mark === undefined ? at : mark.told + (at - mark.real)
  }
  const { file, auditFile } = historyFiles(dataDir)
  const open = (): EventStore =>
    createEventStore({ file, auditFile, entry: null, onCrash: (reason) => process.stderr.write(`${reason}\n`) })
  const before = open()
  const entries: HistoryEntry[] = []
  let after: string | null = null
  do {
    const page = await before.query({ types: historyTypes }, { limit: 500, after }, never)
    entries.push(...page.entries)
    after = page.next
  } while (after !== null)
  const manifests = new Map<string, string>()
  for (const { type, facts } of entries)
    for (const line of type === 'render' && Array.isArray(facts?.['objects']) ? facts['objects'] : []) {
      const [digest = ''] = String(line).split(' ')
      const text = manifests.get(digest) ?? (await before.text(digest))
      if (text === null) throw new Error(`A manifest that was rendered is not kept: ${String(line)}`)
      manifests.set(digest, text)
    }
  if (manifests.size === 0) throw new Error('Nothing that was rendered is kept')
  await before.close()
  const old = `${dirname(file)}-as-recorded`
  await rename(dirname(file), old)
  await mkdir(dirname(file), { recursive: true })
  // What was sealed with it stays what it is.
  await copyFile(join(old, 'render-key'), join(dirname(file), 'render-key'))
  const told = open()
  await told.putTexts([...manifests.values()])
  const moved = entries.toReversed().map(({ key: _key, recordedAt: _recordedAt, ...entry }) => ({
    ...entry,
    at: entry.type === 'commit' ? entry.at : move(entry.at),
    facts:
      entry.facts === null
        ? null
        : Object.fromEntries(
            Object.entries(entry.facts).map(([name, value]) => [
              name,
              typeof value === 'number' && value > 1e12 ? move(value) : value,
            ]),
          ),
  }))
  await told.append(moved)
  await told.close()
}
