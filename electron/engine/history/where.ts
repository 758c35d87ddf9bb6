/**
 * "Where is my change?": where a commit has arrived, by what sources and appliers say now and by what was kept of them. Never guesses: a later commit
 * on the same branch is told as that, not as this one. Semantics: flux-semantics §1.3 to §1.5, §4.
 */
import { helmGroup, kustomizeGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import { parseRevision } from '../../../shared/flux/revision.ts'
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
import { commitOf } from '../source/source-object.ts'
import { at, textAt, timeMs } from '../status/read.ts'
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
        else noteOwner(ownersBySource, row)
      },
      () => signal.aborted,
    )
  const isMeant = (revision: string): boolean => shaOf(revision).startsWith(prefix)
  // What a pipeline packed is recorded under the artifact's own digest.
  const packed = sources.filter(({ revisions }) => revisions.some(isMeant)).flatMap(({ revisions }) => revisions)
  const digests = packed.map((each) => parseRevision(each).digest).filter((digest) => digest !== '')
  const entries = await entriesOf(store, [...new Set([prefix, ...digests])], clusters, signal)
  const isIt = (revision: string): boolean => revision !== '' && (isMeant(revision) || packed.includes(revision))

  const shas = new Set<string>()
  for (const revision of [...entries.map((entry) => entry.revision), ...sources.flatMap((each) => each.revisions)])
    if (isMeant(revision)) shas.add(shaOf(revision))
  if (shas.size > 1)
    throw new SluiceError('InvalidInput', `Several commits begin with ${prefix}: ${[...shas].slice(0, 5).join(', ')}`, {
      remedy: 'Give more of the hash.',
    })
  const [sha = prefix] = shas

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
  const times = await commitTimes(
    store,
    meant.flatMap(({ source, owners }) => [...source.revisions, ...owners.map(({ revision }) => revision)]),
    signal,
  )
  for (const { source, owners } of meant) {
    const isFetched = source.revisions.some(isIt)
    const fetched = (byObject.get(refKey(source.ref)) ?? []).filter(({ type }) => type === 'artifact')
    const fetchedAt = earliest(fetched) ?? (isFetched ? source.fetchedAt : null)
    for (const row of owners.length === 0 ? [null] : owners)
      arrivals.push(
        arrivalAt(source, row, row === null ? [] : (byObject.get(row.key) ?? []), {
          isIt,
          isFetched,
          fetchedAt,
          ageOf(revision) {
            const time = times.get(shaOf(revision))
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

  const asker = arrivals.find(({ owner }) => owner?.group === kustomizeGroup)
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

/** '' of what is no commit. A digest of an artifact has another length than SHA-1, and is none. */
function shaOf(revision: string): string {
  const { algorithm, digest } = parseRevision(revision)
  return algorithm === 'sha1' ? digest : ''
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
function noteOwner(owners: Map<string, FluxRow[]>, row: FluxRow): void {
  const { ref, source } = row
  if (source === null || (ref.group !== kustomizeGroup && ref.group !== helmGroup)) return
  const key = refKey({ cluster: ref.cluster, ...source })
  const known = owners.get(key)
  if (known === undefined) owners.set(key, [row])
  else known.push(row)
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
  readonly isFetched: boolean
  readonly fetchedAt: number | null
  /** Of another commit against this one, as far as both are kept. */
  readonly ageOf: (revision: string) => 'older' | 'later' | 'unknown'
}

/** `entries`: of the owner, about this commit. */
function arrivalAt(
  source: LiveSource,
  row: FluxRow | null,
  entries: readonly HistoryEntry[],
  { isIt, isFetched, fetchedAt, ageOf }: Known,
): Arrival {
  const { view } = source
  const owner = row === null ? null : view.cached(row.ref)
  const revision = row === null ? (source.revisions[0] ?? '') : row.revision
  const chart = row?.ref.group === helmGroup && owner !== null ? chartOf(view, owner) : null
  const isThere =
    row !== null && (isIt(row.revision) || isIt(textAt(owner, 'status', 'lastAppliedOriginRevision')) || hasChart())
  const applied = entries.filter(({ type, tone }) => type === 'run' && tone === 'good')
  const failures = entries.filter(({ tone }) => tone === 'bad')
  const isFailing =
    row !== null &&
    !isThere &&
    isIt(textAt(owner, 'status', 'lastAttemptedRevision')) &&
    (row.status.word === 'Failed' || row.status.word === 'Stalled')
  const appliedAt = earliest(applied) ?? (isThere ? (row?.lastAppliedAt ?? null) : null)
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
    if (ageOf(row.revision) === 'later' || (isPassed && source.revisions.includes(row.revision))) return 'later'
    return failures.length > 0 ? 'failed' : 'notYet'
  }

  function messageOf(): string {
    if (state === 'failed') return failureOf()
    if (state !== 'notYet' || revision === '' || ageOf(revision) !== 'unknown') return ''
    return 'Whether what is there is older or newer is not known'
  }

  function failureOf(): string {
    const text = isFailing ? row.status.message : (failures[0]?.message ?? '')
    return neutralizeLine(redactText(text))
  }

  function hasChart(): boolean {
    return (
      chart !== null &&
      isIt(textAt(chart, 'status', 'observedSourceArtifactRevision')) &&
      textAt(chart, 'status', 'artifact', 'revision') === row?.revision
    )
  }
}

function chartOf(view: ClusterView, release: KubeObject): KubeObject | null {
  const [namespace = '', name = ''] = textAt(release, 'status', 'helmChart').split('/')
  return name === '' ? null : view.cached({ cluster: view.id, group: sourceGroup, kind: 'HelmChart', namespace, name })
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
  const shas = [...new Set(revisions.map(shaOf))].filter((sha) => sha !== '')
  const times = new Map<string, number>()
  for (let start = 0; start < shas.length; start += 50) {
    const query = { types: ['commit' as const], commits: shas.slice(start, start + 50) }
    for (const { revision, at: time } of await pagesOf(store, query, signal)) times.set(shaOf(revision), time)
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
