/**
 * Entries as a timeline. Joins a run with the commit that it applied and with what came of it, puts what happened behind a closed gate
 * there, and says where nobody looked: such a stretch is never drawn as calm. Pure; newest first throughout.
 */
import { durationMs } from '../../../shared/flux/durations.ts'
import { sourceGroup } from '../../../shared/flux/groups.ts'
import { chartHashLength, chartVersionHash, parseRevision } from '../../../shared/flux/revision.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { isGateTurn, lostStretch, releasesUnread, sourceRevision } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'

/** How the channel runs past a row: of one owner's timeline only. */
export type Channel = 'open' | 'closed' | 'none'

export interface TimelineDay {
  readonly kind: 'day'
  readonly key: string
  /** Beginning of the local day, ms. */
  readonly at: number
}

export interface TimelineRow {
  readonly kind: 'row'
  readonly key: string
  readonly entry: HistoryEntry
  /** Of a run, or of a failure: what its revision is in Git. */
  readonly commit: HistoryEntry | null
  /** Of a run or an artifact: what came of it, null while that is not known. */
  readonly outcome: Outcome | null
  readonly channel: Channel
  /** A commit that was tried and never ran: the failure stands for it. */
  readonly isAttempt: boolean
  /** The gate turned here: the channel above is another than the one below. */
  readonly isTurn: boolean
}

/** When a revision came to another context, and what became of it there. */
export interface TimelineArrival {
  readonly context: string
  readonly at: number
  readonly isGood: boolean
}

export interface Outcome {
  readonly isGood: boolean
  /** From the run to what came of it, ms; of a failure how long it lasted, null: it still does. */
  readonly durationMs: number | null
  /** Nobody waited for what was applied to be healthy. */
  readonly isAppliedOnly?: boolean
}

/** Commits that nothing ran: behind a closed gate, or while it is open because their turn has not come. */
export interface TimelineWaiting {
  readonly kind: 'waiting'
  readonly key: string
  readonly at: number
  /** `behind`: the gate is closed. `behindThen`: it was, and was opened since. `next`: it is open. */
  readonly why: 'behind' | 'behindThen' | 'next'
  readonly commits: readonly HistoryEntry[]
}

export interface TimelineGap {
  readonly kind: 'gap'
  readonly key: string
  readonly cluster: string
  readonly from: number
  readonly until: number
  /** The cluster did not answer, while Sluice was there to ask it. */
  readonly isLost: boolean
  /** Sluice looked, but could not write down what it saw: how much that was, in words; '' else. */
  readonly unwritten: string
}

export type TimelineItem = TimelineDay | TimelineRow | TimelineWaiting | TimelineGap

export interface TimelineOptions {
  /** One Kustomization or HelmRelease: its channel is drawn. */
  readonly hasChannel: boolean
  readonly isClosedNow: boolean
  /** What it draws from follows commits, and each new one is run: what is newer than the last that ran is still to come. */
  readonly runsCommits?: boolean
  /** A commit that nothing ran is a row of its own: without a channel there is no other place for it. */
  readonly hasCommitRows?: boolean
  /** What revisions are in Git, beside the commits among the entries. */
  readonly commits?: readonly HistoryEntry[]
  /** What is lost and not reached again is so until then. */
  readonly now?: number
  /** `now` is an end before the present: what Sluice did not watch any more is not known until then. */
  readonly isPast?: boolean
  /** Beginning of the local day of a time. */
  readonly dayOf: (at: number) => number
}

/** Shorter than that nobody would have seen anything either. */
const shortestGapMs = 60_000
/** What comes later than that after a run came of something else. */
const longestOutcomeMs = 3_600_000

