/**
 * Hosted mode in the real window, on a real API server without any of Flux's controllers: switched on from its plan, a Git server on loopback becomes
 * objects, modes are set, a plan is approved, one run is made by hand, a foreign lease holder makes it wait, and it is switched off.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { hasBusDaemon, startTrayBus } from '../app/tray-bus.ts'
import type { TrayBus } from '../app/tray-bus.ts'
import { confirmPlan, dialogOf, eventually, gateOf, openView, pointAt, rowOf, toastOf } from '../app/window.ts'
import type { GitRepository, GitServer } from '../cluster/git-server.ts'
import { startGitServer } from '../cluster/git-server.ts'
import type { TestCluster } from '../cluster/start.ts'
import { startTestCluster } from '../cluster/start.ts'

let cluster: TestCluster
let git: GitServer
let repository: GitRepository
let launched: LaunchedApp
let dataDir: string
let bus: TrayBus | null = null

const leases = '/apis/coordination.k8s.io/v1/namespaces/flux-system/leases'
const kustomization = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/app'
const configMap = (name: string, color: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {color: ${color}}\n`

interface Stored {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly suspend?: boolean }
}

interface Lease {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly holderIdentity: string }
}

const holders = async (): Promise<readonly string[]> =>
  (await cluster.requestOk<{ items: readonly Lease[] }>('GET', leases)).items.map(({ spec }) => spec.holderIdentity)
const colorOf = async (name: string): Promise<string | null> => {
  const { status, body } = await cluster.request('GET', `/api/v1/namespaces/default/configmaps/${name}`)
  return status === 404 ? null : ((body as { data?: { color?: string } }).data?.color ?? '')
}
const stored = async (): Promise<{ suspend: boolean; mode: string | undefined }> => {
  const object = await cluster.requestOk<Stored>('GET', kustomization)
  return { suspend: object.spec.suspend === true, mode: object.metadata.annotations?.['sluice.dev/mode'] }
}
/** The context's line at the head of the Hosted view. */
const host = (page: Page): Locator => page.getByRole('list', { name: 'Hosted contexts' }).getByRole('listitem').first()
const hostIs = (page: Page, word: string): Promise<void> => host(page).getByText(word, { exact: true }).waitFor()
/** A row of the queue in a state. */
const queued = (page: Page, kind: string, name: string, word: string): Locator =>
  page.locator(`[role="row"][aria-label="${name}"][aria-description^="${kind}, ${word}"]`)

/** Of the list that is shown. */
async function reconcileNow(page: Page, name: string): Promise<void> {
  await pointAt(page, name)
  await page.keyboard.press('r')
  const dialog = dialogOf(page, `Reconcile ${name}`)
  await confirmPlan(page, dialog, 'Reconcile')
  const toast = toastOf(page, `Reconciled ${name}`)
  await toast.waitFor()
  await toast.getByRole('button', { name: 'Close message' }).click()
}

async function fetchNow(page: Page): Promise<void> {
  await openView(page, 'Sources')
  await reconcileNow(page, 'default/fleet')
}

/** The same, past the window: a dialog stays open. */
async function fetchBehind(token: string): Promise<void> {
  const source = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet'
  const annotations = { 'reconcile.fluxcd.io/requestedAt': token }
  await cluster.requestOk('PATCH', source, { metadata: { annotations } }, 'application/merge-patch+json')
}

async function setMode(page: Page, mode: 'Manual' | 'Held'): Promise<void> {
  await openView(page, 'Kustomizations')
  await rowOf(page, 'default/app').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Mode: automatic, manual, held…' }).click()
  const dialog = dialogOf(page, 'Mode of default/app')
  await dialog.getByRole('radio', { name: mode }).click()
  await dialog.getByRole('list', { name: 'Fields that are written' }).filter({ hasText: 'sluice.dev/mode' }).waitFor()
  await confirmPlan(page, dialog, `Set to ${mode.toLowerCase()}`)
  await dialog.waitFor({ state: 'detached' })
}

const busEnv = (): Record<string, string> => (bus === null ? {} : { DBUS_SESSION_BUS_ADDRESS: bus.address })

