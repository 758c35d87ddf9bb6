/** SECURITY 10: whether the user's own git, keys and agent are asked at all. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTransport } from '../../../electron/adapters/git/git-access.ts'
import { parseGitAddress } from '../../../electron/adapters/git/git-address.ts'
import type { GitRequest } from '../../../electron/engine/source/artifact-port.ts'

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

async function open(url: string, more: Partial<GitRequest> = {}): Promise<void> {
  const request: GitRequest = {
    url,
    ref: { branch: 'main' },
    recurseSubmodules: false,
    sparseCheckout: [],
    ignore: null,
    secret: null,
    proxy: null,
    cluster: 'c1',
    timeoutMs: 5000,
    ...more,
  }
  const access = { home, sshAgent: null, path: bin }
  const transport = await openTransport(request, parseGitAddress(url), access, 'sluice-test')
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

test('keys and agent are not looked at before that', async () => {
  await expect(open('ssh://git@git.example/org/fleet')).rejects.toMatchObject({ code: 'GitAuthFailed' })
  await open('ssh://git@git.example/org/fleet', { usesOwnCredentials: true })
})
