/**
 * The Files port over a stored tree: a tar that is read in place, nothing is unpacked to disk. The tree shows below `tarRoot`, with nothing
 * beside it, so that a path which climbs out of it is seen to climb. Reads are synchronous, on one file descriptor.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs'
import type { FileFaultCode, Files } from '../../engine/kustomize/files.ts'
import { FileFault } from '../../engine/kustomize/files.ts'
import { cleanPath } from '../../engine/kustomize/loader/paths.ts'
import { TarParser, TarRefused } from '../artifacts/tar-parser.ts'
import { maxFileBytes } from './disk-files.ts'
import {
  contentHash,
  contentKeyOf,
  decodeBody,
  encodeBody,
  footerBytes,
  readFooter,
  readHead,
  readPaths,
  readRecord,
} from './tree-index.ts'
import type { IndexedFile } from './tree-index.ts'

/** Where the tree's root is. */
export const tarRoot = '/artifact'
const inside = `${tarRoot}/`

export interface TarFiles extends Files {
  readonly root: typeof tarRoot
  readonly contentKey: string
  /** Releases the file; reads fail from then on. Dropped without it, the garbage collector does the same. */
  close(): void
}

const forgotten = new FinalizationRegistry<{ handle: number }>(release)

function release(open: { handle: number }): void {
  if (open.handle < 0) return
  closeSync(open.handle)
  open.handle = -1
}

/**
 * Opens the tar at a host path: a stored tree by its index, any other plain tar by reading it through once. Throws FileFault NotFound where
 * there is none, Io where it is damaged or holds what a tree may not hold.
 */
