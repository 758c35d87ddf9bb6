/** From the command to a painted window: `npm start`, its smoke, where the window was; and the packaged application in a soak run. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveFolders } from '../../shared/lib/folders.ts'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { isSoak } from '../soak.ts'

const root = join(import.meta.dirname, '..', '..')
const { cacheDir } = resolveFolders(process.env, process.platform, homedir())
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-start-'))
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

/** Runs a command of the checkout with data of its own; resolves with both streams, rejects with the exit code. */
function runScript(command: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    HOME: folder,
    KUBECONFIG: '',
    SLUICE_CACHE_DIR: cacheDir,
    SLUICE_DATA_DIR: join(folder, 'data'),
  }
  return promisify(execFile)(process.execPath, [join(root, 'scripts', 'run.mjs'), command, ...args], { cwd: root, env })
}

/** How many colours a picture has and how wide it is, as Electron itself reads it. */
function lookAt({ app }: LaunchedApp, path: string): Promise<{ width: number; colours: number }> {
  return app.evaluate(({ nativeImage }, file) => {
    const image = nativeImage.createFromPath(file)
    const pixels = new Uint32Array(new Uint8Array(image.toBitmap()).buffer)
    return { width: image.getSize().width, colours: new Set(pixels).size }
  }, path)
}

test('npm start --smoke opens, waits for the first view, keeps its picture, prints its times as one line and ends', async () => {
  const picture = join(folder, 'smoke.png')
  const { stdout } = await runScript('start', '--smoke', picture)
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  expect(lines).toHaveLength(1)
  const said = JSON.parse(lines[0] ?? '') as Record<string, unknown>
  expect(said).toMatchObject({ view: 'welcome', picture })
  const { readyMs, windowMs, viewMs } = said as Record<'readyMs' | 'windowMs' | 'viewMs', number>
  expect([readyMs, windowMs, viewMs]).toEqual([readyMs, windowMs, viewMs].toSorted((a, b) => a - b))
  expect(readyMs).toBeGreaterThan(0)
  const launched = await launchApp()
  try {
    const { width, colours } = await lookAt(launched, picture)
    expect(width).toBeGreaterThanOrEqual(900)
    // Type and icons in two tones have hundreds; a window that has not been painted has one or two.
    expect(colours).toBeGreaterThan(100)
  } finally {
    await launched.close()
  }
})

test('a window that was moved, made smaller or maximized comes back so; a place off every screen, and a broken file, do not', async () => {
  const dataDir = join(folder, 'place')
  const place = async (
    act: (launched: LaunchedApp) => Promise<unknown>,
  ): Promise<{ width: number; height: number }> => {
    const launched = await launchApp({ dataDir })
    try {
      await launched.page.waitForFunction(() => document.documentElement.dataset['view'] !== undefined)
      const found = await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())
      await act(launched)
      return found ?? { width: 0, height: 0 }
    } finally {
      await launched.close()
    }
  }
  const moved = { x: 40, y: 30, width: 1000, height: 700 }
  const first = await place(({ app }) =>
    app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), moved),
  )
  expect(first).not.toMatchObject(moved)
  expect(await place(async () => undefined)).toEqual(moved)

  const file = join(dataDir, 'window.json')
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...moved, isMaximized: false })
  await writeFile(file, JSON.stringify({ ...moved, x: 40_000 }))
  const elsewhere = await place(async () => undefined)
  expect(elsewhere).toMatchObject({ width: 1000, height: 700 })
  expect((elsewhere as typeof moved).x).toBeLessThan(4000)

  await writeFile(file, '{"width": "wide", ')
  expect(await place(async () => undefined)).toMatchObject({ width: first.width, height: first.height })
})

test.runIf(isSoak)('npm run package -- --dir makes an application that passes its own smoke', async () => {
  const { stdout, stderr } = await runScript('package', '--dir')
  expect(stderr).toContain('fuses are as electron-builder.yml asks')
  expect(stdout.split('\n').some((line) => line.startsWith('{"view":"welcome"'))).toBe(true)
  expect((await readFile(join(root, 'out', 'smoke.png'))).length).toBeGreaterThan(20_000)
})
