/** The rail: contexts as a listbox of several choices, then the views. Below 1120 px only their marks. */
import type { KeyboardEvent, ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { ViewEntry } from '../../app/views.tsx'
import { pickKubeconfig, retryContext, selectContextsOnly } from '../../stores/actions.ts'
import { contextsStore, selectContexts } from '../../stores/contexts.ts'
import { useDriftTotals } from '../../stores/drift.ts'
import { openHostingDialog } from '../../stores/hosting-actions.ts'
import { approvalsStore, hostingOf, hostingStore, hostingWord, selectHostings } from '../../stores/hosting.ts'
import { viewOfKind } from '../../stores/kind-views.ts'
import { navigationStore, openView } from '../../stores/navigation.ts'
import { rowCountsStore } from '../../stores/row-counts.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { ContextMenu } from '../../ui/menu/context-menu.tsx'
import type { MenuEntry } from '../../ui/menu/menu.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { connectionShape, connectionText } from '../../stores/connection.ts'
import { follow } from './title-bar.tsx'
import styles from './shell.module.css'

/** Views that are reached from History alone. */
const partOfHistory: ReadonlySet<string> = new Set(['compare', 'moment'])

export function Rail({ views }: { readonly views: readonly ViewEntry[] }): ReactElement {
  const route = useStore(navigationStore, (state) => state.route)
  const byCategory = useStore(rowCountsStore, (state) => state.byCategory)
  const drifted = useDriftTotals().drifted
  const isHosting = useStore(hostingStore, (state) => selectHostings(state.items).length > 0)
  const approvals = useStore(approvalsStore, (state) => state.items.size)
  const current =
    route.page === 'view'
      ? partOfHistory.has(route.view)
        ? 'history'
        : route.view
      : viewOfKind(route.group, route.kind)
  const shown = views.filter(
    (view) =>
      (view.isHostedOnly === true ? isHosting : view.isOnDemand !== true) ||
      view.name === current ||
      (view.category !== undefined && (byCategory.get(view.category)?.total ?? 0) > 0),
  )
  const descriptionOf = (view: ViewEntry): string | undefined =>
    view.isDriftCounted === true && drifted > 0
      ? `${drifted.toLocaleString()} drifted`
      : view.isHostedOnly === true && approvals > 0
        ? `${formatCountOf(approvals, 'waits', 'wait')} for approval`
        : undefined
  const item = (view: ViewEntry): ReactElement => (
    <a
      key={view.name}
      href={`#${view.name}`}
      className={styles.railItem}
      aria-current={view.name === current ? 'page' : undefined}
      aria-label={view.title}
      aria-description={descriptionOf(view)}
      onClick={follow(() => openView(view.name))}
      {...tooltip(view.title)}
    >
      <Icon name={view.icon} />
      <span className={styles.label}>{view.title}</span>
      {view.category === undefined ? null : (
        <span className={styles.count}>{(byCategory.get(view.category)?.total ?? 0).toLocaleString()}</span>
      )}
      {view.isDriftCounted === true && drifted > 0 ? (
        <span className={classNames(styles.pill, styles.drifted)}>{drifted.toLocaleString()}</span>
      ) : null}
      {view.isHostedOnly === true && approvals > 0 ? (
        <span className={classNames(styles.pill, styles.held)}>{approvals.toLocaleString()}</span>
      ) : null}
    </a>
  )
  return (
    <aside className={styles.rail}>
      <ContextList />
      <hr />
      <nav aria-label="Views" className={styles.views}>
        {shown.filter((view) => view.place === 'rail').map(item)}
        <div className={styles.foot}>{shown.filter((view) => view.place === 'foot').map(item)}</div>
      </nav>
    </aside>
  )
}

function ContextList(): ReactElement {
  const contexts = useStore(contextsStore, (state) => selectContexts(state.items))
  const selected = contexts.filter((context) => context.isSelected)
  const isAll = contexts.length > 1 && selected.length === contexts.length
  const choose = (context: ContextRow, isAdding: boolean): void => {
    const keys = selected.map((each) => each.key)
    if (!isAdding) return void selectContextsOnly([context.key])
    const next = context.isSelected ? keys.filter((key) => key !== context.key) : [...keys, context.key]
    if (next.length > 0) void selectContextsOnly(next)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const options = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="option"]')]
    const at = options.findIndex((option) => option === document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key]
    if (to !== undefined) {
      event.preventDefault()
      options[Math.max(0, Math.min(options.length - 1, to))]?.focus()
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      const option = options[at]
      const context = contexts.find((each) => each.key === option?.dataset['context'])
      if (context !== undefined) choose(context, event.shiftKey || event.ctrlKey)
      else if (option !== undefined) void selectContextsOnly(contexts.map((each) => each.key))
    }
  }
  const firstStop = isAll ? 'all' : (selected[0]?.key ?? contexts[0]?.key)
  return (
    <>
      <div className={styles.railHeading} id="rail-contexts">
        Contexts
        <IconButton icon="plus" size="small" label="Add a kubeconfig…" onClick={() => void pickKubeconfig()} />
      </div>
      <div
        role="listbox"
        aria-multiselectable="true"
        aria-labelledby="rail-contexts"
        className={styles.contexts}
        onKeyDown={onKeyDown}
      >
        {contexts.length > 1 ? (
          <div
            role="option"
            aria-selected={isAll}
            aria-label="All contexts"
            tabIndex={firstStop === 'all' ? 0 : -1}
            className={styles.railItem}
            onClick={() => void selectContextsOnly(contexts.map((context) => context.key))}
            {...tooltip('All contexts')}
          >
            <Icon name="water" />
            <span className={styles.label}>All contexts</span>
            <span className={styles.count}>{contexts.length}</span>
          </div>
        ) : null}
        {contexts.map((context) => (
          <ContextOption
            key={context.key}
            context={context}
            isOn={context.isSelected && !isAll}
            isStop={firstStop === context.key}
            onChoose={(isAdding) => choose(context, isAdding)}
          />
        ))}
      </div>
    </>
  )
}

