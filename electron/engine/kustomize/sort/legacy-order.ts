/**
 * The order of the output: as it came (fifo), or by kind (legacy).
 * Semantics: kustomize api SortOrderTransformer.
 */
import { BuildError } from '../build-error.ts'
import type { SortOptions } from '../kustomization/types.ts'
import type { Gvk } from '../resource/gvk.ts'
import { gvkEquals, gvkText } from '../resource/gvk.ts'
import type { ResId } from '../resource/res-id.ts'
import type { ResMap } from '../resource/res-map.ts'

const defaultFirst = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const defaultLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

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
  const first = legacySortOptions === null ? defaultFirst : (legacySortOptions.orderFirst ?? [])
  const last = legacySortOptions === null ? defaultLast : (legacySortOptions.orderLast ?? [])
  const ranks = new Map<string, number>()
  first.forEach((kind, index) => ranks.set(kind, index - first.length))
  last.forEach((kind, index) => ranks.set(kind, index + 1))

  const entries = resources.resources().map((resource) => ({ resource, id: resource.currentId() }))
  entries.sort((a, b) => compareIds(a.id, b.id, ranks))
  resources.setResources(entries.map(({ resource }) => resource))
}

function compareIds(a: ResId, b: ResId, ranks: ReadonlyMap<string, number>): number {
  if (gvkEquals(a, b)) return compareTexts(idText(a), idText(b))
  const difference = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0)
  if (difference !== 0) return difference
  const byText = compareTexts(legacyGvkText(a), legacyGvkText(b))
  const areNamespaces = a.kind === 'Namespace' && b.kind === 'Namespace' && (a.group === '' || b.group === '')
  return areNamespaces ? -byText : byText
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function legacyGvkText(gvk: Gvk): string {
  return `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`
}

function idText(id: ResId): string {
  return `${gvkText(id)}|${id.namespace || '~X'}|${id.name || '~N'}`
}
