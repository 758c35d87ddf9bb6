/**
 * What happened, as it is kept and as it travels to the window and the command line. Times are ms since the epoch. Values of Secrets and whatever
 * looks like one never appear: they were taken out before they were written.
 */
import type { ClusterId, ObjectRef } from './identity.ts'

/**
 * - event: a Kubernetes event of a Flux object or of what it owns. - status: its word (Ready, Failed, …) became another. - run: a revision was applied,
 * attempted, or released. - artifact: a source has a new one. - commit: what a revision is in Git. - gate: closed or opened, by whomever. - drift: found
 * or gone. - action: something was done in Sluice. - object: created, deleted or made anew. - session: Sluice began or ended to watch a cluster, or lost
 * it: between an end and the next begin nothing is known. - render: what a revision wants the cluster to be was written down; found only where it is
 * asked for by type. - condition: one of its conditions became another, beside what its word tells. The store keeps the place of each: new ones come last.
 */
export const historyTypes = [
  'event',
  'status',
  'run',
  'artifact',
  'commit',
  'gate',
  'drift',
  'action',
  'object',
  'session',
  'render',
  'condition',
] as const
export type HistoryType = (typeof historyTypes)[number]

/** How it reads: `bad` failed or warns, `good` came right, `closed` and `open` turned a gate, `plain` says nothing of that. */
export const historyTones = ['plain', 'good', 'bad', 'open', 'closed'] as const
export type HistoryTone = (typeof historyTones)[number]

/** Without its number: what a recorder hands over. */
export interface NewHistoryEntry {
  readonly cluster: ClusterId
  readonly type: HistoryType
  /** What it is about; null: the cluster as such. Its cluster is `cluster`. */
  readonly ref: ObjectRef | null
  /** The Kustomization or HelmRelease that `ref` belongs to, `ref` itself where it is one; null: none known. */
  readonly owner: ObjectRef | null
  /** When it happened, as the cluster or Git says; the time it was seen where they do not. */
  readonly at: number
  /** The reason of Flux or Kubernetes verbatim, or a word of ours in the same style (`Suspended`, `DriftFound`). */
  readonly reason: string
  readonly message: string
  readonly tone: HistoryTone
  /** Verbatim, `branch@sha1:…`; '' if it has none. */
  readonly revision: string
  /** Person, field manager or controller; '' if not known. */
  readonly by: string
  /** How often, of events that repeat; 1 else. */
  readonly count: number
  /** Found later, in what the cluster, Helm or Git still knew. */
  readonly isBackfilled: boolean
  /**
   * Entries of one cluster with the same identity are one: a later one replaces `at`, `message`, `count` and `facts` of the first. '' for what is never
   * told twice. An event: its uid.
   */
  readonly identity: string
  /** Further facts by type, small JSON: changed paths, fields with managers, until when, the audit's plan. */
  readonly facts: HistoryFacts | null
}

export type HistoryFacts = Readonly<Record<string, unknown>>

/** In the facts of a `condition` its `status`, where the object no longer has it. */
export const conditionGone = 'Gone'

/** The reason of a `gate` that stays closed, with another reason, end, person or mode; `before` in its facts is what it was. */
export const gateChanged = 'Changed'

/** It opened or closed. */
export function isGateTurn({ type, reason }: Pick<NewHistoryEntry, 'type' | 'reason'>): boolean {
  return type === 'gate' && reason !== gateChanged
}

/** Until when a gate is closed, ms; null where nobody said, or it is open. */
export function gateUntil({ type, facts }: Pick<NewHistoryEntry, 'type' | 'facts'>): number | null {
  const until = type === 'gate' ? facts?.['until'] : null
  return typeof until === 'number' ? until : null
}

/** The reason of a `session` that tells of entries for which there was no room, while the disk did not take them. */
export const entriesLost = 'EntriesLost'

/** The reason of a `session` that tells whose past releases could not be read, and why. */
export const releasesUnread = 'ReleasesUnread'

