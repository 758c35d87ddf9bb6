/**
 * Hosted mode: Sluice does the work of Flux's controllers on the same custom resources, from this machine. What the window and the command line
 * see of it: one state per cluster, one row per object in the queue, plans that are shown before anything starts or moves.
 */
import type { ClusterId, ContextId, ObjectRef } from './identity.ts'
import type { SluiceErrorData } from './errors.ts'

/** The controllers whose work hosted mode does; also the names of their leases. */
export const hostedControllers = ['source-controller', 'kustomize-controller'] as const
export type HostedController = (typeof hostedControllers)[number]

export interface HostedLease {
  readonly controller: HostedController
  readonly namespace: string
  readonly name: string
  readonly state: 'held' | 'waiting' | 'lost' | 'released'
  /** `holderIdentity` as the lease has it, '' if nobody holds it. */
  readonly holder: string
  readonly isOurs: boolean
  /** ms since the epoch; null: never. */
  readonly renewedAt: number | null
}

/** What was found of the real controllers: Sluice does not act beside them. */
export interface FoundController {
  readonly name: string
  readonly namespace: string
  readonly by: 'deployment' | 'pod' | 'lease' | 'status'
  /** Sentence for people: `Deployment flux-system/kustomize-controller, 1 of 1 ready`. */
  readonly text: string
}

export interface HostingState {
  /** The context's id. */
  readonly key: string
  readonly context: ContextId
  readonly cluster: ClusterId | null
  /** The user switched it on for this context; survives restarts. */
  readonly isOn: boolean
  /**
   * `off`; `starting`: looking at the cluster; `waiting`: somebody else holds a lease; `active`; `stepped-back`: real controllers are there,
   * nothing is written; `disconnected`: the API server does not answer, the leases run out by themselves; `failed`: see error.
   */
  readonly state: 'off' | 'starting' | 'waiting' | 'active' | 'stepped-back' | 'disconnected' | 'failed'
  /** Sentence for people; '' where the state says all. */
  readonly message: string
  readonly leases: readonly HostedLease[]
  readonly found: readonly FoundController[]
  readonly error: SluiceErrorData | null
  /** Of the queue. */
  readonly running: number
  readonly waiting: number
  readonly total: number
  readonly since: number
}

/** One object in hosted mode's queue. */
export interface HostedRow {
  /** refKey of the object. */
  readonly key: string
  readonly ref: ObjectRef
  /**
   * `queued`: it waits for its turn; `running`; `waiting`: for a dependency or a source; `sleeping`: until nextAt; `suspended`; `manual` and
   * `held`: suspended with the mode of sluice.dev/mode; `needs-approval`: a prune or a held revision waits for the user; `not-hosted`: why is in message.
   */
  readonly state:
    'queued' | 'running' | 'waiting' | 'sleeping' | 'suspended' | 'manual' | 'held' | 'needs-approval' | 'not-hosted'
  /** What it does now, or why it waits; a sentence. */
  readonly message: string
  readonly waitsFor: readonly ObjectRef[]
  /** When it runs again, ms since the epoch; null: when something changes. */
  readonly nextAt: number | null
  /** Of the last run. */
  readonly lastResult: 'succeeded' | 'failed' | 'canceled' | null
  readonly lastDurationMs: number | null
  readonly lastAt: number | null
  /** Failures in a row. */
  readonly failures: number
  /** Of a Kustomization, as its last run found it; whatever came of that run. */
  readonly mode: ReconcileMode
  /** Of mode `manual`: what is applied when the user says so; null where it is not known. */
  readonly plan: ManualPlan | null
}

/** What a Kustomization in mode manual would apply. */
export interface ManualPlan {
  /** `sha256:…` of the objects, where they go and what would be deleted: what the user says yes to. */
  readonly digest: string
  readonly revision: string
}

/** `automatic` is no annotation; the others are `spec.suspend: true` and the annotation `sluice.dev/mode`. */
export const reconcileModes = ['automatic', 'manual', 'held'] as const
export type ReconcileMode = (typeof reconcileModes)[number]
export type SuspendedMode = Exclude<ReconcileMode, 'automatic'>

/** What switching hosted mode on would do, shown before it does. */
export interface HostingPlan {
  /** `sha256:…` */
  readonly digest: string
  readonly context: ContextId
  readonly cluster: ClusterId
  readonly isProduction: boolean
  /** Where the leases are, created when absent. */
  readonly namespace: string
  readonly isNamespaceCreated: boolean
  /** Kinds whose CustomResourceDefinition is missing and would be created: `GitRepository.source.toolkit.fluxcd.io`. */
  readonly missingDefinitions: readonly string[]
  /** Where definitions would come from. `own`: Flux's own, out of a release or the user's `flux`; `generated`: Sluice's own tables; `left`: some are missing, and stay so while controllers are there. */
  readonly definitions: 'present' | 'generated' | 'own' | 'left'
  /** `/usr/local/bin/flux install --export, v2.9.5`; '' where they are not Flux's own. */
  readonly definitionsFrom: string
  /** Where a release of Flux would be downloaded from. */
  readonly releaseHost: string
  readonly found: readonly FoundController[]
  readonly leases: readonly HostedLease[]
  /** Objects that it would reconcile and those that it would not, with why. */
  readonly hosted: number
  readonly notHosted: readonly { readonly ref: ObjectRef; readonly why: string }[]
  readonly suspended: number
  /** Sentences: what it does, what it never does. */
  readonly notes: readonly string[]
  /** Why it cannot be switched on; null: it can. */
  readonly refusal: SluiceErrorData | null
}

/** A prune that the guard holds back, or a revision that waits in mode `held`: what the user approves, by digest. */
export interface PendingApproval {
  readonly key: string
  readonly ref: ObjectRef
  readonly kind: 'prune' | 'revision'
  /** `sha256:…` of the objects and what would happen to them: an approval counts for nothing else. */
  readonly digest: string
  readonly revision: string
  /** Sentence: why it is held. */
  readonly reason: string
  readonly created: number
  readonly configured: number
  readonly pruned: readonly { readonly ref: ObjectRef; readonly isData: boolean }[]
  /** Of a revision: what it would create and configure, at most 500; fields as one line. */
  readonly changes: readonly PendingChange[]
  readonly since: number
}

export interface PendingChange {
  readonly ref: ObjectRef
  readonly action: 'created' | 'configured' | 'recreated' | 'refused'
  /** Paths of the fields that would change, or why it would be refused; '' where there is nothing to say. */
  readonly summary: string
}
