/**
 * adapters/git: Git repositories as source-controller reads them: references, shallow fetches into one cache per cluster and repository, and trees
 * in the form that artifacts are kept in. Runs in a worker (workers/git.ts): packs are read synchronously. Must not know who asks or why.
 * Semantics: flux-semantics §4; security.md 9 to 11.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SluiceError } from '../../../shared/model/errors.ts'
import type {
  CommitInfo,
  GitRemote,
  GitRequest,
  GitRevision,
  StoredTree,
  TreeLimits,
} from '../../engine/source/artifact-port.ts'
import { createArtifactCache } from '../artifacts/artifact-cache.ts'
import { selectArtifactFiles } from './artifact-files.ts'
import type { GitWriter } from '../../engine/source/git-write-port.ts'
import type { GitAccess } from './git-access.ts'
import { openTransport } from './git-access.ts'
import { createGitWriter } from './git-writer.ts'
import { readLog } from './commit-log.ts'
import { parseGitAddress } from './git-address.ts'
import type { GitAddress } from './git-address.ts'
import { parseCommit } from './git-objects.ts'
import { isDamage } from './pack-format.ts'
import { fetchCommit, fetchPack, keepCommit, readKeptCommit } from './pack-fetch.ts'
import { openPackStore } from './pack-store.ts'
import type { PackStore } from './pack-store.ts'
import { parseAdvertisement, selectRevision } from './refs.ts'
import type { Advertisement } from './refs.ts'
import { collect } from './smart-transport.ts'
import type { SmartTransport } from './smart-transport.ts'
import type { Fetch, SystemGit } from './system-git.ts'

export interface GitServiceOptions {
  /** Repositories go to `git/` below it. */
  readonly cacheDir: string
  /** Folder of the artifact cache: trees are written there. */
  readonly treeFolder: string
  readonly userAgent: string
  /** null: there is none, everything is fetched without. */
  readonly systemGit: SystemGit | null
  readonly access: GitAccess
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

interface Connection {
  readonly transport: SmartTransport
  readonly address: GitAddress
  readonly signal: AbortSignal
}

const turnEvery = 200
/** After so many fetches a copy is thrown away and begun anew: shallow copies only grow. */
const maxPacks = 40
const maxUnusedMs = 30 * 24 * 60 * 60 * 1000
const defaultMaxDownload = 512 * 1024 * 1024
/** Commits alone are some hundred bytes each. */
const maxLogBytes = 8 * 1024 * 1024

