/**
 * `npm run screenshots [-- NAME…]`: photographs every view and state of the built application on real API servers into docs/pictures.
 * NAME is the beginning of a picture's name, or a whole one (NAME.THEME.WIDTH). Each part opens the application once; a part that has no wanted picture is not staged.
 */
import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { launchApp, resizeWindow } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { installPlainDefinitions, populate } from '../app/populate.ts'
import { startSampleCluster } from '../app/sample-cluster.ts'
import { startGitServer } from '../cluster/git-server.ts'
import { fluxAssets, startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'
import { createCamera, everyVariant, isWantedBy, openLink } from './camera.ts'
import { calm, installDefinitionsOnly, makeOddContexts, makeViewer } from './clusters.ts'
import { driftPictures, driftViewerPictures, photographDrift, photographDriftForViewer } from './drift.ts'
import { startDriftCluster } from './drift-cluster.ts'
import type { DriftCluster } from './drift-cluster.ts'
import { handOverPictures, photographHandOver, stageProgram } from './hand-over.ts'
import { historyPictures, photographHistory, photographWeek, weekPictures } from './history.ts'
import { startHistoryFleet } from './history-fleet.ts'
import type { HistoryFleet } from './history-fleet.ts'
import { hostingPictures, photographHosting, stageRepository } from './hosting.ts'
import { photographRepositories, repositoryPictures } from './repositories.ts'
import { photographSettings, settingsPictures } from './settings.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'pictures')
const wanted = process.argv.slice(2)
const isWanted = (name: string): boolean => isWantedBy(wanted, name)
const camera = createCamera(folder, isWanted)
const clusters = new Map<string, Promise<TestCluster>>()
const failures: string[] = []

function clusterOnce(name: string, start: () => Promise<TestCluster>): Promise<TestCluster> {
  const known = clusters.get(name) ?? start()
  clusters.set(name, known)
  return known
}

const staging = (): Promise<TestCluster> => clusterOnce('staging-eu', () => startSampleCluster('staging-eu', true))

const production = (): Promise<TestCluster> =>
  clusterOnce('prod-eu-1', async () => {
    const cluster = await startSampleCluster('prod-eu-1', true)
    await calm(cluster, ['team-payments', 'legacy-batch'])
    return cluster
  })

/** Runs one part if any of its pictures is wanted; a part that cannot be staged is told and the others go on. */
async function part(
  names: readonly string[],
  kubeconfigs: () => Promise<readonly string[]>,
  work: (launched: LaunchedApp) => Promise<void>,
  env: () => Readonly<Record<string, string>> = () => ({}),
): Promise<void> {
  if (!names.some(isWanted)) return
  let launched: LaunchedApp | undefined
  try {
    const files = await kubeconfigs()
    launched = await launchApp({ env: env(), ...(files.length === 0 ? {} : { kubeconfig: files.join(delimiter) }) })
    launched.page.setDefaultTimeout(15_000)
    await launched.page.waitForFunction(() => document.documentElement.dataset['view'] !== undefined)
    await work(launched)
  } catch (error) {
    failures.push(`${names.join(', ')}: ${error instanceof Error ? error.message : String(error)}`)
    process.stderr.write(`${failures.at(-1)}\n`)
  } finally {
    await launched?.close().catch(() => undefined)
  }
}

/** One scene of a part: left out if unwanted; one that fails is told, dialogs are closed, and the next goes on. */
async function scene(names: readonly string[], launched: LaunchedApp, act: () => Promise<void>): Promise<void> {
  if (!names.some(isWanted)) return
  try {
    await resizeWindow(launched.app, { width: 1440, height: 900 })
    await launched.page.waitForFunction(() => window.innerWidth === 1440)
    await act()
  } catch (error) {
    failures.push(`${names.join(', ')}: ${error instanceof Error ? error.message : String(error)}`)
    process.stderr.write(`${failures.at(-1)}\n`)
  }
  for (let index = 0; index < 3; index++) await launched.page.keyboard.press('Escape')
}

const rowsThere = (launched: LaunchedApp, least = 2): Promise<unknown> =>
  launched.page.waitForFunction((count) => document.querySelectorAll('[role=row]').length > count, least)

async function selectAllContexts({ page }: LaunchedApp): Promise<void> {
  await page.getByRole('option', { name: 'All contexts' }).click()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[role=option][data-context]')].every((each) => each.ariaSelected === 'true'),
  )
  // Keys are for the lists from here on.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
}

