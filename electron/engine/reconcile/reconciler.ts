/**
 * reconcile/: what Flux's source-controller and kustomize-controller do, done by Sluice where a cluster has none: leases, a queue, and one
 * reconciler per kind. Must not know who looks at it. Semantics: flux-semantics §1, §2, §4, §9, §10; the controllers' own tests.
 *
 * This file: what the queue and the reconcilers say to each other.
 */
import type { HostedController, ManualPlan, PendingApproval, ReconcileMode } from '../../../shared/model/hosting.ts'
import type { GroupKind, ObjectRef } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Validity } from '../drift/validity.ts'
import type { KubeClient } from '../kube-port.ts'
import type { EventRecorder } from './events/event-recorder.ts'

/**
 * The cluster as the queue sees it. `cached` answers for the kinds that hosted mode watches from the queue's own watches: never older than the
 * change that queued the run, the run's own writes included as soon as they are answered.
 */
export interface HostedView extends ClusterView {
  /** Every object of a watched kind (GitRepository, Kustomization), as `cached` has it. */
  objects(group: string, kind: string): Iterable<KubeObject>
  /** What is known of managed objects without asking; absent where nobody watches them. */
  readonly standing?: StandingObjects
}

/** Managed objects under watch, by their metadata, with the rights of hosted mode's own context. */
export interface StandingObjects {
  /** It is watched from now on, where that is allowed and worth a watch. */
  follow(object: KubeObject): void
  /** It is as it was when it was read as `seen`, but for its status; false where nobody can tell. May be behind by what is on its way. */
  stands(object: KubeObject, seen: Validity): boolean
  /** Stops watching all but these (`group/Kind|namespace/name`). */
  retain(isFollowed: (id: string) => boolean): void
}

/** What the user decides about one object: prunes that the guard holds, revisions in mode `held`. */
export interface RunApprovals {
  /** The user approved exactly what this digest stands for. */
  isApproved(digest: string): boolean
  /** Shows it to the user, in place of what this object asked before; the outcome's state is then `needs-approval`. */
  ask(pending: Omit<PendingApproval, 'key' | 'ref' | 'since'>): void
  /** Part of what `approved` stands for is done: it allows `rest` as well, so that what is left is not asked for again. */
  allowRest(approved: string, rest: string): void
  /** Nothing is asked for the time being; what was approved stays so. */
  withdraw(): void
  /** Nothing is asked any more: it was done, or it is moot. Its approvals are forgotten. */
  settle(): void
}

/** `hosting.applyOnce`: the user said that an object in mode `manual` is to be applied. */
export interface ApplyWish {
  /** What they looked at, and nothing else is applied; null: there was no plan to look at. */
  readonly plan: ManualPlan | null
}

/** What one run is given. */
export interface RunContext {
  readonly view: HostedView
  /**
   * SECURITY: every write goes through this client: it refuses with SluiceError LeaseLost unless the controller's lease is held, by wall-clock
   * time since its last renewal, at the moment of the request; aborted with the run.
   */
  readonly client: KubeClient
  /**
   * The same for a client of the cluster at `host` (spec.kubeConfig): its writes are refused and aborted with this lease, and each has its line in
   * the audit log.
   */
  readonly fence: (client: KubeClient, host: string) => KubeClient
  readonly events: EventRecorder
  /** Aborted when the lease is lost, hosted mode stops, or the run's own time is over. */
  readonly signal: AbortSignal
  /** What is being done now, a sentence, for the queue's row. */
  readonly report: (step: string) => void
  /** The object as the queue saw it last: fresh enough to decide by, never older than the change that queued the run. */
  readonly object: KubeObject
  readonly approvals: RunApprovals
  /** Runs in a row that failed before this one: what the controllers' rate limiter counts; see queue/backoff.ts. */
  readonly failures: number
  /** False: `--no-prune-guard`; nothing is held back. */
  readonly isPruneGuarded: boolean
  /** This run applies although the object is suspended in mode `manual`; null: nobody asked for it. */
  readonly applyOnce: ApplyWish | null
  /** Waits for `work` without taking a place in the queue: for health checks and other long waits that send few requests. */
  parked<T>(work: () => Promise<T>): Promise<T>
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
  /** Of a Kustomization; see HostedRow. */
  readonly mode?: ReconcileMode
  readonly plan?: ManualPlan | null
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
  /** Objects of this kind to run because `changed`, of any watched kind, changed: a source's new revision, a dependency that became ready or failed. */
  dependents(view: HostedView, before: KubeObject | null, changed: KubeObject): readonly ObjectRef[]
}
