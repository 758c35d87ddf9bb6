/** How many objects will be what: a cell each. */
import type { ReactElement } from 'react'
import type { DriftAction } from '../../../shared/model/drift.ts'
import { classNames } from '../../ui/class-names/class-names.ts'
import { ActionSymbol } from '../../ui/drift-marks/drift-marks.tsx'
import styles from './gate.module.css'

export type TallyCell = readonly [action: DriftAction, count: number, label: string]

export function TallyGrid({ cells }: { readonly cells: readonly TallyCell[] }): ReactElement {
  return (
    <div className={styles.tallyGrid} role="group" aria-label="What will happen">
      {cells.map(([action, count, label]) => (
        <div key={action} className={classNames(count === 0 && styles.tallyNone)}>
          <span className={styles.tallyTop}>
            <ActionSymbol action={action} size={14} />
            <span className={styles.tallyCount}>{count.toLocaleString()}</span>
          </span>
          <span className={styles.tallyLabel}>{label}</span>
        </div>
      ))}
    </div>
  )
}
