/** The tray: with it the window may be closed and comes back; without one on this desktop closing it ends Sluice. On a bus of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { hasBusDaemon, startTrayBus } from '../app/tray-bus.ts'
import type { TrayBus } from '../app/tray-bus.ts'

describe.skipIf(!hasBusDaemon)('the tray (skipped without dbus-daemon)', () => {
  let bus: TrayBus
  let dataDir: string
  let launched: LaunchedApp

  beforeAll(async () => {
    bus = await startTrayBus()
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-tray-'))
    launched = await launchApp({ dataDir, env: { DBUS_SESSION_BUS_ADDRESS: bus.address } })
  })
  afterAll(async () => {
    await launched?.close().catch(() => undefined)
    bus?.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })

  const windows = (): Promise<number> =>
    launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

  test('with a tray the engine outlives its window, which comes back where it was', async () => {
    await bus.showTrays()
    // Icons are told apart from nothing else: what is made is counted.
    await launched.app.evaluate(({ Tray }) => {
      const made: string[] = []
      Object.assign(globalThis, { madeTrays: made })
      Tray.prototype.setToolTip = (text) => void made.push(text)
    })
    await launched.app.evaluate(({ app }) =>
      app.emit('open-url', { preventDefault: () => undefined }, 'sluice://view/settings'),
    )
    await launched.page.getByRole('switch', { name: /^Keep Sluice running in the tray/ }).click()
    await expect
      .poll(
        () =>
          launched.app
            .evaluate(() => (globalThis as unknown as { madeTrays: string[] }).madeTrays.at(-1))
            // The driver loses an answer while Electron makes the icon.
            .catch(() => null),
        { timeout: 15_000 },
      )
      .toBe('Sluice: nothing fails or drifts')
    await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(windows, { timeout: 10_000 }).toBe(0)
    const reopened = launched.app.waitForEvent('window')
    await launched.app.evaluate(({ app }) => app.emit('second-instance', {}, []))
    const page = await reopened
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    expect(await windows()).toBe(1)
  })

  test('without one closing the window ends it, though the user wished to keep it', async () => {
    await launched.close()
    bus.stop()
    launched = await launchApp({ dataDir, env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' } })
    await launched.page.getByRole('heading', { level: 1 }).waitFor()
    const ended = new Promise((resolve) => launched.app.process().once('exit', resolve))
    await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await ended
  })
})
