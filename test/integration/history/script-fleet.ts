/** What the script acts on: clusters with real controllers, one repository, and an engine that records them; nothing in between is played. */
import { writeFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { HistoryEntry, HistoryQuery } from '../../../shared/model/history.ts'
import type { DriftObject, DriftOwner, SourceHost } from '../../../shared/model/drift.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
import type { NodeEngine } from '../../app/node-engine.ts'
import { gatherItems, startNodeEngine } from '../../app/node-engine.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { isSoak } from '../../soak.ts'

export const kustomizeGroup = 'kustomize.toolkit.fluxcd.io'
export const helmGroup = 'helm.toolkit.fluxcd.io'
/** The Kustomization that applies the HelmReleases. */
export const releaseApplier = 'releases'
export const namespace = 'default'
/** A soak has the machine to itself for no minute of its thirty. */
export const waitMs = isSoak ? 300_000 : 90_000

export interface Site {
  readonly name: string
  readonly cluster: TestCluster
  readonly flux: RunningFlux
}

export interface ScriptFleet {
  readonly sites: readonly Site[]
  readonly apps: readonly string[]
  /** HelmReleases of charts in the same repository: `store` by a template, packaged anew for each commit; `desk` by a HelmChart, for each version. */
  readonly releases: readonly string[]
  readonly git: GitServer
  readonly repository: GitRepository
  /** Home of the command line; its data is the engine's. */
  readonly home: string
  readonly kubeconfig: string
  engine(): NodeEngine
  /** Ends the engine as closing Sluice does; `startSluice` begins it again on the same data. */
  stopSluice(): Promise<void>
  startSluice(): Promise<void>
  clusterOf(site: Site): string
  /** Commits as this person; the hash. */
  commitAs(author: string, subject: string, files: Readonly<Record<string, string | null>>): Promise<string>
  entries(query: HistoryQuery): Promise<readonly HistoryEntry[]>
  kustomization(site: Site, app: string): Promise<Kustomization | null>
  helmRelease(site: Site, name: string): Promise<HelmRelease | null>
  patch(site: Site, at: string, body: object, manager: string): Promise<void>
  until<T>(look: () => Promise<T | null | undefined | false> | T | null | undefined | false, what: string): Promise<T>
  stop(): Promise<void>
}

export type Kustomization = KubeObject & {
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    readonly observedGeneration?: number
    readonly lastHandledReconcileAt?: string
    readonly lastAppliedRevision?: string
    readonly lastAttemptedRevision?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly observedGeneration?: number
    }[]
  }
}

export type HelmRelease = KubeObject & {
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    readonly observedGeneration?: number
    readonly lastHandledReconcileAt?: string
    readonly lastAttemptedRevision?: string
    readonly history?: readonly {
      readonly version: number
      readonly status: string
      readonly chartVersion: string
    }[]
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly observedGeneration?: number
    }[]
  }
}

export const releasePath = (name: string): string =>
  `/apis/${helmGroup}/v2/namespaces/${namespace}/helmreleases/${name}`
/** The HelmChart that a release is made from: `store`'s is its controller's. */
export const chartNameOf = (release: string): string => (followsCommits(release) ? `${namespace}-${release}` : release)
export const chartPath = (release: string): string =>
  `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespace}/helmcharts/${chartNameOf(release)}`
/** Its chart is packaged anew for each commit, whatever that changes. */
export const followsCommits = (release: string): boolean => release === 'store'

export const kustomizationPath = (app: string): string =>
  `/apis/${kustomizeGroup}/v1/namespaces/${namespace}/kustomizations/${app}`
export const configPath = (app: string): string => `/api/v1/namespaces/${namespace}/configmaps/${app}-config`

