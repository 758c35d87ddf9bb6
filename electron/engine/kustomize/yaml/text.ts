/** Bytes to text as go-yaml's reader does: UTF-8 (or UTF-16 behind its byte order mark), no invalid sequences, no control characters. */
import { BuildError } from '../build-error.ts'
import { BOM } from './chars.ts'

// eslint-disable-next-line no-control-regex -- these are the characters that YAML forbids
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]/
// As above, surrogate pairs let through.
const FORBIDDEN_STRICT =
  // eslint-disable-next-line no-control-regex -- these are the characters that YAML forbids
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** How many bytes go-yaml's reader decodes at a time. */
const CHUNK = 512

export interface ForbiddenText {
  /** Where go-yaml's reader stops giving characters to the scanner. */
  readonly start: number
  readonly problem: string
}

/** The first character that go-yaml's reader refuses; null if there is none. */
export function findForbidden(text: string): ForbiddenText | null {
  // The simple class costs nothing on ordinary text; only what it finds is looked at closely.
  if (text.search(FORBIDDEN) < 0) return null
  const at = text.search(FORBIDDEN_STRICT)
  if (at < 0) return null
  const code = text.charCodeAt(at)
  const problem = code >= 0xd800 && code <= 0xdfff ? 'invalid Unicode character' : 'control characters are not allowed'
  return { start: chunkStart(text, at), problem }
}

/** The character at which the chunk of bytes begins that holds the character at `at`. */
function chunkStart(text: string, at: number): number {
  let bytes = 0
  let start = 0
  let chunkEnd = CHUNK
  for (let i = 0; i < at; i++) {
    const code = text.charCodeAt(i)
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : (code & 0xfc00) === 0xdc00 ? 1 : 3
    if (bytes >= chunkEnd) {
      chunkEnd += CHUNK
      start = i + 1
    }
  }
  return start
}

export function readerError(problem: string): BuildError {
  return new BuildError('InvalidYaml', `yaml: ${problem}`)
}

/** The text of a file. Throws BuildError InvalidYaml with go-yaml's text for bytes that are no UTF-8. A byte order mark stays. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
    return decodeUtf16(bytes, bytes[0] === 0xfe)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw readerError(utf8Problem(bytes))
  }
}

function utf8Problem(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length;) {
    const octet = bytes[i]!
    const width = octet < 0x80 ? 1 : octet >> 5 === 6 ? 2 : octet >> 4 === 14 ? 3 : octet >> 3 === 30 ? 4 : 0
    if (width === 0) return 'invalid leading UTF-8 octet'
    if (i + width > bytes.length) return 'incomplete UTF-8 octet sequence'
    let value = width === 1 ? octet : octet & (0x7f >> width)
    for (let k = 1; k < width; k++) {
      const trailing = bytes[i + k]!
      if ((trailing & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet'
      value = value * 64 + (trailing & 0x3f)
    }
    if ((width === 2 && value < 0x80) || (width === 3 && value < 0x800) || (width === 4 && value < 0x10000))
      return 'invalid length of a UTF-8 sequence'
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return 'invalid Unicode character'
    i += width
  }
  return 'invalid UTF-8'
}

function decodeUtf16(bytes: Uint8Array, isBigEndian: boolean): string {
  if (bytes.length % 2 !== 0) throw readerError('incomplete UTF-16 character')
  const units: string[] = []
  for (let i = 0; i < bytes.length; i += 2) {
    const unit = isBigEndian ? bytes[i]! * 256 + bytes[i + 1]! : bytes[i + 1]! * 256 + bytes[i]!
    if (i === 0 && unit === BOM) continue
    units.push(String.fromCharCode(unit))
  }
  const text = units.join('')
  const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text)
  if (lone !== null)
    throw readerError(
      (lone[0].charCodeAt(0) & 0xfc00) === 0xdc00 ? 'unexpected low surrogate area' : 'expected low surrogate area',
    )
  return text
}
