/** A small fleet of hand-made Kustomizations on a real API server with the real controllers, and what tests do to it. */
import type { KubeObject } from '../apply-manifests.ts'
import { startFluxControllers, type FluxOptions, type RunningFlux } from '../flux.ts'
import { startGitServer, type GitRepository, type GitServer } from '../git-server.ts'
import { fluxAssets, startTestCluster, type TestCluster, type TestClusterOptions } from '../start.ts'
import { isSoak } from '../../soak.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { toFiles, type TruthKustomization } from './truth-manifests.ts'

/** Soaks run beside whatever else the machine does. */
const patienceMs = isSoak ? 600_000 : 120_000

export const fluxNamespace = 'flux-system'

export interface TruthFleet {
  readonly cluster: TestCluster
  readonly flux: RunningFlux
  readonly git: GitServer
  readonly repository: GitRepository
  /** Asks the controller for a run of each and waits for its end; answers the message of each that did not end well. */
  reconcile(names: readonly string[]): Promise<readonly string[]>
  /** Resolves when the GitRepository's artifact is at the commit. */
  fetched(commit: string): Promise<void>
  kustomization(name: string): Promise<FluxObject>
  stop(): Promise<void>
}

export interface FluxObject extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>
  readonly status?: {
    readonly lastHandledReconcileAt?: string
    readonly observedGeneration?: number
    readonly lastAppliedRevision?: string
    readonly artifact?: { readonly revision: string; readonly url: string; readonly digest: string }
    readonly inventory?: { readonly entries: readonly { readonly id: string; readonly v: string }[] }
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
  }
}

export interface TruthFleetOptions {
  /** In the repository; the first is applied before the others. A function is asked when the API server and the controllers are up. */
  readonly kustomizations:
    readonly TruthKustomization[] | ((cluster: TestCluster) => Promise<readonly TruthKustomization[]>)
  readonly controllers?: NonNullable<FluxOptions['controllers']>
  readonly components?: NonNullable<TestClusterOptions['components']>
  readonly cluster?: Omit<TestClusterOptions, 'components'>
  /** Of kustomize-controller. */
  readonly controllerArgs?: readonly string[]
  /** Of all Kustomizations together; two minutes if not given. */
  readonly readyTimeoutMs?: number
  /** More files for the repository. */
  readonly files?: Readonly<Record<string, string>>
}

export const kustomizationsPath = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/kustomizations`
const repositoryPath = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/gitrepositories/truth`
const mergePatch = 'application/merge-patch+json'
let requestCount = 0

/** Resolves when every Kustomization is applied. */
export async function startTruthFleet(options: TruthFleetOptions): Promise<TruthFleet> {
  const startedAt = performance.now()
  const cluster = await startTestCluster({ ...options.cluster, components: options.components ?? {} })
  const clusterMs = performance.now() - startedAt
  let flux: RunningFlux | null = null
  let git: GitServer | null = null
  const stop = async (): Promise<void> => {
    await flux?.stop()
    await git?.stop()
    await cluster.stop()
  }
  try {
    flux = await startFluxControllers(cluster, {
      assets: fluxAssets() ?? '',
      controllers: options.controllers ?? ['source-controller', 'kustomize-controller'],
      deployments: true,
      // Without notification-controller each event would be retried for half a minute, and the run with it.
      extraArgs: {
        'source-controller': ['--events-addr='],
        'kustomize-controller': ['--events-addr=', ...(options.controllerArgs ?? [])],
        'helm-controller': ['--events-addr='],
      },
    })
    const fluxMs = performance.now() - startedAt
    git = await startGitServer()
    const kustomizations =
      typeof options.kustomizations === 'function' ? await options.kustomizations(cluster) : options.kustomizations
    const files = Object.assign(
      { 'README.md': 'truth\n', ...options.files },
      ...kustomizations.map(({ name, objects }) => toFiles(name, objects)),
    ) as Record<string, string>
    const repository = await git.createRepository('truth', files)
    const fleet = createFleet(cluster, flux, git, repository, stop)
    await cluster.applyObjects([
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'truth', namespace: fluxNamespace },
        spec: { url: repository.url, interval: '60m', ref: { branch: repository.branch } },
      },
    ])
    // The first brings what the others need: one that fails would not be tried again for an hour.
    const timeoutMs = options.readyTimeoutMs ?? patienceMs
    await applyAndWait(cluster, kustomizations.slice(0, 1), timeoutMs)
    await applyAndWait(cluster, kustomizations.slice(1), timeoutMs)
    const seconds = (ms: number): string => (ms / 1000).toFixed(1)
    process.stderr.write(
      `fleet: API server ${seconds(clusterMs)} s, controllers ${seconds(fluxMs)} s, reconciled ${seconds(performance.now() - startedAt)} s\n`,
    )
    return fleet
  } catch (error) {
    await stop()
    throw error
  }
}

