/** Trees as they were last on screen, a small file each: what their pods and Deployments said is known to nobody else once the cluster is silent. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import type { Codec } from '../ports.ts'
import { PieceWriter, readIndex } from './pieces.ts'
import { redactJson } from './redact-kept.ts'
import type { SnapshotFiles } from './snapshot-port.ts'

export interface TreePlace {
  readonly codec: Codec
  readonly files: SnapshotFiles
  /** Folder of the cluster. */
  readonly cluster: string
  /** Name of the snapshot that the tree belongs to: another identity sees another tree. */
  readonly name: string
}

/** `at`: ms since the epoch. */
export async function writeTree(
  place: TreePlace,
  ref: ObjectRef,
  nodes: readonly TreeNode[],
  at: number,
): Promise<void> {
  const file = await place.files.create(place.cluster, nameOf(place, ref))
  try {
    const pieces = new PieceWriter(place.codec, file)
    await pieces.begin()
    await pieces.end(redactJson(JSON.stringify({ root: refKey(ref), nodes })))
    await file.commit(at)
  } catch (error) {
    await file.abort()
    throw error
  }
}

/** null: it was never on screen, or its file is damaged (what is left of it then is the inventory). */
export async function readTree(place: TreePlace, ref: ObjectRef): Promise<readonly TreeNode[] | null> {
  const file = await place.files.open(place.cluster, nameOf(place, ref))
  if (file === null) return null
  try {
    const { root, nodes } = JSON.parse(await readIndex(place.codec, file)) as { root: string; nodes: TreeNode[] }
    return root === refKey(ref) ? nodes : null
  } catch {
    return null
  } finally {
    await file.close()
  }
}

function nameOf({ codec, name }: TreePlace, ref: ObjectRef): string {
  return `${name}-${codec.sha256Hex(refKey(ref)).slice(0, 24)}`
}
