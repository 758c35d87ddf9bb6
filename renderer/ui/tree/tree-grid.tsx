/**
 * A virtualised treegrid of fixed rows: one tab stop, arrows inside, guides drawn. The caller holds the items, what is expanded and
 * where the cursor stands; this file knows nothing of what the rows say.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useId, useImperativeHandle, useRef } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode, Ref } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import { moveOf } from './tree-rows.ts'
import type { TreeItem, TreeRow } from './tree-rows.ts'
import styles from './tree-grid.module.css'

export interface TreeColumn<T extends TreeItem> {
  readonly id: string
  readonly header: string
  readonly align?: 'start' | 'end'
  readonly className?: string | undefined
  readonly cell: (item: T) => ReactNode
}

export interface TreeGridProps<T extends TreeItem> {
  readonly label: string
  readonly rows: readonly TreeRow<T>[]
  /** CSS grid-template-columns, the tree column first. */
  readonly template: string
  readonly treeHeader: string
  /** Content of the first column, after the twisty. */
  readonly treeCell: (item: T) => ReactNode
  readonly columns: readonly TreeColumn<T>[]
  readonly rowLabel: (item: T) => string
  readonly cursor: string | null
  readonly onCursor: (item: T) => void
  readonly onToggle: (item: T, isExpanded: boolean) => void
  readonly onOpen: (item: T) => void
  readonly className?: string | undefined
  readonly rowClassName?: (item: T) => string | undefined
  /** What assistive technology says after a row's name. */
  readonly rowDescription?: (item: T) => string
  readonly ref?: Ref<TreeGridHandle>
}

export interface TreeGridHandle {
  readonly focus: () => void
}

const rowHeightPx = 26

export function TreeGrid<T extends TreeItem>(props: TreeGridProps<T>): ReactElement {
  const { rows, cursor } = props
  const scope = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  useImperativeHandle(props.ref, () => ({ focus: () => grid.current?.focus() }), [])

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    // Kept: another function has the places of all rows computed anew.
    getItemKey: useCallback((index: number) => rows[index]?.item.id ?? index, [rows]),
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  })
  const at = cursor === null ? -1 : rows.findIndex((row) => row.item.id === cursor)

  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at, { align: 'auto' })
  }, [at, virtualizer])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeightPx) - 1)
    const move = moveOf(rows, at, event.key, page)
    if (move === null) return
    event.preventDefault()
    event.stopPropagation()
    if ('toggle' in move) props.onToggle(move.toggle, move.isExpanded)
    else if ('open' in move) props.onOpen(move.open)
    else {
      const row = rows[move.to]
      if (row !== undefined) props.onCursor(row.item)
    }
  }

  const items = virtualizer.getVirtualItems()
  const rowId = (index: number): string => `${scope}-row-${index}`
  return (
    <div
      ref={grid}
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={at >= 0 && items.some((item) => item.index === at) ? rowId(at) : undefined}
      tabIndex={0}
      className={classNames(styles.grid, props.className)}
      style={{ '--cols': props.template } as React.CSSProperties}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const first = rows[0]
        if (event.target === event.currentTarget && at < 0 && first !== undefined) props.onCursor(first.item)
      }}
    >
      <div role="row" aria-rowindex={1} className={classNames(styles.row, styles.head)}>
        <div role="columnheader" className={styles.treeHead}>
          {props.treeHeader}
        </div>
        {props.columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={classNames(column.align === 'end' && styles.end, column.className)}
          >
            {column.header}
          </div>
        ))}
      </div>
      <div ref={scroller} role="presentation" className={styles.scroller}>
        <div role="presentation" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <div
                key={item.key}
                role="row"
                id={rowId(item.index)}
                aria-rowindex={item.index + 2}
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.setSize}
                aria-expanded={row.isExpandable ? row.isExpanded : undefined}
                aria-selected={item.index === at}
                aria-label={props.rowLabel(row.item)}
                aria-description={props.rowDescription?.(row.item)}
                className={classNames(styles.row, props.rowClassName?.(row.item))}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => props.onCursor(row.item)}
                onDoubleClick={() => props.onOpen(row.item)}
              >
                <div role="rowheader" className={styles.twig}>
                  {row.guides.map((runsOn, index) => (
                    <span
                      key={index}
                      className={classNames(
                        styles.guide,
                        index === row.guides.length - 1 && styles.elbow,
                        index === row.guides.length - 1 && !runsOn && styles.last,
                        index < row.guides.length - 1 && !runsOn && styles.none,
                      )}
                    />
                  ))}
                  {row.isExpandable ? (
                    <button
                      type="button"
                      tabIndex={-1}
                      aria-hidden="true"
                      className={styles.twisty}
                      onClick={(event) => {
                        event.stopPropagation()
                        props.onToggle(row.item, !row.isExpanded)
                      }}
                      onDoubleClick={(event) => event.stopPropagation()}
                    >
                      <Icon name={row.isExpanded ? 'chevron-down' : 'chevron-right'} size={12} />
                    </button>
                  ) : (
                    <span className={styles.leaf} />
                  )}
                  {props.treeCell(row.item)}
                </div>
                {props.columns.map((column) => (
                  <div
                    key={column.id}
                    role="gridcell"
                    className={classNames(styles.cell, column.align === 'end' && styles.end, column.className)}
                  >
                    {column.cell(row.item)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
