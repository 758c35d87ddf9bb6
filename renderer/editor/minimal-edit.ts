/** The one edit that makes a text another: what both begin and end with stays. Pure. */

export interface TextEdit {
  /** Range in the old text, end exclusive. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** null for equal texts. Cut at line ends, so that whole lines are replaced. */
export function minimalEdit(before: string, after: string): TextEdit | null {
  if (before === after) return null
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1
  // Not within a line, nor between the halves of a character.
  start = start === 0 ? 0 : before.lastIndexOf('\n', start - 1) + 1
  let tail = 0
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail += 1
  if (!isLineStart(before, before.length - tail) || !isLineStart(after, after.length - tail)) {
    const lineEnd = before.indexOf('\n', before.length - tail)
    tail = lineEnd < 0 || tail === 0 ? 0 : before.length - lineEnd - 1
  }
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) }
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || text.charCodeAt(at - 1) === lineFeed
}

const lineFeed = 10
