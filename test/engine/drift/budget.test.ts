import { setMaxListeners } from 'node:events'
import { expect, it } from 'vitest'
import type { DryRunOutcome } from '../../../electron/engine/drift/budget.ts'
import { DryRunBudget } from '../../../electron/engine/drift/budget.ts'
import { ManualClock } from '../memory-cluster.ts'

const signal = new AbortController().signal
setMaxListeners(0, signal)
const ok = (durationMs: number): DryRunOutcome => ({ status: 200, durationMs })

function setUp(
  perSecond: number,
  atOnce: number,
): { clock: ManualClock; budget: DryRunBudget; battery: { isOn: boolean } } {
  const clock = new ManualClock()
  const battery = { isOn: false }
  return {
    clock,
    battery,
    budget: new DryRunBudget({ clock, limits: { perSecond, atOnce }, isOnBattery: () => battery.isOn }),
  }
}

/** Sends `count` dry-runs that take no time; tells how many have gone out. */
function send(budget: DryRunBudget, count: number, isUrgent = false, outcome = ok(5)): { sent: number } {
  const state = { sent: 0 }
  for (let index = 0; index < count; index += 1)
    void budget.take(isUrgent, signal).then((done) => {
      state.sent += 1
      done(outcome)
    })
  return state
}

it('sends ten a second, and no more after a quiet hour', async () => {
  const { clock, budget } = setUp(10, 4)
  await clock.advance(3_600_000)
  const sent = send(budget, 100)
  await clock.advance(0)
  expect(sent.sent).toBe(1)
  await clock.advance(1000)
  expect(sent.sent).toBe(11)
  await clock.advance(5000)
  expect(sent.sent).toBe(61)
})

it('has so many under way at once, however long they take', async () => {
  const { clock, budget } = setUp(Infinity, 4)
  const running: ((outcome: DryRunOutcome) => void)[] = []
  for (let index = 0; index < 10; index += 1) void budget.take(false, signal).then((done) => running.push(done))
  await clock.advance(10_000)
  expect(running).toHaveLength(4)
  running[0]?.(ok(5))
  running[0]?.(ok(5))
  await clock.advance(0)
  expect(running).toHaveLength(5)
})

it('halves after a 429, once for what was under way, and recovers slowly', async () => {
  const { clock, budget } = setUp(10, 4)
  send(budget, 3, false, { status: 429, durationMs: 1 })
  await clock.advance(500)
  expect(budget.current()).toEqual({ perSecond: 5, atOnce: 2 })
  await clock.advance(11_000)
  send(budget, 1)
  await clock.advance(0)
  expect(budget.current().perSecond).toBeCloseTo(6.25)
  for (let step = 0; step < 5; step += 1) {
    await clock.advance(11_000)
    send(budget, 1)
  }
  expect(budget.current()).toEqual({ perSecond: 10, atOnce: 4 })
})

it('halves when answers take twice as long as they did', async () => {
  const { clock, budget } = setUp(10_000, 4)
  send(budget, 32, false, ok(80))
  await clock.advance(0)
  send(budget, 32, false, ok(140))
  await clock.advance(0)
  expect(budget.current().atOnce).toBe(4)
  send(budget, 32, false, ok(200))
  await clock.advance(0)
  expect(budget.current().atOnce).toBe(2)
})

it('lets what somebody waits for pass a queue, ahead of what is allowed', async () => {
  const { clock, budget } = setUp(2, 1)
  const slow = send(budget, 50)
  await clock.advance(0)
  const urgent = send(budget, 8, true)
  await clock.advance(0)
  expect(urgent.sent).toBe(8)
  expect(slow.sent).toBe(1)
})

it('sends no more over time however much is urgent: what went ahead is made up for first', async () => {
  const { clock, budget } = setUp(10, 4)
  const urgent = send(budget, 500, true)
  const slow = send(budget, 500)
  await clock.advance(0)
  expect(urgent.sent).toBe(13)
  await clock.advance(10_000)
  expect(urgent.sent).toBe(113)
  expect(slow.sent).toBe(0)
  await clock.advance(50_000)
  expect(urgent.sent + slow.sent).toBeLessThanOrEqual(613)
  expect(slow.sent).toBeGreaterThan(50)
})

it('has four more under way at once for what somebody waits for', async () => {
  const { clock, budget } = setUp(Infinity, 4)
  const running = { slow: 0, urgent: 0 }
  for (let index = 0; index < 10; index += 1) {
    void budget.take(false, signal).then(() => (running.slow += 1))
    void budget.take(true, signal).then(() => (running.urgent += 1))
  }
  await clock.advance(10_000)
  expect(running.slow + running.urgent).toBe(8)
  expect(running.urgent).toBeGreaterThanOrEqual(4)
})

it('slows what is urgent as well, after a 429 and on battery', async () => {
  const throttled = setUp(10, 4)
  send(throttled.budget, 1, true, { status: 429, durationMs: 1 })
  await throttled.clock.advance(0)
  const after429 = send(throttled.budget, 100, true)
  await throttled.clock.advance(5000)
  expect(throttled.budget.current().perSecond).toBe(5)
  expect(after429.sent).toBe(6 + 25)

  const onBattery = setUp(10, 4)
  onBattery.battery.isOn = true
  const sent = send(onBattery.budget, 100, true)
  await onBattery.clock.advance(4000)
  expect(sent.sent).toBe(4 + 10)
  const open = { count: 0 }
  const wide = setUp(Infinity, 4)
  wide.battery.isOn = true
  for (let index = 0; index < 10; index += 1) void wide.budget.take(true, signal).then(() => (open.count += 1))
  await wide.clock.advance(0)
  expect(open.count).toBe(2)
})

it('sends a quarter on battery', () => {
  const { budget, battery } = setUp(10, 4)
  battery.isOn = true
  expect(budget.current()).toEqual({ perSecond: 2.5, atOnce: 1 })
})

it('forgets who no longer waits', async () => {
  const { clock, budget } = setUp(1, 1)
  send(budget, 1)
  await clock.advance(0)
  const abort = new AbortController()
  const waiting = budget.take(false, abort.signal)
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  const next = send(budget, 1)
  await clock.advance(1000)
  expect(next.sent).toBe(1)
})

it('listens to nothing but a 429 where it is lifted: many answers at once are slow', async () => {
  const { clock, budget } = setUp(Infinity, 16)
  send(budget, 40, false, ok(5))
  await clock.advance(0)
  send(budget, 80, false, ok(2000))
  await clock.advance(0)
  expect(budget.current().atOnce).toBe(16)
  send(budget, 1, false, { status: 429, durationMs: 1 })
  await clock.advance(0)
  expect(budget.current().atOnce).toBe(8)
})
