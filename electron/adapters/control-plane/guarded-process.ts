/**
 * Child processes that cannot outlive this one: each runs below a /bin/sh that holds a pipe to us and kills its whole process
 * group when the pipe closes, which the kernel does however we end (exit, signal, SIGKILL, crash). It is a shell because the
 * packaged application has no Node to run a supervisor with (RunAsNode is fused off).
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'

interface Exit {
  /** 128 + signal number where a signal ended it; -1 if it never started. */
  readonly code: number
}

export interface GuardedProcess {
  /** The program itself, not the shell above it. */
  readonly pid: number
  readonly exited: Promise<Exit>
  /** Sends to the program alone; false if it is gone. */
  signal(name: NodeJS.Signals): boolean
  /** SIGTERM (SIGCONT first, it may be paused), after `graceMs` SIGKILL to the group; resolves when it is gone. */
  stop(graceMs: number): Promise<void>
}

export interface GuardedOptions {
  /** Standard output and error are appended here. */
  readonly logFile: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

// fd 3 is our pipe; it must not be the program's stdin. `read` is a builtin: no process is left over when the guard is killed.
const guardScript = `
exec 3<&0 </dev/null
"$@" 3<&- >&2 & child=$!
echo "$child"
{ read -r _ <&3; kill -s KILL 0; } >/dev/null & guard=$!
exec 1>&-
wait "$child"; code=$?
kill -s KILL "$guard" 2>/dev/null
exit "$code"
`

/** Starts `program` guarded; rejects when the shell itself cannot start. A program that is missing exits with 126 or 127. */
export async function spawnGuarded(
  program: string,
  args: readonly string[],
  options: GuardedOptions,
): Promise<GuardedProcess> {
  const log = openSync(options.logFile, 'a', 0o600)
  const shell = spawn('/bin/sh', ['-c', guardScript, 'sluice-guard', program, ...args], {
    stdio: ['pipe', 'pipe', log],
    detached: true,
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  closeSync(log)
  const exited = new Promise<Exit>((resolve) => {
    shell.once('error', () => resolve({ code: -1 }))
    shell.once('exit', (code) => resolve({ code: code ?? 137 }))
  })
  // The pipe breaks when the shell goes first; that is not an event of ours.
  shell.stdin?.on('error', () => {})

  const pid = await new Promise<number>((resolve, reject) => {
    let text = ''
    shell.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(Number.parseInt(text, 10))
    })
    shell.once('error', reject)
    shell.once('exit', (code) => reject(new Error(`/bin/sh ended with ${code} before it started ${program}`)))
  })

  let gone = false
  void exited.then(() => (gone = true))

  const killGroup = (): void => {
    if (shell.pid === undefined) return
    try {
      process.kill(-shell.pid, 'SIGKILL')
    } catch {
      // The group ended by itself.
    }
  }
  const endsWithin = (timeoutMs: number): Promise<boolean> => {
    let timer: NodeJS.Timeout
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    return Promise.race([exited.then(() => true), late]).finally(() => clearTimeout(timer))
  }
  const signal = (name: NodeJS.Signals): boolean => {
    if (gone) return false
    try {
      return process.kill(pid, name)
    } catch {
      return false
    }
  }
  const stop = async (graceMs: number): Promise<void> => {
    if (gone) return
    // The program first and its group after: so the shell still reaps it, and it is gone when we say so.
    if (graceMs > 0 && signal('SIGTERM')) {
      signal('SIGCONT')
      if (await endsWithin(graceMs)) return killGroup()
    }
    signal('SIGKILL')
    await endsWithin(2000)
    killGroup()
    await exited
  }
  return { pid, exited, signal, stop }
}

/** The last `count` lines of a log, read from its last 16 KiB; '' if it cannot be read. */
export async function readLogTail(file: string, count = 15): Promise<string> {
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const length = Math.min(size, 16_384)
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
      return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n')
    } finally {
      await handle.close()
    }
  } catch {
    return ''
  }
}
