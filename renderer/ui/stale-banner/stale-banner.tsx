/** Above what is not live: from when it is, whose cluster is silent, and why (interface.md, Wording of states). */
import type { ReactElement } from 'react'
import { silenceText } from '../../../shared/lib/silence.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { Button } from '../button/button.tsx'
import { manyLines, oneLine } from '../text/plain-text.ts'
import { Age } from '../time/age.tsx'
import { useTimeText } from '../time/clock.ts'
import { formatAge, formatTimeOfDay } from '../time/format-time.ts'
import { Banner } from '../view-state/view-state.tsx'

export function StaleBanner({
  context,
  about,
  onRetry,
}: {
  readonly context: Pick<ContextRow, 'name' | 'connection' | 'error' | 'lastSeenAt' | 'snapshotAt'>
  /** What is shown all the same, where that is not what was last seen of the cluster. */
  readonly about?: string
  readonly onRetry: () => void
}): ReactElement {
  const { name, connection, error, lastSeenAt } = context
  const snapshotAt = about === undefined ? context.snapshotAt : null
  const snapshot = useTimeText((now) =>
    snapshotAt === null ? '' : `Snapshot of ${formatTimeOfDay(snapshotAt, now)}, ${formatAge(now - snapshotAt)} ago.`,
  )
  const silence = `${silenceText({ name: oneLine(name, 120), connection })}.`
  return (
    <Banner
      tone="unknown"
      shape="stale"
      actions={
        <Button size="small" onClick={onRetry}>
          Try now
        </Button>
      }
    >
      <span className="medium">{snapshot === '' ? silence : snapshot}</span>{' '}
      <span className="muted">
        {snapshot === '' ? about : silence}{' '}
        {snapshot !== '' || lastSeenAt === null ? null : (
          <>
            Last seen <Age at={lastSeenAt} suffix=" ago" />.{' '}
          </>
        )}
        {manyLines(error?.message ?? '', 400)}
      </span>
    </Banner>
  )
}
