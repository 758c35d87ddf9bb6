/**
 * The command palette (Ctrl/Cmd+K): every object, every action on it, every view. `>` shows actions only, Tab the actions of the object
 * under the cursor. It opens plans and places; it never changes a cluster by itself.
 */
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import { refTitle } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { keymap, keysOf } from '../../app/keymap.ts'
import type { CommandId } from '../../app/keymap.ts'
import { formatLink, objectRoute } from '../../app/routes.ts'
import type { ViewEntry } from '../../app/views.tsx'
import { copyText, openPlanDialog, pickKubeconfig, updateSettings } from '../../stores/actions.ts'
import { canRunCommand, runCommand } from '../../stores/commands.ts'
import { contextsStore, selectContexts } from '../../stores/contexts.ts'
import { driftStore } from '../../stores/drift.ts'
import { compareAgain } from '../../stores/drift-actions.ts'
import { openHandOver } from '../../stores/hand-over.ts'
import { openApplyNow, openApproval, openHostingDialog, openModeDialog } from '../../stores/hosting-actions.ts'
import { hostingOf, hostingStore } from '../../stores/hosting.ts'
import { viewOfKind } from '../../stores/kind-views.ts'
import { openDrift, openObject, openView } from '../../stores/navigation.ts'
import { openFolder } from '../../stores/repositories.ts'
import { allRows, rowsStore } from '../../stores/rows.ts'
import { contextOfRow, isRowStale, lockOfRow, useRowScene } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { DriftBadge } from '../../ui/drift-marks/drift-marks.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import type { IconName } from '../../ui/icon/icon.tsx'
import { Keys } from '../../ui/kbd/kbd.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { actionsOfRow, findRows, markWords, splitAction, wordsOf } from './palette-model.ts'
import type { RowAction, RowActionName } from './palette-model.ts'
import styles from './shell.module.css'

interface Entry {
  readonly id: string
  readonly group: 'Actions' | 'Objects' | 'Views' | 'Filters'
  readonly label: string
  readonly mark: ReactNode
  readonly where?: string
  readonly end?: ReactNode
  readonly row?: FluxRow
  /** Why it cannot be done now; absent: it can. */
  readonly offReason?: string
  readonly run: () => void
}

const maxObjects = 40
const maxActionObjects = 6

