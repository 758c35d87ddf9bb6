/**
 * Derives a fleet that reconciles offline from the archive of a real repository: one cluster entry point, every source and
 * chart on loopback, permissive CRDs for kinds without one; what cannot be had is left out, counted and printed.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '../apply-manifests.ts'
import type { GitRepository, GitServer } from '../git-server.ts'
import type { TestCluster } from '../start.ts'
import { startChartServer } from './chart-server.ts'
import { LeftOut } from './left-out.ts'
import { permissiveCrds } from './permissive-crds.ts'
import { readFleetArchive, type FleetArchive, type FleetCase, type FluxKustomization } from './read-archive.ts'
import { moveNamespaces, rewriteManifests, type RewriteContext } from './rewrite-manifests.ts'

export interface DeriveOptions {
  /** With the Flux controllers running on it: their CRDs have to be there. */
  readonly cluster: TestCluster
  /** Gets the same fleet, from the same repository. */
  readonly twin?: TestCluster
  readonly git: GitServer
  /** Without helm-controller: nobody waits for releases. */
  readonly isWaitDropped?: boolean
  /** Charts also hold a Deployment, which needs controller manager, scheduler and kwok. */
  readonly workloads?: boolean
  /** Keeps only the Kustomizations of this name and what they render; all that the entry point reaches if not given. */
  readonly keep?: (kustomization: string) => boolean
  /** File in the tree of the Kustomization to begin with: one of several clusters. The one that brings most if not given. */
  readonly entryFile?: string
  /** What all its namespaces begin with: room for several fleets on one cluster. */
  readonly namespacePrefix?: string
  /** Without the folders of the Kustomizations that are not kept: a small repository, for small artifacts. */
  readonly isTrimmed?: boolean
}

interface FleetState {
  readonly total: number
  readonly ready: number
  /** "Kind namespace/name: message" of what is not Ready. */
  readonly others: readonly string[]
}

export interface Fleet {
  /** owner/name@commit of the repository that it was derived from. */
  readonly origin: string
  readonly repository: GitRepository
  /** Name of the Kustomization (and of its GitRepository) that brings everything else. */
  readonly entry: { readonly name: string; readonly namespace: string; readonly source: string }
  /** Kustomizations that are to appear, the entry included. */
  readonly kustomizations: readonly string[]
  readonly leftOut: LeftOut
  readState(): Promise<FleetState>
  /** Resolves when every object is there and has said True or False, unchanged for a while; rejects after `timeoutMs`. */
  waitUntilSettled(timeoutMs: number): Promise<FleetState>
  stop(): Promise<void>
}

