/** Columns of the lists: what each is called, how wide it is, how it sorts and what it draws. One table for all categories. */
import type { ReactNode } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { Category, FluxRow } from '../../../shared/model/rows.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { DriftBadge } from '../../ui/drift-marks/drift-marks.tsx'
import { Gate } from '../../ui/gate/gate.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import type { IconName } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark, StatusText } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { formatDuration, formatTimeOfDay, formatRevision } from '../../ui/time/format-time.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { pressGate } from '../../stores/actions.ts'
import { driftCellOf, driftStore, useDriftOwner } from '../../stores/drift.ts'
import { contextOfRow, gateOfRow, isRowStale, suspendNote, titleOfRow } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import { compareRows, statusRank } from '../../../shared/lib/row-order.ts'
import { compareIdentity } from './row-index.ts'
import type { Compare } from './row-index.ts'
import styles from './lists.module.css'

export type ColumnId =
  | 'gate'
  | 'kind'
  | 'name'
  | 'namespace'
  | 'context'
  | 'source'
  | 'target'
  | 'revision'
  | 'status'
  | 'details'
  | 'inventory'
  | 'interval'
  | 'parent'
  | 'suspendedBy'
  | 'version'
  | 'drift'
  | 'applied'
  | 'age'

export interface Column {
  readonly id: ColumnId
  readonly label: string
  /** CSS grid track. */
  readonly width: string
  readonly isRight?: boolean
  /** Gone below 1120 px. */
  readonly isWideOnly?: boolean
  /** What the column sorts by; null sorts last. Absent: it does not sort. */
  readonly value?: (row: FluxRow, scene: RowScene) => string | number | null
  readonly render: (row: FluxRow, scene: RowScene) => ReactNode
}

const iconOfSource: Readonly<Record<string, IconName>> = {
  GitRepository: 'source',
  OCIRepository: 'image',
  Bucket: 'folder',
  HelmRepository: 'repo',
  HelmChart: 'helm',
  ExternalArtifact: 'external',
}

function clipped(text: string, className?: string): ReactNode {
  const shown = oneLine(text)
  return (
    <span className={classNames('clip', styles.block, className)} {...clippedTooltip(shown)}>
      {shown}
    </span>
  )
}

/** What the status column says after the word: for a closed gate who, why and until; else the last message, verbatim. */
export function messageOfRow(row: FluxRow, now: number): string {
  if (row.status.word === 'Suspended' || row.status.word === 'Held') {
    const note = suspendNote(row)
    const until = row.suspend?.isTrusted === true ? row.suspend.resumeAt : null
    if (until !== null) return `${note}, ${until < now ? 'past its date' : 'until'} ${formatTimeOfDay(until, now)}`
    if (note !== '') return note
  }
  if (row.status.isOverdue && row.status.word !== 'Failed' && row.status.word !== 'Stalled')
    return `Overdue: not reconciled for more than 2 × interval + timeout${row.status.message === '' ? '' : ` · ${row.status.message}`}`
  return row.status.message
}

function StatusCell({ row, scene }: { readonly row: FluxRow; readonly scene: RowScene }): ReactNode {
  const isStale = isRowStale(row, scene)
  const word = isStale ? 'Stale' : row.status.word
  const isLoud = word === 'Failed' || word === 'Stalled' || row.status.isOverdue
  const isAsked = row.isSuspended === true && scene.approvals.has(row.key)
  const message = isAsked ? 'A plan waits for your approval' : oneLine(messageOfRow(row, Date.now()))
  const snapshotAt = isStale ? (contextOfRow(row, scene)?.snapshotAt ?? null) : null
  const before = row.status.word === 'Stale' && row.status.reason !== '' ? `Was ${row.status.reason}` : 'Snapshot'
  const text = snapshotAt === null ? message : `${before} at ${formatTimeOfDay(snapshotAt, Date.now())} · ${message}`
  return (
    <>
      <StatusMark word={word} />
      <StatusText word={word} className={styles.word} />
      {row.status.isOverdue && !isLoudWord(word) ? <Icon name="alert" size={14} className={styles.overdue} /> : null}
      <span className={classNames(styles.message, isLoud && styles.loud)} {...tooltip(text)}>
        {text}
      </span>
    </>
  )
}

/** Kept current by itself: comparisons end one by one, and a row need not be drawn anew for each. */
function DriftCell({ rowKey, isStale }: { readonly rowKey: string; readonly isStale: boolean }): ReactNode {
  const owner = useDriftOwner(rowKey)
  const cell = driftCellOf(owner, isStale, Date.now())
  const attributes = tooltip(oneLine(cell.why, 400))
  if (cell.kind === 'drifted')
    return (
      <span {...attributes}>
        <DriftBadge count={cell.count} />
      </span>
    )
  return (
    <span
      className={cell.kind === 'equal' ? 'muted' : 'faint'}
      aria-label={driftLabels[cell.kind]}
      role="img"
      {...attributes}
    >
      {driftTexts[cell.kind]}
    </span>
  )
}

