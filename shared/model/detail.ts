/** The object page's data: one object, whatever its kind. */
import type { FluxRow, SourceLink } from './rows.ts'
import type { ObjectRef } from './identity.ts'
import type { Condition, KStatusWord } from './status.ts'
import type { SluiceErrorData } from './errors.ts'

export interface FlowStage {
  readonly name: 'Fetched' | 'Built' | 'Applied' | 'Healthy'
  readonly state: 'done' | 'running' | 'failed' | 'waiting' | 'unknown'
  /** Revision, digest or counts; '' if none. */
  readonly value: string
  readonly note: string
  readonly at: number | null
}

export interface Access {
  readonly isAllowed: boolean
  /** Why not, as a sentence (API server's reason, read-only context, …); '' when allowed. */
  readonly reason: string
}

export interface LinkedObject {
  readonly ref: ObjectRef
  readonly status: FluxRow['status']['word'] | 'NotFound'
  readonly message: string
}

export interface ObjectDetail {
  readonly key: string
  readonly ref: ObjectRef
  readonly version: string
  readonly uid: string
  /** Present for Flux kinds. */
  readonly row: FluxRow | null
  readonly status: KStatusWord
  readonly statusMessage: string
  readonly createdAt: number | null
  readonly conditions: readonly Condition[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Facts of the kind in reading order: label → text. */
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  readonly flow: readonly FlowStage[]
  readonly nextRunAt: number | null
  readonly source: SourceLink | null
  readonly dependsOn: readonly LinkedObject[]
  readonly dependents: readonly LinkedObject[]
  /** Chain of what blocks this object, nearest first; empty unless it waits. */
  readonly blockedBy: readonly LinkedObject[]
  readonly parent: LinkedObject | null
  readonly access: {
    readonly suspend: Access
    readonly resume: Access
    readonly reconcile: Access
    readonly logs: Access
  }
  /** Sentence such as "Git sets this; flux-system/apps puts it back in about 9 min"; '' if Git does not own the gate. */
  readonly gateNote: string
  readonly problem: SluiceErrorData | null
}

export interface LogTarget {
  /** `pod`: of the object's tree; `controller`: the cluster's controllers, filtered to the object. */
  readonly role: 'pod' | 'controller'
  readonly namespace: string
  readonly pod: string
  readonly containers: readonly { readonly name: string; readonly isInit: boolean }[]
}

export interface LogLine {
  /** Increasing within the stream. */
  readonly key: string
  readonly at: number | null
  readonly pod: string
  readonly container: string
  /** Control characters neutralised, capped at 16 KiB. */
  readonly text: string
}
