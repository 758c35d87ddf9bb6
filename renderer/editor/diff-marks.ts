/** Which lines of a difference belong to which field: marks name a line of each side, differences span several. Pure. */

/** A field's place in the texts; lines are 1-based, 0 where the field is absent on that side. */
export interface DiffMark {
  readonly field: string
  readonly gitLine: number
  readonly liveLine: number
  /** Differs, but is no drift: drawn grey. */
  readonly isQuiet: boolean
}

/** One difference of the lines, as Monaco names it: 1-based, an end of 0 where a side has none of it. */
export interface LineChange {
  readonly originalStartLineNumber: number
  readonly originalEndLineNumber: number
  readonly modifiedStartLineNumber: number
  readonly modifiedEndLineNumber: number
}

export interface Span {
  readonly from: number
  readonly to: number
}

export interface MarkSpans {
  readonly git: Span | null
  readonly live: Span | null
}

export const noSpans: MarkSpans = { git: null, live: null }

/** Lines of each field on each side: from its mark to the end of the difference that it is in, or to the next mark. */
export function spansOf(marks: readonly DiffMark[], changes: readonly LineChange[]): ReadonlyMap<string, MarkSpans> {
  const side = (
    lineOf: (mark: DiffMark) => number,
    startOf: (change: LineChange) => number,
    endOf: (change: LineChange) => number,
  ): ReadonlyMap<string, Span> => {
    const ordered = marks.filter((mark) => lineOf(mark) > 0).sort((a, b) => lineOf(a) - lineOf(b))
    const found = new Map<string, Span>()
    let at = 0
    ordered.forEach((mark, index) => {
      const line = lineOf(mark)
      let change = changes[at]
      while (change !== undefined && (endOf(change) === 0 || endOf(change) < line)) change = changes[(at += 1)]
      const isInside = change !== undefined && isWithin(line, startOf(change), endOf(change))
      let to = isInside && change !== undefined ? endOf(change) : line
      const next = ordered[index + 1]
      if (next !== undefined && lineOf(next) > line) to = Math.min(to, lineOf(next) - 1)
      found.set(mark.field, { from: line, to })
    })
    return found
  }
  const git = side(
    (mark) => mark.gitLine,
    (change) => change.originalStartLineNumber,
    (change) => change.originalEndLineNumber,
  )
  const live = side(
    (mark) => mark.liveLine,
    (change) => change.modifiedStartLineNumber,
    (change) => change.modifiedEndLineNumber,
  )
  return new Map(marks.map(({ field }) => [field, { git: git.get(field) ?? null, live: live.get(field) ?? null }]))
}

/** First lines of the differences that are no drift. */
export function linesOf(
  marks: readonly DiffMark[],
  spans: ReadonlyMap<string, MarkSpans>,
  side: 'git' | 'live',
): ReadonlySet<number> {
  return new Set(marks.flatMap((mark) => spans.get(mark.field)?.[side]?.from ?? []))
}

export function isWithin(line: number, from: number, to: number): boolean {
  return line > 0 && to > 0 && line >= from && line <= to
}
