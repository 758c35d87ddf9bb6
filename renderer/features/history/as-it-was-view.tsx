/**
 * One object as it was known at a time: its word, its gate, what was applied, its drift then, and its manifest. Marked as past throughout; nothing can be
 * done to it from here.
 */
import { lazy, Suspense, useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import type { ObjectAsItWas } from '../../../shared/model/history-compare.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { formatMoment } from '../../../shared/lib/format/time.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextsStore } from '../../stores/contexts.ts'
import { useAsItWas } from '../../stores/history-compare.ts'
import { moveThen, openComparison, openThen, parseThenPlace } from '../../stores/history-places.ts'
import type { ThenPlace } from '../../stores/history-places.ts'
import { navigationStore, openObject, openView } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { Button } from '../../ui/button/button.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { Split } from '../../ui/split/split.tsx'
import { StatusChip, StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { formatDateTime, formatTime } from '../../ui/timeline/timeline-words.ts'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { formatRevision } from '../../ui/time/format-time.ts'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { MomentField } from './compare-moment-field.tsx'
import { LookUpFailedState, NoClusterState, leaveThePast } from './look-up-states.tsx'
import styles from './compare.module.css'

const YamlView = lazy(async () => ({ default: (await import('../../editor/yaml-view.tsx')).YamlView }))

export function AsItWasView(): ReactElement {
  const route = useStore(navigationStore, (state) => state.route)
  const place = useMemo(
    () => (route.page === 'view' && route.view === 'moment' ? parseThenPlace(route.filter) : null),
    [route],
  )
  useCommands({ escape: leaveThePast })
  if (place === null)
    return (
      <ViewState
        icon="clock"
        title="No object and no time"
        actions={<Button onClick={() => openView('history')}>Open History</Button>}
      >
        The link names none. Choose an entry in History.
      </ViewState>
    )
  return <Moment place={place} />
}

function Moment({ place }: { readonly place: ThenPlace }): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const { about, at } = place
  const context = contexts.get(about.context) ?? null
  const cluster = context?.cluster ?? null
  const ref = useMemo((): ObjectRef | null => (cluster === null ? null : { cluster, ...about.ref }), [cluster, about])
  const { value, error } = useAsItWas(ref, at)
  const title = refTitle(about.ref)
  return (
    <>
      <div className="viewbar">
        <h1>As it was</h1>
        <KindBadge kind={about.ref.kind} group={about.ref.group} />
        <span className="sub">
          {oneLine(title, 300)}
          {context === null ? '' : ` in ${oneLine(context.name, 120)}`}
        </span>
      </div>
      <div className={styles.points} role="group" aria-label="Time">
        <MomentField label="At" value={at} onChange={(next) => moveThen({ ...place, at: next })} />
        <span className={styles.headEnd}>
          <Button size="small" icon="changes" offReason={offOf(ref)} onClick={() => compareWithNow(ref, at)}>
            Compare with now
          </Button>
          <Button size="small" offReason={offOf(ref)} onClick={() => ref !== null && openObject(ref)}>
            Open as it is now
          </Button>
        </span>
      </div>
      <div className={styles.doubts}>
        <Banner tone="suspended">
          <b>As it was at {formatMoment(at)}.</b> Not as it is: nothing can be done to it from here.
        </Banner>
        {value?.gap != null && (
          <Banner tone="unknown">
            Sluice did not watch from {value.gap.from === 0 ? 'the beginning' : formatDateTime(value.gap.from)} to{' '}
            {formatDateTime(value.gap.until)}: what is shown is what was known before, or found later.
          </Banner>
        )}
      </div>
      {renderBody()}
    </>
  )

  function renderBody(): ReactElement {
    if (ref === null) return <NoClusterState />
    if (error !== null) return <LookUpFailedState title="What was could not be looked up" error={error} />
    if (value === null) return <SkeletonRows label="Looking it up" />
    if (!value.isKnown)
      return (
        <ViewState icon="history" title="Nothing is known of it at that time">
          Sluice had not seen it yet, or no longer keeps what it saw.
        </ViewState>
      )
    return <Known then={value} />
  }
}

function offOf(ref: ObjectRef | null): string {
  return ref === null ? 'No selected context leads to its cluster' : ''
}

function compareWithNow(ref: ObjectRef | null, at: number): void {
  if (ref !== null) openComparison(ref, at, Date.now())
}

function Known({ then }: { readonly then: ObjectAsItWas }): ReactElement {
  const width = useStore(uiStore, (state) => state.panels['moment'] ?? 420)
  const isNarrow = useIsNarrow()
  const pages = useMemo(() => [then.manifest], [then.manifest])
  return (
    <Split
      label="Resize what is known"
      width={isNarrow ? 320 : width}
      min={260}
      max={640}
      end={false}
      onWidth={(px) => uiStore.setState((state) => ({ panels: { ...state.panels, moment: px } }))}
      side={<Facts then={then} />}
      main={
        <section className={styles.details} aria-label="Manifest">
          <div className={styles.head}>
            <b>Manifest</b>
            {then.revision === '' ? null : <span className="sha">{oneLine(formatRevision(then.revision), 120)}</span>}
            <span className={styles.faint}>{manyLines(then.manifestNote, 400)}</span>
          </div>
          {then.manifest === '' ? (
            <ViewState icon="file" title="No manifest of that time">
              {then.manifestNote}
            </ViewState>
          ) : (
            <div className={styles.manifests}>
              <Suspense fallback={<SkeletonRows label="Loading the editor" count={6} />}>
                <YamlView label={`Manifest of ${then.ref.kind} ${refTitle(then.ref)} as it was`} pages={pages} />
              </Suspense>
            </div>
          )}
        </section>
      }
    />
  )
}

