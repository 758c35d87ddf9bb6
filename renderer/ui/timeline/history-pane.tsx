/** A timeline with its strip, its kinds and the details of what is selected: the same for the whole fleet and for one object. */
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { isGateTurn } from '../../../shared/model/history.ts'
import type { HistoryBucket, HistoryEntry, HistoryType } from '../../../shared/model/history.ts'
import type { HistoryBand } from '../../../shared/model/history-compare.ts'
import { isSameRef } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { Button } from '../button/button.tsx'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import { Menu } from '../menu/menu.tsx'
import type { MenuEntry } from '../menu/menu.tsx'
import { useIsNarrow } from '../media/media.ts'
import { Split } from '../split/split.tsx'
import { manyLines } from '../text/plain-text.ts'
import { Banner, SkeletonRows, ViewState } from '../view-state/view-state.tsx'
import { EntryDetails } from './entry-details.tsx'
import { buildTimeline } from './timeline-model.ts'
import type { TimelineRow } from './timeline-model.ts'
import { formatDateTime, startOfDay } from './timeline-words.ts'
import { Timeline } from './timeline.tsx'
import type { TimelineProps } from './timeline.tsx'
import { WeekStrip } from './week-strip.tsx'
import type { Range } from './week-strip.tsx'
import type { Week } from './use-week.ts'
import styles from './history-pane.module.css'

/** What can be shown and hidden together. */
export const historyGroups = [
  { id: 'runs', label: 'Runs', icon: 'reconcile', types: ['run', 'commit', 'artifact'] },
  { id: 'status', label: 'Status', icon: 'check', types: ['status', 'condition', 'object'] },
  { id: 'gate', label: 'Gate', icon: 'water', types: ['gate', 'action'] },
  { id: 'drift', label: 'Drift', icon: 'drift', types: ['drift'] },
  { id: 'events', label: 'Events', icon: 'events', types: ['event'] },
] as const satisfies readonly {
  readonly id: string
  readonly label: string
  readonly icon: IconName
  readonly types: readonly HistoryType[]
}[]
export type HistoryGroup = (typeof historyGroups)[number]['id']

/** Entry types of these groups, and those that are always there: stretches in which nobody looked are never hidden. */
export function typesOf(groups: ReadonlySet<HistoryGroup>): readonly HistoryType[] {
  return ['session', ...historyGroups.filter(({ id }) => groups.has(id)).flatMap(({ types }) => types)]
}

/** Types of the groups that are not shown. */
export function hiddenTypes(groups: ReadonlySet<HistoryGroup>): Readonly<Record<string, readonly HistoryType[]>> {
  return Object.fromEntries(historyGroups.filter(({ id }) => !groups.has(id)).map(({ id, types }) => [id, types]))
}

