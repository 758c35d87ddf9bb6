/** From an object back to Git, on a cluster in memory. */
import { beforeEach, expect, it } from 'vitest'
import { createTraceProcedures } from '../../../electron/engine/history/trace-procedures.ts'
import type { TraceProcedureDeps } from '../../../electron/engine/history/trace-procedures.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ObjectTrace } from '../../../shared/model/trace.ts'
import { MemoryCluster, MemorySink, testCall } from '../memory-cluster.ts'

const sha = 'a'.repeat(40)
let cluster: MemoryCluster
let kept: Partial<HistoryEntry>[]
let asked: string[]
let tell: (entries: readonly HistoryEntry[]) => void
/** Asked for a file, the comparison waits for this. */
let untilCompared: Promise<void>
let origins: Map<string, { file: string; line: number } | SluiceError>

beforeEach(() => {
  cluster = new MemoryCluster()
  kept = []
  asked = []
  tell = () => undefined
  untilCompared = Promise.resolve()
  origins = new Map()
})

function deps(): TraceProcedureDeps {
  return {
    ports: { clock: cluster.clock, shell: {} as never, environment: {} as never },
    clusters: cluster,
    flush: () => Promise.resolve(),
    store: {
      watch: (listener) => {
        tell = listener
        return () => undefined
      },
      query: ({ commits = [], types = [] }) =>
        Promise.resolve({
          entries: kept.filter(
            ({ revision = '', type = 'commit' }) =>
              types.includes(type) && commits.some((commit) => revision.includes(commit)),
          ) as HistoryEntry[],
          next: null,
        }),
    },
    findOrigin: async (owner, ref) => {
      asked.push(`${owner.name} ${ref.kind}/${ref.name}`)
      await untilCompared
      const found = origins.get(`${ref.kind}/${ref.name}`) ?? null
      if (found instanceof SluiceError) throw found
      return found
    },
    findCommit: (owner, revision) =>
      Promise.resolve(
        owner.name === 'packed' ? null : { sha: revision.slice(-40), author: 'Ann', at: 5, subject: 'Two replicas' },
      ),
  }
}

async function trace(
  ref: ObjectRef,
): Promise<{ sink: MemorySink<ObjectTrace>; stop: () => void; now: () => ObjectTrace }> {
  const sink = new MemorySink<ObjectTrace>()
  const stop = createTraceProcedures(deps()).handlers['trace.watch']({ ref }, sink, testCall())
  await cluster.clock.advance(10)
  return {
    sink,
    stop,
    now: () => {
      if (sink.error !== null) throw sink.error as Error
      return [...sink.items.values()][0]!
    },
  }
}

const labels = (kind: 'kustomize' | 'helm', name: string): string =>
  `{ ${kind}.toolkit.fluxcd.io/name: ${name}, ${kind}.toolkit.fluxcd.io/namespace: flux-system }`

function fleet(revision = `main@sha1:${sha}`): void {
  cluster.apply(
    `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: fleet, namespace: flux-system, uid: g1, resourceVersion: "1" }
spec: { url: "https://ann:hunter2hunter2@git.test/fleet.git", interval: 1m }
status:
  artifact: { revision: "${revision}", lastUpdateTime: 2026-09-16T09:00:00Z, digest: "sha256:1" }
  conditions: [{ type: Ready, status: "True", reason: Succeeded, message: stored }]
`,
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system, uid: k1, resourceVersion: "2", labels: ${labels('kustomize', 'root')} }
spec: { interval: 10m, path: ./apps, prune: true, sourceRef: { kind: GitRepository, name: fleet } }
status:
  lastAppliedRevision: "${revision}"
  lastAttemptedRevision: "${revision}"
  inventory: { entries: [{ id: shop_web_apps_Deployment, v: v1 }] }
  conditions: [{ type: Ready, status: "True", reason: ReconciliationSucceeded, message: applied }]
`,
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: root, namespace: flux-system, uid: k0, resourceVersion: "3", labels: ${labels('kustomize', 'root')} }
spec: { interval: 10m, path: ./, prune: true, sourceRef: { kind: GitRepository, name: fleet } }
status:
  lastAppliedRevision: "${revision}"
  inventory: { entries: [{ id: flux-system_apps_kustomize.toolkit.fluxcd.io_Kustomization, v: v1 }] }
  conditions: [{ type: Ready, status: "True", reason: ReconciliationSucceeded, message: applied }]
`,
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, uid: d1, creationTimestamp: 2026-09-16T08:00:00Z, labels: ${labels('kustomize', 'apps')} }
spec: { replicas: 1 }
`,
    `
apiVersion: apps/v1
kind: ReplicaSet
metadata: { name: web-1, namespace: shop, uid: r1, ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: d1, controller: true }] }
`,
    `
