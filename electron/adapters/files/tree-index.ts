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
  /** Those that are empty or were named: the others follow from the files. */
  readonly directories: readonly string[]
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

/** Index and footer, as they stand behind a tar that ends at `offset`. */
export function encodeIndex(index: TreeIndex, offset: number): Buffer {
  const head = JSON.stringify({ key: index.key, contentKey: index.contentKey, bytes: index.bytes })
  const records = [
    head,
    ...index.files.map((file) => `${file.hash} ${file.offset} ${file.size} ${file.path}`),
    ...index.directories.map((path) => `d 0 0 ${path}`),
  ]
  const body = Buffer.from(records.join(separator))
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

/** Null where the bytes are not those that were written. */
export function decodeIndex(body: Buffer, footer: Buffer): TreeIndex | null {
  if (hash('sha256', body) !== footer.toString('hex', 24, 56)) return null
  const [head, ...records] = body.toString('utf8').split(separator)
  const { key, contentKey, bytes } = JSON.parse(head!) as Pick<TreeIndex, 'key' | 'contentKey' | 'bytes'>
  const files: IndexedFile[] = []
  const directories: string[] = []
  for (const record of records) {
    const first = record.indexOf(' ')
    const second = record.indexOf(' ', first + 1)
    const third = record.indexOf(' ', second + 1)
    const path = record.slice(third + 1)
    if (first === 1) directories.push(path)
    else
      files.push({
        path,
        hash: record.slice(0, first),
        offset: Number(record.slice(first + 1, second)),
        size: Number(record.slice(second + 1, third)),
      })
  }
  return { key, contentKey, bytes, files, directories }
}
