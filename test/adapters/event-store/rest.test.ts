/** The writing thread ends when there is nothing to write, and begins again: nothing that was acknowledged or said is lost by it. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newEntry, openStore, readAll, testFolder, workerEntry } from './entries.ts'

it('ends between entries, and loses none that come while it ends', { timeout: 60_000 }, async () => {
  const store = openStore(join(testFolder(), 'history.db'), workerEntry, { writerIdleMs: 1 })
  let count = 0
  // From the moment of an answer on, at every distance up to well behind the end of the thread.
  for (let pauseMs = 0; pauseMs < 30; pauseMs += 3) {
    const all = Array.from({ length: 3 }, () => store.append([newEntry({ message: `number ${(count += 1)}` })]))
    await Promise.all(all)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  expect(new Set((await readAll(store)).map(({ message }) => message)).size).toBe(count)
  expect(await store.state()).toMatchObject({ entries: count, problem: '', note: '' })
})

it('goes on telling what the thread that ended had found', async () => {
  const folder = testFolder()
  const file = join(folder, 'history.db')
  writeFileSync(file, 'precious words of somebody else')
  const store = openStore(file, workerEntry, { writerIdleMs: 1 })
  await store.append([newEntry()])
  // The last connection takes the journal along.
  await expect.poll(() => existsSync(`${file}-wal`), { timeout: 10_000 }).toBe(false)
  expect((await store.state()).note).toContain('set aside as')
})
