/**
 * `npm run bench -- [PREFIX…] [--json FILE] [--quick] [--full]`: runs the benches whose id starts so and prints one table. Exit code 1 when
 * a bar is missed. `--quick` measures a smaller anchor where the real one takes minutes, `--full` what takes most of an hour.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createDriftBenches } from './drift.ts'
import { createHistoryBenches } from './history.ts'
import { createHostBenches } from './host.ts'
import { createRenderBenches } from './render.ts'
import { spineBenches } from './spine.ts'
import { printTable } from './report.ts'
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
const benches = all.filter(
  ({ ids }) => positionals.length === 0 || ids.some((id) => positionals.some((prefix) => id.startsWith(prefix))),
)
if (benches.length === 0) {
  console.error(
    `No bench starts with ${positionals.join(', ')}; there are: ${all.flatMap(({ ids }) => ids).join(', ')}`,
  )
  process.exit(2)
}
const figures: Figure[] = []
for (const bench of benches) {
  console.error(`bench ${bench.ids.join(', ')} …`)
  const measured = await bench.run()
  figures.push(
    ...measured.filter(({ id }) => positionals.length === 0 || positionals.some((prefix) => id.startsWith(prefix))),
  )
}
printTable(figures)
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
process.exit(figures.every(({ ok }) => ok) ? 0 : 1)
