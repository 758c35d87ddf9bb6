/**
 * Feature drift: every object of all selected clusters that is not what Git says, grouped by what owns it, who changed it or where it is.
 * Owns this view's grouping, cursor and filter; what drifts is the engine's word. One object is looked at on its owner's Drift tab.
 */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { compileDriftFilter } from '../../../shared/lib/filter/compile-drift.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { DriftObject } from '../../../shared/model/drift.ts'
import { isRecordOnly, isSettled } from '../../../shared/model/drift.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { openPlanDialog } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { contextsStore, selectContextsByCluster, selectSelectedContexts } from '../../stores/contexts.ts'
import { driftObjectsStore, driftStore, lookAtDriftObjects, useDriftTotals } from '../../stores/drift.ts'
import { openDrift } from '../../stores/navigation.ts'
import { allRows } from '../../stores/rows.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { useViewFilter } from '../../stores/use-view-filter.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { ActionSymbol, RiskMark } from '../../ui/drift-marks/drift-marks.tsx'
import { actionTitle, driftSentence, driftWord } from '../../ui/drift-marks/drift-words.ts'
import { FilterBar, filterText, noFilter } from '../../ui/filter-bar/filter-bar.tsx'
import type { FilterBarHandle } from '../../ui/filter-bar/filter-bar.tsx'
import { NoMatch } from '../../ui/filter-bar/no-match.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { useIsNarrow, useMedia } from '../../ui/media/media.ts'
import { QuickFilters } from '../../ui/quick-filters/quick-filters.tsx'
import type { QuickFilterChoice } from '../../ui/quick-filters/quick-filters.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { TreeGrid } from '../../ui/tree/tree-grid.tsx'
import type { TreeColumn, TreeGridHandle } from '../../ui/tree/tree-grid.tsx'
import { moveOf, visibleRows } from '../../ui/tree/tree-rows.ts'
import { ComparisonLine } from './comparison-line.tsx'
import { driftEntries, driftGroupings, isListed } from './drift-groups.ts'
import type { DriftEntry, DriftGrouping } from './drift-groups.ts'
import { DriftBanners, DriftState } from './drift-states.tsx'
import styles from './drift.module.css'

const groupingLabels: Readonly<Record<DriftGrouping, string>> = {
  owner: 'Owner',
  manager: 'Field manager',
  namespace: 'Namespace',
}
const place = '$drift-grouping'

const quickFilters: readonly QuickFilterChoice<DriftObject>[] = [
  { token: 'risk:high', label: 'High risk', test: ({ risk }) => risk.level === 'high' },
  { token: 'is:missing', label: 'Missing', test: ({ action }) => action === 'created' },
  { token: 'is:pruned', label: 'Not in Git', test: ({ action }) => action === 'pruned' },
  {
    token: 'is:refused,moving',
    label: 'Not known',
    test: ({ action }) => action === 'refused' || action === 'moving',
  },
  { token: 'is:record', label: 'Record only', test: isRecordOnly },
]

