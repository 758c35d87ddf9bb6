/**
 * Where an object comes from, as a chain: Git commit, source, who applies it, the object; below that the same for who applies it. Each link leads
 * there. What belongs to what is the engine's.
 */
import type { ReactElement, ReactNode } from 'react'
import { shortenRevision } from '../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { TracedObject, TraceStep } from '../../../shared/model/trace.ts'
import { openOrigin } from '../../stores/drift-actions.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import type { IconName } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { Avatar } from '../../ui/timeline/timeline.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import styles from './trace-tab.module.css'

export function TraceTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const stream = useStream('trace.watch', { ref: reference })
  const trace = stream.items.values().next().value
  if (trace === undefined && stream.error !== null)
    return (
      <ViewState
        shape={stream.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title="It could not be traced"
        detail={manyLines(stream.error.detail, 2000)}
      >
        {manyLines([stream.error.message, stream.error.remedy].filter((text) => text !== '').join(' '), 2000)}
      </ViewState>
    )
  if (trace === undefined) return <SkeletonRows label="Tracing" />
  const { object, makers, steps, isComplete, note } = trace
  if (steps.length === 0)
    return (
      <ViewState shape="empty" title="Nothing applies it">
        {oneLine(note, 600)}
      </ViewState>
    )
  const below = [object, ...makers]
  return (
    <div className={styles.trace}>
      {steps.map((step, index) => (
        <section key={refTitle(step.owner.ref)} aria-label={`${step.object.kind} ${refTitle(step.object)} comes from`}>
          {index === 0 ? null : (
            <h2 className={styles.section}>
              {step.object.kind} {refTitle(step.object)} itself comes from
            </h2>
          )}
          <ol className={styles.chain}>
            <CommitLink step={step} isComplete={isComplete} />
            <SourceLink step={step} />
            <OwnerLink step={step} />
            {index === 0 ? (
              below
                .toReversed()
                .map((each, place) => (
                  <ObjectLink
                    key={`${each.ref.kind} ${refTitle(each.ref)}`}
                    traced={each}
                    how={place === 0 ? 'applied' : 'made'}
                    file={place === 0 ? <Place step={step} isComplete={isComplete} /> : null}
                  />
                ))
            ) : (
              <ObjectLink
                traced={steps[index - 1]?.owner ?? object}
                how="applied"
                file={<Place step={step} isComplete={isComplete} />}
              />
            )}
          </ol>
        </section>
      ))}
    </div>
  )
}

function Link({
  icon,
  mark,
  name,
  onOpen,
  facts,
  children,
}: {
  readonly icon?: IconName
  readonly mark?: ReactNode
  readonly name: ReactNode
  readonly onOpen: (() => void) | null
  readonly facts: ReactNode
  readonly children?: ReactNode
}): ReactElement {
  return (
    <li className={styles.link}>
      <span className={styles.point}>{mark ?? (icon === undefined ? null : <Icon name={icon} size={14} />)}</span>
      <div className={styles.body}>
        <div className={styles.line}>
          {onOpen === null ? (
            <span className={classNames(styles.name, styles.clip)}>{name}</span>
          ) : (
            <button type="button" className={classNames(styles.name, styles.open)} onClick={onOpen}>
              {name}
            </button>
          )}
          {facts}
        </div>
        {children}
      </div>
    </li>
  )
}

function CommitLink({ step, isComplete }: { readonly step: TraceStep; readonly isComplete: boolean }): ReactElement {
  const { commit, commitNote, originRevision, originUrl } = step
  if (commit === null)
    return (
      <Link
        icon="commit"
        name={originRevision === '' ? 'Commit' : oneLine(shortenRevision(originRevision), 80)}
        onOpen={null}
        facts={<span className={styles.note}>{isComplete ? oneLine(commitNote, 300) : 'Looking it up…'}</span>}
      >
        {originUrl === '' ? null : <div className={styles.faint}>{oneLine(originUrl, 300)}</div>}
      </Link>
    )
  const find = (): void => openView('history', `commit:${commit.sha}`)
  return (
    <Link
      mark={<Avatar name={commit.author} />}
      name={oneLine(commit.subject, 200)}
      onOpen={find}
      facts={
        <>
          <span className={styles.sha}>{commit.sha.slice(0, 7)}</span>
          <span className={styles.faint}>
            {oneLine(commit.author, 80)}, <Age at={commit.at} suffix=" ago" />
          </span>
          <Button size="small" icon="search" onClick={find}>
            Where is this change?
          </Button>
        </>
      }
    >
      {originRevision === '' ? null : (
        <div className={styles.faint}>
          The artifact says that it was made from {oneLine(shortenRevision(originRevision), 80)}
          {originUrl === '' ? '' : ` of ${oneLine(originUrl, 200)}`}
        </div>
      )}
    </Link>
  )
}

