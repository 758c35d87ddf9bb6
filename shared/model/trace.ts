/**
 * Where an object comes from, back to a line in Git and who wrote it; and where a commit has arrived. Times are ms since the epoch. Texts of clusters
 * are redacted and on one line.
 */
import type { RevisionCommit } from './drift.ts'
import type { ClusterId, ObjectRef } from './identity.ts'
import type { KStatusWord, StatusWord } from './status.ts'

export interface TracedObject {
  readonly ref: ObjectRef
  readonly status: StatusWord | KStatusWord | 'NotFound'
  readonly message: string
  /** An applier: when it last applied what is there now; anything else: when it was created. null: not known. */
  readonly at: number | null
}

/**
 * How it is known that one belongs to the other: the inventory lists it, only its labels say so (it may have been copied, or left behind), or it was
 * made by a controller of the cluster for what stands next to it.
 */
export type TraceVia = 'inventory' | 'labels' | 'ownerReference'

export interface TracedSource extends TracedObject {
  /** Of its artifact now, verbatim; '' if it has none. `at`: when that artifact was made. */
  readonly revision: string
  /** Without credentials. */
  readonly url: string
}

/** One who applies, and what it was applied from. */
export interface TraceStep {
  /** What is applied: the traced object, or the step before. */
  readonly object: ObjectRef
  readonly owner: TracedObject
  readonly via: TraceVia
  /** Applied, verbatim; '' before the first time. */
  readonly revision: string
  /** Attempted and not applied; '' where the last attempt is what is applied. */
  readonly attempted: string
  /**
   * What the pipeline that made an OCI artifact says that it was made from (`org.opencontainers.image.revision`), or of a release the source's revision that
   * its chart was packaged from; '' of others, and where that is not known.
   */
  readonly originRevision: string
  readonly originUrl: string
  /** `spec.path`, or chart and version. */
  readonly path: string
  readonly source: TracedSource | null
  /** Where in the source `object` stands; null: not (yet) known, `placeNote` says why. */
  readonly place: { readonly file: string; readonly line: number } | null
  readonly placeNote: string
  /** Of `revision`, or of `originRevision`. */
  readonly commit: RevisionCommit | null
  readonly commitNote: string
}

/** The single item of `trace.watch`. */
export interface ObjectTrace {
  /** refKey of `object`. */
  readonly key: string
  readonly object: TracedObject
  /** What controllers of the cluster made it for, nearest first: of a Pod its ReplicaSet and Deployment. */
  readonly makers: readonly TracedObject[]
  /** Nearest first; the last one is applied by nobody, or by itself. */
  readonly steps: readonly TraceStep[]
  /** Files and commits are looked up after the rest. */
  readonly isComplete: boolean
  /** Why there are no steps; '' otherwise. */
  readonly note: string
}

/**
 * - applied: it was, at `appliedAt`. - failed: tried, and did not come to its end. - fetched: its source has it, the owner has not applied it.
 * - later: what the owner has is of a later time than the commit; whether it holds it, only Git can tell. - notYet: its source has an older one.
 */
export const arrivalStates = ['applied', 'failed', 'fetched', 'later', 'notYet'] as const
export type ArrivalState = (typeof arrivalStates)[number]

/** A commit at one Kustomization or HelmRelease; at a source where nothing is applied from it. */
export interface Arrival {
  readonly key: string
  readonly cluster: ClusterId
  /** Names of the selected contexts that lead there; none: as it was recorded. */
  readonly contexts: readonly string[]
  readonly source: ObjectRef | null
  readonly owner: ObjectRef | null
  readonly state: ArrivalState
  readonly fetchedAt: number | null
  readonly appliedAt: number | null
  readonly failedAt: number | null
  /** What is there now, verbatim. */
  readonly revision: string
  readonly isSuspended: boolean
  /** Of a failure; of `notYet`: what is not known about it. */
  readonly message: string
  /** The times were found later, in what the cluster still knew. */
  readonly isBackfilled: boolean
}

export interface CommitArrivals {
  /** In full where any cluster knows it, else as it was asked for. */
  readonly sha: string
  /** null: nobody who was asked, and nothing that was kept, knows more of it. */
  readonly commit: RevisionCommit | null
  /** Failed first, then what waits, then what has it; contexts by name. */
  readonly arrivals: readonly Arrival[]
  /** Why there are none; '' otherwise. */
  readonly note: string
}
