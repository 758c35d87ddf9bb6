/** The left of the Drift tab: the owner's objects as a tree, below it the fields of the selected one. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { useStore } from 'zustand'
import { compileDriftFilter } from '../../../../shared/lib/filter/compile-drift.ts'
import { parseFilter } from '../../../../shared/lib/filter/parse.ts'
import type { DriftField, DriftObject } from '../../../../shared/model/drift.ts'
import { isRecordOnly, isSettled } from '../../../../shared/model/drift.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import { itemOfRef } from '../../../app/routes.ts'
import { uiStore } from '../../../stores/ui-state.ts'
import { IconButton } from '../../../ui/button/button.tsx'
import { classNames } from '../../../ui/class-names/class-names.ts'
import { ActionSymbol, OriginMark, RiskMark } from '../../../ui/drift-marks/drift-marks.tsx'
import {
  actionTitle,
  differingEnds,
  driftSentence,
  driftWord,
  isGuessed,
  shortPath,
  valueText,
  verdictText,
} from '../../../ui/drift-marks/drift-words.ts'
import { Icon } from '../../../ui/icon/icon.tsx'
import { KindBadge } from '../../../ui/kind-badge/kind-badge.tsx'
import { oneLine } from '../../../ui/text/plain-text.ts'
import { clippedTooltip, tooltip } from '../../../ui/tooltip/tooltip.tsx'
import { moveOf, visibleRows } from '../../../ui/tree/tree-rows.ts'
import { driftTree, isInteresting, treeCounts } from './drift-tree.ts'
import type { DriftTreeEntry, DriftTreeGrouping } from './drift-tree.ts'
import styles from './drift-tab.module.css'

const groupPx = 26
const objectPx = 42
const place = '$drift-tree'

export function DriftSide({
  objects,
  contextName,
  selected,
  onSelect,
  onOpen,
}: {
  readonly objects: readonly DriftObject[]
  readonly contextName: string
  readonly selected: DriftObject | null
  readonly onSelect: (object: DriftObject) => void
  /** Enter on an object: into its differences. */
  readonly onOpen: () => void
}): ReactElement {
  const scope = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const grouping: DriftTreeGrouping = useStore(uiStore, (state) =>
    state.tabs[place] === 'kind' ? 'kind' : 'namespace',
  )
  const [isFiltering, setFiltering] = useState(false)
  const [text, setText] = useState('')
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [heading, setHeading] = useState<string | null>(null)
  const shown = useMemo(() => {
    if (text.trim() === '') return objects
    const test = compileDriftFilter(parseFilter(text))
    return objects.filter((object) => test(object, [contextName]))
  }, [objects, text, contextName])
  const entries = useMemo(() => driftTree(shown, grouping), [shown, grouping])
  const rows = useMemo(
    () => visibleRows(entries, (entry) => choices.get(entry.id) ?? (entry.isOpenAtFirst || text.trim() !== '')),
    [entries, choices, text],
  )
  const counts = useMemo(() => treeCounts(objects), [objects])
  const item = selected === null ? null : itemOfRef(selected.ref)
  const at = rows.findIndex((row) =>
    heading !== null ? row.item.id === heading : row.item.object !== null && itemOfRef(row.item.object.ref) === item,
  )
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.item.object === null ? groupPx : objectPx),
    overscan: 8,
    initialRect: { width: 272, height: 400 },
  })
  useEffect(() => virtualizer.measure(), [rows, virtualizer])
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at, { align: 'auto' })
  }, [at, virtualizer])
  // A link to an object that does not drift opens what it stands in.
  useEffect(() => {
    if (selected === null || isInteresting(selected)) return
    const holder = entries.find(
      (entry) => entry.object !== null && itemOfRef(entry.object.ref) === itemOfRef(selected.ref),
    )
    const parent = holder?.parent ?? null
    if (parent !== null) setChoices((before) => (before.has(parent) ? before : new Map(before).set(parent, true)))
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only another selection opens a heading
  }, [item])
  useEffect(() => {
    if (isFiltering) input.current?.focus()
  }, [isFiltering])

  const choose = (entry: DriftTreeEntry): void => {
    if (entry.object === null) return setHeading(entry.id)
    setHeading(null)
    onSelect(entry.object)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / objectPx) - 1)
    const move = moveOf(rows, at, event.key, page)
    if (move === null) return
    event.preventDefault()
    event.stopPropagation()
    if ('toggle' in move) {
      setChoices((before) => new Map(before).set(move.toggle.id, move.isExpanded))
      setHeading(move.toggle.id)
    } else if ('open' in move) {
      if (move.open.object === null) setChoices((before) => new Map(before).set(move.open.id, !rows[at]?.isExpanded))
      else onOpen()
    } else {
      const row = rows[move.to]
      if (row !== undefined) choose(row.item)
    }
  }
  const rowId = (index: number): string => `${scope}-${index}`
  const virtual = virtualizer.getVirtualItems()
  return (
    <section className={styles.objects} aria-label="Drifted objects">
      <div className={styles.sideHead}>
        <span className={styles.nowrap}>{counts.objects}</span>
        <span className={styles.sideFaint} {...clippedTooltip(counts.details)}>
          {counts.details}
        </span>
        <span className={styles.sideEnd}>
          <IconButton
            icon="filter"
            size="small"
            label="Filter objects"
            aria-pressed={isFiltering}
            onClick={() => {
              setFiltering(!isFiltering)
              setText('')
            }}
          />
          <IconButton
            icon="tree"
            size="small"
            label={grouping === 'kind' ? 'Group by namespace' : 'Group by kind'}
            onClick={() =>
              uiStore.setState((state) => ({
                tabs: { ...state.tabs, [place]: grouping === 'kind' ? 'namespace' : 'kind' },
              }))
            }
          />
        </span>
      </div>
      {isFiltering ? (
        <div className={styles.sideFilter}>
          <input
            ref={input}
            role="searchbox"
            aria-label="Filter objects"
            placeholder="manager: risk:high kind: name"
            spellCheck={false}
            maxLength={300}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              event.preventDefault()
              event.stopPropagation()
              setText('')
              setFiltering(false)
            }}
          />
        </div>
      ) : null}
      <div
        ref={scroller}
        role="tree"
        aria-label="Drifted objects"
        aria-activedescendant={at >= 0 && virtual.some(({ index }) => index === at) ? rowId(at) : undefined}
        tabIndex={0}
        className={styles.tree}
        onKeyDown={onKeyDown}
      >
        {rows.length === 0 ? <p className={styles.nothing}>No object matches.</p> : null}
        <div role="presentation" className={styles.treeCanvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtual.map(({ index, start }) => {
            const row = rows[index]
            if (row === undefined) return null
            const { item: entry } = row
            const isHere = index === at
            return (
              <div
                key={entry.id}
                id={rowId(index)}
                role="treeitem"
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.setSize}
                aria-expanded={row.isExpandable ? row.isExpanded : undefined}
                aria-selected={isHere}
                aria-label={entry.object === null ? entry.heading : refTitle(entry.object.ref)}
                aria-description={entry.object === null ? entry.count.toLocaleString() : sentenceOf(entry.object)}
                className={classNames(entry.object === null ? styles.group : styles.item)}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => {
                  if (entry.object === null) setChoices((before) => new Map(before).set(entry.id, !row.isExpanded))
                  choose(entry)
                }}
                onDoubleClick={() => entry.object !== null && onOpen()}
              >
                {entry.object === null ? (
                  <>
                    <Icon name={row.isExpanded ? 'chevron-down' : 'chevron-right'} size={12} />
                    <span className={styles.clip}>{oneLine(entry.heading, 253)}</span>
                    <span className={styles.groupCount}>{entry.count.toLocaleString()}</span>
                  </>
                ) : (
                  <ObjectLines object={entry.object} />
                )}
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

function sentenceOf(object: DriftObject): string {
  const risk = isSettled(object.action) ? `, ${object.risk.level} risk` : ''
  return `${object.ref.kind}, ${driftSentence(object)}${risk}`
}

function ObjectLines({ object }: { readonly object: DriftObject }): ReactElement {
  const isDrifting = isInteresting(object)
  const text = object.rule !== '' ? object.rule : object.risk.text !== '' ? object.risk.text : object.summary
  return (
    <>
      <span {...tooltip(actionTitle(object))}>
        <ActionSymbol action={object.action} isClusterSeen isQuiet={isRecordOnly(object)} />
      </span>
      <span className={styles.objectName} {...clippedTooltip(refTitle(object.ref))}>
        {oneLine(object.ref.name, 253)}
      </span>
      <span className={classNames(styles.objectCount, (!isDrifting || isRecordOnly(object)) && styles.faint)}>
        {driftWord(object)}
      </span>
      <span className={styles.secondLine}>
        <KindBadge kind={object.ref.kind} group={object.ref.group} />
        {isDrifting && isSettled(object.action) ? <RiskMark level={object.risk.level} /> : null}
        <span className={styles.clip} {...clippedTooltip(oneLine(text, 300))}>
          {oneLine(text, 200)}
        </span>
      </span>
    </>
  )
}

/** Fields of the selected object, Git first, then the cluster. */
export function FieldList({
  object,
  fields,
  current,
  onField,
}: {
  readonly object: DriftObject
  readonly fields: readonly DriftField[]
  readonly current: string | null
  readonly onField: (field: string) => void
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const captionAt = (index: number): string => {
    const verdict = fields[index]?.verdict
    const isQuiet = verdict === 'notOwned' || verdict === 'ignored' || verdict === 'record'
    return isQuiet && fields[index - 1]?.verdict !== verdict ? captions[verdict] : ''
  }
  const virtualizer = useVirtualizer({
    count: fields.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => fieldPx + (captionAt(index) === '' ? 0 : captionPx),
    overscan: 6,
    initialRect: { width: 272, height: 300 },
  })
  useEffect(() => virtualizer.measure(), [fields, virtualizer])
  const at = fields.findIndex(({ key }) => key === current)
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at, { align: 'auto' })
  }, [at, virtualizer])
  return (
    <section className={styles.fields} style={{ height: 37 + Math.min(virtualizer.getTotalSize(), 2000) }}>
      <div className={styles.sideHead}>
        <span className={styles.clip}>Fields of {oneLine(refTitle(object.ref), 300)}</span>
        <span className={styles.sideFaint}>Git, then cluster</span>
      </div>
      <div ref={scroller} className={styles.fieldList}>
        <ul
          aria-label={`Fields of ${refTitle(object.ref)}`}
          className={styles.fieldCanvas}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const field = fields[index]
            if (field === undefined) return null
            const caption = captionAt(index)
            return (
              <li
                key={field.key}
                aria-setsize={fields.length}
                aria-posinset={index + 1}
                aria-current={field.key === current ? 'true' : undefined}
                style={{ transform: `translateY(${start}px)` }}
              >
                {caption === '' ? null : <span className={styles.fieldCaption}>{caption}</span>}
                <button
                  type="button"
                  className={styles.field}
                  onClick={() => onField(field.key)}
                  {...tooltip(tooltipOf(field))}
                >
                  <span className={styles.path}>{shortPath(oneLine(field.path, 500), 38)}</span>
                  <span className={styles.values}>
                    <FieldValues field={field} />
                  </span>
                  <span className={styles.by}>
                    {isGuessed(field) ? 'probably ' : ''}
                    {oneLine(field.blame?.manager ?? '', 80)}
                  </span>
                </button>
              </li>
            )
          })}
        </ul>
      </div>
    </section>
  )
}