export interface HistoryPaneProps {
  readonly label: string
  /** Newest first, of the groups that are shown. */
  readonly entries: readonly HistoryEntry[]
  /** What revisions of these are in Git. */
  readonly commits: readonly HistoryEntry[]
  readonly isReady: boolean
  readonly error: SluiceErrorData | null
  readonly onMore: () => void
  readonly now: number
  /** Of the strip. */
  readonly week: Week
  readonly buckets: readonly HistoryBucket[]
  readonly groups: ReadonlySet<HistoryGroup>
  readonly onGroups: (groups: ReadonlySet<HistoryGroup>) => void
  /** One Kustomization or HelmRelease whose channel is drawn; absent: many. */
  readonly about?: ObjectRef | undefined
  /** At the end of what is shown. */
  readonly isClosedNow?: boolean
  /** Each new commit is run by it. */
  readonly runsCommits?: boolean
  /** A commit that nothing ran is a row. */
  readonly hasCommitRows?: boolean
  /** The same function while it answers the same. */
  readonly contextOf?: ((cluster: string) => string) | undefined
  /** When other contexts got a revision; the same function while it answers the same. */
  readonly arrivalsOf?: TimelineProps['arrivalsOf']
  /** How many entries of a group there are in the range, of those that are hidden; absent: not known. */
  readonly hiddenCounts?: Readonly<Partial<Record<HistoryGroup, number>>>
  readonly onOpen: (ref: ObjectRef) => void
  /** "Where is this change?", by the commit's hash. */
  readonly onWhere?: ((sha: string) => void) | undefined
  readonly width: number
  readonly onWidth: (width: number) => void
  /** Stretches over the strip's range; absent: only what the entries tell. */
  readonly bands?: readonly HistoryBand[] | undefined
  /** Two points: of the entry's owner, of everything shown where it is null. Absent: they cannot be compared here. */
  readonly onCompare?: ((points: Range, entry: HistoryEntry | null) => void) | undefined
  readonly onThen?: ((ref: ObjectRef, at: number) => void) | undefined
  /** When history was looked at before; null: never. */
  readonly lastLook?: number | null
  /** Under the tools: how much is kept. */
  readonly note: ReactNode
  /** Why nothing is written down now; '' while all is well. */
  readonly problem?: string | undefined
  /** What became of an older file; '' where nothing did. */
  readonly warning?: string | undefined
  /** Where there is nothing: what would be. */
  readonly empty: string
  /** Instead, while something is looked for. */
  readonly noMatch?: ReactElement | undefined
}

const hourMs = 3_600_000
/** What belongs to an entry is written within so long of it. */
const settleMs = 1000
/** Events within so long of an entry are shown beside it. */
const aroundMs = 120_000
const maxAround = 20

