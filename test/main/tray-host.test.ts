import { afterEach, describe, expect, it } from 'vitest'
import { hasTrayHost, socketPath } from '../../electron/main/tray-host.ts'
import { hasBusDaemon, startTrayBus } from '../app/tray-bus.ts'
import type { TrayBus } from '../app/tray-bus.ts'

describe('hasTrayHost', () => {
  let bus: TrayBus | undefined
  afterEach(() => bus?.stop())

  it('reads the addresses of buses', () => {
    expect(socketPath('unix:path=/run/user/1000/bus')).toBe('/run/user/1000/bus')
    expect(socketPath('tcp:host=x;unix:path=/tmp/a%20b,guid=1')).toBe('/tmp/a b')
    expect(socketPath('unix:abstract=/tmp/dbus-x')).toBe('\0/tmp/dbus-x')
    expect(socketPath('autolaunch:')).toBeNull()
  })

  it('asks nobody where there always is a tray, and takes a bus that is not there for none', async () => {
    expect(await hasTrayHost('darwin', '')).toBe(true)
    expect(await hasTrayHost('linux', 'unix:path=/nowhere/bus')).toBe(false)
    expect(await hasTrayHost('linux', '')).toBe(false)
  })

  it.skipIf(!hasBusDaemon)(
    'finds a tray on a real bus once somebody shows one (skipped without dbus-daemon)',
    async () => {
      bus = await startTrayBus()
      expect(await hasTrayHost('linux', bus.address)).toBe(false)
      await bus.showTrays()
      expect(await hasTrayHost('linux', bus.address)).toBe(true)
    },
  )
})
