/** Closing gates with reason, until and owner; also writes the reason of gates that are closed already (`annotate`). */
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from '../../stores/contexts.ts'
import { selectSettings, settingsStore } from '../../stores/settings.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { fieldClass } from '../../ui/text-field/text-field.tsx'
import { formatMoment } from '../../../shared/lib/format/time.ts'
import { useNow } from '../../ui/time/clock.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { PlanFoot } from './plan-foot.tsx'
import {
  FieldChanges,
  PatchView,
  PlanList,
  PlanNotes,
  PlanProblem,
  rowOf,
  SluicePicture,
  WhereLine,
} from './plan-parts.tsx'
import { confirmLabel, confirmOffReason, dialogTitle, pluralOf, subjectOf, suspendMeaning } from './plan-words.ts'
import { UntilField } from './until-field.tsx'
import { untilProblem } from './until.ts'
import type { UntilChoice } from './until.ts'
import { usePlan } from './use-plan.ts'
import styles from './gate.module.css'

const minuteMs = 60_000

export function SuspendDialog({
  action,
  refs,
  reason: firstReason = '',
  until: firstUntil,
  onClose,
}: {
  readonly action: 'suspend' | 'annotate'
  readonly refs: readonly ObjectRef[]
  readonly reason?: string
  readonly until?: number
  readonly onClose: () => void
}): ReactElement {
  const id = useId()
  const now = useNow(minuteMs)
  const contexts = useStore(contextsStore, (state) => state.items)
  const savedOwner = useStore(settingsStore, (state) => selectSettings(state)?.owner ?? '')
  const [reason, setReason] = useState(firstReason)
  const [owner, setOwner] = useState(savedOwner)
  const [choice, setChoice] = useState<UntilChoice>(firstUntil === undefined ? 'none' : 'date')
  const [until, setUntil] = useState<number | null>(firstUntil ?? null)
  const [isPatchShown, setPatchShown] = useState(false)
  const [wasTried, setTried] = useState(false)
  const problem = untilProblem(choice, until, now)
  const state = usePlan({
    action,
    refs,
    reason,
    owner,
    ...(until === null || problem !== '' ? {} : { until }),
  })
  const { plan } = state

  const production = [...new Set(refs.map((ref) => contextOfCluster(contexts, ref.cluster)))].filter(
    (context) => context?.isProduction === true,
  )
  const isRequired = plan?.isReasonRequired ?? (action === 'suspend' && production.length > 0)
  const isReasonMissing = isRequired && reason.trim() === ''
  const offReason =
    problem !== ''
      ? problem
      : isReasonMissing
        ? 'A reason is required in production contexts'
        : confirmOffReason(plan, state.isPreparing, reason)

  const confirm = async (): Promise<void> => {
    setTried(true)
    // A plan that failed is tried once more: the reason may have been what it lacked.
    if (offReason !== '' && !(plan === null && state.error !== null && !isReasonMissing && problem === '')) return
    if (await state.execute()) onClose()
  }

  const [first] = refs
  const row = first === undefined || refs.length > 1 ? undefined : rowOf(first)
  const dependents =
    plan === null
      ? []
      : [...new Map(plan.items.flatMap((item) => item.dependents).map((ref) => [refKey(ref), ref])).values()]
  const item = plan?.items.length === 1 ? plan.items[0] : undefined

  return (
    <Dialog
      title={dialogTitle(action, refs)}
      subtitle={<WhereLine refs={refs} />}
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <PlanFoot
          label={confirmLabel(action, plan)}
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
      {row !== undefined && <SluicePicture row={row} isOpen={false} />}
      {action === 'suspend' && first !== undefined && (
        <p className={styles.meaning}>
          {refs.length === 1
            ? suspendMeaning(first.kind, first.group, row?.inventoryCount ?? null)
            : `Their controllers stop reconciling ${subjectOf(refs)}. What they applied keeps running.`}
        </p>
      )}
      <div className={styles.field}>
        <label className={styles.label} htmlFor={`${id}-reason`}>
          Reason{isRequired && <span className={styles.required}>{requiredText(production)}</span>}
        </label>
        <input
          id={`${id}-reason`}
          className={fieldClass}
          data-first-focus=""
          value={reason}
          maxLength={1000}
          placeholder="Why is the gate closed?"
          required={isRequired}
          aria-invalid={(wasTried && isReasonMissing) || undefined}
          aria-describedby={`${id}-reason-hint`}
          onChange={(event) => setReason(event.target.value)}
        />
        {wasTried && isReasonMissing ? (
          <div id={`${id}-reason-hint`} className={styles.hintError} role="alert">
            <Icon name="alert" size={12} />
            Say why: others see it in every list.
          </div>
        ) : (
          <div id={`${id}-reason-hint`} className={styles.hint}>
            Shown in every list, written to the object and to the audit log.
          </div>
        )}
      </div>
      <UntilField
        now={now}
        choice={choice}
        until={until}
        problem={problem}
        summary={until === null || problem !== '' ? '' : formatMoment(until)}
        onChange={(nextChoice, at) => {
          setChoice(nextChoice)
          setUntil(at)
        }}
      />
      <div className={styles.field}>
        <label className={styles.label} htmlFor={`${id}-owner`}>
          Owner
        </label>
        <input
          id={`${id}-owner`}
          className={fieldClass}
          value={owner}
          maxLength={253}
          placeholder="you"
          aria-describedby={`${id}-owner-hint`}
          onChange={(event) => setOwner(event.target.value)}
        />
        <div id={`${id}-owner-hint`} className={styles.hint}>
          {owner.trim() === ''
            ? 'Left empty: the owner in Settings, else your name on this computer.'
            : 'Written to the object as sluice.dev/suspended-by.'}
        </div>
      </div>
      {plan !== null && plan.items.length > 1 && <PlanList plan={plan} />}
      {item?.refusal !== undefined && item.refusal !== null && (
        <Banner tone={item.effect === 'refused' ? 'failed' : 'unknown'}>{item.refusal.message}</Banner>
      )}
      {dependents.length > 0 && (
        <Banner tone="progressing" shape="waiting">
          <b className={styles.medium}>{dependentsTitle(dependents, refs.length)}</b>{' '}
          <span className={styles.muted}>{dependentsText(dependents, refs.length)}</span>
        </Banner>
      )}
      {plan !== null && <PlanNotes plan={plan} />}
      {state.error !== null && <PlanProblem error={state.error} onAgain={state.prepareAgain} />}
      {isPatchShown && plan !== null && item !== undefined && <FieldChanges item={item} />}
      {isPatchShown && plan !== null && <PatchView plan={plan} />}
    </Dialog>
  )
}

function requiredText(production: readonly ({ readonly name: string } | null)[]): string {
  const [first] = production
  return first === undefined || first === null ? 'required' : `required in ${first.name}`
}

function dependentsTitle(dependents: readonly ObjectRef[], count: number): string {
  const [first] = dependents
  const kinds = new Set(dependents.map((ref) => ref.kind))
  const noun = kinds.size > 1 ? 'objects' : dependents.length === 1 ? (first?.kind ?? '') : pluralOf(first?.kind ?? '')
  return `${dependents.length} ${noun} ${dependents.length === 1 ? 'depends' : 'depend'} on ${count === 1 ? 'it' : 'them'}.`
}

function dependentsText(dependents: readonly ObjectRef[], count: number): string {
  const names = dependents.slice(0, 3).map(refTitle)
  const more = dependents.length - names.length
  const list = more > 0 ? `${names.join(', ')} and ${more} more` : new Intl.ListFormat('en').format(names)
  return `${list} ${dependents.length === 1 ? 'waits' : 'wait'} for ${count === 1 ? 'it' : 'them'} from the next revision on.`
}
