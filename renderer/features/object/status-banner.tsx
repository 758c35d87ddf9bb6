/** What is wrong, verbatim, and what it waits for: the line above the tabs' content. Nothing where nothing is wrong. */
import type { ReactElement } from 'react'
import type { LinkedObject, ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { openComparison } from '../../stores/history-places.ts'
import { openObject } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { selectTreeNode } from './tree-selection.ts'
import { openTab } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { StatusMark, StatusText } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { useNow } from '../../ui/time/clock.ts'
import { formatDuration } from '../../ui/time/format-time.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { firstCause } from './tree-model.ts'
import styles from './object-page.module.css'

const hourMs = 3_600_000
/** What belongs to a failure is written within so long of it. */
const settleMs = 1000

export function StatusBanner({ detail }: { readonly detail: ObjectDetail }): ReactElement | null {
  const { row } = detail
  const word = row?.status.word ?? detail.status
  const message = row?.status.message ?? detail.statusMessage
  if (word === 'Waiting') return <WaitingBanner detail={detail} message={message} />
  if (word === 'Failed' || word === 'Stalled')
    return <FailedBanner detail={detail} message={message} isStalled={word === 'Stalled'} />
  if (row?.status.isOverdue === true) return <OverdueBanner detail={detail} />
  if (row?.isTerminating === true)
    return (
      <Banner tone="progressing" shape="progressing">
        Being deleted: finalizers still hold it.
      </Banner>
    )
  return null
}

function FailedBanner({
  detail,
  message,
  isStalled,
}: {
  readonly detail: ObjectDetail
  readonly message: string
  readonly isStalled: boolean
}): ReactElement {
  const tree = useStream('tree.watch', { ref: detail.ref })
  const cause = firstCause(tree.items.values())
  const since = detail.row?.status.since ?? null
  return (
    <Banner
      tone="failed"
      shape={isStalled ? 'stalled' : 'failed'}
      actions={
        <>
          {cause !== null && (
            <Button
              size="small"
              onClick={() => {
                selectTreeNode(detail.ref, cause.key)
                openTab('tree')
              }}
            >
              Show cause
            </Button>
          )}
          {since !== null && (
            <Button
              size="small"
              icon="changes"
              onClick={() => openComparison(detail.ref, since - hourMs, since + settleMs)}
            >
              What changed in the hour before
            </Button>
          )}
        </>
      }
    >
      <div className={styles.bannerTitle}>
        {manyLines(message === '' ? (detail.row?.status.reason ?? 'It failed') : message, 4000)}
      </div>
      {cause !== null && cause.cause !== '' && (
        <div className={styles.bannerText}>
          Cause below: {cause.ref.kind} {oneLine(refTitle(cause.ref), 300)}: {oneLine(cause.cause, 400)}
        </div>
      )}
      {isStalled && (
        <div className={styles.bannerText}>Flux does not retry until the object or its source changes.</div>
      )}
    </Banner>
  )
}

function WaitingBanner({ detail, message }: { readonly detail: ObjectDetail; readonly message: string }): ReactElement {
  return (
    <Banner tone="progressing" shape="waiting">
      <div className={styles.bannerTitle}>{manyLines(message, 2000)}</div>
      {detail.blockedBy.length > 0 && (
        <ol className={styles.chain} aria-label="Blocked by">
          {detail.blockedBy.map((blocker) => (
            <Blocker key={refKey(blocker.ref)} blocker={blocker} />
          ))}
        </ol>
      )}
    </Banner>
  )
}

function Blocker({ blocker }: { readonly blocker: LinkedObject }): ReactElement {
  return (
    <li>
      <StatusMark word={blocker.status} />
      <button type="button" className={styles.linkButton} onClick={() => openObject(blocker.ref)}>
        {blocker.ref.kind} {oneLine(refTitle(blocker.ref), 300)}
      </button>
      <StatusText word={blocker.status} />
      {blocker.message !== '' && <span className={styles.bannerText}>{oneLine(blocker.message, 300)}</span>}
    </li>
  )
}

function OverdueBanner({ detail }: { readonly detail: ObjectDetail }): ReactElement {
  const now = useNow(1000)
  const late = detail.nextRunAt === null ? null : now - detail.nextRunAt
  return (
    <Banner tone="drifted">
      <b>Overdue.</b> Its controller has not reconciled it for more than twice its interval
      {late !== null && late > 0 ? `; the last run was due ${formatDuration(late)} ago` : ''}. Is the controller
      running?
    </Banner>
  )
}
