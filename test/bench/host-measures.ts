/** The same four measurements of whoever reconciles a cluster: from nothing to Ready, a pass without changes, a commit, memory. */
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../../electron/engine/ports.ts'
import { inParallel } from '../app/populate.ts'
import type { KubeObject } from '../cluster/apply-manifests.ts'
import type { GitRepository } from '../cluster/git-server.ts'
import { startTestCluster, type TestCluster } from '../cluster/start.ts'
import { openClient } from '../integration/host/twin-apply.ts'
import { settledPss } from './anchors.ts'
import { benchName, benchObjects, benchPath } from './drift-fleet.ts'
import { appFolder, createNamespaces, type Side } from './host-fleet.ts'
import { median } from './report.ts'

export interface SideFigures {
  /** From nothing to all Ready, and the part of it that the source took. */
  readonly firstMs: number
  readonly sourceMs: number
  /** Of a full pass without changes. */
  readonly unchangedMs: number
  readonly unchangedCpuMs: number
  /** From a push to the changed object, median. */
  readonly commitMs: number
  readonly pssBytes: number
}

export interface MeasureOptions {
  readonly start: (cluster: TestCluster) => Promise<Side>
  /** All Kustomizations but one are built from it. */
  readonly fleet: GitRepository
  /** What is committed to reaches one Kustomization. */
  readonly single: GitRepository
  readonly count: number
  readonly commits: number
}

const namespace = 'flux-system'
const singleName = 'single'
/** Of the objects of the fleet nobody has this one. */
const singleIndex = 999
const sources = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/gitrepositories`
const kustomizations = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations`
const width = 16
const patienceMs = 45 * 60_000
/** What work left behind has been given back by then, as far as it ever is. */
const restMs = 20_000
let requests = 0

/** On a cluster of its own, one after the other: the machine is each side's alone. */
export async function measureSide(options: MeasureOptions): Promise<SideFigures> {
  const { count, fleet, single } = options
  const cluster = await startTestCluster({ crds: 'flux' })
  let side: Side | null = null
  const connection = await openClient(cluster)
  try {
    await createNamespaces(cluster)
    side = await options.start(cluster)
    const watch = watchObjects(connection.client, kustomizations)
    const watchSource = watchObjects(connection.client, sources, 'fleet')
    try {
      // What a process does once in its life is over: the first artifact, the first build.
      await create(cluster, [sourceOf(singleName, single)], sources)
      await create(cluster, [kustomizationOf(singleName, singleName, singleIndex)], kustomizations)
      await watch.until((objects) => objects.filter(isReady).length === 1)
      await quiet(side)

      const beganAt = performance.now()
      let sourceAt = beganAt
      const fresh = Array.from({ length: count }, (_, index) => kustomizationOf(benchName(index), 'fleet', index))
      await Promise.all([
        create(cluster, [sourceOf('fleet', fleet)], sources),
        create(cluster, fresh, kustomizations),
        watchSource
          .until(([source]) => source !== undefined && isReady(source))
          .then(() => {
            sourceAt = performance.now()
          }),
        watch.until((objects) => objects.filter(isReady).length === count + 1),
      ])
      const firstMs = performance.now() - beganAt
      await quiet(side)

      const cpuBefore = await side.cpuMs()
      const passAt = performance.now()
      const token = await askAll(
        cluster,
        fresh.map(({ metadata }) => `${kustomizations}/${metadata.name}`),
      )
      await watch.until((objects) => objects.filter((object) => isHandled(object, token)).length === count)
      const unchangedMs = performance.now() - passAt
      await quiet(side)
      const unchangedCpuMs = (await side.cpuMs()) - cpuBefore

      const commits: number[] = []
      for (let round = 0; round < options.commits; round += 1)
        commits.push(await measureCommit(cluster, connection.client, single, round))
      console.error(`    commits ${commits.map((ms) => Math.round(ms)).join(' ')} ms`)
      await delay(restMs)
      let pssBytes = 0
      for (const pid of side.pids) pssBytes += await settledPss(pid)
      return {
        firstMs,
        sourceMs: sourceAt - beganAt,
        unchangedMs,
        unchangedCpuMs,
        commitMs: median(commits),
        pssBytes,
      }
    } finally {
      watch.stop()
      watchSource.stop()
    }
  } finally {
    await side?.stop()
    connection.stop()
    await cluster.stop()
  }
}

