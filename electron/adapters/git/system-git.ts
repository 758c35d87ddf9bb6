/** Fetching with the git of the machine, where there is one: it receives and indexes much at once several times as fast. */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SluiceError } from '../../../shared/model/errors.ts'
import { canceled } from './canceled.ts'
import { openLoopbackBridge } from './loopback-bridge.ts'
import type { SmartTransport } from './smart-transport.ts'

export interface Fetch {
  readonly gitFolder: string
  readonly transport: SmartTransport
  /** `null`: everything that `branch` reaches; a SHA: that commit alone. */
  readonly commit: string | null
  readonly branch: string
  readonly what: string
  readonly maxBytes: number
  readonly tooLarge: () => Error
  readonly signal: AbortSignal
}

const run = promisify(execFile)

/**
 * SECURITY: item 11: none of the user's or the machine's configuration is read, no hook, filter, helper or submodule runs, and nothing but http
 * to the loopback bridge is spoken.
 */
const settings: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['credential.helper', ''],
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['filter.lfs.process', ''],
  ['filter.lfs.smudge', ''],
  ['http.followRedirects', 'false'],
]

function environment(
  path: string | undefined,
  home: string,
  more: readonly (readonly [string, string])[],
): NodeJS.ProcessEnv {
  const all = [...settings, ...more]
  return {
    PATH: path,
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    // Before every setting of protocols, those of the copy's own file included.
    GIT_ALLOW_PROTOCOL: 'http',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(
      all.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

export interface SystemGit {
  fetch(fetch: Fetch): Promise<void>
}

/** null where `hasGit` says no. */
export async function findSystemGit(path: string | undefined): Promise<SystemGit | null> {
  return (await hasGit(path)) ? { fetch: (fetch) => fetchWith(path, fetch) } : null
}

/** False where there is no git, or one older than 2.31 (settings by environment). `path`: the PATH to look in. */
export async function hasGit(path: string | undefined): Promise<boolean> {
  try {
    const { stdout } = await run('git', ['--version'], { env: { PATH: path, LC_ALL: 'C' }, timeout: 5000 })
    const version = /(\d+)\.(\d+)/.exec(stdout)
    return version !== null && Number(version[1]) * 1000 + Number(version[2]) >= 2031
  } catch {
    return false
  }
}

async function fetchWith(path: string | undefined, fetch: Fetch): Promise<void> {
  const { gitFolder, transport, commit, branch, what, signal } = fetch
  await mkdir(gitFolder, { recursive: true, mode: 0o700 })
  const bridge = await openLoopbackBridge(transport, fetch.maxBytes, fetch.tooLarge, signal)
  const env = environment(path, gitFolder, [['remote.sluice.url', bridge.url]])
  try {
    if (!existsSync(join(gitFolder, 'HEAD')))
      await git(['init', '--quiet', '--bare', '--template=', gitFolder], env, signal)
    const from = commit ?? (branch === '' ? 'refs/heads/*' : `refs/heads/${branch}`)
    const to =
      commit === null ? (branch === '' ? 'refs/sluice/heads/*' : 'refs/sluice/branch') : `refs/sluice/${commit}`
    await git(
      [
        `--git-dir=${gitFolder}`,
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
        '--force',
        ...(commit === null ? ['--depth=2147483647'] : ['--depth=1']),
        'sluice',
        `+${from}:${to}`,
      ],
      env,
      signal,
    )
  } catch (error) {
    if (signal.aborted) throw canceled(signal)
    const fault = bridge.fault()
    if (fault instanceof SluiceError) throw fault
    const said = error instanceof Error ? error.message : String(error)
    throw new SluiceError('GitFailed', `${what} could not be fetched`, {
      remedy: 'Try again; the detail is what git said.',
      detail: said.replaceAll(bridge.url, what).slice(0, 2000),
      cause: error,
    })
  } finally {
    bridge.close()
  }
}

function git(parameters: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', parameters, { env, stdio: ['ignore', 'ignore', 'pipe'], signal, killSignal: 'SIGKILL' })
    let said = ''
    child.stderr.on('data', (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(0, 4000)
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trim() || `git ended with ${code}`))))
  })
}
