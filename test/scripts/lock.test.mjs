import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run } from '../../scripts/lib/children.mjs'
import { withLock } from '../../scripts/lib/lock.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('lets one in at a time, and answers what the work answered', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await new Promise((resolve) => setTimeout(resolve))
    inside -= 1
    return 'done'
  }
  expect(await Promise.all([withLock('build', work, folder), withLock('build', work, folder)])).toEqual([
    'done',
    'done',
  ])
  expect(most).toBe(1)
})

it('is given back when the work fails', async () => {
  const failing = withLock('build', () => Promise.reject(new Error('no')), folder)
  await expect(failing).rejects.toThrow('no')
  expect(existsSync(join(folder, '.cache/locks/build'))).toBe(false)
})

it('is taken over from a process that is gone', async () => {
  const { stdout } = await run(process.execPath, ['-p', 'process.pid'], { capture: true })
  mkdirSync(join(folder, '.cache/locks'), { recursive: true })
  writeFileSync(join(folder, '.cache/locks/build'), stdout.trim())
  expect(await withLock('build', () => 1, folder)).toBe(1)
})
