/** A desired set kept between comparisons, packed, so that an edited live object is compared at once, without building anything. */
import { parseExact } from '../exact-json.ts'
import type { Codec } from '../ports.ts'
import type { DesiredSet } from './desired-set.ts'

export interface KeptSet {
  readonly fingerprint: string
  /** JSON; compressed where that saves more than it costs. */
  readonly packed: string | Uint8Array
}

const maxBytes = 512 * 1024
const maxPlainChars = 8 * 1024

/** null for sets that are not kept. SECURITY: item 9: what holds secret values is built anew each time, never kept. */
export function keepSet(set: DesiredSet, fingerprint: string, codec: Codec): KeptSet | null {
  if (set.target.remote !== null) return null
  // Whether another owner takes them over is not among this one's inputs.
  if (set.stale.length > 0) return null
  for (const { object, sensitive } of set.objects)
    if (sensitive.length > 0 || (object.kind === 'Secret' && object.apiVersion === 'v1')) return null
  const text = JSON.stringify(set)
  if (text.length <= maxPlainChars) return { fingerprint, packed: text }
  // Copied: what zlib gives holds on to a buffer of its own size.
  const bytes = new Uint8Array(codec.deflate(text))
  return bytes.length > maxBytes ? null : { fingerprint, packed: bytes }
}

export function openSet({ packed }: KeptSet, codec: Codec): DesiredSet {
  return parseExact(typeof packed === 'string' ? packed : codec.inflate(packed)) as DesiredSet
}
