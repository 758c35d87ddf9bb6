/**
 * What changed between two points: objects at the left, at the right the fields of the selected one by origin, and its manifest at both points.
 * Its link carries whose history and which points; those are changed in place.
 */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import { changeOrigins } from '../../../shared/model/history-compare.ts'
import type {
  ChangedObject,
  ChangeOrigin,
  CompareScope,
  HistoryComparison,
} from '../../../shared/model/history-compare.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextOfCluster, contextsStore, contextsText, selectSelectedContexts } from '../../stores/contexts.ts'
import { canDrift } from '../../stores/drift.ts'
import { useComparison } from '../../stores/history-compare.ts'
import { moveComparison, parseComparePlace } from '../../stores/history-places.ts'
import type { ComparePlace } from '../../stores/history-places.ts'
import { navigationStore, openObject, openView } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { Button } from '../../ui/button/button.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { Split } from '../../ui/split/split.tsx'
import { formatDateTime, formatSpan } from '../../ui/timeline/timeline-words.ts'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { useIsNarrow } from '../../ui/media/media.ts'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { ChangedDetails } from './compare-details.tsx'
import { originWords, OriginSign } from './compare-origin.tsx'
import { MomentField } from './compare-moment-field.tsx'
import { LookUpFailedState, NoClusterState, leaveThePast } from './look-up-states.tsx'
import styles from './compare.module.css'

const noClusters: readonly string[] = []

export function CompareView(): ReactElement {
  const route = useStore(navigationStore, (state) => state.route)
  const place = useMemo(
    () => (route.page === 'view' && route.view === 'compare' ? parseComparePlace(route.filter) : null),
    [route],
  )
  useCommands({ escape: leaveThePast })
  if (place === null)
    return (
      <ViewState
        icon="changes"
        title="Nothing to compare"
        actions={<Button onClick={() => openView('history')}>Open History</Button>}
      >
        The link names no two points. Choose them in History.
      </ViewState>
    )
  return <Comparison place={place} />
}

