/**
 * What a condition of an object becoming another means for its history, beside the word that Ready and Stalled come to (row-changes.ts). Pure. Semantics:
 * flux-semantics §1.2 to §1.5, §3.2. What was known of an object's conditions is one text, so that all objects of which the same is known share it.
 */
import { conditionTypes, reasons } from '../../../shared/flux/reasons.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import { conditionGone } from '../../../shared/model/history.ts'
import type { HistoryTone, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Condition } from '../../../shared/model/status.ts'
import { readConditions } from '../status/conditions.ts'
import { maxSkewMs } from './believed-time.ts'
import { entryOf } from './row-changes.ts'
import type { Seen } from './row-changes.ts'

/** What Ready and Stalled come to is told as the status word; Reconciling and ArtifactOutdated come and go in every run. */
const untold: ReadonlySet<string> = new Set([
  conditionTypes.ready,
  conditionTypes.stalled,
  conditionTypes.reconciling,
  'ArtifactOutdated',
])
const goodWhenTrue: ReadonlySet<string> = new Set([
  conditionTypes.healthy,
  'Released',
  'TestSuccess',
  'SourceVerified',
  'ArtifactInStorage',
])
/** `Drifted` of a HelmRelease; a source's IncludeUnavailable, and whatever else ends like that. */
const badWhenTrue = /^(Drifted)$|(Failed|Unavailable)$/
/** Of the last release: undone is bad, and so is that it could not be undone. */
const remediated = 'Remediated'
/** On the way, in every run; what it was before holds until it says what came of it. */
const passingReasons: ReadonlySet<string> = new Set([
  reasons.progressing,
  reasons.progressingWithRetry,
  reasons.healthCheckCanceled,
])

/** An object has half a dozen; what somebody else's controller writes has no bound. */
const maxConditions = 64
const maxChars = 200
const fieldEnd = '\t'
const end = '\n'

interface Turn {
  readonly status: string
  readonly reason: string
}

/** What is to be remembered of the object's conditions; `before`: what was, null where nothing is known. The same text while nothing is told. */
export function conditionsText(object: unknown, before: string | null): string {
  const lines: string[] = []
  let known: ReadonlyMap<string, Turn> | null = null
  for (const condition of toldConditions(object)) {
    const type = word(condition.type)
    let { status, reason }: Turn = condition
    if (isPassing(condition)) {
      known ??= readText(before)
      const last = known.get(type)
      if (last === undefined) continue
      ;({ status, reason } = last)
    }
    lines.push(`${type}${fieldEnd}${status}${fieldEnd}${word(reason)}`)
  }
  return lines.sort().join(end)
}

/** From `before` to what the object says now. One entry for each that became another, appeared, or went. */
export function describeConditions(
  before: string,
  row: FluxRow,
  object: unknown,
  seen: Seen,
): readonly NewHistoryEntry[] {
  const known = new Map(readText(before))
  const found: NewHistoryEntry[] = []
  for (const condition of toldConditions(object)) {
    const type = word(condition.type)
    const last = known.get(type)
    known.delete(type)
    if (isPassing(condition)) continue
    if (last?.status === condition.status && last.reason === word(condition.reason)) continue
    found.push(turnEntry(condition, last, row, seen))
  }
  // What is left was there, and is no longer.
  for (const [type, last] of known)
    found.push(
      entryOf(
        row.ref,
        seen,
      )({
        type: 'condition',
        reason: type,
        at: seen.now,
        message: '',
        tone: isBad(type, last.status) ? 'good' : 'plain',
        revision: row.revision,
        facts: { status: conditionGone, before: last.status, because: '' },
      }),
    )
  return found
}

/** Of an object that is seen for the first time only what is bad now: what was good is no news. The same entry whenever it is told. */
export function describeBadConditions(row: FluxRow, object: unknown, seen: Seen): readonly NewHistoryEntry[] {
  return toldConditions(object)
    .filter((condition) => !isPassing(condition) && isBad(condition.type, condition.status))
    .map((condition) => ({
      ...turnEntry(condition, undefined, row, seen),
      identity: `condition|${row.uid}|${word(condition.type)}|${condition.lastTransitionTime ?? 0}`,
    }))
}

function turnEntry(
  { type, status, reason, message, lastTransitionTime }: Condition,
  last: Turn | undefined,
  row: FluxRow,
  seen: Seen,
): NewHistoryEntry {
  // Where only the reason is another, many controllers leave the time as it was: then it happened when it was seen.
  const isOld = last?.status === status && (lastTransitionTime ?? 0) < (seen.since ?? 0) - maxSkewMs
  return entryOf(
    row.ref,
    seen,
  )({
    type: 'condition',
    reason: word(type),
    at: isOld ? seen.now : (lastTransitionTime ?? seen.now),
    message,
    tone: toneOf(type, status),
    revision: isBad(type, status) && seen.attempted !== '' ? seen.attempted : row.revision,
    facts: { status, before: last?.status ?? null, because: reason },
  })
}

/** Each type once, whatever was written. */
function toldConditions(object: unknown): readonly Condition[] {
  const found = new Map<string, Condition>()
  for (const condition of readConditions(object))
    if (!untold.has(condition.type) && !found.has(condition.type) && found.size < maxConditions)
      found.set(condition.type, condition)
  return [...found.values()]
}

function isPassing({ status, reason }: Condition): boolean {
  return status !== 'True' && passingReasons.has(reason)
}

function isBad(type: string, status: string): boolean {
  return toneOf(type, status) === 'bad'
}

/** Of what Sluice does not know nobody can say whether True is good. */
function toneOf(type: string, status: string): HistoryTone {
  if (status === 'Unknown') return 'plain'
  if (type === remediated) return 'bad'
  if (badWhenTrue.test(type)) return status === 'True' ? 'bad' : 'good'
  if (goodWhenTrue.has(type)) return status === 'True' ? 'good' : 'bad'
  return 'plain'
}

function readText(text: string | null): ReadonlyMap<string, Turn> {
  const known = new Map<string, Turn>()
  if (text === null || text === '') return known
  for (const line of text.split(end)) {
    const [type = '', status = '', reason = ''] = line.split(fieldEnd)
    if (type !== '') known.set(type, { status, reason })
  }
  return known
}

/** One word of the text: without what ends words there. */
function word(text: string): string {
  return neutralizeLine(text.length > maxChars ? text.slice(0, maxChars) : text)
}
