/** Kubernetes events as entries. Semantics: events.k8s.io, flux-semantics §2.14 (reasons and metadata of Flux's own). */
import type { HistoryTone, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ReadEvent } from '../events/event-row.ts'
import { entryOf } from './row-changes.ts'

/** Reasons of Flux that tell of an end that is good. */
const goodReasons: ReadonlySet<string> = new Set([
  'ReconciliationSucceeded',
  'InstallSucceeded',
  'UpgradeSucceeded',
  'TestSucceeded',
  'RollbackSucceeded',
  'NewArtifact',
])

/** The API server keeps events for an hour or so: one that says it is so much older than it was written has it from a broken clock. */
const maxAgeMs = 24 * 60 * 60_000

/**
 * One event, however often it is told; `sinceMs`: what ended before is found afterwards. One without a time is told as of `now`, one of a broken clock as
 * of when it was written or seen: nodes have clocks of their own.
 */
export function eventEntry(event: ReadEvent, owner: ObjectRef | null, sinceMs: number, now: number): NewHistoryEntry {
  const { lastAt, writtenAt } = event
  const isTooOld = lastAt > 0 && lastAt < writtenAt - maxAgeMs
  const at = isTooOld ? writtenAt : lastAt > 0 ? lastAt : now
  return entryOf(event.involved, { owner, now, writtenAt, isBackfilled: at < sinceMs })({
    type: 'event',
    reason: event.reason,
    at,
    message: event.message,
    by: event.source,
    tone: toneOf(event),
    revision: /\brevision:? ([^\s,]+@sha\d+:[0-9a-f]+)/.exec(event.message)?.[1] ?? '',
    count: event.count,
    identity: `event|${event.id}`,
    facts: factsOf(event, isTooOld, Math.min(at, Math.max(now, writtenAt))),
  })
}

function factsOf({ count, firstAt, lastAt }: ReadEvent, isTooOld: boolean, at: number): NewHistoryEntry['facts'] {
  const first = count > 1 ? { firstAt: firstAt > 0 && !isTooOld ? Math.min(firstAt, at) : at } : null
  return isTooOld ? { ...first, claimedAt: lastAt } : first
}

function toneOf({ type, reason }: ReadEvent): HistoryTone {
  if (type === 'Warning') return 'bad'
  return goodReasons.has(reason) ? 'good' : 'plain'
}