function Facts({ then }: { readonly then: ObjectAsItWas }): ReactElement {
  const { status, gate, revision, appliedAt, commit, drift, events, objects, owner, ref, at } = then
  return (
    <div className={styles.side}>
      <div className={styles.facts}>
        <dl className={styles.factList}>
          <Fact name="Status">
            {then.isDeleted ? (
              'Deleted'
            ) : status === null ? (
              <span className={styles.faint}>not known</span>
            ) : (
              <>
                <StatusChip word={status.word}>{status.word}</StatusChip>{' '}
                <span className={styles.faint}>
                  {status.since === null ? 'since before' : `since ${formatDateTime(status.since)}`}
                </span>
                {status.reason !== '' && <div>{oneLine(status.reason, 200)}</div>}
                {status.message !== '' && <div className={styles.message}>{manyLines(status.message, 4000)}</div>}
              </>
            )}
          </Fact>
          {gate !== null && (
            <Fact name="Gate">
              {gate.isSuspended ? 'Suspended' : 'Open'}
              {gate.by === '' ? '' : ` by ${oneLine(gate.by, 120)}`}{' '}
              <span className={styles.faint}>
                {gate.isSuspended && gate.by === '' && gate.reason === ''
                  ? `until ${formatDateTime(gate.since)}`
                  : `since ${formatDateTime(gate.since)}`}
                {gate.until === null ? '' : `, until ${formatDateTime(gate.until)}`}
              </span>
              {gate.reason !== '' && <div>{oneLine(gate.reason, 400)}</div>}
            </Fact>
          )}
          {revision !== '' && (
            <Fact name="Revision">
              <span className={styles.mono}>{oneLine(revision, 300)}</span>
              {appliedAt !== null && <div className={styles.faint}>since {formatDateTime(appliedAt)}</div>}
              {commit !== null && (
                <div>
                  {oneLine(commit.subject, 300)} <span className={styles.faint}>{oneLine(commit.author, 120)}</span>
                </div>
              )}
            </Fact>
          )}
          {owner !== null && refKey(owner) !== refKey(ref) && (
            <Fact name="Applied by">
              <ThenLink object={owner} at={at} />
            </Fact>
          )}
        </dl>
        {drift.length > 0 && (
          <section aria-label="Drift then">
            <h2 className={styles.originHead}>Drift then</h2>
            <ul className={styles.plainList}>
              {drift.map((each) => (
                <li key={refKey(each.ref)}>
                  <StatusMark shape="drifted" size={14} />
                  <div>
                    {refKey(each.ref) === refKey(ref) ? null : <ThenLink object={each.ref} at={at} />}
                    <div>{oneLine(each.summary, 400)}</div>
                    <div className={styles.faint}>
                      {each.by === '' ? '' : `${oneLine(each.by, 120)}, `}since {formatDateTime(each.since)}
                    </div>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        )}
        {events.length > 0 && (
          <section aria-label="Events of the hour before">
            <h2 className={styles.originHead}>Events of the hour before</h2>
            <ul className={styles.plainList}>
              {events.map((event, index) => (
                <li key={`${event.at}-${index}`}>
                  <StatusMark shape={event.isBad ? 'failed' : 'ready'} size={14} />
                  <div>
                    <b>{oneLine(event.reason, 100)}</b> <span className={styles.faint}>{formatTime(event.at)}</span>
                    <div className={styles.message}>{manyLines(event.message, 600)}</div>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        )}
        {objects.length > 0 && (
          <section aria-label="Objects then">
            <h2 className={styles.originHead}>
              Its objects then <span className={styles.faint}>{objects.length.toLocaleString()}</span>
            </h2>
            <ul className={styles.plainList}>
              {objects.slice(0, 300).map((each) => (
                <li key={refKey(each)}>
                  <ThenLink object={each} at={at} />
                </li>
              ))}
            </ul>
            {objects.length > 300 && (
              <p className={styles.faint}>And {(objects.length - 300).toLocaleString()} more.</p>
            )}
          </section>
        )}
      </div>
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function ThenLink({ object, at }: { readonly object: ObjectRef; readonly at: number }): ReactElement {
  return (
    <button type="button" className={styles.thenLink} onClick={() => openThen(object, at)}>
      <KindBadge kind={object.kind} group={object.group} />
      <span className={styles.clip}>{oneLine(refTitle(object), 300)}</span>
    </button>
  )
}
