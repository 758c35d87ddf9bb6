/**
 * What happened, newest first, in days (interface.md, History): the line at the left is the channel, whole while the gate is open, broken while it is
 * closed. Virtualised; j k and arrows move, Space shows details, Enter opens. Knows nothing of where entries come from.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useRef } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import { revisionSha } from '../../../shared/flux/revision.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import { KindBadge } from '../kind-badge/kind-badge.tsx'
import { StatusChip, StatusMark } from '../status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../text/plain-text.ts'
import { clippedTooltip, timeTooltip, tooltip } from '../tooltip/tooltip.tsx'
import type { TimelineArrival, TimelineGap, TimelineItem, TimelineRow, TimelineWaiting } from './timeline-model.ts'
import {
  arrivalText,
  dayWord,
  formatDateTime,
  formatDay,
  formatSpan,
  formatTime,
  initials,
  outcomeText,
  rowText,
  rowTitle,
  timeBeside,
  tintOf,
  waitingTitle,
} from './timeline-words.ts'
import styles from './timeline.module.css'

const dayPx = 28
const rowPx = 47
const linePx = 33
const waitingHeadPx = 32
const waitingLinePx = 24
/** The next page is asked for when so many rows are left below. */
const aheadRows = 30

export interface TimelineProps {
  readonly label: string
  readonly items: readonly TimelineItem[]
  readonly now: number
  /** Key of the selected row, null: none. */
  readonly selected: string | null
  /** `isAsked`: pressed, or by Space; not merely passed by the arrows. */
  readonly onSelect: (row: TimelineRow, isAsked: boolean) => void
  readonly onOpen: (ref: ObjectRef) => void
  /** As it was then: Shift+Enter. */
  readonly onThen?: ((ref: ObjectRef, at: number) => void) | undefined
  /** Whose timeline it is: rows about it do not say its name. */
  readonly about?: ObjectRef | undefined
  /** Name of the context that leads to a cluster; given where several are shown. */
  readonly contextOf?: ((cluster: string) => string) | undefined
  /** When other contexts got a revision; the same function while it answers the same. */
  readonly arrivalsOf?: ((revision: string) => readonly TimelineArrival[]) | undefined
  /** The end is near. */
  readonly onEnd: () => void
}

/** What is counted and asked beside it comes more often than entries do: it is drawn anew with these alone. */
export const Timeline = memo(function Timeline(props: TimelineProps): ReactElement {
  const { label, items, now, selected, onSelect, onOpen, onEnd } = props
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(items[index]),
    getItemKey: useCallback((index: number) => items[index]?.key ?? index, [items]),
    overscan: 12,
    initialRect: { width: 900, height: 600 },
  })
  const shown = virtualizer.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (items.length > 0 && last >= items.length - aheadRows) onEnd()
  }, [last, items.length, onEnd])
  const at = items.findIndex((item) => item.kind === 'row' && item.key === selected)
  const move = (from: number, by: 1 | -1): void => {
    for (let index = from + by; index >= 0 && index < items.length; index += by) {
      const item = items[index]
      if (item?.kind !== 'row') continue
      onSelect(item, false)
      virtualizer.scrollToIndex(index)
      return
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const current = items[at]
    if (event.key === 'ArrowDown' || event.key === 'j') move(at, 1)
    else if (event.key === 'ArrowUp' || event.key === 'k') move(at < 0 ? 1 : at, -1)
    else if (event.key === 'Home') move(-1, 1)
    else if (event.key === 'End') move(items.length, -1)
    else if (event.key === ' ' && current?.kind === 'row') onSelect(current, true)
    else if (event.key === 'Enter' && event.shiftKey && current?.kind === 'row' && current.entry.ref !== null)
      props.onThen?.(current.entry.ref, current.entry.at)
    else if (event.key === 'Enter' && current?.kind === 'row' && current.entry.ref !== null) onOpen(current.entry.ref)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at >= 0 && shown.some(({ index }) => index === at) ? `history-${at}` : undefined}
      className={styles.timeline}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at < 0) move(-1, 1)
      }}
    >
      <div role="presentation" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const item = items[index]
          if (item === undefined) return null
          return (
            // By its place: in a storm every row is another one, and what is there is written over.
            <div
              key={index}
              role="presentation"
              className={styles.place}
              style={{ transform: `translateY(${start}px)`, height: heightOf(item) }}
            >
              {item.kind === 'day' && <Day at={item.at} now={now} />}
              {item.kind === 'row' && <Row {...props} row={item} index={index} isSelected={item.key === selected} />}
              {item.kind === 'waiting' && <Waiting item={item} arrivalsOf={props.arrivalsOf} />}
              {item.kind === 'gap' && <Gap item={item} contextOf={props.contextOf} />}
            </div>
          )
        })}
      </div>
    </div>
  )
})

