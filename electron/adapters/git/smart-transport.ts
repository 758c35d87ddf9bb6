/**
 * How bytes get to a Git server: git's smart protocol, version 0, one request after another. Both clients (our own, and a system git over
 * the loopback bridge) go through it, so that hosts, credentials, proxies and redirects are decided in one place.
 */
export interface SmartTransport {
  /** Whether the far side can be asked for other protocol versions by `gitProtocol`. */
  readonly canNegotiate: boolean
  /** The reference advertisement (`GET info/refs?service=git-upload-pack`), with its service header. */
  advertise(signal: AbortSignal, gitProtocol?: string): Promise<SmartAnswer>
  /** `POST git-upload-pack`. */
  uploadPack(body: Uint8Array, signal: AbortSignal, gitProtocol?: string): Promise<SmartAnswer>
  /** As `advertise`, for who wants to write. */
  advertisePush(signal: AbortSignal): Promise<SmartAnswer>
  /** `POST git-receive-pack`. */
  receivePack(body: Uint8Array, signal: AbortSignal): Promise<SmartAnswer>
  close(): void
}

export type SmartService = 'git-upload-pack' | 'git-receive-pack'

export interface SmartAnswer {
  readonly body: AsyncIterable<Uint8Array>
}

/** `maxBytes` of one body; beyond it the iteration throws what `fault` makes. */
export async function* capped(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  fault: () => Error,
): AsyncGenerator<Uint8Array> {
  let total = 0
  for await (const chunk of body) {
    total += chunk.length
    if (total > maxBytes) throw fault()
    yield chunk
  }
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
