/**
 * The window beside the flux CLI, on a fleet derived from a real repository that the real controllers reconcile: every row of every
 * list says what `flux get all -A` says, through suspend, resume, a new commit, a failing build, a deleted source and a killed
 * controller. Skipped without FLUX_ASSETS or the corpus, and says so.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import {
  confirmPlan,
  dialogOf,
  eventually,
  gateOf,
  openView,
  pointAt,
  readGrid,
  rowOf,
  toastOf,
} from '../app/window.ts'
import type { ShownRow } from '../app/window.ts'
import { deriveFleet } from '../cluster/fleet/derive-fleet.ts'
import type { Fleet } from '../cluster/fleet/derive-fleet.ts'
import { startFluxControllers } from '../cluster/flux.ts'
import type { RunningFlux } from '../cluster/flux.ts'
import { startGitServer } from '../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../cluster/git-server.ts'
import { fleetArchive, fluxAssets, startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

const assets = fluxAssets()
const archive = fleetArchive('onedr0p_home-ops')

const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings, namespace: default }\ndata: { value: ${value} }\n`

/** What both say of one object. `message` and `ready` are null where the window says who closed the gate instead. */
interface Seen {
  readonly suspended: boolean | null
  readonly ready: string | null
  readonly revision: string
  readonly message: string | null
}

const readyOfWord: Readonly<Record<string, string>> = {
  Ready: 'True',
  Failed: 'False',
  Stalled: 'False',
  Waiting: 'False',
  Progressing: 'Unknown',
  Unknown: 'Unknown',
}

