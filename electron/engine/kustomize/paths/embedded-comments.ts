/**
 * Comments of YAML that a scalar holds. Our tree has none, but upstream prints them again when it rewrites such a text, so they are put back
 * by line: only where the printed lines are the original ones, blanks apart. Anything else is refused, never guessed.
 *
 * Semantics: where go-yaml v3 keeps comments and the blank lines around them.
 */
import { BuildError } from '../build-error.ts'

/** A text taken apart: its lines without comments and blank lines, and what stood between them. */
interface Commented {
  readonly lines: readonly string[]
  /** The comment at a line's end, by line. */
  readonly trailing: ReadonlyMap<number, string>
  /** Comments and blank lines ('') before a line; after the last one under the number of lines. */
  readonly gaps: ReadonlyMap<number, readonly string[]>
}

/** True if the text may hold comments or anchors: what the tree does not keep. */
export function mayHoldMore(text: string): boolean {
  return /(^|\s)#/.test(text) || /(^|[\s,[{])[&*][\w-]/.test(text)
}

/**
 * `changed` with the comments of `original`; `printed` is the original as the tree alone prints it. Throws BuildError NotSupported where they
 * cannot be placed with certainty.
 */
export function restoreComments(original: string, printed: string, changed: string): string {
  const source = takeApart(original)
  const before = splitLines(printed)
  const after = splitLines(changed)
  if (
    source.lines.length !== before.length ||
    source.lines.some((line, i) => condense(line) !== condense(before[i]!))
  ) {
    refuse()
  }
  const place = placement(before, after)
  const gaps = new Map<number, readonly string[]>()
  for (const [index, gap] of source.gaps) {
    const text = printGap(gap, index, source.lines, before)
    if (text.length > 0) gaps.set(place(index, true), text)
  }
  const trailing = new Map([...source.trailing].map(([index, comment]) => [place(index, false), comment]))
  const result: string[] = []
  for (let i = 0; i <= after.length; i++) {
    result.push(...(gaps.get(i) ?? []))
    const comment = trailing.get(i)
    if (i < after.length) result.push(comment === undefined ? after[i]! : `${after[i]!} ${comment}`)
  }
  return result.join('\n').trim()
}

function refuse(): never {
  throw new BuildError(
    'NotSupported',
    'a replacement within YAML text that has comments or anchors which cannot be kept in place for certain',
  )
}

function splitLines(text: string): string[] {
  return text.trim().split('\n')
}

function condense(line: string): string {
  return line.trim().replace(/\s+/g, ' ')
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function takeApart(text: string): Commented {
  const lines: string[] = []
  const trailing = new Map<number, string>()
  const gaps = new Map<number, string[]>()
  let gap: string[] = []
  /** Indentation of the line that opened a block text, while within it. */
  let block: number | null = null
  for (const line of text.trim().split('\n')) {
    const isBlank = line.trim() === ''
    if (block !== null && !isBlank && indentOf(line) > block) {
      // Blank lines within a block text are its own.
      lines.push(...gap, line)
      gap = []
      continue
    }
    if (isBlank || line.trimStart().startsWith('#')) {
      gap.push(isBlank ? '' : line)
      continue
    }
    block = null
    if (lines.length === 0 && line.trim() === '---') continue
    if (gap.length > 0) gaps.set(lines.length, gap)
    gap = []
    const at = commentStart(line)
    const content = at < 0 ? line : line.slice(0, at).trimEnd()
    if (/(^|[\s:-])[|>][-+0-9]*$/.test(content)) {
      if (at >= 0) refuse()
      block = indentOf(line)
    }
    if (at >= 0) trailing.set(lines.length, line.slice(at))
    lines.push(content)
  }
  if (gap.length > 0) gaps.set(lines.length, gap)
  return { lines, trailing, gaps }
}

/** Where a comment begins in a line that does not begin with one, -1 if none does; quotes are looked at. */
function commentStart(line: string): number {
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!
    if (quote !== '') {
      if (char === '\\' && quote === '"') i++
      else if (char === quote) quote = ''
    } else if ((char === '"' || char === "'") && /[\s,[{:]|^$/.test(line[i - 1] ?? '')) quote = char
    else if (char === '#' && /\s/.test(line[i - 1] ?? '')) return i
  }
  if (quote !== '') refuse()
  return -1
}

/** What go-yaml prints between two lines for the comments and blank lines that stood there. */
function printGap(
  gap: readonly string[],
  index: number,
  source: readonly string[],
  printed: readonly string[],
): readonly string[] {
  const groups = groupsOf(gap)
  if (groups.length === 0) return []
  const isFirst = index === 0
  const isLast = index === source.length
  const nextIndent = isLast ? 0 : indentOf(source[index]!)
  const indents = new Set(groups.flat().map(indentOf))
  const [indent] = indents
  if (indents.size !== 1 || indent === undefined) refuse()
  const startsBlank = gap[0] === ''
  let newIndent = isLast ? 0 : indentOf(printed[index]!)
  let keepsBlank = gap.at(-1) === '' && (isFirst || (!startsBlank && groups.length === 1))
  if (indent !== nextIndent) {
    // At the end of something deeper: certain only for one group.
    if (isFirst || indent < nextIndent || indent !== indentOf(source[index - 1]!)) refuse()
    if (groups.length > 1 && !startsBlank) refuse()
    newIndent = indentOf(printed[index - 1]!)
    keepsBlank = false
  } else if (!isFirst && !isLast && opensDeeper(source, index)) keepsBlank = false
  const result = groups.flatMap((group, number) => [
    ...(number > 0 ? [''] : []),
    ...group.map((line) => ' '.repeat(newIndent) + line.trim()),
  ])
  if (isLast && startsBlank) result.unshift('')
  return keepsBlank ? [...result, ''] : result
}

/** True if the line before opens what the line at `index` is the first part of. */
function opensDeeper(source: readonly string[], index: number): boolean {
  const previous = source[index - 1]!
  const next = source[index]!
  return indentOf(next) > indentOf(previous)
    ? !previous.trimStart().startsWith('- ') || indentOf(next) > indentOf(previous) + 2
    : next.trimStart().startsWith('-') && !previous.trimStart().startsWith('-') && previous.endsWith(':')
}

function groupsOf(gap: readonly string[]): string[][] {
  const groups: string[][] = []
  let isOpen = false
  for (const line of gap) {
    if (line === '') isOpen = false
    else if (isOpen) groups.at(-1)!.push(line)
    else {
      groups.push([line])
      isOpen = true
    }
  }
  return groups
}

/** Where a line of the printed original is in the changed text. */
function placement(before: readonly string[], after: readonly string[]): (index: number, isGap: boolean) => number {
  if (before.length === after.length) return (index) => index
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return (index, isGap) => {
    if (index < head || (isGap && index === head && head < before.length - tail)) return index
    if (index >= before.length - tail && !(isGap && index === before.length - tail && tail === 0)) {
      return index + after.length - before.length
    }
    return refuse()
  }
}
