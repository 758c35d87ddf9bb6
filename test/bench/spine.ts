/** Benches of the spine: start, lists, watch, memory, bulk actions, event-loop delays. Ids start with `spine.`. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import type { LaunchedApp } from '../app/launch.ts'
import { electronPath, electronSwitches, launchApp } from '../app/launch.ts'
import { inParallel, installPlainDefinitions, populate } from '../app/populate.ts'
import { startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'
import { barePssBytes, bareStartMs, startedPssBytes } from './anchors.ts'
import { measureBulkSuspend } from './bulk-suspend.ts'
import { againstAnchor, againstBar, median, percentile } from './report.ts'
import type { Figure } from './report.ts'
import { standAside } from './stand-aside.ts'
import { longestTask, mainLoopDelay, watchMainLoop } from './window-measures.ts'

export interface Bench {
  readonly ids: readonly string[]
  run(): Promise<readonly Figure[]>
}

const root = join(import.meta.dirname, '..', '..')
const listLink = 'sluice://view/kustomizations'
const megabyte = 1024 * 1024

export const spineBenches: readonly Bench[] = [
  { ids: ['spine.cold-start', 'spine.loop-main-start', 'spine.loop-engine-start'], run: coldStart },
  { ids: ['spine.second-start'], run: secondStart },
  {
    ids: [
      'spine.first-rows',
      'spine.all-rows',
      'spine.filter',
      'spine.longest-task',
      'spine.watch-latency',
      'spine.loop-main',
      'spine.loop-engine',
    ],
    run: largeList,
  },
  { ids: ['spine.memory', 'spine.memory-context', 'spine.loop-main-20000', 'spine.loop-engine-20000'], run: memory },
  { ids: ['spine.bulk-suspend', 'spine.loop-engine-bulk'], run: bulkSuspend },
]

/** A cluster of this size, of a machine of its own. */
export async function withCluster<T>(
  name: string,
  size: { kustomizations: number; releases: number },
  act: (cluster: TestCluster) => Promise<T>,
): Promise<T> {
  const cluster = await startTestCluster({ name })
  try {
    await installPlainDefinitions(cluster)
    await populate(cluster, size)
    standAside(cluster)
    return await act(cluster)
  } finally {
    await cluster.stop()
  }
}

/** Process creation to first rows on screen, against an empty window of the same Electron. */
function coldStart(): Promise<readonly Figure[]> {
  return withCluster('bench', { kustomizations: 1000, releases: 1000 }, async (cluster) => {
    const times: number[] = []
    const bareTimes: number[] = []
    // In turns, so that whatever else the machine does meets both alike; the first of each fills the file caches.
    for (let run = 0; run < 6; run++) {
      times.push(await smokeViewMs(cluster.kubeconfigPath))
      bareTimes.push(await bareStartMs(1))
    }
    console.error(`  ours ${times.join(' ')} · bare ${bareTimes.join(' ')} ms`)
    const bare = median(bareTimes.slice(1))
    const loops = await withLoops({ kubeconfig: cluster.kubeconfigPath, args: [listLink] }, async ({ page }) => {
      await waitForRows(page, 2000)
    })
    return [
      againstAnchor('spine.cold-start', median(times.slice(1)), 'ms', bare, 2, 'bare window'),
      againstBar('spine.loop-main-start', loops.mainMaxMs, 'ms', 50),
      againstBar('spine.loop-engine-start', loops.engineP99Ms, 'ms', 50),
    ]
  })
}

/** `npm start` where everything is set up: from the command to the painted window, the set-up's own looking included. */
async function secondStart(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const { KUBECONFIG: _none, ...inherited } = process.env
  const env = { ...inherited, SLUICE_DATA_DIR: folder }
  const times: number[] = []
  for (let run = 0; run < 4; run++) {
    const startedAt = Date.now()
    const args = ['start', '--', '--smoke', join(folder, 'smoke.png')]
    const { stdout } = await promisify(execFile)('npm', args, { env, cwd: root, timeout: 120_000 })
    const line = stdout.split('\n').find((entry) => entry.startsWith('{'))
    if (line === undefined) throw new Error(`The start printed no timings: ${stdout.slice(0, 300)}`)
    times.push((JSON.parse(line) as { paintedAt: number }).paintedAt - startedAt)
  }
  await rm(folder, { recursive: true, force: true })
  // The first may have had something to set up.
  return [againstBar('spine.second-start', median(times.slice(1)), 'ms', 3000)]
}