function Comparison({ place }: { readonly place: ComparePlace }): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const width = useStore(uiStore, (state) => state.panels['compare'] ?? 360)
  const isNarrow = useIsNarrow()
  const [chosen, setChosen] = useState<string | null>(null)
  const [hidden, setHidden] = useState<ReadonlySet<ChangeOrigin>>(new Set())
  const { about, from, until } = place
  const cluster = about === null ? null : (contexts.get(about.context)?.cluster ?? null)
  const scope = useMemo((): CompareScope => {
    if (about === null)
      return {
        clusters: [...new Set(selected.flatMap((row) => (row.cluster === null ? [] : [row.cluster])))],
        owner: null,
        ref: null,
      }
    if (cluster === null) return { clusters: noClusters, owner: null, ref: null }
    const ref: ObjectRef = { cluster, ...about.ref }
    return { clusters: [cluster], owner: canDrift(ref) ? ref : null, ref: canDrift(ref) ? null : ref }
  }, [about, cluster, selected])
  const { value, error } = useComparison(scope, from, until)
  const objects = useMemo(() => shownObjects(value, hidden), [value, hidden])
  const current = objects.find(({ key }) => key === chosen) ?? objects[0] ?? null
  const times = value === null ? null : { from: value.from, until: value.until }
  const contextOf =
    about === null && selected.length > 1 ? (id: string) => contextOfCluster(contexts, id)?.name ?? id : undefined
  return (
    <>
      <div className="viewbar">
        <h1>What changed</h1>
        <span className="sub num">
          {about === null ? contextsText(selected) : `${about.ref.kind} ${oneLine(refTitle(about.ref), 200)}`}
        </span>
      </div>
      <div className={styles.points} role="group" aria-label="Points">
        <MomentField
          label="From"
          value={times?.from ?? from}
          onChange={(at) => moveComparison({ ...place, from: at })}
        />
        <MomentField
          label="to"
          value={times?.until ?? until}
          onChange={(at) => moveComparison({ ...place, until: at })}
        />
        <span className={styles.faint}>{times === null ? '' : formatSpan(times.until - times.from)}</span>
        <span className={styles.origins}>
          {changeOrigins.map((origin) => (
            <button
              key={origin}
              type="button"
              className={styles.toggle}
              aria-pressed={!hidden.has(origin)}
              onClick={() => {
                const next = new Set(hidden)
                if (!next.delete(origin)) next.add(origin)
                setHidden(next)
              }}
            >
              <OriginSign origin={origin} />
              {originWords[origin]} {countText(origin)}
            </button>
          ))}
        </span>
      </div>
      {renderBody()}
    </>
  )

  /** What is not known is no nought. */
  function countText(origin: ChangeOrigin): string {
    if (value !== null) return isUnwatched(value, scope.clusters) ? '?' : value.counts[origin].toLocaleString()
    return error === null && scope.clusters.length > 0 ? '…' : '?'
  }

  function renderBody(): ReactElement {
    if (scope.clusters.length === 0) return <NoClusterState />
    if (error !== null) return <LookUpFailedState title="The two points could not be compared" error={error} />
    if (value === null || times === null) return <SkeletonRows label="Comparing" />
    return (
      <>
        <Doubts comparison={value} contextOf={contextOf} />
        {objects.length === 0 || current === null ? (
          <NothingChanged comparison={value} clusters={scope.clusters} />
        ) : (
          <Split
            label="Resize objects"
            width={isNarrow ? 280 : width}
            min={240}
            max={640}
            end={false}
            onWidth={(px) => uiStore.setState((state) => ({ panels: { ...state.panels, compare: px } }))}
            side={
              <ObjectList
                objects={objects}
                total={value.total}
                current={current.key}
                onChoose={setChosen}
                contextOf={contextOf}
              />
            }
            main={<ChangedDetails key={current.key} object={current} times={times} />}
          />
        )}
      </>
    )
  }
}

function NothingChanged({
  comparison,
  clusters,
}: {
  readonly comparison: HistoryComparison
  readonly clusters: readonly string[]
}): ReactElement {
  if (comparison.total > 0)
    return (
      <ViewState icon="changes" title="Nothing of these origins changed">
        Show the other origins again.
      </ViewState>
    )
  if (isUnwatched(comparison, clusters))
    return (
      <ViewState shape="unknown" title="Nothing is known of this time">
        Choose another one, or look at what was found afterwards in History.
      </ViewState>
    )
  return (
    <ViewState icon="changes" title="Nothing changed">
      {comparison.gaps.length > 0
        ? 'Of the time in which Sluice watched, that is.'
        : 'Git, the cluster and everybody’s hands left it as it was.'}
    </ViewState>
  )
}

/** Nothing was found, and nobody looked at any time. */
function isUnwatched({ total, gaps, from, until }: HistoryComparison, clusters: readonly string[]): boolean {
  return (
    total === 0 &&
    clusters.every((cluster) => gaps.some((gap) => gap.cluster === cluster && gap.from <= from && gap.until >= until))
  )
}

function shownObjects(value: HistoryComparison | null, hidden: ReadonlySet<ChangeOrigin>): readonly ChangedObject[] {
  if (value === null || hidden.size === 0) return value?.objects ?? []
  return value.objects.flatMap((object) => {
    const fields = object.fields.filter(({ origin }) => !hidden.has(origin))
    const git = hidden.has('git') ? null : object.git
    return fields.length === 0 && git === null ? [] : [{ ...object, fields, git }]
  })
}

