/**
 * A list of Flux objects: view bar with quick filters, filter bar, grid, preview and bulk bar. One component for all categories; what
 * differs is in columns.tsx. Owns filter, order, columns and commands of lists (cursor and selection: use-list-selection.ts); knows nothing of
 * how rows arrive.
 */
import { useCallback, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { Category, FluxRow, KindRow } from '../../../shared/model/rows.ts'
import type { ViewName } from '../../app/routes.ts'
import { openPlanDialog } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { freshnessText } from '../../stores/connection.ts'
import { contextsStore, selectSelectedContexts } from '../../stores/contexts.ts'
import { canDrift, driftStore, selectDrifting } from '../../stores/drift.ts'
import { kindsStore } from '../../stores/kinds.ts'
import { openDrift, openObject } from '../../stores/navigation.ts'
import { rowsStore } from '../../stores/rows.ts'
import { contextOfRow, lockOfRow, useRowScene } from '../../stores/row-scene.ts'
import { uiStore } from '../../stores/ui-state.ts'
import type { ListState as SavedList } from '../../stores/ui-state.ts'
import { useViewFilter } from '../../stores/use-view-filter.ts'
import { FilterBar, filterText, noFilter } from '../../ui/filter-bar/filter-bar.tsx'
import type { FilterBarHandle } from '../../ui/filter-bar/filter-bar.tsx'
import { NoMatch } from '../../ui/filter-bar/no-match.tsx'
import { useIsNarrow, useMedia } from '../../ui/media/media.ts'
import { Split } from '../../ui/split/split.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { useTimeText } from '../../ui/time/clock.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { SkeletonRows } from '../../ui/view-state/view-state.tsx'
import { BulkBar, bulkChoices, refsOf } from './bulk-bar.tsx'
import { ColumnChooser, defaultList } from './column-chooser.tsx'
import { availableColumns, compareBy } from './columns.tsx'
import type { Column } from './columns.tsx'
import { Grid } from './grid.tsx'
import type { GridHandle } from './grid.tsx'
import { ListBanners, ListState, problemsOf } from './list-states.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { makeMatcher } from './row-filter.ts'
import { RowMenu } from './row-menu.tsx'
import { StatusFilters } from './status-filters.tsx'
import { useDriftFacts } from './use-drift-facts.ts'
import { useListSelection } from './use-list-selection.ts'
import { useRowIndex } from './use-row-index.ts'
import styles from './lists.module.css'

const previewWidth = { start: 372, min: 320, max: 560 }

export function ListView({
  view,
  category,
  title,
}: {
  readonly view: ViewName
  readonly category: Category
  readonly title: string
}): ReactElement {
  const scene = useRowScene()
  const selectedContexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const kinds = useStore(kindsStore, (state) => state.items)
  const isReady = useStore(rowsStore, (state) => state.isReady)
  const isNarrow = useIsNarrow()
  const isWide = useMedia('(min-width: 1600px)')
  const saved = useStore(uiStore, (state) => state.lists[view]) ?? defaultList
  const isPreviewOpen = useStore(uiStore, (state) => state.isPreviewOpen)
  const panelWidth = useStore(uiStore, (state) => state.panels['preview']) ?? previewWidth.start
  const grid = useRef<GridHandle>(null)
  const filterBar = useRef<FilterBarHandle>(null)

  // ---- filter: the text of the route is the truth, so that a link carries it; the draft is the bar's own
  const [filter, setFilter] = useViewFilter(view)
  const text = filterText(filter)
  const drift = useDriftFacts(text)
  const matches = useMemo(() => makeMatcher(text, scene.contexts, drift), [text, scene.contexts, drift])

  // ---- columns and order; the preview takes the place of the columns that a narrow window has none for
  const isCompact = isNarrow || (isPreviewOpen && !isWide)
  const columns = useMemo(
    () =>
      availableColumns(category).filter((column) => {
        if (column.id === 'context' && !scene.isSeveral) return false
        if (isCompact && column.isWideOnly === true) return false
        return saved.columns[column.id] ?? column.isDefault
      }),
    [category, scene.isSeveral, isCompact, saved.columns],
  )
  const sortColumn = availableColumns(category).find((column) => column.id === saved.sortColumn)
  const drifting = useStore(driftStore, (state) => selectDrifting(state.items))
  const driftOrder = useStore(driftStore, (state) => (sortColumn?.id === 'drift' ? state.items : null))
  const compare = useMemo(
    () => compareBy(sortColumn, saved.isDescending, scene, drifting),
    // Only the context column depends on the scene; the others keep their order while gates move.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [sortColumn?.id, saved.isDescending, scene.contexts, drifting, driftOrder],
  )
  const { index, version } = useRowIndex(category, compare, matches)
  const selection = useListSelection(category, index, version, grid)
  const { cursorRow, selected, selectedRows } = selection
  const [, showOrder] = useState(0)
  const rows = index.rows
  const problems = useMemo(
    () => problemsOf(category, selectedContexts, kinds.values()),
    [category, selectedContexts, kinds],
  )

  const save = useCallback(
    (change: Partial<SavedList>): void =>
      uiStore.setState((state) => ({ lists: { ...state.lists, [view]: { ...saved, ...change } } })),
    [view, saved],
  )
  const stableOpen = useCallback((row: FluxRow) => openObject(row.ref), [])
  const onOrderChange = useCallback(() => showOrder((count) => count + 1), [])

  // ---- actions on the selection, else on the row with the cursor
  const targets = selectedRows.length > 0 ? selectedRows : cursorRow === undefined ? [] : [cursorRow]
  const choices = bulkChoices(targets, scene)
  const gateChoice = choices.suspend.rows.length > 0 ? choices.suspend : choices.resume
  const noTarget = targets.length === 0 ? 'No row is selected' : ''
  const onReconcile = (isWithSource: boolean): void =>
    openPlanDialog(isWithSource ? 'reconcileWithSource' : 'reconcile', refsOf(choices.reconcile))
  useCommands({
    filter: () => filterBar.current?.focus(),
    next: () => selection.move(1),
    previous: () => selection.move(-1),
    extendNext: () => selection.extend(1),
    extendPrevious: () => selection.extend(-1),
    select: {
      run: () => cursorRow !== undefined && selection.toggle(cursorRow),
      offReason: cursorRow === undefined ? noTarget : '',
    },
    selectAll: selection.selectAll,
    open: {
      run: () => cursorRow !== undefined && openObject(cursorRow.ref),
      offReason: cursorRow === undefined ? noTarget : '',
    },
    preview: () => uiStore.setState({ isPreviewOpen: !isPreviewOpen }),
    gate: {
      run: () => openPlanDialog(gateChoice === choices.suspend ? 'suspend' : 'resume', refsOf(gateChoice)),
      offReason: noTarget !== '' ? noTarget : gateChoice.offReason,
    },
    drift: {
      run: () => cursorRow !== undefined && openDrift(cursorRow.ref),
      offReason:
        cursorRow === undefined
          ? noTarget
          : canDrift(cursorRow.ref)
            ? ''
            : 'Objects of this kind apply nothing that could drift',
    },
    planPreview: {
      run: () =>
        cursorRow !== undefined &&
        openPlanDialog(cursorRow.isSuspended === true ? 'resume' : 'reconcile', [cursorRow.ref]),
      offReason:
        cursorRow === undefined
          ? noTarget
          : canDrift(cursorRow.ref)
            ? lockOfRow(cursorRow, scene)
            : 'Objects of this kind apply nothing',
    },
    reconcile: { run: () => onReconcile(false), offReason: noTarget !== '' ? noTarget : choices.reconcile.offReason },
    reconcileWithSource: {
      run: () => onReconcile(true),
      offReason: noTarget !== '' ? noTarget : choices.reconcile.offReason,
    },
    escape: () => {
      if (selected.size > 0) selection.clear()
      else if (isPreviewOpen) uiStore.setState({ isPreviewOpen: false })
      else if (text !== '') setFilter(noFilter)
    },
  })

  const preview =
    isPreviewOpen && cursorRow !== undefined ? (
      <PreviewPanel row={cursorRow} scene={scene} onClose={() => uiStore.setState({ isPreviewOpen: false })} />
    ) : null
  const listed = listedNamespaces(category, kinds.values())
  const loading = problems.filter((problem) => problem.state === 'loading').flatMap((problem) => problem.kinds)
  const remaining = loading.reduce((sum, kind) => sum + (kind.remaining ?? 0), 0)
  return (
    <div className={styles.view}>
      <div className="viewbar">
        <h1>{title}</h1>
        <span className="sub num">
          {index.total.toLocaleString()}
          {scene.isSeveral ? ` in ${selectedContexts.length} contexts` : ''}
          {listed.length === 0 ? null : (
            <span {...tooltip(`You may not list these cluster-wide. Listed: ${listed.join(', ')}`)}>
              {` · only ${listed.length === 1 ? `namespace ${listed[0]}` : `${listed.length} namespaces`}`}
            </span>
          )}
        </span>
        <StatusFilters
          filter={filter}
          countOf={(word) => index.countOf(word)}
          drifted={[...drifting].filter((key) => index.isMember(key)).length}
          overdue={index.overdueCount}
          onChange={setFilter}
        />
        <div className="end">
          {isNarrow ? null : <Freshness />}
          <ColumnChooser category={category} saved={saved} isSeveral={scene.isSeveral} onChange={save} />
        </div>
      </div>
      <FilterBar
        ref={filterBar}
        value={filter}
        onChange={setFilter}
        shown={rows.length}
        total={index.total}
        label={`Filter ${title}`}
        hint="ns: kind: status: is:drifted is:suspended -status:ready"
        onLeave={() => {
          if (cursorRow === undefined) selection.moveTo(0)
          grid.current?.focus()
        }}
      />
      <ListBanners title={title} problems={index.total > 0 ? problems : []} />
      <Split
        label="Resize preview"
        width={panelWidth}
        min={previewWidth.min}
        max={previewWidth.max}
        onWidth={(width) => uiStore.setState((state) => ({ panels: { ...state.panels, preview: width } }))}
        side={preview}
        main={
          <div className={styles.content}>
            {index.total === 0 ? (
              !isReady && selectedContexts.length > 0 && problems.length === 0 ? (
                <SkeletonRows label={`Loading ${title}`} />
              ) : (
                <ListState title={title} contexts={selectedContexts} problems={problems} />
              )
            ) : rows.length === 0 ? (
              <NoMatch
                what="row"
                text={text}
                hidden={`${index.total.toLocaleString()} ${title}`}
                onClear={() => setFilter(noFilter)}
              />
            ) : (
              <RowMenu
                cursorRow={cursorRow}
                context={cursorRow === undefined ? null : (contextOfRow(cursorRow, scene)?.key ?? null)}
                gateWord={gateChoice === choices.suspend ? 'Suspend' : 'Resume'}
                onRow={selection.pointAt}
              >
                <Grid
                  ref={grid}
                  label={title}
                  index={index}
                  version={version}
                  columns={columns}
                  scene={scene}
                  cursor={selection.cursor}
                  selected={selected}
                  sortColumn={saved.sortColumn}
                  isDescending={saved.isDescending}
                  onSort={(column: Column) =>
                    save({
                      sortColumn: column.id,
                      isDescending: column.id === saved.sortColumn ? !saved.isDescending : false,
                    })
                  }
                  onRowPress={selection.onRowPress}
                  onRowOpen={stableOpen}
                  onToggle={selection.onToggle}
                  onToggleAll={() => (selected.size > 0 ? selection.clear() : selection.selectAll())}
                  onKey={selection.onKey}
                  onOrderChange={onOrderChange}
                />
              </RowMenu>
            )}
            {index.total > 0 && loading.length > 0 ? (
              <div className={styles.loadingCount} role="status">
                {remaining > 0
                  ? `${index.total.toLocaleString()} of about ${(index.total + remaining).toLocaleString()}`
                  : 'Loading…'}
              </div>
            ) : null}
            {selectedRows.length > 0 ? <BulkBar rows={selectedRows} scene={scene} onClear={selection.clear} /> : null}
          </div>
        }
      />
    </div>
  )
}

/** Namespaces that are listed one by one because the cluster-wide list is forbidden; empty where everything is listed. */
function listedNamespaces(category: Category, kinds: Iterable<KindRow>): readonly string[] {
  const names = new Set<string>()
  for (const kind of kinds)
    if (kind.category === category && kind.namespaces !== null)
      for (const name of kind.namespaces) names.add(oneLine(name, 80))
  return [...names].sort()
}

function Freshness(): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const text = useTimeText((now) => freshnessText(contexts, now))
  return <span className="sub num">{text}</span>
}
