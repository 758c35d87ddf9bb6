import { expect, test } from 'vitest'
import { bindingOf, keymap } from '../../../renderer/app/keymap.ts'

const press = (key: string, more: Partial<Parameters<typeof bindingOf>[0]> = {}) =>
  bindingOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })?.command ?? null

test('no combination means two things', () => {
  const all = keymap.flatMap((binding) => binding.keys)
  expect(new Set(all).size).toBe(all.length)
})

test('keys as interface.md lists them', () => {
  expect(press('k', { ctrlKey: true })).toBe('palette')
  expect(press('k', { metaKey: true })).toBe('palette')
  expect(press('j')).toBe('next')
  expect(press('J', { shiftKey: true })).toBe('extendNext')
  expect(press('s')).toBe('gate')
  expect(press('r')).toBe('reconcile')
  expect(press('R', { shiftKey: true })).toBe('reconcileWithSource')
  expect(press('?', { shiftKey: true })).toBe('shortcuts')
  expect(press('/')).toBe('filter')
  expect(press('x')).toBe('select')
  expect(press('a', { ctrlKey: true })).toBe('selectAll')
  expect(press(' ')).toBe('preview')
  expect(press('[')).toBe('previousTab')
  expect(press('q')).toBeNull()
  expect(press('s', { ctrlKey: true })).toBeNull()
})
