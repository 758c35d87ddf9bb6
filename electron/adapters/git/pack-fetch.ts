/**
 * Fetching without a git: into a copy that the git of the machine could go on with. Where a copy is there already this is the faster way too: one
 * request, no process, and what is unchanged does not come again.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import { canceled } from './canceled.ts'
import { askForPack } from './fetch-pack.ts'
import { beginCopy, readHaves, readShallow, writeRef, writeShallow } from './local-copy.ts'
import { indexPack } from './pack-index.ts'
import { inflateAt, readHeader, typeNames } from './pack-format.ts'
import type { GitObject } from './pack-format.ts'
import { openPackStore } from './pack-store.ts'
import type { Advertisement } from './refs.ts'
import type { SmartTransport } from './smart-transport.ts'
import { capped } from './smart-transport.ts'
import type { Fetch } from './system-git.ts'

export interface PackFetch extends Fetch {
  readonly userAgent: string
  /** What the server offered when it was last asked. */
  readonly capabilities: readonly string[]
  /** Asked for branches fetched whole. */
  readonly advertisement: () => Promise<Advertisement>
  /** With so many generations before the commit, and nothing of them but the commits: only where the server offers `filter`. */
  readonly generations?: number
}

const hashBytes = 20
const writeBytes = 1024 * 1024
const maxBaseBytes = 64 * 1024 * 1024

/** Throws SluiceError GitFailed, ArtifactRefused, Canceled and what the transport may say. */
export async function fetchPack(fetch: PackFetch): Promise<void> {
  const { gitFolder, transport, commit, what, signal, userAgent, capabilities } = fetch
  const wants = commit === null ? await branchTips(fetch) : [commit]
  await beginCopy(gitFolder)
  const [haves, shallow] = await Promise.all([readHaves(gitFolder), readShallow(gitFolder)])
  const isWhole = commit === null
  const answer = await askForPack(
    transport,
    // All of a branch: history that is here in pieces would only confuse.
    {
      wants,
      haves: isWhole ? [] : haves,
      shallow: isWhole ? [] : shallow,
      depth: isWhole ? null : (fetch.generations ?? 1),
      filter: fetch.generations === undefined ? null : 'tree:0',
      capabilities,
      what,
      userAgent,
    },
    signal,
  )
  const folder = join(gitFolder, 'objects', 'pack')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, `draft-${randomUUID()}`)
  try {
    await writePack(capped(answer.bytes, fetch.maxBytes, fetch.tooLarge), `${draft}.pack`, what)
    if (signal.aborted) throw canceled(signal)
    const { count, sum } = await withBases(gitFolder, (readBase) => indexPack(draft, readBase, signal))
    if (count > 0) {
      // With its index the pack is there.
      await rename(`${draft}.pack`, join(folder, `pack-${sum}.pack`))
      await rename(`${draft}.idx`, join(folder, `pack-${sum}.idx`))
    }
    if (!isWhole) await writeShallow(gitFolder, answer.shallow)
    for (const [index, oid] of wants.entries()) await writeRef(gitFolder, isWhole ? `tip-${index}` : oid, oid)
  } catch (error) {
    if (signal.aborted) throw canceled(signal)
    throw error
  } finally {
    await answer.close()
    await rm(`${draft}.pack`, { force: true })
    await rm(`${draft}.idx`, { force: true })
  }
}

async function withBases<T>(
  gitFolder: string,
  work: (readBase: (oid: string) => GitObject | null) => Promise<T>,
): Promise<T> {
  const store = openPackStore(gitFolder)
  try {
    return await work((oid) => (store.has(oid) ? store.read(oid, maxBaseBytes) : null))
  } finally {
    store.close()
  }
}

async function branchTips({ advertisement, branch, what }: PackFetch): Promise<readonly string[]> {
  const { commits } = await advertisement()
  const tips = [...commits].filter(([name]) =>
    branch === '' ? name.startsWith('refs/heads/') : name === `refs/heads/${branch}`,
  )
  if (tips.length === 0)
    throw new SluiceError('SourceNotFound', `${what} has no branch ${branch}`.trim(), {
      remedy: 'Check spec.ref of the source.',
    })
  return [...new Set(tips.map(([, oid]) => oid))]
}

/** The pack's last bytes must be its checksum. */
async function writePack(bytes: AsyncIterable<Uint8Array>, file: string, what: string): Promise<void> {
  const hash = createHash('sha1')
  const handle = await open(file, 'wx', 0o600)
  /** The last 20 bytes so far: they may be the checksum. */
  let tail: Buffer = Buffer.alloc(0)
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  const flush = async (): Promise<void> => {
    if (pendingBytes > 0) await handle.appendFile(Buffer.concat(pending))
    pending = []
    pendingBytes = 0
  }
  try {
    for await (const part of bytes) {
      const all = Buffer.concat([tail, part])
      const end = Math.max(0, all.length - hashBytes)
      hash.update(all.subarray(0, end))
      tail = all.subarray(end)
      pending.push(part)
      pendingBytes += part.length
      if (pendingBytes >= writeBytes) await flush()
    }
    await flush()
  } finally {
    await handle.close()
  }
  if (tail.length !== hashBytes || !tail.equals(hash.digest()))
    throw new SluiceError('GitFailed', `${what}: the connection broke off, or what came was damaged`, {
      remedy: 'Try again.',
      retry: 'transient',
    })
}

/** A commit is the first thing in its pack; anything larger is none that is worth reading. */
const maxCommitBytes = 1024 * 1024

/**
 * The text of one commit, without its tree where the server can leave that out, and letting go of the pack as soon as the commit has come where
 * it cannot. Throws what `fetchPack` throws; null where the pack begins with something else.
 */
export async function fetchCommit(
  transport: SmartTransport,
  commit: string,
  capabilities: readonly string[],
  what: string,
  userAgent: string,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const filter = capabilities.includes('filter') ? 'tree:0' : null
  const question = { wants: [commit], haves: [], shallow: [], depth: 1, filter, capabilities, what, userAgent }
  const { bytes, ...answer } = await askForPack(transport, question, signal)
  let head: Buffer = Buffer.alloc(0)
  try {
    for await (const part of bytes) {
      head = Buffer.concat([head, part])
      const header = head.length < 13 ? null : readHeader(head, 12)
      if (header === null) continue
      if (typeNames[header.type] !== 'commit' || header.size > maxCommitBytes) return null
      const found = inflateAt(head, header.dataAt, header.size)
      if (found === null) {
        if (head.length > 2 * maxCommitBytes) return null
        continue
      }
      // SECURITY: item 11: whoever sends it, it is the commit that was asked for.
      const name = createHash('sha1').update(`commit ${found.data.length}\0`).update(found.data).digest('hex')
      return name === commit ? found.data : null
    }
    return null
  } finally {
    await answer.close()
  }
}

export async function readKeptCommit(gitFolder: string, commit: string): Promise<Buffer | null> {
  return readFile(join(gitFolder, 'commits', commit)).catch(() => null)
}

/** Beside the packs: a commit without its tree must not be taken for one that can be read. */
export async function keepCommit(gitFolder: string, commit: string, data: Buffer): Promise<void> {
  const folder = join(gitFolder, 'commits')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, commit)
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(data)
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
}
