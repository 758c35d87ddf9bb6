/**
 * The tray: there while the user wants Sluice to go on without its window. Its icon says whether something fails, drifts or hosted mode runs, its
 * menu leads to the worst things. Owns icon, menu and badge, and what closing the last window means; knows nothing of clusters.
 */
import { BrowserWindow, Menu, Tray, app, dialog, nativeImage, nativeTheme } from 'electron'
import type { MenuItemConstructorOptions, NativeImage } from 'electron'
import type { TraySummary } from '../../shared/contract/engine-thread.ts'
import { hasTrayHost } from './tray-host.ts'
import { drawTrayIcon } from './tray-icon.ts'
import type { IconDot, IconInk } from './tray-icon.ts'

interface TrayActions {
  /** Shows the window, made anew where there is none; `path` as in a link, null: where it was. */
  readonly open: (path: string | null) => void
  /** The user chose to keep running from now on. */
  readonly keepRunning: () => void
  /** Notifications wait for so long; null: they come again. */
  readonly snooze: (forMs: number | null) => void
}

export interface AppTray {
  update(isKept: boolean, summary: TraySummary): void
  /** Ask before a window closes; calls `preventDefault` where it must stay for now. */
  beforeClose(event: { preventDefault(): void }, window: BrowserWindow): void
  /** The last window is closed: whether the application goes on. */
  readonly isKept: () => boolean
}

const none: TraySummary = { drifted: 0, failing: 0, unreachable: 0, snoozedUntil: null, hosting: [], worst: [] }
const side = 16
/** Longer names are cut: a menu is as wide as its longest line. */
const maxText = 90

export function createTray(actions: TrayActions): AppTray {
  let tray: Tray | null = null
  /** As the engine tells. */
  let isKept = false
  /** The user said so here, and the engine has not confirmed it: what it tells until then was on its way before. */
  let isChosen = false
  /** null: not looked yet. */
  let hasHost: boolean | null = null
  let summary = none
  let isClosing = false
  nativeTheme.on('updated', () => draw())
  const isWanted = (): boolean => isKept || isChosen

  function draw(): void {
    if (!isWanted() || hasHost !== true) {
      tray?.destroy()
      tray = null
      app.setBadgeCount(0)
      return
    }
    const dot = dotOf(summary)
    if (tray === null) {
      tray = new Tray(imageOf(dot))
      tray.on('click', () => actions.open(null))
    } else tray.setImage(imageOf(dot))
    tray.setToolTip(sentenceOf(summary))
    tray.setContextMenu(Menu.buildFromTemplate(menuOf(summary, actions)))
    const count = summary.drifted + summary.failing + summary.unreachable
    // Only there beside the icon.
    if (process.platform === 'darwin') tray.setTitle(count === 0 ? '' : String(count))
    app.setBadgeCount(count)
    // Its taskbar has no count.
    if (process.platform === 'win32')
      for (const window of BrowserWindow.getAllWindows())
        window.setOverlayIcon(dot === 'none' ? null : imageOf(dot), sentenceOf(summary))
  }

  return {
    update(isKeptNow, next) {
      summary = next
      if (isKeptNow && !isWanted())
        void hasTrayHost().then((found) => {
          hasHost = found
          draw()
        })
      if (isKeptNow) isChosen = false
      isKept = isKeptNow
      draw()
    },
    isKept: () => isWanted() && hasHost === true,
    beforeClose(event, window) {
      if (isClosing || process.platform === 'darwin' || (isWanted() && hasHost === true)) return
      const hosted = summary.hosting.length
      if (hosted === 0) return
      // Hosted mode would end with the window: that is said before it does.
      event.preventDefault()
      void askBeforeClosing(window, isWanted(), hosted).then(async (answer) => {
        if (answer === 'keep') {
          isChosen = true
          hasHost = await hasTrayHost()
          draw()
          actions.keepRunning()
          if (hasHost) window.close()
        } else if (answer === 'minimise') window.minimize()
        else if (answer === 'quit') {
          isClosing = true
          app.quit()
        }
      })
    },
  }
}

