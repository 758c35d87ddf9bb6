/** The only place that makes windows. */
import { BrowserWindow, nativeTheme } from 'electron'
import type { BrowserWindowConstructorOptions } from 'electron'
import { appOrigin } from './security.ts'

export interface WindowPlace {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
  readonly isMaximized: boolean
}

/** SECURITY: item 1: the literal preferences of every window (E2, E3, E4, E6, E8 to E12). */
export const webPreferences = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  safeDialogs: true,
  backgroundThrottling: false,
  // What a script compiles to is kept from its first run on, not from its third.
  v8CacheOptions: 'bypassHeatCheck',
} as const

const titleBarHeight = 40

/** Colours of the system-drawn window buttons, equal to tokens bg-window and fg-muted. */
function overlayColours(): { color: string; symbolColor: string } {
  return nativeTheme.shouldUseDarkColors
    ? { color: '#0b1214', symbolColor: '#a9b5b9' }
    : { color: '#edf1f3', symbolColor: '#425156' }
}

/** Makes a window and loads `app://sluice/`; it shows itself when its first picture is ready. */
export function createWindow(options: {
  readonly preload: string
  readonly place: WindowPlace
  readonly isDevelopment: boolean
  readonly title: string
}): BrowserWindow {
  const { place } = options
  const isMac = process.platform === 'darwin'
  const frame: BrowserWindowConstructorOptions = isMac
    ? { titleBarStyle: 'hiddenInset' }
    : { titleBarStyle: 'hidden', titleBarOverlay: { ...overlayColours(), height: titleBarHeight - 1 } }
  const window = new BrowserWindow({
    ...(place.x === undefined || place.y === undefined ? {} : { x: place.x, y: place.y }),
    width: place.width,
    height: place.height,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: options.title,
    backgroundColor: overlayColours().color,
    ...frame,
    webPreferences: { ...webPreferences, preload: options.preload, devTools: options.isDevelopment },
  })
  if (place.isMaximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  if (!isMac) {
    const recolour = (): void => {
      if (!window.isDestroyed()) window.setTitleBarOverlay(overlayColours())
    }
    nativeTheme.on('updated', recolour)
    window.once('closed', () => nativeTheme.off('updated', recolour))
  }
  // SECURITY: item 2: local content only.
  void window.loadURL(`${appOrigin}/`)
  return window
}
