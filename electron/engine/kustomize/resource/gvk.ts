/** Group, version and kind, with the comparisons and texts of kyaml's resid package. */
import { compareText } from '../../../../shared/lib/row-order.ts'

export interface Gvk {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Splits `apps/v1` or `v1`; a missing group is ''. */
export function gvkOf(apiVersion: string, kind: string): Gvk {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

export function apiVersionOf(gvk: Gvk): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`
}

/** kyaml's `Gvk.String()`: `Deployment.v1.apps`, with `[noKind]`, `[noVer]`, `[noGrp]` for what is missing. */
export function gvkText(gvk: Gvk): string {
  return `${gvk.kind || '[noKind]'}.${gvk.version || '[noVer]'}.${gvk.group || '[noGrp]'}`
}

export function gvkEquals(a: Gvk, b: Gvk): boolean {
  return a.kind === b.kind && a.version === b.version && a.group === b.group
}

/** True if every part that `selector` gives is equal; '' selects anything (kyaml's `Gvk.IsSelected`). */
export function gvkIsSelected(gvk: Gvk, selector: Gvk | null): boolean {
  if (selector === null) return true
  return (
    (selector.group === '' || gvk.group === selector.group) &&
    (selector.version === '' || gvk.version === selector.version) &&
    (selector.kind === '' || gvk.kind === selector.kind)
  )
}

/** Kinds that others rely on, in the order in which they are wanted. */
export const firstKinds: readonly string[] = [
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
export const lastKinds: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** Rank by kind: negative for the first ones, positive for the last ones; what is not in here has rank 0. */
export function kindRanks(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  return new Map([
    ...first.map((kind, index) => [kind, index - first.length] as const),
    ...last.map((kind, index) => [kind, index + 1] as const),
  ])
}

const defaultRanks = kindRanks(firstKinds, lastKinds)

/** kyaml's `Gvk.IsLessThan` as a comparison: by rank (by default what others rely on first, webhooks last), then group, version and kind as text. */
export function compareGvk(a: Gvk, b: Gvk, ranks: ReadonlyMap<string, number> = defaultRanks): number {
  const order = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0)
  return order === 0 ? compareText(sortText(a), sortText(b)) : order
}

function sortText(gvk: Gvk): string {
  return `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`
}
