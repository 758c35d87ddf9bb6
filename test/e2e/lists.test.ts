/** Lists in the real window: filter, order, columns, keys, palette, links, several contexts, and every state that a list can be in. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { electronPath, electronSwitches, launchApp, resizeWindow } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { startSampleCluster } from '../app/sample-cluster.ts'
import {
  chooseContext,
  dialogOf,
  eventually,
  filterList,
  gateOf,
  openView,
  pointAt,
  readGrid,
  rowOf,
} from '../app/window.ts'
import { startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

const root = join(import.meta.dirname, '..', '..')
const kustomizations = '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations'
let cluster: TestCluster
let bare: TestCluster
let folder: string
let kubeconfig: string
let launched: LaunchedApp

/** The admin's kubeconfig with one context of another name; `change` rewrites what it leads to. */
async function writeContext(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const file = join(folder, `${name}.kubeconfig`)
  const text = (await readFile(cluster.kubeconfigPath, 'utf8'))
    .replace(/(contexts:\n {2}- name: )"lab"/, `$1"${name}"`)
    .replace(/(current-context: )"lab"/, `$1"${name}"`)
  await writeFile(file, change(text))
  return file
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-lists-'))
  ;[cluster, bare] = await Promise.all([startSampleCluster('lab', false), startTestCluster({ name: 'bare' })])
  const plugin = join(folder, 'get-credentials.sh')
  const pem = (name: string, text: string): string =>
    JSON.stringify(Buffer.from(new RegExp(`${name}: (\\S+)`).exec(text)?.[1] ?? '', 'base64').toString()).slice(1, -1)
  const admin = await readFile(cluster.kubeconfigPath, 'utf8')
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"${pem('client-certificate-data', admin)}","clientKeyData":"${pem('client-key-data', admin)}"}}`
  await writeFile(plugin, `#!/bin/sh\necho ran >> "${join(folder, 'ran')}"\ncat <<'END'\n${credential}\nEND\n`)
  await chmod(plugin, 0o755)
  const files = [
    cluster.kubeconfigPath,
    bare.kubeconfigPath,
    await writeContext('lab-again'),
    await cluster.makeUserKubeconfig({ name: 'nobody' }),
    await writeContext('gone', (text) =>
      text.replaceAll('"lab"', '"gone"').replace(/server: \S+/, 'server: https://127.0.0.1:1'),
    ),
    await writeContext('plugged', (text) =>
      text
        .replaceAll('"lab-admin"', '"plugged-user"')
        .replace(
          /user:\n +client-certificate-data: .*\n +client-key-data: .*\n/,
          `user:\n      exec:\n        apiVersion: client.authentication.k8s.io/v1\n        command: ${plugin}\n        args: [--of, lab]\n        interactiveMode: Never\n`,
        ),
    ),
  ]
  kubeconfig = files.join(':')
  launched = await launchApp({ kubeconfig, dataDir: join(folder, 'data') })
  await chooseContext(launched.page, 'lab')
  await openView(launched.page, 'Kustomizations')
})
afterAll(async () => {
  await launched?.close()
  await Promise.all([cluster?.stop(), bare?.stop()])
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const names = async (title = 'Kustomizations'): Promise<readonly string[]> =>
  (await readGrid(launched.page, title)).map(({ name }) => name)

describe('one list', () => {
  test('filters by conditions, says how many it hides, and clears', async () => {
    const { page } = launched
    await filterList(page, 'Kustomizations', 'ns:apps')
    await eventually(async () =>
      expect([...(await names())].sort()).toEqual([
        'apps/checkout',
        'apps/podinfo-canary',
        'apps/smoke-tests',
        'apps/storefront',
      ]),
    )
    await page.getByRole('status').filter({ hasText: '4 of 22' }).waitFor()
    const box = page.getByRole('searchbox', { name: 'Filter Kustomizations' })
    await box.fill('-status:ready ')
    await eventually(async () => expect(await names()).not.toContain('apps/storefront'))
    expect(await page.getByRole('list', { name: 'Conditions' }).getByRole('listitem').count()).toBe(2)
    await box.press('Backspace')
    expect(await box.inputValue()).toBe('-status:ready')
    await box.fill('name:nothing-of-the-kind')
    await box.press('Enter')
    await page.getByRole('heading', { name: /^No row matches/ }).waitFor()
    await page.getByText('The filter hides 22 Kustomizations.').waitFor()
    await page.getByRole('button', { name: 'Clear filter' }).click()
    await eventually(async () => expect(await names()).toHaveLength(22))
  })

  test('sorts by a header, both ways, and says so', async () => {
    const { page } = launched
    const header = page.getByRole('columnheader', { name: 'Name', exact: true })
    await header.getByRole('button').click()
    expect(await header.getAttribute('aria-sort')).toBe('ascending')
    const plain = (await names()).map((name) => name.split('/')[1] ?? '')
    expect(plain).toEqual([...plain].sort())
    await header.getByRole('button').click()
    expect(await header.getAttribute('aria-sort')).toBe('descending')
    const turned = (await names()).map((name) => name.split('/')[1] ?? '')
    expect(turned).toEqual([...plain].sort().reverse())
  })

  test('shows a column that is chosen', async () => {
    const { page } = launched
    await page.getByRole('button', { name: 'Choose columns' }).click()
    await page.getByRole('menuitemcheckbox', { name: 'Suspended by' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'Suspended by' }).waitFor()
    await rowOf(page, 'flux-system/policies').getByRole('gridcell', { name: 'platform-lead', exact: true }).waitFor()
  })

  test('is used by keys alone: j k Space Enter Escape ?', async () => {
    const { page } = launched
    const order = await names()
    await page.getByRole('grid', { name: 'Kustomizations' }).focus()
    await pointAt(page, order[0] ?? '')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.keyboard.press(' ')
    await page.getByRole('complementary', { name: `Preview of ${order[1]}` }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: `Preview of ${order[1]}` }).waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await dialogOf(page, 'Shortcuts').waitFor()
    await page.keyboard.press('Escape')
    await dialogOf(page, 'Shortcuts').waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: `Kustomization ${order[1]}` }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('grid', { name: 'Kustomizations' }).waitFor()
  })

  test('the palette reaches an object of another list', async () => {
    const { page } = launched
    await page.keyboard.press('Control+k')
    const palette = dialogOf(page, 'Command palette')
    await palette.getByRole('combobox').fill('ledger-db')
    await palette.getByRole('option', { selected: true }).filter({ hasText: 'payments/ledger-db' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'HelmRelease payments/ledger-db' }).waitFor()
    await openView(page, 'Kustomizations')
  })

  test('fits a window of 900 x 600', async () => {
    const { page, app } = launched
    await resizeWindow(app, { width: 900, height: 600 })
    await page.waitForFunction(() => innerWidth === 900)
    await page.getByRole('columnheader', { name: 'Namespace' }).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(900)
    const [first = ''] = await names()
    const gate = await gateOf(page, first).boundingBox()
    expect(gate?.height).toBeGreaterThanOrEqual(18)
    const grid = await page.getByRole('grid', { name: 'Kustomizations' }).boundingBox()
    expect((grid?.x ?? 0) + (grid?.width ?? 0)).toBeLessThanOrEqual(900)
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Sources' }).waitFor()
    await resizeWindow(app, { width: 1440, height: 900 })
    await page.waitForFunction(() => innerWidth === 1440)
  })
})

