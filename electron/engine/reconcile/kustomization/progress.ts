/**
 * What a run says of itself in the object's status while it works. The controller writes each step; here a step is written only when the run takes
 * longer than a moment, so that a run without changes is one status patch. Semantics: kustomize-controller `reconcile`, `finalizeStatus`.
 */
import { conditionTypes, reasons } from '../../../../shared/flux/reasons.ts'
import type { Clock } from '../../ports.ts'
import {
  deleteCondition,
  getCondition,
  isFalse,
  isTrue,
  markReconciling,
  markUnknown,
  setCondition,
} from '../status/conditions.ts'
import { acknowledgeRequest, resetStatus } from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import type { SerialPatcher } from '../status/patcher.ts'

const momentMs = 1000

export interface Progress {
  /** Ready=Unknown, Reconciling with the message. */
  note(message: string): void
  /** Writes what the draft has now. Throws what the patch throws. */
  persist(): Promise<void>
  /** Throws where the object is not the one any more that the run began with. */
  confirm(): Promise<void>
  /** The last status patch of the run. Throws what the patch throws. */
  finish(): Promise<void>
  /** The run ends without one. */
  abandon(): void
  /** The same, and what was written of its progress is taken back. */
  retract(): Promise<void>
}

export function startProgress(draft: Draft, patcher: SerialPatcher, clock: Clock): Progress {
  let isDue = false
  let hasEnded = false
  let writing: Promise<void> = Promise.resolve()
  let isWriting = false
  let hasWritten = false
  const cancel = clock.after(momentMs, () => {
    isDue = true
    write()
  })

  /** A fault comes up again with the last patch. */
  function write(): void {
    if (!isDue || hasEnded || isWriting || getCondition(draft, conditionTypes.reconciling) === null) return
    isWriting = true
    hasWritten = true
    writing = patcher.patch().then(
      () => void (isWriting = false),
      () => void (isWriting = false),
    )
  }

  const end = (): void => {
    hasEnded = true
    cancel()
  }

  return {
    abandon: end,
    async persist() {
      while (isWriting) await writing
      isWriting = true
      const written = patcher.patch().finally(() => (isWriting = false))
      writing = written.then(
        () => undefined,
        () => undefined,
      )
      await written
    },
    confirm: async () => {
      await writing
      await patcher.confirm()
    },
    async retract() {
      end()
      await writing
      if (!hasWritten) return
      resetStatus(draft)
      await patcher.patch({ areTransitionsKept: true })
    },
    note(message) {
      if (getCondition(draft, conditionTypes.ready)?.status !== 'Unknown')
        markUnknown(draft, conditionTypes.ready, reasons.progressing, 'Reconciliation in progress')
      markReconciling(draft, reasons.progressing, message)
      write()
    },
    async finish() {
      end()
      await writing
      acknowledgeRequest(draft)
      if (isTrue(draft, conditionTypes.ready)) {
        deleteCondition(draft, conditionTypes.reconciling)
        draft.status.observedGeneration = draft.base.metadata.generation ?? 0
      }
      const reconciling = getCondition(draft, conditionTypes.reconciling)
      if (isFalse(draft, conditionTypes.ready) && reconciling !== null)
        setCondition(draft, { ...reconciling, reason: reasons.progressingWithRetry })
      await patcher.patch({ areTransitionsKept: true })
    },
  }
}