const listViews = ['kustomizations', 'releases', 'sources', 'images', 'notifications', 'other'] as const
const tabs = ['tree', 'graph', 'events', 'conditions', 'yaml', 'logs'] as const
const object = 'context/staging-eu/kustomize.toolkit.fluxcd.io/Kustomization/flux-system'
const fleetPictures = [
  'overview',
  ...listViews,
  'events',
  ...settingsPictures,
  ...tabs.map((tab) => `object-${tab}`),
  'object-suspended',
  'object-release',
  'selection',
  'preview',
  'palette',
  'shortcuts',
  'no-match',
  'dialog-suspend',
  'dialog-resume',
  'dialog-bulk',
  'dialog-reconcile',
  'toast-suspended',
  'toast-reconcile',
  'stale',
  'stale-overview',
]

async function chooseRunningPod({ page }: LaunchedApp): Promise<void> {
  const choice = page.getByRole('tabpanel').locator('select').first()
  await choice.waitFor()
  const labels = await choice.locator('option').allTextContents()
  const label = labels.find((text) => text.includes('podinfo-frontend'))
  if (label !== undefined) await choice.selectOption({ label })
}

/** Production contexts are read-only until somebody says otherwise. */
async function allowWrites(launched: LaunchedApp, context: string): Promise<void> {
  await openLink(launched, 'view/settings')
  const box = launched.page.getByRole('switch', { name: `Read only: ${context}` })
  await box.waitFor()
  if ((await box.getAttribute('aria-checked')) === 'true') await box.click()
  await launched.page.waitForTimeout(500)
}

