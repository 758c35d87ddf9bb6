/** A machine without any kubeconfig, the way a newcomer goes: first page, playground, rows, a reconciliation, quit. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAdminClient } from '../../electron/adapters/control-plane/admin-client.ts'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import type { Locator } from 'playwright-core'
import { processTree } from '../app/processes.ts'
import { dialogOf, eventually, openView, pointAt, readGrid, toastOf } from '../app/window.ts'
import type { ShownRow } from '../app/window.ts'

let dataDir: string
let launched: LaunchedApp

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-first-'))
  launched = await launchApp({ dataDir })
})
afterAll(async () => {
  await launched?.close().catch(() => undefined)
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

/** Command lines of this machine's processes that work in our data folder, whoever their parent is. */
async function processesOfFolder(): Promise<readonly string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(dataDir)) found.push(line.replaceAll('\0', ' '))
  }
  return found
}

async function expectNothingLeft(pids: readonly number[]): Promise<void> {
  await eventually(async () => {
    expect(await processesOfFolder()).toEqual([])
    const left = await Promise.all(
      pids.map((pid) =>
        readFile(`/proc/${pid}/stat`, 'utf8')
          .then((stat) => /\) Z /.test(stat) === false)
          .catch(() => false),
      ),
    )
    expect(left.filter(Boolean)).toEqual([])
  }, 10_000)
}