export function Palette({
  views,
  onClose,
}: {
  readonly views: readonly ViewEntry[]
  readonly onClose: () => void
}): ReactElement {
  const id = useId()
  const scene = useRowScene()
  const version = useStore(rowsStore, (state) => Math.floor(state.version / 20))
  const [text, setText] = useState('')
  const [subject, setSubject] = useState<FluxRow | null>(null)
  const [cursor, setCursor] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const query = useDeferredValue(text)
  const isActionsOnly = query.startsWith('>')
  const words = useMemo(() => wordsOf(query.replace(/^>/, '')), [query])
  const entries = useMemo(
    () => (subject === null ? entriesOf(words, isActionsOnly, scene, views) : subjectEntries(subject, words, scene)),
    // Rows change in place; `version` stands for them, coarsely, so that results do not dance.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [words, isActionsOnly, scene, views, subject, version],
  )
  const at = Math.min(cursor, entries.length - 1)

  useEffect(() => {
    const before = document.activeElement
    input.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' })
  }, [at, entries])

  const run = (entry: Entry | undefined): void => {
    if (entry === undefined || entry.offReason !== undefined) return
    onClose()
    // After the palette is gone and the focus is back where it was: dialogs remember it.
    queueMicrotask(entry.run)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation()
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      const next = at + step
      setCursor(
        Math.abs(step) === 1
          ? (next + entries.length) % Math.max(1, entries.length)
          : Math.max(0, Math.min(entries.length - 1, next)),
      )
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(entries[at])
    } else if (event.key === 'Tab') {
      event.preventDefault()
      const row = entries[at]?.row
      if (row === undefined || subject !== null) return
      setSubject(row)
      setText('')
      setCursor(0)
    } else if (event.key === 'Escape' || (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault()
      if (subject === null || event.key !== 'Escape') return onClose()
      setSubject(null)
      setCursor(0)
    } else if (event.key === 'Backspace' && text === '' && subject !== null) setSubject(null)
  }
  return (
    <div className={styles.scrim} onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
      <div
        className={styles.palette}
        role="dialog"
        aria-modal="true"
        aria-label="Command palette"
        onKeyDown={onKeyDown}
      >
        <div className={styles.query}>
          <Icon name="search" />
          {subject === null ? null : (
            <span className="muted" style={{ whiteSpace: 'nowrap' }}>
              {oneLine(refTitle(subject.ref), 60)} ›
            </span>
          )}
          <input
            ref={input}
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-results`}
            aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
            aria-label={subject === null ? 'Search objects or run a command' : `Actions of ${refTitle(subject.ref)}`}
            placeholder={subject === null ? 'Objects, actions, views' : 'Actions'}
            spellCheck={false}
            autoComplete="off"
            maxLength={300}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setCursor(0)
            }}
          />
          <Keys keys="Escape" />
        </div>
        <div ref={list} className={styles.results} role="listbox" id={`${id}-results`} aria-label="Results">
          {entries.length === 0 ? (
            <div className={styles.nothing}>Nothing matches “{text}”</div>
          ) : (
            entries.map((entry, position) => (
              <PaletteRow
                key={entry.id}
                id={`${id}-${position}`}
                entry={entry}
                words={words}
                isFirstOfGroup={entries[position - 1]?.group !== entry.group}
                isSelected={position === at}
                onHover={() => setCursor(position)}
                onRun={() => run(entry)}
              />
            ))
          )}
        </div>
        <div className={styles.paletteFoot} aria-hidden="true">
          <span>
            <Keys keys="ArrowUp" />
            <Keys keys="ArrowDown" /> move
          </span>
          <span>
            <Keys keys="Enter" /> run
          </span>
          <span>
            <Keys keys="Tab" /> actions of the object
          </span>
          <span>
            <Keys keys=">" /> actions only
          </span>
        </div>
      </div>
    </div>
  )
}

function PaletteRow({
  id,
  entry,
  words,
  isFirstOfGroup,
  isSelected,
  onHover,
  onRun,
}: {
  readonly id: string
  readonly entry: Entry
  readonly words: readonly string[]
  readonly isFirstOfGroup: boolean
  readonly isSelected: boolean
  readonly onHover: () => void
  readonly onRun: () => void
}): ReactElement {
  return (
    <>
      {isFirstOfGroup ? (
        <div className={styles.group} role="presentation">
          {entry.group}
        </div>
      ) : null}
      <div
        id={id}
        role="option"
        aria-selected={isSelected}
        aria-disabled={entry.offReason === undefined ? undefined : true}
        className={styles.result}
        onPointerMove={isSelected ? undefined : onHover}
        onClick={onRun}
      >
        {entry.mark}
        {entry.row !== undefined && entry.group === 'Objects' ? (
          <KindBadge group={entry.row.ref.group} kind={entry.row.ref.kind} />
        ) : null}
        <span className={styles.resultTitle}>
          {markWords(entry.label, words).map(([part, isMarked], index) =>
            // Parts have no identity but their place.
            isMarked ? <mark key={index}>{part}</mark> : <span key={index}>{part}</span>,
          )}
        </span>
        {entry.where === undefined ? null : <span className={styles.where}>{entry.where}</span>}
        {entry.offReason === undefined ? null : <span className={styles.where}>{entry.offReason}</span>}
        {entry.end === undefined ? null : <span className={styles.resultEnd}>{entry.end}</span>}
      </div>
    </>
  )
}

const iconOfAction: Readonly<Record<RowActionName, IconName>> = {
  open: 'arrow-right',
  drift: 'drift',
  compare: 'reconcile',
  suspend: 'water',
  resume: 'water',
  mode: 'water',
  approve: 'shield-check',
  applyNow: 'play',
  reconcile: 'reconcile',
  reconcileWithSource: 'reconcile',
  force: 'bolt',
  reset: 'reset',
  copyLink: 'link',
}

const keysOfAction: Readonly<Partial<Record<RowActionName, CommandId>>> = {
  open: 'open',
  drift: 'drift',
  suspend: 'gate',
  resume: 'gate',
  reconcile: 'reconcile',
  reconcileWithSource: 'reconcileWithSource',
}

/** What needs no live cluster. */
const lookingActions: ReadonlySet<RowActionName> = new Set(['open', 'drift', 'copyLink'])

function rowActionEntry(action: RowAction, row: FluxRow, scene: RowScene, isNamed: boolean): Entry {
  const keys = keysOfAction[action.name]
  const isOff = !lookingActions.has(action.name) && isRowStale(row, scene)
  return {
    id: `action ${action.name} ${row.key}`,
    group: 'Actions',
    label: isNamed ? `${action.label} ${oneLine(refTitle(row.ref), 120)}` : action.label,
    mark: <Icon name={iconOfAction[action.name]} size={14} />,
    ...(isNamed ? { where: contextOfRow(row, scene)?.name ?? '' } : {}),
    ...(keys === undefined ? {} : { end: <Keys keys={keysOf(keys)} /> }),
    row,
    ...(isOff ? { offReason: lockOfRow(row, scene) } : {}),
    run: () => runRowAction(action.name, row, scene),
  }
}

function runRowAction(name: RowActionName, row: FluxRow, scene: RowScene): void {
  if (name === 'open') return openObject(row.ref)
  if (name === 'drift') return openDrift(row.ref)
  if (name === 'compare') {
    openDrift(row.ref)
    return void compareAgain(row.ref)
  }
  if (name === 'mode') return openModeDialog(row.ref, row.mode === 'held' ? 'manual' : 'held')
  if (name === 'approve') return openApproval(row.ref)
  if (name === 'applyNow') return openApplyNow(row.ref)
  if (name !== 'copyLink') return openPlanDialog(name, [row.ref])
  const context = contextOfRow(row, scene)
  if (context !== null) void copyText(formatLink(objectRoute(context.key, row.ref)), 'Link')
}

function subjectEntries(row: FluxRow, words: readonly string[], scene: RowScene): readonly Entry[] {
  return actionsOfRow(row)
    .filter((action) => words.every((word) => `${action.label} ${action.words}`.toLowerCase().includes(word)))
    .map((action) => rowActionEntry(action, row, scene, false))
}

function entriesOf(
  words: readonly string[],
  isActionsOnly: boolean,
  scene: RowScene,
  views: readonly ViewEntry[],
): readonly Entry[] {
  const contextName = (row: FluxRow): string => contextOfRow(row, scene)?.name ?? ''
  const matches = (label: string): boolean => words.every((word) => label.toLowerCase().includes(word))
  const actions: Entry[] = splitAction(words).flatMap(({ action, rest }) =>
    findRows(allRows().values(), rest, maxActionObjects, contextName)
      .filter((row) => actionsOfRow(row).some((each) => each.name === action.name))
      .map((row) => rowActionEntry(action, row, scene, true)),
  )
  for (const binding of keymap) {
    if (['next', 'previous', 'extendNext', 'extendPrevious', 'palette', 'escape', 'open'].includes(binding.command))
      continue
    if (!matches(binding.label) || !canRunCommand(binding.command)) continue
    actions.push({
      id: `command ${binding.command}`,
      group: 'Actions',
      label: binding.label,
      mark: <Icon name="terminal" size={14} />,
      end: <Keys keys={keysOf(binding.command)} />,
      run: () => void runCommand(binding.command),
    })
  }
  for (const { label, icon, run } of [...windowActions, ...hostingActions()])
    if (matches(label))
      actions.push({ id: `window ${label}`, group: 'Actions', label, mark: <Icon name={icon} size={14} />, run })
  const [sha] = words
  if (words.length === 1 && sha !== undefined && isCommit(sha))
    actions.unshift({
      id: 'where',
      group: 'Actions',
      label: `Where is commit ${sha.slice(0, 12)}?`,
      mark: <Icon name="commit" size={14} />,
      run: () => openView('history', `commit:${sha}`),
    })
  if (isActionsOnly) return actions
  const [action] = splitAction(words)
  const found = findRows(allRows().values(), words, maxObjects, contextName)
  // `sus apps` means the objects called apps, where none is called by both words.
  const named =
    found.length > 0 || action === undefined
      ? found
      : findRows(allRows().values(), action.rest, maxObjects, contextName)
  const objects = named.map((row): Entry => {
    const word = isRowStale(row, scene) ? 'Stale' : row.status.word
    const drifted = driftStore.getState().items.get(row.key)?.driftedCount ?? 0
    return {
      id: `object ${row.key}`,
      group: 'Objects',
      label: oneLine(refTitle(row.ref), 120),
      mark: <StatusMark word={word} />,
      where: contextName(row),
      end: drifted > 0 ? <DriftBadge count={drifted} /> : <Age at={row.lastAppliedAt ?? row.createdAt} isShort />,
      row,
      run: () => openObject(row.ref),
    }
  })
  const places = views
    .filter((view) => view.place !== 'hidden' && matches(view.title))
    .map((view): Entry => ({
      id: `view ${view.name}`,
      group: 'Views',
      label: view.title,
      mark: <Icon name={view.icon} size={14} />,
      run: () => openView(view.name),
    }))
  const filters = words.length === 0 ? [] : filterEntries(words, views)
  // With nothing typed the views come first: the palette is then a map.
  return words.length === 0 ? [...places, ...actions] : [...actions.slice(0, 8), ...objects, ...places, ...filters]
}

/** As much of a hash as people copy; `deadbeef` of a name is found among the objects beside it. */
function isCommit(word: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(word) && /\d/.test(word)
}

function filterEntries(words: readonly string[], views: readonly ViewEntry[]): readonly Entry[] {
  const text = words.join(' ')
  const counts = new Map<string, number>()
  for (const row of allRows().values()) {
    const view = viewOfKind(row.ref.group, row.ref.kind)
    if (view !== null && refTitle(row.ref).toLowerCase().includes(text)) counts.set(view, (counts.get(view) ?? 0) + 1)
  }
  return views
    .filter((view) => (counts.get(view.name) ?? 0) > 1)
    .map((view): Entry => ({
      id: `filter ${view.name}`,
      group: 'Filters',
      label: `${view.title}: ${text}`,
      mark: <Icon name="filter" size={14} />,
      end: counts.get(view.name)?.toLocaleString(),
      run: () => openView(view.name, text),
    }))
}

/** Hosted mode, for each context. */
function hostingActions(): typeof windowActions {
  const hostings = hostingStore.getState().items
  return selectContexts(contextsStore.getState().items).flatMap(({ key, name }) => {
    const isOn = hostingOf(hostings, key) !== null
    const label = isOn ? `Stop hosting ${oneLine(name, 120)}…` : `Host ${oneLine(name, 120)} from this machine…`
    const toggle = { label, icon: 'server', run: () => openHostingDialog(key, !isOn) } as const
    const move = {
      label: `Move Flux into ${oneLine(name, 120)}…`,
      icon: 'server',
      run: () => openHandOver(key),
    } as const
    return isOn ? [toggle, move] : [toggle]
  })
}

/** The Drift view in another grouping; the view reads it from the window's state. */
function openDriftBy(grouping: string): void {
  uiStore.setState((state) => ({ tabs: { ...state.tabs, '$drift-grouping': grouping } }))
  openView('drift')
}

const windowActions: readonly { readonly label: string; readonly icon: IconName; readonly run: () => void }[] = [
  { label: 'Open a kubeconfig…', icon: 'plus', run: () => void pickKubeconfig() },
  { label: 'Drift by field manager', icon: 'drift', run: () => openDriftBy('manager') },
  { label: 'Drift with high risk', icon: 'drift', run: () => openView('drift', 'risk:high') },
  { label: 'Open a repository folder…', icon: 'repo', run: () => void openFolder() },
  { label: 'Theme: light', icon: 'sun', run: () => void updateSettings({ theme: 'light' }) },
  { label: 'Theme: dark', icon: 'moon', run: () => void updateSettings({ theme: 'dark' }) },
  { label: 'Theme: as the system', icon: 'monitor', run: () => void updateSettings({ theme: 'system' }) },
]
