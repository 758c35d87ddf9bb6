/**
 * Last known rows of each cluster on disk, for the time before it answers. Written at most every 30 s, in pieces; a piece is a
 * length (4 bytes, big endian) and that many deflated bytes of JSON: first the head, then rows.
 */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { nextTurn } from '../cache/slices.ts'
import type { BlobStore, Clock, Codec, Logger } from '../ports.ts'

export interface ClusterSnapshot {
  readonly savedAt: number
  readonly kubernetesVersion: string
  readonly fluxVersion: string
  readonly rows: readonly FluxRow[]
}

interface Head {
  readonly version: number
  readonly cluster: ClusterId
  readonly savedAt: number
  readonly kubernetesVersion: string
  readonly fluxVersion: string
}

const formatVersion = 1
const rowsPerPiece = 200
const maxSnapshotBytes = 64 * 1024 * 1024

export interface SnapshotPorts {
  readonly clock: Clock
  readonly codec: Codec
  readonly store: BlobStore
  readonly logger: Logger
}

/** Names hold [a-z0-9-./] only; a cluster's own UID is trusted for nothing. */
function blobName(ports: SnapshotPorts, cluster: ClusterId): string {
  return `snapshots/${ports.codec.sha256Hex(cluster).slice(0, 32)}`
}

/** Saves; the rows are read as they stand while pieces are written. */
export async function saveSnapshot(ports: SnapshotPorts, cluster: ClusterId, snapshot: ClusterSnapshot): Promise<void> {
  const { savedAt, kubernetesVersion, fluxVersion, rows } = snapshot
  const head: Head = { version: formatVersion, cluster, savedAt, kubernetesVersion, fluxVersion }
  const pieces = [ports.codec.deflate(JSON.stringify(head))]
  for (let start = 0; start < rows.length; start += rowsPerPiece) {
    await nextTurn(ports.clock)
    pieces.push(ports.codec.deflate(JSON.stringify(rows.slice(start, start + rowsPerPiece))))
  }
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length + 4, 0))
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const piece of pieces) {
    view.setUint32(offset, piece.length)
    bytes.set(piece, offset + 4)
    offset += piece.length + 4
  }
  await ports.store.write(blobName(ports, cluster), bytes)
}

/** The last snapshot, null where there is none or it cannot be read (which is logged, and no fault of the cluster's). */
export async function loadSnapshot(ports: SnapshotPorts, cluster: ClusterId): Promise<ClusterSnapshot | null> {
  try {
    const bytes = await ports.store.read(blobName(ports, cluster))
    if (bytes === null || bytes.length > maxSnapshotBytes) return null
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let head: Head | null = null
    const rows: FluxRow[] = []
    for (let offset = 0; offset < bytes.length;) {
      const length = view.getUint32(offset)
      const value = JSON.parse(ports.codec.inflate(bytes.subarray(offset + 4, offset + 4 + length))) as unknown
      if (head === null) head = value as Head
      else for (const row of value as readonly FluxRow[]) rows.push(row)
      offset += length + 4
      await nextTurn(ports.clock)
    }
    if (head?.version !== formatVersion || head.cluster !== cluster) return null
    return { ...head, rows }
  } catch (error) {
    ports.logger.log('warn', 'snapshot unreadable', { cluster, error: String(error) })
    return null
  }
}

export async function removeSnapshot(ports: SnapshotPorts, cluster: ClusterId): Promise<void> {
  await ports.store.remove(blobName(ports, cluster)).catch(() => undefined)
}

/** A row as the snapshot knew it: Stale, with the word it had as the reason and the snapshot's time as since. */
export function staleRow(row: FluxRow, savedAt: number): FluxRow {
  return {
    ...row,
    status: {
      word: 'Stale',
      reason: row.status.word === 'Stale' ? row.status.reason : row.status.word,
      message: row.status.message,
      since: savedAt,
      isOverdue: false,
    },
  }
}
