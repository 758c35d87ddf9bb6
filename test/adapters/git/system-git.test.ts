/**
 * SECURITY 11: the git of the machine runs nothing that a configuration names, be it the user's or that of the copy itself. Each trap is shown to
 * work on a plain git first.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseGitAddress } from '../../../electron/adapters/git/git-address.ts'
import { createHttpTransport } from '../../../electron/adapters/git/http-transport.ts'
import { findSystemGit } from '../../../electron/adapters/git/system-git.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'

const run = promisify(execFile)
let scratch = ''
let server: GitServer
let repository: GitRepository

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-system-git-'))
  server = await startGitServer()
  repository = await server.createRepository('fleet', { 'a.yaml': 'a: 1\n' })
})
afterAll(async () => {
  await server.stop()
  await rm(scratch, { recursive: true, force: true })
})

interface Trap {
  /** A bare copy, in which git also looks for the user's configuration. */
  readonly folder: string
  /** Written once something ran. */
  readonly mark: string
}

/** `config` names `script`, which leaves a mark. */
async function setTrap(where: 'user' | 'copy', config: (folder: string) => string): Promise<Trap> {
  const folder = await mkdtemp(path.join(scratch, 'copy-'))
  const mark = path.join(folder, 'ran')
  await run('git', ['init', '--quiet', '--bare', '--template=', folder], { env: { PATH: process.env['PATH'] } })
  const script = `#!/bin/sh\n: >'${mark}'\n`
  await mkdir(path.join(folder, 'traps'))
  for (const name of ['reference-transaction', 'script']) {
    await writeFile(path.join(folder, 'traps', name), script)
    await chmod(path.join(folder, 'traps', name), 0o700)
  }
  const file = path.join(folder, where === 'copy' ? 'config' : '.gitconfig')
  await writeFile(file, `${existsSync(file) ? await readFile(file, 'utf8') : ''}${config(folder)}`)
  return { folder, mark }
}

const refspec = '+refs/heads/main:refs/sluice/branch'

const traps: readonly (readonly [string, (folder: string) => string])[] = [
  ['hook', (folder) => `[core]\n\thooksPath = ${folder}/traps\n`],
  [
    'rewritten address that runs a program',
    (folder) =>
      `[protocol "ext"]\n\tallow = always\n[url "ext::${folder}/traps/script "]\n\tinsteadOf = http://127.0.0.1\n`,
  ],
]

describe.each(['user', 'copy'] as const)('of the configuration of the %s', (where) => {
  test.each(traps)('no %s runs', async (_name, config) => {
    const plain = await setTrap(where, config)
    const env = { PATH: process.env['PATH'], HOME: plain.folder, GIT_CONFIG_NOSYSTEM: '1' }
    await run('git', [`--git-dir=${plain.folder}`, 'fetch', repository.url, refspec], { env }).catch(() => undefined)
    expect(existsSync(plain.mark)).toBe(true)

    const { folder, mark } = await setTrap(where, config)
    const git = await findSystemGit(process.env['PATH'])
    const transport = createHttpTransport({
      address: parseGitAddress(repository.url),
      access: { authorization: null, ca: null, clientCertificate: null, proxy: null },
      userAgent: 'sluice-test',
      idleTimeoutMs: 30_000,
    })
    const fetched = git?.fetch({
      gitFolder: folder,
      transport,
      commit: null,
      branch: 'main',
      what: repository.url,
      maxBytes: 1e6,
      tooLarge: () => new Error('too large'),
      signal: new AbortController().signal,
    })
    try {
      // Its own copy may be spoilt; what the user configured is not even read.
      if (where === 'user') await fetched
      else await fetched?.catch((error: unknown) => expect(error).toMatchObject({ code: 'GitFailed' }))
    } finally {
      transport.close()
    }
    expect(existsSync(mark)).toBe(false)
    if (where === 'user')
      expect((await run('git', [`--git-dir=${folder}`, 'rev-parse', 'refs/sluice/branch'])).stdout).toMatch(
        /^[0-9a-f]{40}/,
      )
  })
})
