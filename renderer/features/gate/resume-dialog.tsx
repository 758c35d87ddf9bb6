/** Opening gates: who closed them and why, what resuming would do, what is written, what stands against it. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { suspendText } from '../../ui/suspend-note/suspend-text.ts'
import { useNow } from '../../ui/time/clock.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { PlanFoot } from './plan-foot.tsx'
import { PreviewPart, previewOffReason } from './preview-part.tsx'
import {
  FieldChanges,
  PatchView,
  PlanDigest,
  PlanList,
  PlanNotes,
  PlanProblem,
  rowOf,
  SluicePicture,
  SuspendedLine,
  WhereLine,
} from './plan-parts.tsx'
import { confirmLabel, confirmOffReason, dialogTitle } from './plan-words.ts'
import { usePlan } from './use-plan.ts'
import { previewLabel, usePreview } from './use-preview.ts'
import styles from './gate.module.css'

export function ResumeDialog({
  refs,
  onClose,
}: {
  readonly refs: readonly ObjectRef[]
  readonly onClose: () => void
}): ReactElement {
  const now = useNow()
  const [isPatchShown, setPatchShown] = useState(false)
  const state = usePlan({ action: 'resume', refs })
  const { plan } = state
  const preview = usePreview(refs)
  const [isSeen, setSeen] = useState(false)
  const [isSkipped, setSkipped] = useState(false)
  const planOff = confirmOffReason(plan, state.isPreparing, '')
  const offReason = planOff === '' ? previewOffReason(preview, isSeen, isSkipped) : planOff
  const confirm = async (): Promise<void> => {
    if (offReason === '' && (await state.execute())) onClose()
  }
  const [first] = refs
  const row = first === undefined || refs.length > 1 ? undefined : rowOf(first)
  const suspended = row?.isSuspended === true ? suspendText(row.suspend, now) : null
  const item = plan?.items.length === 1 ? plan.items[0] : undefined
  return (
    <Dialog
      title={dialogTitle('resume', refs)}
      subtitle={
        <>
          <WhereLine refs={refs} />
          {suspended !== null && (
            <SuspendedLine>
              {[suspended.who, suspended.until].filter((text) => text !== '').join(', ')}
              {suspended.why !== '' && `: ${suspended.why}`}
            </SuspendedLine>
          )}
        </>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <PlanFoot
          label={previewLabel(confirmLabel('resume', plan), preview.preview)}
          isDangerous={preview.preview?.risk.level === 'high'}
          offReason={offReason}
          isBusy={state.isExecuting}
          isFocused
          isPatchShown={isPatchShown}
          canShowPatch={plan !== null}
          onPatch={() => setPatchShown(!isPatchShown)}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      {row !== undefined && <SluicePicture row={row} isOpen />}
      <p className={styles.meaning}>
        {refs.length === 1
          ? `Its controller ${(preview.preview?.waitsFor ?? []).length > 0 ? 'goes on once what it depends on is ready' : 'reconciles again at once'} and puts back what differs from the source.`
          : 'Their controllers reconcile again at once and put back what differs from the sources.'}
      </p>
      <PreviewPart
        state={preview}
        isSeen={isSeen}
        onSeen={() => setSeen(!isSeen)}
        onSkip={isSkipped ? undefined : () => setSkipped(true)}
      />
      {plan === null && state.error === null && (
        <p className={styles.faint} role="status">
          Preparing the plan…
        </p>
      )}
      {plan !== null && plan.items.length > 1 && <PlanList plan={plan} />}
      {item !== undefined && preview.preview === null && <FieldChanges item={item} />}
      {item !== undefined && item.refusal !== null && (
        <Banner tone={item.effect === 'refused' ? 'failed' : 'unknown'}>{item.refusal.message}</Banner>
      )}
      {plan !== null && <PlanNotes plan={plan} isWhoShown={suspended !== null} />}
      {state.error !== null && <PlanProblem error={state.error} onAgain={state.prepareAgain} />}
      {isPatchShown && plan !== null && <PatchView plan={plan} />}
      {plan !== null && <PlanDigest plan={plan} verb="Resume" />}
    </Dialog>
  )
}
