/** Text or bytes: the choice that generators make for every value. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** The text of valid UTF-8, its byte order mark kept; null for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}
