import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run } from '../../scripts/lib/children.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-children-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    // A zombie that nobody waits for is dead too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))
  } catch {
    return false
  }
}

it('answers the exit code and what was written', async () => {
  const result = await run(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'], {
    capture: true,
  })
  expect(result).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n', timedOut: false, missing: false })
})

it('answers that a program is missing instead of throwing', async () => {
  expect(await run(join(folder, 'absent'), [], { capture: true })).toMatchObject({ missing: true, code: 127 })
})

it('ends a child and what that child started when the time is over', async () => {
  const grandchild = `setInterval(() => {}, 1000); console.log(process.pid)`
  const child = `
    const { spawn } = require('node:child_process')
    spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })
    setInterval(() => {}, 1000)`
  const result = await run(process.execPath, ['-e', child], { capture: true, timeoutMs: 1500 })
  expect(result.timedOut).toBe(true)
  const pid = Number(result.stdout.trim())
  expect(pid).toBeGreaterThan(0)
  // Its pipes close a moment before the kernel calls it dead.
  await expect.poll(() => isAlive(pid), { timeout: 2000 }).toBe(false)
})

it('ends a child that ignores SIGTERM', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
  const result = await run(process.execPath, ['-e', stubborn], { capture: true, timeoutMs: 500 })
  expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' })
})