/** `entries` by `at`, newest first. */
export function buildTimeline(entries: readonly HistoryEntry[], options: TimelineOptions): readonly TimelineItem[] {
  const { hasChannel, isClosedNow, dayOf } = options
  const commits = commitsByRevision([...(options.commits ?? []), ...entries])
  const ran = new Set(entries.filter(hasCommit).map(commitKey))
  const attempts = attemptsOf(entries, commits)
  const outcomes = outcomesOf(entries, attempts)
  const waiting = hasChannel ? findWaiting(entries, options, ran, commits) : new Map<string, TimelineWaiting>()
  const alone = new Set<string>()
  const items: TimelineItem[] = []
  let isClosed = isClosedNow
  let day = Number.NaN
  /** When Sluice began to watch a cluster, by cluster: the gap before it is looked for further down. */
  const begins = new Map<string, HistoryEntry>()
  /** When a lost cluster was reached again, or Sluice ceased to ask. */
  const reached = new Map<string, HistoryEntry>()
  const push = (at: number, item: TimelineItem): void => {
    const begin = dayOf(at)
    if (begin !== day) {
      day = begin
      items.push({ kind: 'day', key: `day-${begin}`, at: begin })
    }
    items.push(item)
  }
  const pushGap = (entry: HistoryEntry, until: number, isLost: boolean): void =>
    push(until, {
      kind: 'gap',
      key: `${isLost ? 'lost' : 'gap'}-${entry.key}`,
      cluster: entry.cluster,
      from: entry.at,
      until,
      isLost,
      unwritten: '',
    })
  for (const entry of entries) {
    const group = waiting.get(entry.key)
    if (group !== undefined) push(group.at, group)
    // What could not be read is told where it stands; all else of the watching is drawn.
    if (entry.type === 'session' && entry.reason !== releasesUnread) {
      const isKnown = begins.has(entry.cluster) || reached.has(entry.cluster)
      if (entry.reason === 'WatchBegan') begins.set(entry.cluster, entry)
      if (entry.reason === 'ClusterReached' || entry.reason === 'WatchEnded') reached.set(entry.cluster, entry)
      if (entry.reason === 'ClusterLost') {
        const until = reached.get(entry.cluster)?.at ?? options.now ?? entry.at
        reached.delete(entry.cluster)
        pushGap(entry, until, true)
        continue
      }
      const unwritten = lostStretch(entry)
      if (unwritten !== null)
        push(entry.at, {
          kind: 'gap',
          key: `unwritten-${entry.key}`,
          cluster: entry.cluster,
          ...unwritten,
          isLost: false,
          unwritten: entry.message,
        })
      if (entry.reason !== 'WatchEnded') continue
      const until = begins.get(entry.cluster)?.at ?? (options.isPast === true && !isKnown ? options.now : undefined)
      begins.delete(entry.cluster)
      if (until !== undefined && until - entry.at >= shortestGapMs) pushGap(entry, until, false)
      continue
    }
    const isCommit = entry.type === 'commit'
    if (isCommit) {
      // Shown with the run that applied it, or with those that wait; the same one in other clusters is told once.
      const key = commitKey(entry)
      if (options.hasCommitRows !== true || ran.has(key) || alone.has(key)) continue
      alone.add(key)
    }
    const isTurn = hasChannel && isGateTurn(entry)
    push(entry.at, {
      kind: 'row',
      key: entry.key,
      entry,
      commit: isCommit ? entry : hasCommit(entry) ? (commits.get(commitKey(entry)) ?? null) : null,
      outcome: outcomes.get(entry.key) ?? null,
      isAttempt: attempts.has(entry.key),
      channel: !hasChannel ? 'none' : isClosed ? 'closed' : 'open',
      isTurn,
    })
    if (isTurn) isClosed = entry.tone === 'open'
  }
  return items
}

/**
 * Commits that nothing ran stand together: those of one stretch with a closed gate at the newest of them, those that wait now with what was written
 * before the gate closed and came after. By the key of the entry that they stand before.
 */
function findWaiting(
  entries: readonly HistoryEntry[],
  { isClosedNow, runsCommits = false, isPast = false }: TimelineOptions,
  ran: ReadonlySet<string>,
  commits: ReadonlyMap<string, HistoryEntry>,
): ReadonlyMap<string, TimelineWaiting> {
  // A commit is as old as its author says: what is newer than all that ran was not passed over by a run.
  const newest = Math.max(...[...ran].map((key) => commits.get(key)?.at ?? -Infinity))
  const isNext = ({ at }: HistoryEntry): boolean => runsCommits && newest > -Infinity && at > newest
  const groups: { readonly before: HistoryEntry; readonly why: TimelineWaiting['why']; commits: HistoryEntry[] }[] = []
  let now: (typeof groups)[number] | null = null
  let then: (typeof groups)[number] | null = null
  let lastTurn: HistoryEntry | null = null
  let isClosed = isClosedNow
  const begin = (before: HistoryEntry, why: TimelineWaiting['why']): (typeof groups)[number] => {
    const group = { before, why, commits: [] }
    groups.push(group)
    return group
  }
  for (const entry of entries) {
    if (isGateTurn(entry)) {
      isClosed = entry.tone === 'open'
      lastTurn ??= entry
      then = null
    }
    if (entry.type !== 'commit' || ran.has(commitKey(entry))) continue
    if ((isClosedNow && lastTurn === null) || isNext(entry)) {
      now ??= begin(lastTurn ?? entry, !isClosedNow ? 'next' : isPast ? 'behindThen' : 'behind')
      now.commits.push(entry)
    } else if (isClosed) {
      then ??= begin(entry, 'behindThen')
      then.commits.push(entry)
    }
  }
  return new Map(
    groups.map(({ before, why, commits: all }) => [
      before.key,
      { kind: 'waiting', key: `waiting-${before.key}`, at: before.at, why, commits: all },
    ]),
  )
}