async function photographFleet(launched: LaunchedApp): Promise<void> {
  const { page } = launched
  await selectAllContexts(launched)
  // Views are loaded when first shown: all of them now, so that a build during the session takes none away.
  for (const path of ['view/events', 'view/settings', ...tabs.map((tab) => `${object}/apps/${tab}`)]) {
    await openLink(launched, path)
    await page.waitForTimeout(500)
  }
  await openLink(launched, 'view/kustomizations')
  await rowsThere(launched, 30)
  await scene(['overview'], launched, async () => {
    await openLink(launched, 'view/overview')
    await page.getByRole('region', { name: 'Recent events' }).waitFor()
    await camera.take('overview', launched)
  })
  for (const view of listViews)
    await scene([view], launched, async () => {
      await openLink(launched, `view/${view}`)
      await rowsThere(launched)
      await camera.take(view, launched)
    })
  await scene(['events'], launched, async () => {
    await openLink(launched, 'view/events')
    await page.getByRole('heading', { name: 'Events' }).waitFor()
    await page.locator('main [role=row]').nth(4).waitFor()
    await camera.take('events', launched)
  })
  await photographSettings(launched, camera, scene)
  for (const tab of tabs)
    await scene([`object-${tab}`], launched, async () => {
      await openLink(launched, `${object}/apps/${tab}`)
      await page.getByRole('tabpanel').waitFor()
      if (tab === 'tree') {
        await page
          .getByRole('row', { name: /podinfo-[0-9a-f]+-\w+/ })
          .first()
          .click()
        await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      }
      if (tab === 'logs') await chooseRunningPod(launched)
      await page.waitForTimeout(tab === 'conditions' || tab === 'events' ? 600 : 2500)
      await camera.take(`object-${tab}`, launched)
    })
  await scene(['object-suspended'], launched, async () => {
    await openLink(launched, `${object}/legacy-batch/tree`)
    await page.getByRole('tabpanel').waitFor()
    await camera.take('object-suspended', launched)
  })
  await scene(['object-release'], launched, async () => {
    await openLink(launched, 'context/staging-eu/helm.toolkit.fluxcd.io/HelmRelease/apps/podinfo/tree')
    await page.getByRole('tabpanel').waitFor()
    await page.waitForTimeout(600)
    await camera.take('object-release', launched)
  })
  const list = async (filter = ''): Promise<void> => {
    await openLink(launched, `view/kustomizations?filter=${encodeURIComponent(filter)}`)
    await rowsThere(launched, 1)
    await page.waitForTimeout(300)
  }
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await scene(['selection', 'dialog-bulk'], launched, async () => {
    await list('ctx:staging-eu')
    await press('j', 'x', 'j', 'x', 'j', 'x', 'j')
    await page.getByRole('toolbar', { name: /selected/ }).waitFor()
    await camera.take('selection', launched)
    await press('s')
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(1200)
    await camera.take('dialog-bulk', launched)
  })
  await scene(['preview'], launched, async () => {
    await list()
    await press('j', ' ')
    await page.waitForTimeout(500)
    await camera.take('preview', launched)
    await press(' ')
  })
  await scene(['palette'], launched, async () => {
    await list()
    await press('Control+k')
    await page.keyboard.type('sus apps')
    await page.waitForTimeout(300)
    await camera.take('palette', launched)
  })
  await scene(['shortcuts'], launched, async () => {
    await list()
    await press('?')
    await page.getByRole('dialog').waitFor()
    await camera.take('shortcuts', launched)
  })
  await scene(['no-match'], launched, async () => {
    await openLink(launched, 'view/kustomizations?filter=ns%3Anowhere')
    await page.getByText('No row matches').waitFor()
    await camera.take('no-match', launched)
  })
  await scene(['dialog-suspend'], launched, async () => {
    await allowWrites(launched, 'prod-eu-1')
    await openLink(launched, `${object}/apps/tree`.replace('staging-eu', 'prod-eu-1'))
    await page.getByRole('tabpanel').waitFor()
    await page.getByRole('button', { name: /^Suspend…/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.type('Hotfix for checkout latency (INC-2041)')
    await page.waitForTimeout(800)
    await camera.take('dialog-suspend', launched)
  })
  await scene(['dialog-resume'], launched, async () => {
    await openLink(launched, `${object}/legacy-batch/tree`)
    await page.getByRole('tabpanel').waitFor()
    await page.getByRole('button', { name: /^Resume…/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(800)
    await camera.take('dialog-resume', launched)
  })
  await scene(['dialog-reconcile', 'toast-reconcile'], launched, async () => {
    await openLink(launched, `${object}/monitoring/tree`)
    await page.getByRole('tabpanel').waitFor()
    await page
      .getByRole('button', { name: /^Reconcile/ })
      .first()
      .click()
    await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(600)
    await camera.take('dialog-reconcile', launched)
    await press('Control+Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.waitForTimeout(1200)
    await camera.take('toast-reconcile', launched)
  })
  await scene(['toast-suspended'], launched, async () => {
    await list('ctx:staging-eu ns:apps')
    for (const variant of everyVariant) {
      await page.locator('[role=grid] [role=switch][aria-checked=true]').first().click()
      await page.waitForTimeout(900)
      await camera.take('toast-suspended', launched, [variant])
      const closeMessage = page.getByRole('button', { name: 'Close message' }).first()
      while (await closeMessage.isVisible()) {
        await closeMessage.click()
        await page.waitForTimeout(400)
      }
    }
  })
  await scene(['stale', 'stale-overview'], launched, async () => {
    await list('ctx:prod-eu-1')
    await (await production()).apiServer.kill()
    await page
      .getByText(/Snapshot of|is unreachable/)
      .first()
      .waitFor({ timeout: 60_000 })
    await camera.take('stale', launched)
    await openLink(launched, 'view/overview')
    await page.waitForTimeout(3000)
    await camera.take('stale-overview', launched)
  })
}

const hugePictures = ['huge', 'huge-filter', 'huge-selection', 'huge-overview']
const hugeCount = 8000

/** More than anybody scrolls through: the count, a filter's share of it, what is selected of that, and the overview of it all. */
async function photographHuge(launched: LaunchedApp): Promise<void> {
  const { page } = launched
  const total = hugeCount.toLocaleString('en-US')
  const grid = page.getByRole('grid', { name: 'Kustomizations' })
  /** Where one status ends and the next begins: after so many rows. */
  const scrollTo = (row: number): Promise<void> =>
    grid.evaluate((element, before) => {
      const body = element.querySelector(':scope > [role=presentation]')
      const count = Number(element.ariaRowCount) - 1
      if (body !== null) body.scrollTop = (before / count) * body.scrollHeight - body.clientHeight / 2
    }, row)
  await openLink(launched, 'view/kustomizations')
  await page.locator(`[role=grid][aria-rowcount="${String(hugeCount + 1)}"]`).waitFor({ timeout: 60_000 })
  await scene(['huge'], launched, () => camera.take('huge', launched, everyVariant, () => scrollTo(360)))
  await scene(['huge-filter', 'huge-selection'], launched, async () => {
    await openLink(launched, `view/kustomizations?filter=${encodeURIComponent('ns:team-3,team-7 -status:ready')}`)
    await page.getByText(`280 of ${total}`).waitFor()
    await camera.take('huge-filter', launched, everyVariant, () => scrollTo(80))
    await grid.focus()
    await page.keyboard.press('Control+a')
    await page.getByRole('toolbar', { name: 'Actions for 280 selected' }).waitFor()
    await camera.take('huge-selection', launched, everyVariant, () => scrollTo(80))
  })
  await scene(['huge-overview'], launched, async () => {
    await openLink(launched, 'view/overview')
    await page.getByText(new RegExp(`^${total} objects in`)).waitFor()
    await camera.take('huge-overview', launched)
  })
}

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true })
  const odd = await makeOddContexts()
  try {
    await part(
      ['first-run', 'playground'],
      () => Promise.resolve([]),
      async (launched) => {
        const { page } = launched
        const start = page.getByRole('button', { name: 'Start the playground' })
        await start.waitFor()
        await camera.take('first-run', launched)
        if (!isWanted('playground')) return
        await start.click()
        await page.getByRole('progressbar').first().waitFor()
        await camera.take('playground-progress', launched)
        await page.getByRole('link', { name: 'Kustomizations' }).waitFor({ timeout: 120_000 })
        const dock = page.getByRole('region', { name: 'Playground', exact: true })
        const watched = (words: string): Promise<void> =>
          dock.getByRole('listitem').filter({ hasText: words }).waitFor({ timeout: 60_000 })
        await watched('Healthy, done')
        await camera.take('playground-loop', launched)
        await dock.getByRole('button', { name: 'Break one' }).click()
        await watched('Not applied, failed')
        await camera.take('playground-broken', launched)
        await dock.getByRole('button', { name: 'Mend' }).click()
        await watched('Healthy, done')
        await openLink(launched, 'view/overview')
        await page.waitForTimeout(4000)
        await camera.take('playground', launched)
      },
    )
    await part(
      repositoryPictures,
      () => Promise.resolve([]),
      (launched) => photographRepositories(launched, camera, scene),
    )
    const assets = fluxAssets()
    if (assets === null) process.stderr.write('no pictures of drift: they need FLUX_ASSETS\n')
    else {
      let drift: DriftCluster | undefined
      await part(
        driftViewerPictures,
        async () => {
          drift = await startDriftCluster(assets)
          return [drift.viewer]
        },
        (launched) => photographDriftForViewer(launched, camera, scene),
      )
      await part(
        [...driftPictures, ...historyPictures],
        async () => {
          drift ??= await startDriftCluster(assets)
          return [drift.cluster.kubeconfigPath]
        },
        async (launched) => {
          if (drift === undefined) return
          await photographDrift(launched, camera, scene, drift)
          await photographHistory(launched, camera, scene)
        },
        () => ({ HOME: drift?.home ?? '' }),
      )
      await drift?.stop()
      let week: HistoryFleet | undefined
      await part(
        weekPictures,
        async () => {
          week = await startHistoryFleet(assets)
          return week.kubeconfigs
        },
        async (launched) => {
          if (week !== undefined) await photographWeek(launched, camera, scene, week)
        },
        () => ({ SLUICE_DATA_DIR: week?.dataDir ?? '' }),
      )
      await week?.stop()
    }
    if (hostingPictures.some(isWanted)) {
      const git = await startGitServer()
      const repository = await stageRepository(git)
      await part(
        hostingPictures,
        async () => [(await clusterOnce('homelab', () => startTestCluster({ name: 'homelab' }))).kubeconfigPath],
        async (launched) => {
          const cluster = await clusters.get('homelab')
          if (cluster !== undefined) await photographHosting(launched, camera, scene, cluster, repository)
        },
      )
      await (await clusters.get('homelab'))?.stop()
      clusters.delete('homelab')
      await git.stop()
    }
    if (assets !== null && handOverPictures.some(isWanted)) {
      const [git, program] = await Promise.all([startGitServer(), stageProgram(assets)])
      const components = { controllerManager: true, scheduler: true, kwok: true }
      await part(
        handOverPictures,
        async () => [
          (await clusterOnce('homelab', () => startTestCluster({ name: 'homelab', components, nodes: 1 })))
            .kubeconfigPath,
        ],
        async (launched) => {
          const cluster = await clusters.get('homelab')
          if (cluster !== undefined) await photographHandOver(launched, camera, scene, { cluster, git, assets })
        },
        () => ({ PATH: `${program.folder}${delimiter}${process.env['PATH'] ?? ''}` }),
      )
      await (await clusters.get('homelab'))?.stop()
      clusters.delete('homelab')
      await git.stop()
      await program.remove()
    }
    await part(
      ['not-installed'],
      async () => [(await clusterOnce('kind-lab', () => startTestCluster({ name: 'kind-lab' }))).kubeconfigPath],
      async (launched) => {
        await openLink(launched, 'view/kustomizations')
        await launched.page.getByText('Flux is not installed in kind-lab').waitFor()
        await camera.take('not-installed', launched)
      },
    )
    await part(
      ['empty'],
      async () => {
        const cluster = await clusterOnce('kind-lab', () => startTestCluster({ name: 'kind-lab' }))
        await installDefinitionsOnly(cluster)
        return [cluster.kubeconfigPath]
      },
      async (launched) => {
        await openLink(launched, 'view/kustomizations')
        await launched.page.getByText('No Kustomizations in kind-lab').waitFor({ timeout: 60_000 })
        await camera.take('empty', launched)
      },
    )
    await (await clusters.get('kind-lab'))?.stop()
    clusters.delete('kind-lab')
    // It is loading for three seconds: as long as two pictures take.
    for (const theme of ['light', 'dark'] as const)
      await part(
        ['loading'],
        () => Promise.resolve([odd.silent]),
        async (launched) => {
          await openLink(launched, 'view/kustomizations')
          await camera.take('loading', launched, [`${theme}.1440`, `${theme}.900`])
        },
      )
    await part(
      ['unreachable'],
      () => Promise.resolve([odd.dead]),
      async (launched) => {
        await openLink(launched, 'view/kustomizations')
        await launched.page.getByText('prod-us-1 is unreachable').waitFor()
        await camera.take('unreachable', launched)
      },
    )
    await part(
      ['exec-approval'],
      () => Promise.resolve([odd.program]),
      async (launched) => {
        await openLink(launched, 'view/kustomizations')
        await launched.page.waitForTimeout(2000)
        await camera.take('exec-approval-view', launched)
        const review = launched.page.getByRole('button', { name: /Approve|Review|Allow/ }).first()
        if (await review.isVisible()) await review.click()
        await launched.page.getByRole('dialog').waitFor()
        await camera.take('exec-approval', launched)
      },
    )
    await part(
      hugePictures,
      async () => {
        const cluster = await clusterOnce('fleet-1', () => startTestCluster({ name: 'fleet-1' }))
        await installPlainDefinitions(cluster)
        await populate(cluster, { kustomizations: hugeCount, releases: 0 })
        return [cluster.kubeconfigPath]
      },
      photographHuge,
    )
    await (await clusters.get('fleet-1'))?.stop()
    clusters.delete('fleet-1')
    await part(
      ['forbidden', 'read-only'],
      async () => [await makeViewer(await staging())],
      async (launched) => {
        await openLink(launched, 'view/releases')
        await launched.page.getByText('You may not list').waitFor()
        await camera.take('forbidden', launched)
        await openLink(launched, 'view/kustomizations')
        await rowsThere(launched)
        await camera.take('read-only', launched)
      },
    )
    await part(
      fleetPictures,
      async () => {
        const [first, second] = await Promise.all([staging(), production()])
        return [
          await odd.keep(second.kubeconfigPath, 'prod-eu-1'),
          odd.dead,
          await odd.keep(first.kubeconfigPath, 'staging-eu'),
        ]
      },
      photographFleet,
    )
  } finally {
    for (const cluster of clusters.values()) await (await cluster.catch(() => undefined))?.stop()
    await odd.stop()
  }
  process.stderr.write(`${camera.taken.length} pictures in docs/pictures, ${failures.length} failures\n`)
  for (const failure of failures) process.stderr.write(`${failure}\n`)
  process.exit(failures.length === 0 ? 0 : 1)
}

await main()