/** flux shows long hexadecimal numbers by their first eight digits. */
const short = (text: string): string =>
  text
    .replaceAll(/([0-9a-f]{8})[0-9a-f]{4,}/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()

describe.skipIf(assets === null || archive === null)(
  'beside the flux CLI (skipped without FLUX_ASSETS and corpus)',
  () => {
    let cluster: TestCluster
    let flux: RunningFlux
    let git: GitServer
    let fleet: Fleet
    let repository: GitRepository
    let launched: LaunchedApp

    beforeAll(async () => {
      cluster = await startTestCluster({ name: 'real', components: { controllerManager: true } })
      flux = await startFluxControllers(cluster, { assets: assets ?? '' })
      git = await startGitServer()
      fleet = await deriveFleet(archive ?? '', { cluster, git, keep: (name) => /^(cluster-apps|[a-c])/.test(name) })
      repository = await git.createRepository('own', { 'apps/settings.yaml': configMap('one') })
      await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: own, namespace: default }
spec: { interval: 10m, url: "${repository.url}", ref: { branch: ${repository.branch} } }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: settings, namespace: default }
spec: { interval: 10m, path: ./apps, prune: true, timeout: 1m, sourceRef: { kind: GitRepository, name: own } }
`)
      launched = await launchApp({ kubeconfig: cluster.kubeconfigPath, size: { width: 1600, height: 1000 } })
      await fleet.waitUntilSettled(120_000)
    })
    afterAll(async () => {
      await launched?.close()
      await fleet?.stop()
      await flux?.stop()
      await git?.stop()
      await cluster?.stop()
    })

    async function seenByFlux(): Promise<Map<string, Seen>> {
      const { stdout } = await flux.fluxCli(['get', 'all', '-A'])
      const seen = new Map<string, Seen>()
      let headers: readonly string[] = []
      for (const line of stdout.split('\n')) {
        const cells = line.split('\t').map((cell) => cell.trim())
        if (cells[0] === 'NAMESPACE') headers = cells
        else if (cells.length > 2) {
          const cell = (header: string): string => cells[headers.indexOf(header)] ?? ''
          const suspended = headers.includes('SUSPENDED') ? cell('SUSPENDED') === 'True' : null
          const [kind = '', name = ''] = cell('NAME').split('/')
          // Alerts and Providers have no status: what the CLI prints there is a constant of its own.
          const isStatic = kind === 'alert' || kind === 'provider'
          seen.set(`${kind} ${cell('NAMESPACE')}/${name}`, {
            suspended,
            ready: suspended === true || isStatic ? null : headers.includes('READY') ? cell('READY') : null,
            revision: short(cell('REVISION')),
            message: suspended === true || isStatic || !headers.includes('MESSAGE') ? null : short(cell('MESSAGE')),
          })
        }
      }
      return seen
    }

    function seenInRow(row: ShownRow): Seen {
      const word = row.description.split(', ')[1] ?? ''
      const isSuspended = row.isOpen === null ? null : !row.isOpen
      const isSilent = isSuspended === true || row.kind === 'Alert' || row.kind === 'Provider'
      const revision = row.tips['Source revision'] ?? row.tips['Revision'] ?? row.tips['Artifact revision'] ?? ''
      return {
        // The CLI says nothing of a Provider's gate.
        suspended: row.kind === 'Provider' ? null : isSuspended,
        ready: isSilent ? null : (readyOfWord[word] ?? word),
        revision: short(revision),
        message: isSilent ? null : short((row.cells['Status'] ?? '').replace(word, '')),
      }
    }

    async function seenInWindow(): Promise<Map<string, Seen>> {
      const { page } = launched
      const seen = new Map<string, Seen>()
      const links = page.getByRole('navigation', { name: 'Views' }).getByRole('link')
      const shown = await links.evaluateAll((all) => all.map((link) => link.getAttribute('aria-label') ?? ''))
      for (const title of shown.filter(
        (view) => !['Overview', 'Drift', 'History', 'Events', 'Repositories', 'Settings'].includes(view),
      )) {
        await openView(page, title)
        for (const row of await readGrid(page, title)) seen.set(`${row.kind.toLowerCase()} ${row.name}`, seenInRow(row))
      }
      return seen
    }

    /** Both are read until they agree: between two readings the controllers go on. */
    async function expectSame(): Promise<number> {
      return eventually(async () => {
        const [theirs, ours] = [await seenByFlux(), await seenInWindow()]
        expect(Object.fromEntries([...ours].sort())).toEqual(Object.fromEntries([...theirs].sort()))
        return theirs.size
      }, 45_000)
    }

    const fluxRow = async (name: string): Promise<Seen | undefined> => (await seenByFlux()).get(name)
    const settingsValue = async (): Promise<unknown> =>
      (
        (await cluster.request('GET', '/api/v1/namespaces/default/configmaps/settings')).body as {
          data?: { value?: string }
        }
      ).data?.value

    /** `r`, `Shift+R`: the dialog with its plan, confirmed. */
    /** No message about the object is left on screen, so that the next one cannot be taken for an older one. */
    async function messagesGone(name: string): Promise<void> {
      await expect.poll(() => toastOf(launched.page, name).count(), { timeout: 90_000 }).toBe(0)
    }

    async function reconcile(name: string, key: 'r' | 'Shift+R'): Promise<void> {
      const { page } = launched
      await messagesGone(name)
      await openView(page, 'Kustomizations')
      await pointAt(page, name)
      await page.keyboard.press(key)
      const dialog = dialogOf(page, key === 'r' ? `Reconcile ${name}` : `Reconcile ${name} with source`)
      await confirmPlan(page, dialog, 'Reconcile')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }

    test('shows every row as flux does', async () => {
      const count = await expectSame()
      expect(count).toBeGreaterThan(50)
      process.stderr.write(`${fleet.origin}: ${count} rows compared\n`)
    })

    test('a gate closed in Sluice is seen by flux, one opened by flux is seen in Sluice', async () => {
      const { page } = launched
      await openView(page, 'Kustomizations')
      await gateOf(page, 'default/settings', true).click()
      await gateOf(page, 'default/settings', false).waitFor()
      expect((await fluxRow('kustomization default/settings'))?.suspended).toBe(true)
      await expectSame()
      expect((await flux.fluxCli(['resume', 'kustomization', 'settings', '-n', 'default'])).code).toBe(0)
      await openView(page, 'Kustomizations')
      await gateOf(page, 'default/settings', true).waitFor()
      expect((await flux.fluxCli(['suspend', 'kustomization', 'settings', '-n', 'default'])).code).toBe(0)
      await gateOf(page, 'default/settings', false).waitFor()
      await rowOf(page, 'default/settings').filter({ hasText: 'suspended by flux' }).waitFor()
      await gateOf(page, 'default/settings', false).click()
      // At once where the preview is fresh and harmless, else through its dialog.
      const dialog = dialogOf(page, 'Resume default/settings')
      await gateOf(page, 'default/settings', true).or(dialog).first().waitFor()
      if (await dialog.isVisible()) await confirmPlan(page, dialog, 'Resume')
      await gateOf(page, 'default/settings', true).waitFor()
      expect((await fluxRow('kustomization default/settings'))?.suspended).toBe(false)
    })

    test('a new commit is fetched and applied through all stages', async () => {
      const { page } = launched
      const hash = await repository.commit({ 'apps/settings.yaml': configMap('two') })
      await reconcile('default/settings', 'Shift+R')
      const toast = toastOf(page, 'Reconciled default/settings with source in')
      await toast.waitFor({ timeout: 60_000 })
      for (const stage of ['Requested', 'Fetched', 'Applied', 'Healthy'])
        await toast.getByRole('listitem', { name: `${stage}: done` }).waitFor()
      expect(await settingsValue()).toBe('two')
      await rowOf(page, 'default/settings')
        .filter({ hasText: hash.slice(0, 7) })
        .waitFor()
      await expectSame()
    })

    test('a build that fails stops at its stage, with the message of the controller', async () => {
      const { page } = launched
      await repository.commit({ 'apps/settings.yaml': 'not: [a manifest' })
      await reconcile('default/settings', 'Shift+R')
      const toast = toastOf(page, 'default/settings', 'alert')
      await toast.getByRole('listitem', { name: 'Applied: failed' }).waitFor({ timeout: 60_000 })
      expect(await toast.getByRole('listitem', { name: 'Fetched: done' }).count()).toBe(1)
      await rowOf(page, 'default/settings').filter({ hasText: 'Failed' }).filter({ hasText: 'settings.yaml' }).waitFor()
      await toast.getByRole('button', { name: 'Close message' }).click()
      await expectSame()
      await repository.commit({ 'apps/settings.yaml': configMap('three') })
      await reconcile('default/settings', 'Shift+R')
      await expect.poll(settingsValue, { timeout: 60_000 }).toBe('three')
    })

    test('a killed controller leaves the request at its stage; its return completes it', async () => {
      const { page } = launched
      await messagesGone('default/settings')
      await flux.kill('kustomize-controller')
      await reconcile('default/settings', 'r')
      const toast = toastOf(page, 'Reconciling default/settings')
      await toast.getByRole('listitem', { name: 'Requested: done' }).waitFor()
      await toast.getByRole('listitem', { name: 'Applied: waiting' }).waitFor()
      expect(await toast.getByRole('listitem', { name: 'Healthy: waiting' }).count()).toBe(1)
      await expectSame()
      await flux.restart('kustomize-controller')
      await toastOf(page, /Reconciled default\/settings in/).waitFor({ timeout: 60_000 })
    })

    test('a deleted source is gone from the list, and what drew from it says so', async () => {
      const { page } = launched
      expect((await flux.fluxCli(['delete', 'source', 'git', 'own', '-n', 'default', '--silent'])).code).toBe(0)
      await openView(page, 'Sources')
      await rowOf(page, 'default/own').waitFor({ state: 'detached' })
      await reconcile('default/settings', 'r')
      await rowOf(page, 'default/settings')
        .filter({ hasText: /not found/ })
        .waitFor({ timeout: 60_000 })
      await expectSame()
    })

    test('the window did not complain', () => {
      expect(launched.complaints).toEqual([])
    })
  },
)
