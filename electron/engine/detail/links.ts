/** Objects that an object is linked to, with the word of each. */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { LinkedObject } from '../../../shared/model/detail.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow, KindStateWord, SourceLink } from '../../../shared/model/rows.ts'
import type { ClusterView } from '../clusters/view.ts'

export function linkRow(row: FluxRow): LinkedObject {
  return { ref: row.ref, status: row.status.word, message: neutralizeLine(row.status.message) }
}

/** NotFound only where its kind is listed; where it is not, nobody can say. */
export function linkRef(view: ClusterView, ref: ObjectRef): LinkedObject {
  const row = view.row(refKey(ref))
  if (row !== null) return linkRow(row)
  if (isListed(view, ref)) return { ref, status: 'NotFound', message: 'Does not exist' }
  return { ref, status: 'Unknown', message: '' }
}

const listedStates: ReadonlySet<KindStateWord> = new Set(['live', 'stale', 'unreachable'])

/** Is every object of this kind in this namespace among the view's rows. */
export function isListed(view: ClusterView, ref: ObjectRef): boolean {
  if (fluxKind(ref.group, ref.kind) === null) return false
  return view
    .kinds()
    .some(
      (row) =>
        row.group === ref.group &&
        row.kind === ref.kind &&
        listedStates.has(row.state) &&
        (row.namespaces === null || row.namespaces.includes(ref.namespace)),
    )
}

export function sourceRef(source: SourceLink, cluster: string): ObjectRef {
  return { cluster, group: source.group, kind: source.kind, namespace: source.namespace, name: source.name }
}
