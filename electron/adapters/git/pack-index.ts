/**
 * Indexing a pack that came over the wire: every object is unpacked once and named by its hash, so that what is read later is what its commit
 * says. Writes the version 2 index that git itself would. Format: gitformat-pack(5).
 */
import { createHash } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32, createInflate, deflateSync } from 'node:zlib'
import { canceled } from './canceled.ts'
import { applyDelta, brokenPack, inflateAt, objectTooLarge, readHeader, typeNames, typeNumbers } from './pack-format.ts'
import type { GitObject, GitObjectType } from './pack-format.ts'
import { openPackBytes } from './pack-bytes.ts'
import type { PackBytes } from './pack-bytes.ts'

const headBytes = 12
const hashBytes = 20
const maxHeaderBytes = 64
/** An object takes no fewer: a header, an empty zlib stream. */
const minObjectBytes = 9
/** Larger ones are hashed as they unpack and never held. */
const maxHeldBytes = 64 * 1024 * 1024
/** SECURITY: item 11: what a chain of deltas may hold at one time. */
const maxChainBytes = 512 * 1024 * 1024
const yieldEvery = 500
const windowBytes = 4 * 1024 * 1024

interface Entries {
  readonly count: number
  readonly offsets: Float64Array
  readonly crcs: Uint32Array
  readonly oids: Buffer
}

/**
 * Indexes the pack `PATH.pack`; its index is `PATH.idx` then. Bases that the server left out, because `readBase` has them, are put in: the pack
 * stands alone afterwards. Answers its number of objects and its checksum. Throws SluiceError GitFailed, ArtifactRefused, Canceled.
 */
export async function indexPack(
  path: string,
  readBase: (oid: string) => GitObject | null,
  signal: AbortSignal,
): Promise<{ readonly count: number; readonly sum: string }> {
  const bytes = openPackBytes(`${path}.pack`, windowBytes)
  try {
    const { entries, added } = await nameObjects(bytes, readBase, signal)
    const own = bytes.from(bytes.size - hashBytes, hashBytes).subarray(0, hashBytes)
    const trailer = added.length === 0 ? own : await appendObjects(`${path}.pack`, bytes.size, entries.count, added)
    await writeFile(`${path}.idx`, indexOf(entries, trailer), { mode: 0o600 })
    return { count: entries.count, sum: trailer.toString('hex') }
  } finally {
    bytes.close()
  }
}

/** In place of the trailer; the new one is answered. */
async function appendObjects(file: string, size: number, count: number, added: readonly Buffer[]): Promise<Buffer> {
  const handle = await open(file, 'r+')
  try {
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(count)
    await handle.write(counted, 0, 4, 8)
    const more = Buffer.concat(added)
    const end = size - hashBytes + more.length
    await handle.write(more, 0, more.length, size - hashBytes)
    const hash = createHash('sha1')
    const piece = Buffer.allocUnsafe(windowBytes)
    for (let at = 0; at < end;) {
      const { bytesRead } = await handle.read(piece, 0, Math.min(piece.length, end - at), at)
      if (bytesRead === 0) throw brokenPack()
      hash.update(piece.subarray(0, bytesRead))
      at += bytesRead
    }
    const trailer = hash.digest()
    await handle.write(trailer, 0, hashBytes, end)
    return trailer
  } finally {
    await handle.close()
  }
}

/** As it stands in a pack. */
function encodeObject({ type, data }: GitObject): Buffer {
  const head: number[] = []
  let byte = ((typeNumbers[type] ?? 3) << 4) | (data.length & 15)
  for (let left = Math.floor(data.length / 16); left > 0; left = Math.floor(left / 128)) {
    head.push(byte | 0x80)
    byte = left & 0x7f
  }
  return Buffer.concat([Buffer.from([...head, byte]), deflateSync(data)])
}

