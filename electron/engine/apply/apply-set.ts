/**
 * Applies one owner's desired set to its cluster as the controller does: stages, dry-runs first, clean-up of managed fields, force, real applies in
 * order, then prune. Semantics: flux-semantics §2.7 to §2.12, §9; fluxcd/pkg/ssa ApplyAllStaged, kustomize-controller apply and prune.
 */
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { Clock, Codec, KubeClient } from '../ports.ts'
import type { LiveObjects } from './compare-set.ts'

export type AppliedAction = 'created' | 'configured' | 'unchanged' | 'skipped' | 'deleted' | 'unknown'

export interface AppliedEntry {
  /** `Deployment/apps/podinfo`: as the controllers write it into events. */
  readonly subject: string
  readonly action: AppliedAction
  readonly entry: InventoryEntry
  /** As the server answered; null where it was not asked or is gone. */
  readonly object: KubeObject | null
}

export interface ApplyOptions {
  readonly view: ClusterView
  /** Fenced, and of the target cluster (spec.kubeConfig); impersonation is in the set's target. */
  readonly client: KubeClient
  /** Reads of live objects: a watch's copy where there is one, proved fresh before a write depends on it. */
  readonly live: LiveObjects
  readonly codec: Codec
  readonly clock: Clock
  readonly concurrency: number
  /**
   * An object whose last dry-run answer still holds (same desired body, same live resourceVersion) is unchanged without asking: a full pass over
   * what nobody touched costs no request. Null: always ask.
   */
  readonly knownUnchanged: ((object: KubeObject, live: KubeObject | null) => boolean) | null
  /** Tells what was proven unchanged or has just been applied, for the next pass. */
  readonly remember: (object: KubeObject, live: KubeObject) => void
  readonly signal: AbortSignal
}

export interface AppliedSet {
  /** In the order in which they were applied. */
  readonly entries: readonly AppliedEntry[]
  /** What went before a fault ended it: these objects exist in the cluster whatever the fault says. */
  readonly error: { readonly message: string; readonly data: SluiceErrorData } | null
}

/** Never prunes. Rejects only with Canceled, LeaseLost and transport faults that leave it unknown what was done. */
export type ApplySet = (set: DesiredSet, options: ApplyOptions) => Promise<AppliedSet>

export interface PruneOptions extends Pick<ApplyOptions, 'view' | 'client' | 'clock' | 'signal'> {
  readonly owner: { readonly kind: 'Kustomization'; readonly namespace: string; readonly name: string }
  readonly impersonate: string | null
}

export interface PrunedSet {
  readonly entries: readonly AppliedEntry[]
  /** Not confirmed gone: they stay in the inventory. */
  readonly survivors: readonly InventoryEntry[]
  /** Errors joined as the controller joins them; null if all went. */
  readonly error: string | null
}

/** Stale inventory entries in reverse order of applying, background propagation, guarded by owner labels and the live object's marks. */
export type PruneSet = (stale: readonly InventoryEntry[], options: PruneOptions) => Promise<PrunedSet>
