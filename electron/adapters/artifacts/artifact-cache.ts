/**
 * adapters/artifacts: trees as they were fetched, kept in the cache folder, and the way to source-controller's storage. Owns what is on disk and
 * what is refused before it gets there (security.md 11); knows no Kubernetes objects. Semantics: fluxcd/pkg tar and artifact storage:
 * archives hold regular files and directories only.
 */
import { createHash, hash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'
import { FileFault } from '../../engine/kustomize/files.ts'
import type { ArtifactCache, StoredTree, TreeLimits } from '../../engine/source/artifact-port.ts'
import { decodeBody, footerBytes, readFooter, readHead } from '../files/tree-index.ts'
import { composeTrees } from './compose-trees.ts'
import { scanFolder, storeScan } from './folder-snapshot.ts'
import { TarParser, TarRefused } from './tar-parser.ts'
import { TreeRefused, TreeWriter } from './tree-writer.ts'

export interface ArtifactCacheOptions {
  /** Created when the first tree is stored. */
  readonly folder: string
  /** Default 2 GiB. */
  readonly capBytes?: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What adapters that bring files themselves (Git, folders) need beside the port. */
export interface TreeStore extends ArtifactCache {
  /**
   * Keeps what `write` adds under `key`. Throws SluiceError ArtifactRefused naming `what` where a name or a limit forbids it; whatever else
   * `write` throws passes. `write` calls `drain` between files.
   */
  storeFiles(input: {
    readonly key: string
    readonly what: string
    readonly limits: TreeLimits
    readonly write: (writer: TreeWriter) => Promise<void> | void
  }): Promise<StoredTree>
}

const defaultCapBytes = 2 * 1024 * 1024 * 1024
/** How often a tree in use is marked as such on disk. */
const touchMs = 30_000
const maxKnown = 5000
const trimMs = 10 * 60 * 1000
const draftAgeMs = 60 * 60 * 1000
/** A text compresses ten times, a thousand like manifests thirty; only bombs get beyond this, and only after it has become large. */
const bombRatio = 300
const bombBytes = 64 * 1024 * 1024
const knownDigests: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512'])

export function createArtifactCache(options: ArtifactCacheOptions): TreeStore {
  const { folder } = options
  const capBytes = options.capBytes ?? defaultCapBytes
  /** Path → users. */
  const inUse = new Map<string, number>()
  let trimming: Promise<void> | null = null
  let trimmedAt = options.now()

  const pathOf = (key: string): string => join(folder, fileNameOf(key))

  const storeFiles: TreeStore['storeFiles'] = async ({ key, what, limits, write }) => {
    const writer = await TreeWriter.create(folder, fileNameOf(key), key, limits)
    try {
      await write(writer)
      const tree = await writer.finish()
      startTrim(tree.path)
      return tree
    } catch (error) {
      await writer.abort()
      throw toRefusal(error, what)
    }
  }

  const startTrim = (keep: string): void => {
    trimmedAt = options.now()
    trimming ??= trim(keep).finally(() => (trimming = null))
  }
  /** Oldest first, until what is left fits; a draft that nobody finished goes too. */
  const trim = async (keep: string): Promise<void> => {
    const found: { path: string; bytes: number; usedAt: number }[] = []
    let total = 0
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name)
      const facts = await stat(path).catch(() => null)
      if (facts === null || !facts.isFile()) continue
      if (name.includes('.part-')) {
        if (options.now() - facts.mtimeMs > draftAgeMs) await rm(path, { force: true }).catch(() => undefined)
        continue
      }
      total += facts.size
      found.push({ path, bytes: facts.size, usedAt: facts.mtimeMs })
    }
    found.sort((a, b) => a.usedAt - b.usedAt)
    for (const { path, bytes } of found) {
      if (total <= capBytes) return
      if (inUse.has(path) || path === keep) continue
      await rm(path, { force: true }).catch(() => undefined)
      total -= bytes
    }
  }

  /** Path → what was read of it, for as long as it is the same file. */
  const known = new Map<
    string,
    { readonly tree: StoredTree; readonly key: string; readonly file: string; touchedAt: number }
  >()

  const find = async (key: string): Promise<StoredTree | null> => {
    const path = pathOf(key)
    const facts = await stat(path).catch(() => null)
    if (facts === null) {
      known.delete(path)
      return null
    }
    const file = `${facts.ino}-${facts.size}`
    let entry = known.get(path)
    if (entry === undefined || entry.file !== file || entry.key !== key) {
      const tree = await readTree(path, key)
      if (tree === 'damaged') await rm(path, { force: true }).catch(() => undefined)
      if (tree === null || tree === 'damaged') {
        known.delete(path)
        return null
      }
      entry = { tree, key, file, touchedAt: 0 }
      if (known.size >= maxKnown) known.clear()
      known.set(path, entry)
    }
    if (options.now() - entry.touchedAt > touchMs) {
      entry.touchedAt = options.now()
      const at = new Date(entry.touchedAt)
      await utimes(path, at, at).catch(() => undefined)
    }
    return entry.tree
  }

  return {
    storeFiles,
    find,
    compose: ({ key, what, parts, ignore, limits, signal }) =>
      storeFiles({ key, what, limits, write: (writer) => composeTrees(parts, ignore, signal, writer) }),
    async storeFolder({ folder: root, what, ignore, limits, signal }) {
      try {
        const scan = await scanFolder(root, ignore, limits, signal)
        const key = `folder|${root}|${scan.state}`
        const stored = await find(key)
        if (stored !== null) return stored
        return await storeFiles({ key, what, limits, write: (writer) => storeScan(scan, signal, writer) })
      } catch (error) {
        throw toRefusal(error, what)
      }
    },
    storeArchive(input) {
      const { key, what, limits, signal } = input
      return storeFiles({
        key,
        what,
        limits,
        write: (writer) => unpack(input.bytes, input.digest, limits, signal, writer),
      })
    },
    use({ path }) {
      // Trees also come from elsewhere (the Git worker), which trims nothing.
      if (options.now() - trimmedAt > trimMs) startTrim(path)
      inUse.set(path, (inUse.get(path) ?? 0) + 1)
      let isReleased = false
      return () => {
        if (isReleased) return
        isReleased = true
        const left = (inUse.get(path) ?? 1) - 1
        if (left === 0) inUse.delete(path)
        else inUse.set(path, left)
      }
    },
  }
}

