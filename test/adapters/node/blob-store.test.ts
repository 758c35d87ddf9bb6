import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('what is written is read again; what is not there is null', async () => {
  const store = createBlobStore(folder)
  expect(await store.read('settings.json')).toBeNull()
  await store.write('settings.json', '{"a":1}')
  expect(Buffer.from((await store.read('settings.json')) ?? []).toString()).toBe('{"a":1}')
  expect((await stat(join(folder, 'settings.json'))).mode & 0o777).toBe(0o600)
  await store.remove('settings.json')
  expect(await store.read('settings.json')).toBeNull()
})

test('writes of one name follow one another and leave no draft', async () => {
  const store = createBlobStore(folder)
  await Promise.all(Array.from({ length: 50 }, (_, index) => store.write('snapshots/c1.bin', `version ${index}`)))
  expect(Buffer.from((await store.read('snapshots/c1.bin')) ?? []).toString()).toBe('version 49')
  expect(await readdir(join(folder, 'snapshots'))).toEqual(['c1.bin'])
})

test.each(['../x', '/etc/passwd', 'a/../b', 'A', 'a//b', '', 'a/.b', 'x\0'])(
  '%j is no name for a blob',
  async (name) => {
    const store = createBlobStore(folder)
    await expect(async () => store.read(name)).rejects.toThrow('Not a name')
  },
)

test('appended lines rotate and keep so many old files', async () => {
  const store = createBlobStore(folder)
  for (let index = 0; index < 40; index++)
    await store.appendLine('audit.jsonl', JSON.stringify({ index, pad: 'x'.repeat(80) }), {
      rotateBytes: 1000,
      keep: 2,
    })
  expect((await readdir(folder)).sort()).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2'])
  const last = (await readFile(join(folder, 'audit.jsonl'), 'utf8')).trim().split('\n').at(-1)
  expect(JSON.parse(last ?? '')).toMatchObject({ index: 39 })
})

test('a line with a line break stays one line', async () => {
  const store = createBlobStore(folder)
  await store.appendLine('audit.jsonl', 'one\ntwo', { rotateBytes: 1000, keep: 1 })
  expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).toBe('one two\n')
})
