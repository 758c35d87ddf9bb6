/** Objects of a plan in a box: as high as what is in it, up to some rows; of hundreds only what is on the screen is drawn. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './gate.module.css'

const rowPx = 28
/** What a dialog without room leaves of it. */
const leastRows = 3

export function ObjectList<T>({
  label,
  items,
  shownRows,
  keyOf,
  rowClass,
  row,
  children,
}: {
  readonly label: string
  readonly items: readonly T[]
  /** Rows that are seen without scrolling. */
  readonly shownRows: number
  readonly keyOf: (item: T) => string
  /** The row's columns. */
  readonly rowClass: (item: T) => string | undefined
  readonly row: (item: T) => ReactNode
  /** Below the rows. */
  readonly children?: ReactNode
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    initialRect: { width: 600, height: rowPx * shownRows },
  })
  return (
    <div className={styles.listBox} style={{ minHeight: Math.min(items.length, leastRows) * rowPx }}>
      <div
        ref={scroller}
        className={styles.listScroller}
        tabIndex={items.length > shownRows ? 0 : undefined}
        style={{ height: Math.min(Math.max(items.length, 1), shownRows) * rowPx }}
      >
        <ul aria-label={label} className={styles.list} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const item = items[index]
            return item === undefined ? null : (
              <li
                key={keyOf(item)}
                aria-setsize={items.length}
                aria-posinset={index + 1}
                className={classNames(styles.item, rowClass(item))}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row(item)}
              </li>
            )
          })}
        </ul>
      </div>
      {children}
    </div>
  )
}

/** A row's object by kind and name. */
export function ObjectName({ subject }: { readonly subject: ObjectRef }): ReactElement {
  return (
    <span className={styles.planObject}>
      <KindBadge kind={subject.kind} group={subject.group} />
      <span className={styles.clip} {...clippedTooltip(refTitle(subject))}>
        {oneLine(refTitle(subject), 300)}
      </span>
    </span>
  )
}
