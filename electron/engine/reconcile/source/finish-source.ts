/** The end of a source's run: what its result means for conditions, events and the next run. Semantics: source-controller summarize and reconcile. */
import { conditionTypes, reasons } from '../../../../shared/flux/reasons.ts'
import type { Random } from '../../ports.ts'
import type { EventRecorder } from '../events/event-recorder.ts'
import { retryDelayMs } from '../queue/backoff.ts'
import type { RunOutcome } from '../reconciler.ts'
import {
  conditionsOf,
  deleteCondition,
  getCondition,
  isFalse,
  isReady,
  isReconciling,
  isStalled,
  markFalse,
  markStalled,
  setCondition,
} from '../status/conditions.ts'
import { acknowledgeRequest } from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import type { SerialPatcher } from '../status/patcher.ts'
import { setSummary } from '../status/summarise.ts'
import type { Summary } from '../status/summarise.ts'
import { jitter } from '../status/texts.ts'
import { gitRepositorySummary, sourceConditions } from './source-conditions.ts'
import { SourceFault } from './source-fault.ts'

/** `done`: to the end; `again`: at once once more (a finalizer was added); `stopped`: nothing more to do (suspended, deleted). */
export type SourceResult = 'done' | 'again' | 'stopped'

export interface FinishInput {
  readonly draft: Draft
  readonly patcher: SerialPatcher
  readonly events: EventRecorder
  readonly random: Random
  readonly result: SourceResult
  /** What ended the run early; anything but a SourceFault is tried again without an event. */
  readonly fault: unknown
  readonly intervalMs: number
  /** Failures in a row before this run. */
  readonly failures: number
}

/** source-controller's --interval-jitter-percentage. */
const jitterPercent = 5

/** Writes the status and tells when the next run is. Throws what the patch throws. */
export async function finishSource(input: FinishInput): Promise<RunOutcome> {
  const { draft, patcher, fault, result } = input
  recordFault(input)
  acknowledgeRequest(draft)
  const outcome = settle(input)
  setSummary(draft, conditionTypes.ready, gitRepositorySummary satisfies Summary)
  // A signature that is wrong is the cause of all, whatever else is said.
  if (isFalse(draft, sourceConditions.sourceVerified)) {
    const { reason, message } = getCondition(draft, sourceConditions.sourceVerified)!
    markFalse(draft, conditionTypes.ready, reason, message)
  }
  let { next } = outcome
  if (next === 'interval' && !isStalled(draft) && !isReady(draft)) next = 'retry'
  await patcher.patch({ isGenerationObserved: outcome.isObserved })
  const ready = getCondition(draft, conditionTypes.ready)
  const told = fault instanceof Error ? fault.message : (ready?.message ?? '')
  const shared = { waitsFor: [], message: told }
  switch (next) {
    case 'interval':
      return {
        ...shared,
        result: 'succeeded',
        state: 'sleeping',
        requeueAfterMs: jitter(input.intervalMs, jitterPercent, input.random),
      }
    case 'again':
      return { ...shared, result: 'idle', state: 'sleeping', requeueAfterMs: 0 }
    case 'wait': {
      const { requeueAfterMs } = fault as SourceFault
      return {
        ...shared,
        result: 'waiting',
        state: 'waiting',
        requeueAfterMs: requeueAfterMs === 0 ? input.intervalMs : requeueAfterMs,
      }
    }
    case 'retry':
      return {
        ...shared,
        result: 'failed',
        state: 'sleeping',
        requeueAfterMs: retryDelayMs(input.failures + 1),
      }
    case 'never':
      return { ...shared, result: result === 'stopped' ? 'idle' : 'failed', state: 'sleeping', requeueAfterMs: null }
  }
}

interface Settled {
  readonly next: 'interval' | 'again' | 'wait' | 'retry' | 'never'
  /** status.observedGeneration moves. */
  readonly isObserved: boolean
}

function settle({ draft, result, fault }: FinishInput): Settled {
  const hasConditions = (): boolean => conditionsOf(draft).length > 0
  if (fault === null && result === 'done') deleteCondition(draft, conditionTypes.reconciling)
  if (isReconciling(draft)) {
    const { message } = getCondition(draft, conditionTypes.reconciling)!
    setCondition(draft, {
      type: conditionTypes.reconciling,
      status: 'True',
      reason: reasons.progressingWithRetry,
      message,
    })
  }
  if (fault instanceof SourceFault && fault.kind === 'stalling') {
    markStalled(draft, fault.reason, fault.message)
    return { next: 'never', isObserved: hasConditions() }
  }
  deleteCondition(draft, conditionTypes.stalled)
  if (fault instanceof SourceFault && fault.kind === 'waiting') return { next: 'wait', isObserved: false }
  if (fault instanceof SourceFault && fault.kind === 'noChange') {
    const isObserved = hasConditions()
    deleteCondition(draft, conditionTypes.reconciling)
    return { next: 'interval', isObserved }
  }
  if (fault !== null) return { next: 'retry', isObserved: false }
  if (result === 'again') return { next: 'again', isObserved: false }
  return { next: result === 'done' ? 'interval' : 'never', isObserved: hasConditions() }
}

function recordFault({ fault, events, draft }: FinishInput): void {
  if (!(fault instanceof SourceFault)) return
  const isQuiet = fault.kind === 'noChange' || fault.kind === 'waiting'
  events.record({
    involved: draft.base,
    severity: isQuiet ? 'trace' : 'error',
    reason: fault.reason,
    message: fault.message,
    metadata: {},
  })
}
