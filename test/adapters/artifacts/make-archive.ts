/** Archives as source-controller writes them, and as attackers would. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Header } from 'tar-stream'

export interface ArchiveEntry extends Partial<Header> {
  readonly name: string
  readonly text?: string | Buffer
}

export async function makeTar(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const stream = pack()
  const parts: Buffer[] = []
  const done = (async () => {
    for await (const part of stream) parts.push(part as Buffer)
  })()
  for (const { text, ...header } of entries) stream.entry({ ...header }, text ?? '')
  stream.finalize()
  await done
  return Buffer.concat(parts)
}

export async function makeArchive(entries: readonly ArchiveEntry[]): Promise<{ bytes: Buffer; digest: string }> {
  return digested(gzipSync(await makeTar(entries), { level: 1 }))
}

export function digested(bytes: Buffer): { bytes: Buffer; digest: string } {
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` }
}

/** In pieces, as a network brings them. */
export async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve()
    yield bytes.subarray(at, at + size)
  }
}
