/** The order in which kustomize-controller applies objects. Source: flux-semantics §2.7. Kind names alone decide, groups do not. */
import { compareText } from '../../../shared/lib/row-order.ts'
import type { InventoryEntry } from './entry.ts'

const firstKinds = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const lastKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

const ranks = new Map<string, number>([
  ...firstKinds.map((kind, index) => [kind, index] as const),
  ...lastKinds.map((kind, index) => [kind, 1001 + index] as const),
])
const definitionKinds: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'Namespace', 'ClusterRole'])

function stageOf(kind: string): number {
  if (definitionKinds.has(kind)) return 0
  return kind.endsWith('Class') ? 1 : 2
}

/** Stage, then as `compareKindOrder`. */
export function compareApplyOrder(a: InventoryEntry, b: InventoryEntry): number {
  return stageOf(a.kind) - stageOf(b.kind) || compareKindOrder(a, b)
}

/** Within one stage, and backwards when pruning: kind, then (for kinds without a place of their own) group and kind, then namespace and name. */
export function compareKindOrder(a: InventoryEntry, b: InventoryEntry): number {
  return (
    (ranks.get(a.kind) ?? 1000) - (ranks.get(b.kind) ?? 1000) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  )
}
