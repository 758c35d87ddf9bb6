import { setUpPackages } from '../lib/setup.mjs'
import { runSuite } from '../lib/suite-run.mjs'
import { selectSuites } from '../suites.mjs'

/** `npm run lint` and `npm run typecheck`: the suite of that name without its budget. */
async function check(name) {
  await setUpPackages()
  const [suite] = selectSuites([name])
  const { counts } = await runSuite(suite, { budget: null })
  process.exit(counts.failed === 0 ? 0 : 1)
}

/** `npm run lint`. */
export const lint = () => check('lint')

/** `npm run typecheck`. */
export const typecheck = () => check('types')
