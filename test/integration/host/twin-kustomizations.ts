/**
 * The same Kustomizations twice on one API server, from one source: those of namespace twin-real are reconciled by the real kustomize-controller,
 * those of twin-ours by Sluice's reconciler, run by run. What both left behind is compared.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createCodec } from '../../../electron/adapters/node/codec.ts'
import { createRandom } from '../../../electron/adapters/node/system-clock.ts'
import { createClusterRenderer } from '../../../electron/adapters/worker-pool/cluster-renderer.ts'
import { createSameThreadRenders } from '../../../electron/adapters/worker-pool/same-thread.ts'
import { applySet } from '../../../electron/engine/apply/apply-set.ts'
import { pruneSet } from '../../../electron/engine/apply/prune-set.ts'
import type { KubeObject, ServedResource } from '../../../electron/engine/clusters/view.ts'
import { resourcePath } from '../../../electron/engine/clusters/view.ts'
import { errorFromAnswer } from '../../../electron/engine/cache/api-answer.ts'
import type { KubeRequest } from '../../../electron/engine/ports.ts'
import type { RecordedEvent } from '../../../electron/engine/reconcile/events/event-recorder.ts'
import {
  compileHealthExpressions,
  compileReadyExpression,
} from '../../../electron/engine/reconcile/health/health-expressions.ts'
import { waitForHealth } from '../../../electron/engine/reconcile/health/wait-for-health.ts'
import { createKustomizationReconciler } from '../../../electron/engine/reconcile/kustomization/create-kustomization-reconciler.ts'
import type { KustomizationReconciler } from '../../../electron/engine/reconcile/kustomization/create-kustomization-reconciler.ts'
import type { HostedView, RunContext, RunOutcome } from '../../../electron/engine/reconcile/reconciler.ts'
import type { ArtifactStorage } from '../../../electron/engine/reconcile/source/storage-port.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { findCondition, readConditions } from '../../../electron/engine/status/conditions.ts'
import { at, textAt } from '../../../electron/engine/status/read.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { countRequests, ours, real, runContext } from './one-run.ts'
import { clock, comparable, openClient } from './twin-apply.ts'

const source = { namespace: 'flux-system', name: 'fleet' }
const kustomizations = '/apis/kustomize.toolkit.fluxcd.io/v1'
const requestedAt = 'reconcile.fluxcd.io/requestedAt'

export interface Run {
  readonly outcome: RunOutcome
  readonly requests: readonly KubeRequest[]
  readonly events: readonly RecordedEvent[]
}

export interface Twins {
  readonly cluster: TestCluster
  readonly repository: GitRepository
  readonly git: GitServer
  readonly flux: RunningFlux
  /** Commits, and waits until the source has the artifact. */
  commit(files: Readonly<Record<string, string | null>>): Promise<string>
  /** Creates or changes (merge patch) both; `spec` on top of what every one of them has. */
  put(name: string, spec: Readonly<Record<string, unknown>>): Promise<void>
  remove(name: string): Promise<void>
  /** One run of ours, and those that follow at once; all of them as one. */
  run(name: string, more?: Partial<RunContext>): Promise<Run>
  /** Asks both to reconcile and waits until both have. */
  settle(name: string): Promise<Run>
  /** Both as they compare: [real, ours]. */
  both(name: string): Promise<readonly [unknown, unknown]>
  /** Both copies of a managed object. */
  bothOf(apiVersion: string, kind: string, name: string): Promise<readonly [unknown, unknown]>
  get(apiVersion: string, kind: string, namespace: string, name: string): Promise<KubeObject | null>
  /** Events as text, [real, ours], oldest first, equal ones once. */
  events(name: string): Promise<readonly [readonly string[], readonly string[]]>
  stop(): Promise<void>
}