function SourceLink({ step }: { readonly step: TraceStep }): ReactElement | null {
  const { source } = step
  if (source === null) return null
  const { ref, revision, url, at } = source
  return (
    <Link
      icon="source"
      name={<Named reference={ref} />}
      onOpen={() => openObject(ref)}
      facts={
        <>
          <Chip traced={source} />
          {revision === '' ? null : <span className={styles.sha}>{oneLine(shortenRevision(revision), 80)}</span>}
          <span className={styles.faint}>
            fetched <Age at={at} suffix=" ago" />
          </span>
        </>
      }
    >
      {url === '' ? null : (
        <div className={classNames(styles.faint, styles.clip)} {...clippedTooltip(oneLine(url, 500))}>
          {oneLine(url, 300)}
        </div>
      )}
    </Link>
  )
}

function OwnerLink({ step }: { readonly step: TraceStep }): ReactElement {
  const { owner, revision, attempted, via, path } = step
  return (
    <Link
      icon={owner.ref.kind === 'HelmRelease' ? 'helm' : 'kustomization'}
      name={<Named reference={owner.ref} />}
      onOpen={() => openObject(owner.ref)}
      facts={
        <>
          <Chip traced={owner} />
          {revision === '' ? (
            <span className={styles.faint}>nothing applied yet</span>
          ) : (
            <>
              <span className={styles.sha}>{oneLine(shortenRevision(revision), 80)}</span>
              <span className={styles.faint}>
                applied <Age at={owner.at} suffix=" ago" />
              </span>
            </>
          )}
        </>
      }
    >
      {path === '' ? null : <div className={styles.mono}>{oneLine(path, 200)}</div>}
      {attempted === '' ? null : (
        <div className={styles.bad}>
          Could not apply {oneLine(shortenRevision(attempted), 80)}: {oneLine(owner.message, 400)}
        </div>
      )}
      {via === 'labels' ? (
        <div className={styles.warn}>
          Only its labels say so: the inventory does not list it. It may have been copied, or left behind.
        </div>
      ) : null}
    </Link>
  )
}

function ObjectLink({
  traced,
  how,
  file,
}: {
  readonly traced: TracedObject
  readonly how: 'applied' | 'made'
  readonly file: ReactNode
}): ReactElement {
  return (
    <Link
      icon="kinds"
      name={<Named reference={traced.ref} />}
      onOpen={() => openObject(traced.ref)}
      facts={
        <>
          <Chip traced={traced} />
          <span className={styles.faint}>
            {how === 'made' ? 'made ' : 'created '}
            <Age at={traced.at} suffix=" ago" />
          </span>
        </>
      }
    >
      {file}
    </Link>
  )
}

function Place({ step, isComplete }: { readonly step: TraceStep; readonly isComplete: boolean }): ReactElement {
  const { place, placeNote, owner, object } = step
  if (place === null)
    return <div className={styles.faint}>{isComplete ? oneLine(placeNote, 400) : 'Looking for its file…'}</div>
  const text = `${place.file}${place.line > 0 ? `:${place.line}` : ''}`
  return (
    <div className={styles.line}>
      <Icon name="file" size={12} />
      <button
        type="button"
        className={classNames(styles.mono, styles.open)}
        aria-label={`Open ${text} in the editor`}
        onClick={() => void openOrigin(owner.ref, object)}
      >
        {oneLine(text, 300)}
      </button>
    </div>
  )
}

function Named({ reference }: { readonly reference: ObjectRef }): ReactElement {
  return (
    <>
      <KindBadge kind={reference.kind} group={reference.group} />
      <span className={styles.clip}>{refTitle(reference)}</span>
    </>
  )
}

function Chip({ traced }: { readonly traced: TracedObject }): ReactElement | null {
  const { status } = traced
  return status === 'Current' ? null : (
    <StatusChip word={status}>{status === 'NotFound' ? 'Not there' : status}</StatusChip>
  )
}
