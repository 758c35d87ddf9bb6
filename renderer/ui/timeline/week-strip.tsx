/**
 * A range at a glance above a timeline, with a brush over the part that is shown: what ran, what failed, and where Sluice was not watching. Pointer or
 * arrow keys move the brush; Escape takes it away; Page Up and Page Down go to the days before and after.
 */
import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent, ReactElement } from 'react'
import type { HistoryBucket } from '../../../shared/model/history.ts'
import type { BandKind, HistoryBand } from '../../../shared/model/history-compare.ts'
import { IconButton } from '../button/button.tsx'
import { formatDateTime, formatDay, formatSpan, startOfDay } from './timeline-words.ts'
import styles from './week-strip.module.css'

export interface Range {
  readonly from: number
  readonly until: number
}

/** Later ones are drawn over earlier ones: what nobody saw hides nothing of what is known, and is hidden by nothing. */
const bandOrder: readonly BandKind[] = ['suspended', 'failing', 'unreachable', 'off']
const bandStyles = { suspended: 'closed', failing: 'failing', unreachable: 'lost', off: 'gap' } as const
const bandTexts: Readonly<Record<BandKind, string>> = {
  failing: 'failing',
  suspended: 'suspended',
  unreachable: 'unreachable',
  off: 'not watched',
}

function bandWords(bands: readonly HistoryBand[], range: Range): readonly string[] {
  return bandOrder
    .filter((kind) => bands.some((band) => band.kind === kind))
    .map((kind) => `${bandTexts[kind]} ${formatSpan(total(bands, kind, range))}`)
}

function total(bands: readonly HistoryBand[], kind: BandKind, { from, until }: Range): number {
  return bands.reduce(
    (sum, band) =>
      band.kind === kind ? sum + Math.max(0, Math.min(until, band.until) - Math.max(from, band.from)) : sum,
    0,
  )
}

