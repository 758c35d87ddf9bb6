import type { ReactElement } from 'react'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import type { Condition } from '../../../shared/model/status.ts'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { ViewState } from '../../ui/view-state/view-state.tsx'
import { FactsList, Labels } from './facts.tsx'
import styles from './object-page.module.css'

/** Conditions whose True is bad news; for all others True is good. */
const badWhenTrue = new Set([
  'Stalled',
  'FetchFailed',
  'BuildFailed',
  'StorageOperationFailed',
  'ReplicaFailure',
  'Failed',
])
const busyWhenTrue = new Set(['Reconciling', 'Progressing', 'ArtifactOutdated'])

export function conditionShape(condition: Condition): StatusShape {
  if (condition.status === 'Unknown') return 'progressing'
  if (busyWhenTrue.has(condition.type))
    return condition.status === 'True' && condition.type === 'Reconciling' ? 'progressing' : 'ready'
  const isGood = (condition.status === 'True') !== badWhenTrue.has(condition.type)
  return isGood ? 'ready' : 'failed'
}

/** Every condition with its whole message, then facts, labels and annotations. */
export function ConditionsTab({ detail }: { readonly detail: ObjectDetail }): ReactElement {
  return (
    <div className={styles.scroll}>
      {detail.conditions.length === 0 ? (
        <ViewState shape="empty" title="No conditions">
          This object reports none; its status comes from its other fields.
        </ViewState>
      ) : (
        <table className={styles.conditions} aria-label="Conditions">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Status</th>
              <th scope="col">Reason</th>
              <th scope="col">Message</th>
              <th scope="col">Generation</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {detail.conditions.map((condition) => (
              <tr key={condition.type}>
                <th scope="row">
                  <span className={styles.conditionType}>
                    <StatusMark shape={conditionShape(condition)} />
                    {oneLine(condition.type, 120)}
                  </span>
                </th>
                <td>{condition.status}</td>
                <td>{oneLine(condition.reason, 120)}</td>
                <td className={styles.conditionMessage}>
                  <span className="selectable">{manyLines(condition.message, 8000)}</span>
                </td>
                <td className={styles.number}>{condition.observedGeneration ?? ''}</td>
                <td className={styles.number}>
                  <Age at={condition.lastTransitionTime} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className={styles.factColumns}>
        {detail.facts.length > 0 && (
          <section aria-label="Facts">
            <h2 className={styles.section}>Facts</h2>
            <FactsList facts={detail.facts} />
          </section>
        )}
        <Labels title="Labels" entries={detail.labels} />
        <Labels title="Annotations" entries={detail.annotations} />
      </div>
    </div>
  )
}
