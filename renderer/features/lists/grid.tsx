/**
 * The grid of rows: virtualised, one tab stop with `aria-activedescendant`, rows named as interface.md (Accessibility) says. Draws what
 * it is given; keys and actions are the list view's.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent, MouseEvent, ReactElement, Ref } from 'react'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { contextOfRow, isRowStale, titleOfRow } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import type { Column } from './columns.tsx'
import type { RowIndex } from './row-index.ts'
import { lateMeasure } from './late-measure.ts'
import { useDrawnPositions } from './use-drawn-positions.ts'
import styles from './lists.module.css'

const rowHeight = 26
const overscan = 4
/** The order is let go this long after the pointer last moved over the rows. */
const holdMs = 4000

export interface GridHandle {
  readonly focus: () => void
  readonly scrollTo: (position: number) => void
  readonly pageSize: () => number
}

export interface GridProps {
  readonly label: string
  readonly index: RowIndex
  readonly version: number
  readonly columns: readonly Column[]
  readonly scene: RowScene
  readonly cursor: string | null
  readonly selected: ReadonlySet<string>
  readonly sortColumn: string
  readonly isDescending: boolean
  readonly onSort: (column: Column) => void
  readonly onRowPress: (row: FluxRow, event: MouseEvent) => void
  readonly onRowOpen: (row: FluxRow) => void
  readonly onToggle: (row: FluxRow, isExtending: boolean) => void
  readonly onToggleAll: () => void
  readonly onKey: (event: KeyboardEvent) => void
  readonly onOrderChange: () => void
  readonly ref?: Ref<GridHandle>
}