describe('contexts', () => {
  test('two contexts on one cluster make one set of rows', async () => {
    const { page } = launched
    const before = await names()
    await chooseContext(page, 'lab-again', true)
    await page.getByRole('columnheader', { name: 'Context', exact: true }).waitFor()
    await eventually(async () => {
      const now = (await names()).map((name) => name.replace(/^\S+ /, ''))
      expect([...now].sort()).toEqual([...before].sort())
    })
    await chooseContext(page, 'lab')
    await page.getByRole('columnheader', { name: 'Context', exact: true }).waitFor({ state: 'detached' })
  })

  test('forbidden, not installed and unreachable are three different things', async () => {
    const { page } = launched
    await chooseContext(page, 'nobody@lab')
    await page.getByRole('heading', { name: 'You may not list Kustomizations in nobody@lab' }).waitFor()
    await page.getByText('User "nobody" cannot list resource "kustomizations"').first().waitFor()
    await chooseContext(page, 'bare')
    await page.getByRole('heading', { name: 'Flux is not installed in bare' }).waitFor()
    await chooseContext(page, 'gone')
    await page.getByRole('heading', { name: 'gone is unreachable' }).waitFor()
    await chooseContext(page, 'lab', true)
    await rowOf(page, 'lab flux-system/apps').waitFor()
  })

  test('a credential program runs only after it was shown and approved', async () => {
    const { page } = launched
    await chooseContext(page, 'plugged')
    await page.getByRole('heading', { name: 'plugged wants to run a program for its credentials' }).waitFor()
    await expect(readFile(join(folder, 'ran'))).rejects.toThrow('ENOENT')
    await page.getByRole('main').getByRole('button', { name: 'Review…' }).click()
    const dialog = dialogOf(page, 'Run a program to sign in to plugged?')
    await dialog.getByText(join(folder, 'get-credentials.sh')).waitFor()
    await dialog.getByText('--of').waitFor()
    await dialog.getByRole('button', { name: 'Approve this program' }).click()
    await dialog.waitFor({ state: 'detached' })
    await rowOf(page, 'flux-system/apps').waitFor()
    expect(await readFile(join(folder, 'ran'), 'utf8')).toBe('ran\n')
    await chooseContext(page, 'lab')
    await rowOf(page, 'flux-system/apps').waitFor()
  })
})

