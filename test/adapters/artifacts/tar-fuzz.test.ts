/** Broken and hostile tars by the thousand: each is kept or refused with a reason, and what is kept shows nothing that is not in it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createTarFiles, tarRoot } from '../../../electron/adapters/files/tar-files.ts'
import { FileFault } from '../../../electron/engine/kustomize/files.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { digested, inPieces, makeTar } from './make-archive.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-tar-fuzz-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** The same numbers in every run. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const names = [
  'a.yaml',
  './b/c.yaml',
  'ü/ö.yaml',
  `${'d/'.repeat(60)}e.yaml`,
  'x'.repeat(150),
  '../up',
  '/abs',
  'a/../../b',
]
const types = ['file', 'directory', 'symlink', 'link', 'fifo', 'contiguous-file'] as const

it('of 1,000 random ones none does anything but be kept or refused', { timeout: 120_000 }, async () => {
  const cache = createArtifactCache({ folder: join(folder, 'cache'), now: () => 0 })
  const next = createNumbers(5)
  let kept = 0
  for (let round = 0; round < 1000; round++) {
    const isHostile = next(3) === 0
    const entries = Array.from({ length: 1 + next(4) }, () => {
      const type = isHostile ? types[next(types.length)]! : 'file'
      const name = names[next(isHostile ? names.length : 5)]!
      return { name, type, text: type === 'file' ? 'x'.repeat(next(1500)) : '', linkname: '../../etc/passwd' }
    })
    const tar = await makeTar(entries)
    if (next(2) === 0)
      for (let flips = 1 + next(4); flips > 0; flips--) tar[next(Math.min(tar.length, 2048))] = next(256)
    const bytes = next(8) === 0 ? tar.subarray(0, next(tar.length)) : tar
    const archive = digested(Buffer.from(bytes))
    try {
      const tree = await cache.storeArchive({
        key: String(round),
        what: 'Artifact',
        bytes: inPieces(archive.bytes, 1 + next(3000)),
        digest: archive.digest,
        limits: { ...defaultTreeLimits, maxBytes: 1_000_000 },
        signal: new AbortController().signal,
      })
      kept += 1
      const files = createTarFiles(tree.path)
      const visit = (directory: string): void => {
        for (const name of files.list(directory)) {
          expect(name === '' || name === '.' || name === '..' || name.includes('/')).toBe(false)
          const path = `${directory}/${name}`
          if (files.stat(path) === 'directory') visit(path)
          else expect(files.read(path).length).toBeLessThanOrEqual(bytes.length)
        }
      }
      visit(tarRoot)
      files.close()
    } catch (error) {
      expect(error, `round ${round}`).toBeInstanceOf(SluiceError)
      expect(error).toMatchObject({ code: 'ArtifactRefused' })
    }
    // The same bytes as a file that somebody else left there.
    const path = join(folder, 'other.tar')
    writeFileSync(path, bytes)
    try {
      createTarFiles(path).close()
    } catch (error) {
      expect(error, `round ${round}`).toBeInstanceOf(FileFault)
    }
  }
  expect(kept).toBeGreaterThan(150)
  expect(kept).toBeLessThan(850)
  expect(readdirSync(join(folder, 'cache')).filter((name) => name.includes('.part-'))).toEqual([])
})

it('what git archive writes is kept', async () => {
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    })
  git('init', '-q')
  writeFileSync(join(folder, 'ünï.yaml'), 'a: 1\n')
  git('add', '.')
  git('commit', '-q', '-m', 'one')
  const archive = digested(git('archive', '--format=tar.gz', 'HEAD'))
  const cache = createArtifactCache({ folder: join(folder, 'cache'), now: () => 0 })
  const tree = await cache.storeArchive({
    key: 'k',
    what: 'Artifact',
    bytes: inPieces(archive.bytes),
    digest: archive.digest,
    limits: defaultTreeLimits,
    signal: new AbortController().signal,
  })
  expect(createTarFiles(tree.path).list(tarRoot)).toEqual(['ünï.yaml'])
})