async function askBeforeClosing(
  window: BrowserWindow,
  isWanted: boolean,
  hosted: number,
): Promise<'keep' | 'minimise' | 'quit' | 'stay'> {
  const canKeep = !isWanted && (await hasTrayHost())
  const contexts = hosted === 1 ? 'a context' : `${hosted} contexts`
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Hosted mode runs for ${contexts}`,
    detail: canKeep
      ? 'Without Sluice nobody does the work of Flux’s controllers there. It can go on in the tray.'
      : 'Without Sluice nobody does the work of Flux’s controllers there. This desktop shows no tray, so Sluice goes on only with its window.',
    buttons: [canKeep ? 'Keep running in the tray' : 'Minimise', 'Quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  })
  return response === 0 ? (canKeep ? 'keep' : 'minimise') : response === 1 ? 'quit' : 'stay'
}

/** The worst alone. */
function dotOf({ failing, unreachable, drifted, hosting }: TraySummary): IconDot {
  if (failing > 0) return 'failing'
  if (unreachable > 0) return 'unreachable'
  return drifted > 0 ? 'drifted' : hosting.length > 0 ? 'hosting' : 'none'
}

function imageOf(dot: IconDot): NativeImage {
  const ink: IconInk =
    process.platform === 'darwin'
      ? 'template'
      : // Panels of Linux desktops are dark far more often than windows are.
        process.platform === 'linux' || nativeTheme.shouldUseDarkColors
        ? 'dark'
        : 'light'
  const image = nativeImage.createEmpty()
  for (const scaleFactor of [1, 2]) {
    const size = side * scaleFactor
    image.addRepresentation({
      scaleFactor,
      width: size,
      height: size,
      buffer: nativeImage
        .createFromBitmap(drawTrayIcon(size, ink, dot), { width: size, height: size, scaleFactor: 1 })
        .toPNG(),
    })
  }
  if (ink === 'template') image.setTemplateImage(true)
  return image
}

function sentenceOf({ drifted, failing, unreachable, hosting, snoozedUntil }: TraySummary): string {
  const parts = [
    failing === 0 ? '' : `${failing.toLocaleString()} failing`,
    unreachable === 0 ? '' : `${unreachable.toLocaleString()} unreachable`,
    drifted === 0 ? '' : `${drifted.toLocaleString()} drifted`,
    hosting.length === 0 ? '' : `hosting ${hosting.map(({ text }) => text).join(', ')}`,
  ].filter((part) => part !== '')
  const snoozed = snoozedUntil === null ? '' : `. Notifications snoozed until ${clockOf(snoozedUntil)}`
  return `Sluice: ${parts.length === 0 ? 'nothing fails or drifts' : parts.join(', ')}${snoozed}`
}

function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

const snoozes: readonly (readonly [label: string, forMs: number])[] = [
  ['30 minutes', 30 * 60_000],
  ['1 hour', 60 * 60_000],
  ['4 hours', 4 * 60 * 60_000],
  ['24 hours', 24 * 60 * 60_000],
]

function snoozeOf({ snoozedUntil }: TraySummary, actions: TrayActions): MenuItemConstructorOptions {
  if (snoozedUntil !== null)
    return { label: `End snooze (until ${clockOf(snoozedUntil)})`, click: () => actions.snooze(null) }
  return {
    label: 'Snooze notifications',
    submenu: snoozes.map(([label, forMs]) => ({ label, click: () => actions.snooze(forMs) })),
  }
}

/** SECURITY: item 12: names are the cluster's: plain labels without mnemonics, cut, without control or direction characters. */
function menuOf(summary: TraySummary, actions: TrayActions): MenuItemConstructorOptions[] {
  const { worst, hosting } = summary
  const more = summary.failing + summary.drifted + summary.unreachable
  const sections: MenuItemConstructorOptions[][] = [
    [{ label: 'Open Sluice', click: () => actions.open(null) }],
    worst.length === 0
      ? [{ label: 'Nothing fails or drifts', enabled: false }]
      : [
          ...worst.map(({ text, path }) => ({ label: labelOf(text), click: () => actions.open(path) })),
          ...(more > worst.length ? [{ label: 'Show all', click: () => actions.open('view/overview') }] : []),
        ],
    [snoozeOf(summary, actions)],
    hosting.map(({ text }) => ({ label: labelOf(`Hosting ${text}`), click: () => actions.open('view/hosting') })),
    [{ label: hosting.length === 0 ? 'Quit Sluice' : 'Quit Sluice and stop hosting', click: () => app.quit() }],
  ]
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [{ type: 'separator' } as const, ...section]))
}

function labelOf(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}')
  return (plain.length > maxText ? `${plain.slice(0, maxText - 1)}…` : plain).replaceAll('&', '&&')
}
