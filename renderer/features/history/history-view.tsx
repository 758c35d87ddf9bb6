/**
 * Feature history: what happened in all selected clusters, newest first. Owns this view's filter, range and kinds; what is kept, and how long, is the
 * engine's.
 */
import { useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextOfCluster, contextsStore, contextsText, selectSelectedContexts } from '../../stores/contexts.ts'
import { useCommits, useHistory, useHistoryBuckets, useHistoryState, useSessions } from '../../stores/history.ts'
import { useBands, useHistoryCounts, useLastLook } from '../../stores/history-compare.ts'
import { openComparison, openThen } from '../../stores/history-places.ts'
import { openObject, openView } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { useViewFilter } from '../../stores/use-view-filter.ts'
import { FilterBar, filterText, noFilter } from '../../ui/filter-bar/filter-bar.tsx'
import { NoMatch } from '../../ui/filter-bar/no-match.tsx'
import type { FilterBarHandle } from '../../ui/filter-bar/filter-bar.tsx'
import { HistoryPane, hiddenTypes, typesOf } from '../../ui/timeline/history-pane.tsx'
import type { HistoryGroup } from '../../ui/timeline/history-pane.tsx'
import { useWeek } from '../../ui/timeline/use-week.ts'
import { NoContext } from '../../ui/view-state/view-state.tsx'
import { historyNote } from './history-note.ts'
import { ReportButton } from './report-button.tsx'
import { WherePanel } from './where-panel.tsx'
import { toHistoryQuery } from './history-query.ts'

const bucketCount = 168

export function HistoryView(): ReactElement {
  const contexts = useStore(contextsStore, (state) => state.items)
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const width = useStore(uiStore, (state) => state.panels['history'] ?? 420)
  const [filter, setFilter] = useViewFilter('history')
  const [groups, setGroups] = useState<ReadonlySet<HistoryGroup>>(new Set(['runs', 'status', 'gate', 'drift']))
  const [now] = useState(() => Date.now())
  const bar = useRef<FilterBarHandle>(null)
  const text = filterText(filter)
  const clusters = useMemo(
    () => [...new Set(selected.map(({ cluster }) => cluster).filter((cluster) => cluster !== null))],
    [selected],
  )
  const state = useHistoryState()
  const week = useWeek(now, state?.oldestAt ?? null)
  const { range, bounds } = week
  const read = useMemo(() => toHistoryQuery(parseFilter(text)), [text])
  const scope = useMemo((): HistoryQuery => ({ ...read.query, clusters }), [read, clusters])
  const query = useMemo(
    (): HistoryQuery => ({
      ...scope,
      types: typesOf(groups),
      ...bounds,
    }),
    [scope, groups, bounds],
  )
  // Narrowed to one commit, the question is where it has arrived.
  const [commit, ...moreCommits] = read.query.commits ?? []
  const look = useHistory(query)
  const entries = useSessions(look, clusters, bounds.until)
  const commits = useCommits(look.entries)
  const bands = useBands(
    useMemo(() => ({ clusters, owner: null, ref: null }), [clusters]),
    range.from,
    range.until,
  )
  const hiddenCounts = useHistoryCounts(scope, hiddenTypes(groups), week.brush ?? range)
  const lastLook = useLastLook()
  // Contexts say all the time when they were last seen; their names stay.
  const names = JSON.stringify(clusters.map((cluster) => [cluster, contextOfCluster(contexts, cluster)?.name]))
  const contextOf = useMemo(() => {
    const known = new Map(JSON.parse(names) as readonly (readonly [string, string | null])[])
    return (cluster: string): string => known.get(cluster) ?? cluster
  }, [names])
  const buckets = useHistoryBuckets(scope, range.from, range.until, bucketCount)
  useCommands({ filter: () => bar.current?.focus() })
  if (selected.length === 0) return <NoContext />
  return (
    <>
      <div className="viewbar">
        <h1>History</h1>
        <span className="sub num">{contextsText(selected)}</span>
        <div className="end">
          <ReportButton query={scope} filter={text} brush={week.brush} />
        </div>
      </div>
      <FilterBar
        ref={bar}
        value={filter}
        onChange={setFilter}
        shown={look.entries.length}
        total={null}
        label="Filter History"
        hint="commit:e07d913 by:kubectl kind:Deployment reason:BuildFailed is:failed, or any words"
        onLeave={() => undefined}
      />
      {commit === undefined || moreCommits.length > 0 ? null : <WherePanel key={commit} commit={commit} />}
      <HistoryPane
        label="History"
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
        hasCommitRows={isAboutCommits(read.query)}
        contextOf={selected.length > 1 ? contextOf : undefined}
        onOpen={(ref) => openObject(ref)}
        onWhere={(sha) => openView('history', `commit:${sha}`)}
        width={width}
        onWidth={(px) => uiStore.setState((before) => ({ panels: { ...before.panels, history: px } }))}
        bands={bands}
        hiddenCounts={hiddenCounts}
        onCompare={(points, entry) => openComparison(entry?.owner ?? entry?.ref ?? null, points.from, points.until)}
        onThen={openThen}
        lastLook={lastLook}
        note={read.unused.length > 0 ? `Not used here: ${read.unused.join(' ')}` : historyNote(state)}
        problem={state?.problem}
        warning={state?.note}
        empty="Runs, failures, gates, drift and events are written down from now on, and stay after Kubernetes has forgotten them."
        noMatch={
          text === '' ? undefined : (
            <NoMatch
              what="entry"
              text={text}
              hidden={`${(state?.entries ?? 0).toLocaleString()} entries of all kinds`}
              onClear={() => setFilter(noFilter)}
            />
          )
        }
      />
    </>
  )
}

/** Where commits themselves are looked for; otherwise each stands with the run that applied it. */
function isAboutCommits({ by, commits, words, reasons, kinds }: HistoryQuery): boolean {
  return [by, commits, words, reasons, kinds].some((asked) => asked !== undefined)
}
