/** The line that says how far a comparison can be trusted: what was rendered, whether it is what the controller made, when it was compared. */
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { formatCountOf } from '../../../../shared/lib/format/numbers.ts'
import type { ArtifactOrigin, DriftOwner, RevisionCommit } from '../../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { compareAgain, useRemedies } from '../../../stores/drift-actions.ts'
import { Button } from '../../../ui/button/button.tsx'
import type { StatusShape } from '../../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../../ui/text/plain-text.ts'
import { Age } from '../../../ui/time/age.tsx'
import { formatRevision } from '../../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../../ui/tooltip/tooltip.tsx'
import { Banner } from '../../../ui/view-state/view-state.tsx'
import styles from './drift-tab.module.css'

const origins: Readonly<Record<ArtifactOrigin, string>> = {
  storage: "the controller's own artifact",
  storageThroughApi: "the controller's own artifact, through the API server",
  storageThroughProxy: "the controller's own artifact, through the API server's proxy to its service",
  git: 'read from Git directly',
  folder: 'from the folder that you mapped',
  releaseStorage: "from Helm's own storage",
}

const ownOrigins: ReadonlySet<ArtifactOrigin> = new Set(['storage', 'storageThroughApi', 'storageThroughProxy'])

interface Word {
  readonly tone: 'ok' | 'drifted' | 'unknown'
  readonly shape: StatusShape
  readonly title: string
}

/** The word of the banner: verified green, differs amber, none and approximate grey. */
export function fidelityWord(owner: DriftOwner): Word {
  const { fidelity, isApproximate } = owner
  if (fidelity?.word === 'differs') return { tone: 'drifted', shape: 'drifted', title: 'Digest differs' }
  if (isApproximate) return { tone: 'unknown', shape: 'unknown', title: 'Approximate: compared without dry-run' }
  if (fidelity?.word === 'verified')
    return { tone: 'ok', shape: 'ready', title: 'Rendered exactly as the controller did (digest equal)' }
  return { tone: 'unknown', shape: 'unknown', title: 'No digest to compare' }
}

export function FidelityBanner({
  reference,
  owner,
}: {
  readonly reference: ObjectRef
  readonly owner: DriftOwner | undefined
}): ReactElement {
  const isChecking = owner?.state === 'checking'
  const again = (
    <Button
      size="small"
      icon="reconcile"
      offReason={isChecking ? 'It is being compared now' : ''}
      aria-busy={isChecking || undefined}
      onClick={() => void compareAgain(reference)}
    >
      {isChecking ? 'Comparing…' : 'Compare again'}
    </Button>
  )
  if (owner === undefined || (owner.checkedAt === null && owner.error === null))
    return (
      <Banner tone="unknown" shape={isChecking ? 'progressing' : 'waiting'} actions={again}>
        <b className="medium">{isChecking ? 'Being compared' : 'Not yet compared'}</b>
        <span className={styles.facts}>Nothing is known of drift before that.</span>
      </Banner>
    )
  return (
    <>
      {owner.error !== null ? <FailureBanner reference={reference} owner={owner} /> : null}
      {owner.checkedAt !== null ? <ResultBanner owner={owner} again={again} /> : null}
    </>
  )
}

