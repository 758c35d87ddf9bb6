/** SECURITY 10: whether the user's own git, keys and agent are asked at all. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTransport } from '../../../electron/adapters/git/git-access.ts'
import { parseGitAddress } from '../../../electron/adapters/git/git-address.ts'
import type { GitRequest } from '../../../electron/engine/source/artifact-port.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { waitUntil } from '../control-plane/processes-under-test.ts'
import { createTestService, gitRequest } from './git-client.ts'
import { startSshGitServer } from './ssh-server.ts'
import type { SshGitServer } from './ssh-server.ts'

let home = ''
let bin = ''
let log = ''
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sluice-own-'))
  bin = path.join(home, 'bin')
  log = path.join(home, 'asked')
  await mkdir(bin)
  // Stands for the user's git: writes down what it is asked.
  const script = `#!/bin/sh\n/bin/cat >>'${log}'\nprintf 'username=ana\\npassword=hush\\n'\n`
  await writeFile(path.join(bin, 'git'), script)
  await chmod(path.join(bin, 'git'), 0o700)
})
beforeEach(() => rm(log, { force: true }))
afterAll(() => rm(home, { recursive: true, force: true }))

const asked = (): Promise<string> => readFile(log, 'utf8').catch(() => '')

const ask = gitRequest

async function open(url: string, more: Partial<GitRequest> = {}): Promise<void> {
  const access = { home, sshAgent: null, path: bin }
  const transport = await openTransport(ask(url, more), parseGitAddress(url), access, 'sluice-test')
  transport.close()
}

test('the credential helper is asked for the repository that was allowed, and for no other', async () => {
  await open('https://git.example/org/fleet')
  await open('https://git.example/org/fleet', { usesOwnCredentials: false })
  const secret = new Map([
    ['username', 'bot'],
    ['password', 'x'],
  ])
  await open('https://git.example/org/fleet', { secret, usesOwnCredentials: true })
  await open('http://git.example/org/fleet', { usesOwnCredentials: true })
  expect(await asked()).toBe('')
  await open('https://git.example/org/fleet', { usesOwnCredentials: true })
  expect(await asked()).toBe('protocol=https\nhost=git.example\npath=org/fleet\n\n')
})

test('a token that is kept for the repository goes before the helper, and never out in plain text', async () => {
  const ownToken = { username: 'git', secret: 'hush' }
  await open('https://git.example/org/fleet', { usesOwnCredentials: true, ownToken })
  // With credentials it would refuse to open.
  await open('http://git.example/org/fleet', { usesOwnCredentials: true, ownToken })
  expect(await asked()).toBe('')
  await open('https://git.example/org/fleet', { usesOwnCredentials: true, ownToken: null })
  expect(await asked()).not.toBe('')
})

test('keys and agent are not looked at before that', async () => {
  await expect(open('ssh://git@git.example/org/fleet')).rejects.toMatchObject({ code: 'GitAuthFailed' })
  await open('ssh://git@git.example/org/fleet', { usesOwnCredentials: true })
})

describe('over ssh', () => {
  let ssh: SshGitServer
  let server: GitServer
  let own = ''
  const url = (): string => `ssh://git@127.0.0.1:${ssh.port}/o/fleet.git`
  beforeAll(async () => {
    server = await startGitServer()
    const { workFolder } = await server.createRepository('fleet', { 'a.yaml': 'a: 1\n' })
    const folder = path.join(path.dirname(path.dirname(workFolder)), 'served', 'fleet.git')
    ssh = await startSshGitServer({ '/o/fleet.git': folder })
  })
  beforeEach(async () => {
    own = await mkdtemp(path.join(home, 'o-'))
    await mkdir(path.join(own, '.ssh'))
    await writeFile(path.join(own, '.ssh', 'known_hosts'), ssh.knownHosts)
  })
  afterAll(async () => {
    await ssh?.stop()
    await server?.stop()
  })
  const writeKey = async (name: string, text = ssh.clientKey): Promise<string> => {
    const file = path.join(own, name)
    await writeFile(file, text)
    await chmod(file, 0o600)
    return file
  }
  const resolve = async (sshAgent: string | null, more: Partial<GitRequest> = {}): Promise<string> => {
    const service = await createTestService(home, 'js', { home: own, sshAgent, path: null })
    const { revision } = await service.resolve(
      ask(url(), { usesOwnCredentials: true, ...more }),
      new AbortController().signal,
    )
    return revision
  }
  /** An agent that holds these keys. */
  async function withAgent(files: readonly string[], work: (socket: string) => Promise<void>): Promise<void> {
    const socket = path.join(own, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await waitUntil(() => (existsSync(socket) ? true : null), 10_000)
      const env = { ...process.env, SSH_AUTH_SOCK: socket }
      for (const file of files) await promisify(execFile)('ssh-add', ['-q', file], { env })
      await work(socket)
    } finally {
      agent.kill()
    }
  }

  test('the agent signs', async () => {
    await withAgent([await writeKey('loaded')], async (socket) => {
      expect(await resolve(socket)).toMatch(/^main@sha1:/)
      await expect(resolve(socket, { usesOwnCredentials: false })).rejects.toMatchObject({ code: 'GitAuthFailed' })
      await expect(resolve(null)).rejects.toMatchObject({ code: 'GitAuthFailed' })
    })
  })

  test('keys of ~/.ssh are tried after an agent that holds none of them, and after one that is gone', async () => {
    const other = await startSshGitServer({})
    await other.stop()
    await withAgent([await writeKey('other', other.clientKey)], async (socket) => {
      await expect(resolve(socket)).rejects.toMatchObject({
        code: 'GitAuthFailed',
        message: expect.stringContaining('does not take the key') as string,
      })
      await writeKey('.ssh/id_ed25519')
      expect(await resolve(socket)).toMatch(/^main@sha1:/)
    })
    expect(await resolve(path.join(own, 'nobody'))).toMatch(/^main@sha1:/)
  })

  test('a key of the Secret is opened with its password, and not used without', async () => {
    const file = await writeKey('sealed')
    await promisify(execFile)('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'hush', '-f', file])
    const sealed = await readFile(file, 'utf8')
    const secret = new Map([
      ['identity', sealed],
      ['known_hosts', ssh.knownHosts],
    ])
    await expect(resolve(null, { secret })).rejects.toMatchObject({
      code: 'GitAuthFailed',
      message: expect.stringContaining('cannot be used') as string,
    })
    expect(await resolve(null, { secret: new Map([...secret, ['password', 'hush']]) })).toMatch(/^main@sha1:/)
  })
})

