import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findText } from '../../../renderer/editor/diff-search.ts'
import { findLine, lineInPart, partsOf, textsOfPart } from '../../../renderer/editor/diff-parts.ts'
import type { Part, PartLimits } from '../../../renderer/editor/diff-parts.ts'
import { alignLines } from '../../../renderer/editor/line-alignment.ts'
import type { Alignment } from '../../../renderer/editor/line-alignment.ts'
import { largeShapes, largeTexts } from '../../fixtures/fake-host/large-texts.ts'

function finished<T>(work: Generator<undefined, T, undefined>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value
}
const align = (git: string, live: string): Alignment => finished(alignLines(git, live))
const limits: PartLimits = { lines: 12, changes: 3, characters: 500 }
const none: ReadonlySet<number> = new Set()

/** Every line of both sides stands in the pieces of the parts, in order and once. */
function expectWhole({ git, live }: Alignment, parts: readonly Part[]): void {
  const ends = { git: 0, live: 0 }
  for (const piece of parts.flatMap(({ pieces }) => pieces)) {
    expect([piece.gitFrom, piece.liveFrom]).toEqual([ends.git, ends.live])
    ends.git = piece.gitTo
    ends.live = piece.liveTo
  }
  expect(ends).toEqual({ git: git.length, live: live.length })
}

const text = fc
  .array(
    fc.integer({ min: 0, max: 40 }).map((number) => `line ${number}`),
    { maxLength: 80 },
  )
  .map((lines) => lines.join('\n'))

describe('partsOf', () => {
  it('leaves no line out, folded or not, and says which line is which', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.array(fc.nat(80)), (git, live, isFolded, shown) => {
        const alignment = align(git, live)
        const parts = partsOf(alignment, isFolded, new Set(shown), limits)
        expectWhole(alignment, parts)
        let changes = 0
        parts.forEach((part, index) => {
          const texts = textsOfPart(alignment, part)
          for (const side of ['git', 'live'] as const) {
            const numbers = texts[`${side}Numbers`]
            const lines = numbers.length === 0 ? [] : texts[side].split('\n')
            expect(lines.length).toBe(numbers.length)
            numbers.forEach((number, at) => {
              if (number === 0) return expect(lines[at]).toMatch(/^⋯ \d+ equal lines, /)
              expect(lines[at]).toBe(alignment[side][number - 1])
              expect(lineInPart(numbers, number)).toBe(at + 1)
              expect(findLine(parts, side, number - 1)?.part).toBe(index)
            })
          }
          expect(part.firstChange).toBeLessThanOrEqual(part.endChange)
          expect(texts.changes.length).toBe(part.endChange - part.firstChange)
          changes = part.endChange
        })
        expect(changes).toBe(alignment.hunks.length)
        if (isFolded)
          for (const line of shown.filter((each) => each < alignment.git.length))
            expect(findLine(parts, 'git', line)?.piece.kind).not.toBe('gap')
      }),
      { numRuns: 300 },
    )
  })

  it('gives an editor few lines of ten thousand, whatever differs in them', () => {
    const given = { lines: 240, changes: 60, characters: 100_000 }
    for (const shape of largeShapes)
      for (const isFolded of [true, false]) {
        const { git, live } = largeTexts(shape, 0).texts
        const alignment = align(git, live)
        const parts = partsOf(alignment, isFolded, none, given)
        expectWhole(alignment, parts)
        for (const part of parts) {
          const texts = textsOfPart(alignment, part)
          const height = Math.max(texts.gitNumbers.length, texts.liveNumbers.length)
          expect(height).toBeLessThanOrEqual(1.5 * given.lines + 10)
          expect(texts.changes.length).toBeLessThanOrEqual(given.changes)
          if (isFolded) expect(texts.changes.length).toBeGreaterThan(0)
        }
        if (isFolded && shape === 'few') expect(parts).toHaveLength(1)
      }
  })
})

describe('findText', () => {
  it('finds in both sides, equal lines once, and minds capitals only where they are asked for', () => {
    const alignment = align('a: one\nb: Two\nc: same\n', 'a: One one\nc: same\nd: two\n')
    const found = (wanted: string): string[] =>
      finished(findText(alignment, wanted)).found.map(({ side, line, column }) => `${side} ${line}:${column}`)
    expect(found('one')).toEqual(['git 0:3', 'live 0:3', 'live 0:7'])
    expect(found('One')).toEqual(['live 0:3'])
    expect(found('two')).toEqual(['git 1:3', 'live 2:3'])
    expect(found('same')).toEqual(['live 1:3'])
    expect(found('')).toEqual([])
  })
})
