/** The gate's third state: automatic, manual or held, for one Kustomization of a hosted cluster. What it writes is a plan like any other. */
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ActionName } from '../../../shared/model/actions.ts'
import type { ReconcileMode } from '../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from '../../stores/contexts.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { fieldClass } from '../../ui/text-field/text-field.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { PlanFoot } from './plan-foot.tsx'
import {
  FieldChanges,
  PatchView,
  PlanDigest,
  PlanNotes,
  PlanProblem,
  rowOf,
  SluicePicture,
  WhereLine,
} from './plan-parts.tsx'
import { confirmOffReason } from './plan-words.ts'
import { PreviewPart, previewOffReason } from './preview-part.tsx'
import { usePlan } from './use-plan.ts'
import { previewLabel, usePreview } from './use-preview.ts'
import styles from './gate.module.css'

const actions: Readonly<Record<ReconcileMode, ActionName>> = { automatic: 'resume', manual: 'manual', held: 'hold' }
const pictures = { automatic: 'open', manual: 'manual', held: 'holding' } as const
const labels: Readonly<Record<ReconcileMode, string>> = { automatic: 'Automatic', manual: 'Manual', held: 'Held' }
const confirms: Readonly<Record<ReconcileMode, string>> = {
  automatic: 'Set to automatic',
  manual: 'Set to manual',
  held: 'Set to held',
}
const meanings: Readonly<Record<ReconcileMode, string>> = {
  automatic: 'Each new revision is applied by itself, and what differs from it is put back.',
  manual: 'Sluice renders and compares each new revision; it is applied when you press Apply now, and not before.',
  held: 'Each new revision waits until you approve its plan. What you approve is applied, and nothing else.',
}
const options = (['automatic', 'manual', 'held'] as const).map((value) => ({ value, label: labels[value] }))
const noRefs: readonly ObjectRef[] = []

export function ModeDialog({
  subject,
  mode: firstMode,
  onClose,
}: {
  readonly subject: ObjectRef
  readonly mode: ReconcileMode
  readonly onClose: () => void
}): ReactElement {
  const id = useId()
  const refs = [subject]
  const row = rowOf(subject)
  const current: ReconcileMode | null =
    row === undefined || row.isSuspended === false ? 'automatic' : (row.mode ?? null)
  const [mode, setMode] = useState(firstMode)
  const [reason, setReason] = useState('')
  const [isPatchShown, setPatchShown] = useState(false)
  const [isSeen, setSeen] = useState(false)
  const [isSkipped, setSkipped] = useState(false)
  const isProduction = useStore(
    contextsStore,
    (state) => contextOfCluster(state.items, subject.cluster)?.isProduction === true,
  )
  const state = usePlan({ action: actions[mode], refs, reason: mode === 'automatic' ? '' : reason })
  // The plan of the mode that was chosen before says nothing of this one.
  const plan = state.plan?.action === actions[mode] ? state.plan : null
  // What opening does is looked at as when it is resumed; closing applies nothing.
  const preview = usePreview(mode === 'automatic' && current !== 'automatic' ? refs : noRefs)
  const planOff = mode === current ? `It is ${mode} already` : confirmOffReason(plan, state.isPreparing, reason)
  const offReason = planOff !== '' || mode !== 'automatic' ? planOff : previewOffReason(preview, isSeen, isSkipped)
  const confirm = async (): Promise<void> => {
    if (offReason === '' && (await state.execute())) onClose()
  }
  const item = plan?.items[0]
  const isDangerous = mode === 'automatic' && preview.preview?.risk.level === 'high'
  return (
    <Dialog
      title={`Mode of ${refTitle(subject)}`}
      subtitle={<WhereLine refs={refs} />}
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <PlanFoot
          label={mode === 'automatic' ? previewLabel(confirms[mode], preview.preview) : confirms[mode]}
          isDangerous={isDangerous}
          offReason={offReason}
          isBusy={state.isExecuting}
          isPatchShown={isPatchShown}
          canShowPatch={plan !== null}
          onPatch={() => setPatchShown(!isPatchShown)}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      {row === undefined ? null : <SluicePicture row={row} isOpen={mode === 'automatic'} gate={pictures[mode]} />}
      <div className={styles.wide}>
        <Segmented label="Mode" value={mode} options={options} onChange={setMode} />
      </div>
      <p className={styles.meaning}>
        {meanings[mode]}
        {mode === 'automatic'
          ? ''
          : ' To every other controller it is suspended, and stays so when hosted mode is off: nothing that was not approved is ever applied.'}
      </p>
      {mode === 'automatic' ? (
        <PreviewPart
          state={preview}
          isSeen={isSeen}
          onSeen={() => setSeen(!isSeen)}
          onSkip={isSkipped ? undefined : () => setSkipped(true)}
        />
      ) : (
        <div className={styles.field}>
          <label className={styles.label} htmlFor={id}>
            Reason{isProduction ? <span className={styles.required}>required in production</span> : null}
          </label>
          <input
            id={id}
            className={fieldClass}
            value={reason}
            maxLength={1000}
            placeholder={mode === 'manual' ? 'Why is it applied by hand?' : 'Why does each revision wait?'}
            required={isProduction}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
      )}
      {plan === null && state.error === null && (
        <p className={styles.faint} role="status">
          Preparing the plan…
        </p>
      )}
      {item !== undefined && (mode !== 'automatic' || preview.preview === null) && <FieldChanges item={item} />}
      {item?.refusal != null && mode !== current && (
        <Banner tone={item.effect === 'refused' ? 'failed' : 'unknown'}>{item.refusal.message}</Banner>
      )}
      {plan !== null && <PlanNotes plan={plan} />}
      {state.error !== null && <PlanProblem error={state.error} onAgain={state.prepareAgain} />}
      {isPatchShown && plan !== null && <PatchView plan={plan} />}
      {plan !== null && <PlanDigest plan={plan} verb="It" />}
    </Dialog>
  )
}
