/** What went wrong, with what helps and the other side's words. */
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { Button } from '../../ui/button/button.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import styles from './hand-over.module.css'

export function Problem({
  error,
  onAgain,
}: {
  readonly error: SluiceErrorData
  readonly onAgain?: () => void
}): ReactElement {
  const isForbidden = error.code === 'Forbidden' || error.code === 'ReadOnlyContext'
  return (
    <div className={styles.problem}>
      <Banner
        tone="failed"
        shape={isForbidden ? 'forbidden' : 'failed'}
        actions={
          onAgain === undefined ? undefined : (
            <Button size="small" icon="reconcile" onClick={onAgain}>
              Look again
            </Button>
          )
        }
      >
        <span className={styles.problemTitle}>{manyLines(error.message, 1000)}</span>
        {error.detail === '' ? null : <span className={styles.problemText}>{manyLines(error.detail, 2000)}</span>}
        {error.remedy === '' ? null : <span className={styles.problemText}>{manyLines(error.remedy, 600)}</span>}
      </Banner>
    </div>
  )
}
