/**
 * What is asked of history beside its entries: two points compared, an object as it was, and the stretches in which something was wrong. Times are ms
 * since the epoch. Values of Secrets never appear: they were sealed before they were kept.
 */
import type { ClusterId, ObjectRef } from './identity.ts'
import type { StatusWord } from './status.ts'

/** Who changed it: a commit, the cluster and its controllers, somebody's hand. */
export const changeOrigins = ['git', 'cluster', 'hand'] as const
export type ChangeOrigin = (typeof changeOrigins)[number]

/** Whose history is compared; each narrows. */
export interface CompareScope {
  readonly clusters: readonly ClusterId[]
  /** It and what belongs to it. */
  readonly owner: ObjectRef | null
  /** It alone. */
  readonly ref: ObjectRef | null
}

/** A time, or a revision of the scope's owner: the time at which it was first tried. */
export type ComparePoint = number | string

export interface ChangedField {
  /** Unique in its object. */
  readonly key: string
  readonly origin: ChangeOrigin
  /** `spec.replicas`, or a word for what is no field (`Status`, `Revision`, `Gate`). */
  readonly path: string
  /** null: absent, or not known. */
  readonly before: string | null
  readonly after: string | null
  readonly isSecret: boolean
  readonly at: number
  /** Author, manager or person; '' if not known. */
  readonly by: string
}

export interface ChangedObject {
  /** refKey of `ref`. */
  readonly key: string
  readonly ref: ObjectRef
  readonly owner: ObjectRef | null
  /** What became of its manifest in Git; null: nothing. */
  readonly git: 'added' | 'removed' | 'changed' | null
  /** By origin, then by time; at most 200. */
  readonly fields: readonly ChangedField[]
  readonly lastAt: number
}

export interface HistoryComparison {
  readonly from: number
  readonly until: number
  /** Those whose manifest changed and those touched by hand first; at most 500. */
  readonly objects: readonly ChangedObject[]
  /** Of all that changed, by origin. */
  readonly counts: Readonly<Record<ChangeOrigin, number>>
  readonly total: number
  /** Sluice did not watch: more may have happened. */
  readonly gaps: readonly HistoryBand[]
  /** Sentences: what could not be compared, and why. */
  readonly notes: readonly string[]
}

/** A manifest at both points; '' where there was none. Lines of `marks` are 1-based, 0: not on that side. */
export interface ComparedTexts {
  readonly before: string
  readonly after: string
  readonly marks: readonly { readonly field: string; readonly gitLine: number; readonly liveLine: number }[]
  readonly revisionBefore: string
  readonly revisionAfter: string
}

/** One object as it was known at a time. */
export interface ObjectAsItWas {
  readonly ref: ObjectRef
  readonly at: number
  readonly owner: ObjectRef | null
  /** Nothing is known of it before `at`. */
  readonly isKnown: boolean
  readonly isDeleted: boolean
  readonly status: {
    readonly word: StatusWord
    readonly reason: string
    readonly message: string
    readonly since: number | null
  } | null
  readonly gate: {
    readonly isSuspended: boolean
    readonly by: string
    readonly reason: string
    readonly until: number | null
    readonly since: number
  } | null
  /** What was applied last, or is: the owner's. */
  readonly revision: string
  readonly appliedAt: number | null
  readonly commit: { readonly subject: string; readonly author: string; readonly at: number } | null
  /** Its manifest in that revision, '' where that is not kept; `manifestNote` says why not, or what to know. */
  readonly manifest: string
  readonly manifestNote: string
  /** Of a Kustomization or HelmRelease: what its revision consisted of, at most 2,000. */
  readonly objects: readonly ObjectRef[]
  /** Found and not gone. */
  readonly drift: readonly {
    readonly ref: ObjectRef
    readonly summary: string
    readonly by: string
    readonly since: number
  }[]
  /** Of the hour before, newest first. */
  readonly events: readonly {
    readonly at: number
    readonly reason: string
    readonly message: string
    readonly isBad: boolean
  }[]
  /** The stretch around `at` in which Sluice did not watch; null: it did. */
  readonly gap: HistoryBand | null
}

/** - off: Sluice was not running, or did not watch. Never to be shown as calm. */
export const bandKinds = ['failing', 'suspended', 'unreachable', 'off'] as const
export type BandKind = (typeof bandKinds)[number]

export interface HistoryBand {
  readonly kind: BandKind
  readonly cluster: ClusterId
  readonly from: number
  readonly until: number
}
