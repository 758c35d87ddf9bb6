import { describe, expect, it } from 'vitest'
import type { LogLine } from '../../../../shared/model/detail.ts'
import {
  appendLines,
  emptyLog,
  findLines,
  lineText,
  markParts,
  maxLogLines,
} from '../../../../renderer/features/object/log-buffer.ts'

const line = (index: number, text = `line ${index}`): LogLine => ({
  key: String(index),
  at: 0,
  pod: 'p',
  container: 'c',
  text,
})

describe('a log on the screen', () => {
  it('keeps the last 10,000 lines and counts what went', () => {
    const first = appendLines(
      emptyLog,
      Array.from({ length: maxLogLines }, (_, index) => line(index)),
    )
    const next = appendLines(first, [line(maxLogLines), line(maxLogLines + 1)])
    expect(next.lines).toHaveLength(maxLogLines)
    expect(next.lines[0]?.key).toBe('2')
    expect(next.dropped).toBe(2)
  })

  it('takes a repetition after a resubscription once', () => {
    const first = appendLines(emptyLog, [line(1), line(2)])
    expect(appendLines(first, [line(1), line(2)])).toBe(first)
    expect(appendLines(first, [line(2), line(3)]).lines.map((each) => each.key)).toEqual(['1', '2', '3'])
  })

  it('is searched without case', () => {
    expect(findLines([line(0, 'Error: x'), line(1, 'fine'), line(2, 'an ERROR')], 'error')).toEqual([0, 2])
    expect(findLines([line(0)], '')).toEqual([])
  })

  it('marks every match and changes no text', () => {
    const parts = markParts('aXbxc', 'x')
    expect(parts).toEqual([
      { text: 'a', isMatch: false },
      { text: 'X', isMatch: true },
      { text: 'b', isMatch: false },
      { text: 'x', isMatch: true },
      { text: 'c', isMatch: false },
    ])
    expect(
      markParts('İx', 'x')
        .map((part) => part.text)
        .join(''),
    ).toBe('İx')
  })

  it('copies times only when asked', () => {
    expect(lineText(line(1), false)).toBe('line 1')
    expect(lineText(line(1), true)).toBe('1970-01-01T00:00:00.000Z line 1')
  })
})
