/**
 * The named builds: main, preload, workers, cli, renderer. Each is skipped while its inputs are as they were.
 * Needs the pinned Node and the installed packages only when there is something to build.
 */
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { root } from './places.mjs'
import { SetupError, say } from './progress.mjs'
import { digestOf, readStamp, writeStamp } from './stamps.mjs'

const workersFolder = 'electron/workers'
const tools = ['package-lock.json', 'tsconfig.json', 'scripts/lib/builds.mjs', 'scripts/lib/vite-configs.mjs']

/** Every build: its entries by output name, the folders that it is made from, and its format. */
export function namedBuilds(folder = root) {
  const workers = existsSync(join(folder, workersFolder)) ? readdirSync(join(folder, workersFolder)) : []
  const workerEntries = workers
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => [name.slice(0, -3), `${workersFolder}/${name}`])
  const engineSide = ['electron/engine', 'electron/adapters', 'electron/host', 'shared']
  return [
    { name: 'main', format: 'cjs', entries: { main: 'electron/main/main.ts' }, inputs: ['electron/main', 'shared'] },
    {
      name: 'preload',
      format: 'cjs',
      entries: { preload: 'electron/preload/preload.ts' },
      inputs: ['electron/preload', 'shared'],
    },
    {
      name: 'workers',
      format: 'es',
      entries: Object.fromEntries(workerEntries),
      inputs: [workersFolder, ...engineSide],
    },
    { name: 'cli', format: 'es', entries: { sluice: 'electron/cli/main.ts' }, inputs: ['electron/cli', ...engineSide] },
    { name: 'renderer', format: 'web', entries: { index: 'renderer/index.html' }, inputs: ['renderer', 'shared'] },
  ]
}

/** What a build is made from, as one digest: its sources, the packages, and this file with its neighbour. */
export function inputDigest(build, folder = root) {
  return digestOf(folder, [...build.inputs, ...tools], [build.name, JSON.stringify(build.entries)])
}

/** What reading the digest's files would say, by their times alone: true is sure enough to start, false says nothing. */
export function isNewerThanInputs(build, folder = root) {
  const stamp = statSync(stampOf(build, folder), { throwIfNoEntry: false })
  if (stamp === undefined) return false
  const isOlder = (path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) <= stamp.mtimeMs
  // A folder's time tells of files that came or went.
  const isFolderOlder = (path) =>
    isOlder(path) &&
    readdirSync(path, { withFileTypes: true }).every((entry) => {
      const inner = join(path, entry.name)
      return entry.isDirectory() ? isFolderOlder(inner) : isOlder(inner)
    })
  return (
    tools.every((file) => isOlder(join(folder, file))) &&
    build.inputs.every((input) => !existsSync(join(folder, input)) || isFolderOlder(join(folder, input)))
  )
}

/** Notes that the build was compared by content at `time` and is fresh, so that times tell it next time. */
export function renewStamp(build, time, folder = root) {
  if (existsSync(stampOf(build, folder))) utimesSync(stampOf(build, folder), time, time)
}

function stampOf(build, folder) {
  return join(folder, 'dist', '.stamps', build.name)
}

/** The builds whose output is missing or older than their inputs, with the digest to stamp; those without entries left out. */
export function staleBuilds(folder = root, report = () => {}) {
  const stale = []
  for (const build of namedBuilds(folder)) {
    const entries = Object.entries(build.entries).filter(([, file]) => existsSync(join(folder, file)))
    if (entries.length === 0) {
      report(`build ${build.name}: skipped, ${Object.values(build.entries)[0] ?? workersFolder} does not exist yet`)
      continue
    }
    const digest = inputDigest(build, folder)
    const isFresh = readStamp(stampOf(build, folder)) === digest && existsSync(join(folder, 'dist', build.name))
    if (!isFresh) stale.push({ ...build, entries: Object.fromEntries(entries), digest })
  }
  return stale
}

/** Builds what is stale; `only` names the builds to look at. Throws SetupError naming the build that failed. */
export function buildStale({ folder = root, only } = {}) {
  return withLock('build', () => buildUnlocked(folder, only), folder)
}

async function buildUnlocked(folder, only) {
  const readAt = new Date()
  const stale = staleBuilds(folder, say).filter((build) => only === undefined || only.includes(build.name))
  if (stale.length === 0) return
  const [{ build: viteBuild }, { viteConfigOf }] = await Promise.all([import('vite'), import('./vite-configs.mjs')])
  for (const build of stale) {
    const startedAt = performance.now()
    rmSync(stampOf(build, folder), { force: true })
    try {
      await viteBuild(viteConfigOf(build, folder))
    } catch (error) {
      throw new SetupError(`build ${build.name} failed: ${error.message}`)
    }
    writeStamp(stampOf(build, folder), build.digest)
    // What is written while it builds is newer than what it was built from.
    renewStamp(build, readAt, folder)
    say(`build ${build.name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }
}