export function createTarFiles(path: string, limitBytes = maxFileBytes): TarFiles {
  let handle: number
  try {
    handle = openSync(path, 'r')
  } catch (error) {
    throw new FileFault('NotFound', path, `open ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const open = { handle }
  let index: string
  try {
    index = readIndex(handle, path)
  } catch (error) {
    release(open)
    throw error
  }
  const files = createView(index, open, path, limitBytes)
  forgotten.register(files, open, open)
  return files
}

function createView(index: string, open: { handle: number }, archive: string, limitBytes: number): TarFiles {
  // Paths here are relative to the root, as the index has them: '' is the root itself.
  const { files: entries, directories: named } = readPaths(index)
  const directories = new Map<string, string[]>([['', []]])
  const sorted = new Set<string>()
  const addTo = (path: string): void => {
    const slash = path.lastIndexOf('/')
    const parent = slash < 0 ? '' : path.slice(0, slash)
    let names = directories.get(parent)
    if (names === undefined) {
      names = []
      directories.set(parent, names)
      addTo(parent)
    }
    names.push(slash < 0 ? path : path.slice(slash + 1))
  }
  for (const path of entries.keys()) addTo(path)
  for (const path of named)
    if (!directories.has(path)) {
      directories.set(path, [])
      addTo(path)
    }

  /** Null: outside of the tree. Most paths come clean; `cleanPath` is only for the others. */
  const relative = (path: string): string | null => {
    const clean = path.startsWith('/') && !/\/(?:\.{0,2}(?:\/|$))/.test(path) ? path : cleanPath(`/${path}`)
    if (clean.startsWith(inside)) return clean.slice(inside.length)
    return clean === tarRoot ? '' : null
  }
  /** The one directory above the root, so that listing upwards ends somewhere. */
  const isTop = (path: string): boolean => cleanPath(`/${path}`) === '/'

  const faultAt = (operation: string, path: string): FileFault => {
    const wanted = relative(path) ?? ''
    for (let slash = wanted.indexOf('/'); slash > 0; slash = wanted.indexOf('/', slash + 1))
      if (entries.has(wanted.slice(0, slash))) return fault('NotADirectory', operation, path, 'not a directory')
    return fault('NotFound', operation, path, 'no such file or directory')
  }
  const readEntry = (path: string, start: number): Uint8Array => {
    const file = readRecord(index, start)
    if (file.size > limitBytes) {
      const [size, limit] = [(file.size / 1e6).toFixed(1), Math.round(limitBytes / 1e6)]
      throw fault('TooLarge', 'read', path, `${size} MB is more than the ${limit} MB that a build reads from one file`)
    }
    if (open.handle < 0) throw fault('Io', 'read', path, 'the artifact is closed')
    const bytes = readAt(open.handle, file.offset, file.size)
    if (bytes === null || contentHash(bytes) !== file.hash) {
      // Whoever looks for it in the cache next finds nothing and fetches it again.
      rmSync(archive, { force: true })
      throw fault(
        'Io',
        'read',
        path,
        'its stored copy is damaged and was dropped; it is fetched again by the next check',
      )
    }
    return bytes
  }
  const kindOf = (path: string): 'file' | 'directory' | null => {
    const wanted = relative(path)
    if (wanted === null) return isTop(path) ? 'directory' : null
    return entries.has(wanted) ? 'file' : directories.has(wanted) ? 'directory' : null
  }

  return {
    root: tarRoot,
    contentKey: readHead(index).contentKey,
    stat: kindOf,
    read(path) {
      const wanted = relative(path)
      const start = wanted === null ? undefined : entries.get(wanted)
      if (start !== undefined) return readEntry(path, start)
      if (kindOf(path) === 'directory') throw fault('IsADirectory', 'read', path, 'is a directory')
      throw faultAt('open', path)
    },
    list(path) {
      const wanted = relative(path)
      if (wanted === null && isTop(path)) return [tarRoot.slice(1)]
      const names = wanted === null ? undefined : directories.get(wanted)
      if (wanted === null || names === undefined) {
        if (kindOf(path) === 'file') throw fault('NotADirectory', 'readdirent', path, 'not a directory')
        throw faultAt('open', path)
      }
      if (!sorted.has(wanted)) {
        sorted.add(wanted)
        sortByBytes(names)
      }
      return names
    },
    realPath(path) {
      const wanted = relative(path)
      if (wanted === null && isTop(path)) return '/'
      if (wanted !== null && (entries.has(wanted) || directories.has(wanted)))
        return wanted === '' ? tarRoot : `${inside}${wanted}`
      throw faultAt('lstat', cleanPath(`/${path}`))
    },
    fingerprint(path) {
      const wanted = relative(path)
      const start = wanted === null ? undefined : entries.get(wanted)
      return start === undefined ? null : readRecord(index, start).hash
    },
    close() {
      forgotten.unregister(open)
      release(open)
    },
  }
}

function fault(code: FileFaultCode, operation: string, path: string, words: string): FileFault {
  return new FileFault(code, path, `${operation} ${path}: ${words}`)
}

/** As Go sorts them: by the bytes of their UTF-8, which is UTF-16 order as long as no name leaves the basic plane. */
function sortByBytes(names: string[]): void {
  names.sort()
  if (names.some((name) => /[\ud800-\udfff]/.test(name)))
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function readIndex(handle: number, path: string): string {
  const { size } = fstatSync(handle)
  const footer = size < footerBytes ? null : readAt(handle, size - footerBytes, footerBytes)
  const place = footer === null ? null : readFooter(footer, size)
  if (footer === null || place === null) return scanTar(handle, path)
  const body = readAt(handle, place.offset, place.length)
  const index = body === null ? null : decodeBody(body, footer)
  if (index === null) throw new FileFault('Io', path, `read ${path}: the stored artifact is damaged`)
  return index
}

/** For a tar that others wrote. */
function scanTar(handle: number, path: string): string {
  const files: IndexedFile[] = []
  const directories: string[] = []
  let parts: Buffer[] = []
  let bytes = 0
  let current = { path: '', offset: 0, size: 0 }
  const parser = new TarParser({
    onEntry(entry) {
      const clean = cleanPath(`/${entry.path}`).slice(1)
      if (entry.path.startsWith('/') || entry.path.split('/').includes('..'))
        throw new TarRefused(`${JSON.stringify(entry.path)} leads out of the archive`)
      if (entry.kind === 'file') current = { path: clean, offset: entry.offset, size: entry.size }
      else if (clean !== '') directories.push(clean)
    },
    onData: (part) => void parts.push(Buffer.from(part)),
    onFileEnd() {
      files.push({ ...current, hash: contentHash(Buffer.concat(parts)) })
      bytes += current.size
      parts = []
    },
  })
  const chunk = Buffer.alloc(1024 * 1024)
  try {
    for (;;) {
      const count = readSync(handle, chunk, 0, chunk.length, null)
      if (count === 0) break
      parser.push(chunk.subarray(0, count))
    }
    parser.end()
    if (!parser.isEnded) throw new TarRefused('it is cut off')
  } catch (error) {
    if (!(error instanceof TarRefused)) throw error
    throw new FileFault('Io', path, `read ${path}: ${error.message}`)
  }
  return encodeBody({ key: '', contentKey: contentKeyOf(files, directories), files, directories, bytes })
}

/** Null where the file ends before. */
function readAt(handle: number, offset: number, length: number): Buffer | null {
  const bytes = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(handle, bytes, filled, length - filled, offset + filled)
    if (count === 0) return null
    filled += count
  }
  return bytes
}
