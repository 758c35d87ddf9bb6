/**
 * Hides values of Secrets in YAML text, line for line: the result has as many lines as the text, so that line numbers and differences stay
 * true. It errs on the side of hiding: what cannot be told apart is hidden whole.
 *
 * SECURITY: item 9: rendered output and sources reach the window through here and no other way.
 */
export interface MaskedText {
  readonly text: string
  readonly hidden: readonly HiddenField[]
}

/** A value that was replaced; lines are 0-based in the document, `end` exclusive. */
export interface HiddenField {
  /** `data.password`; '' where the whole document is hidden. */
  readonly field: string
  readonly start: number
  readonly end: number
}

export const hiddenMark = '•••'

const secretKeys = ['data', 'stringData'] as const
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** One document of block YAML as our emitter writes it, or as people do. `sensitive`: further paths that are secret. */
export function maskDocument(text: string, sensitive: readonly (readonly (string | number)[])[] = []): MaskedText {
  const kind = secretKindOf(text)
  if (kind === 'no' && sensitive.length === 0) return { text, hidden: [] }
  const lines = text.split('\n')
  const hidden: HiddenField[] = []
  if (kind === 'whole') return hideAll(lines)
  if (kind === 'block')
    for (const key of secretKeys) for (const field of fieldsBelow(lines, key)) hideField(lines, field, hidden)
  if (kind === 'block') hideLastApplied(lines, hidden)
  for (const path of sensitive) {
    const range = rangeOf(lines, path)
    // A path that is not there as it was given: nobody knows what the lines hold.
    if (range === null) return hideAll(text.split('\n'))
    if (!hidden.some((field) => field.start <= range.start && range.end <= field.end))
      hideField(lines, { field: path.join('.'), ...range }, hidden)
  }
  return { text: lines.join('\n'), hidden }
}