function sourceOf(name: string, { url, branch }: GitRepository): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name, namespace },
    spec: { url, interval: '60m', ref: { branch } },
  }
}

function kustomizationOf(name: string, source: string, index: number): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
    spec: {
      interval: '60m',
      retryInterval: '2m',
      timeout: '5m',
      prune: true,
      path: `./${appFolder(index)}`,
      sourceRef: { kind: 'GitRepository', name: source },
    },
  }
}

async function create(cluster: TestCluster, objects: readonly KubeObject[], collection: string): Promise<void> {
  await inParallel(objects, width, async (object) => {
    await cluster.requestOk('POST', collection, object)
  })
}

/** Asks for a run of each, as `flux reconcile` does; the token. */
async function askAll(cluster: TestCluster, paths: readonly string[]): Promise<string> {
  requests += 1
  const token = `bench-${requests}`
  const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }
  await inParallel(paths, width, async (at) => {
    await cluster.requestOk('PATCH', at, body, 'application/merge-patch+json')
  })
  return token
}

interface Status {
  readonly observedGeneration?: number
  readonly lastHandledReconcileAt?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}

function isReady({ metadata, status }: KubeObject): boolean {
  const { observedGeneration, conditions } = (status ?? {}) as Status
  return (
    observedGeneration === metadata.generation &&
    conditions?.some(({ type, status: word }) => type === 'Ready' && word === 'True') === true
  )
}

function isHandled(object: KubeObject, token: string): boolean {
  return isReady(object) && (object.status as Status).lastHandledReconcileAt === token
}

/** The processor is left alone for a second, and events and collections are over. */
async function quiet(side: Side): Promise<void> {
  for (let last = await side.cpuMs(), still = 0; still < 2;) {
    await delay(500)
    const now = await side.cpuMs()
    still = now - last <= 20 ? still + 1 : 0
    last = now
  }
}

/** Milliseconds from the push until the API server tells of the changed object. */
async function measureCommit(
  cluster: TestCluster,
  client: KubeClient,
  repository: GitRepository,
  round: number,
): Promise<number> {
  const [, configMap] = benchObjects(singleIndex)
  if (configMap === undefined) throw new Error('no ConfigMap')
  const word = `round-${round}-${performance.now()}`
  const watch = watchObjects(client, benchPath(configMap).replace(/\/[^/]+$/, ''), configMap.metadata.name)
  try {
    await watch.until((objects) => objects.length === 1)
    const text = JSON.stringify({ ...configMap, data: { word } }, null, 2)
    await repository.commit({ [`${appFolder(singleIndex)}/config.yaml`]: text })
    const pushedAt = performance.now()
    await askAll(cluster, [`${sources}/${singleName}`])
    await watch.until(([object]) => (object?.['data'] as { word?: string } | undefined)?.word === word)
    return performance.now() - pushedAt
  } finally {
    watch.stop()
  }
}

interface Watch {
  until(isTrue: (objects: readonly KubeObject[]) => boolean): Promise<void>
  stop(): void
}

/** All objects of a collection, or the one of that name, as the API server tells of them. */
function watchObjects(client: KubeClient, collection: string, name?: string): Watch {
  const objects = new Map<string, KubeObject>()
  const abort = new AbortController()
  let changed: (() => void) | null = null
  let fault: unknown = null
  const query = name === undefined ? '' : `&fieldSelector=metadata.name%3D${name}`
  async function follow(): Promise<void> {
    const { lines } = await client.stream({
      method: 'GET',
      path: `${collection}?watch=1&timeoutSeconds=7200${query}`,
      signal: abort.signal,
      timeoutMs: 7_200_000,
    })
    for await (const batch of lines) {
      for (const line of batch) {
        const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
        if (type === 'DELETED') objects.delete(object.metadata.name)
        else objects.set(object.metadata.name, object)
      }
      changed?.()
    }
    throw new Error('the watch ended')
  }
  follow().catch((error: unknown) => {
    fault = error
    changed?.()
  })
  return {
    async until(isTrue) {
      const end = performance.now() + patienceMs
      while (!isTrue([...objects.values()])) {
        if (fault !== null) throw fault as Error
        if (performance.now() > end) throw new Error(`not true within ${patienceMs} ms: ${isTrue.toString()}`)
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      }
    },
    stop: () => abort.abort(),
  }
}
