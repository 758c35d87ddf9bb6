/**
 * Which lines of two texts stand for each other: unique lines as anchors (patience), between them Myers within a budget. It decides what is
 * shown of large texts, not how a difference looks: that is Monaco's. Pure; a generator, so that whoever runs it can stop between two steps.
 */

/** Lines of both sides that differ: 0-based, ends exclusive. One side may be empty. */
export interface Hunk {
  readonly gitFrom: number
  readonly gitTo: number
  readonly liveFrom: number
  readonly liveTo: number
}

export interface Alignment {
  readonly git: readonly string[]
  readonly live: readonly string[]
  /** In order; between two of them both sides have equally many equal lines. */
  readonly hunks: readonly Hunk[]
}

/** Lines looked at between two yields: a millisecond or less. */
const stepLines = 4096
/** Differences of a stretch without anchors that Myers looks for; more, and the stretch is one difference. */
const maxDifferences = 700
/** Steps of Myers in all. */
const maxSteps = 6_000_000

/** An empty text has no lines; a last line break ends the last line. Yields at least every few milliseconds. */
export function* alignLines(gitText: string, liveText: string): Generator<undefined, Alignment, undefined> {
  const git = linesOfText(gitText)
  yield
  const live = linesOfText(liveText)
  yield
  const idOf = new Map<string, number>()
  const gitIds = new Int32Array(git.length)
  const liveIds = new Int32Array(live.length)
  for (const [lines, ids] of [
    [git, gitIds],
    [live, liveIds],
  ] as const)
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at] ?? ''
      let id = idOf.get(line)
      if (id === undefined) idOf.set(line, (id = idOf.size))
      ids[at] = id
      if (at % stepLines === stepLines - 1) yield
    }
  const partner = new Int32Array(git.length).fill(-1)
  yield* matchRanges(gitIds, liveIds, idOf.size, partner)
  return { git, live, hunks: hunksOf(partner, live.length) }
}

function linesOfText(text: string): readonly string[] {
  if (text === '') return []
  const lines = text.split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Writes for each line of Git the line of the cluster that it is. */
function* matchRanges(
  git: Int32Array,
  live: Int32Array,
  idCount: number,
  partner: Int32Array,
): Generator<undefined, void, undefined> {
  const gitCount = new Int32Array(idCount)
  const liveCount = new Int32Array(idCount)
  const livePlace = new Int32Array(idCount)
  const open: Hunk[] = [{ gitFrom: 0, gitTo: git.length, liveFrom: 0, liveTo: live.length }]
  let looked = 0
  let steps = 0
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    let { gitFrom, gitTo, liveFrom, liveTo } = range
    while (gitFrom < gitTo && liveFrom < liveTo && git[gitFrom] === live[liveFrom]) partner[gitFrom++] = liveFrom++
    while (gitFrom < gitTo && liveFrom < liveTo && git[gitTo - 1] === live[liveTo - 1]) partner[--gitTo] = --liveTo
    if (gitFrom === gitTo || liveFrom === liveTo) continue
    looked += gitTo - gitFrom + (liveTo - liveFrom)
    if (looked > stepLines) {
      looked = 0
      yield
    }
    for (let at = gitFrom; at < gitTo; at += 1) gitCount[git[at] ?? 0]! += 1
    for (let at = liveFrom; at < liveTo; at += 1) {
      const id = live[at] ?? 0
      liveCount[id]! += 1
      livePlace[id] = at
    }
    const gitAnchors: number[] = []
    const liveAnchors: number[] = []
    for (let at = gitFrom; at < gitTo; at += 1) {
      const id = git[at] ?? 0
      if (gitCount[id] !== 1 || liveCount[id] !== 1) continue
      gitAnchors.push(at)
      liveAnchors.push(livePlace[id] ?? 0)
    }
    for (let at = gitFrom; at < gitTo; at += 1) gitCount[git[at] ?? 0] = 0
    for (let at = liveFrom; at < liveTo; at += 1) liveCount[live[at] ?? 0] = 0
    if (gitAnchors.length === 0) {
      const walk = myers(git, live, { gitFrom, gitTo, liveFrom, liveTo }, partner, maxSteps - steps)
      for (let step = walk.next(); ; step = walk.next()) {
        if (step.done === true) {
          steps += step.value
          break
        }
        yield
      }
      continue
    }
    const kept = longestRising(liveAnchors)
    let gitAt = gitFrom
    let liveAt = liveFrom
    for (const index of kept) {
      const gitLine = gitAnchors[index] ?? 0
      const liveLine = liveAnchors[index] ?? 0
      if (gitLine > gitAt && liveLine > liveAt)
        open.push({ gitFrom: gitAt, gitTo: gitLine, liveFrom: liveAt, liveTo: liveLine })
      partner[gitLine] = liveLine
      gitAt = gitLine + 1
      liveAt = liveLine + 1
    }
    open.push({ gitFrom: gitAt, gitTo, liveFrom: liveAt, liveTo })
  }
}

