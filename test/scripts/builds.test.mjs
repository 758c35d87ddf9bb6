import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inputDigest, isNewerThanInputs, namedBuilds, renewStamp, staleBuilds } from '../../scripts/lib/builds.mjs'
import { writeStamp } from '../../scripts/lib/stamps.mjs'

let folder
const put = (file, text = '') => {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}
const names = (builds) => builds.map(({ name }) => name)
const finish = (build) => {
  mkdirSync(join(folder, 'dist', build.name), { recursive: true })
  writeStamp(join(folder, 'dist', '.stamps', build.name), build.digest)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-builds-'))
  put('package-lock.json', '{}')
  put('electron/main/main.ts')
  put('electron/preload/preload.ts')
  put('electron/workers/engine.ts')
  put('electron/workers/render-pool.ts')
  put('electron/cli/main.ts')
  put('renderer/index.html')
  put('shared/model/rows.ts')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('every worker is an entry of one build', () => {
  const workers = namedBuilds(folder).find(({ name }) => name === 'workers')
  expect(workers.entries).toEqual({
    engine: 'electron/workers/engine.ts',
    'render-pool': 'electron/workers/render-pool.ts',
  })
})

it('builds all at first, nothing when all is stamped', () => {
  expect(names(staleBuilds(folder))).toEqual(['main', 'preload', 'workers', 'cli', 'renderer'])
  staleBuilds(folder).forEach(finish)
  expect(staleBuilds(folder)).toEqual([])
})

it.each([
  ['renderer/app/shell.tsx', ['renderer']],
  ['electron/engine/index.ts', ['workers', 'cli']],
  ['electron/main/window.ts', ['main']],
  ['shared/model/rows.ts', ['main', 'preload', 'workers', 'cli', 'renderer']],
  ['package-lock.json', ['main', 'preload', 'workers', 'cli', 'renderer']],
  ['test/engine/a.test.ts', []],
])('a change in %s makes %j stale', (file, stale) => {
  staleBuilds(folder).forEach(finish)
  put(file, 'changed')
  expect(names(staleBuilds(folder))).toEqual(stale)
})

it('builds again what was removed from dist', () => {
  staleBuilds(folder).forEach(finish)
  rmSync(join(folder, 'dist', 'preload'), { recursive: true })
  expect(names(staleBuilds(folder))).toEqual(['preload'])
})

it('skips, with a word, a build whose entry does not exist', () => {
  rmSync(join(folder, 'electron/cli'), { recursive: true })
  rmSync(join(folder, 'electron/workers'), { recursive: true })
  const words = []
  expect(names(staleBuilds(folder, (text) => words.push(text)))).toEqual(['main', 'preload', 'renderer'])
  expect(words).toEqual([expect.stringContaining('workers: skipped'), expect.stringContaining('electron/cli/main.ts')])
})

it('gives two builds of the same inputs different digests', () => {
  const digests = namedBuilds(folder).map((build) => inputDigest(build, folder))
  expect(new Set(digests).size).toBe(digests.length)
})

it('tells by times alone only what is sure', () => {
  const cli = namedBuilds(folder).find(({ name }) => name === 'cli')
  expect(isNewerThanInputs(cli, folder)).toBe(false)
  staleBuilds(folder).forEach(finish)
  const later = new Date(Date.now() + 60_000)
  renewStamp(cli, later, folder)
  expect(isNewerThanInputs(cli, folder)).toBe(true)
  utimesSync(join(folder, 'shared/model/rows.ts'), later, new Date(later.getTime() + 1000))
  expect(isNewerThanInputs(cli, folder)).toBe(false)
})
