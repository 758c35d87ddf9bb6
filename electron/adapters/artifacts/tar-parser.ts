/**
 * Reads a tar as its bytes come: ustar, pax and GNU's long names, the way Go's archive/tar reads what source-controller and OCI tools write.
 * Only files and directories pass. SECURITY: item 11: links, devices, pipes, sparse files and everything unknown end it with the entry's name.
 */

export interface TarEntry {
  /** As the archive has it; cleaned by whoever keeps it. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly size: number
  /** Where the file's bytes begin, counted from the archive's first byte. */
  readonly offset: number
}

export interface TarSink {
  onEntry(entry: TarEntry): void
  /** Bytes of the file that was announced last, in order. */
  onData(bytes: Uint8Array): void
  onFileEnd(): void
}

/** The archive cannot be kept; the message is a half sentence naming the entry. */
export class TarRefused extends Error {
  override readonly name = 'TarRefused'
}

const blockBytes = 512
/** Of one pax header or long name. */
const maxMetaBytes = 1024 * 1024

export class TarParser {
  readonly #sink: TarSink
  readonly #block = Buffer.alloc(blockBytes)
  #filled = 0
  #position = 0
  /** Bytes of the current body, and of its padding, that are still to come. */
  #left = 0
  #padding = 0
  #body: 'none' | 'file' | 'meta' | 'skipped' = 'none'
  #metaKind = ''
  #meta: Buffer[] = []
  #pax: Map<string, string> = new Map()
  #longName: string | null = null
  #isEnded = false

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** The blocks of zeros that end a tar were seen. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Throws TarRefused. */
  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#isEnded) {
        this.#position += bytes.length - at
        return
      }
      if (this.#left > 0) at += this.#takeBody(bytes, at)
      else if (this.#padding > 0) {
        const count = Math.min(this.#padding, bytes.length - at)
        this.#padding -= count
        this.#position += count
        at += count
      } else at += this.#takeHeader(bytes, at)
    }
  }

  /** The archive's bytes are all there. Throws TarRefused where it stops in the middle. */
  end(): void {
    if (this.#left > 0 || this.#padding > 0 || this.#filled > 0) throw new TarRefused('it is cut off')
    if (this.#pax.size > 0 || this.#longName !== null) throw new TarRefused('it is cut off after a header')
  }

  #takeBody(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#left, bytes.length - at)
    const part = bytes.subarray(at, at + count)
    if (this.#body === 'file') this.#sink.onData(part)
    else if (this.#body === 'meta') this.#meta.push(Buffer.from(part))
    this.#left -= count
    this.#position += count
    if (this.#left === 0) this.#endBody()
    return count
  }

  #endBody(): void {
    const body = this.#body
    this.#body = 'none'
    if (body === 'file') this.#sink.onFileEnd()
    if (body !== 'meta') return
    const data = Buffer.concat(this.#meta)
    this.#meta = []
    if (this.#metaKind === 'x') this.#pax = readPax(data)
    else if (this.#metaKind === 'L') this.#longName = textOf(data)
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const count = Math.min(blockBytes - this.#filled, bytes.length - at)
    this.#block.set(bytes.subarray(at, at + count), this.#filled)
    this.#filled += count
    this.#position += count
    if (this.#filled === blockBytes) {
      this.#filled = 0
      this.#readHeader(this.#block)
    }
    return count
  }

  #readHeader(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      // Go ends at the first block of zeros that a second one follows; a single one is as good an end.
      this.#isEnded = true
      return
    }
    const rawName = this.#nameOf(block)
    const shown = JSON.stringify(rawName.slice(0, 300))
    if (!hasValidChecksum(block))
      throw new TarRefused(`the header after byte ${this.#position - blockBytes} is damaged`)
    const type = block[156] === 0 ? '0' : String.fromCharCode(block[156]!)
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const size = numberOf(block, 124, 12)
      if (size === null || size > maxMetaBytes) throw new TarRefused(`the header of ${shown} is too long`)
      this.#begin(type === 'g' || type === 'K' ? 'skipped' : 'meta', size)
      this.#metaKind = type
      return
    }
    const pax = this.#pax
    const path = pax.get('path') ?? this.#longName ?? rawName
    const name = JSON.stringify(path.slice(0, 300))
    this.#pax = new Map()
    this.#longName = null
    const paxSize = pax.get('size')
    const size = paxSize === undefined ? numberOf(block, 124, 12) : decimalOf(paxSize)
    if (size === null) throw new TarRefused(`${name} has a size that is no number`)
    if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw new TarRefused(`${name} is a sparse file`)
    // Go: a regular file whose name ends in a slash is a directory.
    const isDirectory = type === '5' || (type === '0' && path.endsWith('/'))
    if (!isDirectory && type !== '0') throw new TarRefused(`${name} is ${typeNames[type] ?? 'of an unknown type'}`)
    const kind = isDirectory ? 'directory' : 'file'
    this.#sink.onEntry({ path, kind, size: isDirectory ? 0 : size, offset: this.#position })
    this.#begin(isDirectory ? 'skipped' : 'file', isDirectory && type === '5' ? 0 : size)
  }

  #begin(body: 'file' | 'meta' | 'skipped', size: number): void {
    this.#body = body
    this.#left = size
    this.#padding = (blockBytes - (size % blockBytes)) % blockBytes
    if (size === 0) this.#endBody()
  }

  #nameOf(block: Buffer): string {
    const name = textOf(block.subarray(0, 100))
    const isUstar = block.toString('latin1', 257, 262) === 'ustar' && block[262] === 0
    const prefix = isUstar ? textOf(block.subarray(345, 500)) : ''
    return prefix === '' ? name : `${prefix}/${name}`
  }
}

const typeNames: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  '7': 'a contiguous file',
  S: 'a sparse file',
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

function hasValidChecksum(block: Buffer): boolean {
  let unsigned = 8 * 0x20
  let signed = unsigned
  for (let i = 0; i < blockBytes; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[i]!
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const stored = numberOf(block, 148, 8)
  return stored === unsigned || stored === signed
}

/** An octal field, or GNU's base 256; null where it is neither or too large to count with. */
function numberOf(block: Buffer, at: number, length: number): number | null {
  if ((block[at]! & 0x80) !== 0) {
    if (block[at] !== 0x80) return null
    let value = 0
    for (let i = at + 1; i < at + length; i++) value = value * 256 + block[i]!
    return Number.isSafeInteger(value) ? value : null
  }
  const text = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .replace(/^ +/, '')
  if (text === '') return 0
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : null
}

function decimalOf(text: string): number | null {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : null
  return value !== null && Number.isSafeInteger(value) ? value : null
}

/** Records `LENGTH KEY=VALUE\n`. */
function readPax(data: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(0x20, at)
    const length = space < 0 ? null : decimalOf(data.toString('latin1', at, space))
    if (length === null || length <= space - at + 1 || at + length > data.length || data[at + length - 1] !== 0x0a)
      throw new TarRefused('a pax header is damaged')
    const record = data.subarray(space + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    if (equals <= 0) throw new TarRefused('a pax header is damaged')
    const value = record.toString('utf8', equals + 1)
    if (value.includes('\0')) throw new TarRefused('a pax header holds a zero byte')
    records.set(record.toString('utf8', 0, equals), value)
    at += length
  }
  return records
}
