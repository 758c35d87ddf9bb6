import { mkdir, mkdtemp, realpath, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiskFiles } from '../../../electron/adapters/files/disk-files.ts'
import { createJailedFiles } from '../../../electron/adapters/files/jailed-files.ts'
import type { FileFaultCode } from '../../../electron/engine/kustomize/files.ts'
import { FileFault } from '../../../electron/engine/kustomize/files.ts'

let base = ''
let jail = ''
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

function faultOf(work: () => unknown): { readonly code: FileFaultCode; readonly message: string } {
  try {
    work()
  } catch (error) {
    if (error instanceof FileFault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

beforeAll(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-files-')))
  jail = path.join(base, 'jail')
  await mkdir(path.join(jail, 'inner'), { recursive: true })
  await mkdir(path.join(base, 'jail-beside'))
  await writeFile(path.join(jail, 'inner/b.yaml'), 'b')
  await writeFile(path.join(jail, 'inner/B.yaml'), 'B')
  await writeFile(path.join(jail, 'inner/a10.yaml'), 'a10')
  await writeFile(path.join(base, 'secret.yaml'), 'secret')
  await writeFile(path.join(base, 'jail-beside/secret.yaml'), 'secret')
  await symlink('../secret.yaml', path.join(jail, 'out.yaml'))
  await symlink('..', path.join(jail, 'up'))
  await symlink('inner/b.yaml', path.join(jail, 'in.yaml'))
  await symlink('inner', path.join(jail, 'linked'))
  await symlink('nowhere', path.join(jail, 'dangling'))
  await symlink('loop-b', path.join(jail, 'loop-a'))
  await symlink('loop-a', path.join(jail, 'loop-b'))
})
afterAll(async () => {
  await rm(base, { recursive: true, force: true })
})

describe('files of the disk', () => {
  const disk = createDiskFiles()

  it('are told from folders, links followed', () => {
    expect(disk.stat(path.join(jail, 'inner'))).toBe('directory')
    expect(disk.stat(path.join(jail, 'in.yaml'))).toBe('file')
    expect(disk.stat(path.join(jail, 'linked'))).toBe('directory')
    for (const name of ['dangling', 'loop-a', 'none', 'in.yaml/below', 'x\u0000y'])
      expect(disk.stat(path.join(jail, name))).toBeNull()
  })

  it('are listed in the order of bytes', () => {
    expect(disk.list(path.join(jail, 'inner'))).toEqual(['B.yaml', 'a10.yaml', 'b.yaml'])
  })

  it("fail in Go's words", () => {
    const at = (name: string): string => path.join(jail, name)
    expect(faultOf(() => disk.read(at('none')))).toMatchObject({
      code: 'NotFound',
      message: `open ${at('none')}: no such file or directory`,
    })
    expect(faultOf(() => disk.read(at('inner')))).toMatchObject({
      code: 'IsADirectory',
      message: `read ${at('inner')}: is a directory`,
    })
    expect(faultOf(() => disk.list(at('in.yaml')))).toMatchObject({ code: 'NotADirectory' })
    expect(faultOf(() => disk.realPath(at('no/such/thing')))).toMatchObject({
      code: 'NotFound',
      message: `lstat ${at('no')}: no such file or directory`,
    })
    expect(faultOf(() => disk.realPath(at('loop-a')))).toMatchObject({ message: 'EvalSymlinks: too many links' })
  })

  it('beyond the limit are refused before they are read', async () => {
    const file = path.join(base, 'big')
    await writeFile(file, '')
    await truncate(file, 48_000_001)
    expect(faultOf(() => disk.read(file))).toMatchObject({ code: 'TooLarge' })
    expect(faultOf(() => createDiskFiles(3).read(path.join(base, 'secret.yaml'))).message).toContain('0 MB')
    expect(text(createDiskFiles(6).read(path.join(base, 'secret.yaml')))).toBe('secret')
  })

  it('have a fingerprint that changes with them, and none while they are young', async () => {
    const file = path.join(base, 'young')
    await writeFile(file, 'one')
    expect(disk.fingerprint?.(file)).toBeNull()
    const old = new Date(Date.now() - 10_000)
    await utimes(file, old, old)
    const first = disk.fingerprint?.(file)
    expect(first).not.toBeNull()
    expect(disk.fingerprint?.(file)).toBe(first)
    await writeFile(file, 'other')
    await utimes(file, old, old)
    expect(disk.fingerprint?.(file)).not.toBe(first)
    expect(disk.fingerprint?.(path.join(base, 'none'))).toBeNull()
  })
})

describe('files in a jail', () => {
  it('are read, by links that stay inside too', () => {
    const files = createJailedFiles(jail)
    expect(text(files.read(path.join(jail, 'in.yaml')))).toBe('b')
    expect(text(files.read(path.join(jail, 'linked/b.yaml')))).toBe('b')
    expect(files.realPath(path.join(jail, 'linked'))).toBe(path.join(jail, 'inner'))
    expect(files.list(jail)).toContain('out.yaml')
  })

  it.each([
    'out.yaml',
    'up/secret.yaml',
    '../secret.yaml',
    'inner/../../secret.yaml',
    '../jail-beside/secret.yaml',
    'up/jail-beside/secret.yaml',
    'linked/../../secret.yaml',
  ])('show nothing outside: %s', (name) => {
    const files = createJailedFiles(jail)
    const file = `${jail}/${name}`
    expect(files.stat(file)).toBeNull()
    expect(faultOf(() => files.read(file))).toMatchObject({ code: 'OutsideRoot' })
    expect(faultOf(() => files.realPath(file))).toMatchObject({ code: 'OutsideRoot' })
    expect(files.fingerprint?.(file)).toBeNull()
  })

  it('show no folder outside either, nor tell what is in it', () => {
    const files = createJailedFiles(jail)
    expect(faultOf(() => files.list(`${jail}/up`))).toMatchObject({ code: 'OutsideRoot' })
    const words = (name: string): string => faultOf(() => files.read(`${jail}/up/${name}`)).code
    expect(words('none')).toBe(words('secret.yaml'))
    expect(faultOf(() => files.realPath(`${jail}/up/none`)).code).toBe(
      faultOf(() => files.realPath(`${jail}/up/secret.yaml`)).code,
    )
  })

  it('that are not there are not found, by the name that was asked for', () => {
    const files = createJailedFiles(jail)
    expect(faultOf(() => files.read(`${jail}/linked/none`))).toMatchObject({
      code: 'NotFound',
      message: `open ${jail}/linked/none: no such file or directory`,
    })
    expect(files.stat(`${jail}/dangling`)).toBeNull()
  })

  it('need a folder', () => {
    expect(faultOf(() => createJailedFiles(path.join(base, 'none')))).toMatchObject({ code: 'NotFound' })
    expect(faultOf(() => createJailedFiles(path.join(base, 'secret.yaml')))).toMatchObject({ code: 'NotADirectory' })
  })
})
