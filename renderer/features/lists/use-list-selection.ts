import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { KeyboardEvent, MouseEvent, RefObject } from 'react'
import { useStore } from 'zustand'
import type { Category, FluxRow } from '../../../shared/model/rows.ts'
import type { GridHandle } from './grid.tsx'
import { keysBetween, selectionStore } from './list-state.ts'
import type { RowIndex } from './row-index.ts'

export interface ListSelectionActions {
  readonly cursor: string | null
  /** The row with the cursor; undefined where the filter hides it or it is gone. */
  readonly cursorRow: FluxRow | undefined
  readonly selected: ReadonlySet<string>
  /** Selected rows of the list, hidden by the filter or not. */
  readonly selectedRows: readonly FluxRow[]
  /** To a position, or the nearest there is. */
  readonly moveTo: (position: number) => void
  readonly move: (step: number) => void
  /** Moves and takes along what lies between. */
  readonly extend: (step: number) => void
  readonly toggle: (row: FluxRow) => void
  readonly clear: () => void
  readonly selectAll: () => void
  /** Where a menu opens: a row beside the selection gives it up. */
  readonly pointAt: (key: string) => void
  /** The same functions for good, so that rows are not drawn anew for them. */
  readonly onToggle: (row: FluxRow, isExtending: boolean) => void
  readonly onRowPress: (row: FluxRow, event: MouseEvent) => void
  /** Page up, page down, home and end. */
  readonly onKey: (event: KeyboardEvent) => void
}

/** Moving and selecting in a list whose rows are `index`'s; `version` stands for its content. */
export function useListSelection(
  category: Category,
  index: RowIndex,
  version: number,
  grid: RefObject<GridHandle | null>,
): ListSelectionActions {
  const selection = selectionStore(category)
  const { cursor, selected, anchor } = useStore(selection)
  const rows = index.rows
  const cursorRow = cursor === null ? undefined : rows[index.positionOf(cursor)]
  const selectedRows = useMemo(() => {
    const found: FluxRow[] = []
    if (selected.size > 0) for (const row of index.memberRows()) if (selected.has(row.key)) found.push(row)
    return found
    // `version` stands for the index's content.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected, index, version])

  const moveTo = (position: number): void => {
    // Rows may have come since they were drawn.
    const row = index.rows[Math.max(0, Math.min(index.rows.length - 1, position))]
    if (row === undefined) return
    selection.setState({ cursor: row.key })
    grid.current?.scrollTo(index.positionOf(row.key))
  }
  const move = (step: number): void => {
    const at = cursor === null ? -1 : index.positionOf(cursor)
    moveTo(at < 0 ? (step > 0 ? 0 : index.rows.length - 1) : at + step)
  }
  const extendTo = (position: number): void => {
    const row = rows[position]
    if (row === undefined) return
    const from = anchor === null ? position : index.positionOf(anchor)
    const keys = keysBetween(rows, from < 0 ? position : from, position)
    selection.setState({ selected: new Set([...selected, ...keys]), cursor: row.key, anchor: anchor ?? row.key })
    grid.current?.scrollTo(position)
  }
  const extend = (step: number): void => {
    const at = cursor === null ? 0 : Math.max(0, index.positionOf(cursor))
    if (anchor === null || cursor === null) selection.setState({ anchor: rows[at]?.key ?? null })
    const next = Math.max(0, Math.min(rows.length - 1, at + step))
    const from = anchor === null ? at : Math.max(0, index.positionOf(anchor))
    const row = rows[next]
    if (row === undefined) return
    selection.setState({
      selected: new Set([...selected, ...keysBetween(rows, from, next)]),
      cursor: row.key,
      anchor: rows[from]?.key ?? null,
    })
    grid.current?.scrollTo(next)
  }
  const toggle = (row: FluxRow): void => {
    const next = new Set(selection.getState().selected)
    if (!next.delete(row.key)) next.add(row.key)
    selection.setState({ selected: next, cursor: row.key, anchor: row.key })
  }
  const clear = useCallback(() => selection.setState({ selected: new Set(), anchor: null }), [selection])
  const selectAll = (): void => selection.setState({ selected: new Set(rows.map((row) => row.key)) })
  const pointAt = (key: string): void =>
    selection.setState(
      selected.size > 0 && !selected.has(key) ? { cursor: key, selected: new Set(), anchor: null } : { cursor: key },
    )

  const handlers = {
    onToggle: (row: FluxRow, isExtending: boolean): void => {
      if (isExtending) extendTo(index.positionOf(row.key))
      else toggle(row)
    },
    onRowPress: (row: FluxRow, event: MouseEvent): void => {
      if (event.shiftKey) extendTo(index.positionOf(row.key))
      else if (event.ctrlKey || event.metaKey) toggle(row)
      else selection.setState({ cursor: row.key })
    },
  }
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  const onToggle = useCallback((row: FluxRow, isExtending: boolean) => latest.current.onToggle(row, isExtending), [])
  const onRowPress = useCallback((row: FluxRow, event: MouseEvent) => latest.current.onRowPress(row, event), [])

  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    const page = grid.current?.pageSize() ?? 10
    const step = { PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[event.key]
    if (step === undefined) return
    event.preventDefault()
    if (event.key === 'Home') moveTo(0)
    else if (event.key === 'End') moveTo(rows.length - 1)
    else move(step)
  }
  return {
    cursor,
    cursorRow,
    selected,
    selectedRows,
    moveTo,
    move,
    extend,
    toggle,
    clear,
    selectAll,
    pointAt,
    onToggle,
    onRowPress,
    onKey,
  }
}
