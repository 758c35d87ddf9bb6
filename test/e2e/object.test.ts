/** The page of one object, on a cluster whose workloads live: tree down to pods, graph, history, events, conditions, YAML, logs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Locator } from 'playwright-core'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { startSampleCluster } from '../app/sample-cluster.ts'
import { eventually, openView, pointAt, rowOf } from '../app/window.ts'
import { packReleaseForSecret } from '../fixtures/helm-storage.ts'
import type { TestCluster } from '../cluster/start.ts'

let cluster: TestCluster
let launched: LaunchedApp
let dataDir: string

const launch = (): Promise<LaunchedApp> =>
  launchApp({ kubeconfig: cluster.kubeconfigPath, dataDir, size: { width: 1600, height: 1000 } })

beforeAll(async () => {
  cluster = await startSampleCluster('lab', true)
  await storePast()
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-object-'))
  launched = await launch()
})
afterAll(async () => {
  await launched?.close()
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  await cluster?.stop()
})

const catalogPath = '/apis/helm.toolkit.fluxcd.io/v2/namespaces/apps/helmreleases/catalog'
interface CatalogRelease {
  readonly version: number
  readonly at: Date
  readonly status: string
  readonly description: string
}
const hoursAgo = (hours: number): Date => new Date(Math.floor(Date.now() / 1000 - hours * 3600) * 1000)
const past: readonly CatalogRelease[] = [
  { version: 1, at: hoursAgo(5), status: 'superseded', description: 'Install complete' },
  { version: 2, at: hoursAgo(4), status: 'failed', description: 'Upgrade "catalog" failed: no such luck' },
  { version: 3, at: hoursAgo(3), status: 'superseded', description: 'Upgrade complete' },
]
const current: CatalogRelease = { version: 4, at: hoursAgo(2), status: 'deployed', description: 'Upgrade complete' }

async function storeRelease({ version, at, status, description }: CatalogRelease): Promise<void> {
  const release = {
    name: 'catalog',
    namespace: 'apps',
    version,
    info: {
      first_deployed: past[0]?.at.toISOString(),
      last_deployed: at.toISOString().replace('Z', '123456Z'),
      deleted: '',
      status,
      description,
    },
    chart: { metadata: { name: 'catalog', version: `1.${String(version)}.0` }, values: { password: 'of-the-chart' } },
    config: { password: 'of-the-release' },
    manifest: '---\nkind: Secret\nstringData: {password: of-the-manifest}\n',
  }
  await cluster.requestOk('POST', '/api/v1/namespaces/apps/secrets', {
    metadata: {
      name: `sh.helm.release.v1.catalog.v${String(version)}`,
      labels: { owner: 'helm', name: 'catalog', version: String(version), status, modifiedAt: '1' },
    },
    type: 'helm.sh/release.v1',
    data: { release: packReleaseForSecret(release) },
  })
}

const historyOf = ({ version, at, status }: CatalogRelease): object => ({
  name: 'catalog',
  namespace: 'apps',
  version,
  status,
  digest: `sha256:${String(version).repeat(64)}`,
  configDigest: `sha256:${'c'.repeat(64)}`,
  chartName: 'catalog',
  chartVersion: `1.${String(version)}.0`,
  firstDeployed: past[0]?.at.toISOString(),
  lastDeployed: at.toISOString(),
})

/** A release that lists the newest of its revisions alone; its storage has all. */
async function storePast(): Promise<void> {
  for (const release of [...past, current]) await storeRelease(release)
  await cluster.requestOk('POST', catalogPath.slice(0, -'/catalog'.length), {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'catalog', namespace: 'apps' },
    spec: { interval: '1h', chartRef: { kind: 'OCIRepository', name: 'catalog' } },
  })
  await tellReleases([current])
}

/** As helm-controller writes it. */
async function tellReleases(releases: readonly CatalogRelease[]): Promise<void> {
  const ready = { type: 'Ready', status: 'True', reason: 'UpgradeSucceeded', message: 'Helm upgrade succeeded' }
  const lastTransitionTime = current.at.toISOString().replace('.000', '')
  await cluster.requestOk(
    'PATCH',
    `${catalogPath}/status`,
    {
      status: {
        observedGeneration: 1,
        storageNamespace: 'apps',
        conditions: [{ ...ready, lastTransitionTime, observedGeneration: 1 }],
        history: releases.map(historyOf),
      },
    },
    'application/merge-patch+json',
  )
}

const tree = (): Locator => launched.page.getByRole('treegrid', { name: 'Tree' })

