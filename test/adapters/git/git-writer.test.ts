/** Commits of ours against the real git: what is pushed is what git itself would have, nothing of others is touched, nothing is forced. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GitPush } from '../../../electron/engine/source/git-write-port.ts'
import type { GitRequest } from '../../../electron/engine/source/artifact-port.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestService } from './git-client.ts'
import { createTestService, gitRequest } from './git-client.ts'
import { startSshGitServer } from './ssh-server.ts'

let scratch = ''
let server: GitServer
let service: TestService
const { signal } = new AbortController()
const author = { name: 'Ada Löw', email: 'ada@example.invalid' }

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-writer-'))
  server = await startGitServer()
  service = await createTestService(scratch, 'js')
})
afterAll(async () => {
  await server.stop()
  await rm(scratch, { recursive: true, force: true })
})

function push(expected: string | null, more: Partial<GitPush> = {}): GitPush {
  return {
    branch: 'main',
    expected,
    commits: [
      { message: 'First', files: [{ path: 'clusters/home/flux-system/a.yaml', text: 'a: ä\n' }] },
      {
        message: 'Second\n\nwith a body',
        files: [
          { path: 'clusters/home/flux-system/b.yaml', text: 'b: 1\n' },
          { path: 'top.yaml', text: 'changed: true\n' },
        ],
      },
    ],
    author,
    atMs: 1_790_000_000_000,
    ...more,
  }
}

const folderOf = (repository: GitRepository): Promise<string> => repository.git('rev-parse', '--absolute-git-dir')

test('what is pushed is whole, keeps what is there with its modes, and is sorted as git sorts', async () => {
  const repository = await server.createRepository('keeps', {
    'top.yaml': 'x: 1\n',
    'clusters.md': 'sorts between\n',
    'clusters/other/keep.yaml': 'k: 1\n',
    'run.sh': '#!/bin/sh\n',
  })
  await chmod(path.join(repository.workFolder, 'run.sh'), 0o755)
  const head = await repository.commitAll()
  const before = await service.look(gitRequest(repository.url), 'main', 'clusters/home', signal)
  expect(before).toEqual({ head, hasOthers: true, files: [], isCut: false })

  const { commit } = await service.push(gitRequest(repository.url), push(head), signal)
  expect(await repository.git('rev-parse', 'main')).toBe(commit)
  expect(await repository.git('fsck', '--strict', '--full')).toBe('')
  expect(await repository.git('log', '--format=%an|%ae|%cn|%ct|%s|%b', `${head}..main`)).toBe(
    'Ada Löw|ada@example.invalid|Ada Löw|1790000000|Second|with a body\nAda Löw|ada@example.invalid|Ada Löw|1790000000|First|',
  )
  expect(await repository.git('diff', '--name-status', head, 'main')).toBe(
    'A\tclusters/home/flux-system/a.yaml\nA\tclusters/home/flux-system/b.yaml\nM\ttop.yaml',
  )
  expect(await repository.git('diff', '--name-only', head, 'main~1')).toBe('clusters/home/flux-system/a.yaml')
  expect(await repository.git('show', 'main:clusters/home/flux-system/a.yaml')).toBe('a: ä')
  // The tree that git makes of the same files is the same tree.
  const tree = await repository.git('rev-parse', 'main^{tree}')
  await repository.git('read-tree', 'main')
  expect(await repository.git('write-tree')).toBe(tree)
  expect(await repository.git('ls-tree', 'main', 'run.sh')).toContain('100755')

  const after = await service.look(gitRequest(repository.url), 'main', 'clusters/home', signal)
  expect(after.head).toBe(commit)
  expect(after.files).toEqual([
    { path: 'clusters/home/flux-system/a.yaml', text: 'a: ä\n' },
    { path: 'clusters/home/flux-system/b.yaml', text: 'b: 1\n' },
  ])
})

test('an empty repository gets its first branch', async () => {
  const repository = await server.createRepository('empty')
  expect(await service.look(gitRequest(repository.url), 'main', 'clusters/home', signal)).toEqual({
    head: null,
    hasOthers: false,
    files: [],
    isCut: false,
  })
  const { commit } = await service.push(gitRequest(repository.url), push(null), signal)
  expect(await repository.git('rev-parse', 'main')).toBe(commit)
  expect(await repository.git('rev-list', '--count', 'main')).toBe('2')
})

describe('never forced', () => {
  test('a branch that moved since is refused, and stays where it is', async () => {
    const repository = await server.createRepository('moved', { 'a.yaml': 'a: 1\n' })
    const { head } = await service.look(gitRequest(repository.url), 'main', '', signal)
    const now = await repository.commit({ 'a.yaml': 'a: 2\n' })
    const refused = service.push(gitRequest(repository.url), push(head), signal)
    await expect(refused).rejects.toMatchObject({
      code: 'PlanMoved',
      message: expect.stringContaining(now.slice(0, 7)) as string,
    })
    await expect(service.push(gitRequest(repository.url), push(null), signal)).rejects.toMatchObject({
      code: 'PlanMoved',
    })
    expect(await repository.git('rev-parse', 'main')).toBe(now)
  })

  test('one that moves between our look and the server’s is refused by the server', async () => {
    const repository = await server.createRepository('raced', { 'a.yaml': 'a: 1\n' })
    const head = await repository.git('rev-parse', 'main')
    // The other one comes first: as soon as our pack has arrived.
    const other = await repository.git('commit-tree', '-p', head, '-m', 'Other', 'main^{tree}')
    await hook(repository, `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY\ngit update-ref refs/heads/main ${other}`)
    await expect(service.push(gitRequest(repository.url), push(head), signal)).rejects.toMatchObject({
      code: 'PlanMoved',
    })
    expect(await repository.git('rev-parse', 'main')).toBe(other)
  })

  test('a protected branch: the server’s words are told', async () => {
    const repository = await server.createRepository('protected', { 'a.yaml': 'a: 1\n' })
    await hook(repository, 'echo "main is protected" >&2\nexit 1')
    const head = await repository.git('rev-parse', 'main')
    await expect(service.push(gitRequest(repository.url), push(head), signal)).rejects.toMatchObject({
      code: 'GitFailed',
      message: expect.stringContaining('hook declined') as string,
      detail: expect.stringContaining('main is protected') as string,
    })
    expect(await repository.git('rev-parse', 'main')).toBe(head)
  })
})

test('what is in the way is no plain file: nothing is pushed', async () => {
  const repository = await server.createRepository('way', { clusters: 'a file\n', 'top.yaml': 'x: 1\n' })
  const head = await repository.git('rev-parse', 'main')
  await expect(service.push(gitRequest(repository.url), push(head), signal)).rejects.toMatchObject({
    code: 'Invalid',
    message: expect.stringContaining('clusters is in the repository already and is no folder') as string,
  })
  expect(await repository.git('rev-parse', 'main')).toBe(head)
})

test('who may not write hears it when looking', async () => {
  const repository = await server.createRepository('closed', { 'a.yaml': 'a: 1\n' })
  await repository.git('config', 'http.receivepack', 'false')
  await expect(service.look(gitRequest(repository.url), 'main', '', signal)).rejects.toMatchObject({
    code: 'GitAuthFailed',
    message: expect.stringContaining('does not let you push') as string,
  })
})

test('over ssh, with a key and known hosts', async () => {
  const repository = await server.createRepository('keyed', { 'a.yaml': 'a: 1\n' })
  const ssh = await startSshGitServer({ '/o/keyed.git': await folderOf(repository) })
  try {
    const secret = new Map([
      ['identity', ssh.clientKey],
      ['known_hosts', ssh.knownHosts],
    ])
    const request: GitRequest = gitRequest(`ssh://git@127.0.0.1:${ssh.port}/o/keyed.git`, { secret })
    const { head } = await service.look(request, 'main', '', signal)
    const { commit } = await service.push(request, push(head), signal)
    expect(await repository.git('rev-parse', 'main')).toBe(commit)
    expect(ssh.commands).toContain(`git-receive-pack '/o/keyed.git'`)
  } finally {
    await ssh.stop()
  }
})

async function hook(repository: GitRepository, script: string): Promise<void> {
  const folder = path.join(await folderOf(repository), 'hooks')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'pre-receive'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}
