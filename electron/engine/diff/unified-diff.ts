/** Two texts as a unified diff, as `diff -u` prints it. */
import { diffLines } from '../repositories/line-diff.ts'
import type { LineHunk } from '../repositories/line-diff.ts'

const contextLines = 3

/** '' where the texts are equal. */
export function unifiedDiff(
  before: string,
  after: string,
  names: { readonly before: string; readonly after: string },
): string {
  const old = linesOf(before)
  const now = linesOf(after)
  const hunks = diffLines(old, now)
  if (hunks.length === 0) return ''
  const blocks: LineHunk[][] = []
  for (const hunk of hunks) {
    const last = blocks.at(-1)?.at(-1)
    const isNear = last !== undefined && hunk.oldStart - (last.oldStart + last.removed) <= 2 * contextLines
    if (isNear) blocks.at(-1)!.push(hunk)
    else blocks.push([hunk])
  }
  return [`--- ${names.before}`, `+++ ${names.after}`, ...blocks.flatMap((block) => printBlock(block, old, now))].join(
    '\n',
  )
}

/** Without the end of the last one; none of an empty text. */
export function linesOf(text: string): readonly string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function printBlock(hunks: readonly LineHunk[], old: readonly string[], now: readonly string[]): readonly string[] {
  const first = hunks[0]!
  const last = hunks.at(-1)!
  const lead = Math.min(contextLines, first.oldStart)
  const oldFrom = first.oldStart - lead
  const newFrom = first.start - lead
  const oldEnd = last.oldStart + last.removed
  const tail = Math.min(contextLines, old.length - oldEnd)
  const lines: string[] = []
  let at = oldFrom
  for (const { start, added, oldStart, removed } of hunks) {
    for (; at < oldStart; at++) lines.push(` ${old[at]!}`)
    for (; at < oldStart + removed; at++) lines.push(`-${old[at]!}`)
    for (const line of now.slice(start, start + added)) lines.push(`+${line}`)
  }
  for (; at < oldEnd + tail; at++) lines.push(` ${old[at]!}`)
  const oldCount = oldEnd + tail - oldFrom
  const newCount = last.start + last.added + tail - newFrom
  return [`@@ -${range(oldFrom, oldCount)} +${range(newFrom, newCount)} @@`, ...lines]
}

/** Lines count from 1; an empty range stands behind the line before it. */
function range(from: number, count: number): string {
  return count === 1 ? String(from + 1) : `${count === 0 ? from : from + 1},${count}`
}
