/** Packet lines, the frames of git's protocol: four hexadecimal digits of length, then the bytes. Format: gitprotocol-common(5). */

export const flushPacket = '0000'

export function packet(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`
}

export type Packet = { readonly kind: 'flush' } | { readonly kind: 'data'; readonly bytes: Buffer }

/** Packets as they come; ends where the bytes end between two packets, throws what `broken` makes where they end or err within one. */
export async function* readPackets(body: AsyncIterable<Uint8Array>, broken: () => Error): AsyncGenerator<Packet> {
  let left: Buffer = Buffer.alloc(0)
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let data = left.length === 0 ? bytes : Buffer.concat([left, bytes])
    while (data.length >= 4) {
      const digits = data.toString('latin1', 0, 4)
      const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1
      if (length < 0 || (length > 0 && length < 4)) throw broken()
      if (length === 0) {
        data = data.subarray(4)
        yield { kind: 'flush' }
        continue
      }
      if (data.length < length) break
      yield { kind: 'data', bytes: data.subarray(4, length) }
      data = data.subarray(length)
    }
    left = data
  }
  if (left.length > 0) throw broken()
}
