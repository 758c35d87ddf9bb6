/** Waiting for conditions of real processes; no sleeps of a fixed length. */
import { accessSync, constants, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The first truthy answer; throws after `timeoutMs`. */
export async function waitUntil<T>(
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeoutMs
  for (;;) {
    // Asked once more when the time is over: a machine that stood still meanwhile has asked nothing.
    const isOver = performance.now() >= end
    const answer = await ask()
    if (answer) return answer as Exclude<T, false | null | undefined>
    if (isOver) throw new Error(`not true within ${timeoutMs} ms: ${ask.toString()}`)
    await delay(25)
  }
}

/** True when the process has ended; a zombie that nobody has reaped yet counts as ended. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return true
  }
  return processState(pid) === 'Z'
}

/** Linux' one-letter state (R, S, T stopped, Z zombie ...), or '' elsewhere. */
export function processState(pid: number): string {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}

/** Full path of a program on PATH, or null. */
export function pathOfTool(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not here.
    }
  }
  return null
}