export function HistoryPane(props: HistoryPaneProps): ReactElement {
  const { entries, commits, isReady, error, groups, onGroups, about, isClosedNow = false, now, onMore } = props
  const { problem = '', warning = '', runsCommits = false, hasCommitRows = false } = props
  const { range, brush, setBrush, isPast } = props.week
  const isWhole = brush === null && !isPast
  const end = Math.min(now, brush?.until ?? range.until)
  const [selected, setSelected] = useState<TimelineRow | null>(null)
  const isNarrow = useIsNarrow()
  const [isDetailsOpen, setDetailsOpen] = useState(!isNarrow)
  const items = useMemo(
    () =>
      buildTimeline(entries, {
        hasChannel: about !== undefined,
        isClosedNow,
        // What ran after the end is not among the entries.
        runsCommits: runsCommits && !isPast,
        hasCommitRows,
        commits,
        now: end,
        isPast,
        dayOf: startOfDay,
      }),
    [entries, commits, about, isClosedNow, runsCommits, hasCommitRows, end, isPast],
  )
  const onEnd = useLatest(onMore)
  const onOpen = useLatest(props.onOpen)
  const onSelect = useCallback(
    (next: TimelineRow, isAsked: boolean): void => {
      setSelected(next)
      if (isAsked || !isNarrow) setDetailsOpen(true)
    },
    [isNarrow],
  )
  const gaps = items.filter((item) => item.kind === 'gap')
  const closed = useMemo(
    () => (about === undefined ? [] : closedStretches(entries, isClosedNow, range, end)),
    [about, entries, isClosedNow, range, end],
  )
  const current = items.find((item) => item.kind === 'row' && item.key === selected?.key)
  const row = current?.kind === 'row' ? current : null
  const around = useMemo(() => (row === null ? [] : eventsAround(entries, row.entry)), [entries, row])
  const [marked, setMarked] = useState<HistoryEntry | null>(null)
  const toggle = (id: HistoryGroup): void => {
    const next = new Set(groups)
    if (!next.delete(id)) next.add(id)
    onGroups(next)
  }
  return (
    <div className={styles.pane}>
      <WeekStrip
        range={range}
        buckets={props.buckets}
        gaps={gaps}
        closed={closed}
        bands={props.bands}
        brush={brush}
        onBrush={setBrush}
        onMove={props.week.move}
        hasEarlier={props.week.hasEarlier}
        hasLater={range.until < now}
      />
      <div className={styles.tools} role="group" aria-label="Shown">
        {historyGroups.map(({ id, label, icon }) => (
          <button
            key={id}
            type="button"
            aria-pressed={groups.has(id)}
            className={styles.toggle}
            onClick={() => toggle(id)}
          >
            <Icon name={icon} size={12} />
            {label}
            {groups.has(id) || props.hiddenCounts?.[id] === undefined ? null : (
              <span className="num"> {props.hiddenCounts[id].toLocaleString()}</span>
            )}
          </button>
        ))}
        <span className={styles.note}>{props.note}</span>
        {props.onCompare === undefined ? null : (
          <Menu
            label="Compare"
            trigger={
              <Button size="small" icon="changes">
                Compare…
              </Button>
            }
            entries={compareEntries(props.onCompare)}
          />
        )}
      </div>
      {problem !== '' && (
        <Banner tone="failed" shape="failed">
          {manyLines(`Nothing is recorded now. ${problem}`, 2000)}
        </Banner>
      )}
      {warning !== '' && <Banner tone="drifted">{manyLines(warning, 2000)}</Banner>}
      <div className={styles.content}>{renderBody()}</div>
    </div>
  )

  function compareEntries(onCompare: NonNullable<HistoryPaneProps['onCompare']>): readonly MenuEntry[] {
    const { lastLook = null } = props
    const since = (ms: number) => (): void => onCompare({ from: Date.now() - ms, until: Date.now() }, null)
    return [
      { label: 'The last hour', icon: 'clock', onSelect: since(hourMs) },
      { label: 'The last 24 hours', icon: 'clock', onSelect: since(24 * hourMs) },
      {
        label: lastLook === null ? 'Since I last looked' : `Since I last looked, ${formatDateTime(lastLook)}`,
        icon: 'eye',
        offReason: lastLook === null ? 'You have not looked before' : '',
        onSelect: () => lastLook !== null && onCompare({ from: lastLook, until: Date.now() }, null),
      },
      {
        label: 'The beginning and end of the range',
        icon: 'split',
        offReason: brush === null ? 'Drag over the strip of days first' : '',
        onSelect: () => brush !== null && onCompare(brush, null),
      },
    ]
  }

  function actionsOf(entry: HistoryEntry): ReactNode {
    const { onCompare, onThen } = props
    if (onCompare === undefined || entry.ref === null) return undefined
    const { at, ref } = entry
    const isMarked = marked !== null && marked.key !== entry.key && isSameOwner(marked, entry)
    return (
      <>
        {entry.tone === 'bad' && (
          <Button
            size="small"
            icon="changes"
            onClick={() => onCompare({ from: at - hourMs, until: at + settleMs }, entry)}
          >
            What changed in the hour before
          </Button>
        )}
        {onThen !== undefined && (
          <Button size="small" icon="clock" keys="Shift+Enter" onClick={() => onThen(ref, at)}>
            As it was then
          </Button>
        )}
        <Menu
          label="Compare this entry"
          align="start"
          trigger={
            <Button size="small" icon="split">
              Compare…
            </Button>
          }
          entries={[
            {
              label: entry.type === 'run' ? 'Before and after this run' : 'Before and after this',
              onSelect: () => onCompare({ from: at - aroundMs, until: Math.min(at + aroundMs, Date.now()) }, entry),
            },
            { label: 'With now', onSelect: () => onCompare({ from: at, until: Date.now() }, entry) },
            { label: 'Remember this as the first point', onSelect: () => setMarked(entry) },
            {
              label:
                marked === null ? 'With the remembered one' : `With the remembered one, ${formatDateTime(marked.at)}`,
              offReason: isMarked ? '' : 'Remember another entry of the same Kustomization or HelmRelease first',
              onSelect: () =>
                marked !== null &&
                onCompare({ from: Math.min(at, marked.at), until: Math.max(at, marked.at) + settleMs }, entry),
            },
          ]}
        />
      </>
    )
  }

  function renderBody(): ReactElement {
    if (error !== null && entries.length === 0)
      return (
        <ViewState shape="failed" title="The history could not be read" detail={manyLines(error.detail, 2000)}>
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 2000)}
        </ViewState>
      )
    if (!isReady) return <SkeletonRows label="Loading history" />
    if (props.noMatch !== undefined && isWhole && !items.some(({ kind }) => kind === 'row')) return props.noMatch
    if (items.length === 0 && problem !== '' && isWhole)
      return (
        <ViewState icon="history" title="Nothing can be shown">
          What happened before is not readable now, or there was nothing; what happens is not written down.
        </ViewState>
      )
    if (items.length === 0)
      return (
        <ViewState
          icon="history"
          title={isWhole ? 'Nothing happened yet' : 'Nothing in this range'}
          actions={
            brush !== null ? (
              <Button onClick={() => setBrush(null)}>Show all</Button>
            ) : isPast ? (
              <Button onClick={() => props.week.move(Number.POSITIVE_INFINITY)}>Back to now</Button>
            ) : undefined
          }
        >
          {isWhole ? props.empty : 'Of what is shown now, nothing was kept from that time.'}
        </ViewState>
      )
    const list = (
      <Timeline
        label={props.label}
        items={items}
        now={now}
        selected={row?.key ?? null}
        onSelect={onSelect}
        onOpen={onOpen}
        onThen={props.onThen}
        about={about}
        contextOf={props.contextOf}
        arrivalsOf={props.arrivalsOf}
        onEnd={onEnd}
      />
    )
    return (
      <Split
        label="Resize details"
        width={props.width}
        min={280}
        max={640}
        onWidth={props.onWidth}
        main={<div className={classNames(styles.main)}>{list}</div>}
        side={
          row === null || !isDetailsOpen ? null : (
            <EntryDetails
              row={row}
              around={around}
              onOpen={props.onOpen}
              onWhere={props.onWhere}
              actions={actionsOf(row.entry)}
              onClose={() => {
                setDetailsOpen(false)
                // The next arrow key would open them again.
                if (!isNarrow) setSelected(null)
              }}
            />
          )
        }
      />
    )
  }
}

