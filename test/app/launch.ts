/**
 * Starts the built application in the resolved Electron and drives its real window. Used by e2e tests, benches and screenshots.
 * SLUICE_ELECTRON_PATH and a display are given by `npm test`, `npm run bench` and `npm run screenshots`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { resolveFolders } from '../../shared/lib/folders.ts'

const root = join(import.meta.dirname, '..', '..')

export interface LaunchOptions {
  /** Value of KUBECONFIG. Not given: a home folder without any kubeconfig. */
  readonly kubeconfig?: string
  /** A data folder that outlives close(), to start the same application again. */
  readonly dataDir?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly size?: { readonly width: number; readonly height: number }
}

export interface LaunchedApp {
  readonly app: ElectronApplication
  readonly page: Page
  readonly dataDir: string
  /** Lines of the page's console and faults that nobody caught, as they came. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Path of the Electron that this run uses; throws with the remedy when no runner has set it. */
export function electronPath(): string {
  const path = process.env['SLUICE_ELECTRON_PATH']
  if (path === undefined || path === '')
    throw new Error('SLUICE_ELECTRON_PATH is not set: start this by npm test, npm run bench or npm run screenshots')
  return path
}

/** Switches that Electron needs on this machine (root, virtual display). */
export function electronSwitches(): string[] {
  const given = process.env['SLUICE_ELECTRON_SWITCHES']
  if (given !== undefined) return given.split(' ').filter((entry) => entry !== '')
  return process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu']
}

/** Opens the application and waits for its first window (not for its data). */
export async function launchApp(options: LaunchOptions = {}): Promise<LaunchedApp> {
  const isOwnFolder = options.dataDir === undefined
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'sluice-app-')))
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value
  delete env['ELECTRON_RUN_AS_NODE']
  delete env['KUBECONFIG']
  const cacheDir = resolveFolders(process.env, process.platform, homedir()).cacheDir
  const place = options.kubeconfig === undefined ? { HOME: dataDir } : { KUBECONFIG: options.kubeconfig }
  const app = await launchPatiently({
    executablePath: electronPath(),
    args: [...electronSwitches(), root, ...(options.args ?? [])],
    cwd: root,
    env: {
      ...env,
      ...place,
      SLUICE_CACHE_DIR: cacheDir,
      SLUICE_DATA_DIR: dataDir,
      ...options.env,
    },
    timeout: 25_000,
  })
  const page = await app.firstWindow()
  // Shorter than a test: what is waited for in vain is then named.
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`)
  })
  if (options.size !== undefined) await resizeWindow(app, options.size)
  return {
    app,
    page,
    dataDir,
    complaints,
    async close() {
      await app.close()
      if (isOwnFolder) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * Launches, and once more where the driver got no answer from Electron: about one launch in thirty hangs in the driver after both of its
 * sockets are connected, before any line of ours has run. The driver has killed that process by then.
 */
async function launchPatiently(options: Parameters<typeof _electron.launch>[0]): Promise<ElectronApplication> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await _electron.launch(options)
    } catch (error) {
      const isSilent = error instanceof Error && error.name === 'TimeoutError'
      if (!isSilent || attempt === 3) throw error
      console.warn(`The driver got no answer from Electron (attempt ${attempt}); launching again`)
    }
  }
}

/** Sets the window's content size in CSS pixels. */
export async function resizeWindow(
  app: ElectronApplication,
  size: { readonly width: number; readonly height: number },
): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
    size,
  )
}

/** As the menu's zoom does: 2 is 200 %. */
export async function zoomTo({ app, page }: LaunchedApp, factor: number): Promise<void> {
  const before = await page.evaluate(() => window.devicePixelRatio)
  const was = await app.evaluate(({ BrowserWindow }, next) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const factorBefore = contents?.getZoomFactor() ?? 1
    contents?.setZoomFactor(next)
    return factorBefore
  }, factor)
  await page.waitForFunction((ratio) => Math.abs(window.devicePixelRatio - ratio) < 0.01, (before / was) * factor)
}
