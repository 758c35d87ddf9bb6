/**
 * "Where is my change?": where a commit has arrived, by what sources and appliers say now and by what was kept of them. Never guesses: a later commit
 * on the same branch is told as that, not as this one. Semantics: flux-semantics §1.3 to §1.5, §4.
 */
import { helmGroup, kustomizeGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import { chartHashLength, chartVersionHash, parseRevision, sha1Of } from '../../../shared/flux/revision.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import { compareText } from '../../../shared/lib/row-order.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryEntry, HistoryPage, HistoryQuery } from '../../../shared/model/history.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Arrival, ArrivalState, CommitArrivals } from '../../../shared/model/trace.ts'
import type { Clusters, ClusterView, KubeObject } from '../clusters/view.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { Clock } from '../ports.ts'
import { chartOf, chartOrigin, isChartOfRevision, releaseSourceOf } from '../source/chart-source.ts'
import { commitOf } from '../source/source-object.ts'
import { asArray, asText, at, textAt, timeMs } from '../status/read.ts'
import type { EventStore } from './event-store-port.ts'

export interface WhereDeps {
  readonly clock: Clock
  readonly clusters: Pick<Clusters, 'views'>
  readonly store: Pick<EventStore, 'query'>
  readonly findCommit: (owner: ObjectRef, revision: string, signal: AbortSignal) => Promise<RevisionCommit | null>
}

/** Of one commit: entries beyond that are of thousands of owners, which the live objects tell as well. */
const maxEntries = 20_000
const pageSize = 1000
const minPrefix = 4
/** So many releases by versions are looked up, and so many runs of each. */
const maxReleases = 200
const maxRuns = 50

const stateOrder: readonly ArrivalState[] = ['failed', 'fetched', 'notYet', 'later', 'applied']
const originRevision = 'org.opencontainers.image.revision'

