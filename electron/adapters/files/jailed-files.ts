/** The Files port over one folder: what a build of an opened repository or artifact may see. */
import type { Files } from '../../engine/kustomize/files.ts'
import { FileFault } from '../../engine/kustomize/files.ts'
import { createDiskFiles } from './disk-files.ts'
import { toTreePath } from './host-path.ts'

/**
 * SECURITY: nothing outside `root` (a host path) is read, listed or resolved, whichever way a path or a symbolic link leads there; what
 * is checked is the path with every link followed, and that path is what is opened. Outside, nothing exists; asking for its bytes throws
 * FileFault OutsideRoot in kustomize-controller's words. Throws FileFault where `root` is no directory.
 */
export function createJailedFiles(root: string, limitBytes?: number): Files {
  const disk = createDiskFiles(limitBytes)
  const jail = disk.realPath(toTreePath(root))
  if (disk.stat(jail) !== 'directory') throw new FileFault('NotADirectory', jail, `open ${jail}: not a directory`)
  const inside = jail === '/' ? '/' : `${jail}/`
  const isInside = (path: string): boolean => path === jail || path.startsWith(inside)

  /** The path with links followed; null where it leads out. A path to nothing is judged by its nearest folder that exists. */
  function resolveInside(path: string): string | null {
    const clean = toTreePath(path)
    let known = clean
    let rest = ''
    for (;;) {
      try {
        const real = disk.realPath(known)
        return isInside(real) ? (rest === '' ? real : `${real === '/' ? '' : real}${rest}`) : null
      } catch {
        if (known === '/') return null
        const cut = known.lastIndexOf('/')
        rest = `${known.slice(cut)}${rest}`
        known = cut <= 0 ? '/' : known.slice(0, cut)
      }
    }
  }
  function demand(operation: string, path: string): string {
    const found = resolveInside(path)
    if (found !== null) return found
    const message = `fs-security-constraint ${operation} ${path}: path '${path}' is not in or below '${jail}'`
    throw new FileFault('OutsideRoot', path, message)
  }
  /** Errors name the path that was asked for, not where its links led. */
  function named<T>(path: string, real: string, work: (real: string) => T): T {
    try {
      return work(real)
    } catch (error) {
      if (!(error instanceof FileFault) || real === path) throw error
      throw new FileFault(
        error.code,
        path,
        error.message.replace(real, () => path),
      )
    }
  }
  return {
    stat(path) {
      const real = resolveInside(path)
      return real === null ? null : disk.stat(real)
    },
    read: (path) => named(path, demand('read', path), (real) => disk.read(real)),
    list: (path) => named(path, demand('open', path), (real) => disk.list(real)),
    realPath(path) {
      // Asked first, so that nobody learns what is there outside from what is not found.
      demand('abs', path)
      return disk.realPath(path)
    },
    fingerprint(path) {
      const real = resolveInside(path)
      return real === null ? null : (disk.fingerprint?.(real) ?? null)
    },
  }
}
