/** The title row: kind, name, chips, what it points at; Suspend or Resume, Reconcile with its menu. */
import type { ReactElement } from 'react'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { ObjectRoute } from '../../app/routes.ts'
import { formatLink } from '../../app/routes.ts'
import { copyText, openPlanDialog, reconcile } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { canDrift, useDriftOwner } from '../../stores/drift.ts'
import { openApplyNow, openApproval, openModeDialog } from '../../stores/hosting-actions.ts'
import { useCanHaveMode, usePendingApproval } from '../../stores/hosting.ts'
import { lockOfRow, useRowScene } from '../../stores/row-scene.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { Menu } from '../../ui/menu/menu.tsx'
import type { MenuEntry } from '../../ui/menu/menu.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './object-page.module.css'

/** Of what was last seen: the word that it had then. */
function chipText(row: FluxRow | null, otherwise: string): string {
  if (row === null) return otherwise
  const { word, reason } = row.status
  return word === 'Stale' && reason !== '' ? `Stale, was ${reason}` : word
}

export function ObjectHead({
  detail,
  route,
  offReason,
}: {
  readonly detail: ObjectDetail
  readonly route: ObjectRoute
  /** Why nothing may be done now; '' if something may. */
  readonly offReason: string
}): ReactElement {
  const scene = useRowScene()
  const { row, ref } = detail
  const locked = offReason !== '' ? offReason : row === null ? '' : lockOfRow(row, scene)
  const isSuspended = row?.isSuspended === true
  const gateAccess = isSuspended ? detail.access.resume : detail.access.suspend
  const gateOff =
    locked !== '' ? locked : gateAccess.isAllowed ? '' : gateAccess.reason || 'You may not patch this object'
  const reconcileOff =
    locked !== ''
      ? locked
      : isSuspended
        ? 'Suspended: resume it first'
        : detail.access.reconcile.isAllowed
          ? ''
          : detail.access.reconcile.reason || 'You may not patch this object'
  // One filled button: what a person would do next.
  const reconcileVariant = reconcileOff === '' ? 'primary' : 'default'
  const hasGate = row !== null && row.isSuspended !== null
  const approval = usePendingApproval(ref)
  const canMode = useCanHaveMode(ref)
  const isManual = canMode && row?.mode === 'manual'
  const isRelease = ref.kind === 'HelmRelease'

  useCommands(
    row === null
      ? {}
      : {
          ...(hasGate
            ? { gate: { run: () => openPlanDialog(isSuspended ? 'resume' : 'suspend', [ref]), offReason: gateOff } }
            : {}),
          reconcile: { run: () => reconcile([ref]), offReason: reconcileOff },
          reconcileWithSource: { run: () => reconcile([ref], { isWithSource: true }), offReason: reconcileOff },
          ...(canDrift(ref)
            ? {
                planPreview: {
                  run: () =>
                    approval !== null
                      ? openApproval(ref)
                      : isManual
                        ? openApplyNow(ref)
                        : openPlanDialog(isSuspended ? 'resume' : 'reconcile', [ref]),
                  offReason: locked,
                },
              }
            : {}),
        },
  )

  const copyEntries: MenuEntry[] = [
    { label: 'Copy link', icon: 'link', onSelect: () => void copyText(formatLink(route), 'Link') },
    {
      label: 'Copy reference',
      icon: 'copy',
      onSelect: () => void copyText(`${ref.kind}/${refTitle(ref)}`, 'Reference'),
    },
  ]
  const modeEntries: MenuEntry[] = canMode
    ? [
        {
          label: 'Mode: automatic, manual, held…',
          icon: 'water',
          offReason: gateOff,
          onSelect: () => openModeDialog(ref, row?.mode === 'held' ? 'manual' : 'held'),
        },
      ]
    : []
  const reconcileEntries: MenuEntry[] = [
    ...(detail.source === null
      ? []
      : [
          {
            label: 'Reconcile with source',
            icon: 'source' as const,
            keys: 'Shift+R',
            offReason: reconcileOff,
            onSelect: () => reconcile([ref], { isWithSource: true }),
          },
        ]),
    ...(isRelease
      ? [
          {
            label: 'Force',
            icon: 'bolt' as const,
            offReason: reconcileOff,
            onSelect: () => openPlanDialog('force', [ref]),
          },
          {
            label: 'Reset failure counts',
            icon: 'reset' as const,
            offReason: reconcileOff,
            onSelect: () => openPlanDialog('reset', [ref]),
          },
        ]
      : []),
  ]

  const word = row?.status.word
  const drifted = useDriftOwner(refKey(ref))?.driftedCount ?? 0
  return (
    <div className={styles.title}>
      <span className={styles.kind}>{ref.kind}</span>
      <h1 className={styles.name} {...clippedTooltip(refTitle(ref))}>
        {ref.namespace !== '' && <span className={styles.namespace}>{oneLine(ref.namespace, 253)}/</span>}
        {oneLine(ref.name, 253)}
      </h1>
      {row?.mode === 'manual' ? (
        <StatusChip word="Suspended">Manual</StatusChip>
      ) : (
        <StatusChip word={word ?? detail.status}>{chipText(row, detail.status)}</StatusChip>
      )}
      {row !== null && isSuspended && word !== 'Suspended' && word !== 'Held' && <StatusChip word="Suspended" />}
      {approval !== null && word !== 'Held' && <StatusChip word="Held">Needs approval</StatusChip>}
      {row?.status.isOverdue === true && <StatusChip word="Failed">Overdue</StatusChip>}
      {row?.isTerminating === true && <StatusChip word="Terminating" />}
      {detail.dependents.length > 0 && word !== 'Ready' && (
        <StatusChip word="Waiting">{`Blocks ${detail.dependents.length}`}</StatusChip>
      )}
      {drifted > 0 && <StatusChip word="Drifted">{`${drifted.toLocaleString()} drifted`}</StatusChip>}
      {row !== null && row.target !== '' && (
        <span className={styles.target} {...clippedTooltip(row.target)}>
          {oneLine(row.target, 300)}
        </span>
      )}
      <div className={styles.actions}>
        {approval !== null && (
          <Button variant="primary" icon="shield-check" keys="P" onClick={() => openApproval(ref)}>
            Review and approve…
          </Button>
        )}
        {approval === null && isManual && (
          <Button variant="primary" icon="play" keys="P" offReason={gateOff} onClick={() => openApplyNow(ref)}>
            Apply now…
          </Button>
        )}
        {hasGate && (
          <Button
            keys="S"
            variant={isSuspended && gateOff === '' && approval === null && !isManual ? 'primary' : 'default'}
            offReason={gateOff}
            onClick={() => openPlanDialog(isSuspended ? 'resume' : 'suspend', [ref])}
          >
            {isSuspended ? 'Resume…' : 'Suspend…'}
          </Button>
        )}
        {row !== null && (
          <span className={styles.splitButton}>
            <Button
              variant={reconcileVariant}
              icon="reconcile"
              keys="R"
              offReason={reconcileOff}
              onClick={() => reconcile([ref])}
            >
              Reconcile
            </Button>
            <Menu
              label="More ways to reconcile"
              trigger={
                <Button
                  variant={reconcileVariant}
                  iconEnd="chevron-down"
                  aria-label="More ways to reconcile"
                  className={classNames(styles.splitEnd, reconcileVariant === 'primary' && styles.splitFilled)}
                />
              }
              entries={[
                ...reconcileEntries,
                ...(reconcileEntries.length > 0 ? (['rule'] as const) : []),
                ...modeEntries,
                ...(modeEntries.length > 0 ? (['rule'] as const) : []),
                ...copyEntries,
              ]}
            />
          </span>
        )}
        {row === null && (
          <Menu label="More actions" trigger={<IconButton icon="more" label="More actions" />} entries={copyEntries} />
        )}
      </div>
    </div>
  )
}
