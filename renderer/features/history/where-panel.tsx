/**
 * "Where is this change?": above a timeline that is narrowed to one commit, what each context has made of it, what waits or failed first. What a state
 * means is the engine's.
 */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { shortenRevision } from '../../../shared/flux/revision.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { Arrival, ArrivalState } from '../../../shared/model/trace.ts'
import { arrivalStates } from '../../../shared/model/trace.ts'
import { useArrivals } from '../../stores/arrivals.ts'
import { openComparison } from '../../stores/history-places.ts'
import { openObject } from '../../stores/navigation.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { Avatar } from '../../ui/timeline/timeline.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner, SkeletonRows } from '../../ui/view-state/view-state.tsx'
import styles from './where-panel.module.css'

const states: Readonly<Record<ArrivalState, { readonly word: StatusWord; readonly text: string }>> = {
  applied: { word: 'Ready', text: 'Applied' },
  failed: { word: 'Failed', text: 'Failed' },
  fetched: { word: 'Waiting', text: 'Fetched' },
  later: { word: 'Unknown', text: 'Has a later one' },
  notYet: { word: 'Unknown', text: 'Not yet' },
}
/** More rows are a list of their own: the timeline below it is what was asked for. */
const shownFirst = 8
/** A run is compared over so long before and after it. */
const aroundMs = 120_000

export function WherePanel({ commit }: { readonly commit: string }): ReactElement {
  const { found, error } = useArrivals(commit)
  const [isAll, setAll] = useState(false)
  const [isOpen, setOpen] = useState(true)
  const arrivals = found?.arrivals ?? []
  const shown = isAll ? arrivals : arrivals.slice(0, shownFirst)
  return (
    <section className={styles.panel} aria-label={`Where is commit ${commit.slice(0, 12)}?`}>
      <div className={styles.head}>
        {found?.commit == null ? null : <Avatar name={found.commit.author} />}
        <h2 className={styles.clip}>
          {found?.commit == null ? 'Where is this change?' : oneLine(found.commit.subject, 200)}
        </h2>
        <span className={styles.sha}>{(found?.sha ?? commit).slice(0, 12)}</span>
        {found?.commit == null ? null : (
          <span className={styles.faint}>
            {oneLine(found.commit.author, 80)}, <Age at={found.commit.at} suffix=" ago" />
          </span>
        )}
        <span className={styles.end} />
        <span className={styles.tally}>{tally(arrivals)}</span>
        <IconButton
          icon={isOpen ? 'fold' : 'expand'}
          label={isOpen ? 'Hide where it is' : 'Show where it is'}
          size="small"
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      {!isOpen ? null : error !== null ? (
        <Banner tone="failed" shape="failed">
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 1000)}
        </Banner>
      ) : found === null ? (
        <SkeletonRows label="Looking for the commit" />
      ) : arrivals.length === 0 ? (
        <p className={styles.none}>{oneLine(found.note, 600)}</p>
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Context</th>
                <th scope="col">Object</th>
                <th scope="col">State</th>
                <th scope="col">Fetched</th>
                <th scope="col">Applied, failed</th>
                <th scope="col" className={styles.wide}>
                  Has now
                </th>
                <th scope="col" aria-label="What it changed" />
              </tr>
            </thead>
            <tbody>
              {shown.map((arrival) => (
                <ArrivalRow key={arrival.key} arrival={arrival} />
              ))}
            </tbody>
          </table>
          {shown.length < arrivals.length ? (
            <button type="button" className={styles.more} onClick={() => setAll(true)}>
              {(arrivals.length - shown.length).toLocaleString()} more
            </button>
          ) : null}
        </div>
      )}
    </section>
  )
}

function ArrivalRow({ arrival }: { readonly arrival: Arrival }): ReactElement {
  const { contexts, owner, source, state, fetchedAt, appliedAt, failedAt, revision, isSuspended, message } = arrival
  const ref = owner ?? source
  const { word, text } =
    isSuspended && state === 'fetched' ? { word: 'Suspended' as const, text: 'Behind the gate' } : states[state]
  return (
    <tr>
      <td className={styles.clip}>
        {contexts.length > 0 ? (
          oneLine(contexts.join(', '), 200)
        ) : (
          <span className={styles.faint} {...clippedTooltip(arrival.cluster)}>
            as recorded
          </span>
        )}
      </td>
      <td>
        {ref === null ? null : (
          <button type="button" className={styles.link} onClick={() => openObject(ref)}>
            <KindBadge kind={ref.kind} group={ref.group} />
            <span className={styles.clip}>{refTitle(ref)}</span>
          </button>
        )}
        {message === '' ? null : (
          <div className={classNames(styles.message, styles.clip)} {...clippedTooltip(manyLines(message, 1000))}>
            {oneLine(message, 300)}
          </div>
        )}
      </td>
      <td>
        <StatusChip word={word}>{text}</StatusChip>
      </td>
      <td className={styles.time}>{fetchedAt === null ? '' : <Age at={fetchedAt} isShort />}</td>
      <td className={styles.time}>
        {appliedAt !== null ? <Age at={appliedAt} isShort /> : failedAt === null ? '' : <Age at={failedAt} isShort />}
      </td>
      <td className={classNames(styles.sha, styles.wide, styles.clip)}>{oneLine(shortenRevision(revision), 80)}</td>
      <td>
        {owner === null || appliedAt === null || contexts.length === 0 ? null : (
          <IconButton
            icon="changes"
            label={`What it changed in ${refTitle(owner)}`}
            size="small"
            onClick={() => openComparison(owner, appliedAt - aroundMs, Math.min(appliedAt + aroundMs, Date.now()))}
          />
        )}
      </td>
    </tr>
  )
}

/** `3 applied, 1 failed`; '' where there are none. */
export function tally(arrivals: readonly Arrival[]): string {
  return arrivalStates
    .map((state) => ({
      text: states[state].text.toLowerCase(),
      count: arrivals.filter((each) => each.state === state).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ text, count }) => `${count.toLocaleString()} ${text}`)
    .join(', ')
}
