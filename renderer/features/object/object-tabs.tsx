/** The tabs of an object, with counts, and the panel of the one that is open. */
import { lazy, Suspense, useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { formatLink, objectTabs } from '../../app/routes.ts'
import type { ObjectRoute, ObjectTab } from '../../app/routes.ts'
import { copyText } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { canDrift, useDriftOwner } from '../../stores/drift.ts'
import { openTab } from '../../stores/navigation.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { TabPanel, Tabs } from '../../ui/tabs/tabs.tsx'
import type { TabItem } from '../../ui/tabs/tabs.tsx'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { ConditionsTab } from './conditions-tab.tsx'
import { EventsTab, objectEventLimit } from './events-tab.tsx'
import { GraphTab } from './graph-tab.tsx'
import { LogsTab } from './logs-tab.tsx'
import { TreeTab } from './tree-tab.tsx'
import { YamlTab } from './yaml-tab.tsx'
import styles from './object-page.module.css'

const DriftTab = lazy(async () => ({ default: (await import('./drift/drift-tab.tsx')).DriftTab }))

const TraceTab = lazy(async () => ({ default: (await import('./trace-tab.tsx')).TraceTab }))

const HistoryTab = lazy(async () => ({ default: (await import('./history-tab.tsx')).HistoryTab }))

const labels: Readonly<Record<ObjectTab, string>> = {
  tree: 'Tree',
  drift: 'Drift',
  graph: 'Graph',
  trace: 'Trace',
  history: 'History',
  events: 'Events',
  conditions: 'Conditions',
  logs: 'Logs',
  yaml: 'YAML',
}

export function ObjectTabs({
  detail,
  route,
  isOld,
  silence,
  banner,
}: {
  readonly detail: ObjectDetail
  readonly route: ObjectRoute
  /** Deleted or not live: content is greyed. */
  readonly isOld: boolean
  /** Why the cluster cannot be asked; '' while it can. */
  readonly silence: string
  readonly banner: ReactNode
}): ReactElement {
  const tree = useStream('tree.watch', { ref: detail.ref })
  const events = useStream('events.watch', { ref: detail.ref, limit: objectEventLimit })
  const hasWarning = useMemo(() => [...events.items.values()].some((event) => event.type === 'Warning'), [events.items])
  const compared = useDriftOwner(refKey(detail.ref))
  const drifted = compared?.driftedCount ?? 0
  // Only Flux objects have a graph of dependsOn and sources, and only what applies objects has drift.
  const shown = objectTabs.filter((tab) =>
    tab === 'drift' ? canDrift(detail.ref) : tab !== 'graph' || detail.row !== null,
  )
  const selected = shown.includes(route.tab) ? route.tab : 'tree'
  const counts: Partial<Record<ObjectTab, number>> = {
    ...(tree.items.size > 1 ? { tree: tree.items.size - 1 } : {}),
    ...(drifted > 0 ? { drift: drifted } : {}),
    ...(events.items.size > 0 ? { events: events.items.size } : {}),
  }
  const step = (by: number): void => {
    const next = shown[(shown.indexOf(selected) + by + shown.length) % shown.length]
    if (next !== undefined) openTab(next)
  }
  useCommands({
    nextTab: () => step(1),
    previousTab: () => step(-1),
    ...(shown.includes('drift') ? { drift: () => openTab('drift') } : {}),
    history: () => openTab('history'),
  })
  const tabs = shown.map((id): TabItem<ObjectTab> => ({
    id,
    label: labels[id],
    count: counts[id] ?? null,
    tone: id === 'drift' ? 'drifted' : id === 'events' && hasWarning ? 'failed' : 'plain',
  }))
  return (
    <>
      <Tabs
        scope="object"
        label="Views of this object"
        tabs={tabs}
        selected={selected}
        onSelect={openTab}
        end={
          <Button
            variant="quiet"
            size="small"
            icon="link"
            className={styles.copyLink}
            onClick={() => void copyText(formatLink(route), 'Link')}
          >
            Copy link
          </Button>
        }
      />
      <TabPanel scope="object" id={selected} className={classNames(styles.panel, isOld && styles.old)}>
        {banner !== null && <div className={styles.banner}>{banner}</div>}
        {selected === 'tree' && <TreeTab reference={detail.ref} />}
        {selected === 'drift' && silence !== '' && compared?.checkedAt == null && (
          <ViewState shape="stale" title="Comparing needs the cluster">
            {silence}. Nothing is known of drift before it was compared.
          </ViewState>
        )}
        {selected === 'drift' && (silence === '' || compared?.checkedAt != null) && (
          <Suspense fallback={<SkeletonRows label="Loading drift" />}>
            <DriftTab detail={detail} route={route} />
          </Suspense>
        )}
        {selected === 'graph' && <GraphTab reference={detail.ref} />}
        {selected === 'trace' && (
          <Suspense fallback={<SkeletonRows label="Tracing" />}>
            <TraceTab reference={detail.ref} />
          </Suspense>
        )}
        {selected === 'history' && (
          <Suspense fallback={<SkeletonRows label="Loading history" />}>
            <HistoryTab detail={detail} />
          </Suspense>
        )}
        {selected === 'events' && <EventsTab reference={detail.ref} />}
        {selected === 'conditions' && <ConditionsTab detail={detail} />}
        {selected === 'yaml' && <YamlTab reference={detail.ref} />}
        {selected === 'logs' && silence !== '' && (
          <ViewState shape="stale" title="Logs need the cluster">
            {silence}. Logs are read from its pods, and kept nowhere.
          </ViewState>
        )}
        {selected === 'logs' && silence === '' && <LogsTab reference={detail.ref} access={detail.access.logs} />}
      </TabPanel>
    </>
  )
}