beforeAll(async () => {
  bus = hasBusDaemon ? await startTrayBus() : null
  await bus?.showTrays()
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-hosting-'))
  git = await startGitServer()
  ;[cluster, repository] = await Promise.all([
    startTestCluster({ name: 'lab' }),
    git.createRepository('fleet', {
      'app/one.yaml': configMap('one', 'red'),
      'app/two.yaml': configMap('two', 'red'),
      'app/kustomization.yaml': 'resources: [one.yaml, two.yaml]\n',
    }),
  ])
  launched = await launchApp({ kubeconfig: cluster.kubeconfigPath, dataDir, env: busEnv() })
})
afterAll(async () => {
  await launched?.close()
  bus?.stop()
  await git?.stop()
  await cluster?.stop()
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

test('is switched on from a plan that says what it does; what is missing is installed, both leases are taken', async () => {
  const { page } = launched
  await openView(page, 'Overview', false)
  await page
    .getByRole('row', { name: 'No controllers in lab' })
    .getByRole('button', { name: 'Host from this machine…' })
    .click()
  const dialog = dialogOf(page, 'Host lab from this machine')
  await dialog.getByText('flux-system, will be created').waitFor()
  await dialog.getByText('none found', { exact: true }).waitFor()
  await dialog.getByText(/missing, (made from Sluice’s own tables|Flux’s own from)/).waitFor()
  // Nothing was written by looking.
  expect((await cluster.request('GET', '/api/v1/namespaces/flux-system')).status).toBe(404)
  await confirmPlan(page, dialog, 'Switch on')
  await page.getByRole('heading', { level: 1, name: 'Hosted' }).waitFor()
  await hostIs(page, 'Active')
  await page.getByRole('heading', { level: 2, name: 'Nothing to reconcile' }).waitFor()
  expect((await holders()).every((holder) => holder.startsWith('sluice-'))).toBe(true)
  await page.getByRole('button', { name: /^Hosting lab/ }).waitFor()
  expect(await page.getByRole('option', { name: 'lab' }).getAttribute('aria-description')).toContain(
    'hosted from this machine: active',
  )
})

test('reconciles from Git once its host is allowed; the queue says what waits for what', async () => {
  const { page } = launched
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: default}
spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: fleet}}
`)
  await queued(page, 'GitRepository', 'default/fleet', 'Not hosted').waitFor()
  expect(await colorOf('one')).toBeNull()
  await page.getByRole('button', { name: `Allow ${new URL(repository.url).host}` }).click()
  await queued(page, 'GitRepository', 'default/fleet', 'Sleeping').waitFor()
  await queued(page, 'Kustomization', 'default/app', 'Sleeping').waitFor()
  expect(await colorOf('one')).toBe('red')
  await openView(page, 'Kustomizations')
  await page.locator('[role="row"][aria-label="default/app"][aria-description$="Ready"]').waitFor()
})

test('held: a revision waits for the approval of its plan; what is approved is applied, and deletes what it said', async () => {
  const { page } = launched
  await setMode(page, 'Held')
  const gate = gateOf(page, 'default/app', false)
  await eventually(async () => expect(await gate.getAttribute('aria-description')).toBe('held, no plan is waiting'))
  expect(await stored()).toEqual({ suspend: true, mode: 'held' })

  await repository.commit({
    'app/one.yaml': configMap('one', 'green'),
    'app/two.yaml': null,
    'app/kustomization.yaml': 'resources: [one.yaml]\n',
  })
  await fetchNow(page)
  await openView(page, 'Hosted')
  await queued(page, 'Kustomization', 'default/app', 'Needs approval').waitFor()
  expect(await colorOf('one')).toBe('red')
  await page.getByRole('button', { name: 'Review default/app' }).click()
  const dialog = dialogOf(page, 'Approve a revision of default/app')
  const objects = dialog.getByRole('list', { name: 'Objects' })
  await objects.getByRole('listitem').filter({ hasText: 'default/two' }).filter({ hasText: 'deleted' }).waitFor()
  await objects.getByRole('listitem').filter({ hasText: 'red → green' }).waitFor()
  const approve = dialog.getByRole('button', { name: 'Approve, 2 changes' })
  expect(await approve.getAttribute('aria-disabled')).toBe('true')

  // Another commit: what is on the screen is not approved any more.
  await repository.commit({ 'app/one.yaml': configMap('one', 'blue') })
  await fetchBehind('again')
  await dialog.getByText('The plan moved since you opened it.').waitFor()
  await dialog.getByRole('button', { name: 'Show what waits now' }).click()
  await objects.getByRole('listitem').filter({ hasText: 'red → blue' }).waitFor()
  expect(await colorOf('two')).toBe('red')
  await dialog.getByRole('checkbox', { name: /1 object will be deleted/ }).click()
  await confirmPlan(page, dialog, 'Approve, 2 changes')
  await dialog.waitFor({ state: 'detached' })
  await eventually(async () => expect([await colorOf('one'), await colorOf('two')]).toEqual(['blue', null]))
  await queued(page, 'Kustomization', 'default/app', 'Held').waitFor()
  expect(await stored()).toEqual({ suspend: true, mode: 'held' })
})

test('manual: a revision is applied when somebody says so, once; automatic takes the mode away', async () => {
  const { page } = launched
  await setMode(page, 'Manual')
  const gate = gateOf(page, 'default/app', false)
  await eventually(async () =>
    expect(await gate.getAttribute('aria-description')).toBe('manual, applied when you say so'),
  )
  await repository.commit({ 'app/one.yaml': configMap('one', 'white') })
  await fetchNow(page)
  await openView(page, 'Hosted')
  const row = queued(page, 'Kustomization', 'default/app', 'Manual')
  await row.filter({ hasText: 'it is applied when you say so' }).waitFor()
  expect(await colorOf('one')).toBe('blue')
  await row.getByRole('button', { name: 'Apply default/app now' }).click()
  const dialog = dialogOf(page, 'Apply default/app now')
  const changes = dialog.getByRole('list', { name: 'Changes' }).getByRole('listitem')
  await changes.filter({ hasText: 'default/one' }).filter({ hasText: 'blue → white' }).waitFor()

  // Another commit: what is on the screen is not applied any more.
  await dialog.getByRole('button', { name: 'Apply now, 1 change' }).waitFor()
  await repository.commit({ 'app/one.yaml': configMap('one', 'grey') })
  await fetchBehind('moved')
  const again = dialog.getByRole('button', { name: 'Show what would be applied now' })
  await again.waitFor()
  expect(await dialog.getByRole('button', { name: 'Apply now, 1 change' }).getAttribute('aria-disabled')).toBe('true')
  await again.click()
  await changes.filter({ hasText: 'blue → grey' }).waitFor()
  await confirmPlan(page, dialog, 'Apply now, 1 change')
  await eventually(async () => expect(await colorOf('one')).toBe('grey'))
  expect(await stored()).toEqual({ suspend: true, mode: 'manual' })

  await openView(page, 'Kustomizations')
  await gate.click()
  await confirmPlan(page, dialogOf(page, 'Resume default/app'), 'Resume')
  await gateOf(page, 'default/app', true).waitFor()
  expect(await stored()).toEqual({ suspend: false, mode: undefined })

  // What somebody did by hand is put back by Reconcile: hosted mode serves the button as the controllers do.
  const patch = { data: { color: 'by hand' } }
  await cluster.requestOk('PATCH', '/api/v1/namespaces/default/configmaps/one', patch, 'application/merge-patch+json')
  await reconcileNow(page, 'default/app')
  expect(await colorOf('one')).toBe('grey')
})

test('gives both leases back before the machine sleeps, and takes them again when it is awake', async () => {
  // What the desktop tells is listened to some seconds after the start.
  await eventually(async () => {
    await launched.app.evaluate(({ powerMonitor }) => void powerMonitor.emit('suspend'))
    expect(await holders()).toEqual(['', ''])
  })
  await openView(launched.page, 'Hosted')
  await host(launched.page).getByText('The machine goes to sleep.').waitFor()
  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'asleep' }
  await cluster.requestOk('PATCH', kustomization, { metadata: { annotations } }, 'application/merge-patch+json')
  await launched.app.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'))
  await hostIs(launched.page, 'Active')
  expect((await holders()).every((holder) => holder.startsWith('sluice-'))).toBe(true)
  await eventually(async () => {
    const { status } = await cluster.requestOk<{ status?: { lastHandledReconcileAt?: string } }>('GET', kustomization)
    expect(status?.lastHandledReconcileAt).toBe('asleep')
  })
})

test.skipIf(!hasBusDaemon)(
  'asks before its window closes, and goes on without one in the tray: leases are renewed, a commit is applied',
  async () => {
    expect(launched.complaints).toEqual([])
    await launched.app.evaluate(({ Menu, dialog }) => {
      const build = Menu.buildFromTemplate.bind(Menu)
      Menu.buildFromTemplate = (template) => {
        // A submenu is built by the same function, after its menu.
        if (template.some(({ label }) => label?.startsWith('Quit Sluice') === true))
          Object.assign(globalThis, { lastMenu: template })
        return build(template)
      }
      const asked: unknown[] = []
      Object.assign(globalThis, { asked })
      const answer = (_window: unknown, options: unknown): Promise<unknown> => {
        asked.push(options)
        // First it stays as it is, then it goes on in the tray.
        return Promise.resolve({ response: asked.length === 1 ? 2 : 0, checkboxChecked: false })
      }
      dialog.showMessageBox = answer as typeof dialog.showMessageBox
    })
    const windows = (): Promise<number> =>
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
    const asked = (): Promise<{ message: string; buttons: string[] }[]> =>
      launched.app.evaluate(() => (globalThis as unknown as { asked: { message: string; buttons: string[] }[] }).asked)
    const close = (): Promise<void> =>
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await close()
    await eventually(async () => expect(await asked()).toHaveLength(1))
    expect((await asked())[0]).toMatchObject({
      message: 'Hosted mode runs for a context',
      buttons: ['Keep running in the tray', 'Quit', 'Cancel'],
    })
    expect(await windows()).toBe(1)
    await close()
    await eventually(async () => expect([(await asked()).length, await windows()]).toEqual([2, 0]))

    const lease = async (): Promise<{ holderIdentity: string; renewTime: string }> => {
      const path = `${leases}/kustomize-controller-leader-election`
      return (await cluster.requestOk<{ spec: { holderIdentity: string; renewTime: string } }>('GET', path)).spec
    }
    const before = await lease()
    expect(before.holderIdentity).toMatch(/^sluice-/)
    await repository.commit({ 'app/one.yaml': configMap('one', 'unseen') })
    const source = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet'
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'unseen' }
    await cluster.requestOk('PATCH', source, { metadata: { annotations } }, 'application/merge-patch+json')
    await eventually(async () => expect(await colorOf('one')).toBe('unseen'))
    await eventually(async () => {
      const { holderIdentity, renewTime } = await lease()
      expect(holderIdentity).toBe(before.holderIdentity)
      expect(Date.parse(renewTime)).toBeGreaterThan(Date.parse(before.renewTime))
    })
    expect(await windows()).toBe(0)

    const reopened = launched.app.waitForEvent('window')
    await launched.app.evaluate(({ app }) => app.emit('second-instance', {}, []))
    launched = { ...launched, page: await reopened }
    launched.page.setDefaultTimeout(20_000)
    await openView(launched.page, 'Hosted', false)
    await hostIs(launched.page, 'Active')
  },
)

test.skipIf(!hasBusDaemon)(
  'quit from the menu of the tray it gives its leases back, and the next start hosts again by itself',
  async () => {
    expect(launched.complaints).toEqual([])
    await openView(launched.page, 'Settings', false)
    const kept = launched.page.getByRole('switch', { name: /^Keep Sluice running in the tray/ })
    await eventually(async () => expect(await kept.getAttribute('aria-checked')).toBe('true'))
    const ended = new Promise((resolve) => launched.app.process().once('exit', resolve))
    await eventually(async () => {
      const isThere = await launched.app.evaluate(() => {
        const { lastMenu } = globalThis as unknown as { lastMenu?: { label?: string; click?: () => void }[] }
        const quit = lastMenu?.find(({ label }) => label === 'Quit Sluice and stop hosting')
        // Its answer is on the way before it is pressed.
        if (quit !== undefined) setTimeout(() => quit.click?.(), 0)
        return quit !== undefined
      })
      expect(isThere).toBe(true)
    })
    await ended
    expect(await holders()).toEqual(['', ''])
    launched = await launchApp({ kubeconfig: cluster.kubeconfigPath, dataDir, env: busEnv() })
    await openView(launched.page, 'Hosted', false)
    await hostIs(launched.page, 'Active')
    expect((await holders()).every((holder) => holder.startsWith('sluice-'))).toBe(true)
  },
)

test('waits as soon as somebody else holds a lease, and says who; switched off it gives back what it has', async () => {
  const { page } = launched
  await openView(page, 'Hosted')
  const stolen = { spec: { holderIdentity: 'somebody-else', renewTime: new Date().toISOString().replace('Z', '000Z') } }
  const lease = `${leases}/kustomize-controller-leader-election`
  await cluster.requestOk('PATCH', lease, stolen, 'application/merge-patch+json')
  await hostIs(page, 'Waiting')
  await host(page)
    .getByText(/somebody-else holds the lease/)
    .waitFor()

  await page.getByRole('button', { name: 'Switch off hosted mode in lab' }).click()
  const dialog = dialogOf(page, 'Stop hosting lab')
  await confirmPlan(page, dialog, 'Switch off')
  await page.getByRole('heading', { level: 2, name: 'Hosted mode is off' }).waitFor()
  await openView(page, 'Overview', false)
  await page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name: 'Hosted' })
    .waitFor({ state: 'detached' })
  await eventually(async () => expect([...(await holders())].sort()).toEqual(['', 'somebody-else']))
  expect(await colorOf('one')).toBe(bus === null ? 'grey' : 'unseen')
  expect(launched.complaints).toEqual([])
})
