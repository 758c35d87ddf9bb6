/** The page of one object, on a cluster whose workloads live: tree down to pods, graph, events, conditions, YAML, logs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Locator } from 'playwright-core'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { startSampleCluster } from '../app/sample-cluster.ts'
import { eventually, openView, pointAt, rowOf } from '../app/window.ts'
import type { TestCluster } from '../cluster/start.ts'

let cluster: TestCluster
let launched: LaunchedApp

beforeAll(async () => {
  cluster = await startSampleCluster('lab', true)
  launched = await launchApp({ kubeconfig: cluster.kubeconfigPath, size: { width: 1600, height: 1000 } })
})
afterAll(async () => {
  await launched?.close()
  await cluster?.stop()
})

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

test('the window did not complain', () => {
  expect(launched.complaints).toEqual([])
})
