/**
 * "Where is my change?": where a commit has arrived, by what sources and appliers say now and by what was kept of them. Never guesses: a later commit
 * on the same branch is told as that, not as this one. Semantics: flux-semantics §1.3 to §1.5, §4.
 */
import { chartVersionHash, parseRevision, sha1Of } from '../../../shared/flux/revision.ts'
import { compareText } from '../../../shared/lib/row-order.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Arrival, ArrivalState, CommitArrivals } from '../../../shared/model/trace.ts'
import type { Clusters } from '../clusters/view.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { Clock } from '../ports.ts'
import type { EventStore } from './event-store-port.ts'
import { arrivalAt } from './where-arrival.ts'
import {
  changedPathsOf,
  commitTimes,
  earliest,
  entriesOf,
  groupByObject,
  hashOf,
  keptCommit,
  originOf,
  recordedArrivals,
} from './where-kept.ts'
import { heldBy, noteOwner, sourceNow, sourceOf, versionRuns } from './where-live.ts'
import type { LiveSource } from './where-live.ts'

export interface WhereDeps {
  readonly clock: Clock
  readonly clusters: Pick<Clusters, 'views'>
  readonly store: Pick<EventStore, 'query'>
  readonly findCommit: (owner: ObjectRef, revision: string, signal: AbortSignal) => Promise<RevisionCommit | null>
}

const minPrefix = 4

const stateOrder: readonly ArrivalState[] = ['failed', 'fetched', 'notYet', 'later', 'applied']

/**
 * `text`: a hash, the beginning of one, or a whole revision. `clusters`: only these; null: all that are selected or were recorded. Rejects with
 * InvalidInput where it is none, or several commits begin like that.
 */
export async function findArrivals(
  text: string,
  clusters: readonly ClusterId[] | null,
  { clock, clusters: all, store, findCommit }: WhereDeps,
  signal: AbortSignal,
): Promise<CommitArrivals> {
  const prefix = readPrefix(text)
  const views = all.views().filter(({ id }) => clusters === null || clusters.includes(id))
  const sources: LiveSource[] = []
  const ownersBySource = new Map<string, FluxRow[]>()
  // Thousands of sources are not read in one go.
  for (const view of views)
    await forEachInSlices(
      clock,
      view.rows(),
      (row) => {
        const source = sourceOf(view, row)
        if (source !== null) sources.push(source)
        else noteOwner(ownersBySource, view, row)
      },
      () => signal.aborted,
    )
  const isMeant = (revision: string): boolean => sha1Of(revision).startsWith(prefix)
  // What a pipeline packed is recorded under the artifact's own digest.
  const packed = sources.filter(({ revisions }) => revisions.some(isMeant)).flatMap(({ revisions }) => revisions)
  const digests = packed.map((each) => parseRevision(each).digest).filter((digest) => digest !== '')
  const found = await entriesOf(store, [...new Set([prefix, ...digests])], clusters, signal)

  const shas = new Set<string>()
  for (const revision of [...found.map((entry) => entry.revision), ...sources.flatMap((each) => each.revisions)])
    if (isMeant(revision)) shas.add(sha1Of(revision))
  if (shas.size > 1)
    throw new SluiceError('InvalidInput', `Several commits begin with ${prefix}: ${[...shas].slice(0, 5).join(', ')}`, {
      remedy: 'Give more of the hash.',
    })
  const [sha = prefix] = shas
  const isIt = (revision: string): boolean => {
    if (revision === '') return false
    if (isMeant(revision) || packed.includes(revision)) return true
    // The version of a chart has the beginning of one or the other.
    const part = chartVersionHash(revision)
    return part !== '' && [sha, ...digests].some((each) => each.startsWith(part) || part.startsWith(each))
  }
  // A chart of another commit that begins like what was asked for.
  const entries = found.filter(({ revision }) => chartVersionHash(revision) === '' || isIt(revision))

  const arrivals: Arrival[] = []
  const byObject = groupByObject(entries)
  const repositories = new Set(
    sources.filter((source) => hasHad(source, isIt, byObject)).map(({ url }) => repositoryKey(url)),
  )
  const kept = keptCommit(entries, sha)
  const meant = sources
    .map((source) => ({ source, owners: ownersBySource.get(refKey(source.ref)) ?? [] }))
    .filter(
      ({ source, owners }) =>
        hasHad(source, isIt, byObject) ||
        owners.some(({ key }) => byObject.has(key)) ||
        (source.url !== '' && repositories.has(repositoryKey(source.url))),
    )
  const released = await versionRuns(store, clock, meant, signal)
  const held = new Map<string, string>()
  await forEachInSlices(
    clock,
    meant.flatMap(({ source, owners }) => owners.map((row) => ({ view: source.view, row }))),
    ({ view, row }) => held.set(row.key, heldBy(view, row, released.get(row.key) ?? [])),
    () => signal.aborted,
  )
  const times = await commitTimes(store, [...meant.flatMap(({ source }) => source.revisions), ...held.values()], signal)
  const touches = changedPathsOf(entries, sha)
  for (const { source: before, owners } of meant) {
    // What was recorded while this was being looked up is not told against what was there before: the clusters are read again.
    const source = sourceNow(before)
    if (source === null) continue
    const isFetched = source.revisions.some(isIt)
    const fetched = (byObject.get(refKey(source.ref)) ?? []).filter(({ type }) => type === 'artifact')
    const fetchedAt = earliest(fetched) ?? (isFetched ? source.fetchedAt : null)
    const rows = owners.map(({ key }) => source.view.row(key)).filter((row) => row !== null)
    for (const row of owners.length === 0 ? [null] : rows)
      arrivals.push(
        arrivalAt(source, row, row === null ? [] : entriesAbout(row), {
          isIt,
          held: row === null ? '' : (held.get(row.key) ?? ''),
          isFetched,
          fetchedAt,
          touches,
          ageOf(revision) {
            const time = times.get(hashOf(revision))
            if (time === undefined || kept === null) return 'unknown'
            return time > kept.at ? 'later' : 'older'
          },
        }),
      )
  }
  const shown = new Set(arrivals.map(({ key }) => key))
  const live = new Set(views.map(({ id }) => id))
  for (const arrival of recordedArrivals(byObject, isIt))
    if (!shown.has(arrival.key) && !live.has(arrival.cluster)) arrivals.push(arrival)

  const asker = arrivals.find(({ owner, source }) => owner !== null && source?.kind === 'GitRepository')
  const commit =
    kept ??
    (asker?.owner == null || sha.length < 40
      ? null
      : await findCommit(asker.owner, `sha1:${sha}`, signal).catch(() => null))
  return {
    sha,
    commit,
    arrivals: arrivals.sort(compareArrivals),
    note: arrivals.length > 0 ? '' : nowhere(prefix, views.length),
  }

  function entriesAbout({ key }: FluxRow): readonly HistoryEntry[] {
    const own = (released.get(key) ?? []).filter((entry) => isIt(originOf(entry)))
    return [...(byObject.get(key) ?? []), ...own]
  }
}

