import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import type { TreeStore } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createTarFiles } from '../../../electron/adapters/files/tar-files.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import type { StoredTree, TreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import { digested, inPieces, makeArchive, makeTar } from './make-archive.ts'
import type { ArchiveEntry } from './make-archive.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
let folder = ''
let now = 1_000_000_000_000
let cache: TreeStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-artifacts-'))
  cache = createArtifactCache({ folder, now: () => now })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function store(
  key: string,
  archive: { bytes: Buffer; digest: string },
  limits: Partial<TreeLimits> = {},
  signal = new AbortController().signal,
): Promise<StoredTree> {
  return cache.storeArchive({
    key,
    what: 'Artifact of GitRepository a/b',
    bytes: inPieces(archive.bytes),
    digest: archive.digest,
    limits: { ...defaultTreeLimits, ...limits },
    signal,
  })
}

describe('archives that are kept', () => {
  it('gives the files back, whatever their names are', async () => {
    const long = `${'deep/'.repeat(30)}${'x'.repeat(120)}.yaml`
    const entries: ArchiveEntry[] = [
      { name: 'apps', type: 'directory' },
      { name: 'apps/a.yaml', text: 'a: 1\n' },
      { name: './apps/b.yaml', text: '' },
      { name: 'ünï/cödé 😀.yaml', text: 'c: 1\n' },
      { name: long, text: 'd: 1\n' },
      { name: 'empty', type: 'directory' },
    ]
    const tree = await store('k', await makeArchive(entries))
    expect(tree).toMatchObject({ kind: 'archive', files: 4, bytes: 15 })
    const files = createTarFiles(tree.path)
    expect(files.list('/artifact')).toEqual(['apps', 'deep', 'empty', 'ünï'])
    expect(files.list('/artifact/apps')).toEqual(['a.yaml', 'b.yaml'])
    expect(files.list('/artifact/empty')).toEqual([])
    expect(text(files.read('/artifact/apps/a.yaml'))).toBe('a: 1\n')
    expect(files.read('/artifact/apps/b.yaml')).toHaveLength(0)
    expect(text(files.read('/artifact/ünï/cödé 😀.yaml'))).toBe('c: 1\n')
    expect(text(files.read(`/artifact/${long}`))).toBe('d: 1\n')
    expect(files.stat('/artifact/../etc')).toBeNull()
    expect(files.stat('/')).toBe('directory')
    files.close()
  })

  it('takes an archive that is not compressed, and one from the system tar', async () => {
    const tree = await store('plain', digested(await makeTar([{ name: 'a.yaml', text: 'a: 1\n' }])))
    expect(tree.files).toBe(1)
    const source = mkdtempSync(join(tmpdir(), 'sluice-tar-'))
    try {
      writeFileSync(join(source, 'x.yaml'), 'x: 1\n')
      const made = execFileSync('tar', ['-C', source, '-czf', '-', '.'])
      const other = await store('system', digested(made))
      expect(text(createTarFiles(other.path).read('/artifact/x.yaml'))).toBe('x: 1\n')
    } finally {
      rmSync(source, { recursive: true })
    }
  })

  it('is a tar for every other reader too', async () => {
    const tree = await store('k', await makeArchive([{ name: 'a/b.yaml', text: 'b: 1\n' }]))
    expect(execFileSync('tar', ['-xOf', tree.path, 'a/b.yaml']).toString()).toBe('b: 1\n')
  })

  it('counts folders only where they are empty', async () => {
    const a: ArchiveEntry = { name: 'x/y/a', text: '1' }
    const one = await store('1', await makeArchive([a]))
    const two = await store(
      '2',
      await makeArchive([{ name: 'x', type: 'directory' }, { name: 'x/y/', type: 'directory' }, a]),
    )
    const three = await store('3', await makeArchive([a, { name: 'x/z', type: 'directory' }]))
    expect(two.contentKey).toBe(one.contentKey)
    expect(three.contentKey).not.toBe(one.contentKey)
  })

  it('knows equal files and equal trees by their content', async () => {
    const one = await store(
      '1',
      await makeArchive([
        { name: 'a', text: 'same' },
        { name: 'b', text: '1' },
      ]),
    )
    const two = await store(
      '2',
      await makeArchive([
        { name: 'b', text: '2' },
        { name: 'a', text: 'same' },
      ]),
    )
    const three = await store(
      '3',
      await makeArchive([
        { name: 'b', text: '1' },
        { name: 'a', text: 'same' },
      ]),
    )
    expect(one.contentKey).toBe(three.contentKey)
    expect(one.contentKey).not.toBe(two.contentKey)
    const print = (tree: StoredTree, name: string) => createTarFiles(tree.path).fingerprint?.(`/artifact/${name}`)
    expect(print(one, 'a')).toBe(print(two, 'a'))
    expect(print(one, 'b')).not.toBe(print(two, 'b'))
  })
})

