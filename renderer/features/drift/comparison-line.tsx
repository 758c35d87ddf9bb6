/** The line above the rows: how far the comparison is, what could not be compared and why, with the ways on. */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from '../../stores/contexts.ts'
import { driftStore, useDriftTotals } from '../../stores/drift.ts'
import { useRemedies } from '../../stores/drift-actions.ts'
import { openDrift } from '../../stores/navigation.ts'
import { Button } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import styles from './drift.module.css'

const shownFailures = 200

/** Owners whose last comparison failed, forbidden ones first. */
export function failedOwners(items: Iterable<DriftOwner>): readonly DriftOwner[] {
  return [...items]
    .filter(({ error }) => error !== null)
    .sort(
      (a, b) =>
        Number(b.error?.code === 'Forbidden') - Number(a.error?.code === 'Forbidden') ||
        (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
    )
}

export function ComparisonLine(): ReactElement | null {
  const items = useStore(driftStore, (state) => state.items)
  const totals = useDriftTotals()
  const failed = useMemo(() => failedOwners(items.values()), [items])
  const [isOpen, setOpen] = useState(false)
  if (totals.owners === 0) return null
  const waiting =
    totals.owners - totals.compared - failed.filter(({ checkedAt }) => checkedAt === null).length - totals.off
  const isWhole = totals.compared === totals.owners && failed.length === 0
  const forbidden = failed.filter(({ error }) => error?.code === 'Forbidden').length
  return (
    <>
      <div className={styles.line} role="status" aria-label="Comparison">
        <span className={styles.fact}>
          <StatusMark shape={isWhole ? 'ready' : totals.checking > 0 ? 'progressing' : 'unknown'} size={12} />
          <span>
            {totals.compared.toLocaleString()} of {totals.owners.toLocaleString()} compared
            {totals.oldestAt === null ? null : (
              <span className={styles.faint}>
                , the oldest <Age at={totals.oldestAt} suffix=" ago" />
              </span>
            )}
          </span>
        </span>
        {waiting > 0 ? (
          <span className={styles.fact}>
            <StatusMark shape="waiting" size={12} />
            {waiting.toLocaleString()} not yet
          </span>
        ) : null}
        {totals.approximate > 0 ? (
          <span
            className={styles.fact}
            {...tooltip('Compared without dry-runs, structure by structure: defaults and admission are not seen')}
          >
            <Icon name="info" size={12} />
            {totals.approximate.toLocaleString()} approximate
          </span>
        ) : null}
        {totals.off > 0 ? (
          <span className={styles.fact} {...tooltip('Dry-runs are switched off in their context, in Settings')}>
            <Icon name="pause" size={12} />
            {totals.off.toLocaleString()} with dry-runs off
          </span>
        ) : null}
        {failed.length > 0 ? (
          <button type="button" className={styles.lineButton} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <StatusMark shape="failed" size={12} />
            {failed.length.toLocaleString()} failed
            {forbidden > 0 ? `, ${forbidden.toLocaleString()} forbidden` : ''}
            <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={12} />
          </button>
        ) : null}
      </div>
      {isOpen && failed.length > 0 ? (
        <ul className={styles.failures} aria-label="Not compared">
          {failed.slice(0, shownFailures).map((owner) => (
            <FailedOwner key={owner.key} owner={owner} />
          ))}
          {failed.length > shownFailures ? (
            <li className={styles.failure}>And {(failed.length - shownFailures).toLocaleString()} more.</li>
          ) : null}
        </ul>
      ) : null}
    </>
  )
}

function FailedOwner({ owner }: { readonly owner: DriftOwner }): ReactElement {
  const remedies = useRemedies(owner.owner, owner.error)
  const context = useStore(contextsStore, (state) => contextOfCluster(state.items, owner.owner.cluster)?.name ?? '')
  const { error } = owner
  return (
    <li className={styles.failure}>
      <StatusMark shape={error?.code === 'Forbidden' ? 'forbidden' : 'failed'} />
      <span className={styles.failureName}>
        <KindBadge kind={owner.owner.kind} group={owner.owner.group} />
        <button type="button" className={styles.linkButton} onClick={() => openDrift(owner.owner)}>
          {oneLine(refTitle(owner.owner), 300)}
        </button>
        <span className={styles.faint}>
          {oneLine(context, 120)}
          {owner.checkedAt === null ? ', never compared' : ', last compared '}
          {owner.checkedAt === null ? null : <Age at={owner.checkedAt} suffix=" ago" />}
        </span>
      </span>
      <span className={styles.failureText}>
        {manyLines(
          [error?.message ?? '', error?.detail ?? '', error?.remedy ?? ''].filter((text) => text !== '').join(' '),
          800,
        )}
      </span>
      <span className={styles.failureActions}>
        {remedies.map(({ key, label, run }) => (
          <Button key={`${key} ${label}`} size="small" onClick={run}>
            {label}
          </Button>
        ))}
      </span>
    </li>
  )
}
