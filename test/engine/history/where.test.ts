/** Where a commit has arrived, by live objects and by what was kept. */
import { beforeEach, expect, it } from 'vitest'
import { findArrivals } from '../../../electron/engine/history/where.ts'
import { chartVersionHash } from '../../../shared/flux/revision.ts'
import type { HistoryEntry, HistoryQuery } from '../../../shared/model/history.ts'
import { isSameRef } from '../../../shared/model/identity.ts'
import { MemoryCluster } from '../memory-cluster.ts'

const shas = { old: '1'.repeat(40), mine: `abcdef${'2'.repeat(34)}`, young: '3'.repeat(40) }
const rev = (name: keyof typeof shas): string => `main@sha1:${shas[name]}`
const signal = new AbortController().signal
let prod: MemoryCluster
let staging: MemoryCluster
let entries: HistoryEntry[]
/** What happens while the store answers, once. */
let meanwhile: () => void

beforeEach(() => {
  prod = new MemoryCluster('prod')
  staging = new MemoryCluster('staging')
  entries = []
  meanwhile = () => undefined
})

/** As the store: whole, by its beginning, or by what a chart's version has of it. */
function isOf(revision: string, commit: string): boolean {
  const hash = chartVersionHash(revision)
  return (
    revision.split(':').at(-1)?.startsWith(commit) === true ||
    (hash !== '' && (hash.startsWith(commit) || commit.startsWith(hash)))
  )
}

function find(text: string, clusters: readonly string[] | null = null): ReturnType<typeof findArrivals> {
  return findArrivals(
    text,
    clusters,
    {
      clock: { now: () => 0, monotonicMs: () => 0, after: () => () => undefined },
      clusters: { views: () => [prod, staging] },
      store: {
        query: (query: HistoryQuery) => {
          const happen = meanwhile
          meanwhile = () => undefined
          happen()
          return Promise.resolve({
            entries: entries.filter(
              ({ revision, type, cluster, ref }) =>
                (query.types ?? [type]).includes(type) &&
                (query.clusters ?? [cluster]).includes(cluster) &&
                (query.ref === undefined || (ref !== null && isSameRef(ref, query.ref))) &&
                (query.commits?.some((commit) => isOf(revision, commit)) ?? true),
            ),
            next: null,
          })
        },
      },
      findCommit: () => Promise.resolve(null),
    },
    signal,
  )
}

function source(cluster: MemoryCluster, revision: string, name = 'fleet', url = 'https://git.test/fleet.git'): void {
  cluster.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: ${name}, namespace: flux-system, uid: g-${name}, resourceVersion: "${Math.random()}" }
spec: { url: "${url}" }
status: { artifact: { revision: "${revision}", lastUpdateTime: 2026-09-16T09:00:00Z } }
`)
}
function owner(
  cluster: MemoryCluster,
  name: string,
  applied: string,
  { attempted = applied, ready = 'True', message = '', isSuspended = false, from = 'fleet' } = {},
): void {
  cluster.apply(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system, uid: k-${name}, generation: 1, resourceVersion: "${Math.random()}" }
spec: { path: ./${name}, suspend: ${isSuspended}, sourceRef: { kind: GitRepository, name: ${from} } }
status:
  observedGeneration: 1
  lastAppliedRevision: "${applied}"
  lastAttemptedRevision: "${attempted}"
  conditions: [{ type: Ready, status: "${ready}", reason: ${ready === 'True' ? 'ReconciliationSucceeded' : 'BuildFailed'}, message: "${message}", lastTransitionTime: 2026-09-16T09:05:00Z, observedGeneration: 1 }]
`)
}
/** A release and the HelmChart that it names; `packaged`: when. */
function release(
  cluster: MemoryCluster,
  version: string,
  {
    strategy = 'ChartVersion',
    chart = version,
    observed = rev('mine'),
    packaged = '09:00:01',
    attempted = version,
    ready = 'True',
    isSuspended = false,
  } = {},
): void {
  cluster.apply(
    `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: web, namespace: flux-system, uid: c1, resourceVersion: "${Math.random()}" }
spec: { chart: ./charts/web/, reconcileStrategy: ${strategy}, sourceRef: { kind: GitRepository, name: fleet } }
status: { observedSourceArtifactRevision: "${observed}", artifact: { revision: "${chart}", lastUpdateTime: 2026-09-16T${packaged}Z } }
`,
    `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: web, namespace: flux-system, uid: r1, generation: 1, resourceVersion: "${Math.random()}" }
spec: { suspend: ${isSuspended}, chartRef: { kind: HelmChart, name: web } }
status:
  observedGeneration: 1
  lastAttemptedRevision: "${attempted}"
  history: [{ version: 1, status: deployed, chartName: web, chartVersion: "${version}", lastDeployed: 2026-09-16T09:00:05Z }]
  conditions: [{ type: Ready, status: "${ready}", reason: ${ready === 'True' ? 'UpgradeSucceeded' : 'UpgradeFailed'}, message: "no such luck", lastTransitionTime: 2026-09-16T09:05:00Z, observedGeneration: 1 }]
`,
  )
}
const released = Date.parse('2026-09-16T09:00:05Z')
const packedOf = (name: keyof typeof shas): string => `0.1.0+${shas[name].slice(0, 12)}`
const webRef = (cluster: string): HistoryEntry['ref'] => ({
  cluster,
  group: 'helm.toolkit.fluxcd.io',
  kind: 'HelmRelease',
  namespace: 'flux-system',
  name: 'web',
})