function heightOf(item: TimelineItem | undefined): number {
  switch (item?.kind) {
    case 'day':
      return dayPx
    case 'gap':
      return linePx
    case 'waiting':
      return waitingHeadPx + item.commits.length * waitingLinePx
    case 'row':
      return rowText(item) === '' && item.outcome === null ? linePx : rowPx
    case undefined:
      return rowPx
  }
}

function Day({ at, now }: { readonly at: number; readonly now: number }): ReactElement {
  return (
    <div role="presentation" className={styles.day}>
      {dayWord(at, now)} <span className={styles.faint}>{formatDay(at)}</span>
    </div>
  )
}

function Row({
  row,
  index,
  isSelected,
  about,
  contextOf,
  arrivalsOf,
  onSelect,
  onOpen,
}: TimelineProps & { readonly row: TimelineRow; readonly index: number; readonly isSelected: boolean }): ReactElement {
  const { entry, commit, outcome, channel, isTurn, isAttempt } = row
  const title = rowTitle(row)
  const text = rowText(row)
  const { ref } = entry
  const arrivals = entry.type === 'run' || isAttempt ? (arrivalsOf?.(entry.revision) ?? []) : []
  const isOther = ref !== null && (about === undefined || !isAbout(ref, about))
  return (
    <div
      role="option"
      id={`history-${index}`}
      aria-selected={isSelected}
      aria-label={[
        formatDateTime(entry.at),
        title,
        ref === null ? '' : `${ref.kind} ${refTitle(ref)}`,
        text,
        entry.isBackfilled ? foundLater : '',
        ...arrivals.map((each) => arrivalText(each, entry.at)),
      ]
        .filter((word) => word !== '')
        .join(', ')}
      className={classNames(styles.row, styles[channel], isTurn && styles.turn)}
      onClick={() => onSelect(row, true)}
      onDoubleClick={() => ref !== null && onOpen(ref)}
    >
      <time className={styles.time} {...timeTooltip(entry.at)}>
        {formatTime(entry.at)}
      </time>
      <div className={styles.node}>
        <span className={styles.point}>
          <Point
            entry={entry}
            by={entry.type === 'run' || entry.type === 'commit' || isAttempt ? (commit?.by ?? '') : ''}
          />
        </span>
      </div>
      <div className={styles.body}>
        <div className={styles.line}>
          <b className={styles.clip}>{title}</b>
          {commit !== null && <span className={styles.sha}>{revisionSha(entry.revision)}</span>}
          {commit !== null && <span className={styles.faint}>{oneLine(commit.by, 80)}</span>}
          {isOther && (
            <>
              <KindBadge kind={ref.kind} group={ref.group} />
              <span className={styles.clip}>{refTitle(ref)}</span>
            </>
          )}
          {entry.count > 1 && <span className={styles.faint}>×{entry.count.toLocaleString()}</span>}
          {entry.isBackfilled && (
            <span className={styles.found} {...clippedTooltip('')}>
              {foundLater}
            </span>
          )}
        </div>
        {text !== '' && (
          <div className={classNames(styles.text, styles.clip)} {...clippedTooltip(manyLines(entry.message, 1000))}>
            {text}
          </div>
        )}
      </div>
      <div className={styles.result}>
        {outcome !== null ? (
          <StatusChip word={outcome.isGood ? 'Ready' : 'Failed'}>{outcomeText(outcome)}</StatusChip>
        ) : (
          <span className={styles.faint}>
            {entry.type === 'drift' || entry.type === 'event' ? oneLine(entry.by, 60) : ''}
          </span>
        )}
        {contextOf !== undefined && <span className={styles.faint}>{contextOf(entry.cluster)}</span>}
        <Arrivals arrivals={arrivals} at={entry.at} />
      </div>
    </div>
  )
}

const foundLater = 'found later'
/** More of them are only counted. */
const maxArrivals = 2

function Arrivals({ arrivals, at }: { readonly arrivals: readonly TimelineArrival[]; readonly at: number }): ReactNode {
  if (arrivals.length === 0) return null
  const rest = arrivals.slice(maxArrivals)
  return (
    <span className={styles.arrivals} {...tooltip(arrivals.map((each) => arrivalText(each, at)).join(', '))}>
      {arrivals.slice(0, maxArrivals).map((each) => (
        <span key={each.context}>
          <StatusMark shape={each.isGood ? 'ready' : 'failed'} size={12} />
          {oneLine(each.context, 40)} {timeBeside(each.at, at)}
        </span>
      ))}
      {rest.length > 0 && `+${rest.length.toLocaleString()}`}
    </span>
  )
}

