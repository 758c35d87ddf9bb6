/**
 * Objects of a bare repository's packs, read in place and synchronously, in a worker. isomorphic-git and git fetch and index packs; reading a
 * whole tree through either costs several times what this does (docs/decisions/git.md). Formats: gitformat-pack(5).
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'

export type GitObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export interface GitObject {
  readonly type: GitObjectType
  readonly data: Buffer
}

export interface PackStore {
  has(oid: string): boolean
  /** Throws SluiceError GitFailed where the object is missing or broken, ArtifactRefused where it is larger than `maxBytes`. */
  read(oid: string, maxBytes: number): GitObject
  close(): void
}

interface Pack {
  readonly file: string
  readonly fd: number
  /** The whole pack, where it is small enough to be held for as long as the store is open. */
  readonly whole: Buffer | null
  readonly index: Buffer
  readonly count: number
  /** Offsets in order, the trailer's last: where each object ends. */
  readonly ends: Float64Array
  /** Bases of deltas, by offset, while they are likely to be asked for again. */
  readonly bases: Map<number, GitObject>
  baseBytes: number
}

const typeNames: Readonly<Record<number, GitObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' }
const maxDeltaDepth = 5000
const maxWholeBytes = 64 * 1024 * 1024
const maxBaseBytes = 32 * 1024 * 1024

export function openPackStore(gitFolder: string): PackStore {
  const folder = join(gitFolder, 'objects', 'pack')
  const packs = readdirSync(folder)
    .filter((name) => name.endsWith('.idx'))
    .map((name) => openPack(join(folder, name.slice(0, -4))))

  function find(oid: string): { readonly pack: Pack; readonly offset: number } | null {
    const wanted = Buffer.from(oid, 'hex')
    for (const pack of packs) {
      const offset = offsetOf(pack, wanted)
      if (offset >= 0) return { pack, offset }
    }
    return null
  }

  function readAt(pack: Pack, offset: number, maxBytes: number, depth: number): GitObject {
    const known = pack.bases.get(offset)
    if (known !== undefined) return known
    if (depth > maxDeltaDepth) throw broken(pack)
    const bytes = slice(pack, offset)
    let at = 0
    let byte = bytes[at++] ?? 0
    const type = (byte >> 4) & 7
    let size = byte & 15
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = bytes[at++] ?? 0
      size += (byte & 0x7f) * scale
    }
    if (size > maxBytes) throw new SluiceError('ArtifactRefused', `A Git object is larger than ${maxBytes} bytes`)
    const name = typeNames[type]
    if (name !== undefined) return keep(pack, offset, { type: name, data: inflate(pack, bytes, at, size) }, depth)
    let base: GitObject
    if (type === 6) {
      byte = bytes[at++] ?? 0
      let back = byte & 0x7f
      while (byte & 0x80) {
        byte = bytes[at++] ?? 0
        back = (back + 1) * 128 + (byte & 0x7f)
      }
      if (back <= 0 || back > offset) throw broken(pack)
      base = readAt(pack, offset - back, maxBytes, depth + 1)
    } else if (type === 7) {
      const found = find(bytes.toString('hex', at, at + 20))
      at += 20
      if (found === null) throw broken(pack)
      base = readAt(found.pack, found.offset, maxBytes, depth + 1)
    } else throw broken(pack)
    const delta = inflate(pack, bytes, at, size)
    return keep(pack, offset, { type: base.type, data: applyDelta(pack, base.data, delta, maxBytes) }, depth)
  }

  /** What was a base once is one again soon: its siblings follow. */
  function keep(pack: Pack, offset: number, object: GitObject, depth: number): GitObject {
    if (depth === 0) return object
    if (pack.baseBytes > maxBaseBytes) {
      pack.bases.clear()
      pack.baseBytes = 0
    }
    pack.bases.set(offset, object)
    pack.baseBytes += object.data.length
    return object
  }

  return {
    has: (oid) => find(oid) !== null,
    read(oid, maxBytes) {
      const found = find(oid)
      if (found === null)
        throw new SluiceError('GitFailed', `Git object ${oid} is missing in the local copy`, {
          remedy: 'Clear the source cache and try again.',
        })
      return readAt(found.pack, found.offset, maxBytes, 0)
    },
    close() {
      for (const { fd } of packs) closeSync(fd)
    },
  }
}

