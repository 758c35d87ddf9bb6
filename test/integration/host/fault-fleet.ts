/**
 * A cluster and a Git repository of two Kustomizations whose contents a test changes, and the judge of both: whether cluster, inventories and statuses
 * are exactly what the last commit says, and whether any write was sent while somebody else held the lease, or deleted what was to stay.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import type { AuditLine } from './audited-cluster.ts'
import { leaseRule, startAuditedCluster } from './audited-cluster.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { startFaultProxy } from './fault-proxy.ts'

/** Name of a Kustomization → `prefix-name` of an object → its value. The prefix is its kind: `cm`, `sa`, `cr`, `pc`. */
export type FleetModel = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface FluxObject {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    readonly lastHandledReconcileAt?: string
    readonly inventory?: { readonly entries?: readonly { readonly id: string }[] }
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
    readonly lastAppliedRevision?: string
    readonly artifact?: { readonly revision: string; readonly path: string; readonly size: number }
  }
}

interface Labelled {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export interface FaultFleet {
  readonly cluster: TestCluster
  readonly git: GitServer
  readonly repository: GitRepository
  readonly proxy: FaultProxy
  /** Leads through the proxy. */
  readonly kubeconfig: string
  /** The API server's own: nothing in between. */
  readonly directKubeconfig: string
  /** `host:port` of the Git server. */
  readonly gitHost: string
  readonly revision: string
  /** Makes it what Git says; nobody is told. */
  commit(model: FleetModel): Promise<string>
  /** As `flux reconcile source git`: the source is looked at now. */
  askSource(): Promise<void>
  /** As `flux reconcile kustomization`. */
  ask(name: string): Promise<void>
  kustomization(name: string): Promise<FluxObject>
  ready(name: string): Promise<{ readonly status: string; readonly message: string }>
  source(): Promise<FluxObject>
  /** What is not as the last commit says; `isStatusMeant` false: objects and inventories alone. */
  deviations(isStatusMeant?: boolean): Promise<readonly string[]>
  /** Waits until nothing deviates; the failure says what still does. */
  settled(timeoutMs?: number): Promise<void>
  /**
   * Of the API server's audit log: writes of ours without the lease (`graceMs`: for so long after a theft they may be), and deletions of what every
   * commit that may have been applied then contains, whether or not it was made anew.
   */
  wrongWrites(graceMs?: number): Promise<readonly string[]>
  /** Of the same log: `verb path` of each write of ours to an object that Git describes, since then. */
  objectWrites(since: number): Promise<readonly string[]>
  stop(): Promise<void>
}

const kinds = {
  cm: { apiVersion: 'v1', kind: 'ConfigMap', list: '/api/v1/configmaps', id: '__ConfigMap', isNamespaced: true },
  sa: {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    list: '/api/v1/serviceaccounts',
    id: '__ServiceAccount',
    isNamespaced: true,
  },
  cr: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    list: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    id: '_rbac.authorization.k8s.io_ClusterRole',
    isNamespaced: false,
  },
  pc: {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    list: '/apis/scheduling.k8s.io/v1/priorityclasses',
    id: '_scheduling.k8s.io_PriorityClass',
    isNamespaced: false,
  },
} as const
type Prefix = keyof typeof kinds

const mergePatch = 'application/merge-patch+json'
const kustomizationsAt = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations'
const sourceAt = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet'
const owner = 'kustomize.toolkit.fluxcd.io/name'

const auditRules = `${leaseRule}
  - level: None
    verbs: [get, list, watch]
  - level: Metadata
    resources:
      - {group: ''}
      - {group: rbac.authorization.k8s.io}
      - {group: scheduling.k8s.io}
      - {group: kustomize.toolkit.fluxcd.io}
      - {group: source.toolkit.fluxcd.io}`

