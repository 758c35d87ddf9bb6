import { expect, it } from 'vitest'
import { diffLines } from '../../../electron/engine/repositories/line-diff.ts'

const lines = (text: string): string[] => [...text]

it.each([
  ['abc', 'abc', []],
  ['abc', 'abxc', [[2, 1, 2, 0]]],
  ['abxc', 'abc', [[2, 0, 2, 1]]],
  ['abc', 'aXc', [[1, 1, 1, 1]]],
  ['', 'ab', [[0, 2, 0, 0]]],
  ['ab', '', [[0, 0, 0, 2]]],
  [
    'abcdef',
    'aXcdYZf',
    [
      [1, 1, 1, 1],
      [4, 2, 4, 1],
    ],
  ],
])('%s to %s', (before, after, expected) => {
  expect(diffLines(lines(before), lines(after)).map((h) => [h.start, h.added, h.oldStart, h.removed])).toEqual(expected)
})

it('turns one text into the other, whatever they are', () => {
  let seed = 7
  const next = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
  for (let round = 0; round < 400; round += 1) {
    const before = Array.from({ length: Math.floor(next() * 30) }, () => String(Math.floor(next() * 5)))
    const after = Array.from({ length: Math.floor(next() * 30) }, () => String(Math.floor(next() * 5)))
    const made = [...before]
    for (const hunk of [...diffLines(before, after)].reverse())
      made.splice(hunk.oldStart, hunk.removed, ...after.slice(hunk.start, hunk.start + hunk.added))
    expect(made).toEqual(after)
  }
})

it('gives up on the middle of texts that have nothing in common', () => {
  const before = Array.from({ length: 3000 }, (_, index) => `a${index}`)
  const after = Array.from({ length: 3000 }, (_, index) => `b${index}`)
  expect(diffLines(before, after)).toEqual([{ start: 0, added: 3000, oldStart: 0, removed: 3000 }])
})