export function DriftView(): ReactElement {
  useEffect(lookAtDriftObjects, [])
  const owners = useStore(driftStore)
  const stream = useStore(driftObjectsStore)
  const totals = useDriftTotals()
  const contexts = useStore(contextsStore, (state) => selectContextsByCluster(state.items))
  const selected = useStore(contextsStore, (state) => selectSelectedContexts(state.items))
  const isSeveral = selected.length > 1
  const isNarrow = useIsNarrow()
  const grouping = useStore(
    uiStore,
    (state) => driftGroupings.find((each) => each === state.tabs[place]) ?? ('owner' as const),
  )
  const [filter, setFilter] = useViewFilter('drift')
  const text = filterText(filter)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [cursor, setCursor] = useState<string | null>(null)
  const grid = useRef<TreeGridHandle>(null)
  const bar = useRef<FilterBarHandle>(null)

  // A scan pushes often; what is on the screen follows when there is time.
  const items = useDeferredValue(stream.items)
  const words = useDeferredValue(text)
  const listed = useMemo(() => [...items.values()].filter(isListed), [items])
  const matching = useMemo(() => {
    const parsed = parseFilter(words)
    const test = compileDriftFilter(parsed)
    const asksSkipped = parsed.tokens.some(({ key, values }) => key === 'is' && values.includes('skipped'))
    const names = new Map([...contexts].map(([cluster, ways]) => [cluster, ways.map((context) => context.name)]))
    const from = asksSkipped ? [...items.values()] : listed
    return from.filter((object) => test(object, names.get(object.ref.cluster) ?? []))
  }, [items, listed, words, contexts])
  const entries = useMemo(
    () => driftEntries(matching, grouping, (cluster) => (isSeveral ? (contexts.get(cluster)?.[0]?.name ?? '?') : '')),
    [matching, grouping, contexts, isSeveral],
  )
  const rows = useMemo(() => visibleRows(entries, (entry) => !closed.has(entry.id)), [entries, closed])
  const current = cursor === null ? undefined : entries.find(({ id }) => id === cursor)

  const step = (key: 'j' | 'k'): void => {
    const at = rows.findIndex((row) => row.item.id === cursor)
    const move = at < 0 ? { to: 0 } : moveOf(rows, at, key, 1)
    const row = move !== null && 'to' in move ? rows[move.to] : undefined
    if (row !== undefined) setCursor(row.item.id)
  }
  const toggle = (entry: DriftEntry, isExpanded: boolean): void =>
    setClosed((before) => {
      const next = new Set(before)
      if (isExpanded) next.delete(entry.id)
      else next.add(entry.id)
      return next
    })
  const open = (entry: DriftEntry): void => {
    if (entry.object !== null) openDrift(entry.object.owner, entry.object.ref)
    else if (entry.owner !== null) openDrift(entry.owner)
    else toggle(entry, closed.has(entry.id))
  }
  const owner = current?.object?.owner ?? current?.owner ?? null
  const noRow = owner === null ? 'No row is selected' : ''
  useCommands({
    filter: () => bar.current?.focus(),
    next: () => step('j'),
    previous: () => step('k'),
    open: {
      run: () => current !== undefined && open(current),
      offReason: current === undefined ? 'No row is selected' : '',
    },
    drift: { run: () => current !== undefined && open(current), offReason: noRow },
    planPreview: { run: () => owner !== null && openPreview(owner), offReason: noRow },
    reconcile: { run: () => owner !== null && openPlanDialog('reconcile', [owner]), offReason: noRow },
    gate: { run: () => owner !== null && openGate(owner), offReason: noRow },
    escape: () => {
      if (text !== '') setFilter(noFilter)
    },
  })

  const isAnyListed = totals.drifted + totals.recordOnly > 0
  const isLoading =
    !owners.isReady || (!stream.isReady && isAnyListed) || (stream.isReady && listed.length === 0 && isAnyListed)
  const isTiny = useMedia('(max-width: 640px)')
  const room = isTiny ? 'tiny' : isNarrow ? 'narrow' : 'wide'
  const columns = columnsOf(grouping, isSeveral, room, (cluster) => contexts.get(cluster)?.[0]?.name ?? '?')
  const isOld = (cluster: string): boolean => contexts.get(cluster)?.[0]?.connection !== 'connected'
  return (
    <div className={styles.view}>
      <div className="viewbar">
        <h1>Drift</h1>
        <span className="sub num">{countText(totals, isSeveral ? selected.length : 0)}</span>
        <QuickFilters choices={quickFilters} items={listed} filter={filter} onChange={setFilter} />
        <div className="end">
          <Segmented
            label="Group by"
            value={grouping}
            options={driftGroupings.map((value) => ({ value, label: groupingLabels[value] }))}
            onChange={(value) => uiStore.setState((state) => ({ tabs: { ...state.tabs, [place]: value } }))}
          />
        </div>
      </div>
      <FilterBar
        ref={bar}
        value={filter}
        onChange={setFilter}
        shown={matching.length}
        total={listed.length}
        label="Filter Drift"
        hint="manager:kubectl-edit risk:high kind: ns: owner: is:missing -manager:helm*"
        onLeave={() => {
          if (cursor === null) setCursor(rows[0]?.item.id ?? null)
          grid.current?.focus()
        }}
      />
      <ComparisonLine />
      <DriftBanners />
      <div className={styles.content}>
        {listed.length === 0 && matching.length === 0 && (text === '' || items.size === 0) ? (
          <DriftState error={stream.error ?? owners.error} isLoading={isLoading} />
        ) : matching.length === 0 ? (
          <NoMatch
            what="object"
            text={text}
            hidden={formatCountOf(listed.length, 'object', 'objects')}
            onClear={() => setFilter(noFilter)}
          />
        ) : (
          <TreeGrid
            ref={grid}
            label="Drift"
            rows={rows}
            template={[objectWidths[room], ...columns.map(({ width }) => width)].join(' ')}
            treeHeader="Object"
            treeCell={(entry) => <NameCell entry={entry} grouping={grouping} />}
            columns={columns}
            rowLabel={(entry) =>
              labelOf(entry, isSeveral ? (contexts.get(entry.object?.ref.cluster ?? '')?.[0]?.name ?? '') : '')
            }
            rowDescription={descriptionOf}
            rowClassName={(entry) =>
              entry.object !== null && isOld(entry.object.ref.cluster) ? styles.old : undefined
            }
            cursor={cursor}
            onCursor={(entry) => setCursor(entry.id)}
            onToggle={toggle}
            onOpen={open}
          />
        )}
      </div>
    </div>
  )
}

