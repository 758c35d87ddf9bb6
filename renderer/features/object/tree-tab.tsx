/** The tree of what an object owns, down to pods, with details at the right. */
import { useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import { useCommands } from '../../stores/commands.ts'
import { openObject } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Segmented } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { Split } from '../../ui/split/split.tsx'
import { StatusMark, StatusText } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { TreeGrid } from '../../ui/tree/tree-grid.tsx'
import type { TreeColumn } from '../../ui/tree/tree-grid.tsx'
import { visibleRows } from '../../ui/tree/tree-rows.ts'
import { DetailsPanel } from './details-panel.tsx'
import { countTree, openAtFirst, treeEntries } from './tree-model.ts'
import type { TreeEntry, TreeGrouping } from './tree-model.ts'
import { panelWidth, selectedTreeNode, selectTreeNode, setPanelWidth } from './tree-selection.ts'
import styles from './tree-tab.module.css'

const groupings: readonly { readonly value: TreeGrouping; readonly label: string }[] = [
  { value: 'namespace', label: 'Namespace' },
  { value: 'kind', label: 'Kind' },
  { value: 'order', label: 'Apply order' },
]

const columns: readonly TreeColumn<TreeEntry>[] = [
  {
    id: 'status',
    header: 'Status',
    cell: ({ node }) =>
      node !== null && (
        <span className={styles.status}>
          <StatusMark word={node.status} />
          <StatusText word={node.status} />
        </span>
      ),
  },
  { id: 'message', header: 'Message', cell: ({ node }) => node !== null && <Message node={node} /> },
  { id: 'ready', header: 'Ready', align: 'end', className: styles.ready, cell: ({ node }) => node?.ready ?? '' },
  {
    id: 'age',
    header: 'Age',
    align: 'end',
    className: styles.age,
    cell: ({ node }) => node !== null && node.createdAt !== null && <Age at={node.createdAt} isShort />,
  },
]

function Message({ node }: { readonly node: TreeNode }): ReactElement {
  const text = node.cause !== '' ? node.cause : (node.problem?.message ?? node.message)
  if (node.cause === '')
    return (
      <span className={styles.message} {...clippedTooltip(manyLines(text, 1000))}>
        {oneLine(text, 400)}
      </span>
    )
  return (
    <span className={styles.cause} {...clippedTooltip(manyLines(text, 1000))}>
      <Icon name="alert" size={14} />
      <span className={styles.clip}>{oneLine(text, 400)}</span>
    </span>
  )
}

