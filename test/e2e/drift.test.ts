/**
 * Drift in the real window, on a real API server with the real controllers: an edit by hand appears in the Drift view, the lists and the
 * Drift tab, in the words of the API server, and goes when the controller sets it back; a commit that breaks the same object stands in its history.
 * Skipped without FLUX_ASSETS, and says so.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Locator } from 'playwright-core'
import { launchApp, zoomTo } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { hasNotificationDaemon, startNotificationDaemon } from '../app/notification-daemon.ts'
import type { NotificationDaemon } from '../app/notification-daemon.ts'
import { confirmPlan, dialogOf, eventually, gateOf, openView, pointAt, rowOf } from '../app/window.ts'
import { countDryRuns } from '../cluster/dry-run-count.ts'
import { startFluxControllers } from '../cluster/flux.ts'
import type { RunningFlux } from '../cluster/flux.ts'
import { startGitServer } from '../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../cluster/git-server.ts'
import { fluxAssets, startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

const assets = fluxAssets()
const settings = 'default/settings'
const place = '/api/v1/namespaces/default/configmaps'

const manifests = {
  'apps/settings.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: default }\ndata:\n  color: blue\n  size: small\n',
  'apps/limits.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: limits, namespace: default }\ndata: { most: "10" }\n',
  'apps/more.yaml': Array.from(
    { length: 14 },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more-${index}, namespace: default }\ndata: { at: "${index}" }\n`,
  ).join('---\n'),
}

describe.skipIf(assets === null)('drift (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let repository: GitRepository
  let dataDir: string
  let launched: LaunchedApp
  let desktop: NotificationDaemon | null = null

  beforeAll(async () => {
    if (hasNotificationDaemon) desktop = await startNotificationDaemon()
    cluster = await startTestCluster({ name: 'real' })
    flux = await startFluxControllers(cluster, { assets: assets ?? '' })
    git = await startGitServer()
    repository = await git.createRepository('own', manifests)
    await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: own, namespace: default }
spec: { interval: 10m, url: "${repository.url}", ref: { branch: ${repository.branch} } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: settings, namespace: default }
spec: { interval: 1h, path: ./apps, prune: true, timeout: 1m, sourceRef: { kind: GitRepository, name: own } }
`)
    await eventually(async () => {
      expect((await cluster.request('GET', `${place}/settings`)).status).toBe(200)
    }, 60_000)
    // The Git server is allowed already, so that commits have their words; the host of the artifacts is not.
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-drift-'))
    const { metadata } = await cluster.requestOk<{ metadata: { uid: string } }>('GET', '/api/v1/namespaces/kube-system')
    const allowed = [{ cluster: metadata.uid, host: new URL(git.url).host }]
    await writeFile(join(dataDir, 'drift-hosts.json'), JSON.stringify({ version: 1, allowed }))
    // Told at once: five minutes are the engine's own tests'.
    const rule = { isOn: true, context: null, filter: 'kind:ks', afterMs: 0, everyMs: 0 }
    const rules = ['failing', 'recovered'].map((event) => ({ ...rule, id: event, event }))
    await mkdir(join(dataDir, 'notify'))
    await writeFile(join(dataDir, 'notify', 'rules.json'), JSON.stringify({ version: 1, rules }))
    launched = await launchApp({
      dataDir,
      kubeconfig: cluster.kubeconfigPath,
      size: { width: 1440, height: 900 },
      env: desktop === null ? {} : { DBUS_SESSION_BUS_ADDRESS: desktop.address },
    })
  })
  afterAll(async () => {
    await launched?.close()
    await desktop?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })

  /** As `kubectl edit` does: a merge patch under its field manager. */
  const edit = (name: string, change: unknown): Promise<unknown> =>
    cluster.requestOk('PATCH', `${place}/${name}?fieldManager=kubectl-edit`, change, 'application/merge-patch+json')
  const value = async (name: string, key: string): Promise<string | undefined> =>
    ((await cluster.request('GET', `${place}/${name}`)).body as { data?: Record<string, string> }).data?.[key]
  const driftRow = (name: string): Locator =>
    launched.page.getByRole('treegrid', { name: 'Drift' }).getByRole('row', { name, exact: true })

  async function openDrift(): Promise<void> {
    await openView(launched.page, 'Drift', false)
  }

  /** The row's cell in the list: `0`, `…`, `?` or the badge's count. */
  async function cell(): Promise<string> {
    const { page } = launched
    const headers = await page.getByRole('grid', { name: 'Kustomizations' }).getByRole('columnheader').allTextContents()
    return (await rowOf(page, settings).getByRole('gridcell').nth(headers.indexOf('Drift')).textContent()) ?? ''
  }

  test('what is not yet compared or may not be fetched is never called equal; allowing the host in place is enough', async () => {
    const { page } = launched
    await openView(page, 'Kustomizations')
    await rowOf(page, settings).waitFor()
    expect(['…', '?', '0']).toContain(await cell())
    await pointAt(page, settings)
    await page.keyboard.press('d')
    await page.getByRole('tab', { name: 'Drift', selected: true }).waitFor()
    const verified = page.getByText('Rendered exactly as the controller did (digest equal)')
    const allow = page.getByRole('button', { name: /^Allow .* for this cluster$/ }).first()
    await verified.or(allow).first().waitFor({ timeout: 60_000 })
    if (await allow.isVisible()) await allow.click()
    await verified.waitFor({ timeout: 60_000 })
    await page.getByText('Nothing drifts').waitFor()
    await openView(page, 'Kustomizations')
    await expect.poll(cell).toBe('0')
    await openDrift()
    await page.getByText('1 Kustomization compared').waitFor()
  })

  test('an edit by hand appears with its field, its manager and what setting it back does', async () => {
    const { page } = launched
    await openDrift()
    await edit('settings', { data: { color: 'red' } })
    await driftRow('default/settings').last().waitFor({ timeout: 30_000 })
    const description = await driftRow('default/settings').last().getAttribute('aria-description')
    expect(description).toContain('ConfigMap of default/settings, 1 field differs')
    expect(description).toContain('by kubectl-edit')
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link', { name: 'Drift', description: '1 drifted' })
      .waitFor()
    await driftRow('default/settings').last().dblclick()
    const fields = page.getByRole('list', { name: 'Fields of default/settings' })
    const field = fields.getByRole('listitem').filter({ hasText: 'data.color' })
    await field.filter({ hasText: 'blue' }).filter({ hasText: 'red' }).filter({ hasText: 'kubectl-edit' }).waitFor()
    const blame = page.getByRole('list', { name: 'Field managers' }).getByRole('listitem')
    await blame.filter({ hasText: 'kubectl-edit' }).waitFor({ timeout: 30_000 })
    expect(await blame.getAttribute('data-tooltip')).toContain('kubectl-edit, Update')
    await page.getByText('1 of 1', { exact: true }).waitFor()
    // Zoomed to 200 % in a usual window the difference is still more than a slit.
    await zoomTo(launched, 2)
    try {
      await eventually(async () => {
        const height = await page.locator('[data-editor="diff"]').evaluate((host) => host.clientHeight)
        expect(Math.floor(height / 20), 'lines of 20 px').toBeGreaterThanOrEqual(8)
      })
    } finally {
      await zoomTo(launched, 1)
    }
    await openView(page, 'Kustomizations')
    await expect.poll(cell).toBe('1')
  })

  test('reconciling from the tab shows what it overwrites, and the drift goes with it', async () => {
    const { page } = launched
    await pointAt(page, settings)
    await page.keyboard.press('d')
    await page.getByRole('treeitem', { name: 'default/settings' }).waitFor()
    await page.getByRole('button', { name: /^Reconcile now/ }).click()
    const dialog = dialogOf(page, `Reconcile ${settings}`)
    await dialog
      .getByRole('list', { name: 'Changes' })
      .getByRole('listitem')
      .filter({ hasText: 'data.color' })
      .waitFor()
    await confirmPlan(page, dialog, 'Reconcile, 1 change')
    await expect.poll(() => value('settings', 'color'), { timeout: 60_000 }).toBe('blue')
    await page.getByText('Nothing drifts').waitFor({ timeout: 30_000 })
    await openDrift()
    await page.getByText('1 Kustomization compared').waitFor()
    await openView(page, 'Kustomizations')
    await expect.poll(cell).toBe('0')
  })

  test('an edit that was set back is listed as record only, counts as no drift, and goes with the next apply', async () => {
    const { page } = launched
    await openDrift()
    await edit('limits', { data: { most: '11' } })
    await edit('limits', { data: { most: '10' } })
    const row = driftRow('default/limits')
    await row.filter({ hasText: 'record only' }).filter({ hasText: 'kubectl-edit holds data.most' }).waitFor({
      timeout: 30_000,
    })
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link', { name: 'Drift', description: / drifted$/ })
      .waitFor({ state: 'detached' })
    await row.dblclick()
    await page.getByText('Every value is as in Git; only who owns it differs.').waitFor()
    await openView(page, 'Kustomizations')
    await expect.poll(cell).toBe('0')
    await cluster.requestOk(
      'PATCH',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/settings',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'after the edit' } } },
      'application/merge-patch+json',
    )
    await openDrift()
    await page.getByText('1 Kustomization compared').waitFor({ timeout: 30_000 })
    expect(await value('limits', 'most')).toBe('10')
  })

  test('behind a closed gate a deleted object is missing; one click resumes, because creating it harms nothing', async () => {
    const { page } = launched
    await openView(page, 'Kustomizations')
    await gateOf(page, settings, true).click()
    await gateOf(page, settings, false).waitFor()
    await cluster.requestOk('DELETE', `${place}/limits`)
    await openDrift()
    await driftRow('default/limits').filter({ hasText: 'missing' }).waitFor({ timeout: 30_000 })
    await openView(page, 'Kustomizations')
    await gateOf(page, settings, false).click()
    const dialog = dialogOf(page, `Resume ${settings}`)
    await gateOf(page, settings, true).or(dialog).first().waitFor()
    if (await dialog.isVisible()) {
      await dialog.getByRole('group', { name: 'What will happen' }).waitFor()
      await confirmPlan(page, dialog, 'Resume, 1 change')
    }
    await gateOf(page, settings, true).waitFor()
    await expect.poll(() => value('limits', 'most'), { timeout: 60_000 }).toBe('10')
    await openDrift()
    await page.getByText('1 Kustomization compared').waitFor({ timeout: 30_000 })
  })

  test('on battery a comparison asks the API server at a quarter of the pace', async () => {
    const { app, page } = launched
    /** Milliseconds from the press to the last of the sixteen dry-runs. */
    const compareAgain = async (): Promise<number> => {
      const before = await countDryRuns(cluster)
      const startedAt = performance.now()
      await page.getByRole('button', { name: /^Compare again/ }).click()
      await eventually(async () => {
        expect(await countDryRuns(cluster)).toBeGreaterThanOrEqual(before + 16)
      }, 60_000)
      return performance.now() - startedAt
    }
    await openView(page, 'Kustomizations')
    await pointAt(page, settings)
    await page.keyboard.press('d')
    await page.getByText('Nothing drifts').waitFor({ timeout: 30_000 })
    await app.evaluate(({ powerMonitor }) => {
      powerMonitor.isOnBatteryPower = () => true
      powerMonitor.emit('on-battery')
    })
    try {
      // Four at once, then two and a half a second. With the whole budget all go in half a second.
      expect(await compareAgain()).toBeGreaterThan(4000)
    } finally {
      await app.evaluate(({ powerMonitor }) => {
        powerMonitor.isOnBatteryPower = () => false
        powerMonitor.emit('on-ac')
      })
    }
    await compareAgain()
  })

  test('what a commit changed is told from what a hand did, and an object is there as it was', async () => {
    const { page } = launched
    const larger = manifests['apps/settings.yaml'].replace('small', 'large')
    const sha = await repository.commit({ 'apps/settings.yaml': larger }, 'Larger settings')
    await cluster.requestOk(
      'PATCH',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/own',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': sha } } },
      'application/merge-patch+json',
    )
    await openView(page, 'History', false)
    await page
      .getByRole('listbox', { name: 'History' })
      .getByRole('option', { name: /, Changed in the cluster, ConfigMap default\/settings, / })
      .click()
    await page.getByRole('button', { name: 'As it was then' }).click()
    await page.getByRole('heading', { level: 1, name: 'As it was' }).waitFor()
    await page.getByRole('region', { name: 'Drift then' }).getByText('data.color').waitFor()
    await page.locator('.view-lines').filter({ hasText: 'size: small' }).waitFor({ timeout: 30_000 })
    await expect.poll(() => value('settings', 'size'), { timeout: 60_000 }).toBe('large')
    await page.getByRole('button', { name: 'Compare with now' }).click()
    await page
      .getByRole('listbox', { name: 'Changed objects' })
      .getByRole('option', { name: /^ConfigMap default\/settings, / })
      .click()
    await page
      .getByRole('region', { name: 'Git', exact: true })
      .getByRole('listitem')
      .filter({ hasText: 'data.size' })
      .filter({ hasText: 'small' })
      .filter({ hasText: 'large' })
      .waitFor({ timeout: 60_000 })
  })

  test('a commit that breaks it stands in the history with its words and what it did, and opens the object', async () => {
    const { page } = launched
    const sha = await repository.commit({ 'apps/settings.yaml': 'kind: [' }, 'Break the settings')
    await cluster.requestOk(
      'PATCH',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/own',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': sha } } },
      'application/merge-patch+json',
    )
    await openView(page, 'History', false)
    const failed = page
      .getByRole('listbox', { name: 'History' })
      .getByRole('option', { name: /, Break the settings, Kustomization default\/settings, / })
      .filter({ hasText: sha.slice(0, 7) })
    // The commit stands with its failure and the controller's words for it.
    await failed.filter({ hasText: /BuildFailed: .*Failing/ }).waitFor({ timeout: 60_000 })
    await failed.click()
    const details = page.getByRole('complementary', { name: 'Details of Break the settings' })
    await details.getByText('Failed', { exact: true }).first().waitFor()
    await failed.dblclick()
    await page.getByRole('heading', { level: 1, name: settings }).waitFor()
    await page.keyboard.press('h')
    await page.getByRole('tab', { name: 'History', selected: true }).waitFor()
    await page
      .getByRole('listbox', { name: 'History of Kustomization settings' })
      .getByRole('option', { name: /, Suspended/ })
      .waitFor()
  })

  test('an object leads back to its line in Git and its commit, a commit to where it is, and a range to a report', async () => {
    const { page } = launched
    await openView(page, 'History', false)
    await page
      .getByRole('listbox', { name: 'History' })
      .getByRole('option', { name: /, Changed in the cluster, ConfigMap default\/settings, / })
      .first()
      .dblclick()
    await page.getByRole('tab', { name: 'Trace' }).click()
    const chain = page.getByRole('region', { name: `ConfigMap ${settings} comes from` })
    await chain.getByText('apps/settings.yaml:1').waitFor({ timeout: 30_000 })
    await chain.getByRole('button', { name: settings }).first().waitFor()
    await chain.getByText(/^Sluice Test, /).waitFor()
    await chain.getByRole('button', { name: 'Where is this change?' }).click()
    await page
      .getByRole('region', { name: /^Where is commit [0-9a-f]{12}\?$/ })
      .getByRole('row', { name: /real.*settings.*Applied/ })
      .waitFor()
    await page.getByRole('slider', { name: 'Shown range' }).press('ArrowRight')
    await page.getByRole('button', { name: 'Report…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Incident report' })
    await dialog.getByText(/^# Incident report/).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test.skipIf(!hasNotificationDaemon)(
    'the desktop was told that it fails, and is told that it is ready again: a click there opens it (skipped without dunst)',
    async () => {
      const { page } = launched
      const arrived = (): readonly string[] => (desktop?.arrived() ?? []).map(({ title }) => title)
      await expect.poll(arrived, { timeout: 10_000 }).toContain(`${settings} fails`)
      const failed = desktop?.arrived().find(({ title }) => title === `${settings} fails`)
      expect(failed?.body).toMatch(/^Kustomization in real, for \d+s: .*MalformedYAMLError/)
      await desktop?.closeAll()
      await openView(page, 'Kustomizations')
      const sha = await repository.commit({ 'apps/settings.yaml': manifests['apps/settings.yaml'] }, 'Mend them')
      await cluster.requestOk(
        'PATCH',
        '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/own',
        { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': sha } } },
        'application/merge-patch+json',
      )
      await expect.poll(arrived, { timeout: 30_000 }).toContain(`${settings} is ready again`)
      await expect.poll(() => desktop?.displayed(), { timeout: 10_000 }).toBe(1)
      await desktop?.click()
      await page.getByRole('heading', { level: 1, name: settings }).waitFor()
      // Once each: neither while its controller tried again nor after.
      expect(arrived().filter((title) => title.startsWith(settings))).toHaveLength(2)
    },
  )

  test('the window did not complain', () => {
    expect(launched.complaints).toEqual([])
  })
})
