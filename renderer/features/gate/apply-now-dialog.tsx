/** Apply now: one run of a Kustomization in mode manual, after a look at what it would change. It stays manual. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { applyNow } from '../../stores/hosting-actions.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { ProblemBanner, refusalBounds } from '../../ui/plan/problem-banner.tsx'
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
  const offReason = previewOffReason(preview, isSeen, isSkipped)
  const isDangerous = preview.preview?.risk.level === 'high'
  const confirm = async (): Promise<void> => {
    if (offReason !== '' || isBusy) return
    setBusy(true)
    const refusal = await applyNow(subject)
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
      </p>
      <PreviewPart
        state={preview}
        isSeen={isSeen}
        onSeen={() => setSeen(!isSeen)}
        onSkip={isSkipped ? undefined : () => setSkipped(true)}
      />
      {error === null ? null : <ProblemBanner error={error} bounds={refusalBounds} />}
    </Dialog>
  )
}