describe('an API server that goes', () => {
  test('leaves its rows, marked; back, they are right within 5 s, none lost or doubled', async () => {
    const { page } = launched
    const before = [...(await names())].sort()
    await cluster.apiServer.kill()
    await page.locator('[role="row"][aria-label="flux-system/apps"][aria-description*="Stale"]').waitFor()
    expect([...(await names())].sort()).toEqual(before)
    expect(await gateOf(page, 'flux-system/apps').getAttribute('aria-disabled')).toBe('true')
    await cluster.apiServer.restart()
    await cluster.requestOk(
      'PATCH',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/monitoring',
      { spec: { suspend: true } },
      'application/merge-patch+json',
    )
    await cluster.requestOk('DELETE', '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/apps/kustomizations/smoke-tests')
    const list = await cluster.requestOk<{ items: { metadata: { namespace: string; name: string } }[] }>(
      'GET',
      kustomizations,
    )
    const expected = list.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort()
    await eventually(async () => {
      const rows = await readGrid(page, 'Kustomizations')
      expect(rows.map(({ name }) => name).sort()).toEqual(expected)
      expect(rows.filter(({ description }) => description.includes('Stale'))).toEqual([])
      expect(rows.find(({ name }) => name === 'flux-system/monitoring')?.isOpen).toBe(false)
    }, 5000)
  })
})

describe('the next start', () => {
  test('opens the link it was given without its cluster, from what was last seen, and finds columns and order as they were', async () => {
    const context = await launched.page.getByRole('option', { name: 'lab', exact: true }).getAttribute('data-context')
    const linkTo = (kind: string, group: string, namespace: string, name: string): string =>
      `sluice://context/${[context ?? '', group, kind, namespace, name, 'conditions'].map(encodeURIComponent).join('/')}`
    await launched.close()
    await cluster.apiServer.kill()
    launched = await launchApp({
      kubeconfig,
      dataDir: join(folder, 'data'),
      args: [linkTo('Kustomization', 'kustomize.toolkit.fluxcd.io', 'apps', 'checkout')],
    })
    const { page } = launched
    await page.getByRole('article', { name: 'Kustomization apps/checkout' }).waitFor()
    await page.getByRole('tab', { name: /^Conditions/, selected: true }).waitFor()
    await page.getByRole('option', { name: 'lab', exact: true, selected: true }).waitFor()
    await page.getByText(/^Snapshot of .* ago\. lab (does not answer|has not answered yet)\./).waitFor()
    const gate = page.getByRole('button', { name: /^(Suspend|Resume)…$/ })
    expect(await gate.getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('tab', { name: /^Logs/ }).click()
    await page.getByRole('heading', { name: 'Logs need the cluster' }).waitFor()
    await openView(page, 'Kustomizations')
    await page.getByRole('columnheader', { name: 'Suspended by' }).waitFor()
    const stale = '[role="row"][aria-label="flux-system/apps"][aria-description*="Stale"]'
    await page.locator(stale).waitFor()
    await cluster.apiServer.restart()
    await page.getByRole('button', { name: 'Try now' }).first().click()
    await page.locator(stale).waitFor({ state: 'detached' })
    await rowOf(page, 'flux-system/apps').waitFor()
    const header = page.getByRole('columnheader', { name: 'Name', exact: true })
    expect(await header.getAttribute('aria-sort')).toBe('descending')

    // A second start hands its link to the window that is open.
    const second = spawn(
      electronPath(),
      [...electronSwitches(), root, linkTo('HelmRelease', 'helm.toolkit.fluxcd.io', 'payments', 'ledger-db')],
      { env: { ...process.env, SLUICE_DATA_DIR: launched.dataDir, KUBECONFIG: kubeconfig }, stdio: 'ignore' },
    )
    await page.getByRole('article', { name: 'HelmRelease payments/ledger-db' }).waitFor()
    await new Promise((resolve) => (second.exitCode === null ? second.once('exit', resolve) : resolve(null)))
  })
})

test('the window did not complain', () => {
  expect(launched.complaints).toEqual([])
})
