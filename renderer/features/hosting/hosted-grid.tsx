/** The queue as a grid: virtualised, one tab stop with `aria-activedescendant`, rows named as interface.md says. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useId, useImperativeHandle, useRef } from 'react'
import type { KeyboardEvent, ReactElement, Ref } from 'react'
import type { HostedRow } from '../../../shared/model/hosting.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { openApplyNow, openApproval } from '../../stores/hosting-actions.ts'
import { openObject } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { useTimeText } from '../../ui/time/clock.ts'
import { formatAbsolute, formatDuration } from '../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { mayApplyNow, messageOf, tookText, wordLooks, wordOf } from './hosted-words.ts'
import styles from './hosting.module.css'

const rowHeightPx = 26

export interface HostedGridHandle {
  readonly focus: () => void
}

export interface HostedGridProps {
  readonly rows: readonly HostedRow[]
  readonly cursor: string | null
  readonly isNarrow: boolean
  /** '' where one context is shown alone. */
  readonly contextName: (cluster: ClusterId) => string
  readonly hasContexts: boolean
  /** Why nothing runs in this cluster now; '' where it does. */
  readonly restReason: (cluster: ClusterId) => string
  readonly onCursor: (row: HostedRow) => void
  readonly ref?: Ref<HostedGridHandle>
}

const headers = ['State', 'Object', 'Context', 'What it does', 'Next', 'Last run', ''] as const

export function HostedGrid(props: HostedGridProps): ReactElement {
  const { rows, cursor, isNarrow, hasContexts, onCursor, ref } = props
  const id = useId()
  const grid = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 6,
    initialRect: { width: 1000, height: 520 },
  })
  useImperativeHandle(ref, () => ({ focus: () => grid.current?.focus() }), [])
  const at = cursor === null ? -1 : rows.findIndex(({ key }) => key === cursor)
  const shownAt = useRef(-1)
  useEffect(() => {
    if (at >= 0 && at !== shownAt.current) virtualizer.scrollToIndex(at, { align: 'auto' })
    shownAt.current = at
  }, [at, virtualizer])
  // All of them fit a window of 720 px: the narrowest one at 200 %.
  const columns = [
    '132px',
    'minmax(110px, 1fr)',
    ...(hasContexts ? ['minmax(60px, 110px)'] : []),
    'minmax(110px, 2.2fr)',
    '64px',
    isNarrow ? '64px' : '104px',
    '92px',
  ]
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeightPx) - 1)
    const to = { Home: 0, End: rows.length - 1, PageDown: at + page, PageUp: at - page }[event.key]
    const row = to === undefined ? undefined : rows[Math.max(0, Math.min(rows.length - 1, to))]
    if (row === undefined) return
    event.preventDefault()
    onCursor(row)
  }
  const shownHeaders = headers.filter((header) => header !== 'Context' || hasContexts)
  return (
    <div
      ref={grid}
      className={styles.grid}
      role="grid"
      aria-label="Hosted"
      aria-rowcount={rows.length + 1}
      aria-colcount={shownHeaders.length}
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      tabIndex={0}
      style={{ '--cols': columns.join(' ') } as React.CSSProperties}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={classNames(styles.row, styles.headRow)}>
          {shownHeaders.map((header) => (
            <div
              key={header}
              role="columnheader"
              className={classNames((header === 'Next' || header === 'Last run') && styles.right)}
            >
              {header === '' ? <span className="visually-hidden">Action</span> : header}
            </div>
          ))}
        </div>
      </div>
      <div ref={scroller} role="presentation" className={styles.body}>
        <div role="rowgroup" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <Row
                key={row.key}
                id={`${id}-${index}`}
                row={row}
                position={index}
                context={props.contextName(row.ref.cluster)}
                hasContexts={hasContexts}
                restReason={props.restReason(row.ref.cluster)}
                isNarrow={isNarrow}
                isCursor={index === at}
                onCursor={onCursor}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

const Row = memo(function Row({
  id,
  row,
  position,
  context,
  hasContexts,
  restReason,
  isNarrow,
  isCursor,
  onCursor,
}: {
  readonly id: string
  readonly row: HostedRow
  readonly position: number
  readonly context: string
  readonly hasContexts: boolean
  readonly restReason: string
  readonly isNarrow: boolean
  readonly isCursor: boolean
  readonly onCursor: (row: HostedRow) => void
}): ReactElement {
  const { ref } = row
  const word = wordOf(row)
  const look = wordLooks[word]
  const title = refTitle(ref)
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={position + 2}
      aria-label={oneLine(`${hasContexts ? `${context} ` : ''}${title}`)}
      aria-description={`${ref.kind}, ${look.label}${row.state === word || word === 'failed' ? '' : `, ${row.state}`}`}
      aria-selected={isCursor}
      data-key={row.key}
      className={classNames(styles.row, styles.bodyRow, isCursor && styles.cursor, restReason !== '' && styles.resting)}
      style={{ transform: `translateY(${position * rowHeightPx}px)` }}
      onClick={() => onCursor(row)}
      onDoubleClick={() => openObject(ref)}
    >
      <div role="gridcell" className={classNames(styles.state, styles[word])}>
        {look.shape === undefined ? <Icon name={look.icon ?? 'info'} size={14} /> : <StatusMark shape={look.shape} />}
        <span className="clip">{look.label}</span>
      </div>
      <div role="gridcell" className={styles.object}>
        <KindBadge kind={ref.kind} group={ref.group} />
        <span className="clip" {...clippedTooltip(title)}>
          <span className={styles.muted}>{oneLine(ref.namespace, 253)}/</span>
          <span className={styles.medium}>{oneLine(ref.name, 253)}</span>
        </span>
      </div>
      {hasContexts ? (
        <div role="gridcell" className={classNames('clip', styles.muted)}>
          {oneLine(context, 120)}
        </div>
      ) : null}
      <div role="gridcell" className={styles.what}>
        <What row={row} />
      </div>
      <div role="gridcell" className={classNames(styles.right, styles.muted)}>
        {restReason === '' ? <NextRun row={row} /> : <span {...tooltip(restReason)}>–</span>}
      </div>
      <div role="gridcell" className={classNames(styles.right, styles.muted)}>
        <LastRun row={row} isNarrow={isNarrow} />
      </div>
      <div role="gridcell" className={styles.right}>
        <RowAction row={row} offReason={restReason} />
      </div>
    </div>
  )
})

