/** Slash paths as Go's path/filepath handles them on Linux: pure text, no file is touched. */

/** filepath.Clean: no `.`, no inner `..`, no doubled or trailing slash; '' gives `.`. */
export function cleanPath(path: string): string {
  if (path === '') return '.'
  const isRooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!isRooted) parts.push('..')
  }
  const joined = parts.join('/')
  return isRooted ? `/${joined}` : joined === '' ? '.' : joined
}

/** filepath.Join: empty parts are left out, the rest is cleaned; '' where all are empty. */
export function joinPath(...parts: string[]): string {
  const given = parts.filter((part) => part !== '')
  return given.length === 0 ? '' : cleanPath(given.join('/'))
}

export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/')
}

/** Parent of a clean absolute path; `/` is its own. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** filepath.Base: the last element; `/` for the root, `.` for ''. */
export function baseName(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** True if `directory` is `ancestor` or lies below it (both clean and absolute). */
export function isInOrBelow(directory: string, ancestor: string): boolean {
  return ancestor === '/' || directory === ancestor || directory.startsWith(`${ancestor}/`)
}
