/** What was last known of a cluster's rows, kept over restarts: what changed while Sluice did not run is then found, and told as found afterwards. */
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

const version = 1
type Ports = { readonly store: BlobStore; readonly codec: Codec; readonly logger: Logger }

function blobName({ codec }: Ports, cluster: ClusterId): string {
  return `history/${codec.sha256Hex(cluster).slice(0, 32)}`
}

export async function saveMemory(ports: Ports, cluster: ClusterId, memory: Memory): Promise<void> {
  const rows = [...memory.rows].map(([key, row]) => [
    key,
    row.uid,
    row.generation,
    row.word,
    row.reason,
    row.revision,
    row.isSuspended,
  ])
  const text = JSON.stringify({ version, cluster, aliveAt: memory.aliveAt, rows })
  await ports.store.write(blobName(ports, cluster), ports.codec.deflate(text))
}

/** null where the cluster was never seen, or what was kept cannot be read. */
export async function loadMemory(ports: Ports, cluster: ClusterId): Promise<Memory | null> {
  const bytes = await ports.store.read(blobName(ports, cluster)).catch(() => null)
  if (bytes === null) return null
  try {
    const saved = asRecord(JSON.parse(ports.codec.inflate(bytes)))
    if (saved.version !== version || saved.cluster !== cluster || typeof saved.aliveAt !== 'number') return null
    const rows = new Map<string, KnownRow>()
    for (const each of Array.isArray(saved.rows) ? saved.rows : []) {
      const [key, uid, generation, word, reason, revision, isSuspended] = each as readonly unknown[]
      if (typeof key !== 'string' || typeof generation !== 'number') continue
      rows.set(key, {
        uid: asText(uid),
        generation,
        word: statusWords.includes(word as StatusWord) ? (word as StatusWord) : 'Unknown',
        reason: asText(reason),
        revision: asText(revision),
        isSuspended: isSuspended === true,
      })
    }
    return { aliveAt: saved.aliveAt, rows }
  } catch (error) {
    ports.logger.log('warn', 'what was known for the history could not be read', { error: String(error) })
    return null
  }
}