/** From when until when, of such an entry; null of all others. What was told before that was known has no beginning. */
export function lostStretch({ type, reason, at, facts }: Pick<NewHistoryEntry, 'type' | 'reason' | 'at' | 'facts'>): {
  readonly from: number
  readonly until: number
} | null {
  if (type !== 'session' || reason !== entriesLost) return null
  const from = facts?.['from']
  return { from: typeof from === 'number' ? Math.min(from, at) : at, until: at }
}

/** The reason as it is shown: of a condition with what became of it, `Healthy=False`. */
export function shownReason({ type, reason, facts }: Pick<NewHistoryEntry, 'type' | 'reason' | 'facts'>): string {
  const status = facts?.['status']
  return type === 'condition' && typeof status === 'string' ? `${reason}=${status}` : reason
}

/** When two of one identity happened: told again with the same time that cannot be, when it was first seen; else as the later one says. */
export function mergedTime(before: NewHistoryEntry, after: NewHistoryEntry): number {
  const claimed = after.facts?.['claimedAt']
  return claimed !== undefined && claimed === before.facts?.['claimedAt'] ? before.at : after.at
}

export interface HistoryEntry extends NewHistoryEntry {
  /** Number in the store as decimal text: the row key on the wire. */
  readonly key: string
  /** When Sluice wrote it down. */
  readonly recordedAt: number
}

/** What an entry's revision is of in Git: its own where that is a commit's, of a release what its chart was packaged from, as far as that was recorded. */
export function sourceRevision({ revision, facts }: Pick<NewHistoryEntry, 'revision' | 'facts'>): string {
  const origin = facts?.['originRevision']
  return typeof origin === 'string' && origin !== '' ? origin : revision
}

/** What is looked for; every part narrows. Newest first. */
export interface HistoryQuery {
  readonly clusters?: readonly ClusterId[]
  /** Entries about it, and of what belongs to it. */
  readonly owner?: ObjectRef
  /** Entries about it alone. */
  readonly ref?: ObjectRef
  readonly types?: readonly HistoryType[]
  /** Letters of any case. */
  readonly kinds?: readonly string[]
  readonly namespaces?: readonly string[]
  /** Letters of any case; also Flux's own reason behind the word of a status. */
  readonly reasons?: readonly string[]
  /** Beginnings, letters of any case; '': nobody. */
  readonly by?: readonly string[]
  readonly tones?: readonly HistoryTone[]
  /** Beginnings of a commit's hash, or whole revisions. */
  readonly commits?: readonly string[]
  /** All of these words stand in name, reason or message, each as the beginning of a word. */
  readonly words?: readonly string[]
  /** Stands in the message as it is, letters of any case; slower than words. */
  readonly text?: string
  /** Inclusive. */
  readonly from?: number
  /** Exclusive. */
  readonly until?: number
}

export interface HistoryPage {
  /** By `at`, newest first. */
  readonly entries: readonly HistoryEntry[]
  /** Hand it back for the next page; null: there is no more. */
  readonly next: string | null
}

/** One column of the strip above a timeline. */
export interface HistoryBucket {
  /** Beginning; as long as the asked range divided by the asked count. */
  readonly at: number
  readonly count: number
  readonly bad: number
  /** Runs and commits. */
  readonly runs: number
}

export interface HistoryStoreState {
  readonly entries: number
  readonly bytes: number
  readonly oldestAt: number | null
  /** Why nothing is recorded now (disk full, read-only, written by a newer Sluice); '' while all is well. */
  readonly problem: string
  /** A sentence about a damaged file that was set aside, with its new name; '' if there was none. */
  readonly note: string
}

/** How long history is kept: what is older goes, and the oldest while there is more than so much. */
export interface HistoryRetention {
  readonly maxAgeMs: number
  readonly maxBytes: number
}

/** In days and in megabytes of 1024 × 1024 bytes: as people set it. */
export const defaultHistoryDays = 90
export const defaultHistoryMegabytes = 1024

export function historyRetention(days: number, megabytes: number): HistoryRetention {
  return { maxAgeMs: days * 24 * 60 * 60 * 1000, maxBytes: megabytes * 1024 * 1024 }
}

export const defaultHistoryRetention = historyRetention(defaultHistoryDays, defaultHistoryMegabytes)
