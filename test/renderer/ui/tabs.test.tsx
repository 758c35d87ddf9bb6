import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { TabPanel, Tabs } from '../../../renderer/ui/tabs/tabs.tsx'

describe('tabs', () => {
  it('are one tab stop with arrows inside, named without their count', () => {
    const onSelect = vi.fn()
    render(
      <>
        <Tabs
          scope="t"
          label="Views of this object"
          tabs={[
            { id: 'tree', label: 'Tree', count: 48 },
            { id: 'yaml', label: 'YAML' },
          ]}
          selected="tree"
          onSelect={onSelect}
        />
        <TabPanel scope="t" id="tree">
          panel
        </TabPanel>
      </>,
    )
    const tree = screen.getByRole('tab', { name: 'Tree', selected: true })
    expect(tree.getAttribute('aria-description')).toBe('48')
    expect(screen.getByRole('tab', { name: 'YAML' }).tabIndex).toBe(-1)
    expect(screen.getByRole('tabpanel', { name: 'Tree' }).textContent).toBe('panel')
    fireEvent.keyDown(screen.getByRole('tablist'), { key: 'ArrowLeft' })
    expect(onSelect).toHaveBeenCalledWith('yaml')
  })
})
