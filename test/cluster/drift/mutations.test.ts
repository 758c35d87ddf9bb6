/**
 * Random changes by several managers on a fleet that the real controllers have reconciled: what is reported is what was made, and the controllers'
 * next apply touches what was listed and nothing else. 500 changes in soak runs, a slice of them in `npm test`; SLUICE_SEED chooses others.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { isSoak, seed } from '../../soak.ts'
import { fluxAssets } from '../start.ts'
import {
  driftedOf,
  linesOf,
  startDriftEngine,
  type DriftEngine,
  type Report,
  type ReportedLine,
} from './drift-engine.ts'
import { compareLines, createRounds, type ExpectedLine, type Rounds } from './mutation-rounds.ts'
import { createChance } from './random.ts'
import { fluxNamespace, startTruthFleet, type TruthFleet } from './truth-fleet.ts'
import { truthKustomizations } from './truth-manifests.ts'

const perRound = 25
const roundCount = Number(process.env['SLUICE_TRUTH_ROUNDS'] ?? (isSoak ? 20 : 2))

describe.skipIf(fluxAssets() === null)('random changes (skipped without FLUX_ASSETS)', () => {
  let fleet: TruthFleet
  let drift: DriftEngine
  let rounds: Rounds
  const owners: ObjectRef[] = []

  beforeAll(async () => {
    const kustomizations = truthKustomizations()
    fleet = await startTruthFleet({ kustomizations })
    rounds = createRounds(fleet.cluster, kustomizations, createChance(seed()))
    drift = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
    for (const { name } of kustomizations) owners.push(await drift.ref('Kustomization', fluxNamespace, name))
    // The host of the artifacts is known once it was asked for.
    await drift.check(owners[0]!)
  })
  afterAll(async () => {
    await drift?.stop()
    await fleet?.stop()
  })

  const checkAll = async (): Promise<readonly Report[]> => {
    const reports = await Promise.all(owners.map((owner) => drift.check(owner)))
    for (const { owner } of reports)
      if (owner.error !== null || owner.isApproximate || owner.fidelity?.word !== 'verified')
        throw new Error(`${owner.owner.name}: ${JSON.stringify(owner)}`)
    return reports
  }

  /** What keeps the API server from being reached for a moment, on a machine that does much else, is an error and no result. */
  const checkWhenReached = async (): Promise<readonly Report[]> => {
    const end = performance.now() + (isSoak ? 120_000 : 0)
    for (;;)
      try {
        return await checkAll()
      } catch (error) {
        if (!(error instanceof SluiceError) || error.retry !== 'transient' || performance.now() > end) throw error
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
  }

  /** Watches tell of changes a moment later than the API server has them: asked again where an answer is not yet right. */
  const checkUntil = async (
    expected: readonly ExpectedLine[],
  ): Promise<{ reports: readonly Report[]; tries: number; lines: readonly ReportedLine[] }> => {
    for (let tries = 1; ; tries += 1) {
      const reports = await checkWhenReached()
      const lines = linesOf(reports)
      if (tries >= 8 || compareLines(expected, lines).length === 0) return { reports, tries, lines }
      await new Promise((resolve) => setTimeout(resolve, 50 * tries))
    }
  }

  it('shows nothing before anything was changed', async () => {
    const { lines, reports } = await checkUntil([])
    expect(lines).toEqual([])
    expect(reports.flatMap(({ objects }) => objects)).toHaveLength(
      truthKustomizations().reduce((sum, { objects }) => sum + objects.length, 0),
    )
  })

  for (let round = 1; round <= roundCount; round += 1)
    it(`round ${round} of ${perRound} changes`, async () => {
      const times = [performance.now()]
      const { made, expected } = await rounds.make(perRound)
      times.push(performance.now())
      const { reports, lines, tries } = await checkUntil(expected)
      const problems = [...compareLines(expected, lines)]
      times.push(performance.now())
      const listed = driftedOf(reports)
      const before = await rounds.versions()
      const failures = await fleet.reconcile(rounds.owners)
      const after = await rounds.versions()
      const touched = [...after].filter(([title, version]) => before.get(title) !== version).map(([title]) => title)
      for (const title of touched) if (!listed.includes(title)) problems.push(`touched but not listed: ${title}`)
      for (const title of listed) if (!touched.includes(title)) problems.push(`listed but not touched: ${title}`)
      for (const failure of failures) problems.push(`controller: ${failure}`)
      times.push(performance.now())
      const settled = await checkUntil(rounds.settled())
      for (const problem of compareLines(rounds.settled(), settled.lines)) problems.push(`after the run: ${problem}`)
      times.push(performance.now())
      const spans = times.slice(1).map((at, index) => ((at - times[index]!) / 1000).toFixed(1))
      process.stderr.write(
        `round ${round} (made, checked, reconciled, checked in ${spans.join(', ')} s): ${made.length} changes, ${expected.length} lines expected, ${lines.length} reported (try ${tries}), ` +
          `${touched.length} objects touched, ${settled.lines.length} kept (try ${settled.tries})\n`,
      )
      if (problems.length > 0)
        process.stderr.write(`${made.map(({ title, mutation }) => `  ${title}: ${mutation.title}`).join('\n')}\n`)
      expect(problems).toEqual([])
    })
})
