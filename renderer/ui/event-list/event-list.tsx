/** Events in rows, newest first, virtualised: age, type, reason, object, message. Knows nothing of where they come from. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { EventRow } from '../../../shared/model/rows.ts'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import { KindBadge } from '../kind-badge/kind-badge.tsx'
import { manyLines, oneLine } from '../text/plain-text.ts'
import { Age } from '../time/age.tsx'
import { clippedTooltip } from '../tooltip/tooltip.tsx'
import styles from './event-list.module.css'

const rowPx = 26

export function EventList({
  label,
  events,
  contextOf,
  onOpen,
}: {
  /** Accessible name of the grid. */
  readonly label: string
  readonly events: readonly EventRow[]
  /** Name of the context that leads to a cluster; given where several are shown. */
  readonly contextOf?: ((cluster: string) => string) | undefined
  readonly onOpen: (ref: ObjectRef) => void
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const [cursor, setCursor] = useState<string | null>(null)
  const virtualizer = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    // Kept: another function has the places of all rows computed anew.
    getItemKey: useCallback((index: number) => events[index]?.key ?? index, [events]),
    overscan: 16,
    initialRect: { width: 900, height: 600 },
  })
  const at = events.findIndex((event) => event.key === cursor)
  const move = (to: number): void => {
    const index = Math.max(0, Math.min(events.length - 1, to))
    const event = events[index]
    if (event === undefined) return
    setCursor(event.key)
    virtualizer.scrollToIndex(index)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1)
    const target = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: events.length - 1,
    }[event.key]
    const current = events[at]
    if (target !== undefined) move(target)
    else if (event.key === 'Enter' && current !== undefined) onOpen(current.involved)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const items = virtualizer.getVirtualItems()
  const hasContexts = contextOf !== undefined
  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={events.length + 1}
      tabIndex={0}
      aria-activedescendant={at >= 0 && items.some((item) => item.index === at) ? `event-${at}` : undefined}
      className={classNames(styles.grid, hasContexts && styles.withContexts)}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at < 0) move(0)
      }}
    >
      <div role="row" aria-rowindex={1} className={classNames(styles.row, styles.head)}>
        <div role="columnheader">Last</div>
        <div role="columnheader">Reason</div>
        <div role="columnheader">Object</div>
        {hasContexts && <div role="columnheader">Context</div>}
        <div role="columnheader">Message</div>
        <div role="columnheader" className={styles.from}>
          From
        </div>
        <div role="columnheader" className={styles.end}>
          Count
        </div>
      </div>
      <div ref={scroller} role="presentation" className={styles.scroller}>
        <div role="presentation" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const event = events[item.index]
            if (event === undefined) return null
            return (
              <EventLine
                key={event.key}
                event={event}
                index={item.index}
                startPx={item.start}
                context={contextOf?.(event.cluster)}
                isCurrent={item.index === at}
                onCursor={setCursor}
                onOpen={onOpen}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

function EventLine({
  event,
  index,
  startPx,
  context,
  isCurrent,
  onCursor,
  onOpen,
}: {
  readonly event: EventRow
  readonly index: number
  readonly startPx: number
  readonly context: string | undefined
  readonly isCurrent: boolean
  readonly onCursor: (key: string) => void
  readonly onOpen: (ref: ObjectRef) => void
}): ReactElement {
  const { involved } = event
  const isWarning = event.type === 'Warning'
  const title = refTitle(involved)
  return (
    <div
      role="row"
      id={`event-${index}`}
      aria-rowindex={index + 2}
      aria-label={context === undefined ? title : `${context} ${title}`}
      aria-description={`${event.type} ${event.reason}`}
      aria-selected={isCurrent}
      className={styles.row}
      style={{ transform: `translateY(${startPx}px)` }}
      onClick={() => onCursor(event.key)}
      onDoubleClick={() => onOpen(involved)}
    >
      <div role="gridcell" className={styles.age}>
        <Age at={event.lastAt} isShort />
      </div>
      <div role="gridcell" className={classNames(styles.reason, isWarning && styles.warning)}>
        <Icon name={isWarning ? 'alert' : 'info'} size={14} />
        <span className={styles.clip}>{oneLine(event.reason, 100)}</span>
      </div>
      <div role="gridcell" className={styles.object}>
        <KindBadge kind={involved.kind} group={involved.group} />
        <button type="button" tabIndex={-1} className={styles.link} onClick={() => onOpen(involved)}>
          {title}
        </button>
      </div>
      {context !== undefined && (
        <div role="gridcell" className={styles.clip}>
          {context}
        </div>
      )}
      <div
        role="gridcell"
        className={classNames(styles.message, styles.clip, isWarning && styles.loud)}
        {...clippedTooltip(manyLines(event.message, 1000))}
      >
        {oneLine(event.message, 600)}
      </div>
      <div role="gridcell" className={classNames(styles.from, styles.clip)}>
        {oneLine(event.source, 100)}
      </div>
      <div role="gridcell" className={styles.end}>
        {event.count > 1 ? `×${event.count.toLocaleString()}` : ''}
      </div>
    </div>
  )
}
