import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minimalEdit } from '../../../renderer/editor/minimal-edit.ts'
import { scaleCount, seed } from '../../soak.ts'

test.each([
  ['a\nb\nc\n', 'a\nb\nc\n', null],
  ['a\nb\nc\n', 'a\nX\nc\n', { start: 2, end: 4, text: 'X\n' }],
  ['a\nc\n', 'a\nb\nc\n', { start: 2, end: 2, text: 'b\n' }],
  ['', 'a\n', { start: 0, end: 0, text: 'a\n' }],
  ['a\na\n', 'a\n', { start: 2, end: 4, text: '' }],
])('%j to %j', (before, after, edit) => {
  expect(minimalEdit(before, after)).toEqual(edit)
})

test('an edit makes the one text the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '\n', 'aa\n', '😀'), { maxLength: 30 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edit = minimalEdit(before, after)
      const made = edit === null ? before : before.slice(0, edit.start) + edit.text + before.slice(edit.end)
      expect(made).toBe(after)
    }),
    { numRuns: scaleCount(3000), seed: seed() },
  )
})
