/** The Hosted view: how each hosted context stands, and the queue: what runs, what waits and for what, what sleeps until when. */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { compileHostedFilter } from '../../../shared/lib/filter/compile-hosted.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { HostedRow } from '../../../shared/model/hosting.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { openPlanDialog } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextsStore, selectContextsByCluster, selectSelectedContexts } from '../../stores/contexts.ts'
import { allowHost } from '../../stores/drift-actions.ts'
import { openApplyNow, openApproval, openHostingDialog, openModeDialog } from '../../stores/hosting-actions.ts'
import {
  hostedRowsStore,
  hostingStore,
  hostingWord,
  lookAtHostedRows,
  selectHostedClusters,
  selectHostings,
} from '../../stores/hosting.ts'
import { openDrift, openObject } from '../../stores/navigation.ts'
import { allRows } from '../../stores/rows.ts'
import { useStream } from '../../stores/use-stream.ts'
import { useViewFilter } from '../../stores/use-view-filter.ts'
import { Button } from '../../ui/button/button.tsx'
import { FilterBar, filterText, noFilter } from '../../ui/filter-bar/filter-bar.tsx'
import type { FilterBarHandle } from '../../ui/filter-bar/filter-bar.tsx'
import { NoMatch } from '../../ui/filter-bar/no-match.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { QuickFilters } from '../../ui/quick-filters/quick-filters.tsx'
import type { QuickFilterChoice } from '../../ui/quick-filters/quick-filters.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { HostedContexts } from './hosted-contexts.tsx'
import { HostedGrid } from './hosted-grid.tsx'
import type { HostedGridHandle } from './hosted-grid.tsx'
import { compareHostedRows, mayApplyNow } from './hosted-words.ts'
import styles from './hosting.module.css'

const quickFilters: readonly QuickFilterChoice<HostedRow>[] = [
  { token: 'status:needs-approval', label: 'Needs approval', test: (row) => row.state === 'needs-approval' },
  { token: 'is:failed', label: 'Failed', test: (row) => row.lastResult === 'failed' },
  { token: 'status:waiting', label: 'Waiting', test: ({ state }) => state === 'waiting' },
  { token: 'status:running,queued', label: 'Running', test: ({ state }) => state === 'running' || state === 'queued' },
  { token: 'status:manual,held', label: 'Manual, held', test: ({ state }) => state === 'manual' || state === 'held' },
  { token: 'status:not-hosted', label: 'Not hosted', test: ({ state }) => state === 'not-hosted' },
]

export function HostingView(): ReactElement {
  useEffect(lookAtHostedRows, [])
  const states = useStore(hostingStore)
  const stream = useStore(hostedRowsStore)
  const hostings = selectHostings(states.items)
  if (states.error !== null && hostings.length === 0)
    return (
      <Frame>
        <ViewState shape="failed" title="Hosted mode cannot be seen" detail={manyLines(states.error.message)}>
          {states.error.remedy}
        </ViewState>
      </Frame>
    )
  if (!states.isReady)
    return (
      <Frame>
        <SkeletonRows label="Loading Hosted" />
      </Frame>
    )
  if (hostings.length === 0)
    return (
      <Frame>
        <Off />
      </Frame>
    )
  return <Queue rows={stream.items} isReady={stream.isReady} error={stream.error?.message ?? ''} />
}

function Frame({ children }: { readonly children: ReactElement }): ReactElement {
  return (
    <div className={styles.view}>
      <div className="viewbar">
        <h1>Hosted</h1>
      </div>
      {children}
    </div>
  )
}

/** Nobody switched it on: what it is, and where it could be. */
function Off(): ReactElement {
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  return (
    <ViewState
      icon="server"
      title="Hosted mode is off"
      actions={selected.slice(0, 4).map((context) => (
        <Button key={context.key} onClick={() => openHostingDialog(context.key, true)}>
          Host {oneLine(context.name, 80)}…
        </Button>
      ))}
    >
      In a cluster without Flux’s controllers Sluice can do their work from this machine, on the same GitRepositories
      and Kustomizations. You see what it would do before it begins.
    </ViewState>
  )
}