/** Every document of a file, and the literals of secret generators. Counts the hidden fields. */
export function maskSource(text: string): { readonly text: string; readonly hiddenCount: number } {
  const lines = text.split('\n')
  let hiddenCount = 0
  let start = 0
  const out: string[] = []
  const close = (end: number): void => {
    const masked = maskDocument(lines.slice(start, end).join('\n'))
    hiddenCount += masked.hidden.length
    if (end > start) out.push(masked.text)
  }
  lines.forEach((line, index) => {
    if (!/^---(\s|$)/.test(line)) return
    close(index)
    // What stands on the marker's line belongs to its document.
    out.push(/^---\s*(#.*)?$/.test(line) ? line : secretWord.test(line) ? `--- ${hiddenMark}` : line)
    start = index + 1
  })
  close(lines.length)
  const literals = maskLiterals(out.join('\n'))
  return { text: literals.text, hiddenCount: hiddenCount + literals.count }
}

const secretWord = /kind["']?\s*:\s*[^\n]{0,200}?\bSecret(List)?\b/

function secretKindOf(text: string): 'no' | 'block' | 'whole' {
  if (!secretWord.test(text)) return 'no'
  const kind = /^["']?kind["']?[ \t]*:[ \t]*(?:!!str[ \t]+)?["']?([A-Za-z]*)/m.exec(text)?.[1]
  if (kind === 'Secret') return 'block'
  // JSON and flow documents, lists, and a kind written in a way that is not understood here.
  if (kind === undefined || kind === '' || kind.endsWith('List') || kind === 'List') return 'whole'
  return 'no'
}

function hideAll(lines: string[]): MaskedText {
  const text = lines.map((line) => (line.trim() === '' ? line : hiddenMark)).join('\n')
  return { text, hidden: [{ field: '', start: 0, end: lines.length }] }
}

/** Entries of a top-level map written as a block; a map on one line is one field. */
function fieldsBelow(lines: readonly string[], key: string): HiddenField[] {
  const at = lines.findIndex((line) => keyOf(line) === key && indentOf(line) === 0)
  if (at < 0) return []
  const end = blockEnd(lines, at, 0)
  if (restOf(lines[at] ?? '') !== '') return [{ field: key, start: at, end }]
  const fields: HiddenField[] = []
  const indent = firstIndent(lines, at + 1, end)
  for (let line = at + 1; line < end; line += 1) {
    const text = lines[line] ?? ''
    if (indentOf(text) !== indent || text.trim() === '' || text.trimStart().startsWith('#')) continue
    let stop = line + 1
    while (stop < end && !(indentOf(lines[stop] ?? '') <= indent && (lines[stop] ?? '').trim() !== '')) stop += 1
    fields.push({ field: `${key}.${keyOf(text) ?? ''}`, start: line, end: stop })
    line = stop - 1
  }
  return fields
}

function hideField(lines: string[], field: HiddenField, hidden: HiddenField[]): void {
  const first = lines[field.start] ?? ''
  const cut = valueStart(first)
  lines[field.start] = cut < 0 ? `${' '.repeat(indentOf(first))}${hiddenMark}` : `${first.slice(0, cut)} ${hiddenMark}`
  for (let line = field.start + 1; line < field.end; line += 1) {
    const text = lines[line] ?? ''
    if (text.trim() !== '') lines[line] = `${' '.repeat(indentOf(text))}${hiddenMark}`
  }
  hidden.push(field)
}

function hideLastApplied(lines: string[], hidden: HiddenField[]): void {
  lines.forEach((line, index) => {
    if (keyOf(line) !== lastApplied) return
    hideField(
      lines,
      { field: `metadata.annotations.${lastApplied}`, start: index, end: blockEnd(lines, index, indentOf(line)) },
      hidden,
    )
  })
}

/** The lines of a path in block YAML as our emitter writes it: two spaces a level, sequences not indented below their key. */
export function rangeOf(
  lines: readonly string[],
  path: readonly (string | number)[],
): { readonly start: number; readonly end: number } | null {
  let block = { start: 0, end: lines.length, indent: 0, isItem: false }
  let range = null
  for (const part of path) {
    range = typeof part === 'number' ? findItem(lines, block, part) : findKey(lines, block, part)
    if (range === null) return null
    const { start, end } = range
    const { indent } = block
    if (typeof part === 'number') block = { start, end, indent: indent + 2, isItem: true }
    else {
      const below = lines[start + 1] ?? ''
      const isSequence = indentOf(below) === indent && itemShape.test(below)
      block = { start: start + 1, end, indent: isSequence ? indent : indent + 2, isItem: false }
    }
  }
  return range
}

interface Block {
  readonly start: number
  readonly end: number
  readonly indent: number
  /** The first line begins with the dash of its item. */
  readonly isItem: boolean
}

const itemShape = /^\s*-(\s|$)/

function findKey(lines: readonly string[], block: Block, key: string): { start: number; end: number } | null {
  for (let line = block.start; line < block.end; line += 1) {
    const raw = lines[line] ?? ''
    const text = block.isItem && line === block.start ? withoutDash(raw) : raw
    if (indentOf(text) === block.indent && keyOf(text) === key)
      return { start: line, end: blockEnd(lines, line, block.indent, block.end) }
  }
  return null
}

function findItem(lines: readonly string[], block: Block, index: number): { start: number; end: number } | null {
  let seen = -1
  for (let line = block.start; line < block.end; line += 1) {
    const text = lines[line] ?? ''
    if (indentOf(text) !== block.indent || !itemShape.test(text)) continue
    seen += 1
    if (seen < index) continue
    let end = line + 1
    while (end < block.end && (indentOf(lines[end] ?? '') > block.indent || (lines[end] ?? '').trim() === '')) end += 1
    return { start: line, end }
  }
  return null
}

function withoutDash(line: string): string {
  return line.replace(/^(\s*)- /, '$1  ')
}

/** Where the block of the key at `at` ends: the next line at its indentation or less that is not an item of its sequence. */
function blockEnd(lines: readonly string[], at: number, indent: number, limit = lines.length): number {
  let end = at + 1
  while (end < limit) {
    const text = lines[end] ?? ''
    const own = indentOf(text)
    const isItem = own === indent && itemShape.test(text)
    if (text.trim() !== '' && !text.trimStart().startsWith('#') && own <= indent && !isItem) break
    end += 1
  }
  return end
}

/** `- key=value` below `secretGenerator:` of a kustomization file. */
function maskLiterals(text: string): { readonly text: string; readonly count: number } {
  if (!/^secretGenerator\s*:/m.test(text)) return { text, count: 0 }
  const lines = text.split('\n')
  let count = 0
  lines.forEach((line, at) => {
    if (!/^secretGenerator\s*:/.test(line)) return
    const end = blockEnd(lines, at, 0)
    for (let index = at; index < end; index += 1) {
      const found = /^(\s*(?:-\s*)+["']?[^\s=:"'#][^\s=]*=)./.exec(lines[index] ?? '')
      if (found === null && !/literals\s*:\s*\[/.test(lines[index] ?? '')) continue
      lines[index] =
        found === null
          ? `${' '.repeat(indentOf(lines[index] ?? ''))}literals: ${hiddenMark}`
          : `${found[1] ?? ''}${hiddenMark}`
      count += 1
    }
  })
  return { text: lines.join('\n'), count }
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function firstIndent(lines: readonly string[], from: number, to: number): number {
  for (let index = from; index < to; index += 1) {
    const text = lines[index] ?? ''
    if (text.trim() !== '' && !text.trimStart().startsWith('#')) return indentOf(text)
  }
  return 2
}

const keyShape = /^\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#"'&*!|>%@`{}[\],][^#]*?))\s*:(?:\s|$)/

/** The key of a `key: value` line; null for other lines. */
function keyOf(line: string): string | null {
  const found = keyShape.exec(line)
  return found === null ? null : (found[1] ?? found[2] ?? found[3] ?? null)
}

/** Index after the colon of a `key: value` line; -1 for other lines. */
function valueStart(line: string): number {
  const found = keyShape.exec(withoutDash(line))
  return found === null ? -1 : found[0].trimEnd().length
}

function restOf(line: string): string {
  const at = valueStart(line)
  return at < 0 ? '' : line.slice(at).replace(/#.*$/, '').trim()
}
