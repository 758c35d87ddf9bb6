/**
 * The index that a stored tree carries behind its tar's end, where other readers of tar do not look: where each file lies and the hash of its
 * bytes. A stored tree opens by reading this alone.
 */
import { hash } from 'node:crypto'

export interface IndexedFile {
  readonly path: string
  readonly offset: number
  readonly size: number
  /** Hex, 128 bits of SHA-256. */
  readonly hash: string
}

export interface TreeIndex {
  readonly key: string
  readonly contentKey: string
  readonly files: readonly IndexedFile[]
  /** Empty ones: the others follow from the files. */
  readonly directories: readonly string[]
  readonly bytes: number
}

/** What stands at the head of an index. */
export interface TreeHead {
  readonly key: string
  readonly contentKey: string
  readonly files: number
  readonly bytes: number
}

export const footerBytes = 64
const magic = 'SLUICE-TREE1'
/** Paths cannot hold it. */
const separator = '\0'

/** Of a file's bytes, as the index keeps it. */
export function contentHash(bytes: Uint8Array): string {
  return hash('sha256', bytes).slice(0, 32)
}

/** Of a whole tree: the same files in the same places, the same text. `files` in any order. */
export function contentKeyOf(files: readonly IndexedFile[], directories: readonly string[]): string {
  const lines = [
    ...files.map(({ path, hash: digest }) => `${digest} ${path}`),
    ...directories.map((path) => `d ${path}`),
  ]
  return `tree:${hash('sha256', lines.sort().join(separator))}`
}

/** The index alone: its head, then a record for each file and directory. */
export function encodeBody(index: TreeIndex): string {
  const { key, contentKey, files, bytes } = index
  const head: TreeHead = { key, contentKey, files: files.length, bytes }
  return [
    JSON.stringify(head),
    ...files.map((file) => `${file.hash} ${file.offset} ${file.size} ${file.path}`),
    ...index.directories.map((path) => `d 0 0 ${path}`),
  ].join(separator)
}

/** Index and footer, as they stand behind a tar that ends at `offset`. */
export function encodeIndex(index: TreeIndex, offset: number): Buffer {
  const body = Buffer.from(encodeBody(index))
  const footer = Buffer.alloc(footerBytes)
  footer.write(magic, 0, 'latin1')
  footer.writeBigUInt64BE(BigInt(offset), 12)
  footer.writeUInt32BE(body.length, 20)
  Buffer.from(hash('sha256', body), 'hex').copy(footer, 24)
  return Buffer.concat([body, footer])
}

/** Where the index lies; null for a file that has none, or was cut. */
export function readFooter(footer: Buffer, fileBytes: number): { offset: number; length: number } | null {
  if (footer.length !== footerBytes || footer.toString('latin1', 0, magic.length) !== magic) return null
  const offset = Number(footer.readBigUInt64BE(12))
  const length = footer.readUInt32BE(20)
  return offset + length + footerBytes === fileBytes ? { offset, length } : null
}

/** The index's text; null where the bytes are not those that were written. */
export function decodeBody(body: Buffer, footer: Buffer): string | null {
  return hash('sha256', body) === footer.toString('hex', 24, 56) ? body.toString('utf8') : null
}

export function readHead(body: string): TreeHead {
  const end = body.indexOf(separator)
  return JSON.parse(end < 0 ? body : body.slice(0, end)) as TreeHead
}

/** Where each file's record begins in the index's text: records are read when they are asked for, most never are. */
export function readPaths(body: string): {
  readonly files: Map<string, number>
  readonly directories: readonly string[]
} {
  const files = new Map<string, number>()
  const directories: string[] = []
  let end = body.indexOf(separator)
  while (end >= 0) {
    const start = end + 1
    end = body.indexOf(separator, start)
    const third = body.indexOf(' ', body.indexOf(' ', body.indexOf(' ', start) + 1) + 1)
    const path = end < 0 ? body.slice(third + 1) : body.slice(third + 1, end)
    if (body.charCodeAt(start + 1) === 0x20) directories.push(path)
    else files.set(path, start)
  }
  return { files, directories }
}

/** Hash, offset and size of the record that begins at `start`. */
export function readRecord(body: string, start: number): Omit<IndexedFile, 'path'> {
  const first = body.indexOf(' ', start)
  const second = body.indexOf(' ', first + 1)
  const third = body.indexOf(' ', second + 1)
  return {
    hash: body.slice(start, first),
    offset: Number(body.slice(first + 1, second)),
    size: Number(body.slice(second + 1, third)),
  }
}
