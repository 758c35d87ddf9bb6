/** Which lines of a text are new against an older one: Myers' O(ND) over lines, bounded. Pure. */

export interface LineHunk {
  /** 0-based in the new text. */
  readonly start: number
  readonly added: number
  /** 0-based in the old text. */
  readonly oldStart: number
  readonly removed: number
}

/** Beyond so many differing lines the middle counts as one change: nobody reads it line by line, and finding more costs too much. */
const maxEdits = 400

/** Hunks in order. Equal texts give none. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineHunk[] {
  let head = 0
  const shorter = Math.min(before.length, after.length)
  while (head < shorter && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  const old = before.slice(head, before.length - tail)
  const now = after.slice(head, after.length - tail)
  if (old.length === 0 && now.length === 0) return []
  const kept = old.length === 0 || now.length === 0 ? [] : commonLines(old, now)
  const hunks: LineHunk[] = []
  let oldAt = 0
  let newAt = 0
  const close = (oldTo: number, newTo: number): void => {
    if (oldTo > oldAt || newTo > newAt)
      hunks.push({ start: head + newAt, added: newTo - newAt, oldStart: head + oldAt, removed: oldTo - oldAt })
  }
  for (const [oldLine, newLine] of kept ?? []) {
    close(oldLine, newLine)
    oldAt = oldLine + 1
    newAt = newLine + 1
  }
  close(old.length, now.length)
  return hunks
}

/** Pairs of equal lines of a shortest edit script; null when it would take more than `maxEdits`. */
function commonLines(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] | null {
  const max = Math.min(a.length + b.length, maxEdits)
  const width = 2 * max + 1
  const trace: Int32Array[] = []
  let ends = new Int32Array(width)
  for (let edits = 0; edits <= max; edits += 1) {
    trace.push(ends.slice())
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const at = diagonal + max
      const isDown = diagonal === -edits || (diagonal !== edits && (ends[at - 1] ?? 0) < (ends[at + 1] ?? 0))
      let x = isDown ? (ends[at + 1] ?? 0) : (ends[at - 1] ?? 0) + 1
      let y = x - diagonal
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1
        y += 1
      }
      ends[at] = x
      if (x >= a.length && y >= b.length) return walkBack(a, b, trace, max)
    }
    ends = ends.slice()
  }
  return null
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Int32Array[],
  max: number,
): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = []
  let x = a.length
  let y = b.length
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const ends = trace[edits] ?? new Int32Array(0)
    const diagonal = x - y
    const at = diagonal + max
    const isDown = diagonal === -edits || (diagonal !== edits && (ends[at - 1] ?? 0) < (ends[at + 1] ?? 0))
    const previous = isDown ? diagonal + 1 : diagonal - 1
    const fromX = edits === 0 ? 0 : (ends[previous + max] ?? 0)
    const fromY = edits === 0 ? 0 : fromX - previous
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      pairs.push([x, y])
    }
    x = fromX
    y = fromY
  }
  return pairs.reverse()
}
