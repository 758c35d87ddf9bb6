/** Desired sets kept between comparisons, so that an edited live object is compared at once, without building anything. */
import { parseExact } from '../exact-json.ts'
import type { Codec } from '../ports.ts'
import type { DesiredSet } from './desired-set.ts'

export interface KeptSet {
  readonly fingerprint: string
  /** The set itself, or its JSON compressed. */
  readonly held: DesiredSet | Uint8Array
  readonly plainChars: number
}

const maxBytes = 512 * 1024
/** Small sets are kept as they are, which costs some four times their JSON, up to so much of it in all. */
const plain = { each: 8 * 1024, total: 4 * 1024 * 1024 }

export class KeptSets {
  readonly #codec: Codec
  #plainChars = 0

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** In place of `earlier`; null for sets that are not kept. SECURITY: item 9: what holds secret values is built anew each time, never kept. */
  keep(earlier: KeptSet | null, set: DesiredSet, fingerprint: string): KeptSet | null {
    this.drop(earlier)
    if (set.target.remote !== null) return null
    // Whether another owner takes them over is not among this one's inputs.
    if (set.stale.length > 0) return null
    for (const { object, sensitive } of set.objects)
      if (sensitive.length > 0 || (object.kind === 'Secret' && object.apiVersion === 'v1')) return null
    const text = JSON.stringify(set)
    if (text.length <= plain.each && this.#plainChars + text.length <= plain.total) {
      this.#plainChars += text.length
      return { fingerprint, held: set, plainChars: text.length }
    }
    // Copied: what zlib gives holds on to a buffer of its own size.
    const bytes = new Uint8Array(this.#codec.deflate(text))
    return bytes.length > maxBytes ? null : { fingerprint, held: bytes, plainChars: 0 }
  }

  open({ held }: KeptSet): DesiredSet {
    return held instanceof Uint8Array ? (parseExact(this.#codec.inflate(held)) as DesiredSet) : held
  }

  drop(kept: KeptSet | null): void {
    this.#plainChars -= kept?.plainChars ?? 0
  }
}
