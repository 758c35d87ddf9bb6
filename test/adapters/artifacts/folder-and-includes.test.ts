/** Trees that are not archives: mapped folders, and repositories with includes copied in. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import type { TreeStore } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createTarFiles, tarRoot } from '../../../electron/adapters/files/tar-files.ts'
import type { TarFiles } from '../../../electron/adapters/files/tar-files.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import type { StoredTree, TreeLimits } from '../../../electron/engine/source/artifact-port.ts'

const { signal } = new AbortController()
let base = ''
let folder = ''
let cache: TreeStore

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'sluice-folder-'))
  folder = join(base, 'work')
  mkdirSync(folder)
  cache = createArtifactCache({ folder: join(base, 'cache'), now: () => Date.now() })
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const old = new Date(Date.now() - 60_000)
function write(path: string, text: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  utimesSync(file, old, old)
}
function snapshot(ignore: string | null = null, limits: Partial<TreeLimits> = {}): Promise<StoredTree> {
  return cache.storeFolder({ folder, what: 'Folder work', ignore, limits: { ...defaultTreeLimits, ...limits }, signal })
}
function pathsOf(tree: StoredTree): string[] {
  const files = createTarFiles(tree.path)
  const found: string[] = []
  const visit = (directory: string): void => {
    for (const name of files.list(directory)) {
      const path = `${directory}/${name}`
      if (files.stat(path) === 'directory') visit(path)
      else found.push(path.slice(tarRoot.length + 1))
    }
  }
  visit(tarRoot)
  files.close()
  return found
}
const textOf = (files: TarFiles, path: string): string => Buffer.from(files.read(`${tarRoot}/${path}`)).toString()

describe('a mapped folder', () => {
  it('is what source-controller would archive of it', async () => {
    write('apps/a.yaml', 'a: 1\n')
    write('logo.png', 'x')
    write('.github/workflow.yml', 'x')
    write('.gitignore', 'secrets.yaml\nnode_modules/\n')
    write('secrets.yaml', 'never committed')
    write('node_modules/x/index.yaml', 'x')
    write('.git/config', 'x')
    symlinkSync('/etc', join(folder, 'etc'))
    symlinkSync('/etc/passwd', join(folder, 'apps/passwd.yaml'))
    expect(pathsOf(await snapshot())).toEqual(['apps/a.yaml'])
    // The defaults go as soon as somebody gives a pattern.
    expect(pathsOf(await snapshot('/apps'))).toEqual(['.github/workflow.yml', 'logo.png'])
    write('.sourceignore', '*.png\n!apps\n')
    expect(pathsOf(await snapshot())).toEqual(['.github/workflow.yml', '.sourceignore', 'apps/a.yaml'])
  })

  it('is stored again only when something changed', async () => {
    write('a.yaml', 'a: 1\n')
    write('b.yaml', 'b: 1\n')
    const one = await snapshot()
    expect(await snapshot()).toEqual(one)
    write('b.yaml', 'b: 2\n')
    const two = await snapshot()
    expect(two.path).not.toBe(one.path)
    expect(two.contentKey).not.toBe(one.contentKey)
    // The earlier state is still what it was.
    expect(textOf(createTarFiles(one.path), 'b.yaml')).toBe('b: 1\n')
    expect(textOf(createTarFiles(two.path), 'b.yaml')).toBe('b: 2\n')
  })

  it('that is too large, holds a pipe, or is not there', async () => {
    for (let index = 0; index < 11; index++) write(`f${index}`, '')
    await expect(snapshot(null, { maxFiles: 10 })).rejects.toMatchObject({ code: 'ArtifactRefused' })
    await expect(snapshot(null, { maxBytes: -1 })).rejects.toMatchObject({ code: 'ArtifactRefused' })
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')])
    expect(pathsOf(await snapshot())).not.toContain('pipe.yaml')
    rmSync(folder, { recursive: true })
    await expect(snapshot()).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
  })
})

describe('includes', () => {
  const treeOf = (key: string, files: Readonly<Record<string, string>>): Promise<StoredTree> =>
    cache.storeFiles({
      key,
      what: key,
      limits: defaultTreeLimits,
      write: (writer) => {
        for (const [path, text] of Object.entries(files)) writer.addFile(path, Buffer.from(text))
      },
    })
  const compose = (
    parts: readonly { tree: StoredTree; fromPath: string; toPath: string }[],
    ignore: string | null = null,
  ) =>
    cache.compose({
      key: JSON.stringify([parts, ignore]),
      what: 'GitRepository a/b',
      parts,
      ignore,
      limits: defaultTreeLimits,
      signal,
    })

  it('come to their place, the ignore rules of the whole hold for them', async () => {
    const main = await treeOf('main', { 'a.yaml': 'main', '.sourceignore': 'vendor/skip.yaml\n' })
    const lib = await treeOf('lib', {
      'charts/x.yaml': 'x',
      'charts/skip.yaml': 's',
      'other.yaml': 'o',
      'a.yaml': 'lib',
    })
    const tree = await compose([
      { tree: main, fromPath: '', toPath: '' },
      { tree: lib, fromPath: 'charts', toPath: 'vendor' },
      { tree: lib, fromPath: './other.yaml', toPath: 'one/other.yaml' },
    ])
    expect(pathsOf(tree)).toEqual(['.sourceignore', 'a.yaml', 'one/other.yaml', 'vendor/x.yaml'])
    expect(textOf(createTarFiles(tree.path), 'a.yaml')).toBe('main')
  })

  it('never lead out, from either side', async () => {
    const main = await treeOf('main', { 'a.yaml': 'main' })
    const tree = await compose([
      { tree: main, fromPath: '../../..', toPath: '../../up' },
      { tree: main, fromPath: '', toPath: 'x/../../../y' },
    ])
    expect(pathsOf(tree)).toEqual(['up/a.yaml', 'y/a.yaml'])
    await expect(compose([{ tree: main, fromPath: 'none', toPath: '' }])).rejects.toMatchObject({
      code: 'ArtifactRefused',
      message: expect.stringContaining('has no "none"') as string,
    })
  })
})
