/** The GitWriter port: a folder looked at as whoever pushes sees it, and commits on top of it. Trees and blobs that stay are never read whole. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitRequest } from '../../engine/source/artifact-port.ts'
import type { BranchFile, BranchFolder, GitPush, GitWriter } from '../../engine/source/git-write-port.ts'
import type { GitAddress } from './git-address.ts'
import { parseGitAddress } from './git-address.ts'
import { parseCommit, parseTree } from './git-objects.ts'
import type { TreeEntry } from './git-objects.ts'
import type { PackStore } from './pack-store.ts'
import { openPackStore } from './pack-store.ts'
import type { Advertisement } from './refs.ts'
import { parseAdvertisement } from './refs.ts'
import { noCommit, sendPack } from './send-pack.ts'
import type { SmartTransport } from './smart-transport.ts'
import { collect } from './smart-transport.ts'
import { createNewObjects, formatCommit, putFiles } from './write-objects.ts'

export interface GitWriterDeps {
  readonly userAgent: string
  /** Text of the user's own known_hosts. */
  readonly knownHosts: () => Promise<string>
  readonly withTransport: <T>(
    request: GitRequest,
    signal: AbortSignal,
    work: (transport: SmartTransport, address: GitAddress, signal: AbortSignal) => Promise<T>,
  ) => Promise<T>
  /** The bare repository with the commit in it. */
  readonly ensureCommit: (
    request: GitRequest,
    address: GitAddress,
    transport: SmartTransport,
    commit: string,
    signal: AbortSignal,
  ) => Promise<string>
}

const maxFiles = 2000
const maxTextBytes = 2 * 1024 * 1024
const maxFolderBytes = 32 * 1024 * 1024
const maxTreeBytes = 16 * 1024 * 1024
const maxDepth = 32

export function createGitWriter({ userAgent, knownHosts, withTransport, ensureCommit }: GitWriterDeps): GitWriter {
  async function advertised(
    transport: SmartTransport,
    { text }: GitAddress,
    signal: AbortSignal,
  ): Promise<Advertisement> {
    const { body } = await transport.advertisePush(signal).catch((error: unknown) => {
      throw forWriting(error, text)
    })
    return parseAdvertisement(await collect(body), text)
  }

  async function withTree<T>(
    request: GitRequest,
    address: GitAddress,
    transport: SmartTransport,
    commit: string,
    signal: AbortSignal,
    work: (store: PackStore, tree: string) => T,
  ): Promise<T> {
    const store = openPackStore(await ensureCommit(request, address, transport, commit, signal))
    try {
      return work(store, parseCommit(commit, store.read(commit, maxTextBytes).data).tree)
    } finally {
      store.close()
    }
  }

  return {
    async deployKey(url, keyFile) {
      const { readDeployKey } = await import('./deploy-key.ts')
      return readDeployKey(parseGitAddress(url), keyFile, await knownHosts())
    },

    look: (request, branch, folder, signal) =>
      withTransport(request, signal, async (transport, address, either): Promise<BranchFolder> => {
        const { commits } = await advertised(transport, address, either)
        const head = commits.get(`refs/heads/${branch}`) ?? null
        const hasOthers = [...commits.keys()].some((name) => name.startsWith('refs/heads/'))
        if (head === null) return { head, hasOthers, files: [], isCut: false }
        const found = await withTree(request, address, transport, head, either, (store, tree) =>
          readFolder(store, tree, folder),
        )
        return { head, hasOthers, ...found }
      }),

    push: (request, push, signal) =>
      withTransport(request, signal, async (transport, address, either) => {
        const { branch, expected } = push
        const reference = `refs/heads/${branch}`
        const { commits, capabilities } = await advertised(transport, address, either)
        const head = commits.get(reference) ?? null
        if (head !== expected) throw moved(address, branch, head)
        const objects = createNewObjects()
        const made = new Map<string, Buffer>()
        const own = {
          ...objects,
          add: (type: 'blob' | 'tree' | 'commit' | 'tag', data: Buffer): string => {
            const oid = objects.add(type, data)
            if (type === 'tree') made.set(oid, data)
            return oid
          },
        }
        const build = (tree: string, read: (oid: string) => Buffer): string =>
          buildCommits(push, tree, own, (oid) => made.get(oid) ?? read(oid))
        const commit =
          head === null
            ? build('', () => Buffer.alloc(0))
            : await withTree(request, address, transport, head, either, (store, tree) =>
                build(tree, (oid) => store.read(oid, maxTreeBytes).data),
              )
        const what = address.text
        const from = head ?? noCommit
        try {
          const pack = objects.pack()
          await sendPack(transport, { reference, from, to: commit, pack, capabilities, what, userAgent }, either)
        } catch (error) {
          if (either.aborted) throw error
          // The connection may have ended after the server did it; and somebody else may have been quicker.
          const now = await advertised(transport, address, either).catch(() => null)
          const at = now?.commits.get(reference) ?? null
          if (at === commit) return { commit }
          if (now !== null && at !== head) throw moved(address, branch, at)
          throw forWriting(error, what)
        }
        return { commit }
      }),
  }
}

