/** What the machine says of its power, as the engine hears it. */
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const { machine } = vi.hoisted(() => ({ machine: { isOnBattery: false, events: null as EventEmitter | null } }))
vi.mock('electron', () => ({
  powerMonitor: {
    isOnBatteryPower: () => machine.isOnBattery,
    on: (event: string, listener: () => void) => machine.events?.on(event, listener),
  },
}))

const { followBattery, followSleep } = await import('../../electron/main/power.ts')

beforeEach(() => {
  vi.useFakeTimers()
  machine.isOnBattery = false
  machine.events = new EventEmitter()
})
afterEach(() => {
  vi.useRealTimers()
})

test('how it is is told at once, and each change as the system tells it', () => {
  machine.isOnBattery = true
  const told: boolean[] = []
  followBattery((isOn) => told.push(isOn))
  expect(told).toEqual([true])
  machine.isOnBattery = false
  machine.events?.emit('on-ac')
  machine.isOnBattery = true
  machine.events?.emit('on-battery')
  expect(told).toEqual([true, false, true])
})

test('on Linux, which tells no changes, it is seen within a minute, and what stays is not told again', () => {
  const told: boolean[] = []
  followBattery((isOn) => told.push(isOn))
  machine.isOnBattery = true
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([false, true])
  vi.advanceTimersByTime(600_000)
  machine.events?.emit('on-battery')
  expect(told).toEqual([false, true])
})

test('sleep and its end are told', () => {
  const told: boolean[] = []
  followSleep((isAsleep) => told.push(isAsleep))
  machine.events?.emit('suspend')
  machine.events?.emit('resume')
  expect(told).toEqual([true, false])
})
