/** What packs are made of: object headers, compressed data, deltas. Format: gitformat-pack(5). */
import { inflateSync } from 'node:zlib'
import { SluiceError } from '../../../shared/model/errors.ts'

export type GitObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export const typeNames: Readonly<Record<number, GitObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' }

export const typeNumbers: Readonly<Record<GitObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }

export interface GitObject {
  readonly type: GitObjectType
  readonly data: Buffer
}

export interface ObjectHeader {
  /** 1 to 4 as in `typeNames`; 6: a delta on what lies `back` bytes before; 7: a delta on `base`. */
  readonly type: number
  /** Of what is compressed. */
  readonly size: number
  /** Where the compressed data begins, counted as `at` is. */
  readonly dataAt: number
  readonly back: number
  readonly base: string
}

/** The header at `at`; null where the bytes end within it. Throws SluiceError GitFailed for types that there are none of. */
export function readHeader(bytes: Buffer, at: number): ObjectHeader | null {
  let next = at
  let byte = bytes[next++]
  if (byte === undefined) return null
  const type = (byte >> 4) & 7
  let size = byte & 15
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = bytes[next++]
    if (byte === undefined) return null
    size += (byte & 0x7f) * scale
  }
  if (typeNames[type] !== undefined) return { type, size, dataAt: next, back: 0, base: '' }
  if (type === 7) {
    if (next + 20 > bytes.length) return null
    return { type, size, dataAt: next + 20, back: 0, base: bytes.toString('hex', next, next + 20) }
  }
  if (type !== 6) throw brokenPack()
  byte = bytes[next++]
  if (byte === undefined) return null
  let back = byte & 0x7f
  while (byte & 0x80) {
    byte = bytes[next++]
    if (byte === undefined) return null
    back = (back + 1) * 128 + (byte & 0x7f)
  }
  return { type, size, dataAt: next, back, base: '' }
}

/** What is compressed at `at`: `size` bytes, and how many they took. null where the bytes end within it; throws GitFailed where they are damaged. */
export function inflateAt(
  bytes: Buffer,
  at: number,
  size: number,
): { readonly data: Buffer; readonly used: number } | null {
  try {
    // One byte more than it needs, so that the end is seen in the first round.
    const chunkSize = Math.min(Math.max(64, size + 1), 1024 * 1024)
    const { buffer, engine } = inflateSync(bytes.subarray(at), {
      chunkSize,
      maxOutputLength: Math.max(1, size),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (buffer.length === size) return { data: buffer, used: engine.bytesWritten }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'Z_BUF_ERROR') return null
  }
  throw brokenPack()
}

/** Throws SluiceError GitFailed where the delta does not fit its base, ArtifactRefused where it makes more than `maxBytes`. */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
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
  if (varint() !== base.length) throw brokenPack()
  const size = varint()
  if (size > maxBytes) throw objectTooLarge(maxBytes)
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
      if (offset + length > base.length || filled + length > size) throw brokenPack()
      base.copy(target, filled, offset, offset + length)
      filled += length
    } else {
      if (code === 0 || filled + code > size || at + code > delta.length) throw brokenPack()
      delta.copy(target, filled, at, at + code)
      filled += code
      at += code
    }
  }
  if (filled !== size) throw brokenPack()
  return target
}

const damaged = new WeakSet<Error>()

/** Says of an error that the local copy is to blame, not the far side. */
export function markDamaged(error: SluiceError): SluiceError {
  damaged.add(error)
  return error
}

/** The local copy is damaged: thrown away and fetched anew it may be whole. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && damaged.has(error)
}

export function brokenPack(): SluiceError {
  return markDamaged(
    new SluiceError('GitFailed', 'A pack of the local copy of the repository is damaged', {
      remedy: 'Try again: the copy is fetched anew.',
    }),
  )
}

export function objectTooLarge(maxBytes: number): SluiceError {
  return new SluiceError('ArtifactRefused', `A Git object is larger than ${maxBytes} bytes`)
}
