/** Drift in the real window: an edit on its way to the screen, and a difference of 10,000 lines. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'
import { fluxAssets } from '../cluster/start.ts'
import { fluxNamespace, startTruthFleet, type FluxObject, type TruthFleet } from '../cluster/drift/truth-fleet.ts'
import type { Manifest } from '../cluster/drift/truth-manifests.ts'
import { openLink } from '../screenshots/camera.ts'
import { benchObjects, benchPath, type BenchFleet } from './drift-fleet.ts'
import { againstBar, CannotMeasure, median } from './report.ts'
import type { Figure } from './report.ts'
import { longestTask } from './window-measures.ts'
import { standAside } from './stand-aside.ts'

/** The application on the fleet's cluster; the hosts that its sources name are allowed already. */
async function launchOn(fleet: TruthFleet, link: string): Promise<LaunchedApp> {
  const { cluster } = fleet
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const { metadata } = await cluster.requestOk<{ metadata: { uid: string } }>('GET', '/api/v1/namespaces/kube-system')
  const { items } = await cluster.requestOk<{ items: FluxObject[] }>(
    'GET',
    `/apis/source.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/gitrepositories`,
  )
  const hosts = new Set([
    new URL(fleet.git.url).host,
    ...items.flatMap(({ status }) => (status?.artifact === undefined ? [] : [new URL(status.artifact.url).host])),
  ])
  const allowed = [...hosts].map((host) => ({ cluster: metadata.uid, host }))
  await writeFile(join(dataDir, 'drift-hosts.json'), JSON.stringify({ version: 1, allowed }))
  const launched = await launchApp({
    dataDir,
    kubeconfig: cluster.kubeconfigPath,
    args: [`sluice://${link}`],
    size: { width: 1440, height: 900 },
  })
  return {
    ...launched,
    async close() {
      await launched.close()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * Milliseconds from sending an edit of an object that did not drift to the frame that shows its row in the Drift view, `edits` times. Each is set
 * back before the next one.
 */
export async function measureEditsOnScreen(
  fleet: BenchFleet,
  count: number,
  edits: number,
): Promise<readonly number[]> {
  standAside(fleet.cluster)
  const launched = await launchOn(fleet, 'view/drift')
  const { page } = launched
  try {
    // The namespaces' own Kustomization is one more.
    const all = (count + 1).toLocaleString('en')
    await page.getByRole('status', { name: 'Comparison' }).getByText(`${all} of ${all} compared`).waitFor({
      timeout: 900_000,
    })
    await page.getByText('Nothing drifts').waitFor()
    const times: number[] = []
    for (let edit = 0; edit < edits; edit += 1) {
      const [deployment] = benchObjects(Math.floor((edit * count) / edits))
      const { name, namespace = '' } = deployment!.metadata
      const scale = (replicas: number): Promise<unknown> =>
        fleet.cluster.requestOk(
          'PATCH',
          // Not as kubectl: what that wrote the controller's next apply takes over, and until then an object set back by hand still differs.
          `${benchPath(deployment!)}?fieldManager=somebody`,
          { spec: { replicas } },
          'application/merge-patch+json',
        )
      const row = page
        .getByRole('treegrid', { name: 'Drift' })
        .getByRole('row', { name: `${namespace}/${name}`, exact: true })
      await watchForRow(page, `${namespace}/${name}`)
      const sentAt = Date.now()
      await scale(10 + edit)
      await row.waitFor({ timeout: 30_000 })
      times.push((await seenAt(page)) - sentAt)
      await scale(2)
      await row.waitFor({ state: 'detached', timeout: 30_000 })
    }
    return times
  } finally {
    await launched.close()
  }
}

/** Notes when a row of that name is on screen: the frame after the change of the document is what a person sees. */
async function watchForRow(page: Page, name: string): Promise<void> {
  await page.evaluate((label) => {
    const watched: { at: number | null } = { at: null }
    Object.assign(window, { benchRow: watched })
    const selector = `[role="treegrid"] [role="row"][aria-label="${label}"]`
    if (document.querySelector(selector) !== null) throw new Error(`${label} is on screen already`)
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return
      observer.disconnect()
      requestAnimationFrame(() => (watched.at = Date.now()))
    })
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['aria-label'],
    })
  }, name)
}

