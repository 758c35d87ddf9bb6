/**
 * The set-up that every command does first, each step only as far as the command needs it and as it is not done yet.
 */
import { staleBuilds } from './builds.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { resolveElectron } from './electron.mjs'
import { runPinned } from './node24.mjs'
import { root } from './places.mjs'
import { SetupError } from './progress.mjs'
import { ensureSystemLibraries } from './system-libraries.mjs'
import { join } from 'node:path'

/** Says what is wrong with a Node that is too old for the scripts themselves. */
export function checkNode(version = process.versions.node) {
  const major = Number.parseInt(version, 10)
  if (major < 20)
    throw new SetupError(
      `Node ${version} is too old: Sluice needs Node 20 or later on PATH (it brings its own Node 24 for the rest). See https://nodejs.org/`,
    )
}

/** Packages, as locked. */
export async function setUpPackages() {
  checkNode()
  await ensureDependencies()
}

/** Packages, Electron and the libraries that it needs; answers the resolved Electron. */
export async function setUpElectron() {
  await setUpPackages()
  const electron = await resolveElectron()
  await ensureSystemLibraries(electron)
  return electron
}

/** Builds what is stale, under the pinned Node. */
export async function setUpBuild() {
  if (staleBuilds().length === 0) return
  const code = await runPinned([join(root, 'scripts', 'run.mjs'), 'build', '--no-set-up'])
  if (code !== 0) throw new SetupError('The build failed (its words are above).')
}
