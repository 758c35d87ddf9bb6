/**
 * Find over all rendered objects: `kind:Deployment ns:apps -name:test in:apps image: oci`. Conditions narrow the objects; what is left of the
 * text, as it stands, is looked for in their lines without regard to case. Masked text only: what is hidden is not found.
 */
import { shortKind } from '../../../shared/flux/short-kinds.ts'
import type { RepositoryFound, RepositoryMatch } from '../../../shared/model/repository.ts'
import type { RenderedEntry, ShownObject } from './rendered-entry.ts'

export interface FindQuery {
  readonly conditions: readonly Condition[]
  /** Lower case; '' finds the objects themselves. */
  readonly text: string
}

interface Condition {
  readonly field: 'kind' | 'ns' | 'name' | 'in'
  readonly isNegated: boolean
  /** Lower case; `*` stands for any characters. One of them has to fit. */
  readonly values: readonly string[]
}

const conditionShape = /(^|\s)(-?)(kind|ns|namespace|name|in):("[^"]*"|\S+)/gi

export function parseFind(input: string): FindQuery {
  const conditions: Condition[] = []
  const rest = input.replace(conditionShape, (_whole, space: string, minus: string, word: string, value: string) => {
    const field = word.toLowerCase()
    conditions.push({
      field: field === 'namespace' ? 'ns' : (field as Condition['field']),
      isNegated: minus === '-',
      values: value
        .replaceAll('"', '')
        .toLowerCase()
        .split(',')
        .filter((part) => part !== ''),
    })
    return space
  })
  return { conditions, text: rest.trim().toLowerCase() }
}

/** `title`: how an entry is called, for `in:`. At most `limit` matches are given, all are counted. */
export function findObjects(
  entries: Iterable<readonly [key: string, title: string, entry: RenderedEntry]>,
  query: FindQuery,
  limit: number,
): Omit<RepositoryFound, 'waitingCount'> {
  const matches: RepositoryMatch[] = []
  let total = 0
  let objectCount = 0
  for (const [entryKey, title, entry] of entries) {
    if (!query.conditions.every((condition) => condition.field !== 'in' || fits(condition, [title]))) continue
    for (const object of entry.objects) {
      if (!query.conditions.every((condition) => isObjectFit(condition, object))) continue
      objectCount += 1
      if (query.text === '') {
        total += 1
        if (matches.length < limit) matches.push(matchOf(entryKey, object, object.summary.line, '', 0, 0))
        continue
      }
      total += findLines(entryKey, object, query.text, limit, matches)
    }
  }
  return { matches, total, objectCount }
}

function findLines(
  entryKey: string,
  object: ShownObject,
  needle: string,
  limit: number,
  matches: RepositoryMatch[],
): number {
  const haystack = lowerOf(object)
  let found = 0
  for (let at = haystack.indexOf(needle); at >= 0;) {
    found += 1
    const lineEnd = haystack.indexOf('\n', at)
    if (matches.length < limit) {
      const lineStart = haystack.lastIndexOf('\n', at) + 1
      matches.push(
        lineMatch(entryKey, object, lineStart, lineEnd < 0 ? haystack.length : lineEnd, at - lineStart, needle.length),
      )
    }
    if (lineEnd < 0) break
    at = haystack.indexOf(needle, lineEnd + 1)
  }
  return found
}

/** Characters of a line that are shown. */
const maxShown = 200
const shownBefore = 60

function lineMatch(
  entryKey: string,
  object: ShownObject,
  lineStart: number,
  lineEnd: number,
  column: number,
  length: number,
): RepositoryMatch {
  const line = object.text.slice(lineStart, lineEnd)
  const indent = line.length - line.trimStart().length
  const cut = Math.max(indent, column - shownBefore)
  const text = line.slice(cut, cut + maxShown)
  const lead = cut > indent ? '…' : ''
  let number = object.summary.line
  for (let at = object.text.indexOf('\n'); at >= 0 && at < lineStart; at = object.text.indexOf('\n', at + 1))
    number += 1
  const start = Math.max(0, column - cut) + lead.length
  return matchOf(entryKey, object, number, lead + text, start, Math.min(start + length, lead.length + text.length))
}

function matchOf(
  entry: string,
  { summary }: ShownObject,
  line: number,
  text: string,
  start: number,
  end: number,
): RepositoryMatch {
  const { key, group, kind, namespace, name, lineCount } = summary
  return { entry, object: { key, group, kind, namespace, name, line: summary.line, lineCount }, line, text, start, end }
}

/** Lower-cased texts, kept as long as their objects: a find while typing asks for all of them at every key. */
const lowered = new WeakMap<ShownObject, string>()

function lowerOf(object: ShownObject): string {
  const known = lowered.get(object)
  if (known !== undefined) return known
  const lower = object.text.toLowerCase()
  // A few capital letters become two characters: places would not fit any more.
  const made = lower.length === object.text.length ? lower : object.text.replace(/[A-Z]/g, (c) => c.toLowerCase())
  lowered.set(object, made)
  return made
}

function isObjectFit(condition: Condition, { summary }: ShownObject): boolean {
  if (condition.field === 'in') return true
  const values =
    condition.field === 'kind'
      ? [summary.kind, shortKind(summary.group, summary.kind)]
      : [condition.field === 'ns' ? summary.namespace : summary.name]
  return fits(condition, values)
}

function fits({ values, isNegated }: Condition, texts: readonly string[]): boolean {
  const isFit = texts.some((text) => values.some((value) => isLike(text.toLowerCase(), value)))
  return isFit !== isNegated
}

/** `*` stands for any characters; without one the whole text has to be equal. Linear: no expression is built from what was typed. */
function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  const last = parts.at(-1) ?? ''
  return text.length - at >= last.length && text.endsWith(last)
}
