/**
 * A large difference in parts: of its lines only those near the changes, of these only as many as an editor sets without being felt. A part
 * says which lines of the whole its lines are. Pure.
 */
import type { MarkSpans, Span } from './diff-marks.ts'
import type { Alignment, Hunk } from './line-alignment.ts'

/** A run of a part's lines: 0-based in the whole, ends exclusive. `gap` stands as one line for those that are not shown. */
export interface Piece {
  readonly kind: 'equal' | 'differs' | 'gap'
  readonly gitFrom: number
  readonly gitTo: number
  readonly liveFrom: number
  readonly liveTo: number
}

export interface Part {
  readonly pieces: readonly Piece[]
  /** Changes of the whole that are (begun) here: index of the first, end exclusive. A change that is longer than a part stands in several. */
  readonly firstChange: number
  readonly endChange: number
}

/** Most of a part: lines of the longer side, differences, characters of both sides. */
export interface PartLimits {
  readonly lines: number
  readonly changes: number
  readonly characters: number
}

/** Equal lines that stay beside a change, and the least that are worth a fold: as in small differences. */
const contextLines = 2
const leastHidden = 4

/** `shown`: lines of Git, 0-based, that are not folded although they are equal. At least one part. */
export function partsOf(
  alignment: Alignment,
  isFolded: boolean,
  shown: ReadonlySet<number>,
  limits: PartLimits,
): readonly Part[] {
  const parts: Part[] = []
  let pieces: Piece[] = []
  let lines = 0
  let changes = 0
  let characters = 0
  let firstChange = 0
  let change = 0
  const close = (next: readonly Piece[] = []): void => {
    if (pieces.length > 0) parts.push({ pieces, firstChange, endChange: change })
    pieces = [...next]
    lines = next.reduce((sum, piece) => sum + heightOf(piece), 0)
    characters = next.reduce((sum, piece) => sum + lengthOf(alignment, piece), 0)
    changes = 0
    firstChange = change
  }
  const add = (piece: Piece, height: number, length: number): void => {
    pieces.push(piece)
    lines += height
    characters += length
  }
  /** What leads to the next change, which does not fit any more, goes with it. */
  const closeBeforeChange = (): void => {
    const lead: Piece[] = []
    for (let last = pieces.at(-1); last !== undefined && pieces.length > 1; last = pieces.at(-1)) {
      const isLead = last.kind === 'gap' ? lead.length === 1 : last.kind === 'equal' && lead.length === 0
      if (!isLead || (last.kind === 'equal' && heightOf(last) > contextLines + leastHidden)) break
      lead.unshift(last)
      pieces.pop()
    }
    close(lead)
  }
  /** Cut where a part is full. */
  const addEqual = (gitFrom: number, gitTo: number, liveFrom: number): void => {
    let from = gitFrom
    while (from < gitTo) {
      // A few lines beside a change make no part of their own.
      let room = gitTo - from <= 2 * contextLines + leastHidden ? gitTo - from : limits.lines - lines
      if (room <= 0) {
        close()
        room = limits.lines
      }
      let to = from
      let length = 0
      while (to < gitTo && to - from < room) {
        const line = 2 * (alignment.git[to] ?? '').length
        if (to > from && length + line > limits.characters) break
        length += line
        to += 1
      }
      const offset = liveFrom - gitFrom
      add({ kind: 'equal', gitFrom: from, gitTo: to, liveFrom: from + offset, liveTo: to + offset }, to - from, length)
      from = to
    }
  }
  const addHunk = (hunk: Hunk): void => {
    const height = heightOf(hunk)
    const length = lengthOf(alignment, hunk)
    const isFull = lines + height > limits.lines || characters + length > limits.characters
    if (changes >= limits.changes || (isFull && changes > 0)) closeBeforeChange()
    else if (isFull && lines > limits.lines / 2) closeBeforeChange()
    const count = Math.max(1, Math.ceil(height / limits.lines), Math.min(height, Math.ceil(length / limits.characters)))
    for (let index = 0; index < count; index += 1) {
      const cut = (from: number, to: number, at: number): number => from + Math.round(((to - from) * at) / count)
      const piece = {
        kind: 'differs',
        gitFrom: cut(hunk.gitFrom, hunk.gitTo, index),
        gitTo: cut(hunk.gitFrom, hunk.gitTo, index + 1),
        liveFrom: cut(hunk.liveFrom, hunk.liveTo, index),
        liveTo: cut(hunk.liveFrom, hunk.liveTo, index + 1),
      } as const
      if (index > 0) close()
      add(piece, heightOf(piece), lengthOf(alignment, piece))
      // A part that goes on with a change begins with it.
      if (index === 0) change += 1
      if (index > 0) firstChange = change - 1
    }
    changes += 1
  }

  let gitAt = 0
  let liveAt = 0
  for (let index = 0; index <= alignment.hunks.length; index += 1) {
    const hunk = alignment.hunks[index]
    const end = hunk?.gitFrom ?? alignment.git.length
    for (const [from, to, isShown] of isFolded
      ? stretchesOf(gitAt, end, index > 0, hunk !== undefined, shown)
      : [[gitAt, end, true] as const]) {
      if (from === to) continue
      const liveFrom = from - gitAt + liveAt
      if (isShown) addEqual(from, to, liveFrom)
      else add({ kind: 'gap', gitFrom: from, gitTo: to, liveFrom, liveTo: liveFrom + to - from }, 1, 0)
    }
    if (hunk === undefined) break
    addHunk(hunk)
    gitAt = hunk.gitTo
    liveAt = hunk.liveTo
  }
  close()
  return parts.length === 0 ? [{ pieces: [], firstChange: 0, endChange: 0 }] : parts
}

