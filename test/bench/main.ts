/**
 * `npm run bench -- [PREFIX…] [--json FILE] [--quick] [--full]`: runs the benches whose id starts so and prints one table. Exit code 1 when
 * a bar is missed, 2 when one that was asked for by prefix gave no figure. `--quick` measures a smaller anchor where the real one takes minutes, `--full` what takes most of an hour.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createDriftBenches } from './drift.ts'
import { createHistoryBenches } from './history.ts'
import { createHostBenches } from './host.ts'
import { createRenderBenches } from './render.ts'
import { spineBenches } from './spine.ts'
import { CannotMeasure, printTable } from './report.ts'
import type { Figure } from './report.ts'

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, quick: { type: 'boolean' }, full: { type: 'boolean' } },
  allowPositionals: true,
})
const all = [
  ...spineBenches,
  ...createRenderBenches(values.quick === true),
  ...createDriftBenches(values.quick === true),
  ...createHostBenches({ isQuick: values.quick === true, isFull: values.full === true }),
  ...createHistoryBenches(values.quick === true),
]
const isAsked = (id: string): boolean => positionals.length === 0 || positionals.some((prefix) => id.startsWith(prefix))
const benches = all.filter(({ ids }) => ids.some(isAsked))
if (benches.length === 0) {
  console.error(
    `No bench starts with ${positionals.join(', ')}; there are: ${all.flatMap(({ ids }) => ids).join(', ')}`,
  )
  process.exit(2)
}
const figures: Figure[] = []
const missing: string[] = []
let isBroken = false
for (const bench of benches) {
  const { ids } = bench
  console.error(`bench ${ids.join(', ')} …`)
  let why = 'the bench gave none'
  let measured: readonly Figure[] = []
  try {
    measured = await bench.run()
  } catch (error) {
    if (error instanceof CannotMeasure) {
      why = error.message
      console.error(`  left out: ${why}`)
    } else {
      // The others' figures are not lost with it.
      why = 'the bench broke off'
      isBroken = true
      console.error(error)
    }
  }
  figures.push(...measured.filter(({ id }) => isAsked(id)))
  const without = ids.filter((id) => isAsked(id) && !measured.some((figure) => figure.id === id))
  if (without.length > 0) missing.push(`No figure for ${without.join(', ')}: ${why}`)
}
printTable(figures)
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
// Silence about what somebody asked for must not pass for a bar that is met.
if (positionals.length > 0 && missing.length > 0) {
  console.error(missing.join('\n'))
  process.exit(2)
}
process.exit(!isBroken && figures.every(({ ok }) => ok) ? 0 : 1)