function commitsByRevision(entries: readonly HistoryEntry[]): ReadonlyMap<string, HistoryEntry> {
  const commits = new Map<string, HistoryEntry>()
  for (const entry of entries) if (entry.type === 'commit') commits.set(commitKey(entry), entry)
  return commits
}

function hasCommit({ type, tone }: HistoryEntry): boolean {
  return type === 'run' || (type === 'status' && tone === 'bad')
}

/** A commit is the same in every cluster that runs it. Versions of charts have no more of it than its beginning. */
function commitKey(entry: HistoryEntry): string {
  const { digest } = parseRevision(sourceRevision(entry))
  return digest.slice(0, chartHashLength) || chartVersionHash(entry.revision) || entry.revision
}

/** Keys of the first failures at commits that their object had not run before: the failure is all that came of them. */
function attemptsOf(entries: readonly HistoryEntry[], commits: ReadonlyMap<string, HistoryEntry>): ReadonlySet<string> {
  const attempts = new Set<string>()
  const seen = new Set<string>()
  for (const entry of entries.toReversed()) {
    // What fetches tries no commit: it could not get it.
    if (entry.ref === null || entry.ref.group === sourceGroup) continue
    if (!hasCommit(entry) || !commits.has(commitKey(entry))) continue
    const key = `${refKey(entry.ref)}|${commitKey(entry)}`
    if (entry.type === 'status' && !seen.has(key)) attempts.add(entry.key)
    seen.add(key)
  }
  return attempts
}

/** How long a run took that says so itself. */
function ranFor({ facts }: HistoryEntry): Outcome | null {
  const ms = durationMs(facts?.['duration'])
  const word = facts?.['outcome']
  return ms === null || typeof word !== 'string'
    ? null
    : { isGood: true, durationMs: ms, isAppliedOnly: word !== 'Healthy' }
}

/** What the next word about the same object says, until its next run; of a failure how long it lasted. */
function outcomesOf(entries: readonly HistoryEntry[], attempts: ReadonlySet<string>): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  /** By object, the newest first: what was said after the place that is looked at. */
  const later = new Map<string, { next: HistoryEntry; end: HistoryEntry | null }>()
  /** By object, when it next ran well after the place that is looked at: what had failed was over by then, whether anybody saw it or not. */
  const wellAt = new Map<string, number>()
  for (const entry of entries) {
    if (entry.ref === null) continue
    const key = refKey(entry.ref)
    const after = later.get(key)
    if (entry.type === 'status') {
      // A failure ends with the word after it that is none.
      const isStill = entry.tone === 'bad' && after?.next.tone === 'bad'
      const end = isStill ? after.end : (after?.next ?? null)
      if (attempts.has(entry.key))
        outcomes.set(entry.key, { isGood: false, durationMs: end === null ? null : end.at - entry.at })
      later.set(key, { next: entry, end })
      continue
    }
    if (entry.type !== 'run') continue
    if (entry.tone === 'bad') {
      const ends = [after?.next.tone === 'good' ? after.next.at : undefined, wellAt.get(key)].filter(
        (at) => at !== undefined,
      )
      outcomes.set(entry.key, { isGood: false, durationMs: ends.length === 0 ? null : Math.min(...ends) - entry.at })
    } else if (after !== undefined && !attempts.has(after.next.key) && after.next.at - entry.at <= longestOutcomeMs) {
      const { next, end } = after
      if (next.tone === 'good')
        outcomes.set(entry.key, ranFor(entry) ?? { isGood: true, durationMs: next.at - entry.at })
      else if (next.tone === 'bad')
        outcomes.set(entry.key, { isGood: false, durationMs: end === null ? null : end.at - next.at })
    } else {
      const own = ranFor(entry)
      if (own !== null) outcomes.set(entry.key, own)
    }
    if (entry.tone === 'good') wellAt.set(key, entry.at)
    later.delete(key)
  }
  return outcomes
}