const driftTexts = { equal: '0', pending: '…', unknown: '?' } as const
const driftLabels = { equal: 'no drift', pending: 'not yet compared', unknown: 'not known' } as const

function isLoudWord(word: string): boolean {
  return word === 'Failed' || word === 'Stalled'
}

const columnTable: Readonly<Record<ColumnId, Column>> = {
  gate: {
    id: 'gate',
    label: 'Gate',
    width: '44px',
    value: (row) => (row.isSuspended === null ? 2 : row.isSuspended ? 0 : 1),
    render: (row, scene) => {
      const gate = gateOfRow(row, scene)
      if (gate === null) return null
      return (
        <Gate
          title={titleOfRow(row, scene)}
          state={gate.state}
          isOpen={gate.isOpen}
          lockedReason={gate.lockedReason}
          note={oneLine(gate.note)}
          tabIndex={-1}
          onPress={(how) => pressGate(row.ref, gate.isOpen, how)}
        />
      )
    },
  },
  kind: {
    id: 'kind',
    label: 'Kind',
    width: '112px',
    value: (row) => row.ref.kind,
    render: (row) => <KindBadge group={row.ref.group} kind={row.ref.kind} />,
  },
  name: {
    id: 'name',
    label: 'Name',
    width: 'var(--col-name)',
    value: (row) => row.ref.name,
    render: (row) => clipped(row.ref.name, styles.name),
  },
  namespace: {
    id: 'namespace',
    label: 'Namespace',
    width: 'var(--col-namespace)',
    isWideOnly: true,
    value: (row) => row.ref.namespace,
    render: (row) => clipped(row.ref.namespace, 'muted'),
  },
  context: {
    id: 'context',
    label: 'Context',
    width: 'var(--col-context)',
    value: (row, scene) => contextOfRow(row, scene)?.name ?? null,
    render: (row, scene) => clipped(contextOfRow(row, scene)?.name ?? '?', 'muted'),
  },
  source: {
    id: 'source',
    label: 'Source',
    width: '150px',
    isWideOnly: true,
    value: (row) => (row.source === null ? null : refTitle(row.source)),
    render: (row) => (row.source === null ? null : clipped(refTitle(row.source), 'muted')),
  },
  target: {
    id: 'target',
    label: 'Path',
    width: 'minmax(100px, 0.6fr)',
    isWideOnly: true,
    value: (row) => row.target,
    render: (row) => clipped(row.target, 'muted'),
  },
  revision: {
    id: 'revision',
    label: 'Source revision',
    width: 'var(--col-revision)',
    value: (row) => row.revision,
    render: (row) => {
      if (row.revision === '') return <span className="faint">—</span>
      const kind = row.source?.kind ?? row.ref.kind
      return (
        <span className={styles.revision}>
          <Icon name={iconOfSource[kind] ?? 'commit'} size={12} />
          <span className={classNames('sha', 'clip')} {...tooltip(row.revision)}>
            {oneLine(formatRevision(row.revision))}
          </span>
        </span>
      )
    },
  },
  status: {
    id: 'status',
    label: 'Status',
    width: 'minmax(260px, 1.6fr)',
    value: (row) => statusRank(row.status),
    render: (row, scene) => <StatusCell row={row} scene={scene} />,
  },
  details: {
    id: 'details',
    label: 'Details',
    width: 'minmax(100px, 0.6fr)',
    isWideOnly: true,
    render: (row) =>
      clipped(
        Object.entries(row.columns)
          .map(([header, text]) => `${header}: ${text}`)
          .join(' · '),
        'muted',
      ),
  },
  inventory: {
    id: 'inventory',
    label: 'Objects',
    width: '64px',
    isRight: true,
    value: (row) => row.inventoryCount,
    render: (row) => <span className="muted">{row.inventoryCount ?? ''}</span>,
  },
  interval: {
    id: 'interval',
    label: 'Interval',
    width: '64px',
    isRight: true,
    value: (row) => row.intervalMs,
    render: (row) => <span className="muted">{row.intervalMs === null ? '' : formatDuration(row.intervalMs)}</span>,
  },
  parent: {
    id: 'parent',
    label: 'Managed by',
    width: '150px',
    isWideOnly: true,
    value: (row) => (row.parent === null ? null : refTitle(row.parent)),
    render: (row) => (row.parent === null ? null : clipped(refTitle(row.parent), 'muted')),
  },
  suspendedBy: {
    id: 'suspendedBy',
    label: 'Suspended by',
    width: '120px',
    value: (row) => (row.suspend === null ? null : (row.suspend.by ?? row.suspend.manager)),
    render: (row) =>
      row.isSuspended === true
        ? clipped((row.suspend?.isTrusted === true ? row.suspend.by : row.suspend?.manager) ?? '?')
        : null,
  },
  version: {
    id: 'version',
    label: 'API version',
    width: '84px',
    value: (row) => row.version,
    render: (row) => <span className="muted">{row.version}</span>,
  },
  drift: {
    id: 'drift',
    label: 'Drift',
    width: '60px',
    isRight: true,
    value: (row) => {
      const owner = driftStore.getState().items.get(row.key)
      return owner === undefined || owner.checkedAt === null ? null : -owner.driftedCount
    },
    render: (row, scene) => <DriftCell rowKey={row.key} isStale={isRowStale(row, scene)} />,
  },
  applied: {
    id: 'applied',
    label: 'Applied',
    width: '66px',
    isRight: true,
    value: (row) => (row.lastAppliedAt === null ? null : -row.lastAppliedAt),
    render: (row) => <Age at={row.lastAppliedAt} isShort className="muted" />,
  },
  age: {
    id: 'age',
    label: 'Age',
    width: '48px',
    isRight: true,
    isWideOnly: true,
    value: (row) => (row.createdAt === null ? null : -row.createdAt),
    render: (row) => <Age at={row.createdAt} isShort className="faint" />,
  },
}

