/**
 * snapshot/: the files that hold what was last seen of clusters, one folder per cluster under the application's data. Owns whole-or-nothing writing,
 * setting damaged files aside and the bound on disk; knows nothing of what is in them.
 */
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { SnapshotFiles, SnapshotReader, SnapshotWriter } from '../../engine/snapshot/snapshot-port.ts'

export interface SnapshotFilesOptions {
  readonly folder: string
  /** Of all clusters together: what is oldest goes. */
  readonly maxBytes?: number
  readonly maxFilesPerCluster?: number
  readonly now: () => number
}

const safeName = /^[a-z0-9-]{1,100}$/
/** A writer that has not ended by then was killed. */
const abandonedMs = 60 * 60_000
/** Between two looks at what there is. */
const pruneMs = 10 * 60_000

export function createSnapshotFiles(options: SnapshotFilesOptions): SnapshotFiles {
  const { folder, maxBytes = 256 * 1024 * 1024, maxFilesPerCluster = 120, now } = options
  let drafts = 0
  let prunedAt = -Infinity

  function pathOf(...names: readonly string[]): string {
    // SECURITY: names come from our own code only; this keeps a mistake from becoming a path.
    for (const name of names)
      if (!safeName.test(name)) throw new Error(`Not a name for a snapshot: ${JSON.stringify(name)}`)
    return join(folder, ...names)
  }

  return {
    async open(cluster, name) {
      let handle: FileHandle
      try {
        // SECURITY: a link is not followed: what is shown as a cluster's objects comes from here.
        handle = await open(pathOf(cluster, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
      return toReader(handle)
    },
    async create(cluster, name) {
      const path = pathOf(cluster, name)
      await mkdir(pathOf(cluster), { recursive: true, mode: 0o700 })
      drafts += 1
      const draft = `${path}.draft-${process.pid}-${drafts}`
      // SECURITY: only the user may read it.
      const handle = await open(draft, 'wx', 0o600)
      return toWriter(handle, draft, path, async () => {
        if (now() - prunedAt < pruneMs) return
        prunedAt = now()
        await prune()
      })
    },
    async touch(cluster, name, at) {
      await utimes(pathOf(cluster, name), at / 1000, at / 1000).catch(() => undefined)
    },
    async setAside(cluster, name) {
      const path = pathOf(cluster, name)
      const aside = `${path}.damaged-${now()}`
      await rename(path, aside)
      return aside
    },
    async remove(cluster) {
      await rm(cluster === null ? folder : pathOf(cluster), { recursive: true, force: true })
    },
  }

  async function prune(): Promise<void> {
    const files: { readonly path: string; readonly bytes: number; readonly at: number }[] = []
    for (const cluster of await readdir(folder)) {
      const own: typeof files = []
      for (const name of await readdir(join(folder, cluster)).catch(() => [])) {
        const path = join(folder, cluster, name)
        const found = await stat(path).catch(() => null)
        if (found === null) continue
        if (name.includes('.draft-')) {
          if (now() - found.mtimeMs > abandonedMs) await rm(path, { force: true })
        } else own.push({ path, bytes: found.size, at: found.mtimeMs })
      }
      own.sort(newestFirst)
      for (const { path } of own.slice(maxFilesPerCluster)) await rm(path, { force: true })
      files.push(...own.slice(0, maxFilesPerCluster))
    }
    let bytes = 0
    for (const file of files.sort(newestFirst)) {
      bytes += file.bytes
      if (bytes > maxBytes) await rm(file.path, { force: true })
    }
  }
}

function newestFirst(a: { readonly at: number }, b: { readonly at: number }): number {
  return b.at - a.at
}

async function toReader(handle: FileHandle): Promise<SnapshotReader> {
  const { size, mtimeMs } = await handle.stat()
  return {
    size,
    at: Math.floor(mtimeMs),
    async read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset)
      return bytes.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}

function toWriter(handle: FileHandle, draft: string, path: string, after: () => Promise<void>): SnapshotWriter {
  return {
    async append(bytes) {
      await handle.writeFile(bytes)
    },
    async commit(at) {
      await handle.utimes(at / 1000, at / 1000)
      await handle.sync()
      await handle.close()
      await rename(draft, path)
      await syncFolder(join(path, '..'))
      await after().catch(() => undefined)
    },
    async abort() {
      await handle.close().catch(() => undefined)
      await rm(draft, { force: true })
    },
  }
}

/** The new name is on disk too. Where folders cannot be opened it is when the system thinks so. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
