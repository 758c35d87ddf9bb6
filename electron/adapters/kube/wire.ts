/** What HTTP/2 sessions and HTTP/1.1 pools have in common: one exchange at a time goes in, headers and a body come out. */
import type { Readable } from 'node:stream'

export interface WireRequest {
  readonly method: string
  /** With the server URL's prefix. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer | null
  readonly signal: AbortSignal
  /** Called when the first byte is about to go out; what it throws ends the exchange before that. */
  readonly demand?: () => void
}

export interface Exchange {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
  /** True where the wire itself notices that the other side fell silent. */
  readonly isProbed: boolean
  /** After the body ended or closed: true when the server did not finish it. */
  isCut(): boolean
  /** Gives the rest up. */
  cancel(): void
}

export interface Wire {
  /** Rejects with WireLost, or with the signal's abort. */
  send(request: WireRequest): Promise<Exchange>
  /** Exchanges that it takes now. */
  readonly room: number
  /** False once the server said goodbye or the connection broke: takes nothing new. */
  readonly isUsable: boolean
  readonly active: number
  close(): void
}

/** The connection broke or was refused before an answer came. */
export class WireLost extends Error {
  /** True when the server certainly did not act on the request (refused stream, goodbye before it). */
  readonly isUnprocessed: boolean
  /** True when the server closed before it said anything: the way in which client certificates are turned down. */
  readonly isEarly: boolean

  constructor(cause: unknown, isUnprocessed: boolean, isEarly = false) {
    super('connection lost', { cause })
    this.name = 'WireLost'
    this.isUnprocessed = isUnprocessed
    this.isEarly = isEarly
  }
}

/** Header values as single strings. */
export function flattenHeaders(
  headers: Readonly<Record<string, string | number | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue
    flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return flat
}
