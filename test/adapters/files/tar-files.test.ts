import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTarFiles, tarRoot } from '../../../electron/adapters/files/tar-files.ts'
import { FileFault } from '../../../electron/engine/kustomize/files.ts'
import { makeTar } from '../artifacts/make-archive.ts'
import type { ArchiveEntry } from '../artifacts/make-archive.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-tar-files-'))))
afterEach(() => rmSync(folder, { recursive: true }))

async function open(entries: readonly ArchiveEntry[], cutAt = Infinity, limitBytes?: number) {
  const path = join(folder, 'tree.tar')
  writeFileSync(path, (await makeTar(entries)).subarray(0, cutAt))
  return createTarFiles(path, limitBytes)
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof FileFault ? error.code : String(error)
  }
  return 'none'
}

it('shows a tar that others wrote', async () => {
  const files = await open([
    { name: 'b/x.yaml', text: 'x' },
    { name: 'b.yaml', text: 'b' },
  ])
  expect(files.list(tarRoot)).toEqual(['b', 'b.yaml'])
  expect(Buffer.from(files.read('/artifact/b/./x.yaml')).toString()).toBe('x')
  expect(files.realPath('/artifact/b/../b//x.yaml')).toBe('/artifact/b/x.yaml')
  expect(files.fingerprint?.('/artifact/b.yaml')).toMatch(/^[0-9a-f]{32}$/)
})

it('says what is wrong as a disk does', async () => {
  const files = await open([{ name: 'a/x.yaml', text: 'x' }])
  expect(codeOf(() => files.read('/artifact/none'))).toBe('NotFound')
  expect(codeOf(() => files.read('/artifact/a'))).toBe('IsADirectory')
  expect(codeOf(() => files.read('/artifact/a/x.yaml/y'))).toBe('NotADirectory')
  expect(codeOf(() => files.list('/artifact/a/x.yaml'))).toBe('NotADirectory')
  expect(codeOf(() => files.list('/artifact/none'))).toBe('NotFound')
  expect(codeOf(() => files.realPath('/artifact/a/none'))).toBe('NotFound')
  expect(files.stat('/artifact/a/none')).toBeNull()
  expect(files.fingerprint?.('/artifact/a')).toBeNull()
})

it('shows nothing outside of the artifact', async () => {
  const files = await open([{ name: 'etc/passwd', text: 'x' }])
  for (const path of [
    '/etc/passwd',
    '/artifact/../etc/passwd',
    '/artifact/../../../etc/passwd',
    '/artifact2/etc/passwd',
  ])
    expect(files.stat(path)).toBeNull()
  expect(files.list('/')).toEqual(['artifact'])
})

it('refuses links, escapes, cut and missing files', async () => {
  expect(await open([{ name: 'l', type: 'symlink', linkname: '/etc' }]).catch(String)).toContain('symbolic link')
  expect(await open([{ name: '../l', text: 'x' }]).catch(String)).toContain('leads out')
  expect(await open([{ name: 'l', text: 'x' }], 1024).catch(String)).toContain('cut off')
  expect(codeOf(() => createTarFiles(join(folder, 'none.tar')))).toBe('NotFound')
})

it('reads no file beyond the limit, and none after it was closed', async () => {
  const files = await open([{ name: 'a', text: '12345' }], Infinity, 4)
  expect(codeOf(() => files.read('/artifact/a'))).toBe('TooLarge')
  const closed = await open([{ name: 'a', text: '12345' }])
  closed.close()
  closed.close()
  expect(codeOf(() => closed.read('/artifact/a'))).toBe('Io')
})
