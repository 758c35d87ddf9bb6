/**
 * A lock between processes: a file that holds the owner's pid, and when that process began where the system tells. The lock of a process that is gone
 * is taken over, whoever has its pid by now.
 */
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface FolderLock {
  release(): Promise<void>
}

/** Takes the lock at once, or returns null while a live process holds it. */
export async function tryLock(file: string): Promise<FolderLock | null> {
  const mark = `${process.pid} ${randomUUID()} ${await startOf(process.pid)}`
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await writeFile(file, mark, { flag: 'wx', mode: 0o600 })
      return {
        async release() {
          if ((await readMark(file)) === mark) await rm(file, { force: true })
        },
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const held = await readMark(file)
    if (held === null) continue
    // Written in one go, so an empty mark is a writer between open and write: alive.
    const pid = Number.parseInt(held, 10)
    if (Number.isNaN(pid) || (isAlive(pid) && (await isSameProcess(pid, held)))) return null
    const aside = `${file}.${randomUUID()}`
    await rename(file, aside).catch(() => {})
    // Another taker may have been faster: then this is its fresh lock, and it goes back.
    const moved = await readMark(aside)
    if (moved !== null && moved !== held) await link(aside, file).catch(() => {})
    await rm(aside, { force: true })
  }
  return null
}

/** Waits for the lock; `onWait` is called about once a second with the owner's pid. Rejects with the signal's reason. */
export async function waitForLock(
  file: string,
  options: { signal?: AbortSignal | undefined; onWait?: (pid: number) => void } = {},
): Promise<FolderLock> {
  for (let round = 0; ; round++) {
    options.signal?.throwIfAborted()
    const lock = await tryLock(file)
    if (lock) return lock
    if (round % 5 === 0) options.onWait?.(Number.parseInt((await readMark(file)) ?? '0', 10))
    await delay(200, undefined, options.signal ? { signal: options.signal } : {})
  }
}

async function readMark(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return null
  }
}

/** Ticks after boot on Linux; '' elsewhere. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '')
  // The program's name comes second, in brackets, and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/** False only where both tell when they began, and differ: pids come again, after a restart of the machine and within it. */
async function isSameProcess(pid: number, mark: string): Promise<boolean> {
  const began = mark.split(' ')[2] ?? ''
  const now = await startOf(pid)
  return began === '' || now === '' || began === now
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
