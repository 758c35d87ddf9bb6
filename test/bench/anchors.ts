/** Anchors of the benches: what the machine does without us, measured in the same run. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { electronPath, electronSwitches } from '../app/launch.ts'
import { treeCpuMs, treePssBytes } from '../app/processes.ts'
import { median } from './report.ts'

const bareFolder = join(import.meta.dirname, 'bare-window')

interface Started {
  readonly viewMs: number
  readonly pid: number
  stop(): Promise<void>
}

function startBareWindow(args: readonly string[]): Promise<Started> {
  const spawnedAt = Date.now()
  const child = spawn(electronPath(), [...electronSwitches(), bareFolder, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    const deadline = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('The bare window did not open within 30 s'))
    }, 30_000)
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const line = text.split('\n').find((entry) => entry.startsWith('{'))
      if (line === undefined || !text.includes('\n')) return
      clearTimeout(deadline)
      const { paintedAt, pid } = JSON.parse(line) as { paintedAt: number; pid: number }
      resolve({
        viewMs: paintedAt - spawnedAt,
        pid,
        stop: async () => {
          child.kill()
          await exited
        },
      })
    })
  })
}

/** Milliseconds from process creation to the first picture of an empty window, median of `runs`. */
export async function bareStartMs(runs: number): Promise<number> {
  const times = []
  for (let run = 0; run < runs; run++) {
    const started = await startBareWindow([])
    times.push(started.viewMs)
    await started.stop()
  }
  return median(times)
}

/** PSS in bytes over all processes of an empty window that has come to rest. */
export async function barePssBytes(): Promise<number> {
  const started = await startBareWindow(['--stay'])
  const bytes = await settledPss(started.pid)
  await started.stop()
  return bytes
}

/**
 * PSS in bytes over all processes of the application, started with `args` and without a test driver, once it has come to rest: for some seconds it
 * took less than half a core. Rejects when it ended, did not come to rest within two minutes, or has other than so many rows: they are read over the
 * debugger's port, after the measure.
 */
export async function startedPssBytes(
  args: readonly string[],
  { kubeconfig, dataDir, rows }: { readonly kubeconfig: string; readonly dataDir: string; readonly rows: number },
): Promise<number> {
  const child = spawn(electronPath(), [...electronSwitches(), '--remote-debugging-port=0', ...args], {
    stdio: 'ignore',
    env: { ...process.env, KUBECONFIG: kubeconfig, SLUICE_DATA_DIR: dataDir },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const pid = child.pid ?? 0
  try {
    let calmSeconds = 0
    let before = 0
    for (let seconds = 0; calmSeconds < restSeconds && seconds < 120; seconds++) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      if (child.exitCode !== null) throw new Error(`The application ended with ${child.exitCode}`)
      const now = await treeCpuMs(pid)
      calmSeconds = before > 0 && now - before < 500 ? calmSeconds + 1 : 0
      before = now
    }
    if (calmSeconds < restSeconds) throw new Error('The application did not come to rest within two minutes')
    const bytes = await settledPss(pid)
    const found = await rowsInWindow(dataDir)
    if (found !== rows) throw new Error(`The window has ${found} rows, not ${rows}`)
    return bytes
  } finally {
    child.kill()
    await exited
  }
}

/** What the window says of itself; only now somebody speaks to its debugger. */
async function rowsInWindow(dataDir: string): Promise<number> {
  const [port = ''] = (await readFile(join(dataDir, 'chromium', 'DevToolsActivePort'), 'utf8')).split('\n')
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  try {
    const [page] = browser.contexts().flatMap((context) => context.pages())
    if (page === undefined) throw new Error('The application has no window')
    return await page.evaluate(() => Number(document.documentElement.dataset['rows'] ?? 0))
  } finally {
    await browser.close()
  }
}

const restSeconds = 5
const readings = 20

/** PSS in bytes of a process tree: median of 20 readings, a second apart, so that a collection just done or just due decides nothing. */
export async function settledPss(pid: number): Promise<number> {
  const all: number[] = []
  for (let reading = 0; reading < readings; reading++) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    all.push(await treePssBytes(pid))
  }
  return median(all)
}
