/** What went wrong in a hand-over, and the way on. */
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { Button } from '../../ui/button/button.tsx'
import { ProblemBanner } from '../../ui/plan/problem-banner.tsx'

const bounds = { message: 1000, detail: 2000, remedy: 600 }

export function Problem({
  error,
  onAgain,
}: {
  readonly error: SluiceErrorData
  readonly onAgain?: () => void
}): ReactElement {
  const isForbidden = error.code === 'Forbidden' || error.code === 'ReadOnlyContext'
  return (
    <ProblemBanner
      error={error}
      bounds={bounds}
      shape={isForbidden ? 'forbidden' : 'failed'}
      actions={
        onAgain === undefined ? undefined : (
          <Button size="small" icon="reconcile" onClick={onAgain}>
            Look again
          </Button>
        )
      }
    />
  )
}
