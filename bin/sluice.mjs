#!/usr/bin/env node
/**
 * `npx sluice …` from the checkout: the set-up that is missing, then the command line under the pinned Node, from the build
 * where that is fresh, else straight from the sources. Everything said on the way goes to stderr.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { namedBuilds, staleBuilds } from '../scripts/lib/builds.mjs'
import { pinnedNode, root } from '../scripts/lib/places.mjs'
import { SetupError, fail } from '../scripts/lib/progress.mjs'
import { setUpPackages } from '../scripts/lib/setup.mjs'

try {
  await setUpPackages()
  const built = join(root, 'dist', 'cli', 'sluice.js')
  const isFresh = existsSync(built) && !staleBuilds().some((build) => build.name === 'cli')
  const source = join(root, namedBuilds().find((build) => build.name === 'cli').entries.sluice)
  if (!isFresh && !existsSync(source)) throw new SetupError(`${source} does not exist yet`)
  const program = isFresh ? built : source
  const options = ['--disable-warning=ExperimentalWarning']
  const child = spawn(pinnedNode(), [...options, program, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', fail)
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
} catch (error) {
  fail(error)
}
