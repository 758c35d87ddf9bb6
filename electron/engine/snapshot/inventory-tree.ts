/** The tree of an object that was never on screen, from its inventory alone: what there is, not how it is. */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { shortKind } from '../../../shared/flux/short-kinds.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow, TreeNode } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { compareApplyOrder } from '../inventory/apply-order.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import { textAt, versionOf } from '../status/read.ts'

const maxNodes = 5000
const notSeen = 'Its state was not on screen before the cluster fell silent'

/** Of Flux objects the state is known by their rows. */
export function inventoryTree(root: ObjectRef, object: KubeObject, row: (key: string) => FluxRow | null): TreeNode[] {
  const rootKey = refKey(root)
  const nodeOf = (ref: ObjectRef, version: string, parent: string | null, order: number): TreeNode => {
    const key = refKey(ref)
    const known = row(key)
    return {
      key,
      parent,
      ref,
      version,
      order,
      shortKind: shortKind(ref.group, ref.kind, []),
      isFlux: fluxKind(ref.group, ref.kind) !== null,
      status: known?.status.word ?? 'Unknown',
      message: known?.status.message ?? notSeen,
      cause: '',
      ready: '',
      createdAt: known?.createdAt ?? null,
      uid: known?.uid ?? '',
      problem: null,
    }
  }
  const top = { ...nodeOf(root, versionOf(object.apiVersion), null, 0), uid: textAt(object, 'metadata', 'uid') }
  const entries = [...(readInventory(object)?.entries ?? [])].sort(compareApplyOrder).slice(0, maxNodes)
  const nodes = entries.map(({ group, kind, namespace, name, version }, index) =>
    nodeOf({ cluster: root.cluster, group, kind, namespace, name }, version, rootKey, index + 1),
  )
  return [top, ...nodes.filter(({ key }) => key !== rootKey)]
}
