import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createEditors } from '../../../electron/adapters/editors/editors.ts'
import { fileArguments, needsTerminal, splitCommand } from '../../../electron/adapters/editors/known-editors.ts'

let base: string
let root: string
let bin: string

async function program(name: string, code = 0): Promise<void> {
  const file = join(bin, name)
  await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" > "${join(base, `${name}.ran`)}"\nexit ${code}\n`)
  await chmod(file, 0o755)
}
const ran = async (name: string): Promise<string[]> =>
  (await readFile(join(base, `${name}.ran`), 'utf8')).trimEnd().split('\n').slice(1)

const editors = (env: Record<string, string> = {}) =>
  createEditors({
    env: { ...env, PATH: `${bin}:/usr/bin:/bin` },
    path: () => Promise.resolve(bin),
    home: base,
    settleMs: 5000,
  })

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'sluice-editors-')))
  root = join(base, 'fleet')
  bin = join(base, 'bin')
  await mkdir(join(root, 'apps'), { recursive: true })
  await mkdir(bin)
  await writeFile(join(root, 'apps/$(touch x) a.yaml'), '')
  await writeFile(join(base, 'outside.yaml'), '')
  await symlink('../outside.yaml', join(root, 'out.yaml'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

describe('SECURITY 7: a file is opened', () => {
  const file = 'apps/$(touch x) a.yaml'

  it('by its absolute path, without a shell, at its line', async () => {
    await program('code')
    expect(await editors().open('vscode', root, file, 7)).toMatchObject({ label: 'Visual Studio Code' })
    expect(await ran('code')).toEqual(['--goto', `${join(root, file)}:7`])
  })

  it('by the editor of the environment, with its own arguments', async () => {
    await program('gvim')
    await editors({ EDITOR: 'gvim --nofork "$(touch y)"' }).open('environment', root, file, 3)
    expect(await ran('gvim')).toEqual(['--nofork', '$(touch y)', '+3', join(root, file)])
  })

  it('in a terminal where the editor needs one, else says so', async () => {
    await program('vim')
    await expect(editors({ VISUAL: 'vim' }).open('environment', root, file, 1)).rejects.toMatchObject({
      code: 'ToolMissing',
    })
    await program('xterm')
    await editors({ VISUAL: 'vim' }).open('environment', root, file, 1)
    await vi.waitFor(async () => expect(await ran('xterm')).toEqual(['-e', join(bin, 'vim'), '+1', join(root, file)]))
  })

  it.each([
    ['out.yaml', 'Forbidden'],
    ['../outside.yaml', 'InvalidInput'],
    ['none.yaml', 'NotFound'],
  ])('never outside the folder: %s is %s', async (path, code) => {
    await expect(editors().open('vscode', root, path, 1)).rejects.toMatchObject({ code })
  })
})

it('an editor that is missing, or fails, is said by name', async () => {
  await expect(editors().open('jetbrains', root, 'apps/$(touch x) a.yaml', 1)).rejects.toMatchObject({
    code: 'ToolMissing',
    remedy: expect.stringContaining('Settings') as string,
  })
  await program('idea', 3)
  await expect(editors().open('jetbrains', root, 'apps/$(touch x) a.yaml', 1)).rejects.toMatchObject({
    code: 'StartFailed',
    message: expect.stringContaining('idea') as string,
  })
  expect((await editors().choices()).map(({ id, program: found }) => [id, found !== ''])).toEqual([
    ['vscode', true],
    ['jetbrains', true],
    ['environment', false],
  ])
})

it('each editor takes its line in its own way', () => {
  const shown = (editor: Parameters<typeof fileArguments>[0], name: string) => fileArguments(editor, name, '/f', 5)
  expect(shown('vscode', '/usr/bin/codium')).toEqual(['--goto', '/f:5'])
  expect(shown('jetbrains', 'idea')).toEqual(['--line', '5', '/f'])
  expect(shown('environment', 'C:\\tools\\Subl.exe')).toEqual(['/f:5'])
  expect(shown('environment', 'nano')).toEqual(['+5', '/f'])
  expect(shown('environment', 'unknown')).toEqual(['/f'])
  expect(fileArguments('vscode', 'code', '/f', 0)).toEqual(['/f'])
  expect(splitCommand(`"/my editor" -x 'a b' c`)).toEqual(['/my editor', '-x', 'a b', 'c'])
  expect([['vim'], ['emacs', '-nw'], ['emacs'], ['code']].map(needsTerminal)).toEqual([true, true, false, false])
})
