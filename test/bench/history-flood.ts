/**
 * The window in a storm: ten thousand events a second for a minute, through the watch that the recorder has of a real API server, while the history is open
 * and shows events. How long the window's thread, main and the engine stand still, and that each event is in the file afterwards.
 */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pass } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Page } from 'playwright-core'
import { historyFiles } from '../../electron/adapters/event-store/event-store.ts'
import { historyTypes } from '../../shared/model/history.ts'
import { launchApp } from '../app/launch.ts'
import { treePssBytes } from '../app/processes.ts'
import type { TestCluster } from '../cluster/start.ts'
import type { FloodData, FromFlood, ToFlood } from './flood-source.ts'
import { againstBar, percentile } from './report.ts'
import type { Figure } from './report.ts'
import { withCluster } from './spine.ts'
import { longestTask, longestWork, mainLoopDelay, traceTasks, watchMainLoop } from './window-measures.ts'

export const floodIds = [
  'history.flood',
  'history.flood-work',
  'history.flood-main',
  'history.flood-engine',
  'history.flood-news',
]

const perSecond = 10_000
const namespaces = 20
const kustomizations = 1000
/** What waits in memory is written after the storm; a disk takes half of it. */
const drainMs = 300_000
/** Before the storm: what else the machine does is seen there. */
const restMs = 4000

export function measureFlood(seconds: number): Promise<readonly Figure[]> {
  return withCluster('bench', { kustomizations, releases: 0 }, (cluster) => flood(cluster, seconds))
}

async function flood(cluster: TestCluster, seconds: number): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-flood-'))
  const dataDir = join(folder, 'data')
  const delayFile = join(folder, 'engine-delay.json')
  const { url, caPem, kubeconfigPath } = cluster
  const data: FloodData = { cluster: { url, caPem, kubeconfigPath }, namespaces, objects: kustomizations }
  const source = new Worker(join(import.meta.dirname, 'flood-source.ts'), { workerData: data })
  try {
    const [{ kubeconfig }] = (await once(source, 'message')) as [{ kubeconfig: string }]
    const config = join(folder, 'config')
    await writeFile(config, kubeconfig)
    const launched = await launchApp({
      kubeconfig: config,
      dataDir,
      args: ['sluice://view/history'],
      env: { SLUICE_LOOP_DELAY_FILE: delayFile },
    })
    const { page } = launched
    await page.getByRole('button', { name: /^Events/, pressed: false }).click()
    await page.getByRole('listbox', { name: 'History' }).waitFor({ timeout: 60_000 })
    const before = await untilStill(dataDir)
    await watchMainLoop(launched)
    const fromMs = await page.evaluate(() => Math.round(performance.now()))
    await watchNews(page)
    console.error('  at rest:')
    await longestTask(page, fromMs - restMs, fromMs)
    await traceTasks(launched)
    source.postMessage({ perSecond, seconds } satisfies ToFlood)
    const [told] = (await once(source, 'message')) as [Extract<FromFlood, { told: number }>]
    const workMs = await longestWork(launched, join(folder, 'trace.json'))
    console.error('  in the storm:')
    const longestMs = await longestTask(page, fromMs)
    const { maxMs } = await mainLoopDelay(launched)
    const news = await newsOf(page)
    const { frames, gaps } = news
    const pid = launched.app.process().pid
    const pss = pid === undefined ? 0 : await treePssBytes(pid)
    const written = entriesIn(dataDir) - before
    const begunAt = performance.now()
    while (entriesIn(dataDir) - before < told.told && performance.now() - begunAt < drainMs) await pass(250)
    const kept = eventsIn(dataDir)
    console.error(
      `  ${told.told} events in ${Math.round(told.ms / 1000)} s (${Math.round((told.told / told.ms) * 1000)} a second, ${told.watches} watches), ` +
        `${written} written by their end, ${kept} after ${Math.round((performance.now() - begunAt) / 1000)} s more; ` +
        `${frames.length} looks at the newest, ${Math.round(pss / 1024 / 1024)} MB, longest gap between frames ${Math.round(gaps)} ms`,
    )
    if (kept !== told.told) throw new Error(`${told.told} events were told, and ${kept} are in the history`)
    await launched.close()
    const engine = JSON.parse(await readFile(delayFile, 'utf8')) as { p99Ms: number; maxMs: number }
    console.error(`  engine: at most ${Math.round(engine.maxMs)} ms, since its start`)
    return [
      againstBar('history.flood', longestMs, 'ms', 50),
      againstBar('history.flood-work', workMs, 'ms of processor', 50),
      againstBar('history.flood-main', maxMs, 'ms', 50),
      againstBar('history.flood-engine', engine.p99Ms, 'ms', 50),
      againstBar('history.flood-news', percentile(frames, 0.95), 'ms between news', 2000),
    ]
  } finally {
    source.postMessage('stop' satisfies ToFlood)
    await source.terminate()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** When the newest row became another, and the longest time without a frame. */
async function watchNews(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = { frames: [] as number[], gap: 0, isOver: false }
    Object.assign(window, { benchNews: seen })
    let newest = ''
    let toldAt = performance.now()
    let last = toldAt
    const look = (now: number): void => {
      if (seen.isOver) return
      seen.gap = Math.max(seen.gap, now - last)
      last = now
      const label =
        document.querySelector('[role="listbox"][aria-label="History"] [role="option"]')?.getAttribute('aria-label') ??
        ''
      if (label !== newest) {
        newest = label
        seen.frames.push(now - toldAt)
        toldAt = now
      }
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}

/** Milliseconds from one news to the next, the wait for one that never came included. */
function newsOf(page: Page): Promise<{ frames: readonly number[]; gaps: number }> {
  return page.evaluate(() => {
    const { benchNews } = window as unknown as { benchNews: { frames: number[]; gap: number; isOver: boolean } }
    benchNews.isOver = true
    return { frames: benchNews.frames.slice(1), gaps: benchNews.gap }
  })
}

/** 0 while nothing was written yet. */
function ask(dataDir: string, sql: string): number {
  try {
    const database = new DatabaseSync(historyFiles(dataDir).file, { readOnly: true })
    try {
      return Number(database.prepare(sql).get()?.['n'])
    } finally {
      database.close()
    }
  } catch {
    return 0
  }
}

const entriesIn = (dataDir: string): number => ask(dataDir, 'SELECT entries AS n FROM meta')
const eventsIn = (dataDir: string): number =>
  ask(dataDir, `SELECT count(*) AS n FROM entry WHERE type = ${historyTypes.indexOf('event')}`)

/** The first sight of the cluster is written down: what comes after is the storm. */
async function untilStill(dataDir: string): Promise<number> {
  for (let last = -1, same = 0; same < 8;) {
    await pass(500)
    const now = entriesIn(dataDir)
    same = now === last && now > 0 ? same + 1 : 0
    last = now
  }
  return entriesIn(dataDir)
}
