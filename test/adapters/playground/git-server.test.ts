/** The playground's repository, judged by git itself and fetched by our own client. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGitRemote } from '../../../electron/adapters/git/git-remote.ts'
import { openGitFolder } from '../../../electron/adapters/playground/git-folder.ts'
import type { GitFolder } from '../../../electron/adapters/playground/git-folder.ts'
import { serveRepository } from '../../../electron/adapters/playground/git-server.ts'
import type { RepositoryServer } from '../../../electron/adapters/playground/git-server.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'

const run = promisify(execFile)
const author = { name: 'Playground', email: 'playground@sluice.invalid' }
const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const files = new Map([
  ['README.md', '# demo\n'],
  ['apps/web/a.yaml', 'a: 1\n'],
  ['apps/web.yaml', 'between: folders are ordered with their slash\n'],
  ['apps/web/deep/b.yaml', 'b: 1\n'],
])

let folder: string
let repository: GitFolder
let server: RepositoryServer

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-playground-git-'))
  repository = await openGitFolder(join(folder, 'demo.git'))
  await repository.commit(files, 'Begin', author, at)
  server = await serveRepository(repository, 'demo')
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function git(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  return (await run('git', args, { cwd: folder, env })).stdout.trim()
}

test('git clones it, fetches what is new, and finds nothing wrong with the folder', async () => {
  await git('clone', '-q', server.url, 'whole')
  const second = await repository.commit(new Map([...files, ['README.md', '# again\n']]), 'Say it again', author, at)
  await git('-C', 'whole', 'pull', '-q')
  expect(await git('-C', 'whole', 'rev-parse', 'HEAD')).toBe(second)
  expect(await git('-C', 'whole', 'log', '--format=%s|%an|%ct')).toBe(
    `Say it again|Playground|${at / 1000}\nBegin|Playground|${at / 1000}`,
  )
  expect(await readFile(join(folder, 'whole', 'apps', 'web', 'deep', 'b.yaml'), 'utf8')).toBe('b: 1\n')
  await git('clone', '-q', '--depth=1', server.url, 'shallow')
  expect(await git('-C', 'shallow', 'rev-list', '--count', 'HEAD')).toBe('1')
  await git('-C', 'shallow', 'fetch', '-q', '--unshallow').catch(() => undefined)
  const third = await repository.commit(files, 'And back', author, at)
  await git('-C', 'shallow', 'pull', '-q')
  expect(await git('-C', 'shallow', 'rev-parse', 'HEAD')).toBe(third)
  expect(await git('--git-dir=demo.git', 'fsck', '--strict', '--full')).toBe('')
})

test('our own client gets the tree, then only what changed, and the commit', async () => {
  const remote = createGitRemote({
    entry: null,
    cacheDir: join(folder, 'cache'),
    treeFolder: join(folder, 'trees'),
    userAgent: 'test',
    access: { home: folder, sshAgent: null, path: null },
    onCrash: () => undefined,
  })
  const question = {
    url: server.url,
    ref: { branch: 'main' },
    recurseSubmodules: false,
    sparseCheckout: [],
    ignore: null,
    secret: null,
    proxy: null,
    cluster: 'c',
    timeoutMs: 10_000,
  }
  const { signal } = new AbortController()
  for (const text of ['a: 1\n', 'a: 2\n', 'a: 3\n']) {
    if (text !== 'a: 1\n') await repository.commit(new Map([...files, ['apps/web/a.yaml', text]]), text, author, at)
    const revision = await remote.resolve(question, signal)
    expect(revision.commit).toBe(await repository.head())
    const tree = await remote.tree(question, revision, defaultTreeLimits, signal)
    expect(tree.files).toBe(4)
    expect((await readFile(tree.path)).includes(text)).toBe(true)
    const commit = await remote.commit(question, revision.commit, signal)
    expect(commit).toMatchObject({ author: 'Playground', at, subject: text === 'a: 1\n' ? 'Begin' : text.trim() })
  }
  remote.dispose()
})

test('what is not asked for by its whole path and this host gets nothing', async () => {
  const { host, pathname } = new URL(server.url)
  const status = (path: string, name = host, method = 'GET'): Promise<number> =>
    new Promise((resolve, reject) => {
      const [hostname = '', port = ''] = host.split(':')
      request({ hostname, port, path, method, headers: { host: name } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  expect(await status(`${pathname}/info/refs?service=git-upload-pack`)).toBe(200)
  expect(await status(`${pathname}/info/refs?service=git-upload-pack`, 'evil.example')).toBe(403)
  expect(await status(`${pathname}/info/refs?service=git-receive-pack`)).toBe(404)
  expect(await status('/demo.git/info/refs?service=git-upload-pack')).toBe(404)
  expect(await status(`${pathname}/git-receive-pack`, host, 'POST')).toBe(404)
  expect(await status(`${pathname}/../../HEAD`)).toBe(404)
})
