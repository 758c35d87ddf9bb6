/** A tree in memory behind the renderer's Files port: what upstream's in-memory file system is to its own tests, symbolic links included. */
import type { Files } from '../../electron/engine/kustomize/files.ts'
import { FileFault } from '../../electron/engine/kustomize/files.ts'

type Entry =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly names: Set<string> }
  | { readonly kind: 'link'; readonly target: string }

export interface MemoryTree {
  /** Path to text or bytes; a relative path starts at `/`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Directories beside those that files imply. */
  readonly directories?: readonly string[]
  /** Path to the link's target, relative to the link's directory or absolute. */
  readonly links?: Readonly<Record<string, string>>
}

const encoder = new TextEncoder()

/** Makes the tree; every path is cleaned and made absolute. A path whose parent is a file is refused. */
export function createMemoryFiles(tree: MemoryTree): Files {
  const entries = new Map<string, Entry>([['/', { kind: 'directory', names: new Set() }]])

  function addDirectory(path: string): Set<string> {
    const found = entries.get(path)
    if (found?.kind === 'directory') return found.names
    if (found !== undefined) throw new Error(`${path} is a file and a directory`)
    const names = new Set<string>()
    entries.set(path, { kind: 'directory', names })
    link(path)
    return names
  }

  function link(path: string): void {
    const slash = path.lastIndexOf('/')
    addDirectory(slash === 0 ? '/' : path.slice(0, slash)).add(path.slice(slash + 1))
  }

  for (const [path, content] of Object.entries(tree.files ?? {})) {
    const clean = cleanPath(path)
    entries.set(clean, { kind: 'file', bytes: typeof content === 'string' ? encoder.encode(content) : content })
    link(clean)
  }
  for (const path of tree.directories ?? []) addDirectory(cleanPath(path))
  for (const [path, target] of Object.entries(tree.links ?? {})) {
    const clean = cleanPath(path)
    entries.set(clean, { kind: 'link', target })
    link(clean)
  }

  /** Follows links in every component, as the operating system does. */
  function resolve(path: string): { path: string; entry: Entry } {
    if (!path.startsWith('/')) throw new FileFault('Io', path, `${path} is not absolute`)
    let followed = 0
    let pending = path.split('/').reverse()
    let current = '/'
    while (pending.length > 0) {
      const name = pending.pop()!
      if (name === '' || name === '.') continue
      if (name === '..') {
        current = parentOf(current)
        continue
      }
      const here = entries.get(current)
      if (here?.kind !== 'directory') throw new FileFault('NotADirectory', path, `${current}: not a directory`)
      const next = current === '/' ? `/${name}` : `${current}/${name}`
      const entry = entries.get(next)
      if (entry === undefined) throw new FileFault('NotFound', path, `${next}: no such file or directory`)
      if (entry.kind !== 'link') {
        current = next
        continue
      }
      if (++followed > 40) throw new FileFault('Io', path, `${path}: too many links`)
      if (entry.target.startsWith('/')) current = '/'
      pending = [...pending, ...entry.target.split('/').reverse()]
    }
    return { path: current, entry: entries.get(current)! }
  }

  return {
    stat(path) {
      try {
        return resolve(path).entry.kind as 'file' | 'directory'
      } catch {
        return null
      }
    },
    read(path) {
      const { entry } = resolve(path)
      if (entry.kind !== 'file') throw new FileFault('IsADirectory', path, `${path}: is a directory`)
      return entry.bytes
    },
    list(path) {
      const { entry } = resolve(path)
      if (entry.kind !== 'directory') throw new FileFault('NotADirectory', path, `${path}: not a directory`)
      return [...entry.names].sort()
    },
    realPath: (path) => resolve(path).path,
  }
}

function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}