/** The row of the tree with this label, opened. */
async function expand(label: RegExp): Promise<Locator> {
  const row = tree().getByRole('row', { name: label }).first()
  await row.waitFor()
  await row.click()
  await tree().focus()
  await eventually(async () => {
    if ((await row.getAttribute('aria-expanded')) === 'true') return
    await launched.page.keyboard.press('ArrowRight')
    expect(await row.getAttribute('aria-expanded')).toBe('true')
  })
  return row
}

async function openFromList(title: string, name: string, kind: string): Promise<void> {
  const { page } = launched
  await openView(page, title)
  await pointAt(page, name)
  await page.keyboard.press('Enter')
  await page.getByRole('article', { name: `${kind} ${name}` }).waitFor()
}

const tab = (name: string): Locator => launched.page.getByRole('tab', { name, exact: true, selected: true })

test('the tree follows the inventory through a release down to its pods, which are ready', async () => {
  const { page } = launched
  await openFromList('Kustomizations', 'flux-system/apps', 'Kustomization')
  await tab('Tree').waitFor()
  await expand(/^hr podinfo$/)
  await expand(/^deploy podinfo-frontend$/)
  await expand(/^rs podinfo-frontend-/)
  const pods = tree().getByRole('row', { name: /^po podinfo-frontend-/ })
  await eventually(async () => {
    expect(await pods.count()).toBe(2)
    for (const text of await pods.allInnerTexts()) expect(text).toContain('Current')
  }, 60_000)
  await pods.first().click()
  const details = page.getByRole('complementary', { name: /^Details of Pod apps\/podinfo-frontend-/ })
  await details.getByRole('region', { name: 'Conditions' }).filter({ hasText: 'ContainersReady' }).waitFor()
})

test('the breadcrumb says where it is', async () => {
  const crumbs = launched.page.getByRole('navigation', { name: 'Breadcrumb' })
  await crumbs.getByRole('link', { name: 'lab' }).waitFor()
  await crumbs.getByRole('link', { name: 'Kustomizations' }).waitFor()
  expect(await crumbs.locator('[aria-current="page"]').textContent()).toBe('flux-system/apps')
})

test('] goes through all tabs, each with its content; [ goes back', async () => {
  const { page } = launched
  await page.keyboard.press(']')
  await tab('Drift').waitFor()
  await page.getByRole('button', { name: 'Compare again' }).waitFor()

  await page.keyboard.press(']')
  await tab('Graph').waitFor()
  const graph = page.getByRole('region', { name: 'Graph of dependsOn and sources' })
  await graph
    .getByRole('radio', { name: 'List' })
    .or(graph.getByRole('button', { name: 'List', exact: true }))
    .click()
  await graph
    .getByRole('list', { name: 'In order' })
    .getByRole('button', { name: /GitRepository flux-system\/flux-system/ })
    .waitFor()

  await page.keyboard.press(']')
  await tab('Trace').waitFor()
  await page
    .getByRole('region', { name: /^Kustomization \S+ comes from$/ })
    .first()
    .waitFor()

  await page.keyboard.press(']')
  await tab('History').waitFor()
  await page.getByRole('listbox', { name: /^History of Kustomization / }).waitFor()

  await page.keyboard.press(']')
  await tab('Events').waitFor()
  await page
    .getByRole('grid', { name: 'Events' })
    .getByRole('row')
    .filter({ hasText: 'HealthCheckFailed' })
    .first()
    .waitFor()

  await page.keyboard.press(']')
  await tab('Conditions').waitFor()
  const ready = page
    .getByRole('table', { name: 'Conditions' })
    .getByRole('row', { name: /Ready False HealthCheckFailed/ })
  await ready.filter({ hasText: 'timeout waiting for: [Deployment/apps/podinfo' }).waitFor()

  await page.keyboard.press(']')
  await tab('YAML').waitFor()
  const lines = page.locator('.view-lines')
  await lines.filter({ hasText: 'Kustomization' }).waitFor()
  expect(await lines.innerText()).toContain('./apps/playground'.slice(0, 2))

  await page.keyboard.press(']')
  await tab('Logs').waitFor()
  await page.keyboard.press('[')
  await tab('YAML').waitFor()
  await page.keyboard.press(']')
  await tab('Logs').waitFor()
})