function openPack(base: string): Pack {
  const index = readFileSync(`${base}.idx`)
  if (index.length < 1072 || index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2)
    throw new SluiceError('GitFailed', 'A pack index of the local copy is damaged')
  const count = index.readUInt32BE(8 + 255 * 4)
  const fd = openSync(`${base}.pack`, 'r')
  const whole = fstatSync(fd).size <= maxWholeBytes ? readFileSync(fd) : null
  const ends = new Float64Array(count)
  const pack: Pack = { file: base, fd, whole, index, count, ends, bases: new Map(), baseBytes: 0 }
  for (let i = 0; i < count; i++) ends[i] = offsetAt(pack, i)
  ends.sort()
  return pack
}

function offsetAt({ index, count }: Pack, position: number): number {
  const small = index.readUInt32BE(1032 + count * 24 + position * 4)
  if ((small & 0x80000000) === 0) return small
  const at = 1032 + count * 28 + (small & 0x7fffffff) * 8
  return index.readUInt32BE(at) * 2 ** 32 + index.readUInt32BE(at + 4)
}

function offsetOf(pack: Pack, wanted: Buffer): number {
  const { index } = pack
  const first = wanted[0] ?? 0
  let low = first === 0 ? 0 : index.readUInt32BE(8 + (first - 1) * 4)
  let high = index.readUInt32BE(8 + first * 4)
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = index.compare(wanted, 0, 20, 1032 + middle * 20, 1052 + middle * 20)
    if (order === 0) return offsetAt(pack, middle)
    // compare() tells how the index's name stands to the wanted one.
    if (order < 0) low = middle + 1
    else high = middle
  }
  return -1
}

/** All bytes of the object at `offset`: up to the next one. */
function slice(pack: Pack, offset: number): Buffer {
  const { ends, count } = pack
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  // The last object ends somewhere before the trailer: inflating stops by itself.
  if (pack.whole !== null) return pack.whole.subarray(offset, low < count ? ends[low] : undefined)
  const end = low < count ? (ends[low] ?? offset) : offset + tailBytes
  let buffer = Buffer.allocUnsafe(end - offset)
  let filled = 0
  for (;;) {
    const read = readSync(pack.fd, buffer, filled, buffer.length - filled, offset + filled)
    filled += read
    if (read === 0) return buffer.subarray(0, filled)
    if (filled < buffer.length) continue
    if (low < count) return buffer
    const more = Buffer.allocUnsafe(buffer.length * 2)
    buffer.copy(more)
    buffer = more
  }
}

const tailBytes = 64 * 1024

function inflate(pack: Pack, bytes: Buffer, at: number, size: number): Buffer {
  try {
    const data = inflateSync(bytes.subarray(at), { maxOutputLength: Math.max(1, size) })
    if (data.length === size) return data
  } catch {
    // Told below.
  }
  throw broken(pack)
}

function applyDelta(pack: Pack, base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  let at = 0
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = delta[at++] ?? 0
      value += (byte & 0x7f) * scale
      if ((byte & 0x80) === 0) return value
      scale *= 128
    }
  }
  if (varint() !== base.length) throw broken(pack)
  const size = varint()
  if (size > maxBytes) throw new SluiceError('ArtifactRefused', `A Git object is larger than ${maxBytes} bytes`)
  const target = Buffer.allocUnsafe(size)
  let filled = 0
  while (at < delta.length) {
    const code = delta[at++] ?? 0
    if (code & 0x80) {
      let offset = 0
      let length = 0
      for (let bit = 0; bit < 4; bit++) if (code & (1 << bit)) offset += (delta[at++] ?? 0) * 256 ** bit
      for (let bit = 0; bit < 3; bit++) if (code & (16 << bit)) length += (delta[at++] ?? 0) * 256 ** bit
      if (length === 0) length = 0x10000
      if (offset + length > base.length || filled + length > size) throw broken(pack)
      base.copy(target, filled, offset, offset + length)
      filled += length
    } else {
      if (code === 0 || filled + code > size || at + code > delta.length) throw broken(pack)
      delta.copy(target, filled, at, at + code)
      filled += code
      at += code
    }
  }
  if (filled !== size) throw broken(pack)
  return target
}

function broken(_pack: Pack): SluiceError {
  return new SluiceError('GitFailed', 'A pack of the local copy of the repository is damaged', {
    remedy: 'Try again: the copy is fetched anew.',
  })
}
