/** Inserting a part into a file path. Semantics: kyaml's filesys.InsertPathPart, on paths with forward slashes. */

/** Puts `part` at `position` (from 0, beyond the end appends); an absolute path stays one. */
export function insertPathPart(path: string, position: number, part: string): string {
  if (part === '') return path
  const parts = splitFilePath(path)
  let at = Math.min(Math.max(position, 0), parts.length)
  if (parts[0] === '' && at < parts.length) at++
  return joinFilePath([...parts.slice(0, at), part, ...parts.slice(at)])
}

/** Directories and file; '' first for an absolute path. */
function splitFilePath(path: string): string[] {
  if (path === '') return []
  const slash = path.lastIndexOf('/')
  const file = path.slice(slash + 1)
  if (slash === 0) return file === '' ? [''] : ['', file]
  const directory = path.slice(0, Math.max(slash, 0))
  return directory === '' ? [file] : [...splitFilePath(directory), file]
}

function joinFilePath(parts: readonly string[]): string {
  const [first] = parts
  return first === '' ? `/${cleanJoin(parts.slice(1))}` : cleanJoin(parts)
}

/** Go's filepath.Join: empty parts left out, `.` and `..` resolved. */
function cleanJoin(parts: readonly string[]): string {
  const joined = parts.filter((part) => part !== '').join('/')
  if (joined === '') return ''
  const isRooted = joined.startsWith('/')
  const result: string[] = []
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') result.push(part)
    else if (result.length > 0 && result.at(-1) !== '..') result.pop()
    else if (!isRooted) result.push('..')
  }
  const text = result.join('/')
  return isRooted ? `/${text}` : text === '' ? '.' : text
}