/** Indexes of a longest rising subsequence of different numbers. */
function longestRising(values: readonly number[]): readonly number[] {
  const tails: number[] = []
  const before = new Int32Array(values.length).fill(-1)
  values.forEach((value, index) => {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    if (low > 0) before[index] = tails[low - 1] ?? -1
    tails[low] = index
  })
  const found: number[] = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) found.push(at)
  return found.reverse()
}

/** The shortest edit of a stretch, where it is short enough; else nothing is matched. Returns the steps that it took. */
function* myers(
  git: Int32Array,
  live: Int32Array,
  { gitFrom, gitTo, liveFrom, liveTo }: Hunk,
  partner: Int32Array,
  stepsLeft: number,
): Generator<undefined, number, undefined> {
  const gitCount = gitTo - gitFrom
  const liveCount = liveTo - liveFrom
  const most = Math.min(maxDifferences, gitCount + liveCount)
  const furthest = new Int32Array(2 * most + 3)
  const middle = most + 1
  const history: Int32Array[] = []
  let steps = 0
  let sinceYield = 0
  for (let count = 0; count <= most; count += 1) {
    history.push(furthest.slice(middle - count - 1, middle + count + 2))
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      const down = furthest[middle + diagonal + 1] ?? 0
      const right = (furthest[middle + diagonal - 1] ?? 0) + 1
      let x = diagonal === -count || (diagonal !== count && right <= down) ? down : right
      let y = x - diagonal
      while (x < gitCount && y < liveCount && git[gitFrom + x] === live[liveFrom + y]) {
        x += 1
        y += 1
        steps += 1
      }
      steps += 1
      furthest[middle + diagonal] = x
      if (x !== gitCount || y !== liveCount) continue
      trace(history, gitCount, liveCount, (gitLine, liveLine) => {
        partner[gitFrom + gitLine] = liveFrom + liveLine
      })
      return steps
    }
    if (steps > stepsLeft) return steps
    if (steps - sinceYield > stepLines * 8) {
      sinceYield = steps
      yield
    }
  }
  return steps
}

/** Goes back through what Myers knew before each further difference, and tells the equal lines on the way. */
function trace(
  history: readonly Int32Array[],
  gitCount: number,
  liveCount: number,
  tell: (gitLine: number, liveLine: number) => void,
): void {
  let x = gitCount
  let y = liveCount
  for (let count = history.length - 1; count >= 0; count -= 1) {
    const known = history[count] ?? new Int32Array(0)
    const at = (diagonal: number): number => known[diagonal + count + 1] ?? 0
    const diagonal = x - y
    const isDown = diagonal === -count || (diagonal !== count && at(diagonal - 1) + 1 <= at(diagonal + 1))
    const beforeDiagonal = isDown ? diagonal + 1 : diagonal - 1
    const beforeX = count === 0 ? 0 : at(beforeDiagonal)
    const startX = count === 0 ? 0 : isDown ? beforeX : beforeX + 1
    while (x > startX) {
      x -= 1
      y -= 1
      tell(x, y)
    }
    x = beforeX
    y = beforeX - beforeDiagonal
  }
}

function hunksOf(partner: Int32Array, liveCount: number): readonly Hunk[] {
  const hunks: Hunk[] = []
  let liveAt = 0
  let from = 0
  for (let at = 0; at <= partner.length; at += 1) {
    const liveLine = at === partner.length ? liveCount : (partner[at] ?? -1)
    if (liveLine < 0) continue
    if (at > from || liveLine > liveAt) hunks.push({ gitFrom: from, gitTo: at, liveFrom: liveAt, liveTo: liveLine })
    from = at + 1
    liveAt = liveLine + 1
  }
  return hunks
}
