import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignLines } from '../../../renderer/editor/line-alignment.ts'
import type { Alignment } from '../../../renderer/editor/line-alignment.ts'

function align(git: readonly string[], live: readonly string[]): Alignment {
  const walk = alignLines(git.join('\n'), live.join('\n'))
  for (let step = walk.next(); ; step = walk.next()) if (step.done === true) return step.value
}

/** The cluster's text made from Git's and the hunks alone. */
function applied({ git, live, hunks }: Alignment): readonly string[] {
  const lines: string[] = []
  let at = 0
  for (const hunk of hunks) {
    lines.push(...git.slice(at, hunk.gitFrom))
    expect(lines.length).toBe(hunk.liveFrom)
    lines.push(...live.slice(hunk.liveFrom, hunk.liveTo))
    at = hunk.gitTo
  }
  return [...lines, ...git.slice(at)]
}

const line = fc.constantFrom('a', 'b', 'c', 'd', 'e', '- x', '- y', '', '  z')
const numbered = fc.integer({ min: 0, max: 60 }).map((number) => `line ${number}`)

describe('alignLines', () => {
  it('makes one side from the other, whatever both are', () => {
    for (const of of [line, numbered])
      fc.assert(
        fc.property(fc.array(of, { maxLength: 60 }), fc.array(of, { maxLength: 60 }), (git, live) => {
          const alignment = align(git, live)
          expect(applied(alignment)).toEqual(alignment.live)
        }),
        { numRuns: 400 },
      )
  })

  it('finds scattered changes one by one, and a repeated line that was put in', () => {
    const git = Array.from({ length: 2000 }, (_, index) => `key ${index}`)
    const live = git.map((text, index) => (index % 2 === 1 ? `${text} changed` : text))
    expect(align(git, live).hunks).toHaveLength(1000)
    const same = Array.from({ length: 3000 }, (_, index) => ['- a', '- b', '- c'][index % 3] ?? '')
    const more = [...same.slice(0, 999), '- new', ...same.slice(999, 2100), '- other', ...same.slice(2101)]
    expect(align(same, more).hunks).toHaveLength(2)
  })

  it('takes a stretch without anything in common as one difference, and yields while it looks', () => {
    const git = Array.from({ length: 10_000 }, (_, index) => ['a', 'b', 'c'][(index * 7) % 3] ?? '')
    const live = Array.from({ length: 10_000 }, (_, index) => ['d', 'b', 'c', 'a'][(index * index) % 4] ?? '')
    const walk = alignLines(git.join('\n'), live.join('\n'))
    let turns = 0
    let step = walk.next()
    for (; step.done !== true; step = walk.next()) turns += 1
    expect(turns).toBeGreaterThan(10)
    expect(applied(step.value)).toEqual(live)
    expect(align([], git).hunks).toEqual([{ gitFrom: 0, gitTo: 0, liveFrom: 0, liveTo: 10_000 }])
  })
})