function openGate(owner: DriftObject['owner']): void {
  openPlanDialog(rowOf(owner)?.isSuspended === true ? 'resume' : 'suspend', [owner])
}

/** What applying now would do: to resume where the gate is closed, else to reconcile. */
function openPreview(owner: DriftObject['owner']): void {
  openPlanDialog(rowOf(owner)?.isSuspended === true ? 'resume' : 'reconcile', [owner])
}

function rowOf(owner: DriftObject['owner']): { readonly isSuspended: boolean | null } | undefined {
  return allRows().get(refKey(owner))
}

function countText(
  {
    drifted,
    driftedOwners,
    recordOnly,
  }: { readonly drifted: number; readonly driftedOwners: number; readonly recordOnly: number },
  contexts: number,
): string {
  const record = recordOnly === 0 ? '' : `${recordOnly.toLocaleString()} record only`
  if (drifted === 0) return record
  const text = `${formatCountOf(drifted, 'object', 'objects')} of ${formatCountOf(driftedOwners, 'owner', 'owners')}`
  return [contexts > 1 ? `${text} in ${contexts} contexts` : text, record].filter((part) => part !== '').join(', ')
}

function labelOf({ object, heading }: DriftEntry, context: string): string {
  if (object === null) return heading
  return `${context === '' ? '' : `${context} `}${refTitle(object.ref)}`
}

function descriptionOf({ object, count }: DriftEntry): string {
  if (object === null) return formatCountOf(count, 'object', 'objects')
  const managers = object.managers.length === 0 ? '' : `, by ${object.managers.join(', ')}`
  const risk = isSettled(object.action) ? `, ${object.risk.level} risk` : ''
  return `${object.ref.kind} of ${refTitle(object.owner)}, ${driftSentence(object)}${risk}${managers}`
}

function NameCell({ entry, grouping }: { readonly entry: DriftEntry; readonly grouping: DriftGrouping }): ReactElement {
  const { object } = entry
  if (object === null)
    return (
      <span className={styles.heading}>
        {entry.owner !== null ? <KindBadge kind={entry.owner.kind} group={entry.owner.group} /> : null}
        {grouping === 'namespace' ? <KindBadge kind="Namespace" group="" /> : null}
        <span className={styles.clip} {...clippedTooltip(entry.heading)}>
          {oneLine(entry.heading, 300)}
        </span>
        <span className={styles.count}>{entry.count.toLocaleString()}</span>
      </span>
    )
  const title = refTitle(object.ref)
  return (
    <>
      <span {...tooltip(actionTitle(object))}>
        <ActionSymbol action={object.action} isClusterSeen isQuiet={isRecordOnly(object)} />
      </span>
      <KindBadge kind={object.ref.kind} group={object.ref.group} />
      <span className={styles.name} {...clippedTooltip(title)}>
        {grouping !== 'namespace' && object.ref.namespace !== '' ? (
          <span className={styles.namespace}>{oneLine(object.ref.namespace, 253)}/</span>
        ) : null}
        {oneLine(object.ref.name, 253)}
      </span>
    </>
  )
}

