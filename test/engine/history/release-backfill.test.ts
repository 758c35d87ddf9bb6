/** The past of HelmReleases out of Helm's storage in memory: what `status.history` dropped, once, without values or manifests, and cheaply. */
import { afterEach, beforeEach, expect, it } from 'vitest'
// Loaded with the first release else, which no turn of a clock waits for.
import '../../../electron/engine/helm/prepare-release.ts'
import { maxReads } from '../../../electron/engine/history/release-backfill.ts'
import type { History } from '../../../electron/engine/history/history.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import { answer, statusAnswer } from '../cache/scripted-client.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { createMemoryEvents } from './memory-events.ts'
import { startHistory } from './start-history.ts'
import { packRelease, packReleaseForSecret } from '../../fixtures/helm-storage.ts'

interface Stored {
  readonly namespace: string
  readonly name: string
  readonly version: number
  readonly status?: string
  readonly createdAt: string
  readonly chart?: string
  readonly description?: string
}

let cluster: MemoryCluster
let events: ReturnType<typeof createMemoryEvents>
let blobs: ReturnType<typeof createMemoryStore>
let histories: History[]
let storage: Stored[]
let requests: KubeRequest[]
/** Namespaces whose Secrets may not be listed; '' all at once. */
let refused: Set<string>
let failures: number
let kind: 'secrets' | 'configmaps'

beforeEach(() => {
  cluster = new MemoryCluster()
  cluster.kindRows = [{ group: 'helm.toolkit.fluxcd.io', kind: 'HelmRelease', state: 'live' } as KindRow]
  cluster.kubeClient = { request, close: () => undefined } as unknown as KubeClient
  events = createMemoryEvents()
  blobs = createMemoryStore()
  histories = []
  storage = []
  requests = []
  refused = new Set()
  failures = 0
  kind = 'secrets'
})
afterEach(async () => {
  for (const history of histories) await history.dispose()
})

/** Two to a page. */
const pageSize = 2

function request(asked: KubeRequest): ReturnType<KubeClient['request']> {
  requests.push(asked)
  if (failures > 0) {
    failures -= 1
    return Promise.reject(new SluiceError('ConnectionLost', 'cut', { retry: 'transient' }))
  }
  const url = new URL(asked.path, 'https://cluster.invalid')
  const [, namespace = '', plural = '', name] = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/(.+))?$/.exec(
    url.pathname,
  )!
  if (name === undefined) {
    if (plural === 'secrets' && refused.has(namespace)) return Promise.resolve(statusAnswer(403, 'Forbidden', 'no'))
    expect(asked.accept).toContain('PartialObjectMetadataList')
    expect(url.searchParams.get('labelSelector')).toBe('owner=helm')
    const all = plural === kind ? storage.filter((each) => namespace === '' || each.namespace === namespace) : []
    const from = Number(url.searchParams.get('continue') ?? 0)
    const next = from + pageSize < all.length ? String(from + pageSize) : ''
    return Promise.resolve(
      answer(200, { metadata: { continue: next }, items: all.slice(from, from + pageSize).map(metadataOf) }),
    )
  }
  const found =
    plural === kind
      ? storage.find((each) => each.namespace === namespace && metadataOf(each).metadata.name === name)
      : undefined
  if (found === undefined) return Promise.resolve(statusAnswer(404, 'NotFound', 'none'))
  const { version, status = 'superseded', chart = '1.0.0', description = 'Upgrade complete', createdAt } = found
  const release = {
    name: found.name,
    namespace: 'shops',
    version,
    info: { status, last_deployed: `2026-09-${createdAt}.123456789Z`, description },
    chart: { metadata: { name: 'shop', version: chart }, values: { password: 'valueofthechart' } },
    config: { password: 'valueoftherelease' },
    manifest: 'kind: Secret\nstringData: {password: manifestofit}',
  }
  const data = { release: kind === 'secrets' ? packReleaseForSecret(release) : packRelease(release) }
  return Promise.resolve(answer(200, { ...metadataOf(found), data }))
}

function metadataOf({ namespace, name, version, status = 'superseded', createdAt }: Stored) {
  const labels = { owner: 'helm', name, version: String(version), status, modifiedAt: '1789500000' }
  const own = { name: `sh.helm.release.v1.${name}.v${String(version)}`, namespace }
  return { metadata: { ...own, labels, creationTimestamp: `2026-09-${createdAt}Z` } }
}

