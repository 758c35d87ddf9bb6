/**
 * The order of the output: as it came (fifo), or by kind (legacy).
 * Semantics: kustomize api SortOrderTransformer.
 */
import { compareText } from '../../../../shared/lib/row-order.ts'
import { BuildError } from '../build-error.ts'
import type { SortOptions } from '../kustomization/types.ts'
import { compareGvk, firstKinds, gvkEquals, gvkText, kindRanks, lastKinds } from '../resource/gvk.ts'
import type { ResId } from '../resource/res-id.ts'
import type { ResMap } from '../resource/res-map.ts'

/** Sorts in place as `sortOptions` says. Throws BuildError InvalidKustomization for options that do not fit together. */
export function sortResources(resources: ResMap, options: SortOptions): void {
  const { order, legacySortOptions } = options
  const fail = (message: string): never => {
    throw new BuildError('InvalidKustomization', message)
  }
  if (order !== 'legacy' && order !== 'fifo') fail("the field 'sortOptions.order' must be one of [fifo, legacy]")
  if (order === 'fifo') {
    if (legacySortOptions !== null)
      fail("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'")
    return
  }
  const ranks =
    legacySortOptions === null
      ? kindRanks(firstKinds, lastKinds)
      : kindRanks(legacySortOptions.orderFirst ?? [], legacySortOptions.orderLast ?? [])

  const entries = resources.resources().map((resource) => ({ resource, id: resource.currentId() }))
  entries.sort((a, b) => compareIds(a.id, b.id, ranks))
  resources.setResources(entries.map(({ resource }) => resource))
}

function compareIds(a: ResId, b: ResId, ranks: ReadonlyMap<string, number>): number {
  if (gvkEquals(a, b)) return compareText(idText(a), idText(b))
  const order = compareGvk(a, b, ranks)
  const areNamespaces = a.kind === 'Namespace' && b.kind === 'Namespace' && (a.group === '' || b.group === '')
  return areNamespaces ? -order : order
}

function idText(id: ResId): string {
  return `${gvkText(id)}|${id.namespace || '~X'}|${id.name || '~N'}`
}
