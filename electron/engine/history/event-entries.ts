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

/** One event, however often it is told; `sinceMs`: what ended before is found afterwards. One without a time is told as of `now`. */
export function eventEntry(event: ReadEvent, owner: ObjectRef | null, sinceMs: number, now: number): NewHistoryEntry {
  const at = event.lastAt > 0 ? event.lastAt : now
  return entryOf(event.involved, { owner, isBackfilled: at < sinceMs })({
    type: 'event',
    reason: event.reason,
    at,
    message: event.message,
    by: event.source,
    tone: toneOf(event),
    revision: /\brevision:? ([^\s,]+@sha\d+:[0-9a-f]+)/.exec(event.message)?.[1] ?? '',
    count: event.count,
    identity: `event|${event.id}`,
    facts: event.count > 1 ? { firstAt: event.firstAt > 0 ? event.firstAt : at } : null,
  })
}

function toneOf({ type, reason }: ReadEvent): HistoryTone {
  if (type === 'Warning') return 'bad'
  return goodReasons.has(reason) ? 'good' : 'plain'
}