function fileNameOf(key: string): string {
  return `${hash('sha256', key).slice(0, 40)}.tar`
}

async function readTree(path: string, key: string): Promise<StoredTree | 'damaged' | null> {
  const handle = await open(path, 'r').catch(() => null)
  if (handle === null) return null
  try {
    const { size } = await handle.stat()
    if (size < footerBytes) return 'damaged'
    const footer = Buffer.alloc(footerBytes)
    await handle.read(footer, 0, footerBytes, size - footerBytes)
    const place = readFooter(footer, size)
    if (place === null) return 'damaged'
    const body = Buffer.alloc(place.length)
    const { bytesRead } = await handle.read(body, 0, place.length, place.offset)
    const index = bytesRead === place.length ? decodeBody(body, footer) : null
    const head = index === null ? null : readHead(index)
    if (head === null || head.key !== key) return 'damaged'
    const { contentKey, files, bytes } = head
    return { kind: 'archive', path, contentKey, files, bytes }
  } catch {
    return 'damaged'
  } finally {
    await handle.close()
  }
}

/**
 * Wire to tree in one pass, a few hundred kilobytes at a time. The digest is known only at the end: nothing is kept before that, and what is
 * wrong with names and sizes is said at once.
 */
async function unpack(
  wire: AsyncIterable<Uint8Array>,
  digest: string,
  limits: TreeLimits,
  signal: AbortSignal,
  writer: TreeWriter,
): Promise<void> {
  const check = createDigestCheck(digest)
  let wireBytes = 0
  let unpackedBytes = 0
  async function* checked(): AsyncGenerator<Uint8Array> {
    for await (const bytes of wire) {
      signal.throwIfAborted()
      wireBytes += bytes.length
      if (wireBytes > limits.maxDownloadBytes)
        throw new TreeRefused(`it has more than ${limits.maxDownloadBytes} bytes as it comes`)
      check.update(bytes)
      yield bytes
    }
  }
  const parser = new TarParser({
    onEntry: ({ path, kind, size }) => (kind === 'file' ? writer.beginFile(path, size) : writer.addDirectory(path)),
    onData: (bytes) => writer.write(bytes),
    onFileEnd: () => writer.endFile(),
  })
  const take = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const bytes of source) {
      unpackedBytes += bytes.length
      // SECURITY: item 11: a bomb is seen while it unpacks, not after: by its ratio, and by the limit of everything (headers included).
      if (unpackedBytes > bombBytes && unpackedBytes > wireBytes * bombRatio)
        throw new TreeRefused(`it unpacks to more than ${bombRatio} times its size`)
      if (unpackedBytes > limits.maxBytes + limits.maxFiles * 2048)
        throw new TreeRefused(`it unpacks to more than ${limits.maxBytes} bytes`)
      parser.push(bytes)
      await writer.drain()
    }
    parser.end()
  }
  const whole = checked()
  try {
    const first = await whole.next()
    const head = first.done === true ? new Uint8Array() : first.value
    const all = startWith(head, whole)
    if (head[0] === 0x1f && (head.length < 2 || head[1] === 0x8b))
      await pipeline(Readable.from(all), createGunzip({ chunkSize: 256 * 1024 }), take)
    else await take(all)
    // What stands behind the end of the compressed data counts for the digest too.
    for (let rest = await whole.next(); rest.done !== true; rest = await whole.next());
  } finally {
    // Lets go of the wire, whatever happened.
    void whole.return(undefined).catch(() => undefined)
  }
  check.demand()
  if (unpackedBytes === 0) throw new TreeRefused('it is empty')
}

