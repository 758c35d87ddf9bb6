/** Finds a text in both sides of a difference, whatever of it an editor shows. Pure; a generator, as the alignment. */
import type { Alignment } from './line-alignment.ts'

/** 0-based line of that side's whole text, and column of the first character. */
export interface DiffMatch {
  readonly side: 'git' | 'live'
  readonly line: number
  readonly column: number
}

export interface DiffMatches {
  readonly found: readonly DiffMatch[]
  /** There are more than `found` has. */
  readonly isCut: boolean
}

const maxMatches = 10_000
const stepLines = 4096

/** Case is ignored unless the text has a capital letter. A line that both sides have is found once, in the cluster. In order of the lines. */
export function* findText(alignment: Alignment, text: string): Generator<undefined, DiffMatches, undefined> {
  const found: DiffMatch[] = []
  if (text === '') return { found, isCut: false }
  const isExact = text !== text.toLowerCase()
  let looked = 0
  const { git, live, hunks } = alignment
  const look = function* (side: 'git' | 'live', from: number, to: number): Generator<undefined, boolean, undefined> {
    const lines = side === 'git' ? git : live
    for (let line = from; line < to; line += 1) {
      if ((looked += 1) % stepLines === 0) yield
      const own = lines[line] ?? ''
      const searched = isExact ? own : own.toLowerCase()
      for (let at = searched.indexOf(text); at >= 0; at = searched.indexOf(text, at + text.length)) {
        if (found.length === maxMatches) return false
        found.push({ side, line, column: at })
      }
    }
    return true
  }
  let liveAt = 0
  for (const hunk of hunks) {
    if (!(yield* look('live', liveAt, hunk.liveFrom))) return { found, isCut: true }
    if (!(yield* look('git', hunk.gitFrom, hunk.gitTo))) return { found, isCut: true }
    if (!(yield* look('live', hunk.liveFrom, hunk.liveTo))) return { found, isCut: true }
    liveAt = hunk.liveTo
  }
  return { found, isCut: !(yield* look('live', liveAt, live.length)) }
}
