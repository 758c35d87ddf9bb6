/** What led to a commit, and what each commit changed, as far as it is in a local copy. Reads packs in place and synchronously, in a worker. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CommitChanges, LoggedCommit } from '../../engine/source/artifact-port.ts'
import type { Commit, TreeEntry } from './git-objects.ts'
import { parseCommit, parseTree } from './git-objects.ts'
import { readKeptCommit } from './pack-fetch.ts'
import { openPackStore } from './pack-store.ts'
import type { PackStore } from './pack-store.ts'

export interface CommitLog {
  /** The newest first. */
  readonly commits: readonly LoggedCommit[]
  /** As many as were asked for, or all that there are. */
  readonly isWhole: boolean
}

const maxCommitBytes = 1024 * 1024
const maxTreeBytes = 16 * 1024 * 1024
/** Beyond that nobody reads a list. */
const maxPaths = 200
const maxPathChars = 300

/** First parents of `sha` and itself. Throws where the copy is damaged. */
export async function readLog(gitFolder: string, sha: string, limit: number): Promise<CommitLog> {
  const store = existsSync(join(gitFolder, 'objects', 'pack')) ? openPackStore(gitFolder) : null
  try {
    const commits: LoggedCommit[] = []
    let next: string | undefined = sha
    while (next !== undefined && commits.length < limit) {
      const isInPack: boolean = store?.has(next) === true
      const data: Buffer | null = isInPack
        ? (store?.read(next, maxCommitBytes).data ?? null)
        : await readKeptCommit(gitFolder, next)
      if (data === null) return { commits, isWhole: false }
      const commit: Commit = parseCommit(next, data)
      const { author, email, at, subject } = commit
      const changes = store === null || !isInPack ? null : changesOf(store, commit)
      commits.push({ sha: next, author, email, at, subject, changes })
      next = commit.parents[0]
    }
    return { commits, isWhole: true }
  } finally {
    store?.close()
  }
}

/** Against the first parent, as git shows it; null where a tree of either is not here. */
export function changesOf(store: PackStore, { tree, parents }: Commit): CommitChanges | null {
  const [parent] = parents
  if (parent !== undefined && !store.has(parent)) return null
  const paths: string[] = []
  try {
    const before = parent === undefined ? null : parseCommit(parent, store.read(parent, maxCommitBytes).data).tree
    compare(before, tree, '')
  } catch {
    // A copy holds what was asked of it: a commit alone has no tree.
    return null
  }
  return { paths: paths.slice(0, maxPaths), hasMore: paths.length > maxPaths }

  function compare(before: string | null, after: string | null, folder: string): void {
    if (before === after) return
    const old = new Map(before === null ? [] : entriesOf(before))
    for (const [name, entry] of after === null ? [] : entriesOf(after)) {
      const was = old.get(name)
      old.delete(name)
      if (was?.oid !== entry.oid || was.kind !== entry.kind) differ(was, entry, `${folder}${name}`)
    }
    for (const [name, was] of old) differ(was, undefined, `${folder}${name}`)
  }

  function differ(was: TreeEntry | undefined, is: TreeEntry | undefined, path: string): void {
    if (paths.length > maxPaths) return
    const folders = [was, is].map((entry) => (entry?.kind === 'directory' ? entry.oid : null)) as [
      string | null,
      string | null,
    ]
    if ([was, is].some((entry) => entry !== undefined && entry.kind !== 'directory'))
      paths.push(path.slice(0, maxPathChars))
    compare(folders[0], folders[1], `${path}/`)
  }

  function entriesOf(tree: string): readonly (readonly [string, TreeEntry])[] {
    return parseTree(store.read(tree, maxTreeBytes).data).map((entry) => [entry.name, entry] as const)
  }
}
