/** SECURITY 10: whether the user's own git, keys and agent are asked at all. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTransport } from '../../../electron/adapters/git/git-access.ts'
import { parseGitAddress } from '../../../electron/adapters/git/git-address.ts'
import type { GitRequest } from '../../../electron/engine/source/artifact-port.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import { createTestService, gitRequest } from './git-client.ts'
import { startSshGitServer } from './ssh-server.ts'

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