function Doubts({
  comparison,
  contextOf,
}: {
  readonly comparison: HistoryComparison
  readonly contextOf: ((cluster: string) => string) | undefined
}): ReactElement | null {
  const { gaps, notes } = comparison
  if (gaps.length === 0 && notes.length === 0) return null
  return (
    <div className={styles.doubts}>
      {gaps.length > 0 && (
        <Banner tone="unknown">
          <b>More may have happened.</b>{' '}
          {gaps
            .slice(0, 3)
            .map(
              ({ kind, cluster, from, until }) =>
                `${kind === 'off' ? 'Sluice did not watch' : 'The cluster could not be reached'}${
                  contextOf === undefined ? '' : ` (${contextOf(cluster)})`
                } from ${formatDateTime(from)} to ${formatDateTime(until)}.`,
            )
            .join(' ')}
          {gaps.length > 3 ? ` And ${(gaps.length - 3).toLocaleString()} more times.` : ''}
        </Banner>
      )}
      {notes.length > 0 && (
        <Banner tone="unknown">
          {notes.slice(0, 4).map((note) => (
            <div key={note}>{manyLines(note, 600)}</div>
          ))}
          {notes.length > 4 ? <div>And {(notes.length - 4).toLocaleString()} more.</div> : null}
        </Banner>
      )}
    </div>
  )
}

function ObjectList({
  objects,
  total,
  current,
  onChoose,
  contextOf,
}: {
  readonly objects: readonly ChangedObject[]
  readonly total: number
  readonly current: string
  readonly onChoose: (key: string) => void
  readonly contextOf: ((cluster: string) => string) | undefined
}): ReactElement {
  const at = objects.findIndex(({ key }) => key === current)
  const move = (index: number): void => {
    const next = objects[index]
    if (next !== undefined) onChoose(next.key)
  }
  return (
    <div className={styles.side}>
      <div className={styles.sideHead}>
        {formatCountOf(objects.length, 'object')}
        {total > objects.length ? <span className={styles.faint}>of {total.toLocaleString()}</span> : null}
      </div>
      <ul
        role="listbox"
        aria-label="Changed objects"
        tabIndex={0}
        className={styles.list}
        aria-activedescendant={at < 0 ? undefined : `changed-${at}`}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return
          if (event.key === 'ArrowDown' || event.key === 'j') move(at + 1)
          else if (event.key === 'ArrowUp' || event.key === 'k') move(at - 1)
          else if (event.key === 'Enter' && objects[at] !== undefined) openObject(objects[at].ref)
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      >
        {objects.map((object, index) => (
          <li
            key={object.key}
            id={`changed-${index}`}
            role="option"
            aria-selected={object.key === current}
            aria-label={`${object.ref.kind} ${refTitle(object.ref)}, ${summaryOf(object)}`}
            className={styles.item}
            onClick={() => onChoose(object.key)}
            onDoubleClick={() => openObject(object.ref)}
          >
            <div className={styles.itemLine}>
              <KindBadge kind={object.ref.kind} group={object.ref.group} />
              <span className={styles.clip}>{oneLine(refTitle(object.ref), 300)}</span>
              <span className={styles.signs}>
                {changeOrigins
                  .filter((origin) => hasOrigin(object, origin))
                  .map((origin) => (
                    <OriginSign key={origin} origin={origin} />
                  ))}
              </span>
            </div>
            <div className={styles.itemText}>
              <span className={styles.clip}>{summaryOf(object)}</span>
              {contextOf !== undefined && <span className={styles.context}>{contextOf(object.ref.cluster)}</span>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}

function hasOrigin({ git, fields }: ChangedObject, origin: ChangeOrigin): boolean {
  return (origin === 'git' && git !== null) || fields.some((field) => field.origin === origin)
}

function summaryOf({ git, fields }: ChangedObject): string {
  if (git === 'added') return 'added in Git'
  if (git === 'removed') return 'removed from Git'
  const [first] = fields
  if (first === undefined) return git === 'changed' ? 'changed in Git, in what is not compared' : ''
  const more = fields.length > 1 ? `, and ${(fields.length - 1).toLocaleString()} more` : ''
  return `${oneLine(first.path, 120)} ${oneLine(first.before ?? 'absent', 80)} → ${oneLine(first.after ?? 'absent', 80)}${more}`
}
