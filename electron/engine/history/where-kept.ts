/** What was kept of a commit: the entries about it, and what they say of its author, its time, its paths and of clusters that are not looked at now. */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { chartHashLength, chartVersionHash, sha1Of } from '../../../shared/flux/revision.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import type { HistoryEntry, HistoryPage, HistoryQuery } from '../../../shared/model/history.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { Arrival } from '../../../shared/model/trace.ts'
import { commitOf } from '../source/source-object.ts'
import { asText } from '../status/read.ts'
import type { EventStore } from './event-store-port.ts'

type Store = Pick<EventStore, 'query'>

/** Of one commit: entries beyond that are of thousands of owners, which the live objects tell as well. */
const maxEntries = 20_000
const pageSize = 1000

/** Of a chart's version the beginning of one, where it has it. */
export function hashOf(revision: string): string {
  return sha1Of(revision) || chartVersionHash(revision)
}

export function entriesOf(
  store: Store,
  commits: readonly string[],
  clusters: readonly ClusterId[] | null,
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const query = {
    commits: commits.slice(0, 50),
    types: ['run', 'status', 'artifact', 'commit'] as const,
    ...(clusters === null ? {} : { clusters }),
  }
  return pagesOf(store, query, signal)
}

async function pagesOf(store: Store, query: HistoryQuery, signal: AbortSignal): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  let after: string | null = null
  do {
    const page: HistoryPage = await store.query(query, { limit: pageSize, after }, signal)
    entries.push(...page.entries)
    after = page.next
  } while (after !== null && entries.length < maxEntries)
  return entries
}

export function groupByObject(entries: readonly HistoryEntry[]): ReadonlyMap<string, readonly HistoryEntry[]> {
  const groups = new Map<string, HistoryEntry[]>()
  for (const entry of entries) {
    if (entry.ref === null) continue
    const key = refKey(entry.ref)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return groups
}

export function originOf({ facts }: HistoryEntry): string {
  return asText(facts?.['originRevision'])
}

/** Of a commit that was recorded with all that it changed. */
export function changedPathsOf(entries: readonly HistoryEntry[], sha: string): readonly string[] | null {
  for (const { type, revision, facts } of entries) {
    if (type !== 'commit' || commitOf(revision) !== sha || facts?.['hasMorePaths'] === true) continue
    const paths = facts?.['changedPaths']
    if (Array.isArray(paths)) return paths.filter((path): path is string => typeof path === 'string')
  }
  return null
}

/** Of clusters that are not looked at now: as it was when they last were. */
export function recordedArrivals(
  byObject: ReadonlyMap<string, readonly HistoryEntry[]>,
  isIt: (revision: string) => boolean,
): readonly Arrival[] {
  const arrivals: Arrival[] = []
  for (const [key, entries] of byObject) {
    const ref = entries[0]?.ref ?? null
    if (ref === null || (ref.group !== kustomizeGroup && ref.group !== helmGroup)) continue
    const own = entries.filter(({ revision }) => isIt(revision))
    const applied = own.filter(({ type, tone }) => type === 'run' && tone === 'good')
    const failures = own.filter(({ tone }) => tone === 'bad')
    if (applied.length === 0 && failures.length === 0) continue
    const [latest] = own
    arrivals.push({
      key,
      cluster: ref.cluster,
      contexts: [],
      source: null,
      owner: ref,
      state: applied.length > 0 ? 'applied' : 'failed',
      fetchedAt: null,
      appliedAt: earliest(applied),
      failedAt: earliest(failures),
      revision: neutralizeLine(latest?.revision ?? ''),
      isSuspended: false,
      message: applied.length > 0 ? '' : neutralizeLine(failures[0]?.message ?? ''),
      isBackfilled: own.some((entry) => entry.isBackfilled),
    })
  }
  return arrivals
}

export function keptCommit(entries: readonly HistoryEntry[], sha: string): RevisionCommit | null {
  const entry = entries.find(({ type, revision }) => type === 'commit' && commitOf(revision) === sha)
  return entry === undefined ? null : { sha, author: entry.by, at: entry.at, subject: entry.message }
}

/** When these were committed, as far as that is kept. */
export async function commitTimes(
  store: Store,
  revisions: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const shas = [...new Set(revisions.map(hashOf))].filter((sha) => sha !== '')
  const times = new Map<string, number>()
  for (let start = 0; start < shas.length; start += 50) {
    const query = { types: ['commit' as const], commits: shas.slice(start, start + 50) }
    for (const { revision, at: time } of await pagesOf(store, query, signal)) {
      const sha = sha1Of(revision)
      times.set(sha, time).set(sha.slice(0, chartHashLength), time)
    }
  }
  return times
}

export function earliest(entries: readonly HistoryEntry[]): number | null {
  return entries.length === 0 ? null : Math.min(...entries.map((entry) => entry.at))
}
