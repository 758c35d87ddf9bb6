import { describe, expect, it } from 'vitest'
import { linesOf, spansOf } from '../../../renderer/editor/diff-marks.ts'

const mark = (field: string, gitLine: number, liveLine: number, isQuiet = false) => ({
  field,
  gitLine,
  liveLine,
  isQuiet,
})
const change = (git: readonly [number, number], live: readonly [number, number]) => ({
  originalStartLineNumber: git[0],
  originalEndLineNumber: git[1],
  modifiedStartLineNumber: live[0],
  modifiedEndLineNumber: live[1],
})

describe('lines of a field in a difference', () => {
  it('reach to the end of the difference that it stands in', () => {
    const spans = spansOf([mark('spec', 3, 3)], [change([3, 5], [3, 3])])
    expect(spans.get('spec')).toEqual({ git: { from: 3, to: 5 }, live: { from: 3, to: 3 } })
  })

  it('end before the next field of the same difference', () => {
    const spans = spansOf([mark('a', 2, 2), mark('b', 4, 3)], [change([2, 6], [2, 5])])
    expect(spans.get('a')).toEqual({ git: { from: 2, to: 3 }, live: { from: 2, to: 2 } })
    expect(spans.get('b')).toEqual({ git: { from: 4, to: 6 }, live: { from: 3, to: 5 } })
  })

  it('are none on the side that has no such field, and one line outside of every difference', () => {
    const spans = spansOf([mark('gone', 7, 0), mark('calm', 1, 1)], [change([7, 8], [6, 0])])
    expect(spans.get('gone')).toEqual({ git: { from: 7, to: 8 }, live: null })
    expect(spans.get('calm')).toEqual({ git: { from: 1, to: 1 }, live: { from: 1, to: 1 } })
  })

  it('of ten thousand fields are found in one pass', () => {
    const marks = Array.from({ length: 10_000 }, (_, index) => mark(`f${index}`, index + 1, index + 1))
    const spans = spansOf(marks, [change([1, 10_000], [1, 10_000])])
    expect(spans.get('f9999')).toEqual({ git: { from: 10_000, to: 10_000 }, live: { from: 10_000, to: 10_000 } })
    expect(linesOf(marks, spans, 'live').size).toBe(10_000)
  })
})
