/** Turns among thousands of owners: what one of them costs must not grow with how many there are. */
import { expect, it } from 'vitest'
import { DryRunBudget } from '../../../electron/engine/drift/budget.ts'
import { OwnerTurns } from '../../../electron/engine/drift/owner-turns.ts'
import { newOwnerState } from '../../../electron/engine/drift/owner-state.ts'
import type { OwnerState } from '../../../electron/engine/drift/owner-state.ts'
import { MemoryCluster } from '../memory-cluster.ts'

/** Counts how often all owners are looked through. */
class CountedOwners extends Map<string, OwnerState> {
  walks = 0
  override values(): MapIterator<OwnerState> {
    this.walks += 1
    return super.values()
  }
}

function setUp(count: number, pauseMs: number, perSecond = Infinity) {
  const cluster = new MemoryCluster()
  const { clock } = cluster
  const owners = new CountedOwners()
  for (let index = 0; index < count; index += 1) {
    const ref = cluster.ref('kustomize.toolkit.fluxcd.io', 'Kustomization', 'apps', `app-${index}`)
    owners.set(ref.name, newOwnerState(ref.name, ref))
  }
  const runs: string[] = []
  const turns: OwnerTurns = new OwnerTurns({
    clock,
    view: cluster,
    budget: new DryRunBudget({ clock, limits: { perSecond, atOnce: 4 }, isOnBattery: () => false }),
    owners,
    isReachable: () => true,
    // Fails after 10 ms, and pauses.
    run(state, reason) {
      runs.push(`${state.key} ${reason}`)
      state.running = new AbortController()
      turns.begun(reason)
      clock.after(10, () => {
        state.running = null
        state.notBefore = clock.monotonicMs() + pauseMs
        for (const ask of state.asks.splice(0)) ask.done()
        turns.ended(state, reason)
      })
    },
  })
  return { clock, owners, runs, turns }
}

it('does not look through all owners again for each one that fails', async () => {
  const { clock, owners, runs, turns } = setUp(400, 60_000)
  turns.open(false)
  turns.open(true)
  await clock.advance(5000)
  expect(new Set(runs).size).toBe(400)
  expect(runs).toHaveLength(400)
  expect(owners.walks).toBeLessThan(10)
  turns.dispose()
})

it('takes up who has paused long enough, all of one second together', async () => {
  const { clock, owners, runs, turns } = setUp(40, 20_000)
  turns.open(false)
  turns.open(true)
  await clock.advance(15_000)
  expect(runs).toHaveLength(40)
  const walks = owners.walks
  await clock.advance(10_000)
  expect(runs).toHaveLength(80)
  expect(owners.walks - walks).toBeLessThan(5)
  turns.dispose()
})

it('takes who is asked for before the pause ends, and before the others', async () => {
  const { clock, owners, runs, turns } = setUp(40, 60_000)
  turns.open(false)
  turns.open(true)
  await clock.advance(5000)
  const asked = owners.get('app-7')
  let isDone = false
  asked?.asks.push({ done: () => (isDone = true), failed: () => undefined })
  turns.wakeSoon(0)
  await clock.advance(20)
  expect(runs.slice(40)).toEqual(['app-7 asked'])
  expect(isDone).toBe(true)
  turns.dispose()
})

it('begins no more of those nobody waits for than two for each dry-run that is allowed, and what is asked for at once', async () => {
  const { clock, owners, runs, turns } = setUp(400, 60_000, 10)
  turns.open(false)
  turns.open(true)
  await clock.advance(2000)
  expect(runs.length).toBeGreaterThan(30)
  expect(runs.length).toBeLessThanOrEqual(44)
  const asked = owners.get('app-399')
  asked?.asks.push({ done: () => undefined, failed: () => undefined })
  turns.wakeSoon(0)
  await clock.advance(20)
  expect(runs).toContain('app-399 asked')
  await clock.advance(20_000)
  expect(new Set(runs).size).toBe(400)
  turns.dispose()
})
