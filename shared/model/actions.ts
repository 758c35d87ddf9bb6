/** Plans, operations and what they say about each object. A plan is made by the engine, shown, and executed by its digest. */
import type { ClusterId, ContextId, ObjectRef } from './identity.ts'
import type { SluiceErrorData } from './errors.ts'

/**
 * `annotate` writes reason and until on an object that Sluice has suspended. `manual` and `hold` suspend a Kustomization in a mode of hosted mode;
 * `resume` is the way back from both.
 */
export const actionNames = [
  'suspend',
  'resume',
  'reconcile',
  'reconcileWithSource',
  'force',
  'reset',
  'annotate',
  'manual',
  'hold',
] as const
export type ActionName = (typeof actionNames)[number]

export interface FieldChange {
  /** JSON pointer. */
  readonly path: string
  /** Text for people; null = absent. */
  readonly before: string | null
  readonly after: string | null
}

export interface PlanNote {
  readonly level: 'info' | 'warning'
  readonly text: string
}

export interface PlanItem {
  readonly ref: ObjectRef
  readonly context: ContextId
  readonly uid: string
  readonly generation: number
  readonly effect: 'change' | 'unchanged' | 'refused'
  /** Why it is refused or unchanged. */
  readonly refusal: SluiceErrorData | null
  readonly changes: readonly FieldChange[]
  /** The exact request bodies, JSON, for "Show patch". */
  readonly patch: string
  readonly notes: readonly PlanNote[]
  /** Objects whose dependsOn names this one. */
  readonly dependents: readonly ObjectRef[]
}

export interface Plan {
  /** sha256 over all that the plan writes and tests. Execution takes nothing else. */
  readonly digest: string
  readonly action: ActionName
  readonly createdAt: number
  readonly contexts: readonly {
    readonly context: ContextId
    readonly cluster: ClusterId
    readonly isProduction: boolean
  }[]
  readonly items: readonly PlanItem[]
  readonly changeCount: number
  readonly unchangedCount: number
  readonly refusedCount: number
  readonly isReasonRequired: boolean
}

export type StageName = 'requested' | 'fetched' | 'applied' | 'healthy'
export interface Stage {
  readonly name: StageName
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped'
  readonly message: string
  readonly at: number | null
}

export type OperationItemState = 'queued' | 'running' | 'done' | 'failed' | 'refused' | 'unchanged' | 'canceled'

/** One object of a running or finished operation. */
export interface OperationItem {
  readonly key: string
  readonly ref: ObjectRef
  readonly state: OperationItemState
  readonly stages: readonly Stage[]
  readonly error: SluiceErrorData | null
  readonly message: string
}

/** What a toast shows: the operation as a whole. A single-object operation carries its one item. */
export interface Operation {
  readonly key: string
  readonly action: ActionName
  readonly title: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly refused: number
  readonly state: 'running' | 'done' | 'failed' | 'canceled'
  readonly item: OperationItem | null
  /** Until when Undo is offered, null if not at all. */
  readonly undoUntil: number | null
}
