/**
 * Writes a tree in the one form in which trees are kept: a plain tar with an index behind its end (adapters/files/tree-index.ts). Whoever
 * brings files (archives, Git, mapped folders, includes) brings them through here, so that names and limits are judged in one place.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredTree, TreeLimits } from '../../engine/source/artifact-port.ts'
import { contentKeyOf, encodeIndex } from '../files/tree-index.ts'
import type { IndexedFile } from '../files/tree-index.ts'

/** The tree cannot be kept; the message is a half sentence naming the entry. */
export class TreeRefused extends Error {
  override readonly name = 'TreeRefused'
}

const blockBytes = 512
const flushBytes = 1024 * 1024
const megabyte = 1024 * 1024

export class TreeWriter {
  readonly #handle: FileHandle
  readonly #draft: string
  readonly #target: string
  readonly #key: string
  readonly #limits: TreeLimits
  readonly #files: IndexedFile[] = []
  /** True for those that hold something: they follow from what they hold, only empty ones are kept. */
  readonly #directories = new Map<string, boolean>()
  readonly #filePaths = new Set<string>()
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #position = 0
  #bytes = 0
  #current: {
    readonly path: string
    readonly size: number
    readonly offset: number
    hash: Hash
    written: number
  } | null = null

  private constructor(handle: FileHandle, draft: string, target: string, key: string, limits: TreeLimits) {
    this.#handle = handle
    this.#draft = draft
    this.#target = target
    this.#key = key
    this.#limits = limits
  }

  /** A draft in `folder`; nothing is there under `fileName` before `finish`. */
  static async create(folder: string, fileName: string, key: string, limits: TreeLimits): Promise<TreeWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const draft = join(folder, `${fileName}.part-${randomUUID()}`)
    return new TreeWriter(await open(draft, 'wx', 0o600), draft, join(folder, fileName), key, limits)
  }

  /** Throws TreeRefused: unsafe name, already there, too many, too large. */
  addDirectory(path: string): void {
    const clean = this.#cleanPath(path)
    if (clean === '') return
    if (this.#filePaths.has(clean)) throw new TreeRefused(`${quote(path)} is there as a file already`)
    this.#addParents(clean)
    if (!this.#directories.has(clean)) this.#directories.set(clean, false)
    this.#count(path)
  }

  /** `size` bytes follow by `write`, then `endFile`. Throws TreeRefused. */
  beginFile(path: string, size: number): void {
    const clean = this.#cleanPath(path)
    if (clean === '') throw new TreeRefused(`${quote(path)} is no name for a file`)
    if (this.#filePaths.has(clean) || this.#directories.has(clean))
      throw new TreeRefused(`${quote(path)} is there more than once`)
    const { maxFileBytes, maxBytes } = this.#limits
    if (size > maxFileBytes)
      throw new TreeRefused(
        `${quote(path)} has ${sayMegabytes(size)}, more than the ${sayMegabytes(maxFileBytes)} of one file`,
      )
    this.#bytes += size
    if (this.#bytes > maxBytes) throw new TreeRefused(`it unpacks to more than ${sayMegabytes(maxBytes)}`)
    this.#filePaths.add(clean)
    this.#addParents(clean)
    this.#count(path)
    this.#put(headerOf(clean, size))
    this.#current = { path: clean, size, offset: this.#position, hash: createHash('sha256'), written: 0 }
  }

  /** The bytes are kept until they are written: they must not be changed. */
  write(bytes: Uint8Array): void {
    const current = this.#current
    if (current === null) throw new Error('no file was begun')
    current.written += bytes.length
    if (current.written > current.size) throw new TreeRefused(`${quote(current.path)} is longer than it says`)
    current.hash.update(bytes)
    this.#put(bytes)
  }

  endFile(): void {
    const current = this.#current
    if (current === null) throw new Error('no file was begun')
    if (current.written !== current.size) throw new TreeRefused(`${quote(current.path)} is shorter than it says`)
    this.#current = null
    const { path, offset, size } = current
    this.#files.push({ path, offset, size, hash: current.hash.digest('hex').slice(0, 32) })
    const padding = (blockBytes - (size % blockBytes)) % blockBytes
    if (padding > 0) this.#put(Buffer.alloc(padding))
  }

  addFile(path: string, bytes: Uint8Array): void {
    this.beginFile(path, bytes.length)
    this.write(bytes)
    this.endFile()
  }

  get fileCount(): number {
    return this.#files.length
  }

  get byteCount(): number {
    return this.#bytes
  }

  /** Writes what has gathered, where it is enough to be worth it: call it between files and between chunks. */
  async drain(): Promise<void> {
    if (this.#pendingBytes >= flushBytes) await this.#flush()
  }

  /** The tree is there under its name, whole. */
  async finish(): Promise<StoredTree> {
    if (this.#current !== null) throw new Error('a file was not ended')
    const directories: string[] = []
    for (const [path, isFilled] of this.#directories)
      if (!isFilled) {
        directories.push(path)
        this.#put(headerOf(`${path}/`, 0, true))
      }
    this.#put(Buffer.alloc(2 * blockBytes))
    const contentKey = contentKeyOf(this.#files, directories)
    const index = { key: this.#key, contentKey, files: this.#files, directories, bytes: this.#bytes }
    this.#put(encodeIndex(index, this.#position))
    await this.#flush()
    await this.#handle.close()
    await rename(this.#draft, this.#target)
    return { kind: 'archive', path: this.#target, contentKey, files: this.#files.length, bytes: this.#bytes }
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await rm(this.#draft, { force: true })
  }

  #put(bytes: Uint8Array): void {
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    this.#position += bytes.length
  }

  async #flush(): Promise<void> {
    const pending = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    // Small pieces by the thousand (headers, paddings) are cheaper as one.
    if (pending.length > 0) await this.#handle.appendFile(Buffer.concat(pending))
  }

  /** SECURITY: item 11: a name that leads out of the tree never gets into it, though nothing is ever unpacked to disk. */
  #cleanPath(path: string): string {
    if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path))
      throw new TreeRefused(`${quote(path)} is an absolute path`)
    if (path.includes('\0')) throw new TreeRefused(`${quote(path)} holds a zero byte`)
    if (path.length > 4096) throw new TreeRefused(`${quote(path)} is too long a path`)
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    if (parts.some((part) => part === '..' || part.split('\\').includes('..')))
      throw new TreeRefused(`${quote(path)} leads out of the archive`)
    if (parts.length > this.#limits.maxDepth)
      throw new TreeRefused(`${quote(path)} is deeper than ${this.#limits.maxDepth} folders`)
    return parts.join('/')
  }

  #addParents(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash)
      if (this.#filePaths.has(parent)) throw new TreeRefused(`${quote(parent)} is a file and a folder`)
      if (this.#directories.get(parent) === true) return
      this.#directories.set(parent, true)
    }
  }

  #count(path: string): void {
    const { maxFiles } = this.#limits
    if (this.#filePaths.size + this.#directories.size > 2 * maxFiles || this.#filePaths.size > maxFiles)
      throw new TreeRefused(`it holds more than ${maxFiles} files (at ${quote(path)})`)
  }
}

function quote(path: string): string {
  return JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}…` : path)
}

function sayMegabytes(bytes: number): string {
  return bytes < megabyte ? `${bytes} bytes` : `${Math.round(bytes / megabyte)} MiB`
}

/** A ustar header, with a pax one before it where the name does not fit. */
function headerOf(path: string, size: number, isDirectory = false): Buffer {
  const name = Buffer.from(path)
  // ustar's size field holds eleven octal digits: beyond every limit of ours.
  const plain = ustar(name.subarray(0, 100), size, isDirectory ? '5' : '0')
  if (name.length <= 100 && name.every((byte) => byte < 0x80)) return plain
  const body = Buffer.from(paxRecord('path', path))
  const padding = Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes)
  return Buffer.concat([ustar(Buffer.from('pax'), body.length, 'x'), body, padding, plain])
}

function ustar(name: Uint8Array, size: number, type: string): Buffer {
  const block = Buffer.alloc(blockBytes)
  block.set(name, 0)
  block.write(type === '5' ? '0000755\0' : '0000644\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  block.write('00000000000\0', 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}
