/**
 * adapters/files: the Files port over the disk, synchronous because builds run in workers. Owns what the operating system answers and
 * its wording (Go's, because upstream's messages carry it); knows nothing of kustomize. `createDiskFiles` shows the whole disk, as the
 * command line does, whose loader holds kustomize's own rules; `createJailedFiles` (jailed-files.ts) shows one folder and nothing else.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import type { FileFaultCode, Files } from '../../engine/kustomize/files.ts'
import { FileFault } from '../../engine/kustomize/files.ts'
import { toHostPath, toTreePath } from './host-path.ts'

/** A file beyond this is no manifest: reading it would only end in an exhausted worker. */
export const maxFileBytes = 48_000_000
/** A file as young as this may change again without its time changing. */
const settledAfterMs = 100
const megabyte = 1_000_000
const quiet = { throwIfNoEntry: false } as const
const readFlags = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK)

/** The whole disk. Special files (pipes, devices) are refused: opening one may wait for ever. */
export function createDiskFiles(limitBytes = maxFileBytes): Files {
  return {
    stat(path) {
      const stats = statOf(path)
      return stats === null ? null : stats.isDirectory() ? 'directory' : 'file'
    },
    read: (path) => readWhole(path, limitBytes),
    list(path) {
      try {
        return inByteOrder(readdirSync(toHostPath(path)))
      } catch (error) {
        throw toFault(error, errorCode(error) === 'ENOTDIR' ? 'readdirent' : 'open', path)
      }
    },
    realPath(path) {
      try {
        return toTreePath(realpathSync.native(toHostPath(path)))
      } catch (error) {
        throw toFault(error, 'lstat', firstMissing(path))
      }
    },
    fingerprint(path) {
      const stats = statOf(path)
      if (stats === null || Date.now() - stats.mtimeMs < settledAfterMs) return null
      return `${stats.size}-${stats.mtimeMs}-${stats.ctimeMs}-${stats.ino}`
    },
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(toHostPath(path), quiet) ?? null
  } catch {
    return null
  }
}

function readWhole(path: string, limitBytes: number): Uint8Array {
  let handle: number
  try {
    handle = openSync(toHostPath(path), readFlags)
  } catch (error) {
    throw toFault(error, 'open', path)
  }
  try {
    const stats = fstatSync(handle)
    if (stats.isDirectory()) throw new FileFault('IsADirectory', path, `read ${path}: is a directory`)
    if (!stats.isFile()) throw new FileFault('Denied', path, `read ${path}: not a regular file`)
    if (stats.size > limitBytes) throw tooLarge(path, stats.size, limitBytes)
    const bytes = Buffer.allocUnsafeSlow(stats.size)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(handle, bytes, length, bytes.length - length, null)
      if (count === 0) break
      length += count
    }
    return length === bytes.length ? bytes : bytes.subarray(0, length)
  } catch (error) {
    throw error instanceof FileFault ? error : toFault(error, 'read', path)
  } finally {
    closeSync(handle)
  }
}

function tooLarge(path: string, bytes: number, limitBytes: number): FileFault {
  const size = (bytes / megabyte).toFixed(1)
  const limit = Math.round(limitBytes / megabyte)
  return new FileFault(
    'TooLarge',
    path,
    `read ${path}: ${size} MB is more than the ${limit} MB that a build reads from one file`,
  )
}

/** What Go's EvalSymlinks names in its error: the first part of the path that is not there. */
function firstMissing(path: string): string {
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    const part = path.slice(0, end)
    try {
      lstatSync(toHostPath(part))
    } catch {
      return part
    }
  }
  return path
}

/** Directory entries as Go sorts them: by the bytes of their UTF-8. */
function inByteOrder(names: string[]): string[] {
  names.sort()
  // UTF-16 order is byte order as long as no name leaves the basic plane.
  if (names.some((name) => /[\ud800-\udfff]/.test(name)))
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return names
}

const faults: Readonly<Record<string, readonly [FileFaultCode, string]>> = {
  ENOENT: ['NotFound', 'no such file or directory'],
  ENOTDIR: ['NotADirectory', 'not a directory'],
  EISDIR: ['IsADirectory', 'is a directory'],
  EACCES: ['Denied', 'permission denied'],
  EPERM: ['Denied', 'operation not permitted'],
  ELOOP: ['Io', 'too many levels of symbolic links'],
  ENAMETOOLONG: ['NotFound', 'file name too long'],
  ERR_INVALID_ARG_VALUE: ['NotFound', 'invalid argument'],
}

function toFault(error: unknown, operation: string, path: string): FileFault {
  const [code, words] = faults[errorCode(error)] ?? ['Io', error instanceof Error ? error.message : String(error)]
  if (operation === 'lstat' && errorCode(error) === 'ELOOP')
    return new FileFault('Io', path, 'EvalSymlinks: too many links')
  return new FileFault(code, path, `${operation} ${path}: ${words}`)
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
