/** The floating bar of a selection: how many, where, and what can be done with them. An action that fits none is off and says why. */
import type { ReactElement } from 'react'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { Button } from '../../ui/button/button.tsx'
import { keysOf } from '../../app/keymap.ts'
import { openPlanDialog } from '../../stores/actions.ts'
import { contextOfRow, lockOfRow } from '../../stores/row-scene.ts'
import type { RowScene } from '../../stores/row-scene.ts'
import styles from './lists.module.css'

export interface BulkChoice {
  readonly rows: readonly FluxRow[]
  /** Why none of the rows fits; '' if some do. */
  readonly offReason: string
}

export interface BulkChoices {
  readonly suspend: BulkChoice
  readonly resume: BulkChoice
  readonly reconcile: BulkChoice
}

/** Which of the rows each action fits. */
export function bulkChoices(rows: readonly FluxRow[], scene: RowScene): BulkChoices {
  const free = rows.filter((row) => lockOfRow(row, scene) === '')
  const lock = free.length === 0 && rows[0] !== undefined ? lockOfRow(rows[0], scene) : ''
  const gated = free.filter((row) => row.isSuspended !== null)
  const open = gated.filter((row) => row.isSuspended === false)
  const closed = gated.filter((row) => row.isSuspended === true)
  const reconcilable = free.filter(
    (row) =>
      row.isSuspended !== true && (fluxKind(row.ref.group, row.ref.kind)?.canReconcile ?? row.isSuspended === false),
  )
  const noGate = 'None of the selected objects has a gate'
  return {
    suspend: choice(open, lock, gated.length === 0 ? noGate : `${allOf(gated.length)} closed`),
    resume: choice(closed, lock, gated.length === 0 ? noGate : `${allOf(gated.length)} open`),
    reconcile: choice(
      reconcilable,
      lock,
      gated.length === 0
        ? 'Objects of this kind are not reconciled on request'
        : `${allOf(gated.length)} closed: a suspended object is not reconciled`,
    ),
  }
}

function allOf(count: number): string {
  return count === 1 ? 'The gate is already' : `All ${count} gates are already`
}

function choice(rows: readonly FluxRow[], lock: string, otherwise: string): BulkChoice {
  return { rows, offReason: rows.length > 0 ? '' : lock !== '' ? lock : otherwise }
}

function labelOf(action: string, choiceOf: BulkChoice, count: number): string {
  return choiceOf.rows.length > 0 && choiceOf.rows.length < count ? `${action} ${choiceOf.rows.length}…` : `${action}…`
}

export function BulkBar({
  rows,
  scene,
  onClear,
}: {
  readonly rows: readonly FluxRow[]
  readonly scene: RowScene
  readonly onClear: () => void
}): ReactElement {
  const contexts = [...new Set(rows.map((row) => contextOfRow(row, scene)?.name ?? '?'))].sort()
  const choices = bulkChoices(rows, scene)
  const where = contexts.length <= 2 ? contexts.join(' and ') : `${contexts.length} contexts`
  const gateFirst = choices.suspend.rows.length > 0 ? 'suspend' : 'resume'
  return (
    <div className={styles.bulkbar} role="toolbar" aria-label={`Actions for ${rows.length} selected`}>
      <span className="strong num">{rows.length.toLocaleString()} selected</span>
      <span className="faint">in {where}</span>
      <span className="sep" style={{ margin: '0 6px' }} />
      <Button
        offReason={choices.suspend.offReason}
        {...(gateFirst === 'suspend' ? { keys: keysOf('gate') } : {})}
        onClick={() => openPlanDialog('suspend', refsOf(choices.suspend))}
      >
        {labelOf('Suspend', choices.suspend, rows.length)}
      </Button>
      <Button
        offReason={choices.resume.offReason}
        {...(gateFirst === 'resume' ? { keys: keysOf('gate') } : {})}
        onClick={() => openPlanDialog('resume', refsOf(choices.resume))}
      >
        {labelOf('Resume', choices.resume, rows.length)}
      </Button>
      <Button
        icon="reconcile"
        offReason={choices.reconcile.offReason}
        keys={keysOf('reconcile')}
        onClick={() => openPlanDialog('reconcile', refsOf(choices.reconcile))}
      >
        {labelOf('Reconcile', choices.reconcile, rows.length)}
      </Button>
      <span className="sep" style={{ margin: '0 4px' }} />
      <Button variant="quiet" keys={keysOf('escape')} onClick={onClear}>
        Clear
      </Button>
    </div>
  )
}

export function refsOf(choiceOf: BulkChoice): FluxRow['ref'][] {
  return choiceOf.rows.map((row) => row.ref)
}