async function applyAndWait(
  cluster: TestCluster,
  kustomizations: readonly TruthKustomization[],
  timeoutMs: number,
): Promise<void> {
  if (kustomizations.length === 0) return
  await cluster.applyObjects(kustomizations.map(({ name, spec }) => kustomizationOf(name, spec)))
  const names = new Set(kustomizations.map(({ name }) => name))
  const read = async (): Promise<readonly FluxObject[]> => {
    const { items } = await cluster.requestOk<{ items: FluxObject[] }>('GET', kustomizationsPath)
    return items.filter(({ metadata }) => names.has(metadata.name))
  }
  const isReady = (object: FluxObject): boolean =>
    object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true &&
    object.status.observedGeneration === object.metadata.generation
  await waitUntil(async () => ((await read()).every(isReady) ? true : null), timeoutMs).catch(
    async (error: unknown) => {
      const conditions = (await read()).filter((object) => !isReady(object))
      throw new Error(
        conditions
          .map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status?.conditions ?? [])}`)
          .join('\n'),
        { cause: error },
      )
    },
  )
}

export function kustomizationOf(name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: fluxNamespace },
    spec: {
      interval: '60m',
      timeout: '2m',
      retryInterval: '60m',
      prune: true,
      path: `./${name}`,
      sourceRef: { kind: 'GitRepository', name: 'truth' },
      ...spec,
    },
  }
}

function createFleet(
  cluster: TestCluster,
  flux: RunningFlux,
  git: GitServer,
  repository: GitRepository,
  stop: () => Promise<void>,
): TruthFleet {
  const request = async (at: string): Promise<string> => {
    const token = `truth-${String((requestCount += 1))}`
    await cluster.requestOk(
      'PATCH',
      at,
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } },
      mergePatch,
    )
    return token
  }
  const handled = (at: string, token: string): Promise<FluxObject> =>
    waitUntil(async () => {
      const object = await cluster.requestOk<FluxObject>('GET', at)
      return object.status?.lastHandledReconcileAt === token ? object : null
    }, patienceMs)
  return {
    cluster,
    flux,
    git,
    repository,
    stop,
    kustomization: (name) => cluster.requestOk<FluxObject>('GET', `${kustomizationsPath}/${name}`),
    async reconcile(names) {
      const failures: string[] = []
      const tokens: [string, string][] = []
      for (const name of names) tokens.push([name, await request(`${kustomizationsPath}/${name}`)])
      for (const [name, token] of tokens) {
        const object = await handled(`${kustomizationsPath}/${name}`, token)
        const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
        if (ready?.status !== 'True') failures.push(`${name}: ${ready?.message ?? 'no Ready condition'}`)
      }
      return failures
    },
    async fetched(commit) {
      const token = await request(repositoryPath)
      await handled(repositoryPath, token)
      await waitUntil(async () => {
        const object = await cluster.requestOk<FluxObject>('GET', repositoryPath)
        return object.status?.artifact?.revision.endsWith(commit) === true ? true : null
      }, 60_000)
    },
  }
}
