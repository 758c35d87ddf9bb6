/**
 * Two clusters with the same fleet from the same repository: on one the real source- and kustomize-controller, on the other Sluice's hosted mode.
 */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { textAt } from '../../../electron/engine/status/read.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { DeriveOptions, Fleet } from '../../cluster/fleet/derive-fleet.ts'
import { deriveFleet } from '../../cluster/fleet/derive-fleet.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster, TestClusterOptions } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { isSoak } from '../../soak.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import { filesOf } from './archive-files.ts'
import type { Comparison } from './fleet-compare.ts'
import { compareClusters } from './fleet-compare.ts'
import { kustomizationsRoot, readUnsettled, sourcesRoot } from './fleet-settled.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { startHostedEngine } from './hosted-engine.ts'

export interface FleetTwins {
  /** With the real controllers. */
  readonly real: TestCluster
  /** With hosted mode. */
  readonly ours: TestCluster
  readonly flux: RunningFlux
  readonly git: GitServer
  readonly engine: HostedEngine
  /** Applies the same objects to both. */
  apply(objects: readonly KubeObject[]): Promise<void>
  /** The fleet of a real repository, on both. */
  derive(
    archive: string,
    options: Pick<DeriveOptions, 'keep' | 'entryFile' | 'namespacePrefix' | 'isTrimmed'>,
  ): Promise<Fleet>
  /** Merge patch of a Kustomization's spec on both, as by hand: the one of this name from this repository. */
  patch(repository: GitRepository, name: string, spec: Readonly<Record<string, unknown>>): Promise<void>
  /** Asks both for the sources of this repository and waits until they have this commit. */
  fetched(repository: GitRepository, commit: string): Promise<void>
  /** Asks both for a run of every Kustomization from this repository. */
  ask(repository: GitRepository): Promise<void>
  /** Waits until this Kustomization waits on both for this ConfigMap to go, then lets it go. */
  release(kustomization: NamespacedName, map: NamespacedName): Promise<void>
  /** Resolves when neither has this Kustomization any more. */
  gone(kustomization: NamespacedName): Promise<void>
  /** Those on the real controllers' cluster, all or those of a repository. */
  kustomizations(repository?: GitRepository): Promise<readonly KubeObject[]>
  /** Resolves when both have come to rest. */
  rest(timeoutMs: number): Promise<void>
  /** Waits until both have come to rest, then compares; compares again while they differ, up to a while: events are written behind the runs. */
  compare(timeoutMs?: number): Promise<Comparison>
  /** Files (with their hashes) in all artifacts of GitRepositories, [theirs, ours], by name of the source. */
  artifactFiles(): Promise<
    readonly [Readonly<Record<string, readonly string[]>>, Readonly<Record<string, readonly string[]>>]
  >
  stop(): Promise<void>
}

interface NamespacedName {
  readonly namespace: string
  readonly name: string
}

interface FleetTwinOptions {
  readonly components?: NonNullable<TestClusterOptions['components']>
}

/** A soak may be the last that the machine works on. */
const slack = isSoak ? 10 : 1
let tokens = 0

