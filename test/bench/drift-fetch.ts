/**
 * Fetching a real repository to a tree that can be read, against git's own shallow fetch: the first time, when it has changed, and looking again
 * where nothing has. Each as a user has it: without a git of the machine, and with one.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { createTarFiles, tarRoot } from '../../electron/adapters/files/tar-files.ts'
import { createGitService } from '../../electron/adapters/git/git-service.ts'
import { findSystemGit, type SystemGit } from '../../electron/adapters/git/system-git.ts'
import { defaultTreeLimits, type GitRemote, type GitRequest } from '../../electron/engine/source/artifact-port.ts'
import { readFleetArchive } from '../cluster/fleet/read-archive.ts'
import { startGitServer } from '../cluster/git-server.ts'
import { fleetArchive } from '../cluster/start.ts'
import { againstAnchor, againstBar, CannotMeasure, median } from './report.ts'
import type { Figure } from './report.ts'

const run = promisify(execFile)
const rounds = 8

export const fetchIds = [
  'drift.fetch-js',
  'drift.fetch-system',
  'drift.fetch-first-js',
  'drift.fetch-first-system',
  'drift.fetch-poll',
] as const

export async function measureFetch(): Promise<readonly Figure[]> {
  const archive = fleetArchive('onedr0p_home-ops')
  if (archive === null) throw new CannotMeasure('there is no corpus beside the checkout')
  const systemGit = await findSystemGit(process.env['PATH'])
  if (systemGit === null) throw new CannotMeasure('there is no git of version 2.31 or newer on PATH')
  // Which fetches are worth starting it for is the service's to decide: what is measured is what a user has.
  let started = 0
  const countedGit: SystemGit = {
    fetch(fetch) {
      started += 1
      return systemGit.fetch(fetch)
    },
  }
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-bench-fetch-'))
  const server = await startGitServer()
  try {
    const { treeFolder } = await readFleetArchive(archive, join(scratch, 'archive'))
    const repository = await server.createRepository('real', { 'README.md': 'real\n' })
    await cp(treeFolder, repository.workFolder, { recursive: true })
    await repository.commitAll('All of it')

    const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: scratch }
    const clone = join(scratch, 'clone')
    await run('git', ['clone', '-q', '--depth', '1', repository.url, clone], { env })
    const create = (kind: 'js' | 'system', folder: string = kind): GitRemote => {
      const cacheDir = join(scratch, folder)
      return createGitService({
        cacheDir,
        treeFolder: join(cacheDir, 'artifacts'),
        userAgent: 'sluice-bench',
        systemGit: kind === 'system' ? countedGit : null,
        access: { home: scratch, sshAgent: null, path: process.env['PATH'] ?? null },
        now: () => 0,
      })
    }
    const services = { js: create('js'), system: create('system') }
    const request: GitRequest = {
      url: repository.url,
      ref: { branch: repository.branch },
      recurseSubmodules: false,
      sparseCheckout: [],
      ignore: null,
      secret: null,
      proxy: null,
      cluster: 'bench',
      timeoutMs: 60_000,
    }
    const { signal } = new AbortController()
    const fetchTree = async (service: GitRemote): Promise<void> => {
      const revision = await service.resolve(request, signal)
      const tree = await service.tree(request, revision, defaultTreeLimits, signal)
      createTarFiles(tree.path).read(`${tarRoot}/README.md`)
    }
    for (const service of Object.values(services)) await fetchTree(service)
    const times: Record<'native' | 'js' | 'system' | 'firstNative' | 'firstJs' | 'firstSystem', number[]> = {
      ...{ native: [], js: [], system: [] },
      ...{ firstNative: [], firstJs: [], firstSystem: [] },
    }
    const timed = async (of: keyof typeof times, act: () => Promise<unknown>): Promise<void> => {
      const startedAt = performance.now()
      await act()
      times[of].push(performance.now() - startedAt)
    }
    for (let round = 0; round < rounds; round += 1) {
      const bare = join(scratch, `native-${round}`)
      const [js, system] = [create('js', `js-${round}`), create('system', `system-${round}`)]
      await timed('firstNative', async () => {
        await run('git', ['init', '-q', '--bare', '--template=', bare], { env })
        await run('git', ['-C', bare, 'fetch', '-q', '--depth', '1', repository.url, repository.branch], { env })
      })
      await timed('firstJs', () => fetchTree(js))
      await timed('firstSystem', () => fetchTree(system))
    }
    const startedFirst = started
    const changed = (await readdir(join(repository.workFolder, 'kubernetes'))).length > 0 ? 'kubernetes/note' : 'note'
    for (let round = 0; round < rounds; round += 1) {
      await repository.commit({ [`${changed}-${round % 3}.yaml`]: `round: ${round}\n`, 'README.md': `real ${round}\n` })
      await timed('native', () =>
        run('git', ['-C', clone, 'fetch', '-q', '--depth', '1', 'origin', repository.branch], { env }),
      )
      await timed('js', () => fetchTree(services.js))
      await timed('system', () => fetchTree(services.system))
    }
    const text = (list: readonly number[]): string => list.map((ms) => Math.round(ms)).join(' ')
    console.error(
      `  first: native ${text(times.firstNative)} · js ${text(times.firstJs)} · system ${text(times.firstSystem)} ms\n` +
        `  changed: native ${text(times.native)} · js ${text(times.js)} · system ${text(times.system)} ms\n` +
        `  the git of the machine was started for ${startedFirst} of ${rounds + 1} first fetches and for ` +
        `${started - startedFirst} of ${rounds} changes`,
    )
    const before = server.requests.length
    await services.js.resolve(request, signal)
    const polled = server.requests.length - before
    const native = median(times.native)
    const first = median(times.firstNative)
    return [
      againstAnchor('drift.fetch-js', median(times.js), 'ms', native, 3, 'git fetch --depth 1'),
      againstAnchor('drift.fetch-system', median(times.system), 'ms', native, 1.3, 'git fetch --depth 1'),
      againstAnchor('drift.fetch-first-js', median(times.firstJs), 'ms', first, 3, 'git init and fetch --depth 1'),
      againstAnchor(
        'drift.fetch-first-system',
        median(times.firstSystem),
        'ms',
        first,
        1.3,
        'git init and fetch --depth 1',
      ),
      againstBar('drift.fetch-poll', polled, 'requests', 1),
    ]
  } finally {
    await server.stop()
    await rm(scratch, { recursive: true, force: true })
  }
}
