/**
 * Apply now: one run of a Kustomization in mode manual, after a look at what it would change. It stays manual. What is applied is the plan that there
 * was when it was looked at; when there is another one by then, the dialog says so, and the engine refuses.
 */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { isSameRevision } from '../../../shared/flux/revision.ts'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ManualPlan } from '../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { applyNow } from '../../stores/hosting-actions.ts'
import { useManualPlan } from '../../stores/hosting.ts'
import { Button } from '../../ui/button/button.tsx'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { ProblemBanner, refusalBounds } from '../../ui/plan/problem-banner.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { rowOf, SluicePicture, WhereLine } from './plan-parts.tsx'
import { PreviewPart, previewOffReason } from './preview-part.tsx'
import { previewLabel, usePreview } from './use-preview.ts'
import styles from './gate.module.css'

export function ApplyNowDialog({
  subject,
  onClose,
}: {
  readonly subject: ObjectRef
  readonly onClose: () => void
}): ReactElement {
  const refs = [subject]
  const row = rowOf(subject)
  const preview = usePreview(refs)
  const [isSeen, setSeen] = useState(false)
  const [isSkipped, setSkipped] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const live = useManualPlan(subject)
  // What was shown stays until it is looked at anew: the button never means something that came in the meantime.
  const [shown, setShown] = useState(live)
  useEffect(() => {
    if (shown === undefined) setShown(live)
  }, [live, shown])
  const isMoved =
    !isBusy && shown !== undefined && (live?.digest !== shown?.digest || isOfAnother(preview.preview, shown))
  const offReason =
    shown === undefined || (preview.isLoading && preview.preview !== null)
      ? 'What it would change is being found out'
      : isMoved
        ? 'This is not what would be applied any more'
        : previewOffReason(preview, isSeen, isSkipped)
  const lookAgain = (): void => {
    setShown(live)
    setSeen(false)
    setError(null)
    preview.again()
  }
  const isDangerous = preview.preview?.risk.level === 'high'
  const confirm = async (): Promise<void> => {
    if (offReason !== '' || isBusy || shown === undefined) return
    setBusy(true)
    const refusal = await applyNow(subject, shown?.digest ?? null)
    setBusy(false)
    if (refusal === null) onClose()
    else setError(refusal)
  }
  return (
    <Dialog
      title={`Apply ${refTitle(subject)} now`}
      subtitle={<WhereLine refs={refs} />}
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <ConfirmFoot
          label={previewLabel('Apply now', preview.preview)}
          offReason={offReason}
          busyReason="Being handed to the engine"
          isBusy={isBusy}
          isDangerous={isDangerous}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      {row === undefined ? null : <SluicePicture row={row} isOpen={false} gate="manual" />}
      <p className={styles.meaning}>
        Sluice applies the present revision once, from this machine. It stays manual: the next revision waits again.
        {shown === null ? ' No plan of it is known: whatever there is when it runs is applied.' : ''}
      </p>
      {isMoved ? (
        <Banner
          tone="drifted"
          shape="drifted"
          actions={
            <Button size="small" icon="reconcile" onClick={lookAgain}>
              Show what would be applied now
            </Button>
          }
        >
          The plan moved since you opened it. This one is not applied any more.
        </Banner>
      ) : null}
      <PreviewPart
        state={preview}
        isSeen={isSeen}
        onSeen={() => setSeen(!isSeen)}
        onSkip={isSkipped ? undefined : () => setSkipped(true)}
      />
      {error === null || isMoved ? null : <ProblemBanner error={error} bounds={refusalBounds} />}
    </Dialog>
  )
}

/** The preview is made beside the queue: it may have seen another revision. */
function isOfAnother(preview: ResumePreview | null, plan: ManualPlan | null): boolean {
  if (preview === null || plan === null || preview.revision === '' || preview.fidelity?.origin === 'folder')
    return false
  return !isSameRevision(preview.revision, plan.revision)
}
