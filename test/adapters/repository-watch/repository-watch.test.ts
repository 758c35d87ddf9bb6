import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchTree } from '../../../electron/adapters/repository-watch/repository-watch.ts'

let root: string
let told: (readonly string[] | null)[]
let stop: () => void

/** Watches until a probe file is seen: the directories are watched one after the other. */
async function start(): Promise<void> {
  told = []
  stop = watchTree(root, { onChange: (paths) => told.push(paths), onFault: (message) => told.push([message]) })
  let round = 0
  await vi.waitFor(async () => {
    await writeFile(join(root, 'apps/deep/probe'), String((round += 1)))
    if (!seen('apps/deep/probe')) throw new Error('not yet')
  })
  await quiet()
}

const seen = (path: string): boolean => told.some((paths) => paths === null || paths.includes(path))

/** What was written before has been told, and is forgotten. */
async function quiet(): Promise<void> {
  const mark = `mark-${Math.round(performance.now() * 1000)}`
  await writeFile(join(root, mark), '')
  await vi.waitFor(() => expect(told.some((paths) => paths?.includes(mark))).toBe(true))
  told.length = 0
}

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-watch-')))
  await mkdir(join(root, 'apps/deep'), { recursive: true })
  await mkdir(join(root, '.git/objects'), { recursive: true })
  await writeFile(join(root, 'apps/a.yaml'), 'a')
  await start()
})
afterEach(async () => {
  stop()
  await rm(root, { recursive: true, force: true })
})

it('tells a saved file by its path, once for a burst', async () => {
  await Promise.all([1, 2, 3].map((round) => writeFile(join(root, 'apps/a.yaml'), String(round))))
  await vi.waitFor(() => expect(told).toEqual([['apps/a.yaml']]))
})

it('tells a file that an editor replaces by renaming', async () => {
  await writeFile(join(root, 'apps/.a.yaml.new'), 'b')
  await rename(join(root, 'apps/.a.yaml.new'), join(root, 'apps/a.yaml'))
  await vi.waitFor(() => expect(seen('apps/a.yaml')).toBe(true))
})

it('sees what is saved in a directory that came later', async () => {
  await mkdir(join(root, 'later/below'), { recursive: true })
  await vi.waitFor(() => expect(told).toContain(null))
  await vi.waitFor(async () => {
    told.length = 0
    await writeFile(join(root, 'later/below/b.yaml'), String(performance.now()))
    await vi.waitFor(() => expect(told.some((paths) => paths?.includes('later/below/b.yaml'))).toBe(true), 500)
  })
})

it('says that anything may have changed when a directory goes', async () => {
  await rm(join(root, 'apps'), { recursive: true })
  await vi.waitFor(() => expect(told).toContain(null))
})

it('says nothing of what Git does, nor of what lies behind a link', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'sluice-outside-'))
  await symlink(outside, join(root, 'link'))
  await vi.waitFor(() => expect(seen('link')).toBe(true))
  told.length = 0
  await writeFile(join(root, '.git/objects/x'), '')
  await writeFile(join(outside, 'x.yaml'), '')
  await writeFile(join(root, 'apps/a.yaml'), 'after')
  await vi.waitFor(() => expect(seen('apps/a.yaml')).toBe(true))
  expect(told.flat().filter((path) => path !== 'apps/a.yaml')).toEqual([])
  await rm(outside, { recursive: true })
})

it('is silent once stopped', async () => {
  stop()
  await writeFile(join(root, 'apps/a.yaml'), 'late')
  const other: unknown[] = []
  const stopOther = watchTree(root, { onChange: (paths) => other.push(paths), onFault: () => undefined })
  await vi.waitFor(async () => {
    await writeFile(join(root, 'apps/deep/probe'), String(performance.now()))
    expect(other.length).toBeGreaterThan(0)
  })
  stopOther()
  expect(told).toEqual([])
})
