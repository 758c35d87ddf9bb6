/**
 * Two texts of one object beside each other: Git left, the cluster right, unchanged runs folded. Small ones stand whole in the pane; of large
 * ones a part does, as much as is set without being felt, and this goes from part to part: with the fields, the changes, a search, a fold that
 * is opened. Knows which line of the whole is where; what a difference looks like is the pane's.
 */
import { createDiffPane } from './diff-pane.ts'
import type { DiffLayout } from './diff-pane.ts'
import { noSpans, spansOf } from './diff-marks.ts'
import type { DiffMark, LineChange, MarkSpans } from './diff-marks.ts'
import { findLine, lineInPart, partsOf, textsOfPart } from './diff-parts.ts'
import type { Part, PartLimits, PartTexts } from './diff-parts.ts'
import { findText } from './diff-search.ts'
import type { DiffMatches } from './diff-search.ts'
import { alignLines } from './line-alignment.ts'
import type { Alignment, Hunk } from './line-alignment.ts'
import { nextTask, runInTurns } from './turns.ts'

export type { DiffMark } from './diff-marks.ts'
export type { DiffLayout } from './diff-pane.ts'

/** What of the difference stands in the editor. */
export interface DiffState {
  readonly part: number
  readonly partCount: number
  /** Changes of lines: the first and last that are here, 1-based, of all; `change` is the one gone to, 0: none. */
  readonly firstChange: number
  readonly lastChange: number
  readonly changeCount: number
  readonly change: number
}

export interface DiffEditor {
  /** Shows other texts from their first change on; resolves when they stand, or were replaced by later ones. */
  open(git: string, live: string, marks: readonly DiffMark[]): Promise<void>
  setInline(isInline: boolean): void
  setFolded(isFolded: boolean): void
  /** Outlines a field's lines and brings them into sight, in whatever part they are; null: none is current. */
  show(field: string | null): void
  /** To the next or previous change of lines, over all parts, round at the ends. */
  step(by: 1 | -1): void
  turn(to: number): void
  onState(listener: (state: DiffState) => void): void
  scrollTop(): number
  setScrollTop(top: number): void
  /** Called when lines moved: folding, layout, another text. */
  onLayout(listener: (layout: DiffLayout) => void): void
  onScroll(listener: (top: number) => void): void
  /** Keys pressed in the editor; true: the caller took it. */
  onKey(listener: (event: KeyboardEvent) => boolean): void
  /** The cursor was put into another line: the field that is marked there. */
  onField(listener: (field: string) => void): void
  /** Opens the pane's own search where it has all lines; false: `search` is what finds in the rest. */
  find(): boolean
  /** Finds in both whole texts and goes to the first match from here on; null: replaced by a later search. */
  search(text: string): Promise<DiffMatches | null>
  showMatch(index: number): void
  focus(): void
  dispose(): void
}

/** Up to these a difference stands whole, with the pane's own folds. */
const whole = { characters: 60_000, lines: 800, changes: 64 }
/** A part: set in one task, with time to spare on a slow machine. Inline, every line that is gone is drawn at once. */
const partLimits = {
  split: { lines: 240, changes: 60, characters: 100_000 },
  inline: { lines: 120, changes: 40, characters: 50_000 },
} as const satisfies Record<string, PartLimits>
/** Inline, small texts with more than these stand beside each other: their lines would all be drawn at once. */
const maxInline = { changes: 80, goneLines: 400 }
/** Lines that an opened fold, or what was looked for in it, brings from each end or side. */
const openedLines = 20
const nearLines = 5
/** Matches that are marked beside the current one. */
const maxMarked = 200

