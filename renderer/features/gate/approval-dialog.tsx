/**
 * Review and approve: a revision that waits in mode held, or a prune that the guard holds back. What is approved is the digest of what is shown;
 * when something else waits by then, the engine refuses, and the dialog shows the new plan and says that it moved.
 */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { DriftAction } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { PendingApproval } from '../../../shared/model/hosting.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { approvePlan } from '../../stores/hosting-actions.ts'
import { usePendingApproval } from '../../stores/hosting.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ActionSymbol } from '../../ui/drift-marks/drift-marks.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { DigestLine } from '../../ui/plan/plan-lines.tsx'
import { ProblemBanner, refusalBounds } from '../../ui/plan/problem-banner.tsx'
import { Tick } from '../../ui/plan/ticks.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { formatRevision } from '../../ui/time/format-time.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { ObjectList, ObjectName } from './object-list.tsx'
import { WhereLine } from './plan-parts.tsx'
import { deletionOffReason, deletionText } from './plan-words.ts'
import { TallyGrid } from './tally-grid.tsx'
import type { TallyCell } from './tally-grid.tsx'
import styles from './gate.module.css'

export function ApprovalDialog({
  subject,
  onClose,
}: {
  readonly subject: ObjectRef
  readonly onClose: () => void
}): ReactElement {
  const live = usePendingApproval(subject)
  // What was shown stays until it is looked at anew: the button never means something that came in the meantime.
  const [shown, setShown] = useState<PendingApproval | null>(live)
  const [isSeen, setSeen] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  useEffect(() => {
    if (shown === null && live !== null) setShown(live)
  }, [live, shown])
  const isMoved = shown !== null && live?.digest !== shown.digest && !isBusy
  const deletions = shown?.pruned.length ?? 0
  const data = shown?.pruned.filter(({ isData }) => isData).length ?? 0
  const isDangerous = data > 0 || shown?.kind === 'prune'
  const offReason =
    shown === null
      ? 'Nothing waits for approval'
      : isMoved
        ? 'This is not what waits any more'
        : deletions > 0 && !isSeen
          ? deletionOffReason
          : ''
  const lookAgain = (): void => {
    setShown(live)
    setSeen(false)
    setError(null)
  }
  const confirm = async (): Promise<void> => {
    if (shown === null || offReason !== '' || isBusy) return
    setBusy(true)
    const refusal = await approvePlan(subject, shown.digest)
    setBusy(false)
    if (refusal === null) onClose()
    else setError(refusal)
  }
  const title = shown?.kind === 'prune' ? 'Approve the deletions of' : 'Approve a revision of'
  return (
    <Dialog
      title={`${title} ${refTitle(subject)}`}
      subtitle={<WhereLine refs={[subject]} />}
      size="plan"
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <ConfirmFoot
          label={shown === null ? 'Approve' : approveLabel(shown)}
          cancelLabel="Not now"
          offReason={offReason}
          busyReason="Being handed to the engine"
          isBusy={isBusy}
          isDangerous={isDangerous}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      {shown === null ? (
        <Banner tone="unknown">Nothing of it waits for approval any more.</Banner>
      ) : (
        <>
          {isMoved ? (
            <Banner
              tone="drifted"
              shape="drifted"
              actions={
                live === null ? undefined : (
                  <Button size="small" icon="reconcile" onClick={lookAgain}>
                    Show what waits now
                  </Button>
                )
              }
            >
              {live === null
                ? 'The plan moved: nothing waits for approval any more.'
                : 'The plan moved since you opened it. This one is not applied any more.'}
            </Banner>
          ) : null}
          <p className={styles.meaning}>
            {shown.kind === 'prune'
              ? 'The revision is applied; what it leaves out is not deleted until you approve.'
              : 'Nothing of this revision is applied until you approve it.'}
          </p>
          {shown.kind === 'prune' ? (
            <Banner tone="held" shape="held">
              {manyLines(shown.reason, 600)}
            </Banner>
          ) : null}
          <ApprovalTally approval={shown} />
          <ApprovalList approval={shown} />
          {data > 0 ? (
            <div className={classNames(styles.riskLine, styles['risk-high'])} role="note">
              {data === 1
                ? 'One of them holds data or all that is in it: it goes for good.'
                : `${data.toLocaleString()} of them hold data or all that is in them: they go for good.`}
            </div>
          ) : null}
          {deletions > 0 ? (
            <Tick isTicked={isSeen} onTick={() => setSeen(!isSeen)}>
              {deletionText(deletions)}
            </Tick>
          ) : null}
          {error === null || isMoved ? null : <ProblemBanner error={error} bounds={refusalBounds} />}
          <DigestLine digest={shown.digest}>
            {shown.revision === '' ? '' : ' of revision '}
            <span className={styles.sha}>{oneLine(formatRevision(shown.revision), 80)}</span>, waiting for{' '}
            <Age at={shown.since} />. The approval counts for nothing else.
          </DigestLine>
        </>
      )}
    </Dialog>
  )
}

/** The act and its size: `Approve, 6 changes`, `Delete 12 objects`. */
function approveLabel({ kind, created, configured, pruned }: PendingApproval): string {
  const deletions = pruned.length
  if (kind === 'prune') return `Delete ${formatCountOf(deletions, 'object', 'objects')}`
  const changes = created + configured + deletions
  return `Approve, ${changes === 0 ? 'no changes' : formatCountOf(changes, 'change', 'changes')}`
}

function ApprovalTally({
  approval: { kind, created, configured, pruned },
}: {
  readonly approval: PendingApproval
}): ReactElement {
  const deleted: TallyCell = ['pruned', pruned.length, 'will be deleted']
  return (
    <TallyGrid
      cells={
        kind === 'prune'
          ? [deleted]
          : [['created', created, 'will be created'], ['configured', configured, 'will be configured'], deleted]
      }
    />
  )
}

interface ListedObject {
  readonly ref: ObjectRef
  readonly action: DriftAction
  readonly text: string
  readonly isData: boolean
}

/** Deletions first, those of data before all others; then what changes, in apply order. */
function ApprovalList({ approval }: { readonly approval: PendingApproval }): ReactElement | null {
  const pruned = approval.pruned
    .toSorted((a, b) => Number(b.isData) - Number(a.isData))
    .map(({ ref, isData }): ListedObject => ({
      ref,
      isData,
      action: 'pruned',
      text: isData ? 'deleted with what is in it' : 'deleted',
    }))
  const changes = approval.changes.map(({ ref, action, summary }): ListedObject => ({
    ref,
    action,
    isData: false,
    text: summary === '' ? action : summary,
  }))
  const objects = [...pruned, ...changes]
  if (objects.length === 0) return null
  const missing = approval.created + approval.configured - approval.changes.length
  return (
    <ObjectList
      label="Objects"
      items={objects}
      shownRows={7}
      keyOf={({ action, ref }) => `${action} ${refKey(ref)}`}
      rowClass={({ isData }) => classNames(styles.approvalItem, isData && styles.refused)}
      row={({ ref, action, text, isData }) => (
        <>
          <ActionSymbol action={action} size={12} />
          <ObjectName subject={ref} />
          <span className={styles.planText} {...clippedTooltip(oneLine(text, 600))}>
            {isData ? <span className={styles.dataWord}>data</span> : null}
            {oneLine(text, 300)}
          </span>
        </>
      )}
    >
      {missing > 0 ? (
        <div className={styles.tally}>And {formatCountOf(missing, 'more change', 'more changes')}.</div>
      ) : null}
    </ObjectList>
  )
}