function entry(
  cluster: MemoryCluster | string,
  type: HistoryEntry['type'],
  revision: string,
  at: number,
  more: Partial<HistoryEntry> & { name?: string } = {},
): void {
  const { name = 'apps', ...rest } = more
  const isSource = type === 'commit' || type === 'artifact'
  const id = typeof cluster === 'string' ? cluster : cluster.id
  entries.push({
    key: String(entries.length + 1),
    recordedAt: at,
    cluster: id,
    type,
    ref: {
      cluster: id,
      group: isSource ? 'source.toolkit.fluxcd.io' : 'kustomize.toolkit.fluxcd.io',
      kind: isSource ? 'GitRepository' : 'Kustomization',
      namespace: 'flux-system',
      name: isSource ? 'fleet' : name,
    },
    owner: null,
    at,
    reason: type === 'run' ? 'Applied' : 'Commit',
    message: '',
    tone: type === 'run' ? 'good' : 'plain',
    revision,
    by: '',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
    ...rest,
  })
}
const told = async (text: string, clusters: readonly string[] | null = null): Promise<readonly unknown[]> =>
  (await find(text, clusters)).arrivals.map(({ cluster, owner: ref, source: from, state, fetchedAt, appliedAt }) => [
    `${cluster} ${(ref ?? from)?.name ?? ''} ${state}`,
    fetchedAt,
    appliedAt,
  ])
const fetched = Date.parse('2026-09-16T09:00:00Z')

it('tells each Kustomization of each cluster: applied at its time, failed, fetched behind a gate, not yet', async () => {
  source(prod, rev('mine'))
  owner(prod, 'apps', rev('mine'))
  owner(prod, 'infra', rev('old'), { attempted: rev('mine'), ready: 'False', message: 'no such file' })
  owner(prod, 'shop', rev('old'), { isSuspended: true })
  source(staging, rev('old'))
  owner(staging, 'apps', rev('old'))
  entry(prod, 'commit', rev('mine'), 100, { by: 'Ann', message: 'Two replicas' })
  entry(prod, 'artifact', rev('mine'), 150)
  entry(prod, 'run', rev('mine'), 200)
  entry(staging, 'commit', rev('old'), 50)
  expect(await told('abcdef')).toEqual([
    ['prod infra failed', 150, null],
    ['prod shop fetched', 150, null],
    ['staging apps notYet', null, null],
    ['prod apps applied', 150, 200],
  ])
  const { sha, commit, arrivals } = await find(rev('mine'))
  expect(sha).toBe(shas.mine)
  expect(commit).toEqual({ sha: shas.mine, author: 'Ann', at: 100, subject: 'Two replicas' })
  expect(arrivals[0]).toMatchObject({ message: 'no such file', failedAt: Date.parse('2026-09-16T09:05:00Z') })
  expect(arrivals[1]).toMatchObject({ isSuspended: true })
})

it('knows what was applied before the next commit came, and never takes a later commit for this one', async () => {
  source(prod, rev('young'))
  owner(prod, 'apps', rev('young'))
  owner(prod, 'infra', rev('young'))
  entry(prod, 'commit', rev('mine'), 100)
  entry(prod, 'commit', rev('young'), 300)
  entry(prod, 'run', rev('mine'), 200)
  expect(await told(shas.mine)).toEqual([
    ['prod infra later', null, null],
    ['prod apps applied', null, 200],
  ])
})

