import { spawn } from 'node:child_process'
import path from 'node:path'
import { onTestFailed } from 'vitest'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly words: string
}

const program = path.resolve(import.meta.dirname, '../../electron/cli/main.ts')

/** `sluice` as a person or a script runs it: a process of its own, its data below `home`; `env` is added to this process's own environment. */
export function runSluice(
  args: readonly string[],
  options: {
    readonly home: string
    readonly kubeconfig: string
    readonly env?: Readonly<Record<string, string>>
    /** Nobody reads what it tells on stdout, as behind `| head`. */
    readonly isOutClosed?: boolean
    /** Called with all words so far whenever there are more. */
    readonly onWords?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  },
): Promise<Ran> {
  const { home, kubeconfig, onWords } = options
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    env: {
      ...process.env,
      HOME: home,
      KUBECONFIG: kubeconfig,
      SLUICE_DATA_DIR: path.join(home, 'data'),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let words = ''
  if (options.isOutClosed === true) child.stdout.destroy()
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
    onWords?.(words, (signal) => child.kill(signal))
  })
  let isOver = false
  whenTestFails(() => {
    if (isOver) return
    process.stderr.write(`sluice ${args.join(' ')} still ran:\n${words}${out}\n`)
    child.kill('SIGKILL')
  })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      isOver = true
      resolve({ code: code ?? -1, out, words })
    })
  })
}

/** A test that ran out of time would not tell what it waited for. */
function whenTestFails(act: () => void): void {
  try {
    onTestFailed(act)
  } catch {
    // In a hook there is no test.
  }
}
