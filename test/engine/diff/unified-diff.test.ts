import { describe, expect, it } from 'vitest'
import { unifiedDiff } from '../../../electron/engine/diff/unified-diff.ts'

const names = { before: 'a', after: 'b' }
const lines = (...all: readonly (string | number)[]): string => all.map((line) => `${line}\n`).join('')
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('a unified diff', () => {
  it('is empty for equal texts', () => {
    expect(unifiedDiff('a\n', 'a\n', names)).toBe('')
  })

  it('shows three lines around each change, near ones together', () => {
    const before = lines(...upTo(30))
    const after = lines(
      ...upTo(30)
        .map((line) => (line === 5 || line === 9 ? `${line}!` : line))
        .filter((line) => line !== 25),
    )
    expect(
      unifiedDiff(before, after, names)
        .split('\n')
        .filter((line) => line.startsWith('@@')),
    ).toEqual(['@@ -2,11 +2,11 @@', '@@ -22,7 +22,6 @@'])
  })

  it('of a text against nothing', () => {
    expect(unifiedDiff('', 'a\nb\n', names)).toBe('--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b')
    expect(unifiedDiff('a\n', '', names)).toBe('--- a\n+++ b\n@@ -1 +0,0 @@\n-a')
  })

  it('turns the one text into the other, as patch understands it', () => {
    const before = lines(...upTo(60))
    const edits: ((line: number) => readonly (string | number)[])[] = [
      (line) => (line % 7 === 0 ? [] : [line]),
      (line) => (line % 11 === 0 ? [line, `${line}+`] : [line]),
      (line) => (line === 1 || line === 60 ? [`${line}x`] : [line]),
      (line) => (line > 20 && line < 40 ? [] : [line]),
    ]
    for (const edit of edits) {
      const after = lines(...upTo(60).flatMap(edit))
      expect(applyUnified(before, unifiedDiff(before, after, names))).toBe(after)
    }
  })
})

/** A patch program of a few lines. */
function applyUnified(text: string, diff: string): string {
  const old = text.trimEnd().split('\n')
  const out: string[] = []
  let at = 0
  for (const line of diff.split('\n').slice(2)) {
    const header = /^@@ -(\d+)(?:,(\d+))? /.exec(line)
    if (header !== null) {
      const from = Number(header[1]) - (header[2] === '0' ? 0 : 1)
      while (at < from) out.push(old[at++]!)
    } else if (line.startsWith('+')) out.push(line.slice(1))
    else {
      expect(old[at]).toBe(line.slice(1))
      if (line.startsWith(' ')) out.push(line.slice(1))
      at += 1
    }
  }
  return [...out, ...old.slice(at)].map((line) => `${line}\n`).join('')
}