/** By room: at 200 % zoom a window is tiny. */
const objectWidths = { wide: 'minmax(240px, 1.1fr)', narrow: 'minmax(190px, 1.1fr)', tiny: 'minmax(180px, 1.8fr)' }
const changeWidths = { wide: 'minmax(180px, 1.4fr)', narrow: 'minmax(140px, 1.4fr)', tiny: 'minmax(90px, 0.6fr)' }

type WideColumn = TreeColumn<DriftEntry> & { readonly width: string }

function columnsOf(
  grouping: DriftGrouping,
  isSeveral: boolean,
  room: keyof typeof objectWidths,
  contextName: (cluster: string) => string,
): readonly WideColumn[] {
  const of = (
    id: string,
    header: string,
    width: string,
    cell: (object: DriftObject) => ReactElement | string,
    more: Partial<WideColumn> = {},
  ): WideColumn => ({ id, header, width, cell: ({ object }) => (object === null ? null : cell(object)), ...more })
  const isNarrow = room !== 'wide'
  return [
    of('change', 'Change', changeWidths[room], (object) => <ChangeCell object={object} />),
    of('risk', 'Risk', isNarrow ? '92px' : 'minmax(84px, 0.62fr)', ({ action, risk }) =>
      // What is not known has none to be told.
      isSettled(action) ? (
        <span className={styles.change} {...tooltip(risk.text)}>
          <RiskMark level={risk.level} />
          {isNarrow || risk.text === '' ? null : (
            <span className={classNames(styles.clip, styles.faint)}>{oneLine(risk.text, 120)}</span>
          )}
        </span>
      ) : (
        ''
      ),
    ),
    ...(room === 'tiny' || (grouping === 'manager' && isNarrow)
      ? []
      : [
          of(
            'managers',
            'Changed by',
            isNarrow ? '104px' : 'minmax(110px, 0.5fr)',
            ({ managers }) => (
              <span className={styles.clip} {...clippedTooltip(managers.join(', '))}>
                {oneLine(managers.join(', '), 200)}
              </span>
            ),
            { className: styles.muted },
          ),
        ]),
    ...(grouping === 'owner' || isNarrow
      ? []
      : [
          of(
            'owner',
            'Owner',
            'minmax(120px, 0.5fr)',
            ({ owner }) => (
              <span {...clippedTooltip(`${owner.kind} ${refTitle(owner)}`)}>{oneLine(refTitle(owner), 300)}</span>
            ),
            { className: styles.muted },
          ),
        ]),
    ...(isSeveral && !isNarrow
      ? [
          of('context', 'Context', 'minmax(80px, 0.34fr)', ({ ref }) => oneLine(contextName(ref.cluster), 120), {
            className: styles.muted,
          }),
        ]
      : []),
    ...(isNarrow
      ? []
      : [
          of(
            'first',
            'Since',
            '56px',
            (object) => (isRecordOnly(object) ? '' : <Age at={object.firstSeenAt} isShort />),
            {
              align: 'end' as const,
              className: styles.muted,
            },
          ),
        ]),
    ...(room === 'tiny'
      ? []
      : [
          of('checked', 'Checked', '64px', ({ checkedAt }) => <Age at={checkedAt} isShort />, {
            align: 'end' as const,
            className: styles.faint,
          }),
        ]),
  ]
}

function ChangeCell({ object }: { readonly object: DriftObject }): ReactElement {
  const isUnknown = object.action === 'refused' || object.action === 'moving' || object.action === 'skipped'
  const text = object.problem !== null && object.summary === '' ? object.problem.message : object.summary
  const word =
    object.action === 'configured' && !isRecordOnly(object)
      ? `${driftWord(object)} ${object.driftCount === 1 ? 'field' : 'fields'}`
      : driftWord(object)
  // A summary that begins with the word says it itself.
  const rest = text.startsWith(word) ? text.slice(word.length).replace(/^[\s:,]+/, '') : text
  return (
    <span className={styles.change}>
      <span className={classNames(styles.word, (isUnknown || isRecordOnly(object)) && styles.wordUnknown)}>{word}</span>
      {rest === '' ? null : (
        <span className={classNames(styles.clip, styles.muted)} {...clippedTooltip(oneLine(text, 600))}>
          {oneLine(rest, 300)}
        </span>
      )}
    </span>
  )
}