async function* startWith(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  for (;;) {
    // Not `yield*`: the rest outlives this generator.
    const next = await rest.next()
    if (next.done === true) return
    yield next.value
  }
}

/** SECURITY: item 11: the digest of the source's status decides what is kept; `algorithm:hex`. */
function createDigestCheck(digest: string): { update: (bytes: Uint8Array) => void; demand: () => void } {
  const [algorithm = '', expected = ''] = digest.toLowerCase().split(':')
  if (!knownDigests.has(algorithm) || !/^[0-9a-f]{64,128}$/.test(expected))
    throw new TreeRefused(
      `its digest ${JSON.stringify(digest.slice(0, 200))} cannot be checked (sha256, sha384 and sha512 can)`,
    )
  const running: Hash = createHash(algorithm)
  return {
    update: (bytes) => void running.update(bytes),
    demand() {
      const found = running.digest('hex')
      if (found !== expected)
        throw new TreeRefused(`its digest is ${algorithm}:${found}, not ${digest.slice(0, 200)} as the source says`)
    },
  }
}

const zlibCodes = /^(Z_|ERR_ZLIB|ERR_BUFFER_TOO_LARGE)/

function toRefusal(error: unknown, what: string): unknown {
  if (error instanceof SluiceError) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && zlibCodes.test(code))
    return new SluiceError('ArtifactRefused', `${what} is not taken: it is damaged or cut off`, {
      remedy: 'It is fetched again by the next check.',
      detail: code,
      cause: error,
    })
  if (error instanceof TarRefused || error instanceof TreeRefused || error instanceof FileFault)
    return new SluiceError('ArtifactRefused', `${what} is not taken: ${error.message}`, {
      remedy: 'Look at what the source holds; nothing of it was kept.',
      cause: error,
    })
  if (
    typeof code === 'string' &&
    ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EMFILE', 'ENOENT', 'ENOTDIR', 'EPERM'].includes(code)
  )
    return new SluiceError('ArtifactUnavailable', `${what} cannot be read or stored: ${code}`, {
      remedy: 'Make room in the cache folder, and let Sluice read and write there.',
      retry: 'transient',
      cause: error,
    })
  return error
}
