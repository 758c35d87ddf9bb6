/**
 * One snapshot file: a mark, pieces, an index of them, and at its end where the index lies. Each piece is its length (4 bytes, big endian), the
 * beginning of its digest (16 bytes of hexadecimal text) and that many deflated bytes. A piece is trusted by its digest alone.
 */
import type { Codec } from '../ports.ts'
import type { SnapshotReader, SnapshotWriter } from './snapshot-port.ts'

const mark = 'SLUICE-LAST-SEEN'
const digestLength = 16
const headLength = 4 + digestLength
/** Offset and length of the index, then the mark again. */
const endLength = 8 + mark.length
/** Read at first: most pieces are whole with it. */
const firstBytes = 32 * 1024
const maxPieceBytes = 64 * 1024 * 1024
const encoder = new TextEncoder()

/** The file is not what was written: cut off, changed, or never a snapshot. */
export class SnapshotDamaged extends Error {}

/** Where a piece begins. */
export type Offset = number

export class PieceWriter {
  readonly #codec: Codec
  readonly #file: SnapshotWriter
  offset: Offset = 0

  constructor(codec: Codec, file: SnapshotWriter) {
    this.#codec = codec
    this.#file = file
  }

  async begin(): Promise<void> {
    await this.#append(encoder.encode(mark))
  }

  async write(text: string): Promise<Offset> {
    const at = this.offset
    const packed = this.#codec.deflate(text)
    const bytes = new Uint8Array(headLength + packed.length)
    new DataView(bytes.buffer).setUint32(0, packed.length)
    bytes.set(encoder.encode(digestOf(this.#codec, packed)), 4)
    bytes.set(packed, headLength)
    await this.#append(bytes)
    return at
  }

  async end(index: string): Promise<void> {
    const at = await this.write(index)
    const bytes = new Uint8Array(endLength)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, at)
    view.setUint32(4, this.offset - at)
    bytes.set(encoder.encode(mark), 8)
    await this.#append(bytes)
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#file.append(bytes)
    this.offset += bytes.length
  }
}

/** The text of the piece at `offset`. Throws SnapshotDamaged. */
export async function readPiece(codec: Codec, file: SnapshotReader, offset: Offset): Promise<string> {
  const first = await file.read(offset, firstBytes)
  if (first.length < headLength) throw new SnapshotDamaged(`cut off at ${offset}`)
  const length = new DataView(first.buffer, first.byteOffset).getUint32(0)
  if (length > maxPieceBytes) throw new SnapshotDamaged(`a piece of ${length} bytes at ${offset}`)
  const packed =
    first.length >= headLength + length
      ? first.subarray(headLength, headLength + length)
      : await file.read(offset + headLength, length)
  if (packed.length < length) throw new SnapshotDamaged(`cut off at ${offset}`)
  if (digestOf(codec, packed) !== new TextDecoder().decode(first.subarray(4, headLength)))
    throw new SnapshotDamaged(`the digest at ${offset} is of other bytes`)
  return codec.inflate(packed)
}

/** The index. Throws SnapshotDamaged. */
export async function readIndex(codec: Codec, file: SnapshotReader): Promise<string> {
  const start = file.size - endLength
  const end = await file.read(Math.max(0, start), endLength)
  if (start < mark.length || new TextDecoder().decode(end.subarray(8)) !== mark) throw new SnapshotDamaged('no end')
  const view = new DataView(end.buffer, end.byteOffset)
  if (view.getUint32(0) + view.getUint32(4) !== start) throw new SnapshotDamaged('the end points elsewhere')
  return readPiece(codec, file, view.getUint32(0))
}

function digestOf(codec: Codec, bytes: Uint8Array): string {
  return codec.sha256Hex(bytes).slice(0, digestLength)
}
