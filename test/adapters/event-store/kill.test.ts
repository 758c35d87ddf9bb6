/** Killed at any point of writing: what was acknowledged is there, and the file opens. Two processes write one file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isSoak, seed } from '../../soak.ts'
import { openStore, readAll, testFolder } from './entries.ts'

const child = join(import.meta.dirname, 'write-child.ts')

/** Appends until `stopAfter` were acknowledged, then dies by SIGKILL; the acknowledged ones. */
async function writeUntilKilled(file: string, name: string, stopAfter: number): Promise<readonly number[]> {
  const process_ = spawn(process.execPath, [child, file, name, '100000', '-'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  process_.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').length > stopAfter) process_.kill('SIGKILL')
  })
  await once(process_, 'close')
  expect(process_.signalCode).toBe('SIGKILL')
  return text.split('\n').slice(0, -1).map(Number)
}

it('loses nothing that was acknowledged when it is killed', { timeout: 1_200_000 }, async () => {
  const file = join(testFolder(), 'history.db')
  let random = seed() * 7919
  const expected = new Map<string, readonly number[]>()
  for (let round = 0; round < (isSoak ? 200 : 5); round++) {
    // Two at once: one is killed while the other writes.
    const names = [`a${round}`, `b${round}`]
    const written = await Promise.all(
      names.map((name) => {
        random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
        return writeUntilKilled(file, name, 1 + (random % 60))
      }),
    )
    for (const [index, name] of names.entries()) expected.set(name, written[index] ?? [])
    if (isSoak && round % 20 !== 19) continue
    const store = openStore(file)
    for (const [name, numbers] of expected) {
      const found = new Set(
        (await readAll(store, { clusters: [name] })).map(({ message }) => Number(message.split(' ')[1])),
      )
      expect(numbers.filter((number) => !found.has(number))).toEqual([])
      // What was on its way may have arrived, too.
      expect(found.size - numbers.length).toBeLessThanOrEqual(4)
    }
    await store.check('full')
    expect(await store.state()).toMatchObject({ note: '', problem: '' })
    await store.close()
  }
})

it('is made by several processes at once', { timeout: 120_000 }, async () => {
  for (let round = 0; round < 8; round++) {
    const file = join(testFolder(), `history-${round}.db`)
    const names = ['one', 'two', 'three']
    const exits = names.map(async (name) => {
      const each = spawn(process.execPath, [child, file, name, '4', '-'], { stdio: ['ignore', 'ignore', 'inherit'] })
      await once(each, 'close')
      return each.exitCode
    })
    expect(await Promise.all(exits)).toEqual([0, 0, 0])
    const store = openStore(file)
    expect(await readAll(store, { clusters: names })).toHaveLength(12)
    await store.close()
  }
})

it('takes the entries of two processes at once', { timeout: 120_000 }, async () => {
  const file = join(testFolder(), 'history.db')
  const exits = ['one', 'two'].map(async (name) => {
    const one = spawn(process.execPath, [child, file, name, '200', '-'], { stdio: ['ignore', 'ignore', 'inherit'] })
    await once(one, 'close')
    return one.exitCode
  })
  expect(await Promise.all(exits)).toEqual([0, 0])
  const store = openStore(file)
  const all = await readAll(store)
  expect(all).toHaveLength(400)
  expect(new Set(all.map(({ key }) => key)).size).toBe(400)
  expect((await store.state()).entries).toBe(400)
})
