/** What happened to one object and to what belongs to it; of a Kustomization or HelmRelease with its channel. */
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { revisionKey } from '../../../shared/flux/revision.ts'
import { defaultHistoryDays } from '../../../shared/model/history.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { canDrift } from '../../stores/drift.ts'
import {
  joinPages,
  useCommits,
  useHistory,
  useHistoryBuckets,
  useHistoryState,
  useSessions,
} from '../../stores/history.ts'
import { laterMs, useBands, useHistoryCounts, useLastLook, useLater } from '../../stores/history-compare.ts'
import { openComparison, openThen } from '../../stores/history-places.ts'
import { useArrivals, useGateAt, useSourceCommits } from '../../stores/history-source.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import { contextsStore } from '../../stores/contexts.ts'
import { selectSettings, settingsStore } from '../../stores/settings.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { HistoryPane, hiddenTypes, typesOf } from '../../ui/timeline/history-pane.tsx'
import type { HistoryGroup } from '../../ui/timeline/history-pane.tsx'
import type { TimelineArrival } from '../../ui/timeline/timeline-model.ts'
import { keptText } from '../../ui/timeline/timeline-words.ts'
import { useWeek } from '../../ui/timeline/use-week.ts'

const dayMs = 86_400_000
const bucketCount = 168

export function HistoryTab({ detail }: { readonly detail: ObjectDetail }): ReactElement {
  const { ref, row } = detail
  const isOwner = canDrift(ref)
  const width = useStore(uiStore, (state) => state.panels['history'] ?? 420)
  const [groups, setGroups] = useState<ReadonlySet<HistoryGroup>>(
    new Set(isOwner ? ['runs', 'status', 'gate', 'drift'] : ['runs', 'status', 'gate', 'drift', 'events']),
  )
  const [now] = useState(() => Date.now())
  const state = useHistoryState()
  const week = useWeek(now, state?.oldestAt ?? null)
  const { range, bounds, isPast } = week
  const scope = useMemo(
    (): HistoryQuery => ({ clusters: [ref.cluster], ...(isOwner ? { owner: ref } : { ref }) }),
    [ref, isOwner],
  )
  const query = useMemo(
    (): HistoryQuery => ({
      ...scope,
      types: typesOf(groups),
      ...bounds,
    }),
    [scope, groups, bounds],
  )
  const look = useHistory(query)
  // When Sluice watched is the cluster's, not the object's.
  const told = useSessions(
    look,
    useMemo(() => [ref.cluster], [ref.cluster]),
    bounds.until,
  )
  const source = useMemo(
    () => (detail.source === null ? ref : { cluster: ref.cluster, ...detail.source }),
    [ref, detail.source],
  )
  const written = useSourceCommits(source, look, bounds)
  // Without the runs nobody can tell what waits, without the turns of the gate not what for.
  const hasWaiting = isOwner && groups.has('runs') && groups.has('gate')
  const entries = useMemo(() => (hasWaiting ? joinPages(told, written) : told), [told, written, hasWaiting])
  const wasClosed = useGateAt(ref, bounds.until ?? now)
  const commits = useCommits(look.entries)
  const bands = useBands(
    useMemo(
      () => ({ clusters: [ref.cluster], owner: isOwner ? ref : null, ref: isOwner ? null : ref }),
      [ref, isOwner],
    ),
    range.from,
    range.until,
  )
  const hiddenCounts = useHistoryCounts(scope, hiddenTypes(groups), week.brush ?? range)
  const days = useStore(settingsStore, (all) => selectSettings(all)?.historyDays ?? defaultHistoryDays)
  const arrivalsOf = useArrivalsElsewhere(ref, isOwner, bounds.until, state?.entries ?? 0)
  const lastLook = useLastLook()
  const buckets = useHistoryBuckets(scope, range.from, range.until, bucketCount)
  return (
    <HistoryPane
      label={`History of ${ref.kind} ${ref.name}`}
      entries={entries}
      commits={commits}
      isReady={look.isReady}
      error={look.error}
      onMore={look.more}
      now={now}
      week={week}
      buckets={buckets}
      groups={groups}
      onGroups={setGroups}
      about={isOwner ? ref : undefined}
      isClosedNow={isPast ? (wasClosed ?? row?.isSuspended === true) : row?.isSuspended === true}
      runsCommits={ref.kind === 'Kustomization' && source.kind === 'GitRepository'}
      hasCommitRows={!isOwner}
      onOpen={(each) => openObject(each)}
      onWhere={(sha) => openView('history', `commit:${sha}`)}
      width={width}
      onWidth={(px) => uiStore.setState((before) => ({ panels: { ...before.panels, history: px } }))}
      note={keptText(days)}
      hiddenCounts={hiddenCounts}
      arrivalsOf={arrivalsOf}
      problem={state?.problem}
      warning={state?.note}
      bands={bands}
      onCompare={(points, entry) => openComparison(isOwner ? ref : (entry?.ref ?? ref), points.from, points.until)}
      onThen={openThen}
      lastLook={lastLook}
      empty="What happens to it is written down from now on, and stays after Kubernetes has forgotten it."
    />
  )
}

/** When the same object of other contexts got a revision: within the days that are shown and the seven after them. */
function useArrivalsElsewhere(
  ref: ObjectRef,
  isOwner: boolean,
  until: number | undefined,
  recorded: number,
): (revision: string) => readonly TimelineArrival[] {
  const contexts = useStore(contextsStore, (all) => all.items)
  // Contexts say all the time when they were last seen; their names stay.
  const names = JSON.stringify(
    [...contexts.values()].flatMap(({ cluster, name }) =>
      cluster === null || cluster === ref.cluster ? [] : [[cluster, name]],
    ),
  )
  const known = useMemo(() => new Map(JSON.parse(names) as readonly (readonly [string, string])[]), [names])
  const clusters = useMemo(() => [...known.keys()], [known])
  const arrivals = useArrivals(
    isOwner ? ref : null,
    clusters,
    until === undefined ? undefined : until + 7 * dayMs,
    useLater(recorded, laterMs),
  )
  return useCallback(
    (revision) =>
      (arrivals.get(revisionKey(revision)) ?? []).map(({ cluster, at, isGood }) => ({
        context: known.get(cluster) ?? cluster,
        at,
        isGood,
      })),
    [arrivals, known],
  )
}