it('says nothing of age where no commit times are kept', async () => {
  source(prod, rev('mine'))
  source(staging, rev('young'))
  owner(staging, 'apps', rev('young'))
  const { arrivals } = await find('abcdef')
  expect(arrivals.map(({ cluster, state }) => `${cluster} ${state}`)).toEqual(['prod fetched', 'staging notYet'])
  expect(arrivals[1]?.message).toContain('is not known')
  expect(arrivals[0]?.fetchedAt).toBe(fetched)
})

it('finds a commit inside of an OCI artifact by what its pipeline says', async () => {
  const digest = `latest@sha256:${'d'.repeat(64)}`
  prod.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: fleet, namespace: flux-system, uid: o1, resourceVersion: "1" }
spec: { url: "oci://registry.test/fleet" }
status: { artifact: { revision: "${digest}", lastUpdateTime: 2026-09-16T09:00:00Z, metadata: { org.opencontainers.image.revision: "${rev('mine')}" } } }
`)
  prod.apply(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system, uid: k1, resourceVersion: "1" }
spec: { path: ./, sourceRef: { kind: OCIRepository, name: fleet } }
status: { lastAppliedRevision: "${digest}" }
`)
  entry(prod, 'run', digest, 250)
  expect(await told('abcdef')).toEqual([['prod apps applied', fetched, 250]])
})

it('tells what was recorded of a cluster that is not looked at, and leaves others out where contexts are named', async () => {
  entry('far', 'run', rev('mine'), 220, { isBackfilled: true })
  entry('far', 'status', rev('mine'), 240, { tone: 'bad', name: 'infra', message: 'timeout' })
  expect(await told('abcdef')).toEqual([
    ['far infra failed', null, null],
    ['far apps applied', null, 220],
  ])
  expect((await find('abcdef', ['prod'])).note).toContain('No source of the selected contexts')
})

it('leaves repositories of others out', async () => {
  source(prod, rev('mine'))
  source(staging, rev('old'), 'other', 'https://git.test/other.git')
  source(staging, rev('old'), 'mirror', 'ssh://git@git.test/fleet')
  expect((await find('abcdef')).arrivals.map(({ source: from }) => from?.name)).toEqual(['fleet', 'mirror'])
})

it('refuses what is no commit, and what several begin with', async () => {
  source(prod, rev('mine'))
  source(staging, `main@sha1:abcdef${'9'.repeat(34)}`)
  await expect(find('abcdef')).rejects.toMatchObject({
    code: 'InvalidInput',
    message: expect.stringContaining('Several') as string,
  })
  await expect(find('main')).rejects.toMatchObject({ code: 'InvalidInput' })
  await expect(find('abc')).rejects.toMatchObject({ code: 'InvalidInput' })
})

it('follows a commit through a chart that is packaged anew for each: released, failed, waiting behind the gate, and what is there of a later one', async () => {
  source(prod, rev('mine'))
  release(prod, packedOf('mine'), { strategy: 'Revision' })
  expect(await told(shas.mine)).toEqual([['prod web applied', fetched, released]])
  // Found by what was recorded under the chart's version as well.
  entry(prod, 'run', packedOf('mine'), 300, { ref: webRef('prod') })
  expect(await told('abcdef')).toEqual([['prod web applied', fetched, 300]])
  entries = []
  release(prod, packedOf('old'), { strategy: 'Revision', chart: packedOf('mine'), isSuspended: true })
  expect((await find('abcdef')).arrivals).toMatchObject([{ state: 'fetched', isSuspended: true, appliedAt: null }])
  release(prod, packedOf('old'), {
    strategy: 'Revision',
    chart: packedOf('mine'),
    attempted: packedOf('mine'),
    ready: 'False',
  })
  expect((await find('abcdef')).arrivals).toMatchObject([{ state: 'failed', message: 'no such luck' }])
  source(prod, rev('young'))
  release(prod, packedOf('young'), { strategy: 'Revision', observed: rev('young') })
  entry(prod, 'commit', rev('mine'), 100)
  entry(prod, 'commit', rev('young'), 300)
  expect(await told('abcdef')).toEqual([['prod web later', null, null]])
})