export function WeekStrip({
  range,
  buckets,
  gaps,
  closed,
  bands,
  brush,
  onBrush,
  onMove,
  hasEarlier = false,
  hasLater = false,
}: {
  readonly range: Range
  /** Over `range`, oldest first. */
  readonly buckets: readonly HistoryBucket[]
  /** Stretches in which nobody looked. */
  readonly gaps: readonly Range[]
  /** Stretches with the gate closed; of one owner only. */
  readonly closed: readonly Range[]
  /** As they were asked for over the whole range: these then stand for `gaps` and `closed`. */
  readonly bands?: readonly HistoryBand[] | undefined
  /** null: all is shown. */
  readonly brush: Range | null
  readonly onBrush: (brush: Range | null) => void
  /** So many weeks later, or earlier below zero; absent: there is only this one. */
  readonly onMove?: (weeks: number) => void
  readonly hasEarlier?: boolean
  readonly hasLater?: boolean
}): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  const start = useRef<number | null>(null)
  const length = range.until - range.from
  const share = (at: number): number => Math.min(1, Math.max(0, (at - range.from) / length))
  const place = ({ from, until }: Range): { left: string; width: string } => ({
    left: `${share(from) * 100}%`,
    width: `${Math.max(0, share(until) - share(from)) * 100}%`,
  })
  /** The strip has room for what is still to come; nothing of that can be chosen. */
  const end = (): number => Math.max(range.from, Math.min(range.until, Date.now()))
  const timeAt = (event: PointerEvent): number => {
    const rect = box.current?.getBoundingClientRect()
    if (rect === undefined || rect.width === 0) return range.from
    const offset = Math.min(rect.right, Math.max(rect.left, event.clientX)) - rect.left
    return Math.min(end(), Math.round(range.from + offset * (length / rect.width)))
  }
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    start.current = timeAt(event)
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent): void => {
    const from = start.current
    const to = timeAt(event)
    if (from === null || Math.abs(to - from) < length / 200) return
    onBrush({ from: Math.min(from, to), until: Math.max(from, to) })
  }
  const onPointerUp = (event: PointerEvent): void => {
    // A press that is no drag takes the brush away.
    if (start.current !== null && Math.abs(timeAt(event) - start.current) < length / 200) onBrush(null)
    start.current = null
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = length / 28
    const last = end()
    const current = brush ?? { from: last - length / 7, until: last }
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key]
    if (by !== undefined) {
      const from = event.shiftKey ? current.from : Math.max(range.from, Math.min(last - step, current.from + by))
      const until = Math.min(last, Math.max(from + step, current.until + by))
      onBrush({ from: Math.round(from), until: Math.round(until) })
    } else if (event.key === 'PageUp') onMove?.(-1)
    else if (event.key === 'PageDown') onMove?.(1)
    else if (event.key === 'Escape' && brush !== null) onBrush(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const days = daysOf(range)
  return (
    <div className={styles.strip}>
      <div className={styles.line}>
        {onMove === undefined ? null : (
          <IconButton
            icon="chevron-left"
            size="small"
            label="Seven days earlier"
            offReason={hasEarlier ? '' : 'Nothing older is kept'}
            onClick={() => onMove(-1)}
          />
        )}
        <div
          ref={box}
          role="slider"
          aria-label="Shown range"
          aria-valuemin={range.from}
          aria-valuemax={range.until}
          aria-valuenow={brush?.from ?? range.from}
          aria-valuetext={
            brush === null
              ? [
                  hasLater ? `${formatDateTime(range.from)} to ${formatDateTime(range.until)}` : 'All of it',
                  ...bandWords(bands ?? [], range),
                ].join(', ')
              : `${formatDateTime(brush.from)} to ${formatDateTime(brush.until)}`
          }
          tabIndex={0}
          className={styles.box}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onKeyDown={onKeyDown}
        >
          <i className={styles.band} />
          {bands === undefined || bands.length === 0 ? (
            <>
              {closed.map((each) => (
                <i key={each.from} className={styles.closed} style={place(each)} />
              ))}
              {gaps.map((each) => (
                <i key={each.from} className={styles.gap} style={place(each)} />
              ))}
            </>
          ) : (
            bandOrder.flatMap((kind) =>
              bands
                .filter((band) => band.kind === kind && band.until > range.from)
                .map((band) => (
                  <i
                    key={`${kind}|${band.cluster}|${band.from}`}
                    className={styles[bandStyles[kind]]}
                    style={place(band)}
                    data-band={kind}
                  />
                )),
            )
          )}
          {buckets.map(({ at, runs, bad }) => (
            <i key={at} className={styles.column} style={{ left: `${share(at) * 100}%` }}>
              {runs > 0 && <i className={styles.run} />}
              {bad > 0 && <i className={styles.bad} />}
            </i>
          ))}
          {days.map((day) => (
            <i key={day} className={styles.day} style={{ left: `${share(day) * 100}%` }}>
              {share(day) < lastLabel && formatDay(day).split(' ').slice(0, 2).join(' ')}
            </i>
          ))}
          {brush !== null && <i className={styles.brush} style={place(brush)} />}
        </div>
        {onMove === undefined ? null : (
          <IconButton
            icon="chevron-right"
            size="small"
            label="Seven days later"
            offReason={hasLater ? '' : 'These are the last days'}
            onClick={() => onMove(1)}
          />
        )}
      </div>
      {bands !== undefined && bands.length > 0 && (
        <span className={styles.legend} aria-hidden="true">
          {bandOrder
            .filter((kind) => bands.some((band) => band.kind === kind))
            .map((kind) => (
              <span key={kind}>
                <i className={styles[bandStyles[kind]]} />
                {bandTexts[kind]}
              </span>
            ))}
        </span>
      )}
    </div>
  )
}

/** Of the strip; a day that begins later has no room for its name. */
const lastLabel = 0.94

function daysOf({ from, until }: Range): readonly number[] {
  const days: number[] = []
  for (let day = startOfDay(from); day < until; day = startOfDay(day + 36 * 3_600_000)) if (day >= from) days.push(day)
  return days
}
