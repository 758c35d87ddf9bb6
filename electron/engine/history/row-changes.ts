/**
 * What a Flux object's row becoming another one means for its history. Pure. Semantics: flux-semantics §1.2, §2.14; words of flux-status.ts. A run
 * that changes nothing, and the Progressing of every run, leave no entry: nothing happened.
 */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { reasons } from '../../../shared/flux/reasons.ts'
import { isSameRevision } from '../../../shared/flux/revision.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import { gateChanged } from '../../../shared/model/history.ts'
import type { HistoryFacts, HistoryTone, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { FieldOwner } from '../status/managed-fields.ts'
import { believedTime, maxSkewMs } from './believed-time.ts'

/** What is remembered of a row between two looks, also over restarts of Sluice. */
export interface KnownRow {
  readonly uid: string
  readonly generation: number
  /** The last word that was not on its way to another. */
  readonly word: StatusWord
  readonly reason: string
  readonly revision: string
  readonly isSuspended: boolean
  /** Of its conditions (condition-changes.ts); null: they were not looked at yet. */
  readonly conditions: string | null
  /** Of a HelmRelease: which of its releases is deployed; '' none is, null: that is not known (of other kinds never). */
  readonly release: string | null
  /** While it fails: the revision that it failed at, '' where it says none, or does not fail; null: it was not looked at yet. */
  readonly attempted: string | null
  /** Of a Kustomization: since when (s) what it applied last is what it renders to; null: that is not known (of other kinds never). */
  readonly ran: number | null
  /** Of a closed gate: by whom, why, until when and in which mode; '' of an open one, null: it was not looked at yet. */
  readonly gate: string | null
}

/** What a Kustomization rendered to, as its controller remembers it in `status.history`: one for each digest and outcome. */
export interface RunSnapshot {
  readonly digest: string
  readonly status: string
  readonly revision: string
  readonly originRevision: string
  readonly firstAt: number
  readonly lastAt: number | null
  readonly duration: string
  readonly total: number | null
}

/** A release as its controller remembers it, in `status.history` of a HelmRelease. */
export interface ReleaseSnapshot {
  /** Counted by Helm, from 1. */
  readonly version: number
  readonly status: string
  readonly chartName: string
  readonly chartVersion: string
  readonly at: number | null
  readonly digest: string
  /** Helm's word on how it went; only its storage has that. */
  readonly description?: string
}

/** Beside the rows: what only the object says, and when this is seen. */
export interface Seen {
  readonly now: number
  /** When the object was last written, by the API server's clock; absent: it does not say. */
  readonly writtenAt?: number
  /** What changed did so after that; absent: nobody knows. */
  readonly since?: number
  /** It happened while nobody looked: found on a first sight. */
  readonly isBackfilled: boolean
  /** Who last wrote the spec by managedFields, null where they do not say. */
  readonly specOwner: FieldOwner | null
  /** Who owns the gate's field, null where it is not owned. */
  readonly gateOwner: FieldOwner | null
  readonly owner: ObjectRef | null
  /** The revision of the last run, also of one that failed; '' where the object does not say. */
  readonly attempted: string
  /** Of a Kustomization that tells its runs: the newest that went well. `isAgain`: it rendered to something else in between. `isHealthy`: it was waited for that. */
  readonly run?: RunSnapshot & { readonly isAgain: boolean; readonly isHealthy: boolean }
  /** Of a HelmRelease that tells its releases: the newest that is deployed, null where none is. Absent of all else. */
  readonly release?: ReleaseSnapshot | null
  /** Revisions of the source that a release's charts were packaged from, the deployed and the last attempted one; '' where that is not known. */
  readonly origins?: { readonly applied: string; readonly attempted: string }
}

/** On the way, or about the gate, which has entries of its own. */
const passingWords: ReadonlySet<StatusWord> = new Set([
  'Progressing',
  'Held',
  'Suspended',
  'Drifted',
  'Unknown',
  'Stale',
  'Unreachable',
])

/** What only the object says of its runs. */
export type Said = Partial<Pick<Seen, 'attempted' | 'release' | 'run'>>

export function knownRow(row: FluxRow, before: KnownRow | null, { attempted = '', release, run }: Said = {}): KnownRow {
  const isPassing = passingWords.has(row.status.word)
  const isSameObject = before !== null && before.uid === row.uid
  return {
    uid: row.uid,
    generation: row.generation,
    word: isPassing ? (isSameObject ? before.word : 'Unknown') : row.status.word,
    reason: isPassing ? (isSameObject ? before.reason : '') : row.status.reason,
    revision: row.revision,
    isSuspended: row.isSuspended === true,
    conditions: isSameObject ? before.conditions : null,
    release: release === undefined ? null : releaseKey(release),
    attempted: isPassing ? (isSameObject ? before.attempted : '') : toneOf(row.status.word) === 'bad' ? attempted : '',
    ran: run === undefined ? null : Math.floor(run.firstAt / 1000),
    gate: gateText(row),
  }
}

/** Numbers begin anew where it was uninstalled in between. */
function releaseKey(release: ReleaseSnapshot | null): string {
  return release === null ? '' : `${String(release.version)}|${String(release.at)}`
}

/** One text for all that is closed alike; reasons have no length. */
function gateText({ isSuspended, suspend, mode }: FluxRow): string {
  if (isSuspended !== true) return ''
  // Where Sluice did not close it nobody says more than that: managers of its field come and go.
  const { by = null, reason = null, resumeAt = null } = suspend ?? {}
  return [by, reason, resumeAt, mode]
    .map((each) => neutralizeLine(String(each ?? '').slice(0, maxGateChars)))
    .join('\t')
}

const maxGateChars = 500

/** As in the facts of its entries. */
function gateFacts(text: string): HistoryFacts {
  const [by = '', reason = '', until = '', mode = ''] = text.split('\t')
  return { by, reason, until: until === '' ? null : Number(until), mode: mode === '' ? null : mode }
}

/** `before` null: it was not there. Oldest first. */
export function describeChange(before: KnownRow | null, row: FluxRow, seen: Seen): readonly NewHistoryEntry[] {
  const entry = entryOf(row.ref, seen)
  if (before === null)
    return [
      entry({
        type: 'object',
        reason: 'Created',
        at: row.createdAt ?? seen.now,
        message: row.target,
        identity: createdIdentity(row),
      }),
    ]
  if (before.uid !== row.uid && before.uid !== '' && row.uid !== '')
    return [
      entry({
        type: 'object',
        reason: 'Recreated',
        at: row.createdAt ?? seen.now,
        message: 'Deleted and created anew',
        tone: 'bad',
      }),
    ]
  const entries: NewHistoryEntry[] = []
  const isGateTurned = row.isSuspended !== null && before.isSuspended !== row.isSuspended
  if (isGateTurned) entries.push(gateEntry(row, seen))
  else if (before.isSuspended && before.gate !== null && before.gate !== gateText(row))
    entries.push(gateChangeEntry(before.gate, row, seen))
  // The gate's field is part of the spec: turning it is told once. Being deleted counts as a generation, and nobody has written anything.
  if (
    !row.isTerminating &&
    row.generation > before.generation &&
    !(isGateTurned && row.generation === before.generation + 1)
  )
    entries.push(
      entry({
        type: 'object',
        reason: 'SpecChanged',
        at: seen.specOwner?.at ?? seen.now,
        by: seen.specOwner?.manager ?? '',
        message: `Generation ${before.generation} → ${row.generation}`,
        identity: specIdentity(row),
        facts: { before: before.generation, generation: row.generation },
      }),
    )
  const { release } = seen
  if (release === undefined) {
    if (row.revision !== '' && !isSameRevision(before.revision, row.revision))
      entries.push(revisionEntry(before, row, seen))
    else if (seen.run !== undefined && before.ran !== null && before.ran !== Math.floor(seen.run.firstAt / 1000))
      entries.push(seen.run.isAgain ? againEntry(row, seen.run, seen) : runEntry(row, seen.run, seen))
  } else if (release !== null && isReleased(before, release)) entries.push(releasedEntry(before, row, release, seen))
  const isTurned =
    before.word !== row.status.word || (before.reason !== row.status.reason && row.status.word !== 'Ready')
  if (!passingWords.has(row.status.word) && (isTurned || isFailedAnew(before, row, seen)))
    entries.push(
      entry({
        type: 'status',
        reason: row.status.word,
        at: statusAt(row, isTurned, seen),
        message: row.status.message,
        tone: toneOf(row.status.word),
        revision: toneOf(row.status.word) === 'bad' && seen.attempted !== '' ? seen.attempted : row.revision,
        facts: {
          before: before.word,
          because: row.status.reason,
          ...(toneOf(row.status.word) === 'bad' && originFacts(seen.origins?.attempted)),
        },
      }),
    )
  return entries
}

/** It fails as before, at another revision. */
function isFailedAnew({ attempted: before }: KnownRow, { status }: FluxRow, { attempted }: Seen): boolean {
  if (toneOf(status.word) !== 'bad' || before === null || before === '' || attempted === '') return false
  return !isSameRevision(before, attempted)
}

/** What fails again may have its condition as it was, with its time. */
function statusAt({ status: { since } }: FluxRow, isTurned: boolean, seen: Seen): number {
  if (since === null || (!isTurned && since < (seen.since ?? 0) - maxSkewMs)) return seen.now
  return since
}

/** What is found afterwards is then the same entry. */
export function createdIdentity({ uid }: FluxRow): string {
  return uid === '' ? '' : `created|${uid}`
}

/** Of the change that made the row's generation. */
export function specIdentity({ uid, generation }: FluxRow): string {
  return uid === '' ? '' : `spec|${uid}|${generation}`
}

export function describeRemoval(ref: ObjectRef, seen: Seen): NewHistoryEntry {
  return entryOf(ref, seen)({ type: 'object', reason: 'Deleted', at: seen.now, message: '' })
}

function gateEntry(row: FluxRow, seen: Seen): NewHistoryEntry {
  const { suspend } = row
  const isClosed = row.isSuspended === true
  const by = isClosed ? (suspend?.by ?? suspend?.manager ?? '') : (seen.gateOwner?.manager ?? '')
  return entryOf(
    row.ref,
    seen,
  )({
    type: 'gate',
    reason: isClosed ? 'Suspended' : 'Resumed',
    at: (isClosed ? suspend?.at : seen.gateOwner?.at) ?? seen.now,
    by,
    message: isClosed ? (suspend?.reason ?? '') : '',
    tone: isClosed ? 'closed' : 'open',
    revision: row.revision,
    facts: isClosed
      ? { until: suspend?.resumeAt ?? null, manager: suspend?.manager ?? null, mode: row.mode ?? null }
      : { manager: seen.gateOwner?.manager ?? null },
  })
}

/** It stays closed, for another reason, until another time, by somebody else, or held where it waited for a word. */
function gateChangeEntry(before: string, row: FluxRow, seen: Seen): NewHistoryEntry {
  const { suspend } = row
  const closed = gateEntry(row, seen)
  const isNew = suspend?.at !== undefined && suspend.at !== null && suspend.at >= (seen.since ?? 0) - maxSkewMs
  return {
    ...closed,
    reason: gateChanged,
    at: isNew ? closed.at : seen.now,
    facts: { ...closed.facts, before: gateFacts(before) },
  }
}

function revisionEntry(before: KnownRow, row: FluxRow, seen: Seen): NewHistoryEntry {
  const isApplier = row.ref.group === kustomizeGroup || row.ref.group === helmGroup
  const at = row.lastAppliedAt ?? row.status.since ?? seen.now
  return entryOf(
    row.ref,
    seen,
  )({
    type: isApplier ? 'run' : 'artifact',
    reason: isApplier ? (row.ref.group === helmGroup ? 'Released' : 'Applied') : 'NewArtifact',
    // What is applied in this moment was not applied before the last one was.
    at: Math.min(at, seen.now),
    message: row.ref.group === helmGroup ? row.target : row.revision,
    tone: isApplier ? 'good' : 'plain',
    revision: row.revision,
    facts: { before: before.revision, ...(isApplier && seen.run !== undefined && ranFacts(row, seen.run)) },
  })
}

/** What it came to, and how long that took: what was run again since says only how long the last time took. */
function ranFacts(row: FluxRow, run: NonNullable<Seen['run']>): HistoryFacts {
  const isOnce = run.total === 1 && isSameRevision(run.revision, row.revision)
  return {
    digest: run.digest,
    ...(isOnce && run.duration !== '' && { duration: run.duration, outcome: run.isHealthy ? 'Healthy' : 'Applied' }),
  }
}

/** What is found afterwards is then the same entry: one for each digest and outcome. */
export function runEntry(row: FluxRow, run: RunSnapshot, seen: Seen): NewHistoryEntry {
  const isGood = run.status === reasons.reconciliationSucceeded
  return entryOf(
    row.ref,
    seen,
  )({
    type: 'run',
    reason: isGood ? 'Applied' : run.status,
    at: run.firstAt,
    message: run.revision,
    tone: isGood ? 'good' : 'bad',
    revision: run.revision,
    identity: `run|${row.uid}|${run.digest}|${run.status}`,
    facts: {
      digest: run.digest,
      originRevision: run.originRevision,
      lastAt: run.lastAt,
      duration: run.duration,
      total: run.total,
    },
  })
}

/** Back to what it rendered to before: that run stays where it is told. */
function againEntry(row: FluxRow, run: RunSnapshot, seen: Seen): NewHistoryEntry {
  return { ...runEntry(row, { ...run, firstAt: run.lastAt ?? seen.now }, seen), identity: '' }
}

/** Other values, or another chart: Helm makes a new one of each. */
function isReleased(before: KnownRow, release: ReleaseSnapshot): boolean {
  if (before.release === null) return !isSameRevision(before.revision, release.chartVersion)
  return before.release !== releaseKey(release)
}

function releasedEntry(before: KnownRow, row: FluxRow, release: ReleaseSnapshot, seen: Seen): NewHistoryEntry {
  return releaseEntry(row, { ...release, at: Math.min(release.at ?? seen.now, seen.now) }, seen, {
    before: before.revision,
  })
}

/** What is found afterwards is then the same entry. */
export function releaseEntry(
  row: FluxRow,
  { version, status, chartName, chartVersion, at, digest, description = '' }: ReleaseSnapshot & { readonly at: number },
  seen: Pick<Seen, 'owner' | 'isBackfilled' | 'release' | 'origins'> & Partial<Pick<Seen, 'now'>>,
  more: HistoryFacts = {},
): NewHistoryEntry {
  return entryOf(
    row.ref,
    seen,
  )({
    type: 'run',
    reason: 'Released',
    at,
    message: `${chartName}@${chartVersion}: ${status}${description === '' ? '' : `, ${description}`}`,
    tone: releaseTone(status),
    revision: chartVersion,
    identity: releaseIdentity(row, version, at),
    facts: {
      version,
      digest,
      ...more,
      ...(chartVersion === seen.release?.chartVersion && originFacts(seen.origins?.applied)),
    },
  })
}

export function releaseIdentity({ uid }: FluxRow, version: number, at: number): string {
  return `release|${uid}|${String(version)}|${String(at)}`
}

/** What was never finished, or was taken away again, went neither well nor wrong. */
export function releaseTone(status: string): HistoryTone {
  if (status === 'failed') return 'bad'
  return status === 'deployed' || status === 'superseded' ? 'good' : 'plain'
}

function originFacts(originRevision = ''): HistoryFacts {
  return originRevision === '' ? {} : { originRevision }
}

function toneOf(word: StatusWord): HistoryTone {
  if (word === 'Failed' || word === 'Stalled') return 'bad'
  return word === 'Ready' ? 'good' : 'plain'
}

type Told = Pick<NewHistoryEntry, 'type' | 'reason' | 'at' | 'message'> &
  Partial<Pick<NewHistoryEntry, 'by' | 'tone' | 'revision' | 'facts' | 'identity' | 'count'>>

/** What controllers and annotations say has no length; whoever writes it down cuts at a little more. */
const maxMessageChars = 32_000

function cutMessage(text: string): string {
  if (text.length <= maxMessageChars) return text
  return `${text.slice(0, maxMessageChars)}… (cut: it had ${String(text.length)} characters)`
}

/**
 * An entry about `ref` with everything that was not said, at a time that can be. SECURITY: item 12: messages are redacted before they leave the engine
 * for the disk.
 */
export function entryOf(
  ref: ObjectRef,
  seen: Pick<Seen, 'owner' | 'isBackfilled'> & Partial<Pick<Seen, 'now' | 'writtenAt'>>,
): (told: Told) => NewHistoryEntry {
  return ({ facts = null, ...told }) => {
    // Without `now` the time is Git's or Sluice's own.
    const { at, ...claimed } = believedTime(told.at, seen.now ?? Infinity, seen.writtenAt ?? 0)
    return {
      cluster: ref.cluster,
      ref,
      owner: seen.owner,
      by: '',
      tone: 'plain',
      revision: '',
      identity: '',
      count: 1,
      isBackfilled: seen.isBackfilled,
      ...told,
      at,
      facts: claimed.claimedAt === undefined ? facts : { ...facts, ...claimed },
      message: redactText(cutMessage(told.message)),
    }
  }
}
