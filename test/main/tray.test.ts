import { beforeEach, expect, test, vi } from 'vitest'
import type { BrowserWindow } from 'electron'
import type { TraySummary } from '../../shared/contract/engine-thread.ts'

interface Item {
  readonly label?: string
  readonly type?: string
  readonly enabled?: boolean
  readonly submenu?: readonly Item[]
  readonly click?: () => void
}

const { desktop } = vi.hoisted(() => ({
  desktop: {
    hasHost: true,
    badges: [] as number[],
    trays: [] as { tip: string; menu: readonly Item[]; isGone: boolean }[],
    quits: 0,
  },
}))
vi.mock('electron', () => {
  const picture = {
    addRepresentation: () => undefined,
    setTemplateImage: () => undefined,
    toPNG: () => Buffer.alloc(0),
  }
  class Tray {
    readonly #own = { tip: '', menu: [] as readonly Item[], isGone: false }
    constructor() {
      desktop.trays.push(this.#own)
    }
    on(): void {}
    setImage(): void {}
    setTitle(): void {}
    setToolTip(text: string): void {
      this.#own.tip = text
    }
    setContextMenu(menu: readonly Item[]): void {
      this.#own.menu = menu
    }
    destroy(): void {
      this.#own.isGone = true
    }
  }
  return {
    Tray,
    Menu: { buildFromTemplate: (items: readonly Item[]) => items },
    BrowserWindow: { getAllWindows: () => [] },
    app: { setBadgeCount: (count: number) => desktop.badges.push(count), quit: () => (desktop.quits += 1) },
    dialog: { showMessageBox: () => Promise.resolve({ response: 0 }) },
    nativeImage: { createEmpty: () => picture, createFromBitmap: () => picture },
    nativeTheme: { shouldUseDarkColors: true, on: () => undefined },
  }
})
vi.mock('../../electron/main/tray-host.ts', () => ({ hasTrayHost: () => Promise.resolve(desktop.hasHost) }))
const { createTray } = await import('../../electron/main/tray.ts')

const calm: TraySummary = { drifted: 0, failing: 0, unreachable: 0, snoozedUntil: null, hosting: [], worst: [] }
const bad: TraySummary = {
  ...calm,
  drifted: 4,
  failing: 2,
  unreachable: 1,
  worst: [
    { text: 'Kustomization apps & co\u202e fails', path: 'o/staging/apps' },
    { text: 'prod-us-1 is unreachable', path: 'view/overview' },
  ],
}

function show(summary: TraySummary): { readonly opened: (string | null)[]; readonly snoozed: (number | null)[] } & {
  readonly tray: ReturnType<typeof createTray>
} {
  const opened: (string | null)[] = []
  const snoozed: (number | null)[] = []
  const tray = createTray({
    open: (path) => void opened.push(path),
    keepRunning: () => undefined,
    snooze: (forMs) => void snoozed.push(forMs),
  })
  tray.update(true, summary)
  return { tray, opened, snoozed }
}

const current = (): (typeof desktop.trays)[number] | undefined => desktop.trays.at(-1)
const labels = (): readonly string[] => (current()?.menu ?? []).map(({ type, label }) => type ?? label ?? '')

beforeEach(() => {
  Object.assign(desktop, { hasHost: true, badges: [], trays: [], quits: 0 })
})

test('counts what fails, drifts or is unreachable on the badge, and takes the count away with the tray', async () => {
  const { tray } = show(bad)
  await vi.waitFor(() => expect(desktop.badges.at(-1)).toBe(7))
  expect(current()?.tip).toBe('Sluice: 2 failing, 1 unreachable, 4 drifted')
  tray.update(true, { ...bad, failing: 0 })
  expect(desktop.badges.at(-1)).toBe(5)
  tray.update(true, calm)
  expect(desktop.badges.at(-1)).toBe(0)
  expect(current()).toMatchObject({ tip: 'Sluice: nothing fails or drifts', isGone: false })
  tray.update(true, bad)
  tray.update(false, bad)
  expect(desktop.badges.at(-1)).toBe(0)
  expect(current()?.isGone).toBe(true)
  expect(desktop.trays).toHaveLength(1)
})

test('has the worst first in its menu, each leading to its place, as plain text', async () => {
  const { opened, snoozed } = show(bad)
  await vi.waitFor(() => expect(current()?.menu.length).toBeGreaterThan(0))
  expect(labels()).toEqual([
    'Open Sluice',
    'separator',
    'Kustomization apps && co\ufffd fails',
    'prod-us-1 is unreachable',
    'Show all',
    'separator',
    'Snooze notifications',
    'separator',
    'Quit Sluice',
  ])
  for (const item of current()?.menu ?? []) if (item.label !== 'Quit Sluice') item.click?.()
  expect(opened).toEqual([null, 'o/staging/apps', 'view/overview', 'view/overview'])
  current()
    ?.menu.find(({ submenu }) => submenu !== undefined)
    ?.submenu?.[1]?.click?.()
  expect(snoozed).toEqual([3_600_000])
  expect(desktop.quits).toBe(0)
  current()?.menu.at(-1)?.click?.()
  expect(desktop.quits).toBe(1)
})

test('draws nothing and counts nothing where the desktop shows no tray', async () => {
  desktop.hasHost = false
  const { tray } = show(bad)
  await vi.waitFor(() => expect(desktop.badges.length).toBeGreaterThan(1))
  expect(desktop.badges.every((count) => count === 0)).toBe(true)
  expect(desktop.trays).toHaveLength(0)
  expect(tray.isKept()).toBe(false)
})

test('keeps what was chosen at the closed window, whatever the engine told before it knew of it', async () => {
  const hosted: TraySummary = { ...calm, hosting: [{ text: 'lab', isActive: true }] }
  let isSaved = false
  const tray = createTray({ open: () => undefined, keepRunning: () => (isSaved = true), snooze: () => undefined })
  tray.update(false, hosted)
  let isStopped = false
  let isClosed = false
  tray.beforeClose({ preventDefault: () => (isStopped = true) }, {
    close: () => (isClosed = true),
  } as unknown as BrowserWindow)
  expect(isStopped).toBe(true)
  await vi.waitFor(() => expect(isClosed).toBe(true))
  expect([isSaved, tray.isKept()]).toEqual([true, true])
  // Was on its way.
  tray.update(false, hosted)
  expect(tray.isKept()).toBe(true)
  tray.update(true, hosted)
  expect(tray.isKept()).toBe(true)
  // Switched off in the settings.
  tray.update(false, hosted)
  expect(tray.isKept()).toBe(false)
})