interface Snapshot {
  readonly version: number
  readonly at: string
  readonly status?: string
}
function helmRelease(name: string, history: readonly Snapshot[], spec = '', releaseName = name): string {
  const snapshots = history.map(
    ({ version, at, status = 'superseded' }) =>
      `{ name: ${releaseName}, namespace: shops, version: ${String(version)}, status: ${status}, chartName: shop, chartVersion: 1.${String(version)}.0, lastDeployed: "2026-09-${at}Z" }`,
  )
  return `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${name}, namespace: flux-system, uid: u-${name}, generation: 1, creationTimestamp: 2026-09-01T08:00:00Z }
spec: { interval: 10m, chartRef: { kind: OCIRepository, name: shop }, ${spec} }
status: { observedGeneration: 1, history: [${snapshots.join(', ')}], conditions: [] }
`
}
const shop = (): string =>
  helmRelease('shop', [
    { version: 4, at: '16T09:00:00', status: 'deployed' },
    { version: 3, at: '15T09:00:00' },
  ])
const record = (version: number, createdAt: string, more: Partial<Stored> = {}): Stored => ({
  namespace: 'flux-system',
  name: 'shop',
  version,
  createdAt,
  chart: `1.${String(version)}.0`,
  ...more,
})

/** Records until so many releases are told, and looks whether there are more. */
async function begin(count: number): Promise<void> {
  histories.push(startHistory(cluster, { blobs, store: events }))
  await cluster.clock.advance(1000)
  await untilTold(count)
}
async function untilTold(count: number): Promise<void> {
  const runs = (): number => events.entries.filter(({ type }) => type === 'run').length
  for (let turn = 0; turn < 2000 && runs() < count; turn += 1) await cluster.clock.advance(10)
  await cluster.clock.advance(100)
  expect(runs()).toBe(count)
}
const released = (): readonly string[] =>
  events.entries
    .filter(({ type }) => type === 'run')
    .toSorted((a, b) => a.at - b.at)
    .map(
      ({ at, message, tone, ref, isBackfilled }) =>
        `${new Date(at).toISOString().slice(8, 19)} ${ref?.name ?? ''} ${message} ${tone}${isBackfilled ? '' : ' live'}`,
    )
const reads = (): readonly string[] =>
  requests.flatMap(({ path }) => /sh\.helm\.release\.v1\.(\S+)$/.exec(path)?.slice(1) ?? [])

it('tells each stored revision that the object does not list any more, at its time, as found afterwards', async () => {
  storage = [
    record(1, '13T09:00:00', { description: 'Install complete' }),
    record(2, '14T09:00:00', { status: 'failed', description: 'Upgrade "shop" failed: token=verysecretvalue' }),
    record(3, '15T09:00:00'),
    record(4, '16T09:00:00', { status: 'deployed' }),
    record(1, '10T09:00:00', { name: 'somebodys' }),
  ]
  cluster.apply(shop())
  await begin(4)
  expect(released()).toEqual([
    '13T09:00:00 shop shop@1.1.0: superseded, Install complete good',
    expect.stringMatching(/^14T09:00:00 shop shop@1\.2\.0: failed, Upgrade "shop" failed: token=\S+ bad$/) as string,
    '15T09:00:00 shop shop@1.3.0: superseded good',
    '16T09:00:00 shop shop@1.4.0: deployed good',
  ])
  // What the object lists is not read, nor what is not Flux's; the newest first.
  expect(reads()).toEqual(['shop.v2', 'shop.v1'])
  expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  expect(JSON.stringify(events.entries)).not.toMatch(/valueof|manifestofit|verysecretvalue/)
  expect(events.entries.find(({ revision }) => revision === '1.1.0')).toMatchObject({
    reason: 'Released',
    owner: { name: 'shop' },
    facts: { version: 1 },
    identity: `release|u-shop|1|${String(Date.parse('2026-09-13T09:00:00Z'))}`,
  })
})

it('finds a release under the name and in the storage that Flux gives it, in ConfigMaps where it is there', async () => {
  kind = 'configmaps'
  storage = [record(1, '13T09:00:00', { namespace: 'vault', name: 'web-shop' })]
  const spec = 'storageNamespace: vault, targetNamespace: web'
  cluster.apply(helmRelease('shop', [{ version: 2, at: '16T09:00:00', status: 'deployed' }], spec, 'web-shop'))
  await begin(2)
  expect(released()[0]).toBe('13T09:00:00 shop shop@1.1.0: superseded, Upgrade complete good')
})

it('does not take for its own what lies here of a release in another cluster', async () => {
  storage = [record(1, '13T09:00:00')]
  cluster.apply(helmRelease('shop', [], 'kubeConfig: { secretRef: { name: far } }'))
  await begin(0)
  expect(requests).toEqual([])
})

