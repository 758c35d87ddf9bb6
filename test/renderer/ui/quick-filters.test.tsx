import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { FilterDraft } from '../../../renderer/ui/filter-bar/filter-bar.tsx'
import { QuickFilters } from '../../../renderer/ui/quick-filters/quick-filters.tsx'

const choices = [
  { token: 'is:odd', label: 'Odd', test: (item: number) => item % 2 === 1 },
  { token: 'is:large', label: 'Large', test: (item: number) => item >= 1000 },
]

function draw(items: readonly number[], tokens: readonly string[]): readonly FilterDraft[] {
  const changes: FilterDraft[] = []
  render(
    <QuickFilters
      choices={choices}
      items={items}
      filter={{ tokens, draft: 'typ' }}
      onChange={(next) => void changes.push(next)}
    />,
  )
  return changes
}

const shown = (): readonly (readonly [string | null, string | null])[] =>
  screen.getAllByRole('button').map((button) => [button.textContent, button.getAttribute('aria-pressed')])

describe('quick filters', () => {
  it('count what each finds; one that finds nothing is left out', () => {
    const changes = draw([1, 2, 3], ['ns:apps'])
    expect(shown()).toEqual([
      ['All', 'true'],
      ['Odd 2', 'false'],
    ])
    fireEvent.click(screen.getByRole('button', { name: 'Odd 2' }))
    expect(changes).toEqual([{ tokens: ['ns:apps', 'is:odd'], draft: 'typ' }])
  })

  it('are on one at a time, stay while they are on, and leave what was typed', () => {
    const changes = draw([1, 1000], ['is:odd', 'ns:apps'])
    expect(shown()).toEqual([
      ['All', 'false'],
      ['Odd 1', 'true'],
      ['Large 1', 'false'],
    ])
    for (const name of ['Large 1', 'Odd 1', 'All']) fireEvent.click(screen.getByRole('button', { name }))
    expect(changes.map(({ tokens }) => tokens)).toEqual([['ns:apps', 'is:large'], ['ns:apps'], ['ns:apps']])
  })

  it('are not there where none would find anything, unless one is on', () => {
    draw([2], [])
    expect(screen.queryByRole('group')).toBeNull()
    draw([2], ['is:large'])
    expect(shown().at(-1)).toEqual(['Large 0', 'true'])
  })
})
