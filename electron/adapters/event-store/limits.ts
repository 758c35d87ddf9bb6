/** What comes from clusters and Git is bounded here before it is written: no length, time or character of theirs breaks the store. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryFacts, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'

export const maxMessageChars = 32 * 1024
const maxFactsChars = 256 * 1024
const maxWordChars = 1024
const maxCount = 2 ** 40
/** Exclusive: the row number holds 43 bits of it. In the year 2248. */
export const maxTime = 2 ** 43 - 1

/**
 * The entry as it can be kept: texts without NUL and lone surrogates, long ones cut with a mark that says how much there was; a time that is none
 * becomes `now`. Throws SluiceError naming the field for a type or tone that does not exist: those are of our own making.
 */
export function boundEntry(entry: NewHistoryEntry, now: number): NewHistoryEntry {
  if (!historyTypes.includes(entry.type)) throw invalid('type', entry.type)
  if (!historyTones.includes(entry.tone)) throw invalid('tone', entry.tone)
  const cluster = bound(entry.cluster, maxWordChars)
  return {
    cluster,
    type: entry.type,
    ref: boundRef(entry.ref, cluster),
    owner: boundRef(entry.owner, cluster),
    at: boundTime(entry.at, now),
    reason: bound(entry.reason, maxWordChars),
    message: bound(entry.message, maxMessageChars),
    tone: entry.tone,
    revision: bound(entry.revision, maxWordChars),
    by: bound(entry.by, maxWordChars),
    count: Number.isFinite(entry.count) ? Math.min(maxCount, Math.max(1, Math.trunc(entry.count))) : 1,
    isBackfilled: entry.isBackfilled === true,
    identity: bound(entry.identity, maxWordChars),
    facts: boundFacts(entry.facts),
  }
}

function invalid(field: string, value: unknown): SluiceError {
  return new SluiceError('InvalidInput', `A history entry's ${field} is ${JSON.stringify(value) ?? 'missing'}`)
}

function boundTime(at: number, now: number): number {
  return typeof at === 'number' && at >= 0 && at < maxTime ? Math.trunc(at) : now
}

/** Missing fields arrive as undefined, whatever their type says: they came over the wire. */
function bound(text: string | undefined, maxChars: number): string {
  if (typeof text !== 'string' || text === '') return ''
  const plain = (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed()
  if (plain.length <= maxChars) return plain
  return `${plain.slice(0, maxChars).toWellFormed()}… (cut: it had ${plain.length} characters)`
}

function boundRef(ref: ObjectRef | null | undefined, cluster: string): ObjectRef | null {
  if (ref === null || ref === undefined) return null
  return {
    cluster,
    group: bound(ref.group, maxWordChars),
    kind: bound(ref.kind, maxWordChars),
    namespace: bound(ref.namespace, maxWordChars),
    name: bound(ref.name, maxWordChars),
  }
}

function boundFacts(facts: HistoryFacts | null | undefined): HistoryFacts | null {
  if (facts === null || facts === undefined) return null
  const text = JSON.stringify(facts)
  if (text.length > maxFactsChars) return { cut: `it had ${text.length} characters` }
  return JSON.parse(text.includes('\\u') ? plainJson(text) : text) as HistoryFacts
}

/** JSON.stringify writes NUL and lone surrogates as escapes. */
function plainJson(text: string): string {
  return text.replace(/(\\\\)|\\u(0000|d[89a-f][0-9a-f]{2})/gi, (found, backslash: string | undefined) =>
    backslash === undefined ? '\uFFFD' : found,
  )
}

/** What to answer a lone surrogate or a NUL with in a question: the same as in an entry. */
export function boundText(text: string): string {
  return bound(text, maxMessageChars)
}