function ContextOption({
  context,
  isOn,
  isStop,
  onChoose,
}: {
  readonly context: ContextRow
  readonly isOn: boolean
  readonly isStop: boolean
  readonly onChoose: (isAdding: boolean) => void
}): ReactElement {
  // What was failing when it was last seen is not what fails now.
  const isLost = context.connection !== 'connected' && context.connection !== 'connecting'
  const failures = useStore(rowCountsStore, (state) =>
    context.cluster === null || !context.isSelected || isLost
      ? 0
      : (state.byCluster.get(context.cluster)?.failures ?? 0),
  )
  const hosting = useStore(hostingStore, (state) => hostingOf(state.items, context.key))
  const hosted = hosting === null ? '' : `hosted from this machine: ${hostingWord(hosting).toLowerCase()}`
  const state = connectionText(context)
  const name = oneLine(context.name, 200)
  const menu = (): readonly MenuEntry[] => [
    hosting === null
      ? {
          label: 'Host from this machine…',
          icon: 'server',
          onSelect: () => openHostingDialog(context.key, true),
        }
      : { label: 'Stop hosting…', icon: 'stop', onSelect: () => openHostingDialog(context.key, false) },
    ...(hosting === null
      ? []
      : [{ label: 'Show Hosted', icon: 'arrow-right', onSelect: () => openView('hosting') } as const]),
    'rule',
    {
      label: 'Connect again',
      icon: 'reconcile',
      offReason: context.isSelected ? '' : 'The context is not selected',
      onSelect: () => void retryContext(context.key),
    },
  ]
  return (
    <ContextMenu label={`Actions of ${name}`} entries={menu}>
      <div
        role="option"
        aria-selected={context.isSelected}
        aria-label={name}
        aria-description={[
          state,
          failures > 0 ? `${failures} failed` : '',
          context.isReadOnly ? 'read-only' : '',
          hosted,
        ]
          .filter((part) => part !== '')
          .join(', ')}
        tabIndex={isStop ? 0 : -1}
        data-context={context.key}
        data-on={isOn || undefined}
        className={styles.railItem}
        onClick={(event) => onChoose(event.shiftKey || event.ctrlKey || event.metaKey)}
        {...tooltip(
          [name, state, ...(hosted === '' ? [] : [hosted]), context.server, ...context.warnings]
            .map((part) => oneLine(part, 200))
            .join('\n'),
        )}
      >
        <StatusMark shape={connectionShape(context)} />
        <span className={styles.label}>{name}</span>
        {hosting === null ? null : <Icon name="server" size={12} className={styles.hosted} />}
        {context.isReadOnly ? <Icon name="lock" size={12} className={styles.lock} /> : null}
        {failures > 0 ? (
          <span className={styles.pill}>{failures.toLocaleString()}</span>
        ) : context.connection !== 'connected' && context.isSelected && context.lastSeenAt !== null ? (
          <span className={styles.count}>
            <Age at={context.lastSeenAt} suffix=" ago" />
          </span>
        ) : null}
      </div>
    </ContextMenu>
  )
}