/** Pushes the fleet to `git`, applies the entry point and answers at once; reconciling is the controllers' business. */
export async function deriveFleet(archiveFile: string, options: DeriveOptions): Promise<Fleet> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'sluice-fleet-'))
  const charts = await startChartServer({ workloads: options.workloads ?? false })
  try {
    const archive = await readFleetArchive(archiveFile, scratch)
    const leftOut = new LeftOut()
    const chosen = chooseEntries(archive, options, leftOut)
    const movedNamespaces = namespacesToMove(chosen.reached, options.namespacePrefix ?? '')
    const movedCases = new Map(
      chosen.reached.map((item) => [item, moveNamespaces(item, movedNamespaces) as FleetCase] as const),
    )
    const reached = [...movedCases.values()]
    const entries = chosen.entries.flatMap((item) => movedCases.get(item) ?? [])
    const objects = reached.flatMap(({ rendered }) => rendered)
    const kustomizations = new Set(reached.map(({ name }) => name))
    const releases = new Set(objects.filter(({ kind }) => kind === 'HelmRelease').map(({ metadata }) => metadata.name))
    const repository = await options.git.createRepository(
      `${options.namespacePrefix ?? ''}${path.basename(archive.source)}`,
    )
    const context: RewriteContext = {
      chartHost: charts.host,
      gitUrl: repository.url,
      branch: repository.branch,
      charts: charts.charts,
      leftOut,
      isKept: (name) => kustomizations.has(name),
      isReleaseKept: (name) => releases.has(name),
      isWaitDropped: options.isWaitDropped ?? false,
      movedNamespaces,
    }
    if (options.isTrimmed === true) await trimTree(archive, chosen.reached)
    await rewriteTree(archive.treeFolder, context)
    await cp(archive.treeFolder, repository.workFolder, { recursive: true })
    await repository.commitAll('Fleet')
    await prepareCluster(options.cluster, archive, reached, leftOut)
    if (options.twin !== undefined) await prepareCluster(options.twin, archive, reached, new LeftOut())
    const place = await applyEntries(options.cluster, entries, repository, context)
    if (options.twin !== undefined) await applyEntries(options.twin, entries, repository, context)
    const readState = (): Promise<FleetState> => readFleetState(options.cluster)
    return {
      origin: `${archive.source}@${archive.commit.slice(0, 8)}`,
      repository,
      entry: place,
      kustomizations: [...kustomizations].sort(),
      leftOut,
      readState,
      waitUntilSettled: (timeoutMs) => waitUntilSettled(readState, kustomizations.size, timeoutMs),
      stop: () => charts.stop(),
    }
  } catch (error) {
    await charts.stop()
    throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The case that brings most others, what lies beside it and is brought by nobody, and all that they bring. */
function chooseEntries(
  archive: FleetArchive,
  { keep = () => true, entryFile }: Pick<DeriveOptions, 'keep' | 'entryFile'>,
  leftOut: LeftOut,
): { entries: readonly FleetCase[]; reached: readonly FleetCase[] } {
  const byName = new Map<string, FleetCase[]>()
  for (const item of archive.cases) byName.set(item.name, [...(byName.get(item.name) ?? []), item])
  const walk = (entries: readonly FleetCase[]): readonly FleetCase[] => {
    const seen = new Set(entries)
    for (const item of seen) {
      for (const object of item.rendered) {
        if (object.kind !== 'Kustomization' || !object.apiVersion.startsWith('kustomize.toolkit')) continue
        const { spec } = object as FluxKustomization
        const isOwnSource = spec.sourceRef?.name === entries[0]?.object.spec.sourceRef?.name
        const same = byName.get(object.metadata.name)?.find((other) => samePath(other.object.spec.path, spec.path))
        if (same && isOwnSource && same.error === undefined && keep(same.name)) seen.add(same)
      }
    }
    return [...seen]
  }
  let best: { entry: FleetCase; reached: readonly FleetCase[] } | null = null
  for (const entry of archive.cases) {
    if (entryFile !== undefined && entry.file !== entryFile) continue
    const reached = entry.error === undefined ? walk([entry]) : []
    if (reached.length > (best?.reached.length ?? 0)) best = { entry, reached }
  }
  if (!best) throw new Error(`${archive.source}: no Kustomization to begin with`)
  const { entry, reached } = best
  const names = new Set(reached.map(({ name }) => name))
  const beside = archive.cases.filter(
    (item) =>
      item.error === undefined &&
      keep(item.name) &&
      !names.has(item.name) &&
      path.posix.dirname(item.file) === path.posix.dirname(entry.file) &&
      item.object.spec.sourceRef?.name === entry.object.spec.sourceRef?.name,
  )
  const entries = [entry, ...beside]
  const all = beside.length > 0 ? walk(entries) : reached
  leftOut.add('Kustomization of the archive (not reached, other source, failing)', archive.cases.length - all.length)
  return { entries, reached: all }
}

/** Old name → new name, of every namespace that these have to do with. */
function namespacesToMove(cases: readonly FleetCase[], prefix: string): ReadonlyMap<string, string> {
  if (prefix === '') return new Map()
  const objects = cases.flatMap(({ object, rendered }) => [object, ...rendered])
  const names = objects.flatMap(({ kind, metadata }) => [
    metadata.namespace ?? '',
    kind === 'Namespace' ? metadata.name : '',
  ])
  return new Map(names.filter((name) => name !== '').map((name) => [name, `${prefix}${name}`]))
}

const samePath = (one = '', other = ''): boolean => path.posix.join('/', one) === path.posix.join('/', other)

async function trimTree({ cases, treeFolder }: FleetArchive, reached: readonly FleetCase[]): Promise<void> {
  const folderOf = ({ object }: FleetCase): string => path.posix.join('/', object.spec.path ?? '', '/')
  const kept = reached.map(folderOf)
  for (const folder of new Set(cases.map(folderOf)))
    if (kept.every((other) => !other.startsWith(folder) && (!folder.startsWith(other) || isEntry(other))))
      await rm(path.join(treeFolder, folder), { recursive: true, force: true })

  /** What brings Kustomizations has no need of what they bring. */
  function isEntry(folder: string): boolean {
    return reached.some(
      (item) => folderOf(item) === folder && item.rendered.some(({ kind }) => kind === 'Kustomization'),
    )
  }
}

async function rewriteTree(folder: string, context: RewriteContext): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.ya?ml$/.test(entry.name)) continue
    const file = path.join(entry.parentPath, entry.name)
    const text = await readFile(file, 'utf8')
    let rewritten: string | null = null
    try {
      rewritten = rewriteManifests(text, context)
    } catch {
      context.leftOut.add('file that could not be rewritten (kept as it is)')
    }
    if (rewritten !== null) await writeFile(file, rewritten)
  }
}

