import '../support/window.ts'
import { fireEvent, render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { MomentInput } from '../../../renderer/ui/time/moment-input.tsx'
import type { MomentInputProps } from '../../../renderer/ui/time/moment-input.tsx'

const at = new Date(2026, 8, 16, 13, 41, 53, 278).getTime()

function show(props: Partial<MomentInputProps> = {}) {
  const onTake = vi.fn<(at: number | null) => void>()
  const taking = props.onType === undefined ? { isPast: true, onTake } : props
  const { rerender } = render(<MomentInput label="From" value={at} {...taking} />)
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'From' })
  return { input, onTake, rerender, type: (value: string) => fireEvent.change(input, { target: { value } }) }
}

it('shows 24 hours, and takes what was typed with Enter or when it is left, once', () => {
  const { input, onTake, type } = show()
  expect(input.value).toBe('2026-09-16 13:41:53')
  type('2026-09-15 08:05')
  expect(onTake).not.toHaveBeenCalled()
  fireEvent.keyDown(input, { key: 'Enter' })
  fireEvent.blur(input)
  expect(onTake.mock.calls).toEqual([[new Date(2026, 8, 15, 8, 5).getTime()]])
  type('8:05')
  fireEvent.blur(input)
  expect(onTake).toHaveBeenLastCalledWith(new Date(2026, 8, 16, 8, 5).getTime())
})

it('moves nothing where nothing was changed', () => {
  const { input, onTake, type } = show()
  type('2026-09-16 13:41:5')
  type('2026-09-16 13:41:53')
  fireEvent.blur(input)
  expect(onTake).not.toHaveBeenCalled()
})

it('keeps what is no time to be mended, and Escape takes it back', () => {
  const { input, onTake, type } = show()
  type('yesterday')
  fireEvent.blur(input)
  expect(onTake.mock.calls).toEqual([[null]])
  expect(input.value).toBe('yesterday')
  fireEvent.keyDown(input, { key: 'Escape' })
  expect(input.value).toBe('2026-09-16 13:41:53')
})

it('knows how long ago something was, where it is about what was', () => {
  const { input, onTake, type } = show()
  const now = Date.now()
  type('90m')
  fireEvent.keyDown(input, { key: 'Enter' })
  const [taken] = onTake.mock.calls.at(-1) ?? []
  expect(taken).toBeGreaterThanOrEqual(now - 5_400_000)
  expect(taken).toBeLessThanOrEqual(Date.now() - 5_400_000)
})

it.each([
  [4, '2026-09-17 13:41:53'],
  [12, '2026-09-16 14:41:53'],
  [15, '2026-09-16 13:42:53'],
  [19, '2026-09-16 13:41:54'],
])('steps the part in which the cursor is (%d), and leaves it there', (caret, expected) => {
  const { input } = show()
  input.setSelectionRange(caret, caret)
  fireEvent.keyDown(input, { key: 'ArrowUp' })
  expect([input.value, input.selectionStart]).toEqual([expected, caret])
  fireEvent.keyDown(input, { key: 'ArrowDown' })
  expect(input.value).toBe('2026-09-16 13:41:53')
})

it('does not hide a value that comes from elsewhere', () => {
  const { input, rerender, onTake, type } = show()
  type('nonsense')
  rerender(<MomentInput label="From" value={at + 60_000} isPast onTake={onTake} />)
  expect(input.value).toBe('2026-09-16 13:42:53')
})

it('follows what is typed where nothing is taken at the end', () => {
  const onType = vi.fn<(at: number | null) => void>()
  const { input, type } = show({ precision: 'minute', onType })
  expect(input.value).toBe('2026-09-16 13:41')
  type('2026-09-17 1')
  type('2026-09-17 18:00')
  type('90m')
  expect(onType.mock.calls).toEqual([[null], [new Date(2026, 8, 17, 18).getTime()], [null]])
})
