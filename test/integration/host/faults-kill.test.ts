/**
 * `sluice host` killed at any request of an apply: before the server heard of it, after it has acted, or with the answer in hand. Whatever Git says when
 * it comes back, the cluster ends as if nobody had ever been killed: same objects, same inventories, and nothing left over that no inventory names.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { Chance } from '../../cluster/drift/random.ts'
import { createChance } from '../../cluster/drift/random.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { isSoak, scaleCount, seed } from '../../soak.ts'
import type { FaultFleet, FleetModel } from './fault-fleet.ts'
import { startFaultFleet } from './fault-fleet.ts'
import type { HostProcess } from './fault-process.ts'
import { startHostProcess } from './fault-process.ts'
import type { PassedRequest } from './fault-proxy.ts'

const names = ['first', 'second']
const prefixes = ['cm', 'cm', 'cm', 'sa', 'cr', 'pc']
/** Requests of an apply of both; some deaths come after its end. */
const spread = 50
/** Two seconds on a machine of its own; a soak may be the last that the machine works on. */
const settleMs = isSoak ? 900_000 : 180_000

/** Never empty, never more than ten objects each: no prune is large enough to be held. */
function nextModel(chance: Chance, round: number): FleetModel {
  return Object.fromEntries(
    names.map((owner) => {
      const objects: Record<string, string> = { [`cm-${owner}`]: String(round) }
      for (let index = 0; index < 9; index += 1)
        if (chance.below(2) === 0)
          objects[`${prefixes[index % prefixes.length] ?? 'cm'}-${owner}-${String(index)}`] = String(
            chance.below(3) === 0 ? round : 'same',
          )
      return [owner, objects]
    }),
  )
}

/** Statuses and events aside. */
const isOfObject = ({ kind, path: at }: PassedRequest): boolean =>
  kind === 'write' && !/^\/apis\/(kustomize|source)\.toolkit\.fluxcd\.io\//.test(at)

const isOfApply = ({ kind }: PassedRequest): boolean => kind !== 'watch' && kind !== 'lease' && kind !== 'event'

describe.skipIf(fluxAssets() === null)('killed in the middle of an apply (skipped without FLUX_ASSETS)', () => {
  let fleet: FaultFleet
  let home = ''
  let running: HostProcess | null = null

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sluice-kill-'))
    fleet = await startFaultFleet(names)
  })
  afterAll(async () => {
    running?.kill('SIGKILL')
    await running?.over
    await fleet?.stop()
    await rm(home, { recursive: true, force: true })
  })

  const start = async (): Promise<HostProcess> => {
    for (;;) {
      running = startHostProcess({ home, kubeconfig: fleet.kubeconfig, gitHost: fleet.gitHost })
      // On a machine that is too busy to connect within its time it ends, as services do that are then started again.
      if (await running.active()) return running
    }
  }

  it('ends as if nobody had been killed', { timeout: 4 * 60 * 60_000 }, async () => {
    const first = seed()
    const count = scaleCount(200)
    const right: number[] = []
    const wrong: string[] = []
    const points = { before: 0, after: 0, answered: 0, late: 0, within: 0, changed: 0 }
    await fleet.commit(nextModel(createChance(first * 1000), 0))
    for (let round = 1; round <= count; round += 1) {
      const own = first * 1000 + round
      const chance = createChance(own)
      const host = await start()
      const settled = await fleet.settled(settleMs).then(
        () => null,
        (error: unknown) => String(error),
      )
      if (settled !== null) wrong.push(`seed ${String(own - 1)}: ${settled}\n${host.words()}${host.out()}`)
      else if (round > 1) right.push(own - 1)
      const at = chance.below(spread)
      const how = chance.pick(['before', 'after', 'answered'] as const)
      let seen = 0
      let written = 0
      fleet.proxy.obey((request) => {
        if (host.isOver() || !isOfApply(request)) return 'pass'
        seen += 1
        // With the answer in hand: when the next one is sent.
        if (seen <= (how === 'answered' ? at + 1 : at)) {
          if (isOfObject(request)) written += 1
          return 'pass'
        }
        host.kill('SIGKILL')
        return how === 'after' ? 'cutAfter' : 'cutBefore'
      })
      await fleet.commit(nextModel(chance, round))
      await fleet.askSource()
      const isLate = await waitUntil(
        async () => host.isOver() || (await fleet.deviations()).length === 0,
        settleMs,
      ).then(() => !host.isOver())
      host.kill('SIGKILL')
      await host.over
      fleet.proxy.obey(null)
      points[isLate ? 'late' : how] += 1
      // Something of it was written, and something was not.
      if (!isLate && written > 0 && (await fleet.deviations(false)).length > 0) points.within += 1
      if (round % 20 === 0) process.stderr.write(`${String(round)} kills, ${String(right.length)} right so far\n`)
      // While nobody looks, Git goes on: what was begun is not what is wanted any more.
      if (chance.below(2) === 0) {
        points.changed += 1
        await fleet.commit(nextModel(chance, round))
      }
    }
    const last = await start()
    await fleet.settled(settleMs)
    right.push(first * 1000 + count)
    last.kill('SIGINT')
    expect(await last.over).toBe(0)
    console.log(`kill -9: ${String(right.length)} of ${String(count)} right; ${JSON.stringify(points)}`)
    expect(wrong).toEqual([])
    // Else they would prove nothing: whoever dies after the end has nothing to lose.
    expect(points.late).toBeLessThanOrEqual(0.4 * count)
    expect(points.within).toBeGreaterThanOrEqual(0.2 * count)
    expect(await fleet.wrongWrites()).toEqual([])
  })
})
