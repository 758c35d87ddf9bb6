/** What is known of one owner while it is compared again and again; and which of several deserves the next comparison. */
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import { countsAsDrift, isRecordOnly, isSettled } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { OwnerComparison } from './compare-owner.ts'
import type { KeptSet } from './kept-set.ts'

/** Somebody waits for a comparison that begins from now on. */
export interface Ask {
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export interface OwnerState {
  readonly key: string
  readonly ref: ObjectRef
  result: OwnerComparison | null
  /** What is known of the commit of a revision. */
  commit: { readonly revision: string; readonly commit: RevisionCommit } | null
  /** Inputs that the result was made from. */
  fingerprint: string
  /** Those of the last attempt. */
  triedFingerprint: string
  kept: KeptSet | null
  error: SluiceErrorData | null
  asks: Ask[]
  /** Looked at in the window. */
  watchers: number
  /** Live objects that changed since they were compared; null: none, as of nearly all of thousands. */
  dirty: Set<string> | null
  /** The row moved: inputs may have changed. */
  isTouched: boolean
  isInputsStale: boolean
  /** A look again is due: something would not hold by itself. */
  isAgeing: boolean
  isSuspended: boolean
  running: AbortController | null
  failures: number
  /** Monotonic ms before which it is left alone, unless somebody asks. */
  notBefore: number
  heldSince: number | null
  discards: number
  /** Looks in a row that time alone brought and that ended with something refused or moving: the next one waits longer. */
  unsettledCount: number
  firstSeenAt: number | null
}

export function newOwnerState(key: string, ref: ObjectRef): OwnerState {
  return {
    key,
    ref,
    result: null,
    commit: null,
    fingerprint: '',
    triedFingerprint: '',
    kept: null,
    error: null,
    asks: [],
    watchers: 0,
    dirty: null,
    isTouched: false,
    isInputsStale: false,
    isAgeing: false,
    isSuspended: false,
    running: null,
    failures: 0,
    notBefore: 0,
    heldSince: null,
    discards: 0,
    unsettledCount: 0,
    firstSeenAt: null,
  }
}

export function markDirty(state: OwnerState, id: string): void {
  state.dirty ??= new Set()
  state.dirty.add(id)
}

/** Why an owner is compared, most pressing first. */
export const reasons = ['asked', 'watched', 'live', 'inputs', 'never', 'ageing'] as const
export type Reason = (typeof reasons)[number]

export function reasonToCompare(state: OwnerState): Reason | null {
  if (state.asks.length > 0) return 'asked'
  if (state.result === null) return state.watchers > 0 ? 'watched' : 'never'
  if (state.dirty !== null) return 'live'
  if (state.isInputsStale) return 'inputs'
  return state.isAgeing ? 'ageing' : null
}

export function isUrgent(reason: Reason): boolean {
  return reason === 'asked' || reason === 'watched' || reason === 'live'
}

/** Owners that are due, the most pressing first. */
export interface Due {
  readonly states: readonly OwnerState[]
  /** Why the owner at this place was due when they were ordered. */
  readonly reasonAt: (index: number) => Reason
  /** When the earliest of those that wait may be looked at; null: nobody waits. */
  readonly dueAt: number | null
}

/**
 * Of several with the same reason: what nobody reconciles first (suspended: nothing sets its drift back), then the oldest result. Asked again with
 * each piece of news, of thousands of owners: while a list is read nearly all of them were never compared, and need no sorting.
 */
export function orderDue(states: Iterable<OwnerState>, now: number): Due {
  const groups = reasons.map(() => ({ suspended: [] as OwnerState[], others: [] as OwnerState[] }))
  let dueAt: number | null = null
  for (const state of states) {
    if (state.running !== null) continue
    const reason = reasonToCompare(state)
    if (reason === null) continue
    if (reason !== 'asked' && state.notBefore > now)
      dueAt = dueAt === null ? state.notBefore : Math.min(dueAt, state.notBefore)
    else {
      const group = groups[reasons.indexOf(reason)]
      if (state.isSuspended) group?.suspended.push(state)
      else group?.others.push(state)
    }
  }
  const ordered = groups.map(({ suspended, others }) => oldestFirst(suspended).concat(oldestFirst(others)))
  const reasonAt = (index: number): Reason => {
    let end = 0
    const place = ordered.findIndex((group) => index < (end += group.length))
    return reasons[place] ?? 'never'
  }
  return { states: ordered.flat(), reasonAt, dueAt }
}

function oldestFirst(states: OwnerState[]): OwnerState[] {
  const checkedAt = ({ result }: OwnerState): number => result?.checkedAt ?? 0
  return states.some(({ result }) => result !== null) ? states.sort((a, b) => checkedAt(a) - checkedAt(b)) : states
}

export function toDriftOwner(state: OwnerState): DriftOwner {
  const { key, ref, result, error, running } = state
  let driftedCount = 0
  let recordOnlyCount = 0
  let missingCount = 0
  let prunableCount = 0
  let refusedCount = 0
  let skippedCount = 0
  let fieldCount = 0
  let notOwnedCount = 0
  let ignoredCount = 0
  for (const { row } of result?.records ?? []) {
    if (countsAsDrift(row)) driftedCount += 1
    else if (isRecordOnly(row)) recordOnlyCount += 1
    if (row.action === 'created') missingCount += 1
    if (row.action === 'pruned') prunableCount += 1
    if (!isSettled(row.action)) refusedCount += 1
    if (row.action === 'skipped') skippedCount += 1
    fieldCount += row.driftCount
    notOwnedCount += row.notOwnedCount
    ignoredCount += row.ignoredCount
  }
  return {
    key,
    owner: ref,
    state: running !== null ? 'checking' : error !== null ? 'failed' : result === null ? 'pending' : 'checked',
    objectCount: result?.records.length ?? 0,
    driftedCount,
    recordOnlyCount,
    missingCount,
    prunableCount,
    refusedCount,
    skippedCount,
    fieldCount,
    notOwnedCount,
    ignoredCount,
    isApproximate: result?.isApproximate ?? false,
    fidelity: result?.fidelity ?? null,
    commit: state.commit?.revision === result?.fidelity.revision ? (state.commit?.commit ?? null) : null,
    checkedAt: result?.checkedAt ?? null,
    firstSeenAt: state.firstSeenAt,
    error,
  }
}