function readPrefix(text: string): string {
  const trimmed = text.trim()
  const { digest } = parseRevision(trimmed)
  const prefix = (digest === '' ? trimmed : digest).toLowerCase()
  if (/^[0-9a-f]+$/.test(prefix) && prefix.length >= minPrefix && prefix.length <= 64) return prefix
  throw new SluiceError('InvalidInput', `"${neutralizeLine(trimmed).slice(0, 80)}" is no commit`, {
    remedy: `Give a commit's hash, or at least its first ${minPrefix} digits.`,
  })
}

function hasHad(
  { ref, revisions }: LiveSource,
  isIt: (revision: string) => boolean,
  byObject: ReadonlyMap<string, readonly HistoryEntry[]>,
): boolean {
  return revisions.some(isIt) || byObject.has(refKey(ref))
}

/** The same repository however it is spelled: `https://host/a/b.git`, `ssh://git@host/a/b`. */
function repositoryKey(url: string): string {
  const parsed = URL.parse(url)
  if (parsed === null) return url
  return `${parsed.host.toLowerCase()}${parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`
}

function compareArrivals(a: Arrival, b: Arrival): number {
  return (
    stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) ||
    compareText(a.contexts[0] ?? a.cluster, b.contexts[0] ?? b.cluster) ||
    compareText(titleOf(a), titleOf(b))
  )
}

function titleOf({ owner, source }: Arrival): string {
  const ref = owner ?? source
  return ref === null ? '' : refTitle(ref)
}

function nowhere(prefix: string, count: number): string {
  if (count === 0) return 'No context is selected, and nothing was recorded of this commit.'
  return `No source of the selected contexts has ${prefix.slice(0, 12)} now, and nothing was recorded of it: it is not pushed, not fetched yet, or was passed by unseen.`
}