export async function startFaultFleet(names: readonly string[], spec: object = {}): Promise<FaultFleet> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-faults-'))
  const audited = await startAuditedCluster(auditRules)
  const { cluster } = audited
  const git = await startGitServer()
  const proxy = await startFaultProxy(cluster)
  const kubeconfig = path.join(folder, 'kubeconfig')
  await writeFile(kubeconfig, proxy.kubeconfig(), { mode: 0o600 })
  const repository = await git.createRepository('fleet', { 'README.md': 'fleet' })
  await cluster.applyObjects([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } },
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'fleet', namespace: 'default' },
      spec: { interval: '1h', url: repository.url, ref: { branch: repository.branch } },
    },
    ...names.map((name) => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: 'default' },
      spec: {
        interval: '1h',
        retryInterval: '1s',
        prune: true,
        path: `./${name}`,
        sourceRef: { kind: 'GitRepository', name: 'fleet' },
        ...spec,
      },
    })),
  ])
  let model: FleetModel = {}
  /** All that was wished, in order; once one of them has settled, nobody applies those before it. */
  const wishes: { readonly since: number; readonly model: FleetModel; settledAt: number }[] = []
  let revision = ''
  let token = 0
  const request = async (at: string): Promise<void> => {
    token += 1
    const annotations = { 'reconcile.fluxcd.io/requestedAt': `${String(Date.now())}-${String(token)}` }
    await cluster.requestOk('PATCH', `${at}?fieldManager=flux`, { metadata: { annotations } }, mergePatch)
  }

  const fleet: FaultFleet = {
    cluster,
    git,
    repository,
    proxy,
    kubeconfig,
    directKubeconfig: cluster.kubeconfigPath,
    gitHost: new URL(git.url).host,
    get revision() {
      return revision
    },
    async commit(next) {
      model = next
      wishes.push({ since: Date.now(), model, settledAt: Infinity })
      const files = Object.entries(next).map(([name, objects]) => [
        `${name}/all.yaml`,
        Object.entries(objects).map(manifestOf).join('---\n'),
      ])
      revision = `main@sha1:${await repository.commit(Object.fromEntries(files) as Record<string, string>)}`
      return revision
    },
    askSource: () => request(sourceAt),
    ask: (name) => request(`${kustomizationsAt}/${name}`),
    kustomization: (name) => cluster.requestOk<FluxObject>('GET', `${kustomizationsAt}/${name}`),
    async ready(name) {
      const { status } = await fleet.kustomization(name)
      return status?.conditions?.find(({ type }) => type === 'Ready') ?? { status: 'Unknown', message: '' }
    },
    source: () => cluster.requestOk<FluxObject>('GET', sourceAt),
    async deviations(isStatusMeant = true) {
      const found: string[] = []
      for (const [name, objects] of Object.entries(model)) {
        const { status } = await fleet.kustomization(name)
        const ids = Object.keys(objects).map(idOf).sort()
        const inventory = (status?.inventory?.entries ?? []).map(({ id }) => id).sort()
        for (const id of ids) if (!inventory.includes(id)) found.push(`${name}: ${id} is not in the inventory`)
        for (const id of inventory) if (!ids.includes(id)) found.push(`${name}: the inventory still has ${id}`)
        if (!isStatusMeant) continue
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        if (ready?.status !== 'True') found.push(`${name}: ${ready?.status ?? 'no Ready'}: ${ready?.message ?? ''}`)
        if (status?.lastAppliedRevision !== revision)
          found.push(`${name} stands at ${status?.lastAppliedRevision ?? ''}`)
      }
      for (const [prefix, { kind, list }] of Object.entries(kinds)) {
        const { items } = await cluster.requestOk<{ items: Labelled[] }>('GET', list)
        const live = new Map<string, string>()
        for (const { metadata } of items)
          if ((metadata.labels?.[owner] ?? '') in model)
            live.set(`${metadata.labels?.[owner] ?? ''}/${metadata.name}`, metadata.annotations?.['value'] ?? '')
        for (const [name, objects] of Object.entries(model))
          for (const [object, value] of Object.entries(objects)) {
            if (!object.startsWith(`${prefix}-`)) continue
            const key = `${name}/${object}`
            const is = live.get(key)
            live.delete(key)
            if (is === undefined) found.push(`${kind} ${key} is missing`)
            else if (is !== value) found.push(`${kind} ${key} is ${is}, not ${value}`)
          }
        for (const key of live.keys()) found.push(`${kind} ${key} is an orphan`)
      }
      return found
    },
    async settled(timeoutMs = 30_000) {
      let last: readonly string[] = []
      await waitUntil(async () => {
        last = await fleet.deviations()
        return last.length === 0
      }, timeoutMs).catch(() => {
        throw new Error(`not settled: ${last.join('; ')}`)
      })
      const wish = wishes.at(-1)
      if (wish !== undefined) wish.settledAt = Math.min(wish.settledAt, Date.now())
    },
    async wrongWrites(graceMs = 0) {
      const lines = (await audited.audit()).toSorted((a, b) => (a.stageTimestamp < b.stageTimestamp ? -1 : 1))
      const holders = new Map<string, string>()
      /** Since when somebody else than us has it. */
      const lostAt = new Map<string, number>()
      const wrong: string[] = []
      let deletions = 0
      for (const line of lines) {
        const { resource = '', name = '', apiGroup } = line.objectRef ?? {}
        if ((line.responseStatus?.code ?? 0) >= 300) continue
        if (resource === 'leases') {
          const holder = line.responseObject?.spec?.holderIdentity ?? ''
          if (holder !== holders.get(name)) lostAt.set(name, Date.parse(line.stageTimestamp))
          holders.set(name, holder)
          continue
        }
        if (!isOurWrite(line)) continue
        const controller = apiGroup === 'source.toolkit.fluxcd.io' ? 'source' : 'kustomize'
        const lease = `${controller}-controller-leader-election`
        const holder = holders.get(lease) ?? ''
        const at = Date.parse(line.requestReceivedTimestamp)
        if (line.verb.startsWith('delete')) {
          deletions += 1
          // A whole collection never goes.
          if (name === '' || wasToStay(resource, name, at))
            wrong.push(`${line.requestReceivedTimestamp} deleted ${line.requestURI}`)
        }
        if (holder.startsWith('sluice') || at - (lostAt.get(lease) ?? 0) < graceMs) continue
        // An event tells of either controller.
        if (resource === 'events' && [...holders.values()].some((each) => each.startsWith('sluice'))) continue
        wrong.push(
          `${line.requestReceivedTimestamp} ${line.verb} ${line.requestURI} while ${holder || 'nobody'} held ${lease}`,
        )
      }
      // Each test that asks has had something deleted: a log without it judges nothing.
      if (deletions === 0) wrong.push('no deletion of ours is in the audit log')
      return wrong
    },
    async objectWrites(since) {
      return (await audited.audit())
        .filter(
          (line) =>
            isOurWrite(line) &&
            Date.parse(line.requestReceivedTimestamp) >= since &&
            (line.responseStatus?.code ?? 0) < 300 &&
            Object.values(kinds).some(({ list }) => list.endsWith(`/${line.objectRef?.resource ?? ''}`)),
        )
        .map(({ verb, requestURI }) => `${verb} ${requestURI.split('?')[0] ?? ''}`)
    },
    async stop() {
      await proxy.stop()
      await git.stop()
      await audited.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return fleet

  /** Whether every wish that may have been applied at that moment has an object of this name. */
  function wasToStay(resource: string, name: string, at: number): boolean {
    const made = wishes.filter(({ since }) => since <= at)
    const settled = made.findLastIndex(({ settledAt }) => settledAt <= at)
    const applied = made.slice(Math.max(0, settled))
    const hasIt = (objects: FleetModel[string]): boolean =>
      name in objects && kinds[prefixOf(name)].list.endsWith(`/${resource}`)
    return applied.length > 0 && applied.every((wish) => Object.values(wish.model).some(hasIt))
  }
}

function isOurWrite({ userAgent = '', requestURI, verb }: AuditLine): boolean {
  return userAgent.startsWith('sluice') && !requestURI.includes('dryRun=All') && verb !== 'get'
}

function prefixOf(name: string): Prefix {
  return name.slice(0, 2) as Prefix
}

function idOf(name: string): string {
  const { id, isNamespaced } = kinds[prefixOf(name)]
  return `${isNamespaced ? 'default' : ''}_${name}${id}`
}

function manifestOf([name, value]: readonly [string, string]): string {
  const { apiVersion, kind, isNamespaced } = kinds[prefixOf(name)]
  const own =
    kind === 'ConfigMap'
      ? { data: { value } }
      : kind === 'ClusterRole'
        ? { rules: [] }
        : kind === 'PriorityClass'
          ? { value: 10 }
          : {}
  const metadata = { name, ...(isNamespaced ? { namespace: 'default' } : {}), annotations: { value } }
  return `${JSON.stringify({ apiVersion, kind, metadata, ...own })}\n`
}