/** The same function for as long as the component is there, which does what the latest does: for those below that are drawn only where theirs changed. */
function useLatest<A extends readonly unknown[], R>(act: (...args: A) => R): (...args: A) => R {
  const latest = useRef(act)
  useLayoutEffect(() => {
    latest.current = act
  })
  return useCallback((...args: A) => latest.current(...args), [])
}

function eventsAround(entries: readonly HistoryEntry[], entry: HistoryEntry): readonly HistoryEntry[] {
  return entries
    .filter(
      (each) =>
        each.type === 'event' &&
        each.key !== entry.key &&
        isSameOwner(each, entry) &&
        Math.abs(each.at - entry.at) <= aroundMs,
    )
    .slice(0, maxAround)
    .reverse()
}

/** Of one Kustomization or HelmRelease, or about one object that has none; what is about a cluster as such belongs to nobody. */
function isSameOwner(a: HistoryEntry, b: HistoryEntry): boolean {
  const [one, other] = [a.owner ?? a.ref, b.owner ?? b.ref]
  return one !== null && other !== null && isSameRef(one, other)
}

/** From the gate's turns, newest first. */
export function closedStretches(
  entries: readonly HistoryEntry[],
  isClosedNow: boolean,
  range: Range,
  now: number,
): readonly Range[] {
  const stretches: Range[] = []
  let until = isClosedNow ? now : null
  for (const entry of entries) {
    if (!isGateTurn(entry)) continue
    const { tone, at } = entry
    if (tone === 'open') until = at
    else if (until !== null) {
      stretches.push({ from: at, until })
      until = null
    }
  }
  // Closed since before what is known.
  if (until !== null) stretches.push({ from: range.from, until })
  return stretches.filter((each) => each.until > range.from)
}
