/** One operation in a toast: its stages or counts, Undo, the reason typed on the spot, the report. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { Operation, Stage, StageName } from '../../../shared/model/actions.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { cancelOperation, undo } from '../../stores/actions.ts'
import { openDialog } from '../../stores/dialogs.ts'
import { callHost } from '../../stores/host.ts'
import { operationsStore } from '../../stores/operations.ts'
import { allRows } from '../../stores/rows.ts'
import { selectSettings, settingsStore } from '../../stores/settings.ts'
import { Button } from '../../ui/button/button.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { fieldClass } from '../../ui/text-field/text-field.tsx'
import { formatAge } from '../../../shared/lib/format/time.ts'
import { useNow } from '../../ui/time/clock.ts'
import { Toast, ToastAction } from '../../ui/toast/toast.tsx'
import { operationTitle } from './plan-words.ts'
import { untilOptions } from './until.ts'
import styles from './gate.module.css'

const stageWords: Readonly<Record<StageName, string>> = {
  requested: 'Requested',
  fetched: 'Fetched',
  applied: 'Applied',
  healthy: 'Healthy',
}
const runningStageWords: Readonly<Record<StageName, string>> = {
  requested: 'Requesting',
  fetched: 'Fetching',
  applied: 'Applying',
  healthy: 'Checking health',
}
const stageShapes: Readonly<Record<Stage['state'], StatusShape>> = {
  waiting: 'unknown',
  running: 'progressing',
  done: 'ready',
  failed: 'failed',
  skipped: 'empty',
}
const isStaged = (operation: Operation): boolean =>
  operation.action !== 'suspend' && operation.action !== 'resume' && operation.action !== 'annotate'

export function OperationToast({ operation: key }: { readonly operation: string }): ReactElement {
  const stored = useStore(operationsStore, (state) => state.items.get(key))
  const [last, setLast] = useState(stored)
  useEffect(() => {
    if (stored !== undefined) setLast(stored)
  }, [stored])
  const operation = stored ?? last
  if (operation === undefined) return <Toast mark={null} title="Operation" />
  return <OperationBody operation={operation} />
}

function markOf(operation: Operation): StatusShape {
  if (operation.state === 'running') return 'progressing'
  if (operation.state === 'failed' || operation.failed > 0 || operation.refused > 0) return 'failed'
  if (operation.state === 'canceled') return 'stalled'
  return operation.action === 'suspend' ? 'suspended' : 'ready'
}

function OperationBody({ operation }: { readonly operation: Operation }): ReactElement {
  const [isReasonOpen, setReasonOpen] = useState(false)
  const now = useNow()
  const { item } = operation
  const isUndoable = operation.undoUntil !== null && operation.undoUntil > now
  const isBulk = operation.item === null
  const error = item?.error ?? null
  const hasReason = item !== null && (allRows().get(refKey(item.ref))?.suspend?.reason ?? '') !== ''
  const canAddReason =
    operation.action === 'suspend' && operation.state === 'done' && item !== null && !hasReason && !isReasonOpen
  // The object changed between plan and write: a new plan, looked at again.
  const hasMoved = error?.code === 'PlanMoved'
  const actions = (
    <>
      {isUndoable && <ToastAction onClick={() => void undo(operation.key)}>Undo</ToastAction>}
      {canAddReason && <ToastAction onClick={() => setReasonOpen(true)}>Add reason</ToastAction>}
      {hasMoved && item !== null && (
        <ToastAction onClick={() => openDialog({ kind: 'plan', action: operation.action, refs: [item.ref] })}>
          Prepare again
        </ToastAction>
      )}
      {isBulk && (
        <ToastAction onClick={() => openDialog({ kind: 'report', operation: operation.key })}>Report</ToastAction>
      )}
      {operation.state === 'running' && (isStaged(operation) || isBulk) && (
        <ToastAction onClick={() => void cancelOperation(operation.key)}>
          {isStaged(operation) && !isBulk ? 'Stop waiting' : 'Cancel'}
        </ToastAction>
      )}
    </>
  )
  const hasActions =
    hasMoved || isUndoable || canAddReason || isBulk || (operation.state === 'running' && isStaged(operation))
  return (
    <Toast
      mark={<StatusMark shape={markOf(operation)} size={16} />}
      title={`${operationTitle(operation)}${timeText(operation)}`}
      actions={hasActions && actions}
    >
      {isBulk && operation.state === 'running' && <Progress operation={operation} />}
      {isBulk && operation.state !== 'running' && <span>{countsText(operation)}</span>}
      {item !== null && isStaged(operation) && item.stages.length > 0 && (
        <Stages stages={item.stages} isMessageShown={error === null} />
      )}
      {error !== null && <Failure error={error} />}
      {error === null && item !== null && item.message !== '' && operation.state !== 'running' && (
        <span className={styles.toastText}>{manyLines(item.message, 400)}</span>
      )}
      {isReasonOpen && item !== null && <ReasonForm reference={item.ref} onDone={() => setReasonOpen(false)} />}
    </Toast>
  )
}

function timeText(operation: Operation): string {
  if (operation.endedAt === null || operation.state !== 'done' || !isStaged(operation)) return ''
  return ` in ${formatAge(operation.endedAt - operation.startedAt)}`
}

function countsText(operation: Operation): string {
  const parts = [`${(operation.done - operation.failed - operation.refused).toLocaleString()} done`]
  if (operation.failed > 0) parts.push(`${operation.failed.toLocaleString()} failed`)
  if (operation.refused > 0) parts.push(`${operation.refused.toLocaleString()} refused`)
  return parts.join(', ')
}

function Progress({ operation }: { readonly operation: Operation }): ReactElement {
  return (
    <span className={styles.progressLine}>
      <progress value={operation.done} max={operation.total} aria-label="Objects done" />
      {operation.done.toLocaleString()} of {operation.total.toLocaleString()}
    </span>
  )
}

function Failure({ error }: { readonly error: SluiceErrorData }): ReactElement {
  return (
    <span className={styles.toastText}>
      {[...new Set([error.message, error.detail, error.remedy])]
        .filter((text, index, all) => text !== '' && !all.some((other, at) => at < index && other.includes(text)))
        .map((text) => manyLines(text, 600))
        .join('\n')}
    </span>
  )
}

/** The four stages of a reconciliation, each with its shape and word. `isMessageShown`: no failure below says the same again. */
function Stages({
  stages,
  isMessageShown,
}: {
  readonly stages: readonly Stage[]
  readonly isMessageShown: boolean
}): ReactElement {
  const running = stages.find((stage) => stage.state === 'running' || stage.state === 'failed')
  return (
    <>
      <ol className={styles.stages} aria-label="Stages">
        {stages.map((stage) => (
          <li key={stage.name} data-stage={stage.state} aria-label={`${stageWords[stage.name]}: ${stage.state}`}>
            <StatusMark shape={stageShapes[stage.state]} size={12} />
            {stage.state === 'running' ? runningStageWords[stage.name] : stageWords[stage.name]}
          </li>
        ))}
      </ol>
      {isMessageShown && running !== undefined && running.message !== '' && (
        <span className={styles.clip}>{oneLine(running.message, 300)}</span>
      )}
    </>
  )
}