test('logs of a pod of the tree are shown and followed', async () => {
  const { page } = launched
  const pods = page.getByRole('combobox', { name: 'Pod' })
  await pods.waitFor()
  const options = await pods.getByRole('option').allInnerTexts()
  const frontend = options.find((option) => option.startsWith('apps/podinfo-frontend-'))
  expect(frontend).toBeDefined()
  await pods.selectOption({ label: frontend ?? '' })
  const log = page.getByRole('region', { name: `Logs of ${frontend ?? ''}` }).getByRole('log', { name: 'Log lines' })
  await log.filter({ hasText: 'msg="listening"' }).waitFor()
  await cluster.appendPodLog(['level=info msg="one more line"'])
  await log.filter({ hasText: 'one more line' }).waitFor()
})

test('a Secret is shown without its values', async () => {
  const { page } = launched
  await openFromList('Helm releases', 'apps/valkey', 'HelmRelease')
  await page.getByRole('tab', { name: 'Tree', exact: true }).click()
  const secret = tree().getByRole('row', { name: /^secret valkey$/ })
  await secret.dblclick()
  await page.getByRole('article', { name: 'Secret apps/valkey' }).waitFor()
  await page.getByRole('tab', { name: 'YAML', exact: true }).click()
  await page.locator('.view-lines').filter({ hasText: 'password' }).waitFor()
  const everything = await page.evaluate(() => document.documentElement.outerHTML)
  expect(everything).not.toContain(Buffer.from('not-a-real-one').toString('base64'))
  expect(everything).not.toContain('not-a-real-one')
})

test('an object that is deleted while it is looked at stays readable, and says so', async () => {
  const { page } = launched
  await openFromList('Kustomizations', 'docs/handbook', 'Kustomization')
  await cluster.requestOk('DELETE', '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/docs/kustomizations/handbook')
  await page.getByText('Kustomization docs/handbook was deleted').waitFor()
  await page.keyboard.press('Escape')
  await rowOf(page, 'flux-system/apps').waitFor()
  await rowOf(page, 'docs/handbook').waitFor({ state: 'detached' })
})

/** What the timeline of `catalog` says of its revisions, the newest first. */
function toldReleases(): Promise<readonly string[]> {
  return launched.page
    .getByRole('listbox', { name: 'History of HelmRelease catalog' })
    .getByRole('option', { name: /, catalog@/ })
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''))
}

/** As the window has it: `16 Sep 07:41, catalog@1.1.0: …`; `said`: what Helm, or the object, tells of it. */
function shown({ version, at }: CatalogRelease, said: string): string {
  const [, month = '', day = ''] = at.toDateString().split(' ')
  const time = `${String(Number(day))} ${month} ${at.toTimeString().slice(0, 5)}`
  return `${time}, catalog@1.${String(version)}.0: ${said}, HelmRelease apps/catalog`
}
const shownPast = (): readonly string[] => [
  `${shown(current, 'deployed')}, found later`,
  ...past.map((each) => `${shown(each, `${each.status}, ${each.description}`)}, found later`).toReversed(),
]

async function openCatalogHistory(): Promise<void> {
  await openFromList('Helm releases', 'apps/catalog', 'HelmRelease')
  await launched.page.keyboard.press('h')
  await tab('History').waitFor()
}

test('releases from before Sluice stand in the history of a HelmRelease, at their times and as found later', async () => {
  await openCatalogHistory()
  await expect.poll(toldReleases, { timeout: 30_000 }).toEqual(shownPast())
  const everything = await launched.page.evaluate(() => document.documentElement.outerHTML)
  expect(everything).not.toMatch(/of-the-(chart|release|manifest)/)
})

test('a restart finds what was released meanwhile, and tells nothing twice', async () => {
  expect(launched.complaints).toEqual([])
  await launched.close()
  const next: CatalogRelease = {
    version: 5,
    at: new Date(Math.ceil(Date.now() / 1000) * 1000),
    status: 'deployed',
    description: 'Upgrade complete',
  }
  await storeRelease(next)
  await tellReleases([next])
  launched = await launch()
  await openCatalogHistory()
  const meanwhile = [`${shown(next, 'deployed')}, found later`, ...shownPast()]
  await expect.poll(toldReleases, { timeout: 30_000 }).toEqual(meanwhile)
  // Seen as it happens, when the storage has been searched again.
  const live: CatalogRelease = { ...next, version: 6, at: new Date() }
  await storeRelease(live)
  await tellReleases([live])
  await expect.poll(async () => (await toldReleases())[0], { timeout: 30_000 }).toBe(shown(live, 'deployed'))
  expect((await toldReleases()).slice(1)).toEqual(meanwhile)
})

test('the window did not complain', () => {
  expect(launched.complaints).toEqual([])
})