/** The port itself, in the thread that calls it. */
export function createGitService(options: GitServiceOptions): GitRemote & GitWriter {
  const running = new Map<string, Promise<unknown>>()
  /** What each server offered when it was last asked, by address. */
  const offers = new Map<string, readonly string[]>()
  // Trees are trimmed by the engine thread, which knows what is in use.
  const trees = createArtifactCache({ folder: options.treeFolder, capBytes: Infinity, now: options.now })

  collectCopies(options.cacheDir, options.now(), maxUnusedMs).catch(() => undefined)

  /** One fetch into a copy at a time. */
  async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
    const before = running.get(folder)
    const mine = (async () => {
      await before?.catch(() => undefined)
      return work()
    })()
    running.set(folder, mine)
    try {
      return await mine
    } finally {
      if (running.get(folder) === mine) running.delete(folder)
    }
  }

  function folderOf(request: GitRequest, address: GitAddress): string {
    // SECURITY: item 10: what was fetched with somebody's rights for one cluster is not found by another one's objects.
    const identity = createHash('sha256').update(JSON.stringify([request.cluster, address.text, address.user]))
    return join(options.cacheDir, 'git', `${identity.digest('hex').slice(0, 32)}.git`)
  }

  async function withTransport<T>(
    request: GitRequest,
    signal: AbortSignal,
    work: (transport: SmartTransport, address: GitAddress, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const address = parseGitAddress(request.url)
    const limit = AbortSignal.timeout(Math.max(1000, request.timeoutMs))
    const either = AbortSignal.any([signal, limit])
    const transport = await openTransport(request, address, options.access, options.userAgent)
    try {
      return await work(transport, address, either)
    } catch (error) {
      if (limit.aborted && !signal.aborted)
        throw new SluiceError('GitFailed', `${address.text} took more than ${Math.round(request.timeoutMs / 1000)} s`, {
          remedy: 'Raise spec.timeout of the source, or try again later.',
          retry: 'transient',
        })
      throw error
    } finally {
      transport.close()
    }
  }

  async function advertisementOf(
    transport: SmartTransport,
    address: GitAddress,
    signal: AbortSignal,
  ): Promise<Advertisement> {
    const answer = await transport.advertise(signal)
    const advertisement = parseAdvertisement(await collect(answer.body), address.text)
    offers.set(address.text, advertisement.capabilities)
    return advertisement
  }

  async function offerOf(
    transport: SmartTransport,
    address: GitAddress,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    return offers.get(address.text) ?? (await advertisementOf(transport, address, signal)).capabilities
  }

  /** The copy, with the commit in it. */
  function ensureCommit(
    request: GitRequest,
    address: GitAddress,
    transport: SmartTransport,
    commit: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<string> {
    const gitFolder = folderOf(request, address)
    return inTurn(gitFolder, async () => {
      if (await hasCommit(gitFolder, commit)) return gitFolder
      await forgetLarge(gitFolder)
      const fetch: Fetch = {
        gitFolder,
        transport,
        commit,
        branch: request.ref.branch ?? '',
        what: address.text,
        maxBytes,
        tooLarge: () =>
          new SluiceError('ArtifactRefused', `${address.text} sends more than ${Math.round(maxBytes / 1e6)} MB`),
        signal,
      }
      await mkdir(gitFolder, { recursive: true, mode: 0o700 })
      try {
        await fetchInto(fetch, address)
      } catch (error) {
        // Servers may refuse commits that no reference names: then the branch is fetched whole, as source-controller does.
        if (signal.aborted || !(error instanceof SluiceError) || error.code !== 'GitFailed') throw error
        if (error.retry === 'transient') throw error
        await fetchInto({ ...fetch, commit: null }, address)
      }
      if (!(await hasCommit(gitFolder, commit)))
        throw new SluiceError('SourceNotFound', `${address.text} has no commit ${commit}`, {
          remedy: 'The branch may have been force-pushed: reconcile the source.',
        })
      return gitFolder
    })
  }

  /** The git of the machine receives and indexes much at once faster; what has changed since is sooner had without starting it. */
  async function fetchInto(fetch: Fetch, address: GitAddress): Promise<void> {
    const { systemGit, userAgent } = options
    const { transport, gitFolder, commit, signal } = fetch
    const isMuch = commit === null || (await packsIn(gitFolder)) === 0
    if (isMuch && systemGit !== null && transport.canNegotiate) return systemGit.fetch(fetch)
    return fetchPack({
      ...fetch,
      userAgent,
      capabilities: await offerOf(transport, address, signal),
      advertisement: () => advertisementOf(transport, address, signal),
    })
  }

  async function hasCommit(gitFolder: string, commit: string): Promise<boolean> {
    if (!existsSync(join(gitFolder, 'objects', 'pack'))) return false
    try {
      const store = openPackStore(gitFolder)
      try {
        return store.has(commit)
      } finally {
        store.close()
      }
    } catch {
      await rm(gitFolder, { recursive: true, force: true })
      return false
    }
  }

  async function forgetLarge(gitFolder: string): Promise<void> {
    if ((await packsIn(gitFolder)) > maxPacks) await rm(gitFolder, { recursive: true, force: true })
  }

  return {
    ...createGitWriter({
      userAgent: options.userAgent,
      knownHosts: () => readFile(join(options.access.home, '.ssh', 'known_hosts'), 'utf8').catch(() => ''),
      withTransport,
      ensureCommit: (request, address, transport, commit, signal) =>
        ensureCommit(request, address, transport, commit, defaultMaxDownload, signal),
    }),

    resolve: (request, signal) =>
      withTransport(request, signal, async (transport, address, either) => {
        // A commit needs no question.
        if (request.ref.commit) return selectRevision(request, none, address.text, () => Promise.resolve(0))
        const advertisement = await advertisementOf(transport, address, either)
        return selectRevision(request, advertisement, address.text, async (sha) => {
          const folder = await ensureCommit(request, address, transport, sha, defaultMaxDownload, either)
          return commitOf(folder, sha).at
        })
      }),

    tree: (request, { commit }, limits, signal) =>
      withTransport(request, signal, async (transport, address, either) => {
        const rules = [request.sparseCheckout, request.ignore, request.recurseSubmodules]
        const key = JSON.stringify(['git', request.cluster, address.text, commit, ...rules])
        const known = await trees.find(key)
        if (known !== null) return known
        const store = (): Promise<StoredTree> =>
          storeTree(request, commit, key, limits, { transport, address, signal: either })
        try {
          return await store()
        } catch (error) {
          if (!isDamage(error)) throw error
          const damaged = folderOf(request, address)
          await inTurn(damaged, () => rm(damaged, { recursive: true, force: true }))
          return store()
        }
      }),

    verify: (request, revision, { mode, keys }, signal) =>
      withTransport(request, signal, async (transport, address, either) => {
        const name = tagNameOf(request, revision)
        const reference = `refs/tags/${name ?? ''}`
        const oid = name === null ? undefined : (await advertisementOf(transport, address, either)).tags.get(reference)
        const fetched = (sha: string): Promise<string> =>
          ensureCommit(request, address, transport, sha, defaultMaxDownload, either)
        if (oid !== undefined) await fetched(oid)
        const store = openPackStore(await fetched(revision.commit))
        try {
          const read = (sha: string): Buffer => store.read(sha, maxSignedBytes).data
          // Not with the rest: signatures are asked for by few, and bring a library.
          const { verifyRevision } = await import('./verify-revision.ts')
          return await verifyRevision(
            {
              commit: revision.commit,
              commitData: read(revision.commit),
              tag: oid === undefined ? null : { name: name ?? '', oid, data: read(oid) },
              lightTag: oid === undefined ? name : null,
            },
            mode,
            keys,
          )
        } finally {
          store.close()
        }
      }),

    async commit(request, sha, signal) {
      const address = parseGitAddress(request.url)
      const folder = folderOf(request, address)
      const kept = await readKeptCommit(folder, sha)
      if (kept !== null) return infoOf(sha, kept)
      if (await hasCommit(folder, sha)) return commitOf(folder, sha)
      try {
        const data = await withTransport(request, signal, async (transport, _address, either) =>
          fetchCommit(
            transport,
            sha,
            await offerOf(transport, address, either),
            address.text,
            options.userAgent,
            either,
          ),
        )
        if (data === null) return null
        const info = infoOf(sha, data)
        await inTurn(folder, () => keepCommit(folder, sha, data))
        return info
      } catch (error) {
        if (signal.aborted || !(error instanceof SluiceError) || error.retry === 'transient') throw error
        return null
      }
    },

    async log(request, sha, limit, signal) {
      const address = parseGitAddress(request.url)
      const folder = folderOf(request, address)
      try {
        const known = await readLog(folder, sha, limit)
        if (known.isWhole || limit <= 1) return known.commits
        await fetchLog(request, folder, sha, limit, signal)
        return (await readLog(folder, sha, limit)).commits
      } catch (error) {
        // Nice to know: a damaged copy is mended by whoever needs its trees.
        if (signal.aborted || !(error instanceof SluiceError)) throw error
        return []
      }
    },
  }

  /** Into the copy's commits: not into its packs, where a commit without its tree would be taken for a whole one. */
  async function fetchLog(
    request: GitRequest,
    folder: string,
    sha: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<void> {
    const draft = join(options.cacheDir, 'git', `log-${randomUUID()}`)
    await withTransport(request, signal, async (transport, address, either) => {
      const capabilities = await offerOf(transport, address, either)
      if (!capabilities.includes('filter')) return
      try {
        await fetchPack({
          gitFolder: draft,
          transport,
          commit: sha,
          branch: '',
          what: address.text,
          maxBytes: maxLogBytes,
          tooLarge: () => new SluiceError('ArtifactRefused', `${address.text} sends too much for a log`),
          signal: either,
          userAgent: options.userAgent,
          capabilities,
          advertisement: () => advertisementOf(transport, address, either),
          generations: limit,
        })
        const store = openPackStore(draft)
        try {
          for (const commit of (await readLog(draft, sha, limit)).commits)
            await inTurn(folder, () => keepCommit(folder, commit.sha, store.read(commit.sha, maxSignedBytes).data))
        } finally {
          store.close()
        }
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    })
  }

  async function storeTree(
    request: GitRequest,
    commit: string,
    key: string,
    limits: TreeLimits,
    { transport, address, signal }: Connection,
  ): Promise<StoredTree> {
    const gitFolder = await ensureCommit(request, address, transport, commit, limits.maxDownloadBytes, signal)
    const stores: PackStore[] = [openPackStore(gitFolder)]
    try {
      const files = await selectArtifactFiles({
        commit,
        store: stores[0]!,
        what: address.text,
        sparseCheckout: request.sparseCheckout,
        ignore: request.ignore,
        limits,
        submodule: request.recurseSubmodules
          ? async (url, sha) => {
              const store = await openSubmodule(request, address, transport, url, sha, limits, signal)
              stores.push(store)
              return store
            }
          : null,
      })
      return await trees.storeFiles({
        key,
        what: `${address.text} at ${commit.slice(0, 7)}`,
        limits,
        write: async (writer) => {
          for (const [index, file] of files.entries()) {
            writer.addFile(file.path, file.read(limits.maxFileBytes))
            await writer.drain()
            // Whoever does not wait any more must be heard between two files.
            if (index % turnEvery === turnEvery - 1) await nextTurn()
            signal.throwIfAborted()
          }
        },
      })
    } finally {
      for (const store of stores) store.close()
    }
  }

  /** SECURITY: items 10 and 11: a repository's text names this address: only the host that the user allowed already is contacted. */
  async function openSubmodule(
    request: GitRequest,
    parent: GitAddress,
    transport: SmartTransport,
    url: string,
    commit: string,
    limits: TreeLimits,
    signal: AbortSignal,
  ): Promise<PackStore> {
    const absolute = /^\.\.?\//.test(url) ? new URL(url, `${parent.text.replace(/\/+$/, '')}/`).href : url
    const address = parseGitAddress(absolute)
    if (address.host !== parent.host || address.protocol !== parent.protocol)
      throw new SluiceError('GitFailed', `${parent.text} has a submodule at ${address.text}: it is on another host`, {
        remedy: 'Map a folder to this source, in which the submodule is checked out.',
      })
    // SECURITY: item 10: the user allowed their own credentials for the repository itself, not for what its text names.
    const own: GitRequest = { ...request, url: absolute, ref: {}, usesOwnCredentials: false, ownToken: null }
    const inner = await openTransport(own, address, options.access, options.userAgent)
    try {
      return openPackStore(await ensureCommit(own, address, inner, commit, limits.maxDownloadBytes, signal))
    } finally {
      if (inner !== transport) inner.close()
    }
  }
}

const none = { commits: new Map<string, string>(), tags: new Map<string, string>(), capabilities: [] }

function commitOf(gitFolder: string, sha: string): CommitInfo {
  const store = openPackStore(gitFolder)
  try {
    return infoOf(sha, store.read(sha, 1024 * 1024).data)
  } finally {
    store.close()
  }
}

function infoOf(sha: string, data: Buffer): CommitInfo {
  const { author, email, at, subject } = parseCommit(sha, data)
  return { sha, author, email, at, subject }
}

async function packsIn(gitFolder: string): Promise<number> {
  const names = await readdir(join(gitFolder, 'objects', 'pack')).catch(() => [])
  return names.filter((name) => name.endsWith('.idx')).length
}

/** The tag by which the reference selects the revision; null: not by a tag. */
function tagNameOf({ ref }: GitRequest, { revision }: GitRevision): string | null {
  if ((ref.commit ?? '') !== '') return null
  if ((ref.name ?? '') !== '') return /^refs\/tags\/(.+?)(?:\^\{\})?$/.exec(ref.name ?? '')?.[1] ?? null
  const isTag = (ref.tag ?? '') !== '' || (ref.semver ?? '') !== ''
  return isTag ? revision.slice(0, revision.lastIndexOf('@')) : null
}

const maxSignedBytes = 1024 * 1024

/** Removes copies that nobody has used for `ageMs`. */
async function collectCopies(cacheDir: string, nowMs: number, ageMs: number): Promise<void> {
  const folder = join(cacheDir, 'git')
  for (const name of await readdir(folder).catch(() => [])) {
    const info = await stat(join(folder, name)).catch(() => null)
    if (info !== null && nowMs - info.mtimeMs > ageMs) await rm(join(folder, name), { recursive: true, force: true })
  }
}
