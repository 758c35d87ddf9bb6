/**
 * The installed packages: present and equal to the lock file before anything else happens.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './children.mjs'
import { withLock } from './lock.mjs'
import { outsideEnv, pinnedNode, root } from './places.mjs'
import { SetupError, step } from './progress.mjs'
import { digestOfFile, readStamp, writeStamp } from './stamps.mjs'

/**
 * Whether what npm says it installed (node_modules/.package-lock.json) is what the lock file asks for: every package that is
 * not optional, by path and version, and nothing else.
 */
export function isInstalledAsLocked(lock, installed) {
  const wanted = lock?.packages ?? {}
  const present = installed?.packages ?? {}
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue
    const isLeftOut = entry.optional || entry.devOptional || entry.peer
    if (present[path] === undefined ? !isLeftOut : present[path].version !== entry.version) return false
  }
  return Object.keys(present).every((path) => wanted[path] !== undefined)
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Installs from the lock file unless node_modules already matches it. */
export async function ensureDependencies(folder = root) {
  const lockFile = join(folder, 'package-lock.json')
  const stampFile = join(folder, 'node_modules', '.sluice-installed')
  const wanted = digestOfFile(lockFile)
  if (wanted === undefined)
    throw new SetupError(
      `${lockFile} is missing: the packages are installed from it. Restore it with: git checkout package-lock.json`,
    )
  const isComplete = () => existsSync(pinnedNode(folder))
  if (readStamp(stampFile) === wanted && isComplete()) return
  const isCurrent = () =>
    isComplete() &&
    isInstalledAsLocked(readJson(lockFile), readJson(join(folder, 'node_modules', '.package-lock.json')))
  if (isCurrent()) {
    writeStamp(stampFile, wanted)
    return
  }
  await withLock('installation', () => (isCurrent() ? undefined : install(folder, isComplete)), folder)
  writeStamp(stampFile, wanted)
}

async function install(folder, isComplete) {
  await step('Installing packages from package-lock.json (once; about a minute)', async () => {
    const npm = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      env: outsideEnv(),
      quietStdout: true,
      shell: process.platform === 'win32',
    })
    if (npm.missing) throw new SetupError('npm is not on PATH. It comes with Node: install Node 20 or later with npm.')
    if (npm.code !== 0)
      throw new SetupError('npm ci failed (its words are above). With the network up, run the same command again.')
    if (!isComplete()) {
      throw new SetupError(
        `npm ci left out ${pinnedNode(folder)}. Install scripts are probably switched off: run "npm config get ignore-scripts" and set it to false, then the same command again.`,
      )
    }
  })
}
