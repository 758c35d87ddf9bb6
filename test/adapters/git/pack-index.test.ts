/** The index that we write of a pack is the one that git writes, byte for byte; damaged packs are refused. */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GitObject } from '../../../electron/adapters/git/pack-format.ts'
import { indexPack } from '../../../electron/adapters/git/pack-index.ts'

const run = promisify(execFile)
const { signal } = new AbortController()
const env = { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/' }
let scratch = ''
let pack = ''
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'sluice-pack-index-'))
  const work = path.join(scratch, 'work')
  await mkdir(work)
  const git = (...words: string[]) =>
    run('git', ['-C', work, '-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...words], { env })
  await git('init', '-q')
  // Long texts that change a little: chains of deltas.
  const lines = Array.from({ length: 400 }, (_, i) => `line ${i} ${createHash('sha1').update(String(i)).digest('hex')}`)
  for (let round = 0; round < 25; round++) {
    lines[round * 7] = `changed in ${round}`
    await writeFile(path.join(work, 'long.txt'), lines.join('\n'))
    await writeFile(path.join(work, `f${round}.yaml`), `round: ${round}\n`)
    await git('add', '-A')
    await git('commit', '-q', '-m', `Round ${round}`)
    if (round % 10 === 0) await git('tag', '-a', '-m', 'x', `v${round}`)
  }
  await writeFile(path.join(work, 'empty'), '')
  await writeFile(path.join(work, 'large.bin'), Buffer.alloc(70 * 1024 * 1024, 'sluice'))
  await git('add', '-A')
  await git('commit', '-q', '-m', 'Large')
  await git('-c', 'core.bigFileThreshold=1m', 'repack', '-q', '-a', '-d', '-f', '--depth=20')
  const folder = path.join(work, '.git', 'objects', 'pack')
  pack = path.join(folder, (await readdir(folder)).find((name) => name.endsWith('.pack')) ?? '')
}, 60_000)
afterAll(() => rm(scratch, { recursive: true, force: true }))

test('as git writes it, deltas and an object of 70 MB among them', async () => {
  const own = path.join(scratch, 'own')
  await copyFile(pack, `${own}.pack`)
  const { count } = await indexPack(own, () => null, signal)
  expect(count).toBeGreaterThan(100)
  await run('git', ['index-pack', '-o', path.join(scratch, 'git.idx'), pack], { env })
  const [ours, theirs] = await Promise.all([readFile(`${own}.idx`), readFile(path.join(scratch, 'git.idx'))])
  expect(ours.equals(theirs)).toBe(true)
})

test('what the far side left out is put in: git takes the pack for a whole one', async () => {
  const work = path.dirname(path.dirname(path.dirname(path.dirname(pack))))
  const thin = await new Promise<Buffer>((resolve, reject) => {
    const child = spawn(
      'git',
      ['-C', work, 'pack-objects', '--thin', '--stdout', '--revs', '--delta-base-offset', '-q'],
      {
        env,
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    )
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(parts)))
    child.stdin.end('HEAD~1\n^HEAD~2\n')
  })
  const own = path.join(scratch, 'thin')
  await writeFile(`${own}.pack`, thin)
  await expect(indexPack(own, () => null, signal)).rejects.toMatchObject({ code: 'GitFailed' })
  const asked: string[] = []
  const bases = new Map<string, GitObject>()
  const { stdout: names } = await run('git', ['-C', work, 'rev-list', '--objects', '-1', 'HEAD~2'], { env })
  for (const line of names.split('\n')) {
    const [oid = '', name = ''] = line.split(' ')
    if (name !== 'long.txt' && (name !== '' || line !== `${oid} `)) continue
    const type = name === '' ? 'tree' : 'blob'
    const { stdout } = await run('git', ['-C', work, 'cat-file', type, oid], { env, encoding: 'buffer' })
    bases.set(oid, { type, data: stdout })
  }
  const { count, sum } = await indexPack(
    own,
    (oid) => {
      asked.push(oid)
      return bases.get(oid) ?? null
    },
    signal,
  )
  expect(asked.length).toBeGreaterThan(0)
  expect(count).toBe(thin.readUInt32BE(8) + asked.length)
  const { stdout } = await run('git', ['index-pack', '-o', path.join(scratch, 'thin-git.idx'), `${own}.pack`], { env })
  expect(stdout).toContain(sum)
  const [ours, theirs] = await Promise.all([readFile(`${own}.idx`), readFile(path.join(scratch, 'thin-git.idx'))])
  expect(ours.equals(theirs)).toBe(true)
})

test('cut off, changed and lying packs are refused', async () => {
  const whole = (await readFile(pack)).subarray(0, 40_000)
  const own = path.join(scratch, 'bad')
  const refuse = async (bytes: Buffer): Promise<void> => {
    await writeFile(`${own}.pack`, bytes)
    await expect(indexPack(own, () => null, signal)).rejects.toMatchObject({ code: 'GitFailed' })
  }
  await refuse(whole)
  await refuse(whole.subarray(0, 10))
  await refuse(Buffer.from('PACK'))
  const counting = Buffer.from(whole)
  counting.writeUInt32BE(0xffffffff, 8)
  await refuse(counting)
  for (let seed = 0; seed < 40; seed++) {
    const changed = Buffer.from(whole)
    const at = 12 + ((seed * 7919) % 600)
    changed[at] = (changed[at] ?? 0) ^ (1 << (seed % 8))
    await refuse(changed)
  }
})
