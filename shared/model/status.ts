/** The words of interface.md's status table. Row order is the order of this list (failures first, stale last). */
export const statusWords = [
  'Failed',
  'Stalled',
  'Unreachable',
  'Waiting',
  'Progressing',
  'Held',
  'Suspended',
  'Drifted',
  'Unknown',
  'Ready',
  'Stale',
] as const
export type StatusWord = (typeof statusWords)[number]

/** kstatus of any object (cli-utils kstatus vocabulary, verbatim). */
export type KStatusWord = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown'

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  /** Milliseconds since the epoch, null where the object does not say. */
  readonly lastTransitionTime: number | null
  readonly observedGeneration: number | null
}

/** What one object's state comes to. */
export interface FluxStatus {
  readonly word: StatusWord
  readonly reason: string
  /** The last message, verbatim; '' where there is none. */
  readonly message: string
  /** Since when (ms since the epoch), null if unknown. */
  readonly since: number | null
  /** Not reconciled for 2 × interval + timeout: sorts with the failures. */
  readonly isOverdue: boolean
}

/** Who closed the gate, believed only while managedFields show Sluice as owner of the suspend field. */
export interface SuspendInfo {
  /** Person from `sluice.dev/suspended-by`, or null; then `manager` is all that is known. */
  readonly by: string | null
  readonly reason: string | null
  readonly at: number | null
  /** `sluice.dev/resume-at`; past means expired: shown, never acted on. */
  readonly resumeAt: number | null
  /** Field manager that owns the suspend field (or annotation), null where managedFields do not say. */
  readonly manager: string | null
  /** True when by, reason and resumeAt are Sluice's own and still owned by Sluice. */
  readonly isTrusted: boolean
}