apiVersion: v1
kind: Pod
metadata: { name: web-1-x, namespace: shop, uid: p1, ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r1, controller: true }] }
`,
  )
  origins.set('Deployment/web', { file: 'apps/web.yaml', line: 7 })
  origins.set('Kustomization/apps', { file: 'clusters/prod/apps.yaml', line: 1 })
}

it('follows a Pod to its Deployment, the Kustomization that lists it, the one above, and each to file, line, commit and author', async () => {
  fleet()
  const { now, sink } = await trace(cluster.ref('', 'Pod', 'shop', 'web-1-x'))
  const { makers, steps, isComplete } = now()
  expect(makers.map(({ ref }) => `${ref.kind}/${ref.name}`)).toEqual(['ReplicaSet/web-1', 'Deployment/web'])
  expect(
    steps.map(({ object, owner, via, place, commit }) => [
      refTitle(object),
      refTitle(owner.ref),
      via,
      place,
      commit?.author,
    ]),
  ).toEqual([
    ['shop/web', 'flux-system/apps', 'inventory', { file: 'apps/web.yaml', line: 7 }, 'Ann'],
    ['flux-system/apps', 'flux-system/root', 'inventory', { file: 'clusters/prod/apps.yaml', line: 1 }, 'Ann'],
  ])
  expect(isComplete).toBe(true)
  expect(sink.isReady).toBe(true)
  // What the cluster itself tells is there before Git was asked.
  expect(sink.pushes[0]?.upsert[0]).toMatchObject({ isComplete: false, steps: [{ revision: `main@sha1:${sha}` }, {}] })
})

it('shows no credentials of a source’s address', async () => {
  fleet()
  const { sink } = await trace(cluster.ref('apps', 'Deployment', 'shop', 'web'))
  expect(JSON.stringify([...sink.items.values()])).not.toContain('hunter2')
  expect([...sink.items.values()][0]?.steps[0]?.source?.url).toBe('https://[redacted]@git.test/fleet.git')
})

it('finds the owner by its inventory where the labels were taken off, and says so where only labels are left', async () => {
  fleet()
  const web = cluster.ref('apps', 'Deployment', 'shop', 'web')
  cluster.apply('{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, namespace: shop } }')
  expect((await trace(web)).now().steps[0]).toMatchObject({ via: 'inventory', owner: { ref: { name: 'apps' } } })
  cluster.apply(
    `{ apiVersion: v1, kind: ConfigMap, metadata: { name: copied, namespace: shop, labels: ${labels('kustomize', 'apps')} } }`,
  )
  const copied = (await trace(cluster.ref('', 'ConfigMap', 'shop', 'copied'))).now()
  expect(copied.steps[0]).toMatchObject({ via: 'labels', place: null })
  expect(copied.steps[0]?.placeNote).toContain('no longer in the source')
})

it('says why a file is not known, and goes on to the commit', async () => {
  fleet()
  origins.set(
    'Deployment/web',
    new SluiceError('HostNotAllowed', 'git.test:443 is not allowed for this cluster', {
      remedy: 'Allow it in Settings.',
    }),
  )
  const [step] = (await trace(cluster.ref('apps', 'Deployment', 'shop', 'web'))).now().steps
  expect(step?.place).toBeNull()
  expect(step?.placeNote).toContain('git.test:443 is not allowed')
  expect(step?.commit?.subject).toBe('Two replicas')
})

it('names the commit that an OCI artifact was made from, where it was recorded anywhere', async () => {
  cluster.apply(
    `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: fleet, namespace: flux-system, uid: o1, resourceVersion: "1" }
spec: { url: "oci://registry.test/fleet", interval: 1m }
status:
  artifact:
    revision: "latest@sha256:${'b'.repeat(64)}"
    metadata: { org.opencontainers.image.revision: "main@sha1:${sha}", org.opencontainers.image.source: "https://git.test/fleet" }
`,
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: apps, namespace: flux-system, uid: k1, resourceVersion: "2" }
spec: { path: ./apps, sourceRef: { kind: OCIRepository, name: fleet } }
status:
  lastAppliedRevision: "latest@sha256:${'b'.repeat(64)}"
  inventory: { entries: [{ id: shop_web_apps_Deployment, v: v1 }] }
`,
    '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, namespace: shop } }',
  )
  kept = [{ type: 'commit', revision: `main@sha1:${sha}`, by: 'Ben', at: 7, message: 'Raise the limit' }]
  const [step] = (await trace(cluster.ref('apps', 'Deployment', 'shop', 'web'))).now().steps
  expect(step).toMatchObject({
    originRevision: `main@sha1:${sha}`,
    originUrl: 'https://git.test/fleet',
    commit: { sha, author: 'Ben', subject: 'Raise the limit' },
  })
})

