/** Base64 to bytes without Node's Buffer: the engine knows no Node. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Uint8Array(128).fill(255)
for (let index = 0; index < alphabet.length; index += 1) values[alphabet.charCodeAt(index)] = index

/** Decodes standard base64, white space allowed; null where it is none. */
export function decodeBase64(text: string): Uint8Array | null {
  const clean = text.replace(/[\s=]+/g, '')
  if (clean.length % 4 === 1) return null
  const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4))
  let buffer = 0
  let bits = 0
  let length = 0
  for (let index = 0; index < clean.length; index += 1) {
    const value = values[clean.charCodeAt(index)] ?? 255
    if (value === 255) return null
    buffer = ((buffer << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[length] = (buffer >> bits) & 0xff
      length += 1
    }
  }
  return bytes
}

/** How many bytes a base64 text stands for, without decoding it. */
export function base64ByteCount(text: string): number {
  const clean = text.replace(/[\s=]+/g, '')
  return Math.floor((clean.length * 3) / 4)
}