test('a repository’s own text leads them to no other repository', async () => {
  const server = await startGitServer()
  const folderOf = (name: string, { workFolder }: { workFolder: string }): string =>
    path.join(path.dirname(path.dirname(workFolder)), 'served', `${name}.git`)
  const inner = await server.createRepository('inner', { 'secret.yaml': 's: 1\n' })
  const outer = await server.createRepository('outer', { 'a.yaml': 'a: 1\n' })
  const pinned = await inner.commit({ 'b.yaml': 'b: 1\n' })
  const ssh = await startSshGitServer({
    '/o/outer.git': folderOf('outer', outer),
    '/o/inner.git': folderOf('inner', inner),
  })
  try {
    await mkdir(path.join(home, '.ssh'))
    await writeFile(path.join(home, '.ssh', 'id_ed25519'), ssh.clientKey)
    await writeFile(path.join(home, '.ssh', 'known_hosts'), ssh.knownHosts)
    await outer.commit({ '.gitmodules': '[submodule "m"]\n\tpath = m\n\turl = ../inner.git\n' })
    // The link itself, which no work tree can hold.
    const env = { ...process.env, GIT_INDEX_FILE: path.join(home, 'index') }
    const plumb = async (...words: string[]): Promise<string> => {
      const folder = `--git-dir=${folderOf('outer', outer)}`
      return (await promisify(execFile)('git', [folder, ...words], { env })).stdout.trim()
    }
    await plumb('read-tree', 'main')
    await plumb('update-index', '--add', '--cacheinfo', `160000,${pinned},m`)
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid']
    const commit = await plumb(...who, 'commit-tree', await plumb('write-tree'), '-p', 'main', '-m', 'm')
    await plumb('update-ref', 'refs/heads/main', commit)
    const service = await createTestService(home, 'js', { path: null })
    const { signal } = new AbortController()
    const request = ask(`ssh://git@127.0.0.1:${ssh.port}/o/outer.git`, { usesOwnCredentials: true })
    const treeOf = (more: Partial<GitRequest>) =>
      service.tree({ ...request, ...more }, { revision: `main@sha1:${commit}`, commit }, defaultTreeLimits, signal)
    expect((await treeOf({})).files).toBe(1)
    await expect(treeOf({ recurseSubmodules: true })).rejects.toMatchObject({ code: 'GitAuthFailed' })
    expect(new Set(ssh.commands)).toEqual(new Set(["git-upload-pack '/o/outer.git'"]))
  } finally {
    await ssh.stop()
    await server.stop()
  }
})