function buildCommits(
  { commits, expected, author, atMs }: GitPush,
  root: string,
  objects: ReturnType<typeof createNewObjects>,
  read: (oid: string) => Buffer,
): string {
  let tree = root
  let parent = expected
  for (const { message, files } of commits) {
    tree = putFiles(tree, files, objects, read)
    parent = objects.add('commit', formatCommit({ tree, parent, author, atMs, message }))
  }
  return parent ?? noCommit
}

function readFolder(store: PackStore, root: string, folder: string): Pick<BranchFolder, 'files' | 'isCut'> {
  let tree: string | null = root
  for (const part of folder === '' ? [] : folder.split('/')) {
    if (tree === null) break
    const entry: TreeEntry | undefined = parseTree(store.read(tree, maxTreeBytes).data).find(
      ({ name }) => name === part,
    )
    tree = entry?.kind === 'directory' ? entry.oid : null
  }
  const files: BranchFile[] = []
  let isCut = false
  let left = maxFolderBytes
  const visit = (oid: string, prefix: string, depth: number): void => {
    for (const { kind, name, oid: own } of parseTree(store.read(oid, maxTreeBytes).data)) {
      const path = prefix === '' ? name : `${prefix}/${name}`
      if (kind === 'directory') {
        if (depth < maxDepth) visit(own, path, depth + 1)
        else isCut = true
        continue
      }
      if (kind !== 'file') {
        files.push({ path, text: null })
        continue
      }
      if (files.length >= maxFiles || left <= 0) {
        isCut = true
        return
      }
      const text = textOf(store, own)
      left -= text?.length ?? 0
      files.push({ path, text })
    }
  }
  if (tree !== null) visit(tree, folder, 0)
  return { files, isCut }
}

function textOf(store: PackStore, oid: string): string | null {
  try {
    const { data } = store.read(oid, maxTextBytes)
    return data.includes(0) ? null : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
  } catch (error) {
    if (error instanceof TypeError || (error instanceof SluiceError && error.code === 'ArtifactRefused')) return null
    throw error
  }
}

function moved({ text }: GitAddress, branch: string, head: string | null): SluiceError {
  const now = head === null ? 'is gone' : `is at ${head.slice(0, 7)} now`
  return new SluiceError('PlanMoved', `Branch ${branch} of ${text} ${now}, which the plan did not see`, {
    remedy: 'Nothing was pushed. Look at the plan again: it is made from what the branch holds then.',
  })
}

/** The words for those who read do not help those who write. */
function forWriting(error: unknown, what: string): unknown {
  if (!(error instanceof SluiceError) || error.code !== 'GitAuthFailed') return error
  return new SluiceError('GitAuthFailed', `${what} does not let you push`, {
    remedy:
      'Allow your own credentials for this repository and see that they may write to it, or keep a token that may.',
    detail: [error.message, error.detail].filter((text) => text !== '').join('\n'),
    cause: error,
  })
}
