/** Commits of one file in a user's own working copy, by the real git: what is refused, what is left alone, what git says afterwards. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SluiceError } from '../../../shared/model/errors.ts'
import type { WorkingCopies } from '../../../electron/engine/drift/working-copy-port.ts'
import { createWorkingCopies } from '../../../electron/adapters/git/working-copy.ts'

const file = 'clusters/apps.yaml'
const label = '~/fleet'
const before = 'spec:\n  prune: true\n'
const after = `${before}  ignore:\n  - paths: [/spec/replicas]\n`

let scratch = ''
let home = ''
let root = ''
let rounds = 0
let copies: WorkingCopies

const run = promisify(execFile)
const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' })
async function git(...parameters: readonly string[]): Promise<string> {
  return (await run('git', ['-C', root, ...parameters], { env: env() })).stdout.trimEnd()
}
const path = (name: string): string => join(root, name)
const copiesWith = (more: Record<string, string> = {}): WorkingCopies =>
  createWorkingCopies({ env: { ...env(), ...more }, path: () => Promise.resolve(process.env['PATH'] ?? '') })
const look = (): Promise<unknown> => copies.look(root, file, label)
const refusal = async (what: Promise<unknown>): Promise<SluiceError> => {
  const error: unknown = await what.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).not.toBeNull()
  return error as SluiceError
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sluice-copy-'))
  home = join(scratch, 'home')
  await mkdir(home)
})
afterAll(() => rm(scratch, { recursive: true, force: true }))
beforeEach(async () => {
  await writeFile(join(home, '.gitconfig'), '[user]\n\tname = Ada Löw\n\temail = ada@example.invalid\n')
  copies = copiesWith()
  root = join(scratch, `fleet-${(rounds += 1)}`)
  await mkdir(path('clusters'), { recursive: true })
  await git('init', '--quiet', '--initial-branch=main')
  await writeFile(path(file), before)
  await writeFile(path('staged.yaml'), 'a: 1\n')
  await writeFile(path('changed.yaml'), 'b: 1\n')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'Begin')
})

describe('a commit in a mapped working copy', () => {
  it('holds that one file, in the name of the user, and leaves alone what else is staged or changed', async () => {
    await writeFile(path('staged.yaml'), 'a: 2\n')
    await writeFile(path('new.yaml'), 'n: 1\n')
    await git('add', 'staged.yaml', 'new.yaml')
    await writeFile(path('changed.yaml'), 'b: 2\n')
    await writeFile(path('untracked.yaml'), 'u: 1\n')
    const others = await git('status', '--porcelain')
    const index = await git('ls-files', '-s', 'staged.yaml', 'new.yaml', 'changed.yaml')
    const head = await git('rev-parse', 'HEAD')
    expect(await look()).toEqual({
      branch: 'main',
      author: 'Ada Löw <ada@example.invalid>',
      skippedHooks: [],
      isUnsigned: false,
    })

    await writeFile(path(file), after)
    const commit = await copies.commit(root, file, after, '# Ignore replicas\n\nüber all\n', label)

    expect(await git('rev-parse', 'main')).toBe(commit)
    expect(await git('rev-parse', `${commit}^`)).toBe(head)
    expect(await git('show', '--format=%an|%ae|%cn|%B', '--name-only', commit)).toBe(
      `Ada Löw|ada@example.invalid|Ada Löw|# Ignore replicas\n\nüber all\n\n\n${file}`,
    )
    expect(await git('show', `${commit}:${file}`)).toBe(after.trimEnd())
    expect(await git('status', '--porcelain')).toBe(others)
    expect(await git('status', '--porcelain', '--', file)).toBe('')
    expect(await git('ls-files', '-s', 'staged.yaml', 'new.yaml', 'changed.yaml')).toBe(index)
    await git('fsck', '--strict')
  })

  it('runs nothing of the repository, and says which hooks, and that it is not signed', async () => {
    const ran = path('ran')
    const program = `#!/bin/sh\necho "$0" >> ${ran}\nexit 1\n`
    await mkdir(path('.own'), { recursive: true })
    for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction', 'post-index-change']) {
      await writeFile(path(`.own/${hook}`), program)
      await chmod(path(`.own/${hook}`), 0o755)
    }
    // Without the mark of a program git does not run it either.
    await writeFile(path('.own/prepare-commit-msg'), program, { mode: 0o644 })
    await writeFile(path('.own/sign'), program)
    await chmod(path('.own/sign'), 0o755)
    await git('config', 'core.hooksPath', '.own')
    await git('config', 'commit.gpgSign', 'true')
    await git('config', 'gpg.program', path('.own/sign'))
    await git('config', 'core.fsmonitor', path('.own/sign'))
    await git('config', 'filter.note.clean', path('.own/sign'))
    await git('config', 'filter.note.required', 'true')
    await writeFile(path('.git/info/attributes'), 'changed.yaml filter=note\n')
    await writeFile(path('changed.yaml'), 'b: 3\n')
    expect(await look()).toMatchObject({ skippedHooks: ['pre-commit', 'commit-msg', 'post-commit'], isUnsigned: true })
    await writeFile(path(file), after)
    const commit = await copies.commit(root, file, after, 'Ignore\n', label)
    expect(await readFile(ran, 'utf8').catch(() => 'nothing ran')).toBe('nothing ran')
    expect(await git('-c', 'core.fsmonitor=false', 'cat-file', 'commit', commit)).not.toContain('gpgsig')
  })

  it('keeps line endings as the user’s git has them', async () => {
    await writeFile(
      join(home, '.gitconfig'),
      '[user]\n\tname = A\n\temail = a@example.invalid\n[core]\n\tautocrlf = true\n',
    )
    await rm(path(file))
    await git('checkout', '--quiet', '--', file)
    const there = await readFile(path(file), 'utf8')
    expect(there).toBe(before.replaceAll('\n', '\r\n'))
    await look()
    const text = after.replaceAll('\n', '\r\n')
    await writeFile(path(file), text)
    const commit = await copies.commit(root, file, text, 'Ignore\n', label)
    expect((await run('git', ['-C', root, 'cat-file', 'blob', `${commit}:${file}`])).stdout).toBe(after)
    expect(await git('status', '--porcelain')).toBe('')
  })

  it('is made in a linked worktree, on its branch, and below a folder that is only a part of the repository', async () => {
    const main = root
    const linked = join(scratch, `linked-${rounds}`)
    await git('worktree', 'add', '--quiet', '-b', 'topic/ignore', linked)
    root = linked
    expect(await copies.look(path('clusters'), 'apps.yaml', label)).toMatchObject({ branch: 'topic/ignore' })
    await writeFile(path(file), after)
    const commit = await copies.commit(path('clusters'), 'apps.yaml', after, 'Ignore\n', label)
    expect(await git('rev-parse', 'topic/ignore')).toBe(commit)
    expect(await git('status', '--porcelain')).toBe('')
    root = main
    expect(await git('rev-parse', 'main')).not.toBe(commit)
    expect(await git('status', '--porcelain')).toBe('')
  })

  it('says what went wrong, and commits nothing', async () => {
    await writeFile(path(file), after)
    await writeFile(path('.git/index.lock'), '')
    const head = await git('rev-parse', 'HEAD')
    const { code, message, detail } = await refusal(copies.commit(root, file, after, 'Ignore\n', label))
    expect({ code, message }).toEqual({ code: 'GitFailed', message: `${file} could not be committed in ~/fleet` })
    expect(detail).toContain('index.lock')
    expect(await git('rev-parse', 'HEAD')).toBe(head)
  })

  it('tells when the file was changed under its hands', async () => {
    await writeFile(path(file), `${after}# more\n`)
    expect(await refusal(copies.commit(root, file, after, 'Ignore\n', label))).toMatchObject({
      code: 'Conflict',
      message: `${file} was changed while it was committed in ~/fleet`,
    })
  })
})

describe('what stands in the way of a commit is named with folder, state and remedy', () => {
  const refuses = async (message: string, remedy: string): Promise<void> => {
    const error = await refusal(look())
    expect(error.message).toBe(message)
    expect(error.remedy).toContain(remedy)
  }

  it('no Git working copy', async () => {
    await rm(path('.git'), { recursive: true })
    await refuses('~/fleet is not a Git working copy', 'Map the folder that you cloned')
  })

  it('a repository that git does not open', async () => {
    await writeFile(path('.git/HEAD'), 'nonsense\n')
    await refuses('git does not open ~/fleet as a working copy', 'git said: ')
  })

  it('a merge, a rebase, a cherry-pick', async () => {
    await git('switch', '--quiet', '-c', 'other')
    await writeFile(path('changed.yaml'), 'b: other\n')
    await git('commit', '--quiet', '-am', 'Other')
    await git('switch', '--quiet', 'main')
    await writeFile(path('changed.yaml'), 'b: main\n')
    await git('commit', '--quiet', '-am', 'Main')
    await git('merge', 'other').catch(() => '')
    await refuses('A merge is under way in ~/fleet', 'git merge --abort')
    await git('merge', '--abort')
    await git('rebase', 'other').catch(() => '')
    await refuses('A rebase is under way in ~/fleet', 'git rebase --abort')
    await git('rebase', '--abort')
    await git('cherry-pick', 'other').catch(() => '')
    await refuses('A cherry-pick is under way in ~/fleet', 'git cherry-pick --abort')
  })

  it('a detached HEAD', async () => {
    await git('checkout', '--quiet', '--detach')
    await refuses('~/fleet has no branch checked out', 'git switch')
  })

  it('changes of the user, staged or not', async () => {
    const what = `${file} of ~/fleet has changes of yours that are not committed`
    await writeFile(path(file), `${before}# mine\n`)
    await refuses(what, 'commit or set them aside')
    await git('add', file)
    await refuses(what, 'commit or set them aside')
    await writeFile(path(file), before)
    await refuses(what, 'commit or set them aside')
  })

  it('a file that is not in Git, or that git does not look at', async () => {
    await git('update-index', '--assume-unchanged', file)
    await refuses(`git was told not to look at ${file} of ~/fleet`, 'git update-index')
    await git('rm', '--quiet', '--cached', file)
    await git('commit', '--quiet', '-m', 'Out')
    await writeFile(path('.gitignore'), 'clusters\n')
    await refuses(`${file} of ~/fleet is not in Git`, 'Add and commit it first')
  })

  it('a filter', async () => {
    await git('config', 'filter.lfs.clean', 'cat')
    await writeFile(path('.git/info/attributes'), '*.yaml filter=lfs\n')
    await refuses(`${file} of ~/fleet passes through the filter lfs`, 'commit it with your own git')
  })

  it('nobody to commit as', async () => {
    await writeFile(join(home, '.gitconfig'), '')
    await refuses('git does not know in whose name to commit in ~/fleet', 'user.email')
    copies = copiesWith({
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.invalid',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.invalid',
    })
    expect(await look()).toMatchObject({ author: 'A <a@example.invalid>' })
  })

  it('no git', async () => {
    copies = createWorkingCopies({ env: env(), path: () => Promise.resolve(home) })
    await refuses('There is no git on this machine that could commit', 'Install git 2.31')
  })
})