/** A source of a cluster with what it holds now. */
interface LiveSource {
  readonly view: ClusterView
  readonly ref: ObjectRef
  readonly url: string
  /** Of its artifact: the artifact's own, and what it was made from. */
  readonly revisions: readonly string[]
  readonly fetchedAt: number | null
}

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
  for (const { source, owners } of meant) {
    const isFetched = source.revisions.some(isIt)
    const fetched = (byObject.get(refKey(source.ref)) ?? []).filter(({ type }) => type === 'artifact')
    const fetchedAt = earliest(fetched) ?? (isFetched ? source.fetchedAt : null)
    for (const row of owners.length === 0 ? [null] : owners)
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

/** Of a chart's version the beginning of one, where it has it. */
function hashOf(revision: string): string {
  return sha1Of(revision) || chartVersionHash(revision)
}

function entriesOf(
  store: WhereDeps['store'],
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

async function pagesOf(
  store: WhereDeps['store'],
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = []
  let after: string | null = null
  do {
    const page: HistoryPage = await store.query(query, { limit: pageSize, after }, signal)
    entries.push(...page.entries)
    after = page.next
  } while (after !== null && entries.length < maxEntries)
  return entries
}

function groupByObject(entries: readonly HistoryEntry[]): ReadonlyMap<string, readonly HistoryEntry[]> {
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

/** null of what is none that a commit is fetched to. */
function sourceOf(view: ClusterView, { ref }: FluxRow): LiveSource | null {
  if (ref.group !== sourceGroup || ref.kind === 'HelmChart' || ref.kind === 'HelmRepository') return null
  const object = view.cached(ref)
  const artifact = at(object, 'status', 'artifact')
  return {
    view,
    ref,
    url: textAt(object, 'spec', 'url'),
    revisions: [textAt(artifact, 'revision'), textAt(artifact, 'metadata', originRevision)].filter(
      (revision) => revision !== '',
    ),
    fetchedAt: timeMs(at(artifact, 'lastUpdateTime')),
  }
}

/** Kustomizations of a source, and HelmReleases whose chart is made from it. */
function noteOwner(owners: Map<string, FluxRow[]>, view: ClusterView, row: FluxRow): void {
  const { ref, source } = row
  if (source === null || (ref.group !== kustomizeGroup && ref.group !== helmGroup)) return
  const key = refKey(
    (source.kind === 'HelmChart' ? sourceOfChart(view, ref) : null) ?? { cluster: ref.cluster, ...source },
  )
  const known = owners.get(key)
  if (known === undefined) owners.set(key, [row])
  else known.push(row)
}

/** Of a release that names a HelmChart. */
function sourceOfChart(view: ClusterView, release: ObjectRef): ObjectRef | null {
  const object = view.cached(release)
  return object === null ? null : releaseSourceOf(view, object)
}

/** The source's revision that an owner has now; of a chart that does not tell it any more what was recorded, else its version. */
function heldBy(view: ClusterView, { ref, revision }: FluxRow, released: readonly HistoryEntry[]): string {
  const release = ref.group === helmGroup ? view.cached(ref) : null
  if (release === null) return revision
  const recorded = released.find((entry) => entry.revision === revision)
  return chartOrigin(view, release, revision) || (recorded === undefined ? revision : originOf(recorded))
}

/** Releases of charts whose version says nothing of a commit, by their row: what was recorded of where each came from, newest first. */
async function versionRuns(
  store: WhereDeps['store'],
  clock: Clock,
  meant: readonly { readonly source: LiveSource; readonly owners: readonly FluxRow[] }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly HistoryEntry[]>> {
  const asked: FluxRow[] = []
  await forEachInSlices(
    clock,
    meant.flatMap(({ source, owners }) => owners.map((row) => ({ view: source.view, row }))),
    ({ view, row }) => {
      const release = row.ref.group === helmGroup ? view.cached(row.ref) : null
      const chart = release === null ? null : chartOf(view, release)
      if (chart !== null && !isChartOfRevision(chart)) asked.push(row)
    },
    () => signal.aborted || asked.length >= maxReleases,
  )
  const runs = new Map<string, readonly HistoryEntry[]>()
  for (const { key, ref } of asked) {
    const query = { clusters: [ref.cluster], ref, types: ['run' as const] }
    const { entries } = await store.query(query, { limit: maxRuns, after: null }, signal)
    runs.set(
      key,
      entries.filter((entry) => originOf(entry) !== ''),
    )
  }
  return runs
}

function originOf({ facts }: HistoryEntry): string {
  return asText(facts?.['originRevision'])
}

function hasHad(
  { ref, revisions }: LiveSource,
  isIt: (revision: string) => boolean,
  byObject: ReadonlyMap<string, readonly HistoryEntry[]>,
): boolean {
  return revisions.some(isIt) || byObject.has(refKey(ref))
}

interface Known {
  readonly isIt: (revision: string) => boolean
  /** The source's revision that the owner has. */
  readonly held: string
  readonly isFetched: boolean
  readonly fetchedAt: number | null
  /** Paths that the commit changed, null where they are not (all) known. */
  readonly touches: readonly string[] | null
  /** Of another commit against this one, as far as both are kept. */
  readonly ageOf: (revision: string) => 'older' | 'later' | 'unknown'
}

/** `entries`: of the owner, about this commit. */
function arrivalAt(
  source: LiveSource,
  row: FluxRow | null,
  entries: readonly HistoryEntry[],
  { isIt, held, isFetched, fetchedAt, touches, ageOf }: Known,
): Arrival {
  const { view } = source
  const owner = row === null ? null : view.cached(row.ref)
  const revision = row === null ? (source.revisions[0] ?? '') : row.revision
  const hasIt =
    row !== null && (isIt(row.revision) || isIt(held) || isIt(textAt(owner, 'status', 'lastAppliedOriginRevision')))
  const kept = row?.ref.group === helmGroup && owner !== null ? keptChart(view, owner, row.revision) : null
  /** Of a chart that stayed as it was in this commit: whether the commit changed it all the same. */
  const keptBy = kept === null || hasIt || !isIt(kept.revision) ? null : changesOf(kept.places, touches)
  const isThere = hasIt || (keptBy !== null && keptBy !== 'changed')
  const applied = entries.filter(({ type, tone }) => type === 'run' && tone === 'good')
  const failures = entries.filter(({ tone }) => tone === 'bad')
  const isFailing =
    row !== null && !isThere && isAttempted() && (row.status.word === 'Failed' || row.status.word === 'Stalled')
  const appliedAt = earliest(applied) ?? (hasIt ? (row?.lastAppliedAt ?? null) : null)
  const failedAt = earliest(failures) ?? (isFailing ? (row?.status.since ?? null) : null)
  const base = {
    key: refKey(row?.ref ?? source.ref),
    cluster: view.id,
    contexts: view.contexts().map(({ name }) => name),
    source: source.ref,
    owner: row?.ref ?? null,
    fetchedAt,
    appliedAt,
    failedAt,
    revision: neutralizeLine(redactText(revision)),
    isSuspended: row?.isSuspended === true,
    isBackfilled: entries.some((entry) => entry.isBackfilled),
  }
  const state = stateOf()
  return { ...base, state, message: messageOf() }

  function stateOf(): ArrivalState {
    // Its source had it, and has another one by now: that came later.
    const isPassed = !isFetched && (fetchedAt !== null || source.revisions.some((each) => ageOf(each) === 'later'))
    if (row === null) return isFetched ? 'fetched' : isPassed ? 'later' : 'notYet'
    if (isThere || applied.length > 0) return 'applied'
    if (isFailing) return 'failed'
    if (isFetched) return 'fetched'
    const now = [held, kept?.revision ?? '']
    if (now.some((each) => ageOf(each) === 'later' || (isPassed && source.revisions.includes(each)))) return 'later'
    return failures.length > 0 ? 'failed' : 'notYet'
  }

  function messageOf(): string {
    if (state === 'failed') return failureOf()
    if (keptBy === 'changed' && state === 'fetched')
      return 'It changes the chart, but not its version: such a chart is not packaged anew'
    if (keptBy === 'unknown' && state === 'applied' && applied.length === 0)
      return 'The chart has the version of before and was not packaged anew: what the commit changes in it, if anything, is not there'
    if (state !== 'notYet' || revision === '' || ageOf(held) !== 'unknown') return ''
    return 'Whether what is there is older or newer is not known'
  }

  function failureOf(): string {
    const text = isFailing ? row.status.message : (failures[0]?.message ?? '')
    return neutralizeLine(redactText(text))
  }

  function isAttempted(): boolean {
    const attempted = textAt(owner, 'status', 'lastAttemptedRevision')
    return isIt(attempted) || (owner !== null && isIt(chartOrigin(view, owner, attempted)))
  }
}

/**
 * Of a release whose chart is packaged for its version alone: the source's revision in which that version was last found, and the places in it that the
 * chart is made of. null where the release has another version than the chart.
 */
function keptChart(
  view: ClusterView,
  release: KubeObject,
  version: string,
): { readonly revision: string; readonly places: readonly string[] } | null {
  const chart = chartOf(view, release)
  if (chart === null || isChartOfRevision(chart) || textAt(chart, 'status', 'artifact', 'revision') !== version)
    return null
  const places = [at(chart, 'spec', 'chart'), ...asArray(at(chart, 'spec', 'valuesFiles'))]
  return {
    revision: textAt(chart, 'status', 'observedSourceArtifactRevision'),
    places: places.map((place) => gitPath(asText(place))),
  }
}

/** `./charts/web/` is `charts/web` to Git. */
function gitPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.join('/')
}

function changesOf(places: readonly string[], paths: readonly string[] | null): 'changed' | 'unchanged' | 'unknown' {
  if (paths === null) return 'unknown'
  const isIn = (path: string): boolean =>
    places.some((place) => place === '' || path === place || path.startsWith(`${place}/`))
  return paths.some(isIn) ? 'changed' : 'unchanged'
}

/** Of a commit that was recorded with all that it changed. */
function changedPathsOf(entries: readonly HistoryEntry[], sha: string): readonly string[] | null {
  for (const { type, revision, facts } of entries) {
    if (type !== 'commit' || commitOf(revision) !== sha || facts?.['hasMorePaths'] === true) continue
    const paths = facts?.['changedPaths']
    if (Array.isArray(paths)) return paths.filter((path): path is string => typeof path === 'string')
  }
  return null
}

/** Of clusters that are not looked at now: as it was when they last were. */
function recordedArrivals(
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

function keptCommit(entries: readonly HistoryEntry[], sha: string): RevisionCommit | null {
  const entry = entries.find(({ type, revision }) => type === 'commit' && commitOf(revision) === sha)
  return entry === undefined ? null : { sha, author: entry.by, at: entry.at, subject: entry.message }
}

/** When these were committed, as far as that is kept. */
async function commitTimes(
  store: WhereDeps['store'],
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

function earliest(entries: readonly HistoryEntry[]): number | null {
  return entries.length === 0 ? null : Math.min(...entries.map((entry) => entry.at))
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
