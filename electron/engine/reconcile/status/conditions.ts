/** Condition setters: order, transition times and observed generations as the controllers leave them. Semantics: pkg/runtime/conditions setter, getter. */
import { conditionTypes } from '../../../../shared/flux/reasons.ts'
import type { Draft } from './draft.ts'
import { goTime } from './texts.ts'

export interface StatusCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
  readonly reason: string
  readonly message: string
}

const maxMessageBytes = 32_768

/** Those first, in this order; the rest by observed generation, newest first, then by type. */
const weights: Readonly<Record<string, number>> = {
  [conditionTypes.stalled]: 0,
  [conditionTypes.reconciling]: 1,
  [conditionTypes.ready]: 2,
}

export function conditionsOf(draft: Pick<Draft, 'status'>): readonly StatusCondition[] {
  const list = draft.status.conditions
  return Array.isArray(list) ? (list as StatusCondition[]) : []
}

export function getCondition(draft: Pick<Draft, 'status'>, type: string): StatusCondition | null {
  return conditionsOf(draft).find((entry) => entry.type === type) ?? null
}

export function isTrue(draft: Pick<Draft, 'status'>, type: string): boolean {
  return getCondition(draft, type)?.status === 'True'
}

export function isFalse(draft: Pick<Draft, 'status'>, type: string): boolean {
  return getCondition(draft, type)?.status === 'False'
}

export function isStalled(draft: Pick<Draft, 'status'>): boolean {
  return !isTrue(draft, conditionTypes.reconciling) && isTrue(draft, conditionTypes.stalled)
}

export function isReconciling(draft: Pick<Draft, 'status'>): boolean {
  return !isTrue(draft, conditionTypes.stalled) && isTrue(draft, conditionTypes.reconciling)
}

export function isReady(draft: Pick<Draft, 'status'>): boolean {
  return !isStalled(draft) && !isReconciling(draft) && isTrue(draft, conditionTypes.ready)
}

/** Sets it: the transition time moves only when status, reason or message change; the observed generation always does. */
export function setCondition(
  draft: Draft,
  condition: Pick<StatusCondition, 'type' | 'status' | 'reason' | 'message'>,
): void {
  const generation = draft.base.metadata.generation ?? 0
  draft.status.conditions = mergeCondition(conditionsOf(draft), condition, { generation, ms: draft.clock.now() })
}

export function markTrue(draft: Draft, type: string, reason: string, message: string): void {
  setCondition(draft, { type, status: 'True', reason, message })
}

export function markFalse(draft: Draft, type: string, reason: string, message: string): void {
  setCondition(draft, { type, status: 'False', reason, message })
}

export function markUnknown(draft: Draft, type: string, reason: string, message: string): void {
  setCondition(draft, { type, status: 'Unknown', reason, message })
}

/** Reconciling=True, and Stalled goes. */
export function markReconciling(draft: Draft, reason: string, message: string): void {
  deleteCondition(draft, conditionTypes.stalled)
  markTrue(draft, conditionTypes.reconciling, reason, message)
}

/** Stalled=True, and Reconciling goes. */
export function markStalled(draft: Draft, reason: string, message: string): void {
  deleteCondition(draft, conditionTypes.reconciling)
  markTrue(draft, conditionTypes.stalled, reason, message)
}

export function deleteCondition(draft: Pick<Draft, 'status'>, type: string): void {
  const list = conditionsOf(draft)
  if (list.some((entry) => entry.type === type)) draft.status.conditions = list.filter((entry) => entry.type !== type)
}

/** The list with the condition set; also what is done to a newer copy of the object after a conflict. `now` null: time and generation are its own. */
export function mergeCondition(
  list: readonly StatusCondition[],
  condition: StatusCondition,
  now: { readonly generation: number; readonly ms: number } | null,
): readonly StatusCondition[] {
  const message = trimMessage(condition.message)
  const existing = list.find((entry) => entry.type === condition.type)
  const isSame =
    existing?.status === condition.status && existing.reason === condition.reason && existing.message === message
  const own = now === null ? condition.lastTransitionTime : goTime(now.ms)
  const kept = isSame && now !== null ? existing.lastTransitionTime : own
  const generation = (now === null ? condition.observedGeneration : now.generation) ?? 0
  const entry: StatusCondition = {
    lastTransitionTime: kept ?? own ?? goTime(0),
    message,
    ...(generation > 0 ? { observedGeneration: generation } : {}),
    reason: condition.reason,
    status: condition.status,
    type: condition.type,
  }
  const result = existing === undefined ? [...list, entry] : list.map((other) => (other === existing ? entry : other))
  return result.sort(compareConditions)
}

export function compareConditions(a: StatusCondition, b: StatusCondition): number {
  const left = weights[a.type]
  const right = weights[b.type]
  if (left !== undefined && right !== undefined) return left - right
  if (left !== undefined) return -1
  if (right !== undefined) return 1
  const generations = (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0)
  if (generations !== 0) return generations
  return a.type < b.type ? -1 : a.type > b.type ? 1 : 0
}

function trimMessage(message: string): string {
  if (message.length * 3 <= maxMessageBytes) return message
  const bytes = new TextEncoder().encode(message)
  if (bytes.length <= maxMessageBytes) return message
  return `${new TextDecoder().decode(bytes.subarray(0, maxMessageBytes - 3))}...`
}