/** What the fleet expects to find: definitions of its kinds, and what postBuild.substituteFrom names. */
async function prepareCluster(
  cluster: TestCluster,
  archive: FleetArchive,
  reached: readonly FleetCase[],
  leftOut: LeftOut,
): Promise<void> {
  const objects = reached.flatMap(({ rendered }) => rendered)
  const served = await readServedKinds(cluster)
  const crds = permissiveCrds(objects, (apiVersion, kind) => served.has(`${apiVersion}/${kind}`))
  const possible = crds.filter(({ metadata }) => metadata.name.split('.').length > 2)
  leftOut.add('kind of a core group that this API server does not serve', crds.length - possible.length)
  leftOut.add('definition replaced by a permissive CRD', possible.length)
  await cluster.applyObjects(possible)

  const seeds = new Map<string, KubeObject>()
  const add = (object: KubeObject): void => {
    seeds.set(`${object.kind} ${object.metadata.namespace ?? ''} ${object.metadata.name}`, object)
  }
  const variables = await variablesWithoutDefault(archive)
  const namespaceObject = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const object of [...objects, ...reached.map((item) => item.object)]) {
    if (object.kind !== 'Kustomization' || !object.apiVersion.startsWith('kustomize.toolkit')) continue
    const { metadata, spec } = object as FluxKustomization
    if (metadata.namespace === undefined) continue
    for (const { kind, name } of spec.postBuild?.substituteFrom ?? []) {
      add(namespaceObject(metadata.namespace))
      const data = kind === 'Secret' ? { stringData: variables } : { data: variables }
      add({ apiVersion: 'v1', kind, metadata: { name, namespace: metadata.namespace }, ...data })
    }
  }
  for (const { metadata } of [...objects, ...reached.map((item) => item.object)])
    if (metadata.namespace) add(namespaceObject(metadata.namespace))
  const order = (object: KubeObject): number => (object.kind === 'Namespace' ? 0 : 1)
  await cluster.applyObjects([...seeds.values()].sort((one, other) => order(one) - order(other)))
}

/**
 * The variables of the archive are placeholders for everything ever named; where the tree brings a default of its own, that
 * is the better value (access modes, sizes, numbers).
 */
