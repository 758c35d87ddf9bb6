/**
 * reconcile/: what Flux's source-controller and kustomize-controller do, done by Sluice where a cluster has none: leases, a queue, and one
 * reconciler per kind. Must not know who looks at it. Semantics: flux-semantics §1, §2, §4, §9, §10; the controllers' own tests.
 *
 * This file: what the queue and the reconcilers say to each other.
 */
import type { HostedController } from '../../../shared/model/hosting.ts'
import type { GroupKind, ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { KubeClient } from '../kube-port.ts'
import type { EventRecorder } from './events/event-recorder.ts'

/** What one run is given. */
export interface RunContext {
  readonly view: ClusterView
  /**
   * SECURITY: every write goes through this client: it refuses with SluiceError LeaseLost unless the controller's lease is held, by wall-clock
   * time since its last renewal, at the moment of the request; aborted with the run.
   */
  readonly client: KubeClient
  readonly events: EventRecorder
  /** Aborted when the lease is lost, hosted mode stops, or the run's own time is over. */
  readonly signal: AbortSignal
  /** What is being done now, a sentence, for the queue's row. */
  readonly report: (step: string) => void
  /** The object as the queue saw it last: fresh enough to decide by, never older than the change that queued the run. */
  readonly object: KubeObject
}

export interface RunOutcome {
  readonly result: 'succeeded' | 'failed' | 'waiting' | 'idle' | 'canceled'
  /** Row's state between runs. */
  readonly state: 'sleeping' | 'waiting' | 'suspended' | 'manual' | 'held' | 'needs-approval' | 'not-hosted'
  /** A sentence; '' where the state says all. */
  readonly message: string
  readonly waitsFor: readonly ObjectRef[]
  /** Next run in ms (jitter is in it); null: only when something changes. */
  readonly requeueAfterMs: number | null
}

/** One kind's reconciliation. Level-triggered: it looks at what is, never at what happened. Never two runs of one object at once. */
export interface Reconciler extends GroupKind {
  readonly controller: HostedController
  /** Throws only for faults of its own; whatever a user can mend is written to the object's status and told in the outcome. */
  reconcile(ref: ObjectRef, run: RunContext): Promise<RunOutcome>
  /**
   * Whether a change of an object of this kind asks for a run: the controllers' own predicates (generation, requestedAt, deletion; for sources
   * the new revision, through `dependents`). `before` null: it is new.
   */
  isTriggeredBy(before: KubeObject | null, after: KubeObject): boolean
  /** Objects of this kind to run because `changed`, of any watched kind, changed: a source's new revision, a dependency that became ready. */
  dependents(view: ClusterView, before: KubeObject | null, changed: KubeObject): readonly ObjectRef[]
}