export function TreeTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const stream = useStream('tree.watch', { ref: reference })
  const [grouping, setGrouping] = useState<TreeGrouping>('namespace')
  const [isNotReadyOnly, setNotReadyOnly] = useState(false)
  /** What the person opened or closed against the default. */
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map())
  const isNarrow = useIsNarrow()
  const [isDetailsOpen, setDetailsOpen] = useState(!isNarrow)
  const cursor = useStore(uiStore, (state) => selectedTreeNode(state.tabs, reference))
  const width = useStore(uiStore, (state) => panelWidth(state.panels, 'details', 404))

  const entries = useMemo(
    () => treeEntries(stream.items.values(), grouping, isNotReadyOnly),
    [stream.items, grouping, isNotReadyOnly],
  )
  const byDefault = useMemo(() => openAtFirst(entries), [entries])
  // What was opened to show a problem stays open when the problem goes: nothing closes under the eyes of who reads it.
  const [opened, setOpened] = useState({ last: byDefault, ids: byDefault })
  if (opened.last !== byDefault) setOpened({ last: byDefault, ids: new Set([...opened.ids, ...byDefault]) })
  const rows = useMemo(
    () => visibleRows(entries, (entry) => choices.get(entry.id) ?? (isNotReadyOnly || opened.ids.has(entry.id))),
    [entries, choices, isNotReadyOnly, opened],
  )
  useCommands({ preview: () => setDetailsOpen((isOpen) => !isOpen) })
  const counts = useMemo(() => countTree(stream.items.values()), [stream.items])

  // A selection made elsewhere ("Show cause") is brought into sight once: what lies above it opens.
  useEffect(() => {
    if (cursor === null || rows.some((row) => row.item.id === cursor)) return
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    const above: string[] = []
    for (let at = byId.get(cursor)?.parent ?? null; at !== null; at = byId.get(at)?.parent ?? null) {
      if (above.includes(at)) break
      above.push(at)
    }

    if (above.length > 0) setChoices((before) => new Map([...before, ...above.map((id) => [id, true] as const)]))
    // eslint-disable-next-line react-hooks/exhaustive-deps -- rows follow from entries and choices
  }, [cursor, entries])

  if (stream.error !== null && stream.items.size === 0)
    return (
      <ViewState
        shape={stream.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title="The tree could not be read"
        detail={manyLines(stream.error.detail, 2000)}
      >
        {manyLines(stream.error.message, 2000)}
      </ViewState>
    )
  if (!stream.isReady && stream.items.size === 0) return <SkeletonRows label="Loading the tree" />
  if (stream.items.size === 0)
    return (
      <ViewState shape="empty" title="Nothing in the inventory">
        This object applies nothing and owns nothing.
      </ViewState>
    )

  const selected = cursor === null ? undefined : stream.items.get(cursor)
  const hasMatches = !isNotReadyOnly || counts.notReady > 0
  return (
    <Split
      label="Resize details"
      width={width}
      min={320}
      max={640}
      onWidth={(next) => setPanelWidth('details', next)}
      main={
        <>
          <div className={styles.tools}>
            <Segmented label="Group by" value={grouping} options={groupings} onChange={setGrouping} />
            <span className={styles.count}>{countText(counts, stream.isReady)}</span>
            <Checkbox
              label="Not ready only"
              checked={isNotReadyOnly}
              onChange={() => setNotReadyOnly(!isNotReadyOnly)}
              className={styles.filter}
            >
              Not ready only
            </Checkbox>
          </div>
          {hasMatches ? (
            <TreeGrid
              label="Tree"
              rows={rows}
              template={
                isNarrow
                  ? 'minmax(200px, 1.2fr) 104px minmax(0, 1fr) 48px 44px'
                  : 'minmax(230px, 1.25fr) 112px minmax(0, 1fr) 56px 48px'
              }
              treeHeader="Object"
              treeCell={(entry) => <TreeName entry={entry} root={reference} grouping={grouping} />}
              columns={columns}
              rowLabel={(entry) =>
                entry.node === null
                  ? entry.heading
                  : `${entry.node.shortKind} ${nameInTree(entry, reference, grouping)}`
              }
              cursor={cursor}
              onCursor={(entry) => {
                selectTreeNode(reference, entry.id)
                if (entry.node !== null && !isNarrow) setDetailsOpen(true)
              }}
              onToggle={(entry, isExpanded) => setChoices((before) => new Map(before).set(entry.id, isExpanded))}
              onOpen={(entry) => {
                if (entry.node === null) return
                if (refKey(entry.node.ref) !== refKey(reference)) openObject(entry.node.ref)
                else setDetailsOpen(true)
              }}
            />
          ) : (
            <ViewState shape="ready" title="Everything is ready">
              None of {(counts.inventory + counts.owned).toLocaleString()} objects is failed or in progress.
            </ViewState>
          )}
        </>
      }
      side={
        isDetailsOpen && selected !== undefined ? (
          <DetailsPanel key={selected.key} node={selected} onClose={() => setDetailsOpen(false)} />
        ) : null
      }
    />
  )
}

function countText({ inventory, owned }: ReturnType<typeof countTree>, isReady: boolean): string {
  if (inventory + owned === 0) return isReady ? 'It owns nothing' : 'loading…'
  const text = `${inventory.toLocaleString()} in the inventory, ${owned.toLocaleString()} owned by them`
  return isReady ? text : `${text}, loading…`
}

/** The root carries its namespace; below a namespace's heading names stand alone. */
function nameInTree(entry: TreeEntry, root: ObjectRef, grouping: TreeGrouping): string {
  if (entry.node === null) return entry.heading
  const { ref } = entry.node
  return refKey(ref) === refKey(root) || grouping !== 'namespace' ? refTitle(ref) : ref.name
}

function TreeName({
  entry,
  root,
  grouping,
}: {
  readonly entry: TreeEntry
  readonly root: ObjectRef
  readonly grouping: TreeGrouping
}): ReactElement {
  if (entry.node === null)
    return (
      <span className={styles.heading}>
        {grouping === 'namespace' && <KindBadge kind="Namespace" group="" />}
        {oneLine(entry.heading, 253)} <span className={styles.faint}>{entry.count.toLocaleString()}</span>
      </span>
    )
  const { node } = entry
  const name = nameInTree(entry, root, grouping)
  const isOwned = node.ref.kind === 'Pod' || node.ref.kind === 'ReplicaSet'
  return (
    <>
      <KindBadge kind={node.ref.kind} short={node.shortKind} />
      <span className={classNames(styles.name, isOwned && styles.lite)} {...clippedTooltip(name)}>
        {oneLine(name, 300)}
      </span>
    </>
  )
}