/** Reason and until of a gate that has just been closed: written by a plan of their own, without a dialog. */
function ReasonForm({
  reference,
  onDone,
}: {
  readonly reference: ObjectRef
  readonly onDone: () => void
}): ReactElement {
  const owner = useStore(settingsStore, (state) => selectSettings(state)?.owner ?? '')
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('none')
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [isBusy, setBusy] = useState(false)
  const options = untilOptions(useNow(60_000)).filter((option) => option.choice !== 'date')
  const save = async (): Promise<void> => {
    if (reason.trim() === '' && until === 'none') return
    setBusy(true)
    const at = options.find((option) => option.choice === until)?.at ?? null
    const plan = await callHost('plan.prepare', {
      action: 'annotate',
      refs: [reference],
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...(at === null ? {} : { until: at }),
      ...(owner === '' ? {} : { owner }),
    })
    const result = plan.ok ? await callHost('plan.execute', { digest: plan.value.digest }) : plan
    setBusy(false)
    if (result.ok) onDone()
    else setError(result.error)
  }
  return (
    <form
      className={styles.reasonForm}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        onDone()
      }}
    >
      <input
        className={fieldClass}
        aria-label="Reason"
        placeholder="Why is the gate closed?"
        maxLength={1000}
        value={reason}
        // The person has just asked for this field.
        ref={focusOnMount}
        onChange={(event) => setReason(event.target.value)}
      />
      <select
        className={fieldClass}
        aria-label="Until"
        value={until}
        onChange={(event) => setUntil(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.choice} value={option.choice}>
            {option.label}
          </option>
        ))}
      </select>
      <Button type="submit" size="small" variant="primary" aria-busy={isBusy || undefined}>
        Save
      </Button>
      {error !== null && (
        <span className={styles.hintError} role="alert">
          {oneLine(error.message)}
        </span>
      )}
    </form>
  )
}

function focusOnMount(element: HTMLElement | null): void {
  element?.focus()
}