async function variablesWithoutDefault({
  treeFolder,
  variables,
}: FleetArchive): Promise<Readonly<Record<string, string>>> {
  const needed = new Set<string>()
  for (const entry of await readdir(treeFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const text = await readFile(path.join(entry.parentPath, entry.name), 'utf8')
    for (const [, name = ''] of text.matchAll(/\$\{(\w+)\}/g)) needed.add(name)
  }
  return Object.fromEntries(Object.entries(variables).filter(([name]) => needed.has(name)))
}

async function readServedKinds(cluster: TestCluster): Promise<ReadonlySet<string>> {
  interface Resources {
    readonly groupVersion: string
    readonly resources: readonly { readonly kind: string; readonly name: string }[]
  }
  const { groups } = await cluster.requestOk<{ groups: { versions: { groupVersion: string }[] }[] }>('GET', '/apis')
  const paths = [
    '/api/v1',
    ...groups.flatMap(({ versions }) => versions.map((version) => `/apis/${version.groupVersion}`)),
  ]
  const served = new Set<string>()
  for (const at of paths) {
    const { groupVersion, resources } = await cluster.requestOk<Resources>('GET', at)
    for (const { kind } of resources) served.add(`${groupVersion}/${kind}`)
  }
  return served
}

async function applyEntries(
  cluster: TestCluster,
  entries: readonly FleetCase[],
  repository: GitRepository,
  { isKept, isWaitDropped = false }: Pick<RewriteContext, 'isKept' | 'isWaitDropped'>,
): Promise<{ name: string; namespace: string; source: string }> {
  const place = { name: '', namespace: '', source: '' }
  for (const { object } of entries.toReversed()) {
    const { metadata, spec } = object
    place.name = metadata.name
    place.namespace = metadata.namespace ?? 'flux-system'
    place.source = spec.sourceRef?.name ?? 'flux-system'
    const dependsOn = (spec.dependsOn ?? []).filter(({ name }) => isKept(name))
    await cluster.applyObjects([
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: place.source, namespace: spec.sourceRef?.namespace ?? place.namespace },
        spec: { interval: '10m', url: repository.url, ref: { branch: repository.branch } },
      },
      {
        ...object,
        metadata: { name: place.name, namespace: place.namespace },
        spec: { ...spec, dependsOn, retryInterval: '5s', timeout: '1m', ...(isWaitDropped ? { wait: false } : {}) },
      },
    ])
  }
  return place
}

const watched = [
  '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
  '/apis/helm.toolkit.fluxcd.io/v2/helmreleases',
  ...['gitrepositories', 'ocirepositories', 'helmrepositories', 'helmcharts'].map(
    (plural) => `/apis/source.toolkit.fluxcd.io/v1/${plural}`,
  ),
]

interface Listed extends KubeObject {
  readonly spec?: { readonly type?: string; readonly suspend?: boolean }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly message: string
      readonly observedGeneration?: number
    }[]
  }
}

async function readFleetState(cluster: TestCluster): Promise<FleetState> {
  const others: string[] = []
  let total = 0
  for (const at of watched) {
    const list = await cluster.requestOk<{ kind: string; items: Listed[] }>('GET', at)
    for (const { metadata, spec, status } of list.items) {
      // An OCI Helm repository is only an address, and a suspended object has nothing to settle: neither has a status.
      if (spec?.type === 'oci' || spec?.suspend) continue
      total++
      const ready = status?.conditions?.find(({ type }) => type === 'Ready')
      // Of the condition, not of the status: controllers move the latter only when they succeed.
      const state = ready?.observedGeneration === metadata.generation ? (ready?.status ?? 'Unknown') : 'Unknown'
      if (state === 'True') continue
      others.push(
        `${list.kind.replace(/List$/, '')} ${metadata.namespace}/${metadata.name}: ${state} ${ready?.message ?? ''}`,
      )
    }
  }
  return { total, ready: total - others.length, others }
}

async function waitUntilSettled(
  readState: () => Promise<FleetState>,
  kustomizations: number,
  timeoutMs: number,
): Promise<FleetState> {
  const start = performance.now()
  const stableMs = 15_000
  // A failing object is Unknown again at every retry: it has settled once it has said False.
  const hasFailed = new Set<string>()
  let last = ''
  let since = start
  for (;;) {
    const state = await readState()
    const now = performance.now()
    const isWhole = state.total > kustomizations
    if (isWhole && state.others.length === 0) return state
    const names = state.others.map((line) => line.slice(0, line.indexOf(': ')))
    state.others.forEach((line, at) => line.includes(': False') && hasFailed.add(names[at] ?? ''))
    const shape = JSON.stringify([state.total, names])
    if (shape !== last) since = now
    last = shape
    if (isWhole && now - since > stableMs && names.every((name) => hasFailed.has(name))) return state
    if (now - start > timeoutMs) {
      throw new Error(
        `not settled in ${timeoutMs} ms: ${state.ready} of ${state.total} Ready\n${state.others.join('\n')}`,
      )
    }
    await delay(500)
  }
}
