/** The Files port's paths (absolute, forward slashes, a leading one always) and the operating system's: the same but on Windows. */
import { resolve } from 'node:path'

const isWindows = process.platform === 'win32'

/** `C:\a\b` becomes `/C:/a/b`; relative paths are taken from the working directory. */
export function toTreePath(hostPath: string): string {
  const absolute = resolve(hostPath)
  return isWindows ? `/${absolute.replaceAll('\\', '/')}` : absolute
}

export function toHostPath(treePath: string): string {
  return isWindows && /^\/[A-Za-z]:/.test(treePath) ? treePath.slice(1) : treePath
}