const shownLinks = 3

/** The sentence, and what it waits for as links. */
function What({ row }: { readonly row: HostedRow }): ReactElement {
  const message = oneLine(messageOf(row), 1000)
  const failures = row.failures > 1 ? `${row.failures.toLocaleString()} failures in a row. ` : ''
  return (
    <>
      <span
        className={classNames('clip', wordOf(row) === 'failed' ? undefined : styles.muted)}
        {...clippedTooltip(`${failures}${message}`)}
      >
        {failures}
        {message}
      </span>
      {row.waitsFor.slice(0, shownLinks).map((ref) => (
        <button
          key={refKey(ref)}
          type="button"
          tabIndex={-1}
          className={styles.link}
          aria-label={`Open ${ref.kind} ${refTitle(ref)}`}
          onClick={(event) => {
            event.stopPropagation()
            openObject(ref)
          }}
        >
          <KindBadge kind={ref.kind} group={ref.group} />
          {oneLine(ref.name, 120)}
        </button>
      ))}
      {row.waitsFor.length > shownLinks ? (
        <span className={styles.faint}>and {row.waitsFor.length - shownLinks} more</span>
      ) : null}
    </>
  )
}

function NextRun({ row: { nextAt, state } }: { readonly row: HostedRow }): ReactElement | null {
  const text = useTimeText((now) =>
    nextAt === null ? '' : nextAt <= now ? 'due' : `in ${formatDuration(nextAt - now).split(' ')[0] ?? ''}`,
  )
  if (nextAt === null || state === 'running') return null
  return <time {...tooltip(formatAbsolute(nextAt))}>{text}</time>
}

function LastRun({ row, isNarrow }: { readonly row: HostedRow; readonly isNarrow: boolean }): ReactElement | null {
  const { lastAt, lastDurationMs, lastResult } = row
  if (lastAt === null || lastResult === null) return null
  const took = lastDurationMs === null ? '' : tookText(lastDurationMs)
  return (
    <span {...tooltip(`${lastResult}${took === '' ? '' : ` in ${took}`}, ${formatAbsolute(lastAt)}`)}>
      {isNarrow || took === '' ? '' : `${took} · `}
      <Age at={lastAt} isShort />
    </span>
  )
}

/** What a person can do about it now. The row's keys do the same: p. */
function RowAction({ row, offReason }: { readonly row: HostedRow; readonly offReason: string }): ReactElement | null {
  const title = refTitle(row.ref)
  if (row.state === 'needs-approval')
    return (
      <Button
        size="small"
        variant="primary"
        tabIndex={-1}
        className={styles.rowButton}
        aria-label={`Review ${title}`}
        offReason={offReason}
        onClick={() => openApproval(row.ref)}
      >
        Review…
      </Button>
    )
  if (mayApplyNow(row))
    return (
      <Button
        size="small"
        tabIndex={-1}
        className={styles.rowButton}
        aria-label={`Apply ${title} now`}
        offReason={offReason}
        onClick={() => openApplyNow(row.ref)}
      >
        Apply now…
      </Button>
    )
  return null
}