function isAbout(ref: ObjectRef, about: ObjectRef): boolean {
  return (
    ref.kind === about.kind && ref.name === about.name && ref.namespace === about.namespace && ref.group === about.group
  )
}

const icons: Readonly<Partial<Record<HistoryEntry['type'], IconName>>> = {
  artifact: 'source',
  condition: 'check',
  commit: 'commit',
  object: 'kinds',
  action: 'enter',
  session: 'clock',
  event: 'events',
}

function Point({ entry, by }: { readonly entry: HistoryEntry; readonly by: string }): ReactNode {
  const { type, tone } = entry
  if (by !== '') return <Avatar name={by} />
  if (type === 'drift') return <StatusMark shape={tone === 'good' ? 'ready' : 'drifted'} size={14} />
  if (type === 'gate') return <GatePicture isOpen={tone === 'open'} />
  if (tone === 'bad') return <StatusMark shape="failed" size={14} />
  if (tone === 'good') return <StatusMark shape="ready" size={14} />
  return <Icon name={icons[type] ?? 'history'} size={14} />
}

export function Avatar({ name, isLarge = false }: { readonly name: string; readonly isLarge?: boolean }): ReactElement {
  return (
    <span aria-hidden="true" className={classNames(styles.avatar, isLarge && styles.large)} data-tint={tintOf(name)}>
      {initials(name)}
    </span>
  )
}

/** The gate as it stood after it turned; a picture, not the switch. */
function GatePicture({ isOpen }: { readonly isOpen: boolean }): ReactElement {
  return (
    <svg viewBox="0 0 32 18" aria-hidden="true" className={classNames(styles.gate, isOpen && styles.gateOpen)}>
      <rect className={styles.gateChannel} x=".5" y="4.5" width="31" height="11" rx="2.5" />
      {!isOpen && <path className={styles.gateWater} d="M3 5h11v10H3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z" />}
      <rect className={styles.gateLeaf} x="14" y={isOpen ? -1 : 2} width="4" height={isOpen ? 6.5 : 16} rx="1" />
    </svg>
  )
}

function Waiting({
  item,
  arrivalsOf,
}: {
  readonly item: TimelineWaiting
  readonly arrivalsOf: TimelineProps['arrivalsOf']
}): ReactElement {
  const { commits, at, why } = item
  return (
    <div role="presentation" className={classNames(styles.row, why === 'next' ? styles.open : styles.closed)}>
      <time className={styles.time}>{formatTime(at)}</time>
      <div className={styles.node}>
        <span className={styles.point}>
          <Icon name="source" size={14} />
        </span>
      </div>
      <div className={styles.body}>
        <div className={styles.line}>
          <b>{waitingTitle(item)}</b>
        </div>
        <ul className={styles.commits}>
          {commits.map((commit) => (
            <li key={commit.key}>
              <Avatar name={commit.by} />
              <span className={classNames(styles.clip, styles.medium)}>{oneLine(commit.message, 200)}</span>
              <span className={styles.sha}>{revisionSha(commit.revision)}</span>
              <span className={styles.faint}>
                {oneLine(commit.by, 60)}, {timeBeside(commit.at, at)}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.result}>
        <Arrivals arrivals={arrivalsOf?.(commits[0]?.revision ?? '') ?? []} at={at} />
      </div>
    </div>
  )
}

function Gap({
  item,
  contextOf,
}: {
  readonly item: TimelineGap
  readonly contextOf: TimelineProps['contextOf']
}): ReactElement {
  const { from, until, cluster, unwritten } = item
  const where = contextOf === undefined ? '' : ` ${contextOf(cluster)}`
  const what =
    unwritten !== ''
      ? `${oneLine(unwritten, 200)}${where === '' ? '' : ` (${where.trim()})`}, `
      : `${item.isLost ? `The cluster${where} could not be reached` : `Sluice did not watch${where}`} for ${formatSpan(until - from)}: `
  const text = `${what}${formatDateTime(from)} to ${formatDateTime(until)}.${unwritten === '' ? ' What the cluster still knew was found later.' : ''}`
  return (
    <div role="presentation" className={styles.gap}>
      <Icon name="pause" size={14} />
      <span className={styles.clip} {...clippedTooltip(text)}>
        {text}
      </span>
    </div>
  )
}