async function nameObjects(
  bytes: PackBytes,
  readBase: (oid: string) => GitObject | null,
  signal: AbortSignal,
): Promise<{ readonly entries: Entries; readonly added: readonly Buffer[] }> {
  const head = bytes.from(0, headBytes)
  if (bytes.size < headBytes + hashBytes || head.toString('latin1', 0, 4) !== 'PACK') throw brokenPack()
  if (head.readUInt32BE(4) !== 2) throw brokenPack()
  const count = head.readUInt32BE(8)
  if (count * minObjectBytes > bytes.size) throw brokenPack()
  const offsets = new Float64Array(count)
  const crcs = new Uint32Array(count)
  const oids = Buffer.alloc(count * hashBytes)
  /** Object → the deltas on it. */
  const byOffset = new Map<number, number[]>()
  const byName = new Map<string, number[]>()
  const bases: number[] = []
  let deltas = 0
  let turn = 0
  const breathe = async (): Promise<void> => {
    turn += 1
    if (turn % yieldEvery !== 0) return
    await nextTurn()
    if (signal.aborted) throw canceled(signal)
  }

  let at = headBytes
  for (let index = 0; index < count; index++) {
    await breathe()
    offsets[index] = at
    const header = readHeader(bytes.from(at, maxHeaderBytes), 0)
    if (header === null) throw brokenPack()
    const { type, size, dataAt, back, base } = header
    const name = typeNames[type]
    let used: number
    if (size > maxHeldBytes) {
      if (name === undefined) throw objectTooLarge(maxHeldBytes)
      used = await hashLarge(bytes, at + dataAt, name, size, oids, index, signal)
    } else {
      const found = inflateFrom(bytes, at + dataAt, size)
      used = found.used
      if (name !== undefined) putName(oids, index, name, found.data)
    }
    if (name === undefined) {
      deltas += 1
      if (type === 6) listOf(byOffset, at - back).push(index)
      else listOf(byName, base).push(index)
    } else bases.push(index)
    const end = at + dataAt + used
    if (end > bytes.size - hashBytes) throw brokenPack()
    crcs[index] = crcOf(bytes, at, end)
    at = end
  }
  if (at !== bytes.size - hashBytes) throw brokenPack()

  const childrenOf = (offset: number, name: string): readonly number[] => [
    ...(byOffset.get(offset) ?? []),
    ...(byName.get(name) ?? []),
  ]
  let resolved = 0
  const resolveOn = async (type: GitObjectType, data: Buffer, children: readonly number[]): Promise<void> => {
    const chain: { readonly data: Buffer; readonly children: readonly number[]; next: number }[] = []
    let held = 0
    const enter = (base: Buffer, below: readonly number[]): void => {
      held += base.length
      if (held > maxChainBytes) throw objectTooLarge(maxHeldBytes)
      chain.push({ data: base, children: below, next: 0 })
    }
    enter(data, children)
    for (let top = chain.at(-1); top !== undefined; top = chain.at(-1)) {
      const child = top.children[top.next]
      if (child === undefined) {
        held -= top.data.length
        chain.pop()
        continue
      }
      top.next += 1
      await breathe()
      const offset = offsets[child] ?? 0
      const own = headerAt(bytes, offset)
      const delta = inflateFrom(bytes, offset + own.dataAt, own.size).data
      const made = applyDelta(top.data, delta, maxHeldBytes)
      putName(oids, child, type, made)
      resolved += 1
      const below = childrenOf(offset, nameAt(oids, child))
      if (below.length > 0) enter(made, below)
    }
  }
  if (deltas > 0)
    for (const root of bases) {
      const offset = offsets[root] ?? 0
      const children = childrenOf(offset, nameAt(oids, root))
      if (children.length === 0) continue
      const { type, size, dataAt } = headerAt(bytes, offset)
      if (size > maxHeldBytes) throw objectTooLarge(maxHeldBytes)
      await resolveOn(typeNames[type] ?? 'blob', inflateFrom(bytes, offset + dataAt, size).data, children)
    }
  const own: Entries = { count, offsets, crcs, oids }
  if (resolved === deltas) return { entries: own, added: [] }

  // What is missing still lies on bases that the server knows to be here.
  const inPack = new Set(Array.from({ length: count }, (_, index) => nameAt(oids, index)))
  const added: Buffer[] = []
  const names: string[] = []
  const places: number[] = []
  let end = bytes.size - hashBytes
  for (const [name, children] of byName) {
    const base = inPack.has(name) ? null : readBase(name)
    if (base === null) continue
    await resolveOn(base.type, base.data, children)
    const encoded = encodeObject(base)
    added.push(encoded)
    names.push(name)
    places.push(end)
    end += encoded.length
  }
  if (resolved !== deltas) throw brokenPack()
  return {
    entries: {
      count: count + added.length,
      offsets: Float64Array.from([...offsets, ...places]),
      crcs: Uint32Array.from([...crcs, ...added.map((encoded) => crc32(encoded))]),
      oids: Buffer.concat([oids, Buffer.from(names.join(''), 'hex')]),
    },
    added,
  }
}

function headerAt(bytes: PackBytes, offset: number): NonNullable<ReturnType<typeof readHeader>> {
  const header = readHeader(bytes.from(offset, maxHeaderBytes), 0)
  if (header === null) throw brokenPack()
  return header
}

