/** The last lines of a log: at most 10,000, older ones dropped and counted; searched without case. Pure. */
import type { LogLine } from '../../../shared/model/detail.ts'

export const maxLogLines = 10_000

export interface LogBuffer {
  readonly lines: readonly LogLine[]
  /** Lines that went because newer ones came. */
  readonly dropped: number
}

export const emptyLog: LogBuffer = { lines: [], dropped: 0 }

/** Appends in order; lines whose key is not after the last one's are repetitions of a resubscription and are left out. */
export function appendLines(buffer: LogBuffer, added: readonly LogLine[]): LogBuffer {
  if (added.length === 0) return buffer
  const known = new Set(buffer.lines.slice(-added.length - 1000).map((line) => line.key))
  const fresh = added.filter((line) => !known.has(line.key))
  if (fresh.length === 0) return buffer
  const all = [...buffer.lines, ...fresh]
  const extra = Math.max(0, all.length - maxLogLines)
  return { lines: extra === 0 ? all : all.slice(extra), dropped: buffer.dropped + extra }
}

/**
 * Indices of the lines that contain `text`, in order; none for ''. `known` remembers each line's answer for this text, so that a log
 * that grows is not read from its beginning again.
 */
export function findLines(
  lines: readonly LogLine[],
  text: string,
  known: WeakMap<LogLine, boolean> = new WeakMap(),
): readonly number[] {
  const needle = text.toLowerCase()
  if (needle === '') return []
  const found: number[] = []
  lines.forEach((line, index) => {
    let isMatch = known.get(line)
    if (isMatch === undefined) {
      isMatch = line.text.toLowerCase().includes(needle)
      known.set(line, isMatch)
    }
    if (isMatch) found.push(index)
  })
  return found
}

/** One line as it is copied: its time in UTC where it is known and asked for. */
export function lineText(line: LogLine, hasTimestamp: boolean): string {
  return hasTimestamp && line.at !== null ? `${new Date(line.at).toISOString()} ${line.text}` : line.text
}

/** `text` cut into parts that match and parts that do not, for marking. */
export function markParts(
  text: string,
  needle: string,
): readonly { readonly text: string; readonly isMatch: boolean }[] {
  if (needle === '') return [{ text, isMatch: false }]
  const parts: { text: string; isMatch: boolean }[] = []
  const lower = text.toLowerCase()
  const search = needle.toLowerCase()
  let from = 0
  // Lower-casing may change lengths in some scripts; then marks would be off, so that the line stays unmarked.
  if (lower.length !== text.length) return [{ text, isMatch: false }]
  for (let at = lower.indexOf(search); at !== -1; at = lower.indexOf(search, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), isMatch: false })
    parts.push({ text: text.slice(at, at + search.length), isMatch: true })
    from = at + search.length
  }
  if (from < text.length) parts.push({ text: text.slice(from), isMatch: false })
  return parts
}
