/** Base64 as Go's StdEncoding writes it, over bytes and without Node's Buffer. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!
    parts.push(
      alphabet[word >> 18]! + alphabet[(word >> 12) & 63]! + alphabet[(word >> 6) & 63]! + alphabet[word & 63]!,
    )
  }
  const left = bytes.length - i
  if (left === 1) {
    const word = bytes[i]! << 16
    parts.push(`${alphabet[word >> 18]!}${alphabet[(word >> 12) & 63]!}==`)
  } else if (left === 2) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8)
    parts.push(`${alphabet[word >> 18]!}${alphabet[(word >> 12) & 63]!}${alphabet[(word >> 6) & 63]!}=`)
  }
  return parts.join('')
}
