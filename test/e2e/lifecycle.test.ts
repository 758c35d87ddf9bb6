/** What the main process owes to its window: theme, links of second instances, a new engine thread, a new page. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveFolders } from '../../shared/lib/folders.ts'
import { electronPath, electronSwitches, launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { eventually } from '../app/window.ts'

const root = join(import.meta.dirname, '..', '..')
let dataDir: string
let launched: LaunchedApp

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-lifecycle-'))
  launched = await launchApp({ dataDir })
  await launched.page.getByRole('heading', { level: 1, name: 'Open a gate to your clusters' }).waitFor()
})
afterAll(async () => {
  await launched?.close()
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

/** Starts the application a second time over the same data, as a click on a link does; resolves with its end. */
async function startAgain(link: string): Promise<void> {
  await promisify(execFile)(electronPath(), [...electronSwitches(), root, link], {
    env: {
      ...process.env,
      HOME: dataDir,
      SLUICE_DATA_DIR: dataDir,
      SLUICE_CACHE_DIR: resolveFolders(process.env, process.platform, homedir()).cacheDir,
    },
    timeout: 20_000,
  })
}

const chooseTheme = (name: string): Promise<void> =>
  launched.page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name, exact: true }).click()
const themeSource = (): Promise<string> => launched.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)

test('a second start hands its link to the first window and leaves', async () => {
  await startAgain('sluice://view/settings')
  await launched.page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  expect(await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('the theme of the settings is the system-drawn parts’ theme as well', async () => {
  await launched.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    const overlays: unknown[] = []
    Object.assign(globalThis, { overlays })
    if (window !== undefined) window.setTitleBarOverlay = (options) => void overlays.push(options.color)
  })
  for (const [name, source, colour] of [
    ['Dark', 'dark', '#0b1214'],
    ['Light', 'light', '#edf1f3'],
  ] as const) {
    await chooseTheme(name)
    await eventually(async () => {
      expect(await themeSource()).toBe(source)
      const last = await launched.app.evaluate(() => (globalThis as unknown as { overlays: string[] }).overlays.at(-1))
      expect(last).toBe(colour)
    })
  }
})

test('the window has its engine again after the thread was lost', async () => {
  await launched.app.evaluate(async ({ app }) => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    // eslint-disable-next-line @typescript-eslint/unbound-method -- applied to its own thread below
    const post = Worker.prototype.postMessage
    const found = new Promise<InstanceType<typeof Worker>>((resolve) => {
      Worker.prototype.postMessage = function (this: InstanceType<typeof Worker>, ...args) {
        Worker.prototype.postMessage = post
        resolve(this)
        return post.apply(this, args)
      }
    })
    app.emit('second-instance', {}, ['sluice://view/settings'])
    await (await found).terminate()
  })
  await eventually(async () => {
    await chooseTheme('Dark')
    expect(await themeSource()).toBe('dark')
    await chooseTheme('Light')
    expect(await themeSource()).toBe('light')
  })
})

test('a crashed page is loaded again', async () => {
  await launched.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
  )
  await eventually(async () => {
    const view: unknown = await launched.app.evaluate(({ BrowserWindow }) =>
      Promise.race([
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.documentElement.dataset.view'),
        new Promise((resolve) => setTimeout(() => resolve('silent'), 1000)),
      ]),
    )
    expect(['welcome', 'settings']).toContain(view)
  })
})