async function smokeViewMs(kubeconfig: string): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const env = { ...process.env, KUBECONFIG: kubeconfig, SLUICE_DATA_DIR: dataDir }
  const args = [...electronSwitches(), root, '--smoke', join(dataDir, 'smoke.png'), listLink]
  const spawnedAt = Date.now()
  const { stdout } = await promisify(execFile)(electronPath(), args, { env, cwd: root, timeout: 90_000 })
  await rm(dataDir, { recursive: true, force: true })
  const line = stdout.split('\n').find((entry) => entry.startsWith('{'))
  if (line === undefined) throw new Error(`The smoke run printed no timings: ${stdout.slice(0, 300)}`)
  return (JSON.parse(line) as { paintedAt: number }).paintedAt - spawnedAt
}

interface Loops {
  /** Of the main process, from its first window on: what Chromium does before that is not the application's. */
  readonly mainMaxMs: number
  /** Of the engine's thread, from its beginning on. */
  readonly engineP99Ms: number
}

/** The application with a driver; how late turns of its two loops were while `work` ran and until it was closed. */
async function withLoops(
  options: Parameters<typeof launchApp>[0],
  work: (launched: LaunchedApp) => Promise<void>,
): Promise<Loops> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const delayFile = join(folder, 'engine-delay.json')
  const launched = await launchApp({ ...options, env: { SLUICE_LOOP_DELAY_FILE: delayFile } })
  await watchMainLoop(launched)
  await work(launched)
  const { maxMs: mainMaxMs } = await mainLoopDelay(launched)
  await launched.close()
  const { p99Ms: engineP99Ms } = JSON.parse(await readFile(delayFile, 'utf8')) as { p99Ms: number }
  await rm(folder, { recursive: true, force: true })
  return { mainMaxMs, engineP99Ms }
}

interface ListMeasures extends Loops {
  readonly firstRowsMs: number
  readonly allRowsMs: number
  readonly filterMs: number
  readonly longestMs: number
  readonly watchP95Ms: number
}

const windowCount = 3

/** Each figure is the median of three windows, one after the other: of a maximum over ten seconds one alone says little. */
function largeList(): Promise<readonly Figure[]> {
  return withCluster('bench', { kustomizations: 4000, releases: 4000 }, async (cluster) => {
    const all: ListMeasures[] = []
    for (let count = 0; count < windowCount; count++) all.push(await measureList(cluster))
    const of = (name: keyof ListMeasures): number => median(all.map((measures) => measures[name]))
    return [
      againstBar('spine.first-rows', of('firstRowsMs'), 'ms', 1000),
      againstBar('spine.all-rows', of('allRowsMs'), 'ms', 3000),
      againstBar('spine.filter', of('filterMs'), 'ms', 16),
      againstBar('spine.longest-task', of('longestMs'), 'ms', 50),
      againstBar('spine.watch-latency', of('watchP95Ms'), 'ms', 100),
      // The worst of the three: its bar is one of a maximum.
      againstBar('spine.loop-main', Math.max(...all.map(({ mainMaxMs }) => mainMaxMs)), 'ms', 50),
      againstBar('spine.loop-engine', of('engineP99Ms'), 'ms', 50),
    ]
  })
}

async function measureList(cluster: TestCluster): Promise<ListMeasures> {
  let measured: Omit<ListMeasures, keyof Loops> | null = null
  const loops = await withLoops({ kubeconfig: cluster.kubeconfigPath, args: [listLink] }, async ({ page }) => {
    const marks = await waitForRows(page, 8000)
    const scrolledAt = await page.evaluate(() => Math.round(performance.now()))
    await scrollThrough(page)
    const filterAt = await page.evaluate(() => Math.round(performance.now()))
    console.error(`  scrolling from ${scrolledAt}, filter from ${filterAt} ms`)
    const filterMs = await measureFilter(page)
    const latencies = await measureWatchLatency(page, cluster)
    measured = { ...marks, filterMs, longestMs: await longestTask(page), watchP95Ms: percentile(latencies, 0.95) }
  })
  if (measured === null) throw new Error('Nothing was measured')
  return { ...(measured as Omit<ListMeasures, keyof Loops>), ...loops }
}