function heightOf({ kind, gitFrom, gitTo, liveFrom, liveTo }: Hunk & Partial<Piece>): number {
  return kind === 'gap' ? 1 : Math.max(gitTo - gitFrom, liveTo - liveFrom)
}

function lengthOf({ git, live }: Alignment, { kind, gitFrom, gitTo, liveFrom, liveTo }: Hunk & Partial<Piece>): number {
  if (kind === 'gap') return 0
  let length = 0
  for (let at = gitFrom; at < gitTo; at += 1) length += (git[at] ?? '').length
  for (let at = liveFrom; at < liveTo; at += 1) length += (live[at] ?? '').length
  return length
}

/** Equal lines [from, to) cut into what is shown and what is folded. */
function stretchesOf(
  from: number,
  to: number,
  isAfterChange: boolean,
  isBeforeChange: boolean,
  shown: ReadonlySet<number>,
): readonly (readonly [number, number, boolean])[] {
  const head = from + (isAfterChange ? contextLines : 0)
  const tail = to - (isBeforeChange ? contextLines : 0)
  const stretches: [number, number, boolean][] = []
  const push = (start: number, end: number, isShown: boolean): void => {
    if (start >= end) return
    const visible = isShown || end - start < leastHidden
    const last = stretches.at(-1)
    if (last !== undefined && last[2] === visible && last[1] === start) last[1] = end
    else stretches.push([start, end, visible])
  }
  push(from, Math.min(head, to), true)
  let at = Math.min(head, to)
  for (let line = at; shown.size > 0 && line < tail; line += 1) {
    if (!shown.has(line)) continue
    push(at, line, false)
    push(line, line + 1, true)
    at = line + 1
  }
  push(at, Math.max(at, tail), false)
  push(Math.max(at, tail), to, true)
  return stretches
}

/** A part's lines, and which lines of the whole they are. */
export interface PartTexts {
  readonly git: string
  readonly live: string
  /** By line of the part, from 0: the line of the whole, 1-based; 0 for a fold's. */
  readonly gitNumbers: readonly number[]
  readonly liveNumbers: readonly number[]
  /** Folds by their line on each side, 1-based. */
  readonly folds: readonly { readonly gitLine: number; readonly liveLine: number; readonly piece: Piece }[]
  /** Lines of each change, 1-based; null: none on this side. */
  readonly changes: readonly MarkSpans[]
}

export function textsOfPart({ git, live }: Alignment, { pieces }: Part): PartTexts {
  const texts = { git: [] as string[], live: [] as string[] }
  const numbers = { git: [] as number[], live: [] as number[] }
  const folds: PartTexts['folds'][number][] = []
  const changes: MarkSpans[] = []
  for (const piece of pieces) {
    if (piece.kind === 'gap') {
      // The same on both sides, and nowhere else: the comparison of the part holds on to it.
      const note = foldText(piece)
      texts.git.push(note)
      texts.live.push(note)
      numbers.git.push(0)
      numbers.live.push(0)
      folds.push({ gitLine: texts.git.length, liveLine: texts.live.length, piece })
      continue
    }
    const before = { git: texts.git.length, live: texts.live.length }
    for (let at = piece.gitFrom; at < piece.gitTo; at += 1) {
      texts.git.push(git[at] ?? '')
      numbers.git.push(at + 1)
    }
    for (let at = piece.liveFrom; at < piece.liveTo; at += 1) {
      texts.live.push(live[at] ?? '')
      numbers.live.push(at + 1)
    }
    if (piece.kind === 'differs')
      changes.push({ git: spanTo(before.git, texts.git.length), live: spanTo(before.live, texts.live.length) })
  }
  return {
    git: texts.git.join('\n'),
    live: texts.live.join('\n'),
    gitNumbers: numbers.git,
    liveNumbers: numbers.live,
    folds,
    changes,
  }
}

function spanTo(from: number, to: number): Span | null {
  return to > from ? { from: from + 1, to } : null
}

function foldText({ gitFrom, gitTo, liveFrom, liveTo }: Piece): string {
  const count = gitTo - gitFrom
  const git = `${gitFrom + 1} to ${gitTo}`
  return `⋯ ${count.toLocaleString()} equal lines, ${
    gitFrom === liveFrom ? git : `${git} in Git, ${liveFrom + 1} to ${liveTo} in the cluster`
  }`
}

/** The part's line, 1-based, of a line of the whole; of those that it has not, the nearest after it within `to`. 0: none of them. */
export function lineInPart(numbers: readonly number[], from: number, to = from): number {
  let low = 0
  let high = numbers.length
  // Folds have no number: their neighbours' stand for them.
  const numberAt = (index: number): number => {
    for (let at = index; at < numbers.length; at += 1) {
      const number = numbers[at] ?? 0
      if (number > 0) return number
    }
    return Number.POSITIVE_INFINITY
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if (numberAt(middle) < from) low = middle + 1
    else high = middle
  }
  while (low < numbers.length && numbers[low] === 0) low += 1
  const found = numbers[low] ?? 0
  return found > 0 && found <= to ? low + 1 : 0
}

/** The part and piece that have a line of the whole, 0-based; null beyond the texts. */
export function findLine(
  parts: readonly Part[],
  side: 'git' | 'live',
  line: number,
): { readonly part: number; readonly piece: Piece } | null {
  for (const [index, part] of parts.entries())
    for (const piece of part.pieces) {
      const from = side === 'git' ? piece.gitFrom : piece.liveFrom
      const to = side === 'git' ? piece.gitTo : piece.liveTo
      if (line >= from && line < to) return { part: index, piece }
    }
  return null
}
