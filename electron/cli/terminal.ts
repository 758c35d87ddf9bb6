/** The terminal of this process, and being interrupted on it. */
import { createInterface } from 'node:readline/promises'
import type { Terminal } from './output.ts'
import { plainWords } from './output.ts'

/** Ctrl-C arrives twice when a launcher passes it on: only one that comes later means "at once". */
const insistMs = 700

const abort = new AbortController()
let interruptedAt: number | null = null

/** Aborted by the first Ctrl-C or SIGTERM. */
export const interrupted: AbortSignal = abort.signal

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
  say: (text) => void process.stderr.write(`${plainWords(text)}\n`),
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : null,
  isOutTerminal: process.stdout.isTTY,
  columns: process.stdout.columns,
}

function interrupt(): void {
  const now = performance.now()
  if (interruptedAt !== null && now - interruptedAt > insistMs) process.exit(1)
  if (interruptedAt === null) process.stderr.write('Canceling …\n')
  interruptedAt ??= now
  abort.abort()
}

async function ask(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await reader.question(`${plainWords(question)} [y/N] `, { signal: abort.signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    reader.close()
  }
}

/**
 * Runs a command of this process to its end; what it resolves with is the exit code. `onClosedPipe`: when nobody reads stdout any more; a command that
 * has something to give back is interrupted, others just end.
 */
export async function endProcess(
  run: () => Promise<number>,
  onClosedPipe: 'interrupt' | 'exit' = 'exit',
): Promise<never> {
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  // `sluice get all | head` closes the pipe: that is the end, not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && onClosedPipe === 'interrupt') abort.abort()
    else process.exit(error.code === 'EPIPE' ? 0 : 1)
  })
  const exitCode = await run()
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
  )
  process.exit(exitCode)
}
