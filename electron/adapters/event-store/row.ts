/** Rows of the table `entry` and what they mean. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { chartVersionHash } from '../../../shared/flux/revision.ts'
import type { HistoryFacts } from '../../../shared/model/history.ts'

const timeBits = 20n
/** How many entries one millisecond can hold. */
export const perMillisecond = 2 ** 20

export function rowId(at: number, n: number): bigint {
  return (BigInt(at) << timeBits) | BigInt(n)
}

/** First row number at or after that time. */
export function firstRowId(at: number): bigint {
  return BigInt(at) << timeBits
}

/** In the order of `EntryRow`. */
export const entryColumns =
  'e.id >> 20, e.id & 1048575, e.number, e.cluster, e.type, e.tone, e.backfilled, e.object, e.owner, e.reason, e.template, e.revision, e.actor, ' +
  'e.count, e.recorded, e.holes, e.identity, e.facts'

export type Packed = string | Uint8Array | null

export type EntryRow = [
  at: number,
  n: number,
  number: number,
  cluster: number,
  type: number,
  tone: number,
  backfilled: number,
  object: number | null,
  owner: number | null,
  reason: number,
  template: number,
  revision: number | null,
  actor: number | null,
  count: number | null,
  recorded: number,
  holes: Packed,
  identity: Packed,
  facts: Packed,
]

const minDeflate = 200

/** Short texts as they are, long ones deflated where that pays. */
export function packText(text: string): Packed {
  if (text.length < minDeflate) return text
  const data = deflateRawSync(text, { level: 6 })
  return data.length < text.length * 0.9 ? data : text
}

export function unpackText(packed: Packed): string | null {
  return packed === null || typeof packed === 'string' ? packed : inflateRawSync(packed).toString('utf8')
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Events are known by their UID: 16 bytes in place of 36, twice (table and index). */
export function packIdentity(identity: string): Packed {
  if (identity === '') return null
  return uuid.test(identity) ? Buffer.from(identity.replaceAll('-', ''), 'hex') : identity
}

export function unpackIdentity(packed: Packed): string {
  if (packed === null || typeof packed === 'string') return packed ?? ''
  const hex = Buffer.from(packed).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The hash within `branch@sha1:…`, or what a chart's version has of it, in small letters; null where a revision has none. */
export function revisionHash(revision: string): string | null {
  const whole = /(?:^|[@:])sha(?:1|256|512):([0-9a-f]+)$/i.exec(revision)?.[1]?.toLowerCase()
  return (whole ?? chartVersionHash(revision)) || null
}

/** Flux's own reason, beside the word that it comes down to; '' where the facts name none. In small letters. Events have theirs for a reason. */
export function reasonBehind(facts: HistoryFacts | null): string {
  const because = facts?.['because']
  return typeof because === 'string' ? because.toLowerCase() : ''
}