export async function startFleetTwins(options: FleetTwinOptions = {}): Promise<FleetTwins> {
  const { components = {} } = options
  const clusterOptions = { crds: 'flux', components } as const
  const [real, ours, git] = await Promise.all([
    startTestCluster(clusterOptions),
    startTestCluster(clusterOptions),
    startGitServer(),
  ])
  const fleets: Fleet[] = []
  await ours.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }])
  const [flux, engine] = await Promise.all([
    startFluxControllers(real, {
      assets: fluxAssets() ?? '',
      controllers: ['source-controller', 'kustomize-controller'],
      // What fails comes to rest between its tries.
      extraArgs: { 'source-controller': ['--min-retry-delay=750ms', '--max-retry-delay=15m'] },
    }),
    // Parity is that of the controllers: they know no guard.
    startHostedEngine({ kubeconfig: ours.kubeconfigPath, hosting: { isPruneGuarded: false } }),
  ])
  await engine.switchOn()
  await waitUntil(() => engine.state()?.state === 'active', slack * 30_000)
  allowLoopback(engine)

  const twins: FleetTwins = {
    real,
    ours,
    flux,
    git,
    engine,
    async apply(objects) {
      await Promise.all([real, ours].map((cluster) => cluster.applyObjects(objects)))
    },
    async derive(archive, more) {
      const fleet = await deriveFleet(archive, { cluster: real, twin: ours, git, isWaitDropped: true, ...more })
      fleets.push(fleet)
      return fleet
    },
    async patch(repository, name, spec) {
      for (const cluster of [real, ours])
        for (const { metadata } of await kustomizationsOf(cluster, repository)) {
          if (metadata.name !== name) continue
          const at = `${kustomizationsRoot}/namespaces/${metadata.namespace ?? ''}/kustomizations/${name}?fieldManager=flux`
          await cluster.requestOk('PATCH', at, { spec }, 'application/merge-patch+json')
        }
    },
    async fetched(repository, commit) {
      tokens += 1
      const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `fetch-${String(tokens)}` } } }
      await Promise.all(
        [real, ours].map(async (cluster) => {
          const { items } = await cluster.requestOk<{ items: KubeObject[] }>('GET', `${sourcesRoot}/gitrepositories`)
          const own = items.filter((item) => textAt(item, 'spec', 'url') === repository.url)
          const follows = own.filter((item) => textAt(item, 'spec', 'ref', 'branch') !== '')
          for (const { metadata } of own)
            await cluster.requestOk(
              'PATCH',
              `${pathOf(metadata)}?fieldManager=flux`,
              body,
              'application/merge-patch+json',
            )
          for (const { metadata } of follows)
            await waitUntil(async () => {
              const object = await cluster.requestOk('GET', pathOf(metadata))
              return textAt(object, 'status', 'artifact', 'revision').endsWith(commit)
            }, slack * 60_000)
        }),
      )
    },
    async ask(repository) {
      tokens += 1
      const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `ask-${String(tokens)}` } } }
      await Promise.all(
        [real, ours].map(async (cluster) => {
          for (const { metadata } of await kustomizationsOf(cluster, repository)) {
            const at = `${kustomizationsRoot}/namespaces/${metadata.namespace ?? ''}/kustomizations/${metadata.name}`
            const { status, text } = await cluster.request(
              'PATCH',
              `${at}?fieldManager=flux`,
              body,
              'application/merge-patch+json',
            )
            // The step may have taken it out of Git: it is gone since it was listed.
            if (status >= 400 && status !== 404) throw new Error(`PATCH ${at}: ${String(status)} ${text.slice(0, 500)}`)
          }
        }),
      )
    },
    async release(kustomization, map) {
      const at = `/api/v1/namespaces/${map.namespace}/configmaps/${map.name}`
      // Whoever did not wait would never have said so.
      const isWaiting = (): boolean =>
        [...engine.hosted.values()].some(
          ({ ref, message }) =>
            ref.kind === 'Kustomization' &&
            ref.name === kustomization.name &&
            ref.namespace === kustomization.namespace &&
            message === 'Waiting for termination',
        )
      // Each for itself: the one that comes first must not wait so long that its patience ends.
      const sides = [real, ours].map(async (cluster) => {
        await waitUntil(async () => {
          const { metadata } = await cluster.requestOk<KubeObject>('GET', at)
          return metadata.deletionTimestamp !== undefined
        }, slack * 60_000)
        if (cluster === ours) await waitUntil(isWaiting, slack * 20_000)
        await cluster.requestOk('GET', kustomizationPath(kustomization))
        const patch = { metadata: { finalizers: null } }
        await cluster.requestOk('PATCH', at, patch, 'application/merge-patch+json')
      })
      await Promise.all(sides)
    },
    async gone(kustomization) {
      for (const cluster of [real, ours])
        await waitUntil(
          async () => (await cluster.request('GET', kustomizationPath(kustomization))).status === 404,
          slack * 60_000,
        )
    },
    kustomizations: (repository) => kustomizationsOf(real, repository),
    async rest(timeoutMs) {
      await waitUntil(async () => {
        const [theirs, mine] = await Promise.all([readUnsettled(real), readUnsettled(ours)])
        return theirs.length === 0 && mine.length === 0
      }, timeoutMs)
    },
    async compare(timeoutMs = 60_000) {
      const began = performance.now()
      let last: Comparison | null = null
      let differentSince = 0
      for (;;) {
        const [theirs, mine] = await Promise.all([readUnsettled(real), readUnsettled(ours)])
        const isAtRest = theirs.length === 0 && mine.length === 0
        if (isAtRest) {
          last = await compareClusters(real, ours)
          if (last.differences.length === 0) return last
          differentSince ||= performance.now()
          if (performance.now() - differentSince > slack * 10_000) return last
        }
        if (performance.now() - began > timeoutMs) {
          if (last !== null) return last
          throw new Error(`not at rest\nthere:\n${theirs.join('\n')}\nhere:\n${mine.join('\n')}\n${tellRows()}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
    async artifactFiles() {
      const sides = [real, ours].map(async (cluster, side) => {
        const { items } = await cluster.requestOk<{ items: KubeObject[] }>('GET', `${sourcesRoot}/gitrepositories`)
        const found: Record<string, readonly string[]> = {}
        for (const item of items) {
          const name = `${item.metadata.namespace ?? ''}/${item.metadata.name}`
          const place = textAt(item, 'status', 'artifact', 'path')
          if (place !== '') found[name] = await (side === 0 ? theirFiles(item) : ourFiles(place))
        }
        return found
      })
      const [theirs, mine] = await Promise.all(sides)
      return [theirs ?? {}, mine ?? {}]
    },
    async stop() {
      await engine.dispose()
      for (const fleet of fleets) await fleet.stop()
      await flux.stop()
      await git.stop()
      await Promise.all([real.stop(), ours.stop()])
      await removeFolders()
    },
  }

  /** What hosted mode's own queue says. */
  function tellRows(): string {
    const rows = [...engine.hosted.values()].filter(({ lastResult }) => lastResult !== 'succeeded')
    return rows.map(({ ref, state, message }) => `${ref.kind} ${ref.name} ${state}: ${message}`).join('\n')
  }

  async function theirFiles(item: KubeObject): Promise<readonly string[]> {
    const response = await fetch(textAt(item, 'status', 'artifact', 'url'))
    return filesOf(await response.bytes())
  }
  async function ourFiles(place: string): Promise<readonly string[]> {
    const root = path.join(engine.dataDir, 'hosted-artifacts')
    const [cluster = ''] = await readdir(root)
    return filesOf(await readFile(path.join(root, cluster, place)))
  }
  return twins
}

async function kustomizationsOf(cluster: TestCluster, repository?: GitRepository): Promise<readonly KubeObject[]> {
  const list = async (at: string): Promise<readonly KubeObject[]> =>
    (await cluster.requestOk<{ items: KubeObject[] }>('GET', at)).items
  const all = await list(`${kustomizationsRoot}/kustomizations`)
  if (repository === undefined) return all
  const sources = (await list(`${sourcesRoot}/gitrepositories`))
    .filter((source) => textAt(source, 'spec', 'url') === repository.url)
    .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
  return all.filter((object) => {
    const namespace = textAt(object, 'spec', 'sourceRef', 'namespace') || (object.metadata.namespace ?? '')
    return sources.includes(`${namespace}/${textAt(object, 'spec', 'sourceRef', 'name')}`)
  })
}

/** SECURITY: a host that only the cluster names is asked for nothing until the user says so; here that is the test. */
export function allowLoopback({ engine: { handlers }, call }: HostedEngine): void {
  handlers['hosts.watch'](
    {},
    {
      isClosed: false,
      push(hosts) {
        for (const { cluster, host, isAllowed } of hosts)
          if (!isAllowed && host.startsWith('127.0.0.1:'))
            void handlers['hosts.allow']({ cluster, host, isAllowed: true }, call)
      },
      ready: () => undefined,
      end: () => undefined,
    },
    call,
  )
}

const kustomizationPath = ({ namespace, name }: NamespacedName): string =>
  `${kustomizationsRoot}/namespaces/${namespace}/kustomizations/${name}`

const pathOf = ({ namespace = '', name }: KubeObject['metadata']): string =>
  `${sourcesRoot}/namespaces/${namespace}/gitrepositories/${name}`
