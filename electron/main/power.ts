/** What the machine says of its power: battery, as the engine's budgets ask, and sleep, before which hosted mode gives its leases back. */
import { powerMonitor } from 'electron'

/** Linux tells no changes. */
const lookMs = 60_000

/** Calls back with how it is, and with each change. */
export function followBattery(tell: (isOn: boolean) => void): void {
  let last: boolean | null = null
  const look = (): void => {
    const isOn = powerMonitor.isOnBatteryPower()
    if (isOn === last) return
    last = isOn
    tell(isOn)
  }
  look()
  powerMonitor.on('on-battery', look)
  powerMonitor.on('on-ac', look)
  setInterval(look, lookMs).unref()
}

/** Calls back when the machine goes to sleep, and when it is awake again. */
export function followSleep(tell: (isAsleep: boolean) => void): void {
  powerMonitor.on('suspend', () => tell(true))
  powerMonitor.on('resume', () => tell(false))
}