export interface ListColumns {
  /** In order; true: shown unless the person hid it. */
  readonly columns: readonly (readonly [id: ColumnId, isDefault: boolean])[]
  /** Labels that say it in the category's words. */
  readonly labels?: Readonly<Partial<Record<ColumnId, string>>>
  /** Where the category's values are longer or shorter than elsewhere. */
  readonly widths?: Readonly<Partial<Record<ColumnId, string>>>
}

/** Only what applies objects is compared. */
const withDrift = (columns: typeof tail): ListColumns['columns'] =>
  columns.flatMap<readonly [ColumnId, boolean]>((column) =>
    column[0] === 'applied' ? [['drift', true], column] : [column],
  )

const tail = [
  ['interval', false],
  ['inventory', false],
  ['parent', false],
  ['suspendedBy', false],
  ['version', false],
  ['applied', true],
  ['age', true],
] as const

export const columnsOfCategory: Readonly<Record<Category, ListColumns>> = {
  kustomizations: {
    columns: [
      ['gate', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['source', false],
      ['target', false],
      ['revision', true],
      ['status', true],
      ...withDrift(tail),
    ],
  },
  releases: {
    columns: [
      ['gate', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['source', false],
      ['target', true],
      ['revision', true],
      ['status', true],
      ...withDrift(tail),
    ],
    labels: { target: 'Chart', revision: 'Revision' },
    widths: { target: 'minmax(110px, 0.7fr)', revision: 'minmax(72px, 104px)' },
  },
  sources: {
    columns: [
      ['gate', true],
      ['kind', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['target', true],
      ['revision', true],
      ['status', true],
      ...tail,
    ],
    labels: { target: 'URL', revision: 'Artifact revision', applied: 'Fetched' },
    widths: { kind: '88px', name: 'minmax(110px, 148px)', target: 'minmax(80px, 0.45fr)' },
  },
  images: {
    columns: [
      ['gate', true],
      ['kind', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['target', true],
      ['status', true],
      ...tail,
    ],
    labels: { target: 'Image', applied: 'Scanned' },
  },
  notifications: {
    columns: [
      ['gate', true],
      ['kind', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['target', true],
      ['status', true],
      ['parent', false],
      ['version', false],
      ['age', true],
    ],
    labels: { target: 'Address' },
  },
  other: {
    columns: [
      ['gate', true],
      ['kind', true],
      ['name', true],
      ['namespace', true],
      ['context', true],
      ['source', false],
      ['details', true],
      ['revision', false],
      ['status', true],
      ...tail.filter(([id]) => id !== 'applied'),
    ],
  },
}

/** The columns that a list may show, with the category's own labels. */
export function availableColumns(category: Category): readonly (Column & { readonly isDefault: boolean })[] {
  const { columns, labels, widths } = columnsOfCategory[category]
  return columns.map(([id, isDefault]) => {
    const column = columnTable[id]
    return { ...column, label: labels?.[id] ?? column.label, width: widths?.[id] ?? column.width, isDefault }
  })
}

const noKeys: ReadonlySet<string> = new Set()

/** Row order by a column; absent values last, ties by identity. `drifting`: keys of rows that stand before those that are merely ready. */
export function compareBy(
  column: Column | undefined,
  isDescending: boolean,
  scene: RowScene,
  drifting: ReadonlySet<string> = noKeys,
): Compare {
  const value = column?.value
  if (value === undefined) return compareIdentity
  const sign = isDescending ? -1 : 1
  if (column?.id === 'status') {
    const compare: Compare = (a, b) => {
      const isBothReady =
        a.status.word === 'Ready' && b.status.word === 'Ready' && !a.status.isOverdue && !b.status.isOverdue
      const byDrift = isBothReady ? Number(drifting.has(b.key)) - Number(drifting.has(a.key)) : 0
      return byDrift !== 0 ? byDrift : compareRows(a, b)
    }
    return isDescending ? (a, b) => compare(b, a) : compare
  }
  return (a, b) => {
    const left = value(a, scene)
    const right = value(b, scene)
    if (left === right) return 0
    if (left === null || left === '') return 1
    if (right === null || right === '') return -1
    return left < right ? -sign : sign
  }
}
