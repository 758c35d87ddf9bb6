/** One entry of a timeline with everything that was kept of it: text untrusted, shown as text. */
import type { ReactElement, ReactNode } from 'react'
import { durationMs } from '../../../shared/flux/durations.ts'
import { parseRevision } from '../../../shared/flux/revision.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { Button, IconButton } from '../button/button.tsx'
import { KindBadge } from '../kind-badge/kind-badge.tsx'
import { StatusChip, StatusMark } from '../status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../text/plain-text.ts'
import { formatMoment } from '../../../shared/lib/format/time.ts'
import type { TimelineRow } from './timeline-model.ts'
import { Avatar } from './timeline.tsx'
import { formatDateTime, formatSpan, outcomeText, rowTitle } from './timeline-words.ts'
import styles from './entry-details.module.css'

export function EntryDetails({
  row,
  around,
  onOpen,
  onWhere,
  onClose,
  actions,
}: {
  readonly row: TimelineRow
  /** Events of the same owner at that time, oldest first. */
  readonly around: readonly HistoryEntry[]
  readonly onOpen: (ref: ObjectRef) => void
  readonly onWhere?: ((sha: string) => void) | undefined
  readonly onClose: () => void
  /** Below the head: what can be looked up about it. */
  readonly actions?: ReactNode
}): ReactElement {
  const { entry, commit, outcome } = row
  const { ref } = entry
  const sha = commitSha(commit?.revision ?? entry.revision)
  return (
    <aside className={styles.details} aria-label={`Details of ${rowTitle(row)}`}>
      <div className={styles.head}>
        <div className={styles.line}>
          {commit !== null && <Avatar name={commit.by} isLarge />}
          <div className={styles.grow}>
            <div className={styles.title}>{rowTitle(row)}</div>
            <div className={styles.faint}>
              {commit === null
                ? formatMoment(entry.at)
                : `${oneLine(commit.by, 100)}, ${formatDateTime(commit.at)} · ${parseRevision(commit.revision).digest.slice(0, 12)}`}
            </div>
          </div>
          {outcome !== null && (
            <StatusChip word={outcome.isGood ? 'Ready' : 'Failed'}>{outcomeText(outcome)}</StatusChip>
          )}
          <IconButton icon="close" label="Close details" size="small" onClick={onClose} />
        </div>
        {sha !== '' && onWhere !== undefined && (
          <div className={styles.line}>
            <Button size="small" icon="commit" onClick={() => onWhere(sha)}>
              Where is this change?
            </Button>
          </div>
        )}
        {ref !== null && (
          <div className={styles.line}>
            <KindBadge kind={ref.kind} group={ref.group} />
            <span className={styles.clip}>{refTitle(ref)}</span>
            <Button size="small" onClick={() => onOpen(ref)}>
              Open
            </Button>
          </div>
        )}
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {entry.message !== '' && entry.message !== entry.revision && (
        <section aria-label="Message">
          <p className={styles.message}>{manyLines(entry.message, 20_000)}</p>
        </section>
      )}
      <section aria-label="Facts">
        <dl className={styles.facts}>
          <Fact name="When">{formatMoment(entry.at)}</Fact>
          {commit !== null && entry.type !== 'run' && <Fact name="Commit">{oneLine(commit.message, 400)}</Fact>}
          <Fact name="Reason">{oneLine(entry.reason, 200)}</Fact>
          {entry.by !== '' && <Fact name="By">{oneLine(entry.by, 200)}</Fact>}
          {entry.revision !== '' && (
            <Fact name="Revision">
              <span className={styles.mono}>{oneLine(entry.revision, 300)}</span>
            </Fact>
          )}
          {Object.entries(entry.facts ?? {}).map(([name, value]) => {
            const text = factText(name, value)
            return text === '' ? null : (
              <Fact key={name} name={factName(name)}>
                {text}
              </Fact>
            )
          })}
          {entry.isBackfilled && <Fact name="Found">Later, in what the cluster, Helm or Git still knew</Fact>}
        </dl>
      </section>
      {around.length > 0 && (
        <section aria-label="Events">
          <div className={styles.section}>
            Events <span className={styles.faint}>recorded by Sluice</span>
          </div>
          {around.map((event) => (
            <div key={event.key} className={styles.event}>
              <time>{formatDateTime(event.at).split(' ').at(-1)}</time>
              <StatusMark shape={event.tone === 'bad' ? 'failed' : 'ready'} size={14} />
              <div>
                <span className={styles.medium}>{oneLine(event.reason, 100)}</span>
                <div className={styles.text}>{manyLines(event.message, 600)}</div>
              </div>
            </div>
          ))}
        </section>
      )}
    </aside>
  )
}

/** '' of what is no commit: digests of artifacts, versions of charts. */
function commitSha(revision: string): string {
  const { algorithm, digest } = parseRevision(revision)
  return algorithm === 'sha1' ? digest : ''
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** `originRevision` → `Origin revision`. */
function factName(name: string): string {
  const words = oneLine(name, 60)
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Times are told apart by their size: what else is kept as a number is small. */
function factText(name: string, value: unknown): string {
  // As controllers write it: `135.020181ms`.
  const ms = name === 'duration' ? durationMs(value) : null
  if (ms !== null) return formatSpan(ms)
  if (typeof value === 'number') return value > 1e12 ? formatMoment(value) : value.toLocaleString()
  if (typeof value === 'string') return oneLine(value, 600)
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (Array.isArray(value)) return oneLine(value.filter((each) => typeof each === 'string').join(', '), 600)
  return ''
}
