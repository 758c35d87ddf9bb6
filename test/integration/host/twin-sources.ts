/**
 * The same GitRepositories twice on one API server, from one Git server: those of namespace twin-real are reconciled by the real source-controller,
 * those of twin-ours by Sluice's reconciler. What both left behind is compared.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createArtifactStorage } from '../../../electron/adapters/artifacts/artifact-storage.ts'
import { createGitRemote } from '../../../electron/adapters/git/git-remote.ts'
import { createRandom } from '../../../electron/adapters/node/system-clock.ts'
import { errorFromAnswer } from '../../../electron/engine/cache/api-answer.ts'
import type { KubeObject, ServedResource } from '../../../electron/engine/clusters/view.ts'
import { resourcePath } from '../../../electron/engine/clusters/view.ts'
import type { KubeRequest } from '../../../electron/engine/ports.ts'
import type { RecordedEvent } from '../../../electron/engine/reconcile/events/event-recorder.ts'
import type { HostedView, RunOutcome } from '../../../electron/engine/reconcile/reconciler.ts'
import { createGitRepositoryReconciler } from '../../../electron/engine/reconcile/source/git-repository.ts'
import { at, textAt } from '../../../electron/engine/status/read.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { filesOf } from './archive-files.ts'
import { countRequests, gitRepositories, ours, real, runContext } from './one-run.ts'
import { clock, comparable, openClient } from './twin-apply.ts'

const group = 'source.toolkit.fluxcd.io'
const root = `/apis/${group}/v1`
const requestedAt = 'reconcile.fluxcd.io/requestedAt'
const secrets: ServedResource = { ...gitRepositories, group: '', kind: 'Secret', plural: 'secrets' }
/** What differs by nature: other hosts, other compression. */
const leftOut = ['digest', 'size', 'url', 'path'] as const

export interface SourceRun {
  readonly outcome: RunOutcome
  /** Of the last round: those before it only added the finalizer. */
  readonly requests: readonly KubeRequest[]
  readonly events: readonly RecordedEvent[]
}

export interface TwinSources {
  readonly cluster: TestCluster
  readonly git: GitServer
  put(name: string, spec: Readonly<Record<string, unknown>>): Promise<void>
  putSecret(name: string, data: Readonly<Record<string, string>>): Promise<void>
  remove(name: string): Promise<void>
  /** Runs ours until it rests, and waits for theirs to have seen the same request. */
  settle(name: string): Promise<SourceRun>
  /** Runs ours once more, unasked. */
  again(name: string): Promise<SourceRun>
  /** Status, conditions, finalizers and managed fields: [real, ours]. */
  both(name: string): Promise<readonly [unknown, unknown]>
  /** Event lines, equal ones once: [real, ours]. */
  events(name: string): Promise<readonly [readonly string[], readonly string[]]>
  /** Of the artifacts: [real, ours]. */
  files(name: string): Promise<readonly [readonly string[], readonly string[]]>
  isGone(name: string): Promise<boolean>
  /** What either has stored is older by so much. */
  ageArtifacts(ms: number): Promise<void>
  stop(): Promise<void>
}