function Queue({
  rows: items,
  isReady,
  error,
}: {
  readonly rows: ReadonlyMap<string, HostedRow>
  readonly isReady: boolean
  readonly error: string
}): ReactElement {
  const hostings = useStore(hostingStore, (state) => selectHostings(state.items))
  const contexts = useStore(contextsStore, (state) => selectContextsByCluster(state.items))
  const isNarrow = useIsNarrow()
  const [filter, setFilter] = useViewFilter('hosting')
  const text = filterText(filter)
  const [cursor, setCursor] = useState<string | null>(null)
  const grid = useRef<HostedGridHandle>(null)
  const bar = useRef<FilterBarHandle>(null)

  // A queue that works pushes often; what is on the screen follows when there is time.
  const shownItems = useDeferredValue(items)
  const words = useDeferredValue(text)
  const listed = useMemo(() => [...shownItems.values()].sort(compareHostedRows), [shownItems])
  const matching = useMemo(() => {
    const test = compileHostedFilter(parseFilter(words))
    const names = new Map([...contexts].map(([cluster, ways]) => [cluster, ways.map(({ name }) => name)]))
    return listed.filter((row) => test(row, names.get(row.ref.cluster) ?? []))
  }, [listed, words, contexts])
  const current = cursor === null ? undefined : matching.find(({ key }) => key === cursor)
  const contextName = (cluster: string): string => contexts.get(cluster)?.[0]?.name ?? '?'

  const step = (by: number): void => {
    const at = matching.findIndex(({ key }) => key === cursor)
    const next =
      matching[at < 0 ? (by > 0 ? 0 : matching.length - 1) : Math.max(0, Math.min(matching.length - 1, at + by))]
    if (next !== undefined) setCursor(next.key)
  }
  const noRow = current === undefined ? 'No row is selected' : ''
  const isSuspended = current !== undefined && allRows().get(refKey(current.ref))?.isSuspended === true
  const reconcileOff = noRow !== '' ? noRow : isSuspended ? 'A suspended object is not reconciled' : ''
  useCommands({
    filter: () => bar.current?.focus(),
    next: () => step(1),
    previous: () => step(-1),
    open: { run: () => current !== undefined && openObject(current.ref), offReason: noRow },
    drift: { run: () => current !== undefined && openDrift(current.ref), offReason: noRow },
    gate: { run: () => current !== undefined && openGate(current), offReason: noRow },
    planPreview: { run: () => current !== undefined && openReview(current), offReason: noRow },
    reconcile: {
      run: () => current !== undefined && openPlanDialog('reconcile', [current.ref]),
      offReason: reconcileOff,
    },
    reconcileWithSource: {
      run: () => current !== undefined && openPlanDialog('reconcileWithSource', [current.ref]),
      offReason: reconcileOff,
    },
    escape: () => {
      if (text !== '') setFilter(noFilter)
    },
  })

  const restReason = (cluster: string): string => {
    const hosting = hostings.find((each) => each.cluster === cluster)
    if (hosting?.state === 'active') return ''
    return `Nothing runs now: ${hosting === undefined ? 'off' : hostingWord(hosting).toLowerCase()}`
  }
  const isActive = hostings.some(({ state }) => state === 'active')
  return (
    <div className={styles.view}>
      <div className="viewbar">
        <h1>Hosted</h1>
        <span className="sub num">
          {listed.length.toLocaleString()}
          {hostings.length > 1 ? ` in ${hostings.length} contexts` : ''}
        </span>
        <QuickFilters choices={quickFilters} items={listed} filter={filter} onChange={setFilter} />
      </div>
      <FilterBar
        ref={bar}
        value={filter}
        onChange={setFilter}
        shown={matching.length}
        total={listed.length}
        label="Filter Hosted"
        hint="status:waiting is:failed kind: ns: name: -status:sleeping"
        onLeave={() => {
          if (current === undefined) setCursor(matching[0]?.key ?? null)
          grid.current?.focus()
        }}
      />
      <HostedContexts hostings={hostings} />
      <Hosts />
      <div className={styles.content}>
        {listed.length === 0 ? (
          error !== '' ? (
            <ViewState shape="failed" title="The queue cannot be seen" detail={manyLines(error)} />
          ) : !isReady ? (
            <SkeletonRows label="Loading the queue" />
          ) : (
            <ViewState shape="empty" title={isActive ? 'Nothing to reconcile' : 'Nothing is in the queue'}>
              {isActive
                ? 'There is no GitRepository and no Kustomization in the hosted contexts yet.'
                : 'It fills when hosted mode is active: the state above says what it waits for.'}
            </ViewState>
          )
        ) : matching.length === 0 ? (
          <NoMatch
            what="row"
            text={text}
            hidden={formatCountOf(listed.length, 'object', 'objects')}
            onClear={() => setFilter(noFilter)}
          />
        ) : (
          <HostedGrid
            ref={grid}
            rows={matching}
            cursor={current?.key ?? null}
            isNarrow={isNarrow}
            hasContexts={hostings.length > 1}
            contextName={contextName}
            restReason={restReason}
            onCursor={(row) => setCursor(row.key)}
          />
        )}
      </div>
    </div>
  )
}

/** The gate's dialog: of a Kustomization its mode, of a source suspend or resume. */
function openGate({ ref, state }: HostedRow): void {
  if (state === 'needs-approval') openApproval(ref)
  else if (ref.kind === 'Kustomization') openModeDialog(ref, 'held')
  else openPlanDialog(allRows().get(refKey(ref))?.isSuspended === true ? 'resume' : 'suspend', [ref])
}

/** What applying would do: what waits for the user where something does. */
function openReview(row: HostedRow): void {
  const { ref, state } = row
  if (state === 'needs-approval') openApproval(ref)
  else if (mayApplyNow(row)) openApplyNow(ref)
  else openPlanDialog(allRows().get(refKey(ref))?.isSuspended === true ? 'resume' : 'reconcile', [ref])
}

const shownHosts = 4

/** Hosts that sources of hosted clusters name, and that nobody has allowed yet: without them nothing is fetched. */
function Hosts(): ReactElement | null {
  const hosts = useStream('hosts.watch', {})
  const hosted = useStore(hostingStore, (state) => selectHostedClusters(state.items))
  const missing = [...hosts.items.values()].filter(
    ({ cluster, isAllowed, namedBy }) =>
      !isAllowed && hosted.has(cluster) && namedBy.some((name) => name.startsWith('GitRepository/')),
  )
  if (missing.length === 0) return null
  return (
    <div className={styles.banners}>
      <Banner
        tone="drifted"
        shape="forbidden"
        actions={missing.slice(0, shownHosts).map(({ key, cluster, host }) => (
          <Button key={key} size="small" onClick={() => void allowHost(cluster, host, true)}>
            Allow {oneLine(host, 80)}
          </Button>
        ))}
      >
        {missing.length === 1 ? 'A host' : `${missing.length.toLocaleString()} hosts`} that sources of this cluster name
        may not be contacted yet: nothing is fetched from {missing.length === 1 ? 'it' : 'them'} until you allow it.
      </Banner>
    </div>
  )
}
