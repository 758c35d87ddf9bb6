/**
 * The main process: lifecycle, windows, dialogs, protocol, the engine's thread. It never imports the engine or its adapters, and does no
 * work that takes time: no YAML, no rendering, no Kubernetes.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BrowserWindow, app, ipcMain, nativeTheme, session } from 'electron'
import { connectChannel } from '../../shared/contract/hand-over.ts'
import { registerScheme, serveApp } from './app-protocol.ts'
import { findLink } from './deep-links.ts'
import { startEngineThread } from './engine-thread.ts'
import type { EngineThread } from './engine-thread.ts'
import { resolveDataFolders } from './folders.ts'
import { installMenu } from './menu.ts'
import { installGuards, isOwnFrame, lockSession } from './security.ts'
import { answerShell } from './shell.ts'
import { runSmoke } from './smoke.ts'
import type { AppTray } from './tray.ts'
import { createWindow } from './window-factory.ts'
import { keepPlace, loadPlace } from './window-state.ts'

const rootFolder = app.getAppPath()
const distFolder = join(rootFolder, 'dist')
const isDevelopment = !app.isPackaged
const smokePicture = argumentAfter('--smoke')
const folders = resolveDataFolders(process.env)
const knownWindows = new Set<number>()
let engine: EngineThread | null = null
/** Made when the engine first has something to say of it. */
let tray: AppTray | null = null
/** A link that came before the engine was started. */
let earlyLink: string | null = null
let isQuitting = false
/** Also keeps a page that crashes at once from taking the machine with it. */
const reloadPauseMs = 500
const backgroundAfterMs = 5000

// SECURITY: item 1: every renderer is sandboxed, whatever its window says. Chromium has no sandbox for root: there the switch that it
// demands is given on the command line, and enabling it here would keep its processes from starting.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
// The window's young generation, as the engine thread's (engine-thread.ts): it is quiet most of the time and holds 20,000 rows.
app.commandLine.appendSwitch('js-flags', '--max-semi-space-size=4')
registerScheme()
installGuards()
mkdirSync(folders.dataDir, { recursive: true, mode: 0o700 })
app.setPath('userData', join(folders.dataDir, 'chromium'))
app.setName('Sluice')

// SECURITY: item 14: one instance per data folder; a second start hands its link over and leaves.
if (!app.requestSingleInstanceLock()) app.exit(0)
else {
  if (app.isPackaged && smokePicture === null) app.setAsDefaultProtocolClient('sluice')
  app.on('second-instance', (_event, args) => {
    focusWindow()
    openLink(findLink(args))
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    openLink(findLink([url]))
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && tray?.isKept() !== true) app.quit()
  })
  let isStopped = false
  app.on('before-quit', (event) => {
    isQuitting = true
    if (isStopped || engine === null) return
    event.preventDefault()
    void engine.stop().finally(() => {
      isStopped = true
      app.quit()
    })
  })
  void app.whenReady().then(start)
}

function argumentAfter(flag: string): string | null {
  const index = process.argv.indexOf(flag)
  const value = index === -1 ? undefined : process.argv[index + 1]
  return value === undefined ? null : resolve(value)
}

function startEngine(): EngineThread {
  return startEngineThread({
    entry: join(distFolder, 'workers', 'engine.js'),
    compiledDir: join(folders.cacheDir, 'compiled'),
    data: {
      version: app.getVersion(),
      electron: process.versions.electron,
      ...folders,
      assetsDir: app.isPackaged ? join(process.resourcesPath, 'assets') : join(rootFolder, 'assets'),
      modulesDir: app.isPackaged
        ? join(process.resourcesPath, 'control-plane')
        : join(rootFolder, 'electron/adapters/control-plane/go'),
      isPackaged: app.isPackaged,
      isDemo: process.argv.includes('--demo'),
      isLaunchedFromDesktop:
        process.platform !== 'win32' && process.env['TERM'] === undefined && process.env['SHLVL'] === undefined,
    },
    answer: async (request) => {
      await app.whenReady()
      return answerShell(
        request,
        (link) => (link === null ? focusWindow() : openLink(findLink([link]))),
        folders.dataDir,
      )
    },
    onTheme: (theme) => {
      void app.whenReady().then(() => (nativeTheme.themeSource = theme))
    },
    onTray: (isKept, summary) => {
      if (tray === null && !isKept && summary.hosting.length === 0) return
      void app.whenReady().then(async () => {
        const { createTray } = await import('./tray.ts')
        tray ??= createTray({
          open: openFromTray,
          keepRunning: () => engine?.keepRunning(),
          snooze: (forMs) => engine?.snooze(forMs),
        })
        tray.update(isKept, summary)
      })
    },
    onCrash: (error, restarts) => console.error(`The engine thread stopped (${error.message}); start ${restarts} of 5`),
  })
}

function start(): void {
  const readyAt = Date.now()
  // Not before: it would only keep Chromium from getting here. It connects and lists while the window's process starts and loads.
  engine = startEngine()
  lockSession()
  session.defaultSession.setCodeCachePath(join(folders.cacheDir, 'compiled', 'window'))
  installMenu(isDevelopment)
  serveApp(join(distFolder, 'renderer'))
  ipcMain.on(connectChannel, (event) => {
    // SECURITY: item 7: sender check: known window, main frame, our origin.
    if (isOwnFrame(event.sender, event.senderFrame, knownWindows)) engine?.connect(event.sender)
  })
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow()
  })
  const window = openWindow()
  const windowAt = Date.now()
  openLink(earlyLink ?? findLink(process.argv))
  // Memory to give back, budgets of the background: nothing that a start waits for.
  setTimeout(() => {
    void import('./passing-garbage.ts').then(({ collectPassingGarbage }) => collectPassingGarbage())
    void import('./power.ts').then(({ followBattery, followSleep }) => {
      followBattery((isOn) => engine?.setOnBattery(isOn))
      followSleep((isAsleep) => engine?.setAsleep(isAsleep))
    })
  }, backgroundAfterMs).unref()
  if (smokePicture !== null) {
    runSmoke(window, smokePicture, { ready: readyAt, window: windowAt }).then(
      () => app.quit(),
      (error: unknown) => {
        console.error(error)
        app.exit(1)
      },
    )
  }
}

function openWindow(): BrowserWindow {
  const window = createWindow({
    preload: join(distFolder, 'preload', 'preload.cjs'),
    place: loadPlace(folders.dataDir),
    isDevelopment,
    title: 'Sluice',
  })
  const { id } = window.webContents
  knownWindows.add(id)
  window.once('closed', () => knownWindows.delete(id))
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return
    console.error(`The window's page ended (${details.reason}); it is loaded again`)
    // Not within the event: Chromium is still taking the old page down.
    setTimeout(() => {
      if (!window.isDestroyed()) window.webContents.reload()
    }, reloadPauseMs)
  })
  keepPlace(window, folders.dataDir)
  window.on('close', (event) => {
    if (!isQuitting) tray?.beforeClose(event, window)
  })
  return window
}

function focusWindow(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window === undefined) {
    // Closed, and Sluice goes on in the tray.
    if (engine !== null) openWindow()
    return
  }
  if (window.isMinimized()) window.restore()
  window.focus()
}

function openFromTray(path: string | null): void {
  if (path === null) focusWindow()
  else openLink(path)
}

function openLink(path: string | null): void {
  if (path === null) return
  focusWindow()
  if (engine === null) earlyLink = path
  else engine.sendLink(path)
}
