/**
 * The ArtifactStorage port: gzipped archives under the application's data folder, the way source-controller's storage has them. Their trees lie in
 * the artifact cache, under the key by which drift finds a controller's artifacts too; what the cache has let go comes back from the archive.
 * Semantics: flux-semantics §4; fluxcd/pkg artifact storage and its garbage collection.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ArtifactPlace, ArtifactStorage, StoredArtifact } from '../../engine/reconcile/source/storage-port.ts'
import { defaultTreeLimits } from '../../engine/source/artifact-port.ts'
import type { ArtifactCache, StoredTree } from '../../engine/source/artifact-port.ts'
import { artifactKey, sourceTitle } from '../../engine/source/source-object.ts'
import { footerBytes, readFooter } from '../files/tree-index.ts'

export interface ArtifactStorageOptions {
  /** Created when the first artifact is stored. */
  readonly folder: string
  readonly cache: ArtifactCache
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** source-controller's defaults of --artifact-retention-ttl and --artifact-retention-records. */
const retentionMs = 60_000
const retentionRecords = 2
/** Repositories are text: the middle level is what the controller uses, too. */
const gzipLevel = 6
const maxKnown = 2000

export function createArtifactStorage({ folder, cache, now }: ArtifactStorageOptions): ArtifactStorage {
  /** File (path, inode, size, time) → its digest: an archive is hashed once, not at each reconciliation. */
  const digests = new Map<string, string>()

  const fileOf = ({ cluster }: ObjectRef, path: string): string => join(folder, safePart(cluster), ...pathParts(path))
  const folderOf = (source: ObjectRef): string => dirname(fileOf(source, pathFor(source, 'x')))

  async function digestOf(file: string): Promise<string | null> {
    const facts = await stat(file).catch(() => null)
    if (facts === null || !facts.isFile()) return null
    const key = `${file}|${facts.ino}|${facts.size}|${facts.mtimeMs}`
    const known = digests.get(key)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer)
    const digest = `sha256:${hash.digest('hex')}`
    if (digests.size >= maxKnown) digests.clear()
    digests.set(key, digest)
    return digest
  }

  /** The archive's tree, out of the cache, or unpacked into it again. */
  async function treeOf({ source, revision, path, digest }: ArtifactPlace, signal: AbortSignal): Promise<StoredTree> {
    const key = artifactKey(source, { revision, digest })
    const what = `Artifact ${revision} of ${sourceTitle(source)}`
    const known = await cache.find(key)
    if (known !== null) return known
    const bytes = createReadStream(fileOf(source, path)) as AsyncIterable<Uint8Array>
    return cache.storeArchive({ key, what, bytes, digest, limits: defaultTreeLimits, signal })
  }

  return {
    async store({ source, revision, fileName, tree, signal }) {
      const path = pathFor(source, fileName)
      const file = fileOf(source, path)
      const draft = `${file}.part-${randomUUID()}`
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 })
        const { digest, bytes } = await archive(tree, draft, signal)
        await rename(draft, file)
        return { path, digest, bytes, tree: await treeOf({ source, revision, path, digest }, signal) }
      } catch (error) {
        await rm(draft, { force: true }).catch(() => undefined)
        throw toStorageFault(error, source)
      }
    },

    async find(place, signal) {
      try {
        const file = fileOf(place.source, place.path)
        const digest = await digestOf(file)
        if (digest === null) return 'absent'
        if (digest !== place.digest) return 'damaged'
        const { size } = await stat(file)
        return { path: place.path, digest, bytes: size, tree: await treeOf(place, signal) } satisfies StoredArtifact
      } catch (error) {
        throw toStorageFault(error, place.source)
      }
    },

    async collect(source, keepPath) {
      const keep = fileOf(source, keepPath)
      const found: { readonly file: string; readonly at: number }[] = []
      for (const name of await readdir(folderOf(source)).catch(() => [])) {
        const file = join(folderOf(source), name)
        const facts = await stat(file).catch(() => null)
        if (facts?.isFile() === true) found.push({ file, at: facts.mtimeMs })
      }
      const newest = found.sort((a, b) => b.at - a.at)
      const garbage = newest
        .filter(({ file, at }, index) => file !== keep && (now() - at > retentionMs || index >= retentionRecords))
        .map(({ file }) => file)
      for (const file of garbage) await rm(file, { force: true })
      return garbage
    },

    async remove(source, path) {
      await rm(fileOf(source, path), { force: true })
    },

    async removeAll(source) {
      const own = folderOf(source)
      const names = await readdir(own).catch(() => [])
      await rm(own, { recursive: true, force: true })
      return names.length
    },
  }
}

/** The tar without its index, gzipped. Equal trees give equal bytes: neither holds times. */
async function archive(
  tree: StoredTree,
  draft: string,
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly bytes: number }> {
  const end = await tarEnd(tree.path)
  const hash = createHash('sha256')
  let bytes = 0
  const target = await open(draft, 'wx', 0o600)
  try {
    const source = end === 0 ? Readable.from([]) : createReadStream(tree.path, { end: end - 1 })
    await pipeline(
      source,
      createGzip({ level: gzipLevel }),
      async (parts: AsyncIterable<Buffer>) => {
        for await (const part of parts) {
          hash.update(part)
          bytes += part.length
          await target.appendFile(part)
        }
      },
      { signal },
    )
    // What a status names must still be there after a power cut.
    await target.sync()
  } finally {
    await target.close()
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes }
}

async function tarEnd(path: string): Promise<number> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const footer = Buffer.alloc(footerBytes)
    await handle.read(footer, 0, footerBytes, Math.max(0, size - footerBytes))
    return readFooter(footer, size)?.offset ?? size
  } finally {
    await handle.close()
  }
}

/** `<kind>/<namespace>/<name>/<file>`. */
function pathFor({ kind, namespace, name }: ObjectRef, fileName: string): string {
  return [kind.toLowerCase(), namespace, name, fileName].join('/')
}

/** SECURITY: item 11: `status.artifact.path` is a cluster's text: it names a file in the source's folder, nothing else. */
function pathParts(path: string): readonly string[] {
  return path.split('/').map(safePart)
}

function safePart(part: string): string {
  if (part === '' || part === '.' || part === '..' || /[\\/\0:]/.test(part) || part.length > 255)
    throw new SluiceError('StorageFailed', `${JSON.stringify(part.slice(0, 100))} is no name for an artifact`)
  return part
}

const diskCodes: ReadonlySet<unknown> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'EMFILE',
  'ENOTDIR',
])

function toStorageFault(error: unknown, source: ObjectRef): unknown {
  if (error instanceof SluiceError) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (!diskCodes.has(code)) return error
  return new SluiceError(
    'StorageFailed',
    `The artifact of ${sourceTitle(source)} cannot be stored: ${String(message)}`,
    {
      remedy: 'Make room in the data folder of Sluice, and let it write there.',
      retry: 'transient',
      cause: error,
    },
  )
}
