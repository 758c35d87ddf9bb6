/**
 * What an object still knows of its past when it is seen for the first time: `status.history` of a Kustomization, the snapshots of a HelmRelease, when
 * its gate was closed, since when it is as it is; by managedFields who wrote its spec last. Pure. Source: flux-semantics §1.4, §1.5.
 */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { lastWriteAt } from '../status/managed-fields.ts'
import { asRecord, asText, numberAt } from '../status/read.ts'
import { describeBadConditions, describeConditions } from './condition-changes.ts'
import { readReleases } from './release-snapshots.ts'
import { readRuns } from './run-snapshots.ts'
import { createdIdentity, describeChange, entryOf, knownRow, releaseEntry, runEntry } from './row-changes.ts'
import type { KnownRow, Seen } from './row-changes.ts'
import { creatorOf, describeWriters } from './spec-writers.ts'

/** Oldest first. What is not later than `toldUntil` was told before. */
export function describePast(
  row: FluxRow,
  object: unknown,
  seen: Omit<Seen, 'isBackfilled' | 'attempted'>,
  toldUntil = 0,
): readonly NewHistoryEntry[] {
  const attempted = asText(asRecord(asRecord(object).status).lastAttemptedRevision)
  const past: Seen = { ...seen, isBackfilled: true, attempted, writtenAt: lastWriteAt(object) }
  const entry = entryOf(row.ref, past)
  const found: NewHistoryEntry[] = []
  if (row.createdAt !== null)
    found.push(
      entry({
        type: 'object',
        reason: 'Created',
        at: row.createdAt,
        message: row.target,
        by: creatorOf(row, object),
        identity: createdIdentity(row),
      }),
    )
  found.push(...describeRuns(row, object, past), ...describeWriters(row, object, past))
  // As if it had been open and calm before: what is closed or fails now became so at its time.
  const calm = { ...knownRow(row, null), word: 'Unknown' as const, reason: '', isSuspended: false }
  found.push(
    ...describeChange(calm, row, past)
      .filter(({ type, tone }) => type === 'gate' || (type === 'status' && tone === 'bad'))
      .map((each) => ({
        ...each,
        identity: `${each.type}|${row.uid}|${numberAt(each.facts, 'claimedAt') ?? each.at}`,
      })),
    ...describeBadConditions(row, object, past),
  )
  return found.filter(({ at }) => at > toldUntil).sort((a, b) => a.at - b.at)
}

/** What became of a row between two looks: each of its runs that the object still knows, not only the last one, and its conditions. */
export function describeMeanwhile(
  before: KnownRow,
  row: FluxRow,
  object: unknown,
  seen: Seen,
  aliveAt: number,
): readonly NewHistoryEntry[] {
  const past: Seen = { ...seen, isBackfilled: true }
  const changes = [...describeChange(before, row, past), ...conditionsSince(before, row, object, past, aliveAt)]
  const runs = describeRuns(row, object, past).filter(({ at }) => at > aliveAt)
  return [...changes.filter(({ type }) => runs.length === 0 || type !== 'run'), ...runs].sort((a, b) => a.at - b.at)
}

/** Where nothing is known of them (an older Sluice did not look), only what went wrong since: the rest may be as it was. */
function conditionsSince(
  before: KnownRow,
  row: FluxRow,
  object: unknown,
  past: Seen,
  aliveAt: number,
): readonly NewHistoryEntry[] {
  if (object === null) return []
  if (before.conditions !== null && before.uid === row.uid)
    return describeConditions(before.conditions, row, object, past)
  return describeBadConditions(row, object, past).filter(({ at }) => at > aliveAt)
}

function describeRuns(row: FluxRow, object: unknown, past: Seen): readonly NewHistoryEntry[] {
  if (row.ref.group === kustomizeGroup) return readRuns(object).map((run) => runEntry(row, run, past))
  if (row.ref.group !== helmGroup) return []
  return readReleases(object).flatMap((release) =>
    release.at === null ? [] : [releaseEntry(row, { ...release, at: release.at }, past)],
  )
}
