import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFolders } from '../../../electron/adapters/folders/folders.ts'

let base: string
let root: string
const folders = createFolders('/home/nobody')

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'sluice-folders-')))
  root = join(base, 'fleet')
  await mkdir(join(root, 'apps/.git'), { recursive: true })
  await mkdir(join(root, '.git'))
  await mkdir(join(base, 'fleet-of-others'))
  await writeFile(join(root, 'apps/a.yaml'), 'a: 1\n')
  await writeFile(join(root, '.git/config'), 'secret')
  await writeFile(join(base, 'outside.yaml'), 'secret')
  await writeFile(join(base, 'fleet-of-others/x.yaml'), 'secret')
  await symlink('../outside.yaml', join(root, 'out.yaml'))
  await symlink(base, join(root, 'up'))
  await symlink('apps', join(root, 'in'))
  await symlink('loop', join(root, 'loop'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

describe('SECURITY 11: a file of a folder', () => {
  const text = async (file: string): Promise<string> =>
    new TextDecoder().decode((await folders.read(root, file, 1000)).bytes)

  it('is read, through links that stay inside, too', async () => {
    expect(await text('apps/a.yaml')).toBe('a: 1\n')
    expect(await text('in/a.yaml')).toBe('a: 1\n')
    expect(await folders.read(root, 'apps/a.yaml', 2)).toMatchObject({ isTruncated: true })
  })

  it.each([
    ['out.yaml', 'Forbidden'],
    ['up/outside.yaml', 'Forbidden'],
    ['up/fleet-of-others/x.yaml', 'Forbidden'],
    ['.git/config', 'Forbidden'],
    ['../outside.yaml', 'InvalidInput'],
    ['apps/../../outside.yaml', 'InvalidInput'],
    ['/etc/passwd', 'InvalidInput'],
    ['apps//a.yaml', 'InvalidInput'],
    ['apps\\a.yaml', 'InvalidInput'],
    ['apps/a.yaml\0', 'InvalidInput'],
    ['apps', 'InvalidInput'],
    ['loop', 'InvalidInput'],
    ['apps/none.yaml', 'NotFound'],
    ['apps/a.yaml/b', 'NotFound'],
  ])('%j is refused: %s', async (file, code) => {
    await expect(folders.read(root, file, 1000)).rejects.toMatchObject({ code })
  })
})

describe('SECURITY 7: a file of a folder is replaced', () => {
  it('at once, with its mode, where it is what was shown, and through links inside only', async () => {
    const path = join(root, 'apps/written.yaml')
    await writeFile(path, 'a: 1\n')
    await chmod(path, 0o640)
    await folders.replace(root, 'in/written.yaml', 'a: 1\n', 'a: 2\n')
    expect(await readFile(path, 'utf8')).toBe('a: 2\n')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    await expect(folders.replace(root, 'apps/written.yaml', 'a: 1\n', 'a: 3\n')).rejects.toMatchObject({
      code: 'Conflict',
    })
    expect(await readFile(path, 'utf8')).toBe('a: 2\n')
    expect((await readdir(join(root, 'apps'))).filter((name) => name.endsWith('.tmp'))).toEqual([])
    await rm(path)
  })

  it.each([
    ['out.yaml', 'Forbidden'],
    ['up/outside.yaml', 'Forbidden'],
    ['.git/config', 'Forbidden'],
    ['../outside.yaml', 'InvalidInput'],
    ['apps', 'InvalidInput'],
    ['apps/none.yaml', 'NotFound'],
  ])('and %j is refused: %s', async (file, code) => {
    await expect(folders.replace(root, file, 'secret', 'lost')).rejects.toMatchObject({ code })
    expect(await readFile(join(base, 'outside.yaml'), 'utf8')).toBe('secret')
    expect(await readFile(join(root, '.git/config'), 'utf8')).toBe('secret')
  })
})

describe('a folder', () => {
  it('is known by its real path', async () => {
    expect(await folders.resolve(`${root}/in`)).toBe(join(root, 'apps'))
    expect(await createFolders(base).resolve(' ~/fleet ')).toBe(root)
    expect(createFolders(base).display(root)).toBe('~/fleet')
    expect(createFolders(root).display(join(base, 'fleet-of-others'))).toBe(join(base, 'fleet-of-others'))
  })

  it.each([
    ['fleet', 'InvalidInput'],
    ['/', 'InvalidInput'],
    ['FILE', 'InvalidInput'],
    ['/no/such/folder', 'NotFound'],
  ])('%s cannot be opened: %s', async (path, code) => {
    await expect(folders.resolve(path === 'FILE' ? join(root, 'apps/a.yaml') : path)).rejects.toMatchObject({ code })
  })

  it('is there, or missing', async () => {
    expect(await folders.state(root)).toBe('there')
    expect(await folders.state(join(base, 'gone'))).toBe('missing')
    expect(await folders.state(join(root, 'apps/a.yaml'))).toBe('missing')
  })
})