it('tells a release by the version of its chart: packaged from the commit, or left as it was by it, or not packaged although the commit changed it', async () => {
  source(prod, rev('mine'))
  release(prod, '0.2.0')
  expect(await told('abcdef')).toEqual([['prod web applied', fetched, released]])
  // Packaged before this commit was fetched, and looked at since.
  release(prod, '0.2.0', { packaged: '08:00:00' })
  expect((await find('abcdef')).arrivals).toMatchObject([
    { state: 'applied', appliedAt: null, message: expect.stringContaining('was not packaged anew') as string },
  ])
  entry(prod, 'commit', rev('mine'), 100, { facts: { changedPaths: ['apps/a.yaml', 'charts/web2/x.yaml'] } })
  expect((await find('abcdef')).arrivals).toMatchObject([{ state: 'applied', appliedAt: null, message: '' }])
  entries = []
  entry(prod, 'commit', rev('mine'), 100, { facts: { changedPaths: ['charts/web/templates/x.yaml'] } })
  expect((await find('abcdef')).arrivals).toMatchObject([
    { state: 'fetched', message: expect.stringContaining('not its version') as string },
  ])
  // It was released before, and that was recorded.
  entry(prod, 'run', '0.1.9', 250, { ref: webRef('prod'), facts: { originRevision: rev('mine') } })
  expect(await told('abcdef')).toEqual([['prod web applied', fetched, 250]])
})

it('says that a release has a later commit where its chart was recorded to be of one', async () => {
  source(prod, rev('young'))
  release(prod, '0.2.0', { observed: rev('young'), packaged: '08:00:00' })
  entry(prod, 'commit', rev('mine'), 100)
  entry(prod, 'commit', rev('young'), 300)
  expect(await told('abcdef')).toEqual([['prod web later', null, null]])
})

it('takes no chart of another commit for this one, though both begin with what was asked for', async () => {
  const other = '0.1.0+abcdef999999'
  source(prod, rev('mine'))
  release(prod, other, { strategy: 'Revision', chart: packedOf('mine') })
  entry(prod, 'run', other, 300, { ref: webRef('prod') })
  expect(await told('abcdef')).toEqual([['prod web fetched', fetched, null]])
})

it('follows a commit into a chart of a registry by what its pipeline says, and the digest in the version of the release', async () => {
  const digest = 'd'.repeat(64)
  const charted = (version: string): void =>
    prod.apply(
      `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: charts, namespace: flux-system, uid: o1, resourceVersion: "1" }
spec: { url: "oci://registry.test/charts/web" }
status: { artifact: { revision: "0.1.0@sha256:${digest}", lastUpdateTime: 2026-09-16T09:00:00Z, metadata: { org.opencontainers.image.revision: "${rev('mine')}" } } }
`,
      `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: web, namespace: flux-system, uid: r1, generation: 1, resourceVersion: "${Math.random()}" }
spec: { chartRef: { kind: OCIRepository, name: charts } }
status:
  observedGeneration: 1
  history: [{ version: 1, status: deployed, chartName: web, chartVersion: "${version}", lastDeployed: 2026-09-16T09:00:05Z }]
`,
    )
  charted(`0.1.0+${digest.slice(0, 12)}`)
  expect(await told('abcdef')).toEqual([['prod web applied', fetched, released]])
  charted('0.1.0+eeeeeeeeeeee')
  expect(await told('abcdef')).toEqual([['prod web fetched', fetched, null]])
})

it('tells what was applied while it looked with the revision that is there by then', async () => {
  source(prod, rev('mine'))
  owner(prod, 'apps', '', { ready: 'Unknown' })
  owner(prod, 'infra', rev('old'))
  meanwhile = () => {
    owner(prod, 'apps', rev('mine'))
    owner(prod, 'infra', rev('mine'))
    entry(prod, 'run', rev('mine'), 200)
    entry(prod, 'run', rev('mine'), 210, { name: 'infra' })
  }
  const { arrivals } = await find('abcdef')
  expect(arrivals.map(({ owner: ref, state, revision }) => [ref?.name, state, revision])).toEqual([
    ['apps', 'applied', rev('mine')],
    ['infra', 'applied', rev('mine')],
  ])
})

it('takes a commit that is fetched while it looks for no one of before', async () => {
  source(prod, rev('old'))
  owner(prod, 'apps', rev('old'))
  owner(prod, 'gone', rev('old'))
  meanwhile = () => {
    source(prod, rev('mine'))
    prod.delete(prod.ref('kustomize.toolkit.fluxcd.io', 'Kustomization', 'flux-system', 'gone'))
    entry(prod, 'artifact', rev('mine'), 150)
  }
  expect(await told('abcdef')).toEqual([['prod apps fetched', 150, null]])
})

it('does not say of an object that was made anew that it has what the one before had run', async () => {
  source(prod, rev('mine'))
  owner(prod, 'apps', '', { ready: 'Unknown' })
  entry(prod, 'run', rev('mine'), 200)
  expect(await told('abcdef')).toEqual([['prod apps fetched', fetched, null]])
})