async function seenAt(page: Page): Promise<number> {
  const handle = await page.waitForFunction(
    () => (window as unknown as { benchRow: { at: number | null } }).benchRow.at,
  )
  return (await handle.jsonValue()) ?? Number.NaN
}

const lineCount = 10_000
const fileCount = 10
const changedEvery = 50

/** A ConfigMap of ten files with a thousand lines each; every fiftieth line is another one where it is changed. */
function largeConfig(isChanged: boolean): Manifest {
  const linesOf = (file: number): string =>
    Array.from({ length: lineCount / fileCount }, (_, line) => {
      const isOther = isChanged && line % changedEvery === 7
      return `setting.${file}.${String(line).padStart(4, '0')}: ${isOther ? 'by hand' : 'as in Git'}, with some words behind it\n`
    }).join('')
  const files = Array.from({ length: fileCount }, (_, file): [string, string] => [`part-${file}.conf`, linesOf(file)])
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'large', namespace: 'default' },
    data: Object.fromEntries(files),
  }
}

/** Longest task of the window while the difference is opened and gone through in each of its layouts: median of `windows` windows. */
export async function measureLargeDiff(windows: number): Promise<readonly Figure[]> {
  if (fluxAssets() === null) throw new CannotMeasure('FLUX_ASSETS does not point at the real Flux')
  const fleet = await startTruthFleet({ kustomizations: [{ name: 'large', objects: [largeConfig(false)] }] })
  try {
    await fleet.cluster.requestOk(
      'PATCH',
      '/api/v1/namespaces/default/configmaps/large?fieldManager=kubectl-edit',
      { data: largeConfig(true).data as unknown },
      'application/merge-patch+json',
    )
    standAside(fleet.cluster)
    const longest: number[] = []
    for (let count = 0; count < windows; count += 1) longest.push(await lookThroughLargeDiff(fleet))
    return [againstBar('drift.large-diff', median(longest), 'ms', 50)]
  } finally {
    await fleet.stop()
  }
}

async function lookThroughLargeDiff(fleet: TruthFleet): Promise<number> {
  const launched = await launchOn(fleet, 'view/drift')
  const { page } = launched
  try {
    // The start has a bench of its own.
    await page
      .getByRole('treegrid', { name: 'Drift' })
      .getByRole('row', { name: 'default/large', exact: true })
      .waitFor({ timeout: 120_000 })
    const since = await page.evaluate(() => performance.now())
    await openLink(
      launched,
      `context/test/kustomize.toolkit.fluxcd.io/Kustomization/${fluxNamespace}/large/drift/` +
        encodeURIComponent('/ConfigMap/default/large'),
    )
    const lines = page.getByRole('group', { name: 'Parts of the difference' }).getByRole('status').first()
    const fields = page.getByRole('region', { name: 'Difference of ConfigMap default/large' }).getByText(/^\d+ of \d+$/)
    await lines.filter({ hasText: `of ${lineCount / changedEvery}` }).waitFor({ timeout: 60_000 })
    await fields.filter({ hasText: `of ${fileCount}` }).waitFor()
    // By F7 through the lines that differ, by N through the fields.
    const walk = async (key: 'F7' | 'n', steps: number): Promise<void> => {
      const place = key === 'n' ? fields : lines
      for (let step = 0; step < steps; step += 1) {
        const before = await place.textContent()
        await page.keyboard.press(key)
        await waitUntil(async () => ((await place.textContent()) !== before ? true : null), 10_000)
      }
    }
    await walk('F7', 60)
    await walk('n', fileCount)
    await page.getByRole('radio', { name: 'Inline' }).click()
    await walk('F7', 30)
    await walk('n', fileCount / 2)
    await page.getByRole('radio', { name: 'Side by side' }).click()
    await walk('F7', 30)
    console.error(`  ${(await lines.textContent()) ?? ''}`)
    return await longestTask(page, since)
  } finally {
    await launched.close()
  }
}
