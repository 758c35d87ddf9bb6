/** Whether a commit has arrived at one owner: by what the cluster says of it now and by what was kept. Semantics: flux-semantics §1.3 to §1.5, §4. */
import { helmGroup } from '../../../shared/flux/groups.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import { neutralizeLine } from '../../../shared/lib/text.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Arrival, ArrivalState } from '../../../shared/model/trace.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { chartOf, chartOrigin, isChartOfRevision } from '../source/chart-source.ts'
import { asArray, asText, at, textAt } from '../status/read.ts'
import { earliest } from './where-kept.ts'
import type { LiveSource } from './where-live.ts'

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
export function arrivalAt(
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
  // Where nothing is applied (yet), the object was made anew: what the one before had run is not there.
  const applied = row?.revision === '' ? [] : entries.filter(({ type, tone }) => type === 'run' && tone === 'good')
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