export function createDiffEditor(host: HTMLElement, label: string): DiffEditor {
  const pane = createDiffPane(host, label)
  const stateListeners: ((state: DiffState) => void)[] = []
  let alignment: Alignment = { git: [], live: [], hunks: [] }
  let isWhole = true
  let wholeTexts = { git: '', live: '' }
  let marks: readonly DiffMark[] = []
  /** Of the whole. */
  let spans: ReadonlyMap<string, MarkSpans> = new Map()
  let isFolded = true
  let layout: keyof typeof partLimits = 'split'
  let opened = new Set<number>()
  let parts: readonly Part[] = []
  let at = 0
  let part: PartTexts | null = null
  /** Whether the part that was asked for last stands. */
  let standing = Promise.resolve(false)
  let change = -1
  let field: string | null = null
  let matches: DiffMatches['found'] = []
  let matchLength = 0
  let match = -1
  let round = 0
  let searchRound = 0

  const tell = (): void => {
    const shown = parts[at]
    const state = {
      part: at,
      partCount: parts.length,
      firstChange: (shown?.firstChange ?? 0) + 1,
      lastChange: shown?.endChange ?? 0,
      changeCount: alignment.hunks.length,
      change: change + 1,
    }
    for (const listener of stateListeners) listener(state)
  }

  /** In lines of the part. A long value's lines below its key are its field's, however far below. */
  const marksOf = ({ gitNumbers, liveNumbers, changes }: PartTexts): readonly DiffMark[] => {
    const here = marks.flatMap((mark) => {
      const { git, live } = spans.get(mark.field) ?? noSpans
      const gitLine = git === null ? 0 : lineInPart(gitNumbers, git.from, git.to)
      const liveLine = live === null ? 0 : lineInPart(liveNumbers, live.from, live.to)
      return gitLine + liveLine === 0 ? [] : [{ ...mark, gitLine, liveLine }]
    })
    const [first] = changes
    if (here.length > 0 || first === undefined) return here
    const side = first.live === null ? 'git' : 'live'
    const line = (side === 'git' ? gitNumbers : liveNumbers)[(first[side]?.from ?? 1) - 1] ?? 0
    const above = markAbove(marks, side, alignment[side], line)
    return above === null ? [] : [{ ...above, gitLine: first.git?.from ?? 0, liveLine: first.live?.from ?? 0 }]
  }
  /** Sets a part; resolves to false when something later was wanted. */
  const openPart = (index: number): Promise<boolean> => {
    const shown = parts[index]
    if (shown === undefined) return Promise.resolve(false)
    at = index
    part = textsOfPart(alignment, shown)
    tell()
    standing = setPart(part).then((isOpen) => {
      if (isOpen) showMatches(false)
      return isOpen
    })
    return standing
  }
  const setPart = ({
    git: gitText,
    live: liveText,
    gitNumbers,
    liveNumbers,
    folds,
    changes,
  }: PartTexts): Promise<boolean> =>
    pane.open(
      isWhole
        ? {
            ...wholeTexts,
            gitNumbers: null,
            liveNumbers: null,
            folds: [],
            canFold: true,
            canBeInline: goneLines(alignment.hunks) <= maxInline.goneLines,
          }
        : { git: gitText, live: liveText, gitNumbers, liveNumbers, folds, canFold: false, canBeInline: true },
      isWhole ? marks : marksOf({ git: gitText, live: liveText, gitNumbers, liveNumbers, folds, changes }),
    )
  const makeParts = (): void => {
    parts = isWhole
      ? partsOf(alignment, false, opened, everything)
      : partsOf(alignment, isFolded, opened, partLimits[layout])
  }
  /** The part that has this line of the whole, 0-based, its fold opened around it; -1: no such line. */
  const partWith = (side: 'git' | 'live', line: number): number => {
    const found = findLine(parts, side, line)
    if (found?.piece.kind !== 'gap') return found?.part ?? -1
    const gitLine = line + (side === 'git' ? 0 : found.piece.gitFrom - found.piece.liveFrom)
    for (let near = gitLine - nearLines; near <= gitLine + nearLines; near += 1)
      if (near >= found.piece.gitFrom && near < found.piece.gitTo) opened.add(near)
    makeParts()
    part = null
    return findLine(parts, side, line)?.part ?? -1
  }
  const partOf = ({ gitFrom, liveFrom, liveTo }: Hunk): number =>
    liveTo > liveFrom ? partWith('live', liveFrom) : partWith('git', gitFrom)
  const partOfSpans = ({ git, live }: MarkSpans): number =>
    live !== null ? partWith('live', live.from - 1) : git !== null ? partWith('git', git.from - 1) : -1
  const goTo = async (index: number): Promise<boolean> => {
    if (index < 0) return false
    return index === at && part !== null ? standing : openPart(index)
  }

  const outlineField = async (): Promise<void> => {
    const wanted = field
    if (wanted === null) return pane.outline(null, false)
    const { git, live } = spans.get(wanted) ?? noSpans
    if (git === null && live === null) return pane.outline(null, false)
    const isHere = part !== null && pane.spanOf(wanted) !== null
    if (!isHere) {
      if (!(await goTo(partOfSpans({ git, live }))) || field !== wanted) return
    }
    change = alignment.hunks.findIndex((hunk) =>
      live !== null
        ? live.from > hunk.liveFrom && live.from <= hunk.liveTo
        : git !== null && git.from > hunk.gitFrom && git.from <= hunk.gitTo,
    )
    tell()
    pane.outline(pane.spanOf(wanted), true)
  }

  const showChange = async (index: number): Promise<void> => {
    const hunk = alignment.hunks[index]
    if (hunk === undefined) return
    if (!(await goTo(partOf(hunk)))) return
    change = index
    tell()
    const shown = parts[at]
    const span = part?.changes[index - (shown?.firstChange ?? 0)]
    if (span !== undefined) pane.outline(span, true)
  }

  /** Parts are cut anew: what stood stands again, the change that was gone to or the first. */
  const openAnew = (): void => {
    if (isWhole || parts.length === 0) return
    const hunk = alignment.hunks[change >= 0 ? change : (parts[at]?.firstChange ?? 0)]
    makeParts()
    part = null
    void openPart(hunk === undefined ? 0 : partOf(hunk)).then((isOpen) => {
      if (isOpen) void outlineField()
    })
  }

  const showMatches = (isRevealed: boolean): void => {
    const own = part
    if (own === null) return
    const current = matches[match]
    const from = Math.max(0, match - maxMarked / 2)
    pane.showMatches(
      matches.slice(from, from + maxMarked).flatMap((each) => {
        const line = lineInPart(each.side === 'git' ? own.gitNumbers : own.liveNumbers, each.line + 1)
        return line === 0
          ? []
          : [
              {
                side: each.side,
                line,
                column: each.column,
                length: matchLength,
                isCurrent: isRevealed && each === current,
              },
            ]
      }),
    )
  }
  const showMatch = async (index: number): Promise<void> => {
    const wanted = matches[index]
    if (wanted === undefined) return
    match = index
    if (await goTo(partWith(wanted.side, wanted.line))) showMatches(true)
  }

  pane.onFold((index) => {
    const piece = part?.folds[index]?.piece
    if (piece === undefined) return
    const { gitFrom, gitTo } = piece
    for (let step = 0; step < openedLines; step += 1) {
      if (gitFrom + step < gitTo) opened.add(gitFrom + step)
      if (gitTo - 1 - step >= gitFrom) opened.add(gitTo - 1 - step)
    }
    const top = pane.scrollTop()
    makeParts()
    void openPart(findLine(parts, 'git', gitFrom)?.part ?? at).then((isOpen) => {
      if (isOpen) pane.setScrollTop(top)
    })
  })
  pane.onCompared(() => {
    if (field !== null && change < 0) pane.outline(pane.spanOf(field), false)
  })

  return {
    async open(git, live, nextMarks) {
      round += 1
      const own = round
      const next = await runInTurns(alignLines(git, live), () => own !== round)
      await nextTask()
      if (next === null || own !== round) return
      const nextSpans = spansOf(nextMarks, next.hunks.map(lineChangeOf))
      await nextTask()
      if (own !== round) return
      alignment = next
      spans = nextSpans
      isWhole =
        git.length + live.length <= whole.characters &&
        Math.max(next.git.length, next.live.length) <= whole.lines &&
        next.hunks.length <= whole.changes
      wholeTexts = { git: withoutLastBreak(git), live: withoutLastBreak(live) }
      marks = nextMarks
      opened = new Set()
      matches = []
      change = match = -1
      makeParts()
      part = null
      at = 0
      // Another field may be current by the time that its part stands.
      const first = partOfSpans(spans.get(field ?? '') ?? noSpans)
      if ((await openPart(Math.max(0, first))) && own === round) await outlineField()
    },
    setInline(isWished) {
      const wished = isWished ? 'inline' : 'split'
      pane.setInline(isWished, layout !== wished && !isWhole && parts.length > 0)
      if (layout === wished) return
      layout = wished
      openAnew()
    },
    setFolded(isWished) {
      pane.setFolded(isWished)
      if (isFolded === isWished) return
      isFolded = isWished
      openAnew()
    },
    show(next) {
      field = next
      if (parts.length > 0) void outlineField()
    },
    step(by) {
      const count = alignment.hunks.length
      if (count === 0) return
      const shown = parts[at]
      const start = by === 1 ? (shown?.firstChange ?? 0) : (shown?.endChange ?? count) - 1
      void showChange(change < 0 ? start : (change + by + count) % count)
    },
    turn(index) {
      if (index < 0 || index >= parts.length || index === at) return
      change = -1
      void openPart(index)
    },
    onState: (listener) => void stateListeners.push(listener),
    scrollTop: pane.scrollTop,
    setScrollTop: pane.setScrollTop,
    onLayout: pane.onLayout,
    onScroll: pane.onScroll,
    onKey: pane.onKey,
    onField: pane.onField,
    find() {
      if (!isWhole) return false
      pane.find()
      return true
    },
    async search(text) {
      searchRound += 1
      const own = searchRound
      const found = await runInTurns(findText(alignment, text), () => own !== searchRound)
      if (found === null || own !== searchRound) return null
      matches = found.found
      matchLength = text.length
      match = -1
      if (matches.length === 0) showMatches(false)
      return found
    },
    showMatch: (index) => void showMatch(index),
    focus: pane.focus,
    dispose() {
      round += 1
      searchRound += 1
      pane.dispose()
    },
  }
}