it('names a commit that is recorded while the file is looked for', async () => {
  cluster.apply(
    `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: packed, namespace: flux-system, uid: o1, resourceVersion: "1" }
spec: { url: "oci://registry.test/fleet", interval: 1m }
status:
  artifact: { revision: "latest@sha256:1", metadata: { org.opencontainers.image.revision: "main@sha1:${sha}" } }
`,
    `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: packed, namespace: flux-system, uid: k1, resourceVersion: "2" }
spec: { path: ./apps, sourceRef: { kind: OCIRepository, name: packed } }
status:
  lastAppliedRevision: "latest@sha256:1"
  inventory: { entries: [{ id: shop_web_apps_Deployment, v: v1 }] }
`,
    '{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web, namespace: shop } }',
  )
  let compared = (): void => undefined
  untilCompared = new Promise((resolve) => (compared = resolve))
  const { now, stop } = await trace(cluster.ref('apps', 'Deployment', 'shop', 'web'))
  expect(now().isComplete).toBe(false)
  const commit: Partial<HistoryEntry> = {
    type: 'commit',
    revision: `main@sha1:${sha}`,
    by: 'Ben',
    at: 7,
    message: 'Late',
  }
  kept = [commit]
  tell([commit as HistoryEntry])
  compared()
  await cluster.clock.advance(2000)
  expect(now().steps[0]?.commit).toMatchObject({ author: 'Ben', subject: 'Late' })
  stop()
})

it('tells it anew when the Kustomization moves on, and looks for a file only in what is new', async () => {
  fleet()
  const { now, stop } = await trace(cluster.ref('apps', 'Deployment', 'shop', 'web'))
  expect(asked).toHaveLength(2)
  const before = asked.length
  fleet(`main@sha1:${'c'.repeat(40)}`)
  await cluster.clock.advance(1000)
  expect(now().steps[0]?.revision).toBe(`main@sha1:${'c'.repeat(40)}`)
  expect(asked.length).toBe(before + 2)
  cluster.apply('{ apiVersion: v1, kind: ConfigMap, metadata: { name: other, namespace: shop } }')
  await cluster.clock.advance(1000)
  expect(asked.length).toBe(before + 2)
  stop()
  expect(cluster.watcherCount).toBe(0)
})

it('says that nothing applies an object that was made by hand, and where the chain begins', async () => {
  fleet()
  cluster.apply('{ apiVersion: v1, kind: ConfigMap, metadata: { name: mine, namespace: shop } }')
  const mine = (await trace(cluster.ref('', 'ConfigMap', 'shop', 'mine'))).now()
  expect(mine).toMatchObject({ steps: [], isComplete: true })
  expect(mine.note).toContain('made by hand')
  const root = (await trace(cluster.ref('kustomize.toolkit.fluxcd.io', 'Kustomization', 'flux-system', 'root'))).now()
  expect(root.note).toContain('where the chain begins')
})

it('ends with the reason where the object is not there', async () => {
  const { sink } = await trace(cluster.ref('apps', 'Deployment', 'shop', 'gone'))
  expect(sink.isClosed).toBe(true)
  expect(sink.error).toMatchObject({ code: 'NotFound' })
})

it('names the commit that a release’s chart was packaged from, through its HelmChart, and what was recorded of it once the source has moved on', async () => {
  fleet()
  const release = (version: string, observed: string, strategy: string): void =>
    cluster.apply(
      `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: { name: web, namespace: flux-system, uid: c1, resourceVersion: "${Math.random()}" }
spec: { chart: ./charts/web, reconcileStrategy: ${strategy}, sourceRef: { kind: GitRepository, name: fleet } }
status: { observedSourceArtifactRevision: "${observed}", artifact: { revision: "${version}", lastUpdateTime: 2026-09-16T08:00:00Z } }
`,
      `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: web, namespace: flux-system, uid: r1, resourceVersion: "${Math.random()}", labels: ${labels('kustomize', 'apps')} }
spec: { chartRef: { kind: HelmChart, name: web } }
status:
  inventory: { entries: [{ id: shop_settings__ConfigMap, v: v1 }] }
  history: [{ version: 1, status: deployed, chartName: web, chartVersion: "${version}", lastDeployed: 2026-09-16T09:00:05Z }]
`,
    )
  cluster.apply(
    `{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop, labels: ${labels('helm', 'web')} } }`,
  )
  const settings = cluster.ref('', 'ConfigMap', 'shop', 'settings')
  release(`0.1.0+${sha.slice(0, 12)}`, `main@sha1:${sha}`, 'Revision')
  const packed = (await trace(settings)).now()
  expect(packed.steps[0]).toMatchObject({
    owner: { ref: { kind: 'HelmRelease', name: 'web' } },
    source: { ref: { kind: 'GitRepository', name: 'fleet' } },
    originRevision: `main@sha1:${sha}`,
    commit: { sha, author: 'Ann' },
  })
  expect(packed.steps[1]?.owner.ref.name).toBe('apps')
  // Its version says nothing, and what was looked at last was not packaged.
  release('7.0.0', `main@sha1:${sha}`, 'ChartVersion')
  expect((await trace(settings)).now().steps[0]).toMatchObject({ originRevision: '', commit: null })
  kept = [
    { type: 'run', revision: '7.0.0', facts: { originRevision: `main@sha1:${'d'.repeat(40)}` } },
    { type: 'commit', revision: `main@sha1:${'d'.repeat(40)}`, by: 'Ben', at: 7, message: 'Seven' },
  ]
  expect((await trace(settings)).now().steps[0]).toMatchObject({
    originRevision: `main@sha1:${'d'.repeat(40)}`,
    commit: { author: 'Ben', subject: 'Seven' },
  })
})