export async function startTwinSources(): Promise<TwinSources> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-sources-'))
  const [theirFolder, ourFolder] = [path.join(folder, 'theirs'), path.join(folder, 'storage')]
  await mkdir(theirFolder)
  const cluster = await startTestCluster({ crds: 'flux' })
  const flux: RunningFlux = await startFluxControllers(cluster, {
    assets: process.env['FLUX_ASSETS'] ?? '',
    controllers: ['source-controller'],
    extraArgs: {
      'source-controller': [
        `--watch-label-selector=twin=${real}`,
        '--requeue-dependency=5s',
        `--storage-path=${theirFolder}`,
      ],
    },
  })
  const git = await startGitServer()
  const opened = await openClient(cluster)
  const { client } = opened
  for (const name of [real, ours])
    await cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }])
  const cache = createArtifactCache({ folder: path.join(folder, 'trees'), now: () => Date.now() })
  const remote = createGitRemote({
    entry: null,
    cacheDir: folder,
    treeFolder: path.join(folder, 'trees'),
    userAgent: 'sluice/test',
    access: { home: folder, sshAgent: null, path: process.env['PATH'] ?? null },
    onCrash: () => undefined,
  })
  const reconciler = createGitRepositoryReconciler({
    ports: { clock, random: createRandom(), git: remote, artifacts: cache, logger: { log: () => undefined } },
    storage: createArtifactStorage({ folder: ourFolder, cache, now: () => Date.now() }),
    hosts: { isAllowed: () => true, noteNamed: () => undefined },
  })
  const { counted, requests } = countRequests(client)
  const view = {
    id: 'test',
    client: () => counted,
    served: () => gitRepositories,
    async fetch(ref: { kind: string; namespace: string; name: string }) {
      const resource = ref.kind === 'Secret' ? secrets : gitRepositories
      const answer = await client.request({ method: 'GET', path: resourcePath(resource, ref.namespace, ref.name) })
      if (answer.status >= 300) throw errorFromAnswer(answer, `${ref.kind} ${ref.name}`)
      return answer.json() as KubeObject
    },
  } as unknown as HostedView
  const recorded = new Map<string, RecordedEvent[]>()
  const failures = new Map<string, number>()

  const pathOf = (namespace: string, name: string): string => `${root}/namespaces/${namespace}/gitrepositories/${name}`
  const read = async (namespace: string, name: string): Promise<KubeObject | null> => {
    const { status, body } = await cluster.request('GET', pathOf(namespace, name))
    return status === 200 ? (body as KubeObject) : null
  }

  async function run(name: string): Promise<SourceRun> {
    for (;;) {
      const object = await read(ours, name)
      if (object === null) throw new Error(`no GitRepository ${name}`)
      requests.length = 0
      const list = recorded.get(name) ?? []
      recorded.set(name, list)
      const told = list.length
      const before = failures.get(name) ?? 0
      const outcome = await reconciler.reconcile(
        { cluster: 'test', group, kind: 'GitRepository', namespace: ours, name },
        { ...runContext('source-controller', { view, client: counted, object }, list), failures: before },
      )
      failures.set(name, outcome.result === 'failed' ? before + 1 : 0)
      if (outcome.requeueAfterMs === 0) continue
      return { outcome, requests: [...requests], events: list.slice(told) }
    }
  }

  return {
    cluster,
    git,
    async put(name, spec) {
      for (const namespace of [real, ours]) {
        const known = await read(namespace, name)
        if (known === null)
          await cluster.requestOk('POST', `${root}/namespaces/${namespace}/gitrepositories?fieldManager=test`, {
            apiVersion: `${group}/v1`,
            kind: 'GitRepository',
            metadata: { name, namespace, labels: { twin: namespace } },
            spec: { interval: '1h', timeout: '20s', ...spec },
          })
        else
          await cluster.requestOk(
            'PATCH',
            `${pathOf(namespace, name)}?fieldManager=test`,
            { spec },
            'application/merge-patch+json',
          )
      }
    },
    async putSecret(name, data) {
      const objects = [real, ours].map((namespace) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        stringData: data,
      }))
      await cluster.applyObjects(objects)
    },
    async remove(name) {
      for (const namespace of [real, ours]) await cluster.requestOk('DELETE', pathOf(namespace, name))
      await run(name)
      await waitUntil(async () => (await read(real, name)) === null, 30_000)
    },
    async settle(name) {
      const token = new Date().toISOString()
      for (const namespace of [real, ours])
        await cluster.requestOk(
          'PATCH',
          `${pathOf(namespace, name)}?fieldManager=flux`,
          { metadata: { annotations: { [requestedAt]: token } } },
          'application/merge-patch+json',
        )
      const result = await run(name)
      await waitUntil(async () => {
        const object = await read(real, name)
        return at(object, 'status', 'lastHandledReconcileAt') === token && isResting(object)
      }, 60_000)
      return result
    },
    again: run,
    async both(name) {
      const [theirs, mine] = await Promise.all([read(real, name), read(ours, name)])
      return [masked(theirs, real), masked(mine, ours)]
    },
    async events(name) {
      const { items } = await cluster.requestOk<{ items: Readonly<Record<string, unknown>>[] }>(
        'GET',
        `/api/v1/namespaces/${real}/events?fieldSelector=involvedObject.name=${name}`,
      )
      const theirs = items.map((event) =>
        line(textAt(event, 'type'), textAt(event, 'reason'), textAt(event, 'message')),
      )
      const mine = (recorded.get(name) ?? []).map(({ severity, reason, message }) =>
        line(severity === 'error' ? 'Warning' : 'Normal', reason, message),
      )
      return [[...new Set(theirs)].sort(), [...new Set(mine)].sort()]
    },
    async files(name) {
      const [theirs, mine] = await Promise.all([read(real, name), read(ours, name)])
      const response = await fetch(textAt(theirs, 'status', 'artifact', 'url'))
      const own = await readFile(path.join(ourFolder, 'test', textAt(mine, 'status', 'artifact', 'path')))
      return [filesOf(await response.bytes()), filesOf(own)]
    },
    async ageArtifacts(ms) {
      for (const root of [theirFolder, ourFolder])
        for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue
          const file = path.join(entry.parentPath, entry.name)
          const at = new Date((await stat(file)).mtimeMs - ms)
          await utimes(file, at, at)
        }
    },
    isGone: async (name) => (await read(ours, name)) === null,
    async stop() {
      remote.dispose()
      opened.stop()
      await flux.stop()
      await git.stop()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The first request is acknowledged with the finalizer: what counts comes after it. */
function isResting(object: KubeObject | null): boolean {
  const conditions = (at(object, 'status', 'conditions') ?? []) as { type: string; reason: string }[]
  const isUnderWay = conditions.some(({ type, reason }) => type === 'Reconciling' && reason === 'Progressing')
  return !isUnderWay && (conditions.length > 0 || at(object, 'spec', 'suspend') === true)
}

function line(type: string, reason: string, message: string): string {
  return `${type} ${reason}: ${message.replaceAll(ours, real)}`
}

/** Times, and what differs by nature, aside. */
function masked(object: KubeObject | null, namespace: string): unknown {
  if (object === null) return null
  const text = JSON.stringify(comparable(object, namespace))
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(/"(lastTransitionTime|lastUpdateTime|firstReconciled|lastReconciled)":"[^"]*"/g, '"$1":"*"')
  const plain = JSON.parse(text) as {
    status?: { artifact?: Record<string, unknown>; includedArtifacts?: Record<string, unknown>[] }
  }
  for (const artifact of [plain.status?.artifact, ...(plain.status?.includedArtifacts ?? [])])
    if (artifact !== undefined) for (const field of leftOut) delete artifact[field]
  return plain
}
