/** Whether the machine runs on battery, as the engine's budgets ask. */
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
