/** The row preview beside the list: what the row knows, without opening the page. */
import type { ReactElement, ReactNode } from 'react'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { Gate } from '../../ui/gate/gate.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { formatAbsolute, formatDuration } from '../../ui/time/format-time.ts'
import { keysOf } from '../../app/keymap.ts'
import { formatLink, objectRoute } from '../../app/routes.ts'
import { copyText, openPlanDialog, pressGate, reconcile } from '../../stores/actions.ts'
import { openApplyNow, openApproval, openModeDialog } from '../../stores/hosting-actions.ts'
import { useCanHaveMode } from '../../stores/hosting.ts'
import { openObject } from '../../stores/navigation.ts'
import { contextOfRow, gateOfRow, isRowStale, lockOfRow, titleOfRow } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import styles from './lists.module.css'

export function PreviewPanel({
  row,
  scene,
  onClose,
}: {
  readonly row: FluxRow
  readonly scene: RowScene
  readonly onClose: () => void
}): ReactElement {
  const context = contextOfRow(row, scene)
  const gate = gateOfRow(row, scene)
  const title = oneLine(refTitle(row.ref))
  const lock = lockOfRow(row, scene)
  const canMode = useCanHaveMode(row.ref)
  const word = isRowStale(row, scene) ? 'Stale' : row.status.word
  return (
    <aside className={styles.preview} aria-label={`Preview of ${title}`}>
      <div className={styles.previewHead}>
        <div className={styles.previewTitle}>
          <KindBadge group={row.ref.group} kind={row.ref.kind} />
          <strong className="selectable">{title}</strong>
          <IconButton icon="close" size="small" label="Close preview" keys={keysOf('preview')} onClick={onClose} />
        </div>
        <div className={styles.previewLine}>
          <StatusChip word={word} />
          {gate === null ? null : (
            <Gate
              title={titleOfRow(row, scene)}
              size="large"
              state={gate.state}
              isOpen={gate.isOpen}
              lockedReason={gate.lockedReason}
              note={gate.note}
              onPress={(how) => pressGate(row.ref, gate.isOpen, how)}
            />
          )}
          <span className="faint">{context?.name ?? ''}</span>
        </div>
        <div className={styles.previewLine} style={{ gap: 6 }}>
          <Button size="small" variant="primary" keys={keysOf('open')} onClick={() => openObject(row.ref)}>
            Open
          </Button>
          {gate === null ? null : (
            <>
              <Button
                size="small"
                offReason={lock}
                keys={keysOf('gate')}
                onClick={() => openPlanDialog(gate.isOpen ? 'suspend' : 'resume', [row.ref])}
              >
                {gate.isOpen ? 'Suspend…' : 'Resume…'}
              </Button>
              <Button
                size="small"
                icon="reconcile"
                keys={keysOf('reconcile')}
                offReason={lock !== '' ? lock : gate.isOpen ? '' : 'A suspended object is not reconciled'}
                onClick={() => reconcile([row.ref])}
              >
                Reconcile…
              </Button>
              {scene.approvals.has(row.key) ? (
                <Button size="small" icon="shield-check" onClick={() => openApproval(row.ref)}>
                  Review…
                </Button>
              ) : row.mode === 'manual' && canMode ? (
                <Button size="small" icon="play" offReason={lock} onClick={() => openApplyNow(row.ref)}>
                  Apply now…
                </Button>
              ) : null}
              {canMode ? (
                <Button
                  size="small"
                  offReason={lock}
                  onClick={() => openModeDialog(row.ref, row.mode === 'held' ? 'manual' : 'held')}
                >
                  Mode…
                </Button>
              ) : null}
            </>
          )}
          {context === null ? null : (
            <IconButton
              icon="link"
              size="small"
              label="Copy sluice:// link"
              onClick={() => void copyText(formatLink(objectRoute(context.key, row.ref)), 'Link')}
            />
          )}
        </div>
      </div>
      <section>
        <h3>
          {row.status.reason === '' ? 'Message' : oneLine(row.status.reason, 120)}
          {row.status.since === null ? null : (
            <span className="faint" style={{ fontWeight: 400 }}>
              {' '}
              since <Age at={row.status.since} />
            </span>
          )}
        </h3>
        <p className={`${styles.previewMessage ?? ''} selectable`}>
          {row.status.message === '' ? 'No message' : manyLines(row.status.message, 8000)}
        </p>
        {row.status.isOverdue ? <p className="muted">Overdue: not reconciled for 2 × interval + timeout.</p> : null}
      </section>
      {row.blockedBy.length === 0 ? null : <Links title="Blocked by" refs={row.blockedBy} />}
      {row.isSuspended === true ? <SuspendFacts row={row} /> : null}
      <section>
        <dl className={styles.facts}>
          <Fact label="Revision" value={row.revision} isMono />
          <Fact label="Points at" value={row.target} />
          <Fact label="Source" value={row.source === null ? '' : `${row.source.kind}/${refTitle(row.source)}`} />
          <Fact label="Interval" value={row.intervalMs === null ? '' : formatDuration(row.intervalMs)} />
          <Fact label="Objects" value={row.inventoryCount === null ? '' : String(row.inventoryCount)} />
          <Fact
            label="Applied"
            value={row.lastAppliedAt === null ? '' : <Age at={row.lastAppliedAt} suffix=" ago" />}
          />
          <Fact label="Created" value={row.createdAt === null ? '' : <Age at={row.createdAt} suffix=" ago" />} />
          <Fact label="API version" value={`${row.ref.group}/${row.version}`} />
          {Object.entries(row.columns)
            .slice(0, 20)
            .map(([header, text]) => (
              <Fact key={header} label={oneLine(header, 80)} value={text} />
            ))}
        </dl>
      </section>
      {row.dependsOn.length === 0 ? null : <Links title="Depends on" refs={row.dependsOn} />}
      {row.parent === null ? null : <Links title="Managed by" refs={[row.parent]} />}
    </aside>
  )
}

function SuspendFacts({ row }: { readonly row: FluxRow }): ReactElement {
  const info = row.suspend
  if (info === null || !info.isTrusted)
    return (
      <section>
        <h3>Suspended</h3>
        <p className="muted">
          {info?.manager === null || info?.manager === undefined
            ? 'The API server does not say who set this.'
            : `Suspended by ${oneLine(info.manager, 200)}. No reason recorded.`}
        </p>
      </section>
    )
  return (
    <section>
      <h3>Suspended</h3>
      <dl className={styles.facts}>
        <Fact label="Reason" value={info.reason ?? 'No reason recorded'} />
        <Fact label="By" value={info.by ?? ''} />
        <Fact label="Since" value={info.at === null ? '' : formatAbsolute(info.at)} />
        <Fact label="Until" value={info.resumeAt === null ? 'No end' : formatAbsolute(info.resumeAt)} />
      </dl>
    </section>
  )
}

function Fact({
  label,
  value,
  isMono = false,
}: {
  readonly label: string
  readonly value: ReactNode
  readonly isMono?: boolean
}): ReactElement | null {
  if (value === '') return null
  return (
    <>
      <dt>{label}</dt>
      <dd className={isMono ? 'mono selectable' : 'selectable'}>
        {typeof value === 'string' ? oneLine(value) : value}
      </dd>
    </>
  )
}

function Links({ title, refs }: { readonly title: string; readonly refs: readonly ObjectRef[] }): ReactElement {
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {refs.slice(0, 50).map((ref) => (
          <li key={`${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`}>
            <button type="button" className={styles.objectLink} onClick={() => openObject(ref)}>
              <KindBadge group={ref.group} kind={ref.kind} />
              {oneLine(refTitle(ref))}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