export function configText(app: string, value: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${app}-config
  namespace: ${namespace}
data:
  value: ${JSON.stringify(value)}
`
}

export interface ChartState {
  readonly version: string
  readonly text: string
  /** Cannot be rendered. */
  readonly isBroken?: boolean
}

/** Files of a release's chart. */
export function chartFiles(release: string, { version, text, isBroken = false }: ChartState): Record<string, string> {
  return {
    [`charts/${release}/Chart.yaml`]: `apiVersion: v2\nname: ${release}\nversion: ${version}\n`,
    [`charts/${release}/values.yaml`]: `value: none\nbroken: '"no"'\n`,
    [`charts/${release}/templates/config.yaml`]: `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  value: {{ .Values.value | quote }}
  text: ${JSON.stringify(text)}
  broken: {{ .Values.broken }}
${isBroken ? '  fails: {{ fail "No such luck" }}\n' : ''}`,
  }
}

/** The file of a release, and of its HelmChart. `broken`: what no ConfigMap may have. */
export function releaseFile(release: string, value: string, isBroken = false): Record<string, string> {
  const chart = `{chart: ./charts/${release}, interval: 1h, sourceRef: {kind: GitRepository, name: fleet}}`
  const text = `apiVersion: ${helmGroup}/v2
kind: HelmRelease
metadata: {name: ${release}, namespace: ${namespace}}
spec:
  interval: 1h
  timeout: 30s
  driftDetection: {mode: enabled}
  install: {disableWait: true}
  upgrade: {disableWait: true}
  uninstall: {disableWait: true}
  ${followsCommits(release) ? `chart: {spec: ${chart.replace('{', '{reconcileStrategy: Revision, ')}}` : `chartRef: {kind: HelmChart, name: ${release}}`}
  values:
    value: ${JSON.stringify(value)}
    broken: ${isBroken ? '[a, list]' : JSON.stringify('"no"')}
`
  const made = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: ${release}, namespace: ${namespace}}
spec: ${chart}
`
  return { [`releases/${release}.yaml`]: followsCommits(release) ? text : text + made }
}

export function kustomizationText(app: string, folder = `apps/${app}`): string {
  return `apiVersion: ${kustomizeGroup}/v1
kind: Kustomization
metadata: {name: ${app}, namespace: ${namespace}}
spec:
  interval: 1h
  retryInterval: 2s
  path: ./${folder}
  prune: true
  sourceRef: {kind: GitRepository, name: fleet}
`
}

/** null: it is not there. */
async function readIn<T extends KubeObject>(cluster: TestCluster, at: string): Promise<T | null> {
  const { status, body, text } = await cluster.request('GET', at)
  if (status === 404) return null
  if (status >= 400) throw new Error(`${status} ${text}`)
  return body as T
}

