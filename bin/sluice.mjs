#!/usr/bin/env node
/**
 * `npx sluice …` from the checkout: the set-up that is missing, then the command line under the pinned Node, from the build
 * where that is fresh, else straight from the sources. Everything said on the way goes to stderr.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isNewerThanInputs, namedBuilds, renewStamp, staleBuilds } from '../scripts/lib/builds.mjs'
import { pinnedNode, root } from '../scripts/lib/places.mjs'
import { SetupError, fail } from '../scripts/lib/progress.mjs'

const built = join(root, 'dist', 'cli', 'sluice.js')

/** The program to run: the build, or the sources where that is older than they are. */
async function program() {
  // Hosted mode has workers, which are a build of their own.
  const names = process.argv[2] === 'host' ? ['cli', 'workers'] : ['cli']
  const builds = namedBuilds().filter(({ name }) => names.includes(name))
  // Rendering is started many times in a row: nothing is read that need not be.
  if (existsSync(built) && existsSync(pinnedNode()) && builds.every((build) => isNewerThanInputs(build))) return built
  const { setUpPackages } = await import('../scripts/lib/setup.mjs')
  await setUpPackages()
  const comparedAt = new Date()
  if (existsSync(built) && !staleBuilds().some(({ name }) => names.includes(name))) {
    for (const build of builds) renewStamp(build, comparedAt)
    return built
  }
  const source = join(root, 'electron/cli/main.ts')
  if (!existsSync(source)) throw new SetupError(`${source} does not exist yet`)
  return source
}

try {
  const file = await program()
  if (Number.parseInt(process.versions.node, 10) >= 24) {
    process.removeAllListeners('warning')
    await import(pathToFileURL(file).href)
  } else {
    const options = ['--disable-warning=ExperimentalWarning']
    const child = spawn(pinnedNode(), [...options, file, ...process.argv.slice(2)], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.once('error', fail)
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
    })
  }
} catch (error) {
  fail(error)
}
