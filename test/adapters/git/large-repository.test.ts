/**
 * A repository of 100,000 files (5,000 outside of soak) end to end: fetched, changed, fetched again, read. Whoever asks goes on with their work
 * meanwhile, and memory does not grow with the rounds.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTarFiles, tarRoot } from '../../../electron/adapters/files/tar-files.ts'
import { createGitRemote } from '../../../electron/adapters/git/git-remote.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { scaleCount } from '../../soak.ts'
import { gitRequest } from './git-client.ts'

const fileCount = scaleCount(100_000)
const rounds = 4
const { signal } = new AbortController()
let scratch = ''
let server: GitServer
let repository: GitRepository

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-large-'))
  server = await startGitServer()
  repository = await server.createRepository('large')
})
afterAll(async () => {
  await server.stop()
  await rm(scratch, { recursive: true, force: true })
})

const nameOf = (index: number): string => `d${index % 100}/e${Math.floor(index / 100) % 100}/f${index}.yaml`
const textOf = (index: number, version: number): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\ndata: {version: "${version}", seed: "${(index * 2654435761) % 4294967296}"}\n`

/** One commit of the first `count` files in this version, written by fast-import: a work tree would take minutes. */
async function commit(count: number, version: number): Promise<void> {
  const folder = path.join(path.dirname(path.dirname(repository.workFolder)), 'served', 'large.git')
  const child = spawn('git', [`--git-dir=${folder}`, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const from = version === 0 ? '' : 'from refs/heads/main^0\n'
  const parts = [
    `commit refs/heads/main\ncommitter t <t@t.invalid> ${1_700_000_000 + version} +0000\ndata 1\nc\n${from}`,
  ]
  for (let index = 0; index < count; index++) {
    const text = textOf(index, version)
    parts.push(`M 100644 inline ${nameOf(index)}\ndata ${text.length}\n${text}\n`)
  }
  child.stdin.end(parts.join(''))
  expect(await ended).toBe(0)
}

test.each([['js', null] as const, ['system', process.env['PATH'] ?? null] as const])(
  'with the %s client',
  async (client, programs) => {
    const cacheDir = path.join(scratch, client)
    const remote = createGitRemote({
      entry: path.resolve(import.meta.dirname, '../../../electron/workers/git.ts'),
      cacheDir,
      treeFolder: path.join(cacheDir, 'artifacts'),
      userAgent: 'sluice-test',
      access: { home: scratch, sshAgent: null, path: programs },
      onCrash: (reason) => expect.unreachable(reason),
    })
    const request = gitRequest(repository.url, { timeoutMs: 600_000 })
    const said: string[] = []
    const peaks: number[] = []
    try {
      for (let round = 0; round < rounds; round++) {
        const version = client === 'js' ? round : rounds + round
        await commit(version === 0 ? fileCount : 5, version)
        const delay = monitorEventLoopDelay({ resolution: 5 })
        let peak = 0
        const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 25)
        delay.enable()
        const startedAt = performance.now()
        const tree = await remote.tree(request, await remote.resolve(request, signal), defaultTreeLimits, signal)
        const ms = performance.now() - startedAt
        delay.disable()
        clearInterval(timer)
        peaks.push(peak)
        expect(tree.files).toBe(fileCount)
        const files = createTarFiles(tree.path)
        const read = (index: number): string => Buffer.from(files.read(`${tarRoot}/${nameOf(index)}`)).toString()
        expect(read(4)).toBe(textOf(4, version))
        expect(read(fileCount - 1)).toBe(textOf(fileCount - 1, 0))
        files.close()
        const held = Math.max(0, delay.max / 1e6 - 5)
        said.push(`${Math.round(ms)} ms, caller held ${Math.round(held)} ms, ${Math.round(peak / 1e6)} MB`)
      }
    } finally {
      remote.dispose()
    }
    console.error(`  ${client}, ${fileCount} files: ${said.join(' · ')}`)
    // The first rounds fill the worker's heap; from then on it is used again.
    expect(peaks.at(-1)! - peaks[1]!).toBeLessThan(300e6)
  },
  300_000,
)