function ResultBanner({ owner, again }: { readonly owner: DriftOwner; readonly again: ReactNode }): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const { tone, shape, title } = fidelityWord(owner)
  const { fidelity } = owner
  const reasons = fidelity?.reasons ?? []
  const assumptions = fidelity?.assumptions ?? []
  const notes = [...(fidelity?.word === 'differs' || owner.isApproximate ? reasons : []), ...assumptions]
  const firstReason = fidelity?.word === 'verified' ? '' : (reasons[0] ?? '')
  const digest = fidelity?.digest ?? ''
  const revision = formatRevision(fidelity?.revision ?? '')
  const isApplied = fidelity?.origin !== 'releaseStorage'
  // The controller's own artifact goes without saying; the tooltip has it.
  const isOwn = fidelity != null && ownOrigins.has(fidelity.origin)
  const isDigestShown = digest !== '' && fidelity?.word === 'verified'
  // After a digest it goes on, after a sentence it begins one.
  const before = isDigestShown ? 'of' : isApplied ? 'Built from' : 'Release'
  return (
    <>
      <Banner
        tone={tone}
        shape={shape}
        actions={
          <>
            {notes.length > 0 ? (
              <Button size="small" variant="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                {notesLabel(fidelity?.word === 'differs' ? reasons.length : 0, assumptions.length)}
              </Button>
            ) : null}
            {again}
          </>
        }
      >
        <span className={styles.bannerLine}>
          <b className="medium">{title}</b>
          <span
            className={styles.facts}
            {...clippedTooltip(
              `${firstReason} ${fidelity === null ? '' : `${fidelity.revision}, ${origins[fidelity.origin]}. ${digest}`}`,
            )}
          >
            {isDigestShown ? <span className="sha">{digest.slice(0, 15)}… </span> : null}
            {firstReason === '' ? null : `${oneLine(firstReason, 300)} `}
            {revision === ''
              ? null
              : `${before} ${oneLine(revision, 80)}${isApplied ? ', the applied revision' : ''}${isOwn || fidelity === null ? '' : `, ${origins[fidelity.origin]}`}`}
            {revision === '' ? null : owner.commit === null ? '. ' : <CommitNote commit={owner.commit} />}
            Compared with the cluster{owner.isApproximate ? ', structure by structure,' : ' by dry-run'}{' '}
            <Age at={owner.checkedAt} suffix=" ago" />.
          </span>
        </span>
      </Banner>
      {isOpen && notes.length > 0 ? (
        <ul className={styles.notes} aria-label="What this rests on">
          {notes.slice(0, 50).map((note, index) => (
            // Sentences have no identity but their place.
            <li key={index}>{manyLines(note, 600)}</li>
          ))}
        </ul>
      ) : null}
    </>
  )
}

/** Who made the revision, when and why. What a repository says is text. */
function CommitNote({ commit }: { readonly commit: RevisionCommit }): ReactElement {
  const { sha, author, at, subject } = commit
  return (
    <>
      {': '}
      <span aria-label="Commit" role="group" {...tooltip(`${sha}\n${oneLine(subject, 500)}`)}>
        {oneLine(subject, 100)}, {oneLine(author, 60)}, <Age at={at} suffix=" ago" />
      </span>
      {'. '}
    </>
  )
}

function notesLabel(reasons: number, assumptions: number): string {
  const parts = [
    reasons > 0 ? formatCountOf(reasons, 'reason') : '',
    assumptions > 0 ? formatCountOf(assumptions, 'assumption') : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Why' : parts.join(', ')
}

function FailureBanner({
  reference,
  owner,
}: {
  readonly reference: ObjectRef
  readonly owner: DriftOwner
}): ReactElement {
  const remedies = useRemedies(reference, owner.error)
  const { error } = owner
  const isForbidden = error?.code === 'Forbidden'
  return (
    <Banner
      tone={isForbidden ? 'unknown' : 'failed'}
      shape={isForbidden ? 'forbidden' : 'failed'}
      actions={remedies.map(({ key, label, run }) => (
        <Button key={`${key} ${label}`} size="small" onClick={run}>
          {label}
        </Button>
      ))}
    >
      <b className="medium">{owner.checkedAt === null ? 'Could not be compared.' : 'Could not be compared again.'}</b>{' '}
      <span className="selectable">{manyLines(error?.message ?? '', 1000)}</span>
      {[error?.detail ?? '', error?.remedy ?? '']
        .filter((text) => text !== '')
        .map((text) => (
          <span key={text} className={styles.problemText}>
            {manyLines(text, 1000)}
          </span>
        ))}
      {owner.checkedAt === null ? (
        <span className={styles.problemText}>Whether it drifts is not known.</span>
      ) : (
        <span className={styles.problemText}>
          What stands below was found <Age at={owner.checkedAt} suffix=" ago" />.
        </span>
      )}
    </Banner>
  )
}