function inflateFrom(bytes: PackBytes, at: number, size: number): { readonly data: Buffer; readonly used: number } {
  // Data that does not compress grows a little.
  for (let length = size + (size >> 8) + 128; ; length *= 2) {
    const found = inflateAt(bytes.from(at, length), 0, size)
    if (found !== null) return found
    if (at + length >= bytes.size) throw brokenPack()
  }
}

async function hashLarge(
  bytes: PackBytes,
  at: number,
  type: GitObjectType,
  size: number,
  oids: Buffer,
  index: number,
  signal: AbortSignal,
): Promise<number> {
  const hash = createHash('sha1').update(`${type} ${size}\0`)
  const inflate = createInflate({ chunkSize: 256 * 1024 })
  let made = 0
  const read = async (): Promise<void> => {
    for await (const part of inflate as AsyncIterable<Buffer>) {
      made += part.length
      if (made > size) throw brokenPack()
      hash.update(part)
    }
  }
  const reading = read().then(
    () => null,
    (error: unknown) => error,
  )
  const step = 1024 * 1024
  for (let next = at; next < bytes.size && !inflate.readableEnded && !inflate.destroyed; next += step) {
    if (signal.aborted) break
    const piece = bytes.from(next, step).subarray(0, step)
    await new Promise<void>((resolve) => {
      inflate.write(piece, () => resolve())
      inflate.once('close', resolve)
    })
  }
  inflate.end()
  const fault = await reading
  if (signal.aborted) throw canceled(signal)
  if (fault !== null || made !== size) throw brokenPack()
  oids.set(hash.digest(), index * hashBytes)
  return inflate.bytesWritten
}

function putName(oids: Buffer, index: number, type: GitObjectType, data: Buffer): void {
  oids.set(createHash('sha1').update(`${type} ${data.length}\0`).update(data).digest(), index * hashBytes)
}

function nameAt(oids: Buffer, index: number): string {
  return oids.toString('hex', index * hashBytes, (index + 1) * hashBytes)
}

function crcOf(bytes: PackBytes, start: number, end: number): number {
  let value = 0
  const step = 1024 * 1024
  for (let at = start; at < end; at += step) {
    const length = Math.min(step, end - at)
    value = crc32(bytes.from(at, length).subarray(0, length), value)
  }
  return value
}

function listOf<Key>(lists: Map<Key, number[]>, key: Key): number[] {
  const known = lists.get(key)
  if (known !== undefined) return known
  const made: number[] = []
  lists.set(key, made)
  return made
}

function indexOf({ count, offsets, crcs, oids }: Entries, trailer: Buffer): Buffer {
  const order = Array.from({ length: count }, (_, index) => index)
  order.sort((a, b) => oids.compare(oids, b * hashBytes, (b + 1) * hashBytes, a * hashBytes, (a + 1) * hashBytes))
  const large = order.filter((index) => (offsets[index] ?? 0) >= 0x80000000)
  const namesAt = 8 + 1024
  const crcsAt = namesAt + count * hashBytes
  const offsetsAt = crcsAt + count * 4
  const largeAt = offsetsAt + count * 4
  const index = Buffer.alloc(largeAt + large.length * 8 + 2 * hashBytes)
  index.writeUInt32BE(0xff744f63, 0)
  index.writeUInt32BE(2, 4)
  let seen = 0
  for (let first = 0; first < 256; first++) {
    while (seen < count && (oids[(order[seen] ?? 0) * hashBytes] ?? 0) <= first) seen += 1
    index.writeUInt32BE(seen, 8 + first * 4)
  }
  let larges = 0
  for (const [position, entry] of order.entries()) {
    oids.copy(index, namesAt + position * hashBytes, entry * hashBytes, (entry + 1) * hashBytes)
    index.writeUInt32BE(crcs[entry] ?? 0, crcsAt + position * 4)
    const offset = offsets[entry] ?? 0
    if (offset < 0x80000000) index.writeUInt32BE(offset, offsetsAt + position * 4)
    else {
      index.writeUInt32BE((0x80000000 | larges) >>> 0, offsetsAt + position * 4)
      index.writeBigUInt64BE(BigInt(offset), largeAt + larges * 8)
      larges += 1
    }
  }
  trailer.copy(index, index.length - 2 * hashBytes)
  const sum = createHash('sha1')
    .update(index.subarray(0, index.length - hashBytes))
    .digest()
  sum.copy(index, index.length - hashBytes)
  return index
}