export function Grid(props: GridProps): ReactElement {
  const { label, index, columns, scene, cursor, selected, onOrderChange, ref } = props
  const rows = index.rows
  const id = useId()
  const body = useRef<HTMLDivElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  const [measuring] = useState(lateMeasure)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current,
    estimateSize: () => rowHeight,
    overscan,
    ...measuring,
    // No getItemKey: rows are all of one height, and a function made here would have all places computed anew at each rendering.
  })
  const wanted = virtualizer.getVirtualItems().flatMap(({ index: position }) => {
    const row = rows[position]
    return row === undefined ? [] : [{ position, row }]
  })
  // Rows are recycled by their position modulo what can be drawn at once, so that scrolling changes elements and makes none.
  // Rounded up: a window that is dragged larger does not make all rows anew at each step.
  const poolSize = Math.ceil(((virtualizer.scrollRect?.height ?? 0) / rowHeight + 2 * overscan + 2) / 8) * 8
  const slots = useDrawnPositions(wanted, poolSize, virtualizer.range?.startIndex ?? 0, virtualizer.isScrolling)
  useImperativeHandle(ref, () => ({
    focus: () => grid.current?.focus(),
    scrollTo: (position) => virtualizer.scrollToIndex(position, { align: 'auto' }),
    pageSize: () => Math.max(1, Math.floor((body.current?.clientHeight ?? rowHeight) / rowHeight) - 1),
  }))
  useHeldOrder(body, index, rows, onOrderChange)
  const cursorAt = cursor === null ? -1 : index.positionOf(cursor)
  const template = ['24px', ...columns.map((column) => column.width)].join(' ')
  const allState = selected.size === 0 ? false : rows.every((row) => selected.has(row.key)) ? true : 'mixed'
  return (
    <div
      ref={grid}
      className={styles.grid}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={cursorAt < 0 ? undefined : `${id}-${cursorAt}`}
      tabIndex={0}
      style={{ '--cols': template } as React.CSSProperties}
      onKeyDown={props.onKey}
    >
      <div role="rowgroup" className={styles.head}>
        <div className={classNames(styles.row, styles.headRow)} role="row" aria-rowindex={1}>
          <div className={styles.check} role="columnheader">
            <Checkbox label="Select all" checked={allState} tabIndex={-1} onChange={props.onToggleAll} />
          </div>
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} {...props} />
          ))}
        </div>
      </div>
      <div ref={body} className={styles.body} role="presentation">
        <div role="rowgroup" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {[...slots].map(([slot, { position, row }]) => (
            <Row
              key={slot}
              id={`${id}-${position}`}
              row={row}
              position={position}
              columns={columns}
              scene={scene}
              isCursor={row.key === cursor}
              isSelected={selected.has(row.key)}
              onRowPress={props.onRowPress}
              onRowOpen={props.onRowOpen}
              onToggle={props.onToggle}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

function HeaderCell({
  column,
  sortColumn,
  isDescending,
  onSort,
}: GridProps & { readonly column: Column }): ReactElement {
  const isSorted = column.id === sortColumn
  const className = classNames(column.isRight === true && styles.right)
  if (column.value === undefined)
    return (
      <div role="columnheader" className={className}>
        {column.label}
      </div>
    )
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" tabIndex={-1} className={styles.sort} onClick={() => onSort(column)}>
        {column.label}
        {isSorted ? <Icon name={isDescending ? 'arrow-down' : 'arrow-up'} size={11} /> : null}
      </button>
    </div>
  )
}

const Row = memo(function Row({
  id,
  row,
  position,
  columns,
  scene,
  isCursor,
  isSelected,
  onRowPress,
  onRowOpen,
  onToggle,
}: {
  readonly id: string
  readonly row: FluxRow
  readonly position: number
  readonly columns: readonly Column[]
  readonly scene: RowScene
  readonly isCursor: boolean
  readonly isSelected: boolean
} & Pick<GridProps, 'onRowPress' | 'onRowOpen' | 'onToggle'>): ReactElement {
  const title = oneLine(titleOfRow(row, scene))
  const isStale = isRowStale(row, scene)
  const context = contextOfRow(row, scene)
  const overdue = row.status.isOverdue ? ', overdue' : ''
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={position + 2}
      aria-label={title}
      aria-description={`${context?.name ?? 'no context'}, ${isStale ? 'Stale' : row.status.word}${overdue}`}
      aria-selected={isSelected}
      data-key={row.key}
      className={classNames(styles.row, styles.bodyRow, isCursor && styles.cursor, isStale && styles.old)}
      style={{ transform: `translateY(${position * rowHeight}px)` }}
      onClick={(event) => onRowPress(row, event)}
      onDoubleClick={() => onRowOpen(row)}
    >
      <div className={styles.check} role="gridcell">
        <Checkbox
          label={`Select ${title}`}
          checked={isSelected}
          tabIndex={-1}
          onChange={(event) => onToggle(row, event.shiftKey)}
        />
      </div>
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={classNames(column.isRight === true && styles.right, column.id === 'status' && styles.status)}
        >
          {column.render(row, scene)}
        </div>
      ))}
    </div>
  )
})

/**
 * Rows never jump under the pointer: while it moves over the rows the order is held, and when rows come or go above, the scroll
 * position follows, so that the row under the pointer stays where it is.
 */
function useHeldOrder(
  body: React.RefObject<HTMLDivElement | null>,
  index: RowIndex,
  rows: readonly FluxRow[],
  onOrderChange: () => void,
): void {
  const hovered = useRef<{ key: string; position: number } | null>(null)
  useEffect(() => {
    const element = body.current
    if (element === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const release = (): void => {
      clearTimeout(timer)
      hovered.current = null
      if (index.setHeld(false)) onOrderChange()
    }
    const move = (event: PointerEvent): void => {
      const key = event.target instanceof Element ? event.target.closest('[data-key]')?.getAttribute('data-key') : null
      hovered.current = key === null || key === undefined ? null : { key, position: index.positionOf(key) }
      index.setHeld(true)
      clearTimeout(timer)
      timer = setTimeout(release, holdMs)
    }
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerleave', release)
    return () => {
      release()
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerleave', release)
    }
  }, [body, index, onOrderChange])
  useLayoutEffect(() => {
    const element = body.current
    const current = hovered.current
    if (element === null || current === null) return
    const position = index.positionOf(current.key)
    if (position < 0 || current.position < 0) return
    if (position !== current.position) element.scrollTop += (position - current.position) * rowHeight
    hovered.current = { key: current.key, position }
  }, [body, index, rows])
}
