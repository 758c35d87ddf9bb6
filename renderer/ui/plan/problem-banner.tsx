/** What went wrong, with the other side's words and what helps. */
import type { ReactElement, ReactNode } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { StatusShape } from '../status-mark/status-mark.tsx'
import { manyLines } from '../text/plain-text.ts'
import { Banner } from '../view-state/view-state.tsx'
import styles from './plan.module.css'

/** How much of an error's texts is shown, in characters; 0: not at all. */
export interface ProblemBounds {
  readonly message: number
  readonly detail: number
  readonly remedy: number
}

/** Of a refusal the sentence and the remedy: that is all that the engine says of one. */
export const refusalBounds: ProblemBounds = { message: 600, detail: 0, remedy: 600 }

export function ProblemBanner({
  error,
  bounds,
  shape = 'failed',
  actions,
}: {
  readonly error: SluiceErrorData
  readonly bounds: ProblemBounds
  readonly shape?: StatusShape
  readonly actions?: ReactNode
}): ReactElement {
  return (
    <Banner tone="failed" shape={shape} actions={actions}>
      <span className={styles.problemTitle}>{manyLines(error.message, bounds.message)}</span>
      <ProblemText text={error.detail} max={bounds.detail} />
      <ProblemText text={error.remedy} max={bounds.remedy} />
    </Banner>
  )
}

function ProblemText({ text, max }: { readonly text: string; readonly max: number }): ReactElement | null {
  return text === '' || max === 0 ? null : <span className={styles.problemText}>{manyLines(text, max)}</span>
}
