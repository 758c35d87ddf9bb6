/** Commits and trees as values. Formats: git's own, as in gitformat-pack(5) and git-cat-file(1). */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { CommitInfo } from '../../engine/source/artifact-port.ts'

export interface TreeEntry {
  readonly kind: 'file' | 'directory' | 'link' | 'submodule'
  readonly name: string
  readonly oid: string
}

export interface Commit extends CommitInfo {
  readonly tree: string
  readonly parents: readonly string[]
}

/** Entries in the tree's order. Throws SluiceError ArtifactRefused for names that no checkout would write. */
export function parseTree(data: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  for (const { mode, name: bytes, oid } of rawEntries(data)) {
    const name = bytes.toString('utf8')
    // SECURITY: item 11: a tree is data from outside.
    if (name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git' || /[/\\]/.test(name))
      throw new SluiceError('ArtifactRefused', `A Git tree holds the name ${JSON.stringify(name)}`)
    entries.push({ kind: kindOf(mode), name, oid })
  }
  return entries
}

export interface RawTreeEntry {
  readonly mode: string
  readonly name: Buffer
  readonly oid: string
}

/** As they stand in the tree, names unjudged. Throws SluiceError GitFailed where it is damaged, after what stands before. */
export function* rawEntries(data: Buffer): Generator<RawTreeEntry> {
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at)
    const zero = data.indexOf(0, space + 1)
    if (space < 0 || zero < 0 || zero + 21 > data.length) throw new SluiceError('GitFailed', 'A Git tree is damaged')
    yield {
      mode: data.toString('latin1', at, space),
      name: data.subarray(space + 1, zero),
      oid: data.toString('hex', zero + 1, zero + 21),
    }
    at = zero + 21
  }
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000' || mode === '040000') return 'directory'
  if (mode === '120000') return 'link'
  return mode === '160000' ? 'submodule' : 'file'
}

export function parseCommit(sha: string, data: Buffer): Commit {
  const text = data.toString('utf8')
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text : text.slice(0, end)
  const subject =
    end < 0
      ? ''
      : (text
          .slice(end + 2)
          .trimStart()
          .split('\n', 1)[0] ?? '')
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1]
  if (tree === undefined) throw new SluiceError('GitFailed', `Git commit ${sha} is damaged`)
  const author = /^author (.*?) ?<([^>]*)> (\d+)/m.exec(head)
  return {
    sha,
    tree,
    parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, oid = '']) => oid),
    author: author?.[1] ?? '',
    email: author?.[2] ?? '',
    at: Number(author?.[3] ?? 0) * 1000,
    subject: subject.slice(0, 500),
  }
}

export interface GitModule {
  readonly name: string
  readonly url: string
}

/** `.gitmodules`: by path. */
export function parseModules(text: string): ReadonlyMap<string, GitModule> {
  const found = new Map<string, GitModule>()
  let name = ''
  let path: string | null = null
  let url: string | null = null
  const close = (): void => {
    if (path !== null && url !== null) found.set(path.replace(/\/+$/, ''), { name, url })
    path = null
    url = null
  }
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*\[/.test(line)) {
      close()
      name = /^\s*\[\s*submodule\s+"((?:[^"\\]|\\.)*)"\s*\]/i.exec(line)?.[1]?.replace(/\\(.)/g, '$1') ?? ''
    }
    const match = /^\s*(path|url)\s*=\s*(.*?)\s*$/i.exec(line)
    if (match?.[1]?.toLowerCase() === 'path') path = unquote(match[2] ?? '')
    if (match?.[1]?.toLowerCase() === 'url') url = unquote(match[2] ?? '')
  }
  close()
  return found
}

function unquote(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}
