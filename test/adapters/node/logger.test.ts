import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createFileLogger } from '../../../electron/adapters/node/logger.ts'
import type { BlobStore } from '../../../electron/engine/ports.ts'

const now = Date.parse('2026-09-17T08:00:00Z')
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A store whose lines have been written when `written` resolves; with `shrink`, files are turned so many times earlier. */
function watchedStore(shrink = 1): { readonly store: BlobStore; readonly written: () => Promise<unknown> } {
  const store = createBlobStore(folder)
  const lines: Promise<void>[] = []
  return {
    store: {
      ...store,
      appendLine(name, text, { rotateBytes, keep }) {
        const line = store.appendLine(name, text, { rotateBytes: rotateBytes / shrink, keep })
        lines.push(line)
        return line
      },
    },
    written: () => Promise.allSettled(lines),
  }
}

const readLog = (name = 'engine.jsonl'): Promise<string> => readFile(join(folder, 'logs', name), 'utf8')

test('one line of JSON for each entry, readable by its owner alone', async () => {
  const { store, written } = watchedStore()
  const logger = createFileLogger(store, 'engine', () => now)
  logger.log('info', 'connected', { context: 'kind-lab', ms: 12 })
  logger.log('error', 'two\nlines')
  await written()
  expect(
    (await readLog())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { time: '2026-09-17T08:00:00.000Z', level: 'info', message: 'connected', context: 'kind-lab', ms: 12 },
    { time: '2026-09-17T08:00:00.000Z', level: 'error', message: 'two\nlines' },
  ])
  expect((await stat(join(folder, 'logs', 'engine.jsonl'))).mode & 0o777).toBe(0o600)
})

test('SECURITY 15: passwords, tokens and keys are taken out of words and fields', async () => {
  const { store, written } = watchedStore()
  const logger = createFileLogger(store, 'engine', () => now)
  const secret = 'hunter2-hunter2-hunter2'
  logger.log('warn', `fetching https://bot:${secret}@git.example.com/a.git failed`, {
    authorization: `Bearer ${secret}`,
    token: secret,
    nested: { password: secret, header: `Authorization: Bearer ${secret}` },
    list: [`https://bot:${secret}@git.example.com/b.git`],
  })
  await written()
  const text = await readLog()
  expect(text).toContain('git.example.com/a.git')
  expect(text).not.toContain(secret)
})

test('SECURITY 15: files are turned at 5 MB, three old ones are kept', async () => {
  const { store, written } = watchedStore(1000)
  const logger = createFileLogger(store, 'engine', () => now)
  for (let index = 0; index < 30; index++) logger.log('info', 'x'.repeat(900), { index })
  await written()
  const names = (await readdir(join(folder, 'logs'))).sort()
  expect(names).toEqual(['engine.jsonl', 'engine.jsonl.1', 'engine.jsonl.2', 'engine.jsonl.3'])
  for (const name of names.slice(1)) {
    const { size } = await stat(join(folder, 'logs', name))
    expect(size).toBeGreaterThan(4000)
    expect(size).toBeLessThanOrEqual(5000)
  }
  expect((JSON.parse((await readLog()).trimEnd().split('\n').at(-1) ?? '') as { index: number }).index).toBe(29)
})

test('nothing hangs on a log that cannot be written', async () => {
  const broken = { ...createBlobStore(folder), appendLine: () => Promise.reject(new Error('disk full')) }
  let unhandled = 0
  const count = (): void => void (unhandled += 1)
  process.on('unhandledRejection', count)
  createFileLogger(broken, 'engine', () => now).log('info', 'anything')
  // Rejections nobody took are told between two turns of the loop.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  process.off('unhandledRejection', count)
  expect(unhandled).toBe(0)
})
