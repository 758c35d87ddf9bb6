import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { createSnapshotFiles } from '../../../electron/adapters/snapshot/snapshot-files.ts'
import type { SnapshotFiles } from '../../../electron/engine/snapshot/snapshot-port.ts'
import { isSoak, seed } from '../../soak.ts'

let root: string
let folder: string
let files: SnapshotFiles
let now: number
const roots: string[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-snapshot-'))
  roots.push(root)
  folder = join(root, 'last-seen')
  now = 1_790_000_000_000
  files = createSnapshotFiles({ folder, maxBytes: 1000, maxFilesPerCluster: 3, now: () => now })
})
afterAll(() => Promise.all(roots.map((each) => rm(each, { recursive: true, force: true }))))

async function write(cluster: string, name: string, text: string, at = now): Promise<void> {
  const file = await files.create(cluster, name)
  for (const part of text.match(/.{1,100}/gs) ?? []) await file.append(Buffer.from(part))
  await file.commit(at)
}

async function read(cluster: string, name: string): Promise<string | null> {
  const file = await files.open(cluster, name)
  if (file === null) return null
  const bytes = await file.read(0, file.size)
  await file.close()
  return Buffer.from(bytes).toString()
}

it('keeps a file from its parts, read from anywhere, with its time, for its user alone', async () => {
  await write('c', 'a', 'x'.repeat(150) + 'end', now - 5000)
  const file = await files.open('c', 'a')
  expect([file?.size, file?.at, Buffer.from((await file?.read(150, 99)) ?? []).toString()]).toEqual([
    153,
    now - 5000,
    'end',
  ])
  await file?.close()
  await files.touch('c', 'a', now)
  const touched = await files.open('c', 'a')
  expect(touched?.at).toBe(now)
  await touched?.close()
  expect((await stat(join(folder, 'c', 'a'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, 'c'))).mode & 0o777).toBe(0o700)
  expect(await files.open('c', 'none')).toBeNull()
})

it('shows nothing of a file before it is whole, and nothing of one that was given up', async () => {
  await write('c', 'a', 'old')
  const file = await files.create('c', 'a')
  await file.append(Buffer.from('half'))
  expect(await read('c', 'a')).toBe('old')
  await file.abort()
  expect(await readdir(join(folder, 'c'))).toEqual(['a'])
  await Promise.all(['b1', 'b2', 'b3'].map((text) => write('c', 'a', text)))
  expect(await read('c', 'a')).toMatch(/^b\d$/)
})

it('puts a damaged file out of the way, and says where', async () => {
  await write('c', 'a', 'broken')
  const aside = await files.setAside('c', 'a')
  expect([await read('c', 'a'), (await stat(aside)).size]).toEqual([null, 6])
})

it('deletes what is kept of one cluster, or of all', async () => {
  for (const cluster of ['c', 'd']) await write(cluster, 'a', 'x')
  await files.remove('c')
  expect([await read('c', 'a'), await read('d', 'a')]).toEqual([null, 'x'])
  await files.remove(null)
  expect(await read('d', 'a')).toBeNull()
})

it('stays within its bounds: oldest first, and what a killed writer left', async () => {
  await mkdir(join(folder, 'c'), { recursive: true })
  const old = new Date(now - 2 * 60 * 60_000)
  await writeFile(join(folder, 'c', 'a.draft-1-1'), 'killed')
  await utimes(join(folder, 'c', 'a.draft-1-1'), old, old)
  for (const [index, name] of ['a1', 'a2', 'a3', 'a4'].entries()) {
    now += 11 * 60_000
    await write('c', name, String(index))
  }
  expect(await readdir(join(folder, 'c'))).toEqual(['a2', 'a3', 'a4'])
  now += 11 * 60_000
  await write('d', 'large', 'x'.repeat(999))
  expect([await readdir(join(folder, 'c')), await readdir(join(folder, 'd'))]).toEqual([['a4'], ['large']])
})

it('takes no name that leads elsewhere, and follows no link', async () => {
  for (const name of ['../a', 'A', 'a/b', '', 'a.b'])
    await expect(files.create('c', name)).rejects.toThrow('Not a name')
  await mkdir(join(folder, 'c'), { recursive: true })
  await writeFile(join(root, 'elsewhere'), 'secret')
  await symlink(join(root, 'elsewhere'), join(folder, 'c', 'a'))
  await expect(files.open('c', 'a')).rejects.toThrow('ELOOP')
})

it('is the old file or the new one, whole, wherever its writer is killed', async () => {
  const child = join(import.meta.dirname, 'write-child.ts')
  let random = seed() * 7919
  for (let round = 0; round < (isSoak ? 200 : 5); round += 1) {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
    const writer = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let isDue = false
    // At any point of a writing: some while after one was told.
    writer.stdout.on('data', () => {
      if (isDue) return
      isDue = true
      setTimeout(() => writer.kill('SIGKILL'), random % 40)
    })
    await once(writer, 'close')
    const text = await read('c', 'a')
    expect([text?.length, new Set(text).size]).toEqual([32 * 64 * 1024, 1])
  }
})
