import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { Gate } from '../../../renderer/ui/gate/gate.tsx'
import type { GateProps } from '../../../renderer/ui/gate/gate.tsx'
import '../support/window.ts'

function gate(props: Partial<GateProps>): {
  readonly element: HTMLElement
  readonly onPress: ReturnType<typeof vi.fn>
} {
  const onPress = vi.fn()
  const { container } = render(<Gate title="flux-system/apps" state="open" {...props} onPress={onPress} />)
  return { element: container.querySelector<HTMLElement>('[role="switch"]') ?? container, onPress }
}

const attributes = (element: HTMLElement): readonly (string | null)[] =>
  ['aria-checked', 'aria-description', 'aria-busy', 'aria-disabled'].map((name) => element.getAttribute(name))

test('every state says itself as interface.md has it', () => {
  expect(attributes(gate({ state: 'open' }).element)).toEqual(['true', 'open, reconciling', null, null])
  expect(attributes(gate({ state: 'closed' }).element)).toEqual(['false', 'closed, suspended', null, null])
  expect(attributes(gate({ state: 'held' }).element)).toEqual(['false', 'held, a plan is waiting', null, null])
  expect(attributes(gate({ state: 'holding' }).element)).toEqual(['false', 'held, no plan is waiting', null, null])
  expect(attributes(gate({ state: 'manual' }).element)).toEqual([
    'false',
    'manual, applied when you say so',
    null,
    null,
  ])
  expect(attributes(gate({ state: 'moving', isOpen: true }).element).slice(0, 1)).toEqual(['true'])
  expect(gate({ state: 'moving', isOpen: false }).element.getAttribute('aria-checked')).toBe('false')
  expect(gate({ state: 'moving', isOpen: false }).element.getAttribute('aria-busy')).toBe('true')
  expect(gate({ state: 'unknown' }).element.getAttribute('aria-disabled')).toBe('true')
  const locked = gate({ state: 'open', lockedReason: 'Context a is read-only' }).element
  expect(attributes(locked)).toEqual(['true', 'open, reconciling; Context a is read-only', null, 'true'])
  expect(screen.getAllByRole('switch', { name: 'Gate of flux-system/apps' }).length).toBeGreaterThan(6)
})

test('pointer and keys are told apart; a gate that is off or moving does nothing', () => {
  const open = gate({ state: 'open' })
  fireEvent.click(open.element, { detail: 1 })
  fireEvent.click(open.element, { detail: 0 })
  expect(open.onPress.mock.calls).toEqual([['pointer'], ['keyboard']])
  for (const props of [{ state: 'unknown' }, { state: 'moving' }, { lockedReason: 'no' }] as const) {
    const off = gate(props)
    fireEvent.click(off.element, { detail: 1 })
    expect(off.onPress).not.toHaveBeenCalled()
  }
})

test('each kind of closed has a form of its own, not only a colour', () => {
  const forms = (['closed', 'held', 'holding', 'manual'] as const).map((state) =>
    gate({ state })
      .element.querySelector('svg')
      ?.innerHTML.replaceAll(/class="[^"]*"/g, ''),
  )
  expect(new Set(forms).size).toBe(4)
})