describe('archives that are refused', () => {
  const refused = async (
    entries: readonly ArchiveEntry[] | { bytes: Buffer; digest: string },
    words: string,
    limits: Partial<TreeLimits> = {},
  ): Promise<void> => {
    const archive = 'bytes' in entries ? entries : await makeArchive(entries)
    await expect(store('k', archive, limits)).rejects.toMatchObject({
      code: 'ArtifactRefused',
      message: expect.stringContaining(words) as string,
    })
    expect(readdirSync(folder)).toEqual([])
    expect(await cache.find('k')).toBeNull()
  }

  it.each([
    ['../a', 'leads out of the archive'],
    ['a/../../b', 'leads out of the archive'],
    ['a/..\\..\\b', 'leads out of the archive'],
    ['/etc/passwd', 'is an absolute path'],
    ['C:\\windows', 'is an absolute path'],
  ])('the name %s', (name, words) => refused([{ name, text: 'x' }], words))

  it.each([
    ['symlink', 'a symbolic link'],
    ['link', 'a hard link'],
    ['character-device', 'a character device'],
    ['block-device', 'a block device'],
    ['fifo', 'a named pipe'],
  ] as const)('a %s', (type, words) =>
    refused(
      [
        { name: 'fine', text: 'x' },
        { name: 'evil', type, linkname: '../../etc/passwd' },
      ],
      `"evil" is ${words}`,
    ),
  )

  it('one path twice, a file that is a folder too', async () => {
    await refused(
      [
        { name: 'a', text: '1' },
        { name: './a', text: '2' },
      ],
      '"./a" is there more than once',
    )
    await refused(
      [
        { name: 'a', text: '1' },
        { name: 'a/b', text: '2' },
      ],
      '"a" is a file and a folder',
    )
    await refused(
      [
        { name: 'a/b', text: '1' },
        { name: 'a', text: '2' },
      ],
      '"a" is there more than once',
    )
  })

  it('another digest than the source says, and one that cannot be checked', async () => {
    const archive = await makeArchive([{ name: 'a', text: '1' }])
    await refused({ ...archive, digest: `sha256:${'0'.repeat(64)}` }, `its digest is ${archive.digest}, not sha256:000`)
    await refused({ ...archive, digest: 'blake3:abc' }, 'cannot be checked')
    await refused({ ...archive, digest: '' }, 'cannot be checked')
    await refused(
      { bytes: Buffer.concat([archive.bytes, Buffer.from('more')]), digest: archive.digest },
      'is not taken',
    )
  })

  it('too many files, too deep, too large', async () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, text: '' }))
    await refused(many, 'it holds more than 10 files', { maxFiles: 10 })
    await refused([{ name: 'a/b/c/d', text: '' }], 'is deeper than 3 folders', { maxDepth: 3 })
    await refused([{ name: 'a', text: '12345' }], '"a" has 5 bytes, more than the 4 bytes', { maxFileBytes: 4 })
    await refused(
      [
        { name: 'a', text: '123' },
        { name: 'b', text: '123' },
      ],
      'it unpacks to more than 5 bytes',
      { maxBytes: 5 },
    )
    await refused([{ name: 'a', text: '1' }], 'more than 10 bytes as it comes', { maxDownloadBytes: 10 })
  })

  it('200,001 files', { timeout: 60_000 }, async () => {
    const [header] = [await makeTar([{ name: '0000000', text: '' }])]
    const block = header.subarray(0, 512)
    const blocks: Buffer[] = []
    for (let index = 0; index <= 200_000; index++) {
      const one = Buffer.from(block)
      one.write(String(index).padStart(7, '0'), 0)
      one.write('        ', 148)
      const sum = one.reduce((total, byte) => total + byte, 0)
      one.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      blocks.push(one)
    }
    await refused(
      digested(gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 1 })),
      'more than 200000 files',
    )
  })

  it('a bomb, before it has unpacked', { timeout: 60_000 }, async () => {
    const zeros = gzipSync(await makeTar([{ name: 'zeros', text: Buffer.alloc(120_000_000) }]))
    expect(zeros.length).toBeLessThan(200_000)
    await refused(digested(zeros), 'more than 300 times its size')
  })

  it('a header that announces more than there may be, at once', async () => {
    const tar = await makeTar([{ name: 'huge', text: 'x' }])
    tar.write('77777777777\0', 124)
    tar.write('        ', 148)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    await refused(digested(tar), 'more than the 128 MiB of one file')
  })

  it('what is no archive, is cut off, or is damaged inside', async () => {
    const archive = await makeArchive([{ name: 'a', text: 'x'.repeat(5000) }])
    await refused(digested(archive.bytes.subarray(0, 60)), 'damaged or cut off')
    await refused(digested(Buffer.from('<html>not found</html>'.repeat(100))), 'is damaged')
    await refused(digested(Buffer.alloc(0)), 'it is empty')
    const tar = await makeTar([{ name: 'a', text: 'x'.repeat(5000) }])
    await refused(digested(tar.subarray(0, 2000)), 'it is cut off')
    tar[3] = 0x41
    await refused(digested(tar), 'is damaged')
  })

  it('says Canceled when it was', async () => {
    const controller = new AbortController()
    controller.abort()
    const archive = await makeArchive([{ name: 'a', text: '1' }])
    await expect(store('k', archive, {}, controller.signal)).rejects.toMatchObject({ code: 'Canceled' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('the cache', () => {
  it('finds what it stored, after a restart too, and nothing under another key', async () => {
    const tree = await store('k', await makeArchive([{ name: 'a', text: '1' }]))
    const again = createArtifactCache({ folder, now: () => now })
    expect(await again.find('k')).toEqual(tree)
    expect(await again.find('other')).toBeNull()
    expect(statSync(tree.path).mode & 0o777).toBe(0o600)
  })

  it('drops what is cut off or damaged', async () => {
    const cut = await store('cut', await makeArchive([{ name: 'a', text: '1' }]))
    truncateSync(cut.path, 1500)
    expect(await cache.find('cut')).toBeNull()
    const index = await store('index', await makeArchive([{ name: 'a', text: '1' }]))
    flip(index.path, statSync(index.path).size - 70)
    expect(await cache.find('index')).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  it('never gives a file whose bytes changed on disk', async () => {
    const tree = await store('k', await makeArchive([{ name: 'a', text: 'image: good\n' }]))
    flip(tree.path, 512)
    expect(await cache.find('k')).not.toBeNull()
    expect(() => createTarFiles(tree.path).read('/artifact/a')).toThrow('damaged')
    expect(await cache.find('k')).toBeNull()
  })

  it('lets the oldest go beyond the cap, not what is in use', async () => {
    const archive = async (letter: string) => makeArchive([{ name: 'a', text: letter.repeat(100_000) }])
    cache = createArtifactCache({ folder, now: () => now, capBytes: 250_000 })
    const one = await store('1', await archive('a'))
    await cache.find('1')
    const release = cache.use(one)
    now += 60_000
    await store('2', await archive('b'))
    await cache.find('2')
    now += 60_000
    await store('3', await archive('c'))
    await expect.poll(() => readdirSync(folder).length).toBe(2)
    expect(await cache.find('2')).toBeNull()
    expect(await cache.find('1')).toEqual(one)
    release()
  })

  it('opens an artifact of 3,000 files by its index, whatever lies before it', async () => {
    const entries = Array.from({ length: 3000 }, (_, index) => ({
      name: `clusters/c${index % 40}/apps/app-${index}/kustomization.yaml`,
      text: `a: ${index}\n`.repeat(50),
    }))
    const tree = await store('k', await makeArchive(entries))
    // What has to be read through to be listed ends at zeros.
    const handle = openSync(tree.path, 'r+')
    writeSync(handle, Buffer.alloc(1 << 20), 0, 1 << 20, 0)
    closeSync(handle)
    const files = createTarFiles(tree.path)
    expect(files.list('/artifact/clusters')).toHaveLength(40)
    expect(files.list('/artifact/clusters/c7/apps')).toHaveLength(75)
    files.close()
  })
})

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(path, bytes)
}
