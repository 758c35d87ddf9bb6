import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tryLock } from '../../../electron/adapters/control-plane/folder-lock.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('belongs to one at a time, and goes with its owner', async () => {
  const file = path.join(folder, 'lock')
  const first = await tryLock(file)
  expect(first).not.toBeNull()
  expect(await tryLock(file)).toBeNull()
  await first?.release()
  expect(await tryLock(file)).not.toBeNull()
})

it.skipIf(process.platform !== 'linux')(
  'of a process that is gone is taken over, whoever has its pid by now',
  async () => {
    const file = path.join(folder, 'lock')
    await tryLock(file)
    const mark = (await readFile(file, 'utf8')).split(' ')
    await writeFile(file, [mark[0], mark[1], '1'].join(' '))
    expect(await tryLock(file)).not.toBeNull()
    // A mark of an earlier version does not tell.
    await writeFile(file, `${String(process.pid)} some-other`)
    expect(await tryLock(file)).toBeNull()
  },
)
