import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { TreeGrid } from '../../../renderer/ui/tree/tree-grid.tsx'
import { moveOf, visibleRows } from '../../../renderer/ui/tree/tree-rows.ts'
import type { TreeItem } from '../../../renderer/ui/tree/tree-rows.ts'

const item = (id: string, parent: string | null = null): TreeItem => ({ id, parent })
const forest = [item('a'), item('a1', 'a'), item('a1x', 'a1'), item('a2', 'a'), item('b')]

describe('rows of a tree', () => {
  it('run depth first and know level, place and whether lines run on', () => {
    const rows = visibleRows(forest, () => true)
    expect(rows.map((row) => [row.item.id, row.level, row.position, row.setSize])).toEqual([
      ['a', 1, 1, 2],
      ['a1', 2, 1, 2],
      ['a1x', 3, 1, 1],
      ['a2', 2, 2, 2],
      ['b', 1, 2, 2],
    ])
    expect(rows[2]?.guides).toEqual([true, false])
  })

  it('hide what is below a closed row', () => {
    expect(visibleRows(forest, ({ id }) => id === 'a').map((row) => row.item.id)).toEqual(['a', 'a1', 'a2', 'b'])
  })

  it('show items with a missing parent or on a cycle once, as roots', () => {
    const rows = visibleRows([item('x', 'gone'), item('p', 'q'), item('q', 'p')], () => true)
    expect(rows.map((row) => row.item.id).sort()).toEqual(['p', 'q', 'x'])
    expect(rows.every((row) => row.level === 1)).toBe(true)
  })

  it('move by the keys of a treegrid', () => {
    const rows = visibleRows(forest, ({ id }) => id === 'a')
    expect(moveOf(rows, 0, 'ArrowDown', 10)).toEqual({ to: 1 })
    expect(moveOf(rows, 0, 'ArrowUp', 10)).toEqual({ to: 0 })
    expect(moveOf(rows, 1, 'ArrowLeft', 10)).toEqual({ to: 0 })
    expect(moveOf(rows, 1, 'ArrowRight', 10)).toEqual({ toggle: forest[1], isExpanded: true })
    expect(moveOf(rows, 0, 'ArrowLeft', 10)).toEqual({ toggle: forest[0], isExpanded: false })
    expect(moveOf(rows, 3, 'Home', 10)).toEqual({ to: 0 })
    expect(moveOf(rows, 0, 'End', 10)).toEqual({ to: 3 })
    expect(moveOf(rows, 0, 'PageDown', 10)).toEqual({ to: 3 })
    expect(moveOf(rows, -1, 'j', 10)).toEqual({ to: 0 })
    expect(moveOf(rows, 0, 'q', 10)).toBeNull()
  })
})

function Harness({ count, onOpen }: { readonly count: number; readonly onOpen: (id: string) => void }): ReactElement {
  const items = [item('root'), ...Array.from({ length: count }, (_, index) => item(`n${index}`, 'root'))]
  const [cursor, setCursor] = useState<string | null>(null)
  const [open, setOpen] = useState(true)
  return (
    <TreeGrid
      label="Tree"
      rows={visibleRows(items, () => open)}
      template="1fr 1fr"
      treeHeader="Object"
      treeCell={({ id }) => <span>{id}</span>}
      columns={[{ id: 'c', header: 'Column', cell: ({ id }) => `cell ${id}` }]}
      rowLabel={({ id }) => `po ${id}`}
      cursor={cursor}
      onCursor={({ id }) => setCursor(id)}
      onToggle={(_, isExpanded) => setOpen(isExpanded)}
      onOpen={({ id }) => onOpen(id)}
    />
  )
}

describe('a treegrid', () => {
  it('is one tab stop with the cursor inside, and opens with Enter', () => {
    const onOpen = vi.fn()
    render(<Harness count={3} onOpen={onOpen} />)
    const grid = screen.getByRole('treegrid', { name: 'Tree' })
    fireEvent.focus(grid)
    expect(screen.getByRole('row', { name: 'po root' }).getAttribute('aria-selected')).toBe('true')
    fireEvent.keyDown(grid, { key: 'ArrowDown' })
    const row = screen.getByRole('row', { name: 'po n0' })
    expect(grid.getAttribute('aria-activedescendant')).toBe(row.id)
    expect(row.getAttribute('aria-level')).toBe('2')
    fireEvent.keyDown(grid, { key: 'Enter' })
    expect(onOpen).toHaveBeenCalledWith('n0')
    fireEvent.keyDown(grid, { key: 'ArrowLeft' })
    fireEvent.keyDown(grid, { key: 'ArrowLeft' })
    expect(screen.queryByRole('row', { name: 'po n0' })).toBeNull()
    expect(screen.getByRole('row', { name: 'po root' }).getAttribute('aria-expanded')).toBe('false')
  })

  it('draws a part of 5,000 rows only and says how many there are', () => {
    render(<Harness count={5000} onOpen={() => undefined} />)
    expect(screen.getAllByRole('row').length).toBeLessThan(80)
    expect(screen.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('5002')
  })
})
