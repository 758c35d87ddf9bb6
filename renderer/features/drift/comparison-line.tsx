/** The line above the rows: how far the comparison is, what could not be compared and why, with the ways on. */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
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

/** What stands in the way of how many: owners with the same refusal, as one entry. */
export function failureGroups(owners: readonly DriftOwner[]): readonly (readonly DriftOwner[])[] {
  const groups = new Map<string, DriftOwner[]>()
  for (const owner of owners) {
    const key = `${owner.owner.cluster} ${owner.error?.code ?? ''} ${owner.error?.message ?? ''}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [owner])
    else known.push(owner)
  }
  return [...groups.values()]
}

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
  const groups = useMemo(() => failureGroups(failed), [failed])
  const [isOpen, setOpen] = useState(false)
  if (totals.owners === 0) return null
  const waiting = totals.owners - totals.compared - failed.filter(({ checkedAt }) => checkedAt === null).length
  const isWhole = totals.compared === totals.owners && failed.length === 0 && totals.refused === 0
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
        {totals.refused > 0 ? (
          <span
            className={styles.fact}
            {...tooltip('Refused by the API server, or changing all the time: nobody knows whether they drift')}
          >
            <StatusMark shape="unknown" size={12} />
            {formatCountOf(totals.refused, 'object')} not known
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
          {groups.slice(0, shownFailures).map((owners) => (
            <FailedOwners key={owners[0]?.key} owners={owners} />
          ))}
          {groups.length > shownFailures ? (
            <li className={styles.failure}>And {(groups.length - shownFailures).toLocaleString()} more reasons.</li>
          ) : null}
        </ul>
      ) : null}
    </>
  )
}

const shownNames = 4

function FailedOwners({ owners }: { readonly owners: readonly DriftOwner[] }): ReactElement | null {
  const [owner] = owners
  return owner === undefined ? null : <FailedGroup owner={owner} owners={owners} />
}

function FailedGroup({
  owner,
  owners,
}: {
  readonly owner: DriftOwner
  readonly owners: readonly DriftOwner[]
}): ReactElement {
  const remedies = useRemedies(owner.owner, owner.error)
  const context = useStore(contextsStore, (state) => contextOfCluster(state.items, owner.owner.cluster)?.name ?? '')
  const { error } = owner
  return (
    <li className={styles.failure}>
      <StatusMark shape={error?.code === 'Forbidden' ? 'forbidden' : 'failed'} />
      <span className={styles.failureName}>
        {owners.slice(0, shownNames).map((each) => (
          <span key={each.key} className={styles.failureOwner}>
            <KindBadge kind={each.owner.kind} group={each.owner.group} />
            <button type="button" className={styles.linkButton} onClick={() => openDrift(each.owner)}>
              {oneLine(refTitle(each.owner), 300)}
            </button>
          </span>
        ))}
        {owners.length > shownNames ? <span>and {(owners.length - shownNames).toLocaleString()} more</span> : null}
        <span className={styles.faint}>
          {oneLine(context, 120)}
          {owner.checkedAt === null ? ', never compared' : ', last compared '}
          {owner.checkedAt === null ? null : <Age at={owner.checkedAt} suffix=" ago" />}
        </span>
      </span>
      <span className={styles.failureText}>
        {manyLines(
          [error?.message ?? '', error?.detail ?? '', error?.remedy ?? ''].filter((text) => text !== '').join('\n'),
          1200,
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
