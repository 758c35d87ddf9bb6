/** What clusters say now of where a commit could have come: sources, who applies them, and which revision of the source each of those has. */
import { helmGroup, kustomizeGroup, sourceGroup } from '../../../shared/flux/groups.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Clock } from '../ports.ts'
import { chartOf, chartOrigin, isChartOfRevision, releaseSourceOf } from '../source/chart-source.ts'
import { at, textAt, timeMs } from '../status/read.ts'
import type { EventStore } from './event-store-port.ts'
import { originOf } from './where-kept.ts'

/** So many releases by versions are looked up, and so many runs of each. */
const maxReleases = 200
const maxRuns = 50
const originRevision = 'org.opencontainers.image.revision'

/** A source of a cluster with what it holds now. */
export interface LiveSource {
  readonly view: ClusterView
  readonly ref: ObjectRef
  readonly url: string
  /** Of its artifact: the artifact's own, and what it was made from. */
  readonly revisions: readonly string[]
  readonly fetchedAt: number | null
}

/** null of what is none that a commit is fetched to. */
export function sourceOf(view: ClusterView, { ref }: FluxRow): LiveSource | null {
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

/** The same source as its cluster tells of it by now; null: it is gone. */
export function sourceNow({ view, ref }: LiveSource): LiveSource | null {
  const row = view.row(refKey(ref))
  return row === null ? null : sourceOf(view, row)
}

/** Kustomizations of a source, and HelmReleases whose chart is made from it. */
export function noteOwner(owners: Map<string, FluxRow[]>, view: ClusterView, row: FluxRow): void {
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
export function heldBy(view: ClusterView, { ref, revision }: FluxRow, released: readonly HistoryEntry[]): string {
  const release = ref.group === helmGroup ? view.cached(ref) : null
  if (release === null) return revision
  const recorded = released.find((entry) => entry.revision === revision)
  return chartOrigin(view, release, revision) || (recorded === undefined ? revision : originOf(recorded))
}

/** Releases of charts whose version says nothing of a commit, by their row: what was recorded of where each came from, newest first. */
export async function versionRuns(
  store: Pick<EventStore, 'query'>,
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