const fieldPx = 44
const captionPx = 22
const captions = {
  ignored: 'Ignored by rule',
  notOwned: 'Owned by others, not in Git',
  record: 'Owned by others too, as in Git',
} as const

function FieldValues({ field }: { readonly field: DriftField }): ReactElement {
  if (field.verdict === 'record')
    return (
      <>
        <OriginMark origin="cluster" isSmall />
        <span className={styles.value}>holds {oneLine(field.liveValue ?? '', 200)}</span>
      </>
    )
  if (field.isSecret)
    return (
      <>
        <OriginMark origin="none" isSmall />
        {field.change === 'changed' ? 'value changed' : field.change === 'added' ? 'value added' : 'value removed'}
      </>
    )
  const [git, live] = differingEnds(
    oneLine(valueText(field.gitValue, false), 600),
    oneLine(valueText(field.liveValue, false), 600),
  )
  return (
    <>
      <OriginMark origin="git" isSmall />
      <span className={styles.value}>{git.slice(0, 200)}</span>
      <Icon name="arrow-right" size={12} />
      <OriginMark origin="cluster" isSmall />
      <span className={styles.value}>{live.slice(0, 200)}</span>
    </>
  )
}

function tooltipOf(field: DriftField): string {
  if (field.verdict === 'record')
    return `${oneLine(field.path, 300)}\nholds ${oneLine(field.liveValue ?? '', 600)}\n${verdictText(field)}`
  const values = field.isSecret
    ? ''
    : `\n${oneLine(valueText(field.gitValue, false), 200)} → ${oneLine(valueText(field.liveValue, false), 200)}`
  return `${oneLine(field.path, 300)}\n${verdictText(field)}${values}`
}