/** Times from the page's start; the window marks `sluice:first-rows` and `sluice:all-rows` itself. */
async function waitForRows(page: Page, total: number): Promise<{ firstRowsMs: number; allRowsMs: number }> {
  await page.waitForFunction(() => performance.getEntriesByName('sluice:all-rows').length > 0, undefined, {
    timeout: 60_000,
    polling: 100,
  })
  const count = await page.evaluate(() => Number(document.documentElement.dataset['rows'] ?? 0))
  if (count < total) throw new Error(`The window says that all rows are there, but has ${count} of ${total}`)
  return page.evaluate(() => ({
    firstRowsMs: performance.getEntriesByName('sluice:first-rows')[0]?.startTime ?? Number.NaN,
    allRowsMs: performance.getEntriesByName('sluice:all-rows')[0]?.startTime ?? Number.NaN,
  }))
}

async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const grid = [...document.querySelectorAll<HTMLElement>('[role="grid"], [role="grid"] *')].find(
      (element) => element.scrollHeight > element.clientHeight + 1000,
    )
    if (grid === undefined) throw new Error('No list scrolls')
    const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done))
    for (let top = 0; top < grid.scrollHeight; top += 2600) {
      grid.scrollTop = top
      await frame()
    }
    grid.scrollTop = 0
    await frame()
  })
}

/** Milliseconds that a keystroke in the filter keeps the thread: the longest `sluice:filter` measure of some words typed. */
async function measureFilter(page: Page): Promise<number> {
  await page.keyboard.press('/')
  await page.keyboard.type('app-12', { delay: 60 })
  await page.waitForFunction(() => performance.getEntriesByName('sluice:filter').length >= 6, undefined, {
    timeout: 10_000,
  })
  const longest = await page.evaluate(() =>
    Math.max(...performance.getEntriesByName('sluice:filter').map((entry) => entry.duration)),
  )
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.press('Escape')
  return longest
}

/**
 * 100 status changes a second for 10 s on rows that are on screen: milliseconds from the
 * moment when the API server has answered the write, to the changed row: its watchers are told at the same time.
 */
async function measureWatchLatency(page: Page, cluster: TestCluster): Promise<readonly number[]> {
  const written = new Map<number, number>()
  await page.evaluate(() => {
    const seen = new Map<string, number>()
    Object.assign(window, { benchSeen: seen })
    const grid = document.querySelector('[role="grid"]')
    if (grid === null) throw new Error('There is no list')
    // A mutation is seen before its frame is drawn; the frame after is what a person sees.
    new MutationObserver((records) => {
      const found: string[] = []
      for (const { target, addedNodes } of records)
        for (const node of addedNodes.length === 0 ? [target] : addedNodes)
          for (const match of (node.textContent ?? '').matchAll(/tick \d{13} \d+/g)) found.push(match[0])
      requestAnimationFrame(() => {
        for (const text of found) if (!seen.has(text)) seen.set(text, Date.now())
      })
    }).observe(grid, { subtree: true, childList: true, characterData: true })
  })
  const visible = await page.evaluate(() =>
    [...document.querySelectorAll('[role="row"]')]
      .map((row) => row.getAttribute('aria-label') ?? '')
      .filter((label) => /^team-\d+\/app-\d+$/.test(label))
      .slice(0, 20),
  )
  if (visible.length < 10) throw new Error(`Only ${visible.length} rows are on screen`)
  const observedGeneration = 1_000_000
  const startedAt = performance.now()
  const ticks = Array.from({ length: 1000 }, (_, index) => index)
  await inParallel(ticks, 32, async (tick) => {
    const due = startedAt + tick * 10
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const [namespace, name] = (visible[tick % visible.length] ?? '').split('/')
    const status = {
      // Without the subresource each write of the status raises the generation too.
      observedGeneration,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'BuildFailed',
          message: `tick ${Date.now()} ${tick}`,
          // Now: in the default order the row then stays among the first.
          lastTransitionTime: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
          observedGeneration,
        },
      ],
    }
    const answer = await cluster.request(
      'PATCH',
      `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${name}`,
      { status },
      'application/merge-patch+json',
    )
    written.set(tick, Date.now())
    if (answer.status !== 200) throw new Error(`patch: ${answer.status} ${answer.text.slice(0, 200)}`)
  })
  const endedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const seen = await page.evaluate(() => [...(window as unknown as { benchSeen: Map<string, number> }).benchSeen])
  // A row may be on screen before our own answer is read: that counts as no time at all.
  const latencies = seen.map(([text, at]) => Math.max(0, at - (written.get(Number(text.split(' ')[2])) ?? Number.NaN)))
  console.error(
    `  ${latencies.length} of 1,000 changes seen, written at ${Math.round(1e6 / (endedAt - startedAt))} a second, ` +
      `median ${median(latencies)} ms`,
  )
  if (latencies.length < 900) throw new Error(`Only ${latencies.length} of 1,000 changes were seen on screen`)
  return latencies
}