export async function startScriptFleet(
  assets: string,
  { siteNames, apps }: { readonly siteNames: readonly string[]; readonly apps: readonly string[] },
): Promise<ScriptFleet> {
  const releases = ['store', 'desk']
  const home = await mkdtemp(path.join(tmpdir(), 'sluice-script-'))
  const dataDir = path.join(home, 'data')
  const git = await startGitServer()
  const repository = await git.createRepository(
    'fleet',
    Object.assign(
      Object.fromEntries(apps.map((app) => [`apps/${app}/config.yaml`, configText(app, 'first')])),
      ...releases.flatMap((release) => [
        chartFiles(release, { version: '0.1.0', text: 'first' }),
        releaseFile(release, 'first'),
      ]),
    ) as Record<string, string>,
  )
  const sites = await Promise.all(
    siteNames.map(async (name): Promise<Site> => {
      const cluster = await startTestCluster({ name })
      const flux = await startFluxControllers(cluster, {
        assets,
        controllers: ['source-controller', 'kustomize-controller', 'helm-controller'],
      })
      return { name, cluster, flux }
    }),
  )
  const kubeconfig = sites.map(({ cluster }) => cluster.kubeconfigPath).join(path.delimiter)
  const contexts = new Map<string, ContextRow>()
  const hosts = new Map<string, SourceHost>()
  const rows = new Map<string, FluxRow>()
  const owners = new Map<string, DriftOwner>()
  const drifting = new Map<string, DriftObject>()
  let running: NodeEngine | null = null

  /** For whoever reads a failure. */
  const describe = (): string =>
    [
      ...[...rows.values()].map(
        ({ ref, status, revision }) => `${ref.kind}/${ref.name} ${status.word} ${revision.slice(-7)}`,
      ),
      ...[...owners.values()].map(
        ({ owner, state, driftedCount, error, fidelity }) =>
          `compared ${owner.name}: ${state}, ${driftedCount} drifted at ${fidelity?.revision.slice(-7) ?? ''} ${error?.message ?? ''}`,
      ),
      ...[...drifting.values()].map(({ ref, action, summary }) => `drift ${ref.name}: ${action} ${summary}`),
    ].join('\n')

  const fleet: ScriptFleet = {
    sites,
    apps,
    releases,
    git,
    repository,
    home,
    kubeconfig,
    engine() {
      if (running === null) throw new Error('Sluice does not run now')
      return running
    },
    async stopSluice() {
      await running?.dispose()
      running = null
    },
    async startSluice() {
      contexts.clear()
      rows.clear()
      owners.clear()
      drifting.clear()
      running = startNodeEngine({
        kubeconfig,
        dataDir,
        engine: { isWindowExpected: false, isRecording: true, isDriftWatched: true },
      })
      const { engine, call } = running
      engine.handlers['contexts.watch']({}, gatherItems(contexts), call)
      engine.handlers['rows.watch']({}, gatherItems(rows), call)
      engine.handlers['drift.owners']({}, gatherItems(owners), call)
      engine.handlers['drift.objects']({}, gatherItems(drifting), call)
      await fleet.until(() => contexts.size === sites.length, 'the contexts')
      await engine.handlers['contexts.select']({ contexts: [...contexts.keys()] }, call)
      await fleet.until(
        () =>
          [...rows.values()].filter(({ ref }) => ref.kind === 'Kustomization').length ===
            sites.length * (apps.length + 1) &&
          [...rows.values()].filter(({ ref }) => ref.kind === 'HelmRelease').length === sites.length * releases.length,
        'the rows',
      )
      const began = await fleet.until(async () => {
        const found = await fleet.entries({ types: ['session'] })
        return found.filter(({ reason }) => reason === 'WatchBegan').length >= sites.length && found
      }, 'recording')
      if (began.length === 0) throw new Error('Nothing is recorded')
      engine.handlers['hosts.watch'](
        {},
        gatherItems(hosts, (_key, host) => {
          if (host !== null && !host.isAllowed)
            void engine.handlers['hosts.allow']({ cluster: host.cluster, host: host.host, isAllowed: true }, call)
        }),
        call,
      )
    },
    clusterOf({ name }) {
      const found = [...contexts.values()].find((row) => row.name === name || row.name.includes(name))
      if (found?.cluster == null)
        throw new Error(`No context of ${name}: ${[...contexts.values()].map((row) => row.name).join()}`)
      return found.cluster
    },
    async commitAs(author, subject, files) {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(repository.workFolder, name)
        if (text === null) await rm(file, { force: true })
        else {
          await mkdir(path.dirname(file), { recursive: true })
          await writeFile(file, text)
        }
      }
      await repository.git('add', '-A', '-f')
      const email = `${author.toLowerCase().replace(' ', '.')}@sluice.invalid`
      await repository.git('commit', '-q', '--allow-empty', `--author=${author} <${email}>`, '-m', subject)
      return repository.git('rev-parse', 'HEAD')
    },
    async entries(query) {
      const { engine, call } = fleet.engine()
      const found: HistoryEntry[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<(typeof engine.handlers)['history.query']>> = await engine.handlers[
          'history.query'
        ]({ query: query as never, limit: 1000, after }, call)
        found.push(...page.entries)
        after = page.next
      } while (after !== null)
      return found
    },
    kustomization: ({ cluster }, app) => readIn<Kustomization>(cluster, kustomizationPath(app)),
    helmRelease: ({ cluster }, name) => readIn<HelmRelease>(cluster, releasePath(name)),
    async patch({ cluster }, at, body, manager) {
      await cluster.requestOk('PATCH', `${at}?fieldManager=${manager}`, body, 'application/merge-patch+json')
    },
    async until(look, what) {
      for (const end = Date.now() + waitMs; ;) {
        const found = await look()
        if (found !== null && found !== undefined && found !== false) return found
        if (Date.now() > end) throw new Error(`Waited ${waitMs / 1000} s for ${what}\n${describe()}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async stop() {
      await running?.dispose()
      await Promise.all(sites.map(({ flux }) => flux.stop()))
      await Promise.all(sites.map(({ cluster }) => cluster.stop()))
      await git.stop()
      await rm(home, { recursive: true, force: true })
    },
  }

  try {
    await Promise.all(
      sites.map(({ cluster }) =>
        cluster.applyYaml(
          `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: ${namespace}}
spec: {interval: 1s, timeout: 20s, url: "${repository.url}", ref: {branch: main}}
---
${[...apps.map((app) => kustomizationText(app)), kustomizationText(releaseApplier, 'releases')].join('---\n')}`,
        ),
      ),
    )
    // What they say before their source was fetched is no part of the script.
    for (const site of sites) {
      for (const app of [...apps, releaseApplier])
        await fleet.until(
          async () => (await fleet.kustomization(site, app))?.status?.lastAppliedRevision !== undefined,
          `${app} of ${site.name} to be applied`,
        )
      for (const name of releases)
        await fleet.until(
          async () => (await fleet.helmRelease(site, name))?.status?.history?.[0]?.status === 'deployed',
          `${name} of ${site.name} to be released`,
        )
    }
    await fleet.startSluice()
  } catch (error) {
    await fleet.stop()
    throw error
  }
  return fleet
}