it('leaves a revision under way to who watches, and tells an old one that was never finished', async () => {
  storage = [
    record(2, '14T09:00:00', { status: 'pending-upgrade', description: 'Preparing upgrade' }),
    record(5, '16T09:59:59', { status: 'pending-upgrade' }),
  ]
  cluster.apply(shop())
  await begin(3)
  expect(released()).toHaveLength(3)
  expect(released()[0]).toBe('14T09:00:00 shop shop@1.2.0: pending-upgrade, Preparing upgrade plain')
})

it('says where Secrets may not be listed, and tells the rest all the same', async () => {
  storage = [record(1, '13T09:00:00'), record(1, '13T10:00:00', { namespace: 'open', name: 'till' })]
  refused.add('flux-system')
  cluster.apply(shop(), helmRelease('till', [], 'storageNamespace: open'))
  await begin(3)
  expect(released().map((line) => line.split(' ')[1])).toEqual(['till', 'shop', 'shop'])
  const notes = events.entries.filter(({ reason }) => reason === 'ReleasesUnread')
  expect(notes.map(({ message }) => message)).toEqual([
    'Earlier Helm releases of namespace flux-system are not known: you may not list Secrets there',
  ])
})

it('asks for one list where releases lie in many namespaces, and for each of the first where that is refused', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `ns-${String(index).padStart(2, '0')}`)
  storage = names.map((namespace) => record(1, '13T09:00:00', { namespace, name: namespace }))
  cluster.apply(...names.map((name) => helmRelease(name, [], `storageNamespace: ${name}`)))
  await begin(40)
  const lists = (): readonly string[] =>
    requests.flatMap(({ path }) => /^\/api\/v1\/(\S*)secrets\?(?!.*continue)/.exec(path)?.slice(1, 2) ?? [])
  expect(lists()).toEqual([''])
  expect(released()).toHaveLength(40)
  requests.length = 0
  events.entries.length = 0
  refused.add('')
  blobs = createMemoryStore()
  await begin(30)
  expect(lists()).toHaveLength(31)
  expect(released()).toHaveLength(30)
  const [note] = events.entries.filter(({ reason }) => reason === 'ReleasesUnread')
  expect(note?.message).toBe(
    'Earlier Helm releases of namespaces ns-30, ns-31, ns-32, ns-33, ns-34 and 5 more are not known: you may not list Secrets of all namespaces',
  )
})

it('reads the newest ones, and tells of the others what their labels say', async () => {
  const day = (version: number): string => new Date(Date.parse('2026-09-01T00:00:00Z') + version * 60_000).toISOString()
  storage = Array.from({ length: maxReads + 2 }, (_, index) =>
    record(index + 1, day(index + 1).slice(8, 19), { chart: '7.7.7' }),
  )
  cluster.apply(helmRelease('shop', []))
  await begin(202)
  expect(reads()).toHaveLength(maxReads)
  expect(released().slice(0, 3)).toEqual([
    '01T00:01:00 shop Release 1: superseded good',
    '01T00:02:00 shop Release 2: superseded good',
    '01T00:03:00 shop shop@7.7.7: superseded, Upgrade complete good',
  ])
})

it('asks again where the cluster did not answer, and tells nothing twice', async () => {
  storage = [record(1, '13T09:00:00'), record(2, '14T09:00:00')]
  failures = 1
  cluster.apply(shop())
  await begin(2)
  await cluster.clock.advance(30_000)
  await untilTold(4)
  expect(reads()).toEqual(['shop.v2', 'shop.v1'])
})

it('finds after a restart what was released and dropped meanwhile, and nothing that is older', async () => {
  storage = [record(1, '13T09:00:00'), record(2, '14T09:00:00')]
  cluster.apply(shop())
  await begin(4)
  await histories.pop()?.dispose()
  events.entries.length = 0
  requests.length = 0
  await cluster.clock.advance(3_600_000)
  storage.push(record(5, '16T10:20:00'))
  cluster.apply(
    helmRelease('shop', [
      { version: 7, at: '16T10:40:00', status: 'deployed' },
      { version: 6, at: '16T10:30:00' },
    ]),
  )
  await begin(3)
  expect(released()).toEqual([
    '16T10:20:00 shop shop@1.5.0: superseded, Upgrade complete good',
    '16T10:30:00 shop shop@1.6.0: superseded good',
    '16T10:40:00 shop shop@1.7.0: deployed good',
  ])
  expect(reads()).toEqual(['shop.v5'])
})