export async function startTwins(): Promise<Twins> {
  const cluster = await startTestCluster({ crds: 'flux', components: { controllerManager: true } })
  const flux = await startFluxControllers(cluster, {
    assets: process.env['FLUX_ASSETS'] ?? '',
    controllers: ['source-controller', 'kustomize-controller'],
    extraArgs: { 'kustomize-controller': [`--watch-label-selector=twin=${real}`, '--requeue-dependency=30s'] },
  })
  const git = await startGitServer()
  const repository = await git.createRepository('fleet', { 'README.md': 'fleet' })
  const connection = await openClient(cluster)
  const { client } = connection
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-twins-'))
  const cache = createArtifactCache({ folder: path.join(folder, 'artifacts'), now: () => Date.now() })
  for (const name of [real, ours])
    await cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }])
  await cluster.applyObjects([
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: source,
      spec: { url: repository.url, ref: { branch: repository.branch }, interval: '1h' },
    },
  ])

  const discovery = createDiscovery(cluster)
  const { counted, requests } = countRequests(client)
  const fetchRef = async (ref: ObjectRef): Promise<KubeObject> => {
    const resource = await discovery.find(ref.group, ref.kind)
    const answer = await client.request({ method: 'GET', path: resourcePath(resource, ref.namespace, ref.name) })
    if (answer.status >= 300) throw errorFromAnswer(answer, `${ref.kind} ${ref.name}`)
    return answer.json() as KubeObject
  }
  const kept = new Map<string, KubeObject>()
  const keyOf = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`
  async function refresh(): Promise<void> {
    kept.clear()
    for (const [kind, root] of [
      ['Kustomization', `${kustomizations}/kustomizations`],
      ['GitRepository', '/apis/source.toolkit.fluxcd.io/v1/gitrepositories'],
    ] as const) {
      const { items } = await cluster.requestOk<{ items: KubeObject[]; apiVersion: string }>('GET', root)
      const apiVersion = root.split('/').slice(2, 4).join('/')
      for (const item of items)
        kept.set(keyOf(kind, item.metadata.namespace ?? '', item.metadata.name), { ...item, apiVersion, kind })
    }
  }
  const view = {
    id: 'test',
    client: () => counted,
    writeClient: () => counted,
    served: (group: string, kind: string) => discovery.known(group, kind),
    cached: (ref: ObjectRef) => kept.get(keyOf(ref.kind, ref.namespace, ref.name)) ?? null,
    fetch: fetchRef,
    objects: (_group: string, kind: string) =>
      [...kept].filter(([key]) => key.startsWith(`${kind} `)).map(([, o]) => o),
    watchKind: () => () => undefined,
    controllers: () => [],
    rows: () => [],
    row: () => null,
  } as unknown as HostedView
  const storage = {
    async find({ source: of, digest, path: place }) {
      const object = kept.get(keyOf('GitRepository', of.namespace, of.name))
      const response = await fetch(textAt(object, 'status', 'artifact', 'url'))
      if (!response.ok || response.body === null) return 'absent'
      const tree = await cache.storeArchive({
        key: digest.replace(/\W/g, '-'),
        what: place,
        bytes: response.body,
        digest,
        limits: defaultTreeLimits,
        signal: new AbortController().signal,
      })
      return { path: place, digest, bytes: 0, tree }
    },
  } as Partial<ArtifactStorage> as ArtifactStorage
  const reconciler: KustomizationReconciler = createKustomizationReconciler({
    ports: {
      clock,
      random: createRandom(),
      codec: createCodec(),
      clusterRenderer: createClusterRenderer({ send: createSameThreadRenders({} as never) }),
      kubeConfigs: { openForeign: () => ({ client, host: '127.0.0.1:1' }) } as never,
    },
    storage,
    hosts: { isAllowed: () => true, noteNamed: () => undefined },
    access: {} as never,
    applySet,
    pruneSet,
    waitForHealth,
    compileHealth: compileHealthExpressions,
    compileReady: compileReadyExpression,
    settings: { jitterPercent: 0 },
  })

  async function eventsOfReal(name: string): Promise<readonly string[]> {
    const { items } = await cluster.requestOk<{ items: Readonly<Record<string, unknown>>[] }>(
      'GET',
      `/api/v1/namespaces/${real}/events?fieldSelector=involvedObject.name=${name}`,
    )
    return once(
      items
        .filter((event) => textAt(event, 'source', 'component') === 'kustomize-controller')
        .sort((a, b) => (textAt(a, 'firstTimestamp') < textAt(b, 'firstTimestamp') ? -1 : 1))
        .map((event) => {
          const annotations = Object.entries((at(event, 'metadata', 'annotations') ?? {}) as Record<string, string>)
          return line(textAt(event, 'type'), textAt(event, 'reason'), textAt(event, 'message'), annotations, real)
        }),
    )
  }
  const seenEvents = new Map<string, RecordedEvent[]>()
  const twins: Twins = {
    cluster,
    repository,
    git,
    flux,
    async commit(files) {
      const sha = await repository.commit(files)
      await annotate(
        cluster,
        `/apis/source.toolkit.fluxcd.io/v1/namespaces/${source.namespace}/gitrepositories/${source.name}`,
      )
      await waitUntil(async () => {
        await refresh()
        const object = kept.get(keyOf('GitRepository', source.namespace, source.name))
        return textAt(object, 'status', 'artifact', 'revision').endsWith(sha)
      }, 60_000)
      return sha
    },
    async put(name, spec) {
      for (const namespace of [real, ours]) {
        const resolved = JSON.parse(JSON.stringify(spec).replaceAll('TWIN', namespace)) as object
        const base = {
          interval: '1h',
          retryInterval: '2h',
          prune: true,
          path: `./${name}`,
          targetNamespace: namespace,
          sourceRef: { kind: 'GitRepository', ...source },
        }
        const at = `${kustomizations}/namespaces/${namespace}/kustomizations`
        const known = await cluster.request('GET', `${at}/${name}`)
        if (known.status === 404)
          await cluster.requestOk('POST', `${at}?fieldManager=test`, {
            apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
            kind: 'Kustomization',
            metadata: { name, namespace, labels: { twin: namespace } },
            spec: { ...base, ...resolved },
          })
        else
          await cluster.requestOk(
            'PATCH',
            `${at}/${name}?fieldManager=test`,
            { spec: resolved },
            'application/merge-patch+json',
          )
      }
    },
    async remove(name) {
      for (const namespace of [real, ours])
        await cluster.requestOk('DELETE', `${kustomizations}/namespaces/${namespace}/kustomizations/${name}`)
    },
    async run(name, more = {}) {
      const events: RecordedEvent[] = []
      requests.length = 0
      for (;;) {
        await refresh()
        await discovery.refresh()
        const object = kept.get(keyOf('Kustomization', ours, name))
        if (object === undefined) throw new Error(`no Kustomization ${name}`)
        const ref = {
          cluster: 'test',
          group: 'kustomize.toolkit.fluxcd.io',
          kind: 'Kustomization',
          namespace: ours,
          name,
        }
        requests.length = 0
        const own = runContext('kustomize-controller', { view, client: counted, object }, events)
        const outcome = await reconciler.reconcile(ref, { ...own, ...more })
        if (outcome.requeueAfterMs === 0) continue
        const list = seenEvents.get(name) ?? []
        list.push(...events)
        seenEvents.set(name, list)
        return { outcome, requests: [...requests], events }
      }
    },
    async settle(name) {
      const token = new Date().toISOString()
      for (const namespace of [real, ours])
        await annotate(cluster, `${kustomizations}/namespaces/${namespace}/kustomizations/${name}`, token)
      const run = await twins.run(name)
      await waitUntil(async () => {
        const object = await cluster.requestOk('GET', `${kustomizations}/namespaces/${real}/kustomizations/${name}`)
        // The run that only adds the finalizer acknowledges it as well.
        const ready = findCondition(readConditions(object), 'Ready')?.status ?? 'Unknown'
        return at(object, 'status', 'lastHandledReconcileAt') === token && ready !== 'Unknown'
      }, 60_000)
      return run
    },
    async both(name) {
      const [theirs, mine] = await Promise.all(
        [real, ours].map((namespace) =>
          cluster.requestOk<KubeObject & object>(
            'GET',
            `${kustomizations}/namespaces/${namespace}/kustomizations/${name}`,
          ),
        ),
      )
      return [masked(theirs!, real), masked(mine!, ours)]
    },
    async bothOf(apiVersion, kind, name) {
      const [theirs, mine] = await Promise.all(
        [real, ours].map((namespace) => twins.get(apiVersion, kind, namespace, name)),
      )
      return [comparable(theirs ?? null, real), comparable(mine ?? null, ours)]
    },
    async get(apiVersion, kind, namespace, name) {
      const slash = apiVersion.indexOf('/')
      const resource = await discovery.find(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
      const { status, body } = await cluster.request('GET', resourcePath(resource, namespace, name))
      return status === 200 ? (body as KubeObject) : null
    },
    async events(name) {
      const mine = once(
        (seenEvents.get(name) ?? []).map(({ severity, reason, message, metadata }) =>
          line(severity === 'error' ? 'Warning' : 'Normal', reason, message, Object.entries(metadata), ours),
        ),
      )
      let theirs = await eventsOfReal(name)
      // They are written behind the run.
      for (let tries = 0; tries < 40 && theirs.length < mine.length; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        theirs = await eventsOfReal(name)
      }
      return [theirs, mine]
    },
    async stop() {
      reconciler.dispose()
      connection.stop()
      await flux.stop()
      await git.stop()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await waitUntil(async () => {
    await refresh()
    const object = kept.get(keyOf('GitRepository', source.namespace, source.name))
    return textAt(object, 'status', 'artifact', 'revision') !== ''
  }, 60_000)
  return twins
}

/** Equal events are counted up, and keep the annotations of the first. */
function once(lines: readonly string[]): readonly string[] {
  const kept = new Map<string, string>()
  for (const each of lines) {
    const key = each.slice(0, each.lastIndexOf(' {'))
    if (!kept.has(key)) kept.set(key, each)
  }
  return [...kept.values()].sort()
}

function line(
  type: string,
  reason: string,
  message: string,
  annotations: readonly (readonly [string, string])[],
  namespace: string,
): string {
  const notes = annotations.map(([key, value]) => `${key}=${value}`).sort()
  return maskText(`${type} ${reason}: ${message} {${notes.join(', ')}}`, namespace)
}

async function annotate(cluster: TestCluster, at: string, token = new Date().toISOString()): Promise<void> {
  await cluster.requestOk(
    'PATCH',
    `${at}?fieldManager=flux`,
    { metadata: { annotations: { [requestedAt]: token } } },
    'application/merge-patch+json',
  )
}

/** Times, durations, counters and temporary folders aside. */
function masked(object: KubeObject, namespace: string): unknown {
  const text = JSON.stringify(comparable(object, namespace))
  return JSON.parse(maskText(text, namespace))
}

function maskText(text: string, namespace: string): string {
  return (
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(/"(lastTransitionTime|firstReconciled|lastReconciled|lastReconciledDuration)":"[^"]*"/g, '"$1":"*"')
      // The namespace is in what is built; digests are compared by the suites of rendering.
      .replaceAll(/"digest":"sha256:[0-9a-f]+"/g, '"digest":"*"')
      .replaceAll(/"totalReconciliations":\d+/g, '"totalReconciliations":"*"')
      .replaceAll(/\/[^"' ]*\/kustomization-\d+/g, '')
      .replaceAll('/artifact/', '/')
      .replaceAll(/\b(finished in|passed in|failed after) [0-9.hmsµn]+/g, '$1 *')
  )
}

interface Discovery {
  known(group: string, kind: string): ServedResource | null
  find(group: string, kind: string): Promise<ServedResource>
  refresh(): Promise<void>
}

function createDiscovery(cluster: TestCluster): Discovery {
  const known = new Map<string, ServedResource>()
  async function load(group: string, version: string): Promise<void> {
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const { body } = await cluster.request('GET', root)
    const resources = (body as { resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[] })
      .resources
    for (const { name, kind, namespaced, verbs } of resources ?? [])
      if (!name.includes('/'))
        known.set(`${group}/${kind}`, {
          group,
          version,
          kind,
          plural: name,
          isNamespaced: namespaced,
          verbs,
          shortNames: [],
        })
  }
  async function refresh(): Promise<void> {
    const { groups } = await cluster.requestOk<{ groups: { name: string; preferredVersion: { version: string } }[] }>(
      'GET',
      '/apis',
    )
    await Promise.all([
      load('', 'v1'),
      ...groups.map(({ name, preferredVersion }) => load(name, preferredVersion.version)),
    ])
  }
  return {
    refresh,
    known: (group, kind) => known.get(`${group}/${kind}`) ?? null,
    async find(group, kind) {
      if (!known.has(`${group}/${kind}`)) await refresh()
      const found = known.get(`${group}/${kind}`)
      if (found === undefined) throw new Error(`not served: ${group}/${kind}`)
      return found
    },
  }
}
