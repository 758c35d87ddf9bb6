/**
 * Objects of a bare repository's packs, read in place and synchronously, in a worker: whoever wrote them, the git of the machine or pack-fetch.ts
 * (docs/decisions/git.md). Formats: gitformat-pack(5).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { PackBytes } from './pack-bytes.ts'
import { openPackBytes } from './pack-bytes.ts'
import type { GitObject } from './pack-format.ts'
import { applyDelta, brokenPack, inflateAt, markDamaged, objectTooLarge, readHeader, typeNames } from './pack-format.ts'

export interface PackStore {
  has(oid: string): boolean
  /** Throws SluiceError GitFailed where the object is missing or broken, ArtifactRefused where it is larger than `maxBytes`. */
  read(oid: string, maxBytes: number): GitObject
  close(): void
}

interface Pack {
  readonly index: Buffer
  readonly count: number
  readonly bytes: PackBytes
  /** Bases of deltas, by offset, while they are likely to be asked for again. */
  readonly bases: Map<number, GitObject>
  baseBytes: number
}

const maxDeltaDepth = 5000
const maxBaseBytes = 32 * 1024 * 1024
const maxHeaderBytes = 64
const windowBytes = 256 * 1024

/** Throws where a pack is damaged or not there. Packs themselves are read with the first object. */
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
    if (depth > maxDeltaDepth) throw brokenPack()
    const header = readHeader(pack.bytes.from(offset, maxHeaderBytes), 0)
    if (header === null) throw brokenPack()
    const { type, size, dataAt } = header
    if (size > maxBytes) throw objectTooLarge(maxBytes)
    const own = inflate(pack, offset + dataAt, size)
    const name = typeNames[type]
    if (name !== undefined) return keep(pack, offset, { type: name, data: own }, depth)
    let base: GitObject
    if (type === 6) {
      if (header.back <= 0 || header.back > offset) throw brokenPack()
      base = readAt(pack, offset - header.back, maxBytes, depth + 1)
    } else {
      const found = find(header.base)
      if (found === null) throw brokenPack()
      base = readAt(found.pack, found.offset, maxBytes, depth + 1)
    }
    return keep(pack, offset, { type: base.type, data: applyDelta(base.data, own, maxBytes) }, depth)
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
        throw markDamaged(
          new SluiceError('GitFailed', `Git object ${oid} is missing in the local copy`, {
            remedy: 'Clear the source cache and try again.',
          }),
        )
      return readAt(found.pack, found.offset, maxBytes, 0)
    },
    close() {
      for (const { bytes } of packs) bytes.close()
    },
  }
}

function openPack(base: string): Pack {
  const index = readFileSync(`${base}.idx`)
  if (index.length < 1072 || index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) throw brokenPack()
  const count = index.readUInt32BE(8 + 255 * 4)
  if (index.length < 1072 + count * 28) throw brokenPack()
  return { index, count, bytes: openPackBytes(`${base}.pack`, windowBytes), bases: new Map(), baseBytes: 0 }
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

function inflate({ bytes }: Pack, at: number, size: number): Buffer {
  // Data that does not compress grows a little; what lies behind the object is not looked at.
  for (let length = size + (size >> 8) + 128; ; length *= 2) {
    const found = inflateAt(bytes.from(at, length), 0, size)
    if (found !== null) return found.data
    if (at + length >= bytes.size) throw brokenPack()
  }
}
