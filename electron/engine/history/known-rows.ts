/** What was last known of a cluster's rows, kept over restarts: what changed while Sluice did not run is then found, and told as found afterwards. */
import { StringPool } from '../../../shared/lib/string-pool.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { statusWords } from '../../../shared/model/status.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { BlobStore, Codec, Logger } from '../ports.ts'
import { asRecord, asText } from '../status/read.ts'
import type { KnownRow } from './row-changes.ts'

export interface Memory {
  /** When Sluice last looked at the cluster. */
  readonly aliveAt: number
  /** By row key. */
  readonly rows: ReadonlyMap<string, KnownRow>
}

/**
 * What was added since stands at the end of a line, and may be missing: what an older Sluice knew is not thrown away, nor what this one knows by an
 * older.
 */
const version = 2
/** Many together would be some ten megabytes on their way to the disk, and stay garbage for minutes. */
const rowsPerPart = 500
type Ports = { readonly store: BlobStore; readonly codec: Codec; readonly logger: Logger }

function blobName({ codec }: Pick<Ports, 'codec'>, cluster: ClusterId): string {
  return `history/${codec.sha256Hex(cluster).slice(0, 32)}`
}

export async function saveMemory(
  ports: Ports,
  cluster: ClusterId,
  known: ReadonlyMap<string, KnownRow>,
): Promise<void> {
  const parts: Uint8Array[] = [ports.codec.deflate(JSON.stringify({ version, cluster }))]
  let lines: string[] = []
  const pack = (): void => {
    parts.push(ports.codec.deflate(lines.join('\n')))
    lines = []
  }
  for (const [key, row] of known) {
    const { uid, generation, word, reason, revision, isSuspended, conditions, release } = row
    lines.push(
      JSON.stringify([
        ...[key, uid, generation, word, reason, revision, isSuspended, conditions, release],
        ...[row.attempted, row.ran, row.gate],
      ]),
    )
    if (lines.length === rowsPerPart) pack()
  }
  if (lines.length > 0) pack()
  await ports.store.write(blobName(ports, cluster), joinParts(parts))
}

/** Each behind its length. */
function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    bytes.set(part, at + 4)
    at += 4 + part.length
  }
  return bytes
}

/** Throws where a length leads out of what is there. */
function* splitParts(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at)
    if (at + 4 + length > bytes.length) throw new Error('cut off')
    yield bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
}

/** When Sluice was last there: written far more often than what it saw. */
export async function saveAlive(ports: Ports, cluster: ClusterId, aliveAt: number): Promise<void> {
  await ports.store.write(`${blobName(ports, cluster)}-alive`, JSON.stringify({ aliveAt }))
}

export async function removeMemory(ports: Pick<Ports, 'store' | 'codec'>, cluster: ClusterId): Promise<void> {
  const name = blobName(ports, cluster)
  await ports.store.remove(name)
  await ports.store.remove(`${name}-alive`)
}

/** Nothing is told between the two. */
export function isSameRow(a: KnownRow, b: KnownRow): boolean {
  return (
    a.uid === b.uid &&
    a.generation === b.generation &&
    a.word === b.word &&
    a.reason === b.reason &&
    a.revision === b.revision &&
    a.isSuspended === b.isSuspended &&
    a.conditions === b.conditions &&
    a.release === b.release &&
    a.attempted === b.attempted &&
    a.ran === b.ran &&
    a.gate === b.gate
  )
}

/** null where the cluster was never seen, or what was kept cannot be read. */
export async function loadMemory(ports: Ports, cluster: ClusterId): Promise<Memory | null> {
  const name = blobName(ports, cluster)
  const [bytes, alive] = await Promise.all([
    ports.store.read(name).catch(() => null),
    ports.store.read(`${name}-alive`).catch(() => null),
  ])
  if (bytes === null || alive === null) return null
  try {
    const { aliveAt } = asRecord(JSON.parse(new TextDecoder().decode(alive)))
    const [head, ...parts] = splitParts(bytes)
    const saved = asRecord(JSON.parse(head === undefined ? '' : ports.codec.inflate(head)))
    if (saved.version !== version || saved.cluster !== cluster || typeof aliveAt !== 'number') return null
    const rows = new Map<string, KnownRow>()
    // Each line has a copy of its own of what nearly all rows share.
    const strings = new StringPool()
    const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? strings.one(value) : null)
    for (const part of parts)
      for (const line of ports.codec.inflate(part).split('\n')) {
        const [key, uid, generation, word, reason, revision, isSuspended, ...later] = JSON.parse(
          line,
        ) as readonly unknown[]
        const [conditions, release, attempted, ran, gate] = later
        if (typeof key !== 'string' || typeof generation !== 'number') continue
        rows.set(key, {
          uid: asText(uid),
          generation,
          word: statusWords.includes(word as StatusWord) ? (word as StatusWord) : 'Unknown',
          reason: asText(reason),
          revision: asText(revision),
          isSuspended: isSuspended === true,
          conditions: textOrNull(conditions),
          release: textOrNull(release),
          attempted: textOrNull(attempted),
          ran: typeof ran === 'number' ? ran : null,
          gate: textOrNull(gate),
        })
      }
    return { aliveAt, rows }
  } catch (error) {
    ports.logger.log('warn', 'what was known for the history could not be read', { error: String(error) })
    return null
  }
}
