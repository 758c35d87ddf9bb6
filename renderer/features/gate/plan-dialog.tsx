/** Plans without a form: reconcile, with source, force and reset, of one object or of many. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { ActionName } from '../../../shared/model/actions.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { PlanFoot } from './plan-foot.tsx'
import { PreviewPart, previewOffReason } from './preview-part.tsx'
import { FieldChanges, PatchView, PlanDigest, PlanList, PlanNotes, PlanProblem, WhereLine } from './plan-parts.tsx'
import { confirmLabel, confirmOffReason, dialogTitle, verbOf } from './plan-words.ts'
import { usePlan } from './use-plan.ts'
import { previewLabel, usePreview } from './use-preview.ts'
import styles from './gate.module.css'

const noRefs: readonly ObjectRef[] = []

type PlainAction = Exclude<ActionName, 'suspend' | 'resume' | 'annotate' | 'manual' | 'hold'>

const meanings: Readonly<Record<PlainAction, string>> = {
  reconcile: 'Asks the controller to reconcile now, then waits: requested, fetched, applied, healthy.',
  reconcileWithSource: 'Asks for the source first, then for the object itself, and waits for each stage.',
  force: 'Forces one Helm install or upgrade of this release, even where nothing changed.',
  reset: 'Resets the failure counts of this release, so that helm-controller tries again.',
}

export function PlanDialog({
  action,
  refs,
  onClose,
}: {
  readonly action: PlainAction
  readonly refs: readonly ObjectRef[]
  readonly onClose: () => void
}): ReactElement {
  const [isPatchShown, setPatchShown] = useState(false)
  const state = usePlan({ action, refs })
  const { plan } = state
  // What it overwrites; it holds nothing up, for the controller would do the same at its next interval.
  const preview = usePreview(action === 'reset' ? noRefs : refs)
  const [isSeen, setSeen] = useState(false)
  const planOff = confirmOffReason(plan, state.isPreparing, '')
  const offReason = planOff === '' ? previewOffReason(preview, isSeen, true) : planOff
  const confirm = async (): Promise<void> => {
    if (offReason === '' && (await state.execute())) onClose()
  }
  const item = plan?.items.length === 1 ? plan.items[0] : undefined
  return (
    <Dialog
      title={dialogTitle(action, refs)}
      subtitle={<WhereLine refs={refs} />}
      size={refs.length > 1 || preview.isOffered ? 'plan' : 'form'}
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <PlanFoot
          label={previewLabel(confirmLabel(action, plan), preview.preview)}
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
      <p className={styles.meaning}>{meanings[action]}</p>
      <PreviewPart state={preview} isSeen={isSeen} onSeen={() => setSeen(!isSeen)} />
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
      {plan !== null && <PlanNotes plan={plan} />}
      {state.error !== null && <PlanProblem error={state.error} onAgain={state.prepareAgain} />}
      {isPatchShown && plan !== null && <PatchView plan={plan} />}
      {plan !== null && <PlanDigest plan={plan} verb={verbOf(action)} />}
    </Dialog>
  )
}
