/**
 * Overview: failures first over all selected contexts. Counters link to filtered lists, lanes show a day of each context, what needs
 * attention stands with its cause. Judgement is in overview-model.ts; here is only its picture.
 */
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { reconcile } from '../../stores/actions.ts'
import { freshnessText } from '../../stores/connection.ts'
import { contextsStore, selectSelectedContexts } from '../../stores/contexts.ts'
import { controllersStore } from '../../stores/controllers.ts'
import { kindsStore } from '../../stores/kinds.ts'
import { rowCountsStore } from '../../stores/row-counts.ts'
import { allRows, rowsStore } from '../../stores/rows.ts'
import { lockOfRow, useRowScene } from '../../stores/row-scene.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, Segmented } from '../../ui/button/button.tsx'
import { useNow, useTimeText } from '../../ui/time/clock.ts'
import { NoContext, SkeletonRows } from '../../ui/view-state/view-state.tsx'
import { AttentionPanel } from './attention-panel.tsx'
import { ControllersPanel } from './controllers-panel.tsx'
import { Counters } from './counters.tsx'
import { EventsPanel } from './events-panel.tsx'
import { FleetPanel } from './fleet-panel.tsx'
import { attentionOf, liveCounts, silentClusters } from './overview-model.ts'
import styles from './overview.module.css'

const ranges = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 }
const eventLimit = 2000
/** Attention and lanes are computed anew at most this often while rows stream in. */
const stepMs = 2000

export function OverviewView(): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const counts = useStore(rowCountsStore)
  const controllers = useStore(controllersStore, (state) => state.items)
  const isReady = useStore(rowsStore, (state) => state.isReady)
  const hasKinds = useStore(kindsStore, (state) => state.items.size > 0)
  const range = useStore(uiStore, (state) => state.overviewRange)
  const events = useStream('events.watch', { limit: eventLimit })
  const scene = useRowScene()
  const now = useNow(stepMs)
  const version = useCoarseVersion(now)
  const attention = useMemo(
    () => attentionOf(allRows().values(), contexts, controllers.values(), now),
    // `version` stands for the rows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [version, contexts, controllers],
  )
  const failed = attention.filter((item) => item.kind === 'object').map((item) => item.row)
  const reconcilable = failed.filter((row) => row.isSuspended === false && lockOfRow(row, scene) === '')
  const connected = contexts.filter((context) => context.connection === 'connected').length
  const live = liveCounts(counts.all, counts.byCluster, silentClusters(contexts))
  const isEmpty = counts.all.total === 0
  const isLoading = isEmpty && (!isReady || contexts.some((context) => context.connection === 'connecting'))
  return (
    <>
      <div className="viewbar">
        <h1>Overview</h1>
        <span className="sub num">
          {counts.all.total.toLocaleString()} objects in{' '}
          {contexts.length === 1 ? '1 context' : `${contexts.length} contexts`}, {connected} connected
        </span>
        <div className="end">
          <Freshness />
          <Segmented
            label="Time range"
            value={range}
            options={[
              { value: '1h', label: '1 h' },
              { value: '24h', label: '24 h' },
              { value: '7d', label: '7 d' },
            ]}
            onChange={(overviewRange) => uiStore.setState({ overviewRange })}
          />
          <Button
            icon="reconcile"
            offReason={
              reconcilable.length > 0
                ? ''
                : failed.length === 0
                  ? 'Nothing has failed'
                  : 'None of the failed objects may be reconciled'
            }
            onClick={() => reconcile(reconcilable.map((row) => row.ref))}
          >
            Reconcile failed…
          </Button>
        </div>
      </div>
      {contexts.length === 0 ? (
        <NoContext />
      ) : isLoading && !hasKinds ? (
        <SkeletonRows label="Loading Overview" />
      ) : (
        <div className={styles.overview}>
          <Counters counts={live} seen={counts.all} attention={attention} />
          <FleetPanel
            contexts={contexts}
            counts={counts.byCluster}
            events={events.items}
            rangeMs={ranges[range]}
            version={version}
            now={now}
          />
          <div className={styles.two}>
            <AttentionPanel items={attention} scene={scene} counts={live} />
            <div className={styles.column}>
              <EventsPanel events={events} scene={scene} />
              <ControllersPanel controllers={controllers} contexts={contexts} scene={scene} />
            </div>
          </div>
        </div>
      )}
    </>
  )
}

/** Rises with the rows, but not more often than the clock steps, once something is there. */
function useCoarseVersion(now: number): number {
  const version = useStore(rowsStore, (state) => (state.isReady ? 0 : state.version))
  const stepped = useMemo(() => rowsStore.getState().version + now * 0, [now])
  return version + stepped
}

function Freshness(): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const text = useTimeText((now) => freshnessText(contexts, now))
  return <span className="sub num">{text}</span>
}
