/**
 * One at a time: two commands started together in one checkout must not install or build over each other.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.mjs'
import { say } from './progress.mjs'

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function tryTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Runs `work` while holding the lock `name` of this checkout; waits for another holder, and takes over from a dead one. */
export async function withLock(name, work, folder = root) {
  const locks = join(folder, '.cache', 'locks')
  mkdirSync(locks, { recursive: true })
  const file = join(locks, name)
  let hasSaid = false
  while (!tryTake(file)) {
    const holder = holderOf(file)
    // 0 is a lock whose owner has not written its number yet.
    if (holder !== undefined && holder !== 0 && !isAlive(holder)) {
      rmSync(file, { force: true })
      continue
    }
    if (!hasSaid && holder) say(`waiting for process ${holder}, which does the ${name}`)
    hasSaid ||= Boolean(holder)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}