const everything: PartLimits = { lines: Infinity, changes: Infinity, characters: Infinity }

/** The last mark before a line, 1-based, that this line is indented below. */
function markAbove(
  marks: readonly DiffMark[],
  side: 'git' | 'live',
  lines: readonly string[],
  line: number,
): DiffMark | null {
  const lineOf = (mark: DiffMark): number => (side === 'git' ? mark.gitLine : mark.liveLine)
  let found: DiffMark | null = null
  for (const mark of marks)
    if (lineOf(mark) > 0 && lineOf(mark) < line && (found === null || lineOf(mark) > lineOf(found))) found = mark
  if (found === null) return null
  const indent = (text: string): number => text.search(/\S/)
  const own = indent(lines[lineOf(found) - 1] ?? '')
  for (let at = lineOf(found); at < line; at += 1) {
    const each = indent(lines[at] ?? '')
    if (each >= 0 && each <= own) return null
  }
  return found
}

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

function lineChangeOf({ gitFrom, gitTo, liveFrom, liveTo }: Hunk): LineChange {
  return {
    originalStartLineNumber: gitFrom + 1,
    originalEndLineNumber: gitTo > gitFrom ? gitTo : 0,
    modifiedStartLineNumber: liveFrom + 1,
    modifiedEndLineNumber: liveTo > liveFrom ? liveTo : 0,
  }
}

function goneLines(hunks: readonly Hunk[]): number {
  return hunks.reduce((count, { gitFrom, gitTo }) => count + gitTo - gitFrom, 0)
}
