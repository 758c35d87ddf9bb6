/**
 * Byte strings: texts in which each UTF-16 unit stands for one byte of UTF-8. Go's strings are bytes, and envsubst counts and cuts bytes;
 * ASCII, which is nearly everything, is the same in both.
 */

// eslint-disable-next-line no-control-regex
const beyondAscii = /[^\u0000-\u007f]/
const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

export function isAscii(text: string): boolean {
  return !beyondAscii.test(text)
}

export function toByteString(text: string): string {
  if (isAscii(text)) return text
  const bytes = encoder.encode(text)
  let result = ''
  for (let i = 0; i < bytes.length; i += 8192) result += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return result
}

/** The text again; null where the bytes are no UTF-8 any more. */
export function fromByteString(bytes: string): string | null {
  if (isAscii(bytes)) return bytes
  try {
    return strictDecoder.decode(toBytes(bytes))
  } catch {
    return null
  }
}

/** The text with U+FFFD for what is no UTF-8. */
export function fromByteStringLossy(bytes: string): string {
  return isAscii(bytes) ? bytes : lenientDecoder.decode(toBytes(bytes))
}

function toBytes(bytes: string): Uint8Array {
  const result = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) result[i] = bytes.charCodeAt(i)
  return result
}

/** The code point that starts at `position`; U+FFFD where no valid UTF-8 sequence does. */
export function runeAt(bytes: string, position: number): number {
  const first = bytes.charCodeAt(position)
  if (first < 0x80) return first
  const width = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  const text = width === 0 ? null : fromByteString(bytes.slice(position, position + width))
  return text?.codePointAt(0) ?? 0xfffd
}

/** Bytes that a code point takes in UTF-8 (callers that step over broken UTF-8 use `runeWidthAt`). */
export function runeWidth(rune: number): number {
  return rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4
}

/** Bytes that the code point at `position` takes; 1 where no valid sequence starts there. */
export function runeWidthAt(bytes: string, position: number): number {
  if (bytes.charCodeAt(position) < 0x80) return 1
  const rune = runeAt(bytes, position)
  return rune === 0xfffd && bytes.slice(position, position + 3) !== '\u00ef\u00bf\u00bd' ? 1 : runeWidth(rune)
}
