import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createArtifactCache } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import type { TreeStore } from '../../../electron/adapters/artifacts/artifact-cache.ts'
import { createArtifactStorage } from '../../../electron/adapters/artifacts/artifact-storage.ts'
import { createTarFiles } from '../../../electron/adapters/files/tar-files.ts'
import type { ArtifactStorage, StoredArtifact } from '../../../electron/engine/reconcile/source/storage-port.ts'
import { defaultTreeLimits } from '../../../electron/engine/source/artifact-port.ts'
import type { StoredTree } from '../../../electron/engine/source/artifact-port.ts'
import { artifactKey } from '../../../electron/engine/source/source-object.ts'

const source = {
  cluster: 'c1',
  group: 'source.toolkit.fluxcd.io',
  kind: 'GitRepository',
  namespace: 'apps',
  name: 'fleet',
}
const { signal } = new AbortController()
const revision = `main@sha1:${'a'.repeat(40)}`
const minuteMs = 60_000
let folder = ''
let now = Date.UTC(2026, 0, 1)
let cache: TreeStore
let storage: ArtifactStorage

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-storage-'))
  cache = createArtifactCache({ folder: join(folder, 'cache'), now: () => now })
  storage = createArtifactStorage({ folder: join(folder, 'storage'), cache, now: () => now })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function treeOf(key: string, files: Readonly<Record<string, string>>): Promise<StoredTree> {
  const write = (writer: Parameters<Parameters<TreeStore['storeFiles']>[0]['write']>[0]): void => {
    for (const [path, text] of Object.entries(files)) writer.addFile(path, Buffer.from(text))
  }
  return cache.storeFiles({ key, what: 'a tree', limits: defaultTreeLimits, write })
}

async function store(
  files: Readonly<Record<string, string>>,
  fileName = `${'a'.repeat(40)}.tar.gz`,
): Promise<StoredArtifact> {
  return storage.store({ source, revision, fileName, tree: await treeOf(JSON.stringify(files), files), signal })
}

const archivePath = (path: string): string => join(folder, 'storage', 'c1', path)

describe('artifacts of hosted mode', () => {
  it('are archives that anybody can unpack, under the path that the status names', async () => {
    const stored = await store({ 'apps/a.yaml': 'a: 1\n', 'b.yaml': 'b: 2\n' })
    expect(stored.path).toBe(`gitrepository/apps/fleet/${'a'.repeat(40)}.tar.gz`)
    const listed = execFileSync('tar', ['-tzf', archivePath(stored.path)], { encoding: 'utf8' })
    expect(listed.trim().split('\n').sort()).toEqual(['apps/a.yaml', 'b.yaml'])
    const sum = execFileSync('sha256sum', [archivePath(stored.path)], { encoding: 'utf8' }).slice(0, 64)
    expect(stored.digest).toBe(`sha256:${sum}`)
  })

  it('have equal digests for equal trees', async () => {
    const first = await store({ 'a.yaml': 'a: 1\n' })
    now += 5 * minuteMs
    const tree = await treeOf('another key', { 'a.yaml': 'a: 1\n' })
    const other = { ...source, name: 'twin' }
    const second = await storage.store({ source: other, revision, fileName: 'x.tar.gz', tree, signal })
    expect(second.digest).toBe(first.digest)
  })

  it('lie in the cache where drift looks for the artifacts of controllers', async () => {
    const { digest } = await store({ 'a.yaml': 'a: 1\n' })
    const found = await cache.find(artifactKey(source, { revision, digest }))
    expect(new TextDecoder().decode(createTarFiles(found?.path ?? '').read('/artifact/a.yaml'))).toBe('a: 1\n')
  })

  it('come back from the archive when the cache has let them go', async () => {
    const { path, digest } = await store({ 'a.yaml': 'a: 1\n' })
    rmSync(join(folder, 'cache'), { recursive: true })
    const found = await storage.find({ source, revision, path, digest }, signal)
    expect(found).toMatchObject({ path, digest })
    expect(typeof found === 'string' ? null : found.tree.files).toBe(1)
  })

  it('are absent, or damaged where the bytes are others', async () => {
    const { path, digest } = await store({ 'a.yaml': 'a: 1\n' })
    appendFileSync(archivePath(path), 'x')
    expect(await storage.find({ source, revision, path, digest }, signal)).toBe('damaged')
    await storage.remove(source, path)
    expect(await storage.find({ source, revision, path, digest }, signal)).toBe('absent')
  })

  it('are never looked for outside of the storage', async () => {
    const place = { source, revision, digest: `sha256:${'0'.repeat(64)}`, path: '../../../etc/passwd' }
    await expect(storage.find(place, signal)).rejects.toMatchObject({ code: 'StorageFailed' })
  })

  it('are collected: the current one stays, the newest two stay for a minute', async () => {
    const names = ['1', '2', '3', '4'].map((digit) => `${digit.repeat(40)}.tar.gz`)
    const paths: string[] = []
    for (const [index, name] of names.entries()) {
      const { path } = await store({ 'a.yaml': `a: ${name}\n` }, name)
      paths.push(path)
      const at = new Date(now - (names.length - index) * 1000)
      utimesSync(archivePath(path), at, at)
    }
    const kept = (): readonly string[] => readdirSync(join(folder, 'storage/c1/gitrepository/apps/fleet')).sort()
    await storage.collect(source, paths[0]!)
    expect(kept()).toEqual([names[0], names[2], names[3]])
    now += 2 * minuteMs
    await storage.collect(source, paths[0]!)
    expect(kept()).toEqual([names[0]])
    expect(await storage.removeAll(source)).toBe(1)
    expect(await storage.removeAll(source)).toBe(0)
  })

  it('leave nothing half where a run is cut off', async () => {
    const abort = new AbortController()
    abort.abort()
    const tree = await treeOf('cut', { 'a.yaml': 'a: 1\n' })
    const input = { source, revision, fileName: 'x.tar.gz', tree, signal: abort.signal }
    await expect(storage.store(input)).rejects.toMatchObject({ code: 'Canceled' })
    expect(readdirSync(join(folder, 'storage/c1/gitrepository/apps/fleet'))).toEqual([])
  })

  it('say that the disk takes nothing', async () => {
    writeFileSync(join(folder, 'file'), '')
    const blocked = createArtifactStorage({ folder: join(folder, 'file'), cache, now: () => now })
    const tree = await treeOf('blocked', { 'a.yaml': 'a: 1\n' })
    const error = await blocked
      .store({ source, revision, fileName: 'x.tar.gz', tree, signal })
      .catch((fault: unknown) => fault)
    expect(error).toMatchObject({ code: 'StorageFailed' })
    expect((error as Error).message).toContain('GitRepository apps/fleet')
  })
})
