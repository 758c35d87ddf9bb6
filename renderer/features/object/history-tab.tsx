/** What happened to one object and to what belongs to it; of a Kustomization or HelmRelease with its channel. */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import { canDrift } from '../../stores/drift.ts'
import {
  joinPages,
  useCommits,
  useHistory,
  useHistoryBuckets,
  useHistoryState,
  useSessions,
} from '../../stores/history.ts'
import { useBands, useLastLook } from '../../stores/history-compare.ts'
import { openComparison, openThen } from '../../stores/history-places.ts'
import { useGateAt, useSourceCommits } from '../../stores/history-source.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { HistoryPane, typesOf } from '../../ui/timeline/history-pane.tsx'
import type { HistoryGroup } from '../../ui/timeline/history-pane.tsx'
import { useWeek } from '../../ui/timeline/use-week.ts'

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
      note=""
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
