/**
 * The named builds: main, preload, workers, cli, renderer. Each is skipped while its inputs are as they were.
 * Needs the pinned Node and the installed packages only when there is something to build.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { root } from './places.mjs'
import { SetupError, say } from './progress.mjs'
import { digestOf, readStamp, writeStamp } from './stamps.mjs'

const workersFolder = 'electron/workers'

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
  const tools = ['package-lock.json', 'tsconfig.json', 'scripts/lib/builds.mjs', 'scripts/lib/vite-configs.mjs']
  return digestOf(folder, [...build.inputs, ...tools], [build.name, JSON.stringify(build.entries)])
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
    say(`build ${build.name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }
}