/**
 * PSS over all processes with 20,000 objects in one context, and what a second context of 1,000 adds. The test driver sees that the rows are there
 * and chooses the contexts; what is measured is the start after that, without a driver, as the empty window is: a driver lives in both its processes.
 */
function memory(): Promise<readonly Figure[]> {
  return withCluster('bench', { kustomizations: 10_000, releases: 10_000 }, (first) =>
    withCluster('second', { kustomizations: 500, releases: 500 }, async (second) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
      const kubeconfig = `${first.kubeconfigPath}:${second.kubeconfigPath}`
      const seeRows = (count: number, choose: (page: Page) => Promise<void>): Promise<Loops> =>
        withLoops({ kubeconfig, dataDir, args: [listLink] }, async ({ page }) => {
          await waitForRows(page, 20_000)
          await choose(page)
          await page.waitForFunction(
            (wanted) => Number(document.documentElement.dataset['rows'] ?? 0) === wanted,
            count,
            { timeout: 60_000 },
          )
        })
      const pressSecond = (page: Page): Promise<void> =>
        page.getByRole('option', { name: /second/ }).click({ modifiers: ['Shift'] })
      const measure = async (rows: number): Promise<number> =>
        (await startedPssBytes([root, listLink], { kubeconfig, dataDir, rows })) / megabyte
      const bare: number[] = []
      const one: number[] = []
      const two: number[] = []
      const loops: Loops[] = []
      // In turns: what else the machine does meets all alike, and a difference of two single readings says little.
      for (let run = 0; run < 2; run++) {
        bare.push((await barePssBytes()) / megabyte)
        loops.push(await seeRows(20_000, run === 0 ? async () => undefined : pressSecond))
        one.push(await measure(20_000))
        loops.push(await seeRows(21_000, pressSecond))
        two.push(await measure(21_000))
      }
      const told = (all: readonly number[]): string => all.map((each) => Math.round(each)).join(' ')
      console.error(`  bare ${told(bare)}, 20,000 objects ${told(one)}, a context of 1,000 more ${told(two)} MB`)
      await rm(dataDir, { recursive: true, force: true })
      const anchor = median(bare)
      const memoryFigure = againstBar('spine.memory', median(one) - anchor, 'MB over a bare window', 200)
      return [
        { ...memoryFigure, anchor: Math.round(anchor), ratio: Math.round((median(one) / anchor) * 100) / 100 },
        againstBar('spine.memory-context', median(two) - median(one), 'MB', 25),
        againstBar('spine.loop-main-20000', Math.max(...loops.map(({ mainMaxMs }) => mainMaxMs)), 'ms', 50),
        againstBar('spine.loop-engine-20000', Math.max(...loops.map(({ engineP99Ms }) => engineP99Ms)), 'ms', 50),
      ]
    }),
  )
}

function bulkSuspend(): Promise<readonly Figure[]> {
  return withCluster('bench', { kustomizations: 1000, releases: 0 }, async (cluster) => {
    const { engineMs, rawMs, loopP99Ms } = await measureBulkSuspend(cluster, 500)
    return [
      againstAnchor('spine.bulk-suspend', engineMs, 'ms', rawMs, 1.5, "the API server's own patches"),
      againstBar('spine.loop-engine-bulk', loopP99Ms, 'ms', 50),
    ]
  })
}
