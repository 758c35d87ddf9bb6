/** PATH of the user's login shell: an application started from a launcher gets a bare one, and credential plugins live elsewhere. */
import { spawn } from 'node:child_process'
import { delimiter, isAbsolute } from 'node:path'

export interface LoginPathOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
  readonly platform?: NodeJS.Platform
  /** In place of asking the shell. */
  readonly loginShellPath?: () => Promise<string>
}

const marker = '__sluice_path__'
const systemFolders = new Set([
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/snap/bin',
  '/usr/games',
  '/usr/local/games',
])

/** True when PATH holds nothing but the system's own folders. */
export function isBarePath(path: string): boolean {
  return path.split(delimiter).every((folder) => folder === '' || systemFolders.has(folder))
}

/** PATH for plugins; asks the login shell once, and only where PATH looks bare. Never rejects: without an answer PATH stays as it is. */
export function createLoginPath(options: LoginPathOptions): () => Promise<string> {
  const own = options.env['PATH'] ?? ''
  let answer: Promise<string> | undefined
  return () => (answer ??= find())

  async function find(): Promise<string> {
    if (
      options.loginShellPath === undefined &&
      ((options.platform ?? process.platform) === 'win32' || !isBarePath(own))
    )
      return own
    try {
      const found = await (options.loginShellPath?.() ?? askShell(options.env, options.timeoutMs ?? 5000))
      const folders = [...found.split(delimiter), ...own.split(delimiter)].filter(isAbsolute)
      return [...new Set(folders)].join(delimiter)
    } catch {
      return own
    }
  }
}

function askShell(env: LoginPathOptions['env'], timeoutMs: number): Promise<string> {
  const shell = env['SHELL'] ?? ''
  if (!isAbsolute(shell)) return Promise.reject(new Error('no login shell'))
  return new Promise((resolve, reject) => {
    // Profiles print greetings: the answer is what stands between the markers. `printenv` works in fish as in sh.
    const command = `printf '%s' '${marker}'; printenv PATH; printf '%s' '${marker}'`
    const child = spawn(shell, ['-ilc', command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      env: { ...env, TERM: 'dumb' },
    })
    let text = ''
    const stop = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error('login shell did not answer'))
    }, timeoutMs)
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      text = (text + chunk).slice(-256 * 1024)
      const found = text.split(marker)
      if (found.length < 3) return
      clearTimeout(timer)
      stop()
      const path = (found[1] ?? '').trim()
      if (path === '' || path.includes('\n')) reject(new Error('login shell has no PATH'))
      else resolve(path)
    })
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      reject(new Error('login shell ended without an answer'))
    })
  })
}
