/** What a Kustomization's spec asks for, with the controller's defaults. Semantics: flux-semantics §1.5, §2.14; kustomize-controller api v1. */
import { durationMs } from '../../../../shared/flux/durations.ts'
import { kustomizeGroup, sourceGroup } from '../../../../shared/flux/groups.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { asArray, at, groupOf, textAt, versionOf } from '../../status/read.ts'

export const kustomizationFinalizer = 'finalizers.fluxcd.io'

const shortestTimeoutMs = 30_000
const defaultIntervalMs = 60_000

export interface Dependency {
  readonly ref: ObjectRef
  /** '' where the built-in check decides. */
  readonly readyExpr: string
}

export type DeletionPolicy = 'MirrorPrune' | 'Delete' | 'WaitForTermination' | 'Orphan'

export interface KustomizationSpec {
  readonly intervalMs: number
  readonly retryIntervalMs: number
  readonly timeoutMs: number
  readonly isSuspended: boolean
  readonly isPruned: boolean
  readonly isWaiting: boolean
  readonly source: ObjectRef
  /** As it stands in the spec, for messages: `GitRepository/fleet`, `GitRepository/flux-system/fleet`. */
  readonly sourceText: string
  readonly dependsOn: readonly Dependency[]
  readonly deletionPolicy: DeletionPolicy
  readonly healthChecks: readonly InventoryEntry[]
}

export function readKustomizationSpec(object: KubeObject, cluster: string): KustomizationSpec {
  const own = object.metadata.namespace ?? ''
  const { spec } = object
  const intervalMs = durationMs(at(spec, 'interval')) ?? defaultIntervalMs
  const kind = textAt(spec, 'sourceRef', 'kind')
  const name = textAt(spec, 'sourceRef', 'name')
  const namespace = textAt(spec, 'sourceRef', 'namespace')
  return {
    intervalMs,
    retryIntervalMs: durationMs(at(spec, 'retryInterval')) ?? intervalMs,
    timeoutMs: Math.max(shortestTimeoutMs, durationMs(at(spec, 'timeout')) ?? intervalMs - 30_000),
    isSuspended: at(spec, 'suspend') === true,
    isPruned: at(spec, 'prune') === true,
    isWaiting: at(spec, 'wait') === true,
    source: { cluster, group: sourceGroup, kind, namespace: namespace || own, name },
    sourceText: [kind, namespace, name].filter((part) => part !== '').join('/'),
    dependsOn: asArray(at(spec, 'dependsOn')).map((each) => ({
      ref: {
        cluster,
        group: kustomizeGroup,
        kind: 'Kustomization',
        namespace: textAt(each, 'namespace') || own,
        name: textAt(each, 'name'),
      },
      readyExpr: textAt(each, 'readyExpr'),
    })),
    deletionPolicy: (textAt(spec, 'deletionPolicy') || 'MirrorPrune') as DeletionPolicy,
    healthChecks: asArray(at(spec, 'healthChecks')).map((each) => {
      const apiVersion = textAt(each, 'apiVersion') || 'apps/v1'
      return {
        group: groupOf(apiVersion),
        version: versionOf(apiVersion),
        kind: textAt(each, 'kind'),
        namespace: textAt(each, 'namespace'),
        name: textAt(each, 'name'),
      }
    }),
  }
}
