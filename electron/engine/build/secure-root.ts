/**
 * The file system that a Flux build sees: the artifact's tree, nothing outside of it, with the files that the controller writes before it
 * builds (the kustomization file, decrypted sources) laid over it. Nothing is ever written to disk.
 *
 * SECURITY: every path is checked after symbolic links are followed; what lies outside of the root cannot be read, listed or told from what
 * does not exist. Semantics and error texts: fluxcd/pkg kustomize v1.35.4 `filesys/fs_secure.go`.
 */
import { compareText } from '../../../shared/lib/row-order.ts'
import type { Files } from '../kustomize/files.ts'
import { FileFault } from '../kustomize/files.ts'
import { isInOrBelow, joinPath, parentPath } from '../kustomize/loader/paths.ts'

export interface SecureRoot extends Files {
  /** The artifact's root with its links followed. */
  readonly root: string
  /** Lays a file over the tree for this build. */
  overlay(path: string, bytes: Uint8Array): void
  /** Throws FileFault OutsideRoot where `path` leads out of the root; `operation` is only named. */
  demandInside(operation: string, path: string): void
  /** True for a path that is a symbolic link (to anything, or to nothing). */
  isLink(path: string): boolean
}

/** Jails `files` to `root`. Throws FileFault where the root cannot be resolved. */
export function createSecureRoot(files: Files, rootPath: string): SecureRoot {
  const root = files.realPath(rootPath)
  const written = new Map<string, Uint8Array>()
  const writtenNames = new Map<string, string[]>()
  const secureDirectories = new Map<string, boolean>()

  const isSecure = (path: string): boolean => {
    if (path === root) return true
    let real: string
    try {
      real = files.realPath(path)
    } catch {
      // Nothing there: upstream looks at the path as written.
      return isInOrBelow(path, root)
    }
    if (real === path) return isInOrBelow(path, root)
    return isInOrBelow(files.stat(real) === 'directory' ? real : parentPath(real), root)
  }
  /** Files are asked for one by one, mostly where no link is: remembering directories saves most of the questions. */
  const isSecurePath = (path: string): boolean => {
    const known = secureDirectories.get(path)
    if (known !== undefined) return known
    const answer = isSecure(path)
    secureDirectories.set(path, answer)
    return answer
  }
  const demand = (operation: string, path: string): void => {
    if (!isSecurePath(path)) throw constraintFault(operation, path, root)
  }

  return {
    root,
    stat(path) {
      if (written.has(path)) return 'file'
      return isSecurePath(path) ? files.stat(path) : null
    },
    read(path) {
      const bytes = written.get(path)
      if (bytes !== undefined) return bytes
      demand('read', path)
      return files.read(path)
    },
    list(path) {
      demand('open', path)
      const names = files.list(path)
      const extra = writtenNames.get(path)?.filter((name) => !names.includes(name)) ?? []
      return extra.length === 0 ? names : [...names, ...extra].sort(compareText)
    },
    realPath(path) {
      if (written.has(path)) return path
      const real = files.realPath(path)
      if (!isInOrBelow(files.stat(real) === 'directory' ? real : parentPath(real), root))
        throw constraintFault('abs', path, root)
      return real
    },
    fingerprint(path) {
      return written.has(path) || files.fingerprint === undefined ? null : files.fingerprint(path)
    },
    overlay(path, bytes) {
      if (!written.has(path)) {
        const directory = parentPath(path)
        const names = writtenNames.get(directory) ?? []
        names.push(path.slice(path.lastIndexOf('/') + 1))
        writtenNames.set(directory, names)
      }
      written.set(path, bytes)
    },
    demandInside: demand,
    isLink(path) {
      try {
        const parent = files.realPath(parentPath(path))
        return files.realPath(path) !== joinPath(parent, path.slice(path.lastIndexOf('/') + 1))
      } catch {
        return files.stat(path) === null && listsName(files, path)
      }
    },
  }
}

function listsName(files: Files, path: string): boolean {
  try {
    return files.list(parentPath(path)).includes(path.slice(path.lastIndexOf('/') + 1))
  } catch {
    return false
  }
}

function constraintFault(operation: string, path: string, root: string): FileFault {
  return new FileFault(
    'OutsideRoot',
    path,
    `fs-security-constraint ${operation} ${path}: path '${path}' is not in or below '${root}'`,
  )
}

/**
 * Joins `path` to `root` without ever leaving it: `..` stops at the root, links are followed inside of it. Semantics:
 * filepath-securejoin, which the controller joins `spec.path` with.
 */
export function joinInsideRoot(files: Files, root: string, path: string): string {
  let current = root
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      current = current === root ? root : parentPath(current)
      continue
    }
    const next = joinPath(current, part)
    let real: string
    try {
      real = files.realPath(next)
    } catch {
      current = next
      continue
    }
    // A link that leads outside is taken as leading nowhere: upstream would look for its target below the root.
    current = isInOrBelow(real, root) ? real : next
  }
  return current
}
