/** `sluice host` as a process that a test may kill, stop and wake: its words, its id, its end. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'

export interface HostProcess {
  readonly pid: number
  /** What it said on stderr so far. */
  words(): string
  out(): string
  isOver(): boolean
  /** Waits until it acts; false: it ended before. */
  active(): Promise<boolean>
  kill(signal: NodeJS.Signals): void
  /** The exit code; -1 for one that was killed. */
  readonly over: Promise<number>
}

const program = path.resolve(import.meta.dirname, '../../../electron/cli/main.ts')

/** `wrap`: a program and its arguments that run the one that follows. */
export function startHostProcess(options: {
  readonly home: string
  readonly kubeconfig: string
  readonly gitHost: string
  readonly words?: readonly string[]
  /** Where compiled code is kept; below `home` if not given. */
  readonly compiled?: string
  readonly wrap?: readonly [string, ...string[]]
}): HostProcess {
  const { home, kubeconfig, gitHost, words = [], wrap } = options
  const line = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    ...['host', '--context', 'test', '--allow-host', gitHost, ...words],
  ]
  const [command, ...rest] = wrap === undefined ? line : [...wrap, ...line]
  const child = spawn(command as string, rest, {
    env: {
      ...process.env,
      HOME: home,
      KUBECONFIG: kubeconfig,
      SLUICE_DATA_DIR: path.join(home, 'data'),
      // Hundreds of starts: the same program is compiled once.
      NODE_COMPILE_CACHE: options.compiled ?? path.join(home, 'compiled'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let out = ''
  let isOver = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const over = new Promise<number>((resolve) => {
    child.once('close', (code) => {
      isOver = true
      resolve(code ?? -1)
    })
  })
  return {
    pid: child.pid ?? 0,
    words: () => said,
    out: () => out,
    isOver: () => isOver,
    over,
    kill: (signal) => void child.kill(signal),
    async active() {
      await waitUntil(() => isOver || /^active$/m.test(said), 180_000)
      return !isOver
    },
  }
}
