/** Reading the file through beside all else: what is whole is never taken for damaged, and set aside with everything that was kept. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { never, newEntry, openStore, refOf, testFolder, workerEntry } from './entries.ts'

it.each([
  ['in threads of its own', workerEntry],
  ['in one thread with all else', null],
])('finds nothing wrong while entries come and words are looked for, %s', { timeout: 60_000 }, async (_how, entry) => {
  const store = openStore(join(testFolder(), 'history.db'), entry)
  let count = 0
  const some = (): ReturnType<typeof newEntry>[] =>
    Array.from({ length: 5 }, () => {
      count += 1
      return newEntry({ message: `message ${count} of ${count % 77}`, ref: refOf(`name-${count % 9}`) })
    })
  for (let round = 0; round < 12; round += 1) {
    await Promise.all([
      ...Array.from({ length: 8 }, () => store.append(some())),
      store.query({ words: ['message'] }, { limit: 50, after: null }, never),
      store.check('quick'),
    ])
  }
  expect(await store.state()).toMatchObject({ entries: count, note: '', problem: '' })
})