async function reconcile(name: string): Promise<void> {
  const { page } = launched
  await pointAt(page, name)
  await page.keyboard.press('r')
  const dialog = dialogOf(page, `Reconcile ${name}`)
  await dialog.getByRole('button', { name: /^Reconcile/ }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** Asked of the playground's API server itself, as kubectl would. */
async function podPhases(): Promise<readonly string[]> {
  const config = load(await readFile(join(dataDir, 'playground', 'kubeconfig'), 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
  }
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  const plain = (text: string): string => Buffer.from(text, 'base64').toString()
  const admin = createAdminClient(cluster.server, plain(cluster['certificate-authority-data']), {
    certPem: plain(user['client-certificate-data']),
    keyPem: plain(user['client-key-data']),
  })
  const { body } = await admin.request('GET', '/api/v1/pods')
  admin.close()
  return (body as { items: { status: { phase: string } }[] }).items.map(({ status }) => status.phase)
}

const startPlayground = async (): Promise<void> => {
  const way = launched.page.getByRole('region', { name: 'Start the playground' })
  await way.getByRole('button', { name: 'Start the playground' }).click()
  await launched.page.getByRole('progressbar', { name: 'Starting the playground' }).waitFor()
}
const waitForPlayground = (): Promise<void> =>
  launched.page.getByRole('option', { name: 'playground', exact: true, selected: true }).waitFor({ timeout: 90_000 })

test('the first page offers three ways', async () => {
  const { page } = launched
  await page.getByRole('heading', { level: 1, name: 'Open a gate to your clusters' }).waitFor()
  expect(await page.getByRole('button', { name: 'Open a kubeconfig' }).isEnabled()).toBe(true)
  expect(await page.getByRole('button', { name: 'Open a Git repository' }).isEnabled()).toBe(true)
})

test('a start can be canceled and leaves nothing', async () => {
  await startPlayground()
  await launched.page.getByRole('button', { name: 'Cancel' }).click()
  await launched.page.getByRole('button', { name: 'Start the playground' }).waitFor()
  await eventually(async () => {
    expect((await processesOfFolder()).filter((line) => line.includes('etcd'))).toEqual([])
  })
})

test('the playground appears, is chosen, and shows its fleet with workloads that run', async () => {
  const { page } = launched
  await startPlayground()
  await waitForPlayground()
  // One click leads to the loop.
  await page.getByRole('heading', { level: 1, name: 'playground/web' }).waitFor()
  await openView(page, 'Kustomizations')
  await eventually(async () => expect((await readGrid(page, 'Kustomizations')).length).toBeGreaterThanOrEqual(15))
  await openView(page, 'Helm releases')
  await eventually(async () => expect((await readGrid(page, 'Helm releases')).length).toBeGreaterThanOrEqual(8))
  await eventually(async () => {
    const phases = await podPhases()
    // The three that are left are of the sample whose selector no node matches.
    expect(phases.filter((phase) => phase === 'Running').length).toBeGreaterThanOrEqual(20)
  }, 30_000)
})

/** A second when the machine is idle: one commit through etcd, hosted mode and the window. */
const roundMs = 40_000
const dock = (): Locator => launched.page.getByRole('region', { name: 'Playground', exact: true })
const steps = async (): Promise<string> =>
  (await dock().getByRole('list', { name: 'What to watch' }).getByRole('listitem').allTextContents()).join(' ')

async function press(name: string): Promise<void> {
  await dock().getByRole('button', { name, disabled: false }).click()
}

/** The row of the loop's Kustomization, read as a person would. */
async function loopRow(): Promise<ShownRow> {
  const rows = await readGrid(launched.page, 'Kustomizations')
  const row = rows.find(({ name }) => name === 'playground/web')
  if (row === undefined) throw new Error(`There is no row playground/web among ${String(rows.length)}`)
  return row
}

test('a commit goes round the loop: fetched, applied, healthy, and the row is at its revision', async () => {
  const { page } = launched
  await openView(page, 'Kustomizations')
  await eventually(async () => expect(await steps()).toMatch(/Fetched, done Applied, done Healthy, done/), roundMs)
  // Hosted mode is on, and nothing of it would be left if Sluice were killed now.
  expect(JSON.parse(await readFile(join(dataDir, 'hosting.json'), 'utf8'))).toEqual([])
  const before = (await loopRow()).cells['Source revision'] ?? ''
  expect(before).toMatch(/main@sha1:[0-9a-f]{7}/)
  await press('Commit a change')
  await eventually(async () => {
    const [, sha = 'none yet'] = /Commit ([0-9a-f]{7})/.exec(await steps()) ?? []
    expect(before).not.toContain(sha)
    expect((await loopRow()).cells['Source revision']).toContain(sha)
    expect(await steps()).toMatch(/Fetched, done Applied, done Healthy, done/)
  }, roundMs)
  expect((await loopRow()).description).toContain('Ready')
})

test('a broken commit fails where it is built and changes nothing; mending it makes the row calm again', async () => {
  const before = (await loopRow()).cells['Source revision']
  await press('Break one')
  await eventually(async () => {
    expect(await steps()).toMatch(/Fetched, done Not applied, failed/)
    const row = await loopRow()
    expect(row.description).toContain('Failed')
    expect(JSON.stringify(row)).toContain('ingress.yaml')
    expect(row.cells['Source revision']).toBe(before)
  }, roundMs)
  await press('Mend')
  await eventually(async () => {
    expect(await steps()).toMatch(/Fetched, done Applied, done Healthy, done/)
    expect((await loopRow()).description).toContain('Ready')
  }, roundMs)
})

test('an edit past Git is found as drift, with who made it, and goes when it is mended', async () => {
  const { page } = launched
  await press('Cause drift')
  await eventually(async () => {
    expect(await steps()).toMatch(/Drift found, differs/)
    expect((await loopRow()).cells['Drift']).toContain('1')
  }, roundMs)
  await dock().getByRole('button', { name: 'Show drift' }).click()
  await page.getByText('kubectl-edit').first().waitFor()
  await openView(page, 'Kustomizations')
  await press('Mend')
  await eventually(async () => {
    expect(await steps()).toMatch(/Put back, done No drift, done/)
    expect((await loopRow()).cells['Drift']).not.toContain('1')
  }, roundMs)
})

test('the sample fleet stays a picture: hosted mode has touched none of it', async () => {
  const { page } = launched
  const rows = await readGrid(page, 'Kustomizations')
  const words = rows.map(({ description }) => description.split(', ').at(-1))
  expect(words.filter((word) => word === 'Failed').length).toBeGreaterThanOrEqual(2)
  expect(words.filter((word) => word === 'Suspended').length).toBeGreaterThanOrEqual(1)
  expect(words.filter((word) => word === 'Waiting').length).toBeGreaterThanOrEqual(1)
})

test('Reconcile goes through its stages to done, or says where it stopped', async () => {
  const { page } = launched
  await openView(page, 'Kustomizations')
  await reconcile('flux-system/infra-configs')
  const done = toastOf(page, 'Reconciled flux-system/infra-configs')
  await done.waitFor()
  expect(await done.innerText()).toMatch(/Requested[^]*Fetched[^]*Applied[^]*Healthy/)
  await done.getByRole('button', { name: 'Close message' }).click()
  await reconcile('flux-system/infra')
  await page.getByText('Reconcile flux-system/infra failed').first().waitFor()
})

test('the application ends with all that it started, and starts its playground again with the same data', async () => {
  const before = await processTree(launched.app.process().pid ?? -1)
  expect((await processesOfFolder()).length).toBeGreaterThan(5)
  await launched.close()
  await expectNothingLeft(before)
  launched = await launchApp({ dataDir })
  await startPlayground()
  await waitForPlayground()
})

test('nothing is left when the application is killed', async () => {
  const pids = await processTree(launched.app.process().pid ?? -1)
  launched.app.process().kill('SIGKILL')
  await expectNothingLeft(pids)
})
