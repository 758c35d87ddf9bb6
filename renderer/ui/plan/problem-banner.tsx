/** What went wrong, with the other side's words and what helps. */
import type { ReactElement, ReactNode } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { StatusShape } from '../status-mark/status-mark.tsx'
import { manyLines } from '../text/plain-text.ts'
import { Banner } from '../view-state/view-state.tsx'
import styles from './plan.module.css'

/** How much of an error's texts is shown, in characters. */
export interface ProblemBounds {
  readonly message: number
  /** 0: not shown. */
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
      <BannerTitle>{manyLines(error.message, bounds.message)}</BannerTitle>
      {error.detail === '' || bounds.detail === 0 ? null : (
        <BannerText>{manyLines(error.detail, bounds.detail)}</BannerText>
      )}
      {error.remedy === '' ? null : <BannerText>{manyLines(error.remedy, bounds.remedy)}</BannerText>}
    </Banner>
  )
}

/** The first lines of a banner of several. */
export function BannerTitle({ children }: { readonly children: ReactNode }): ReactElement {
  return <span className={styles.bannerTitle}>{children}</span>
}

/** What stands below them. */
export function BannerText({ children }: { readonly children: ReactNode }): ReactElement {
  return <span className={styles.bannerText}>{children}</span>
}
