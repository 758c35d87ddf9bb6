/** Reads a snapshot: its lists whole, its objects one by one as they are asked for. Holds nothing but the index. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Codec } from '../ports.ts'
import { readIndex, readPiece, SnapshotDamaged } from './pieces.ts'
import type { SnapshotReader } from './snapshot-port.ts'
import { formatVersion } from './write-snapshot.ts'
import type { KindIndex, SnapshotIndex } from './write-snapshot.ts'

export interface OpenSnapshot {
  readonly index: SnapshotIndex
  /** Until when what it holds was so, ms since the epoch. */
  readonly at: number
  /** Piece by piece. Throws SnapshotDamaged. */
  rows(kind: KindIndex): AsyncIterable<readonly FluxRow[]>
  /** null: not among them. Throws SnapshotDamaged. */
  object(ref: ObjectRef): Promise<KubeObject | null>
  close(): Promise<void>
}

/** null: of a format that this program does not know, or of other identities. Throws SnapshotDamaged. `now`: ms since the epoch. */
export async function openSnapshot(codec: Codec, file: SnapshotReader, now: number): Promise<OpenSnapshot | null> {
  const index = parse(await readIndex(codec, file)) as SnapshotIndex
  if (index.version !== formatVersion) return null
  return {
    index,
    // Files that were copied have other times; none is of the future.
    at: Math.min(Math.max(index.savedAt, file.at), Math.max(now, index.savedAt)),
    async *rows(kind) {
      for (const offset of kind.rows) yield parse(await readPiece(codec, file, offset)) as readonly FluxRow[]
    },
    async object({ group, kind, namespace, name }) {
      const known = index.kinds.find((each) => each.group === group && each.kind === kind)
      if (known === undefined) return null
      const names = (await readPiece(codec, file, known.names)).split('\n')
      let position = names.indexOf(`${namespace}/${name}`)
      if (position < 0) return null
      for (const { at, count } of known.objects) {
        if (position < count) {
          const text = (await readPiece(codec, file, at)).split('\n')[position]
          return text === undefined ? null : complete(parse(text) as KubeObject, group, kind)
        }
        position -= count
      }
      return null
    },
    close: () => file.close(),
  }
}

/** Lists leave kind and version out. */
function complete(object: KubeObject, group: string, kind: string): KubeObject {
  if (typeof object.kind === 'string' && typeof object.apiVersion === 'string') return object
  return { ...object, kind, apiVersion: group === '' ? 'v1' : `${group}/v1` }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SnapshotDamaged(String(error))
  }
}
