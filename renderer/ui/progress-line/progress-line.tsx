import type { ReactElement } from 'react'
import { StatusMark } from '../status-mark/status-mark.tsx'
import styles from './progress-line.module.css'

/** A step in words with its bar; `progress` from 0 to 1, null where nobody knows: then the ring turns instead. */
export function ProgressLine({
  label,
  step,
  progress,
}: {
  readonly label: string
  readonly step: string
  readonly progress: number | null
}): ReactElement {
  return (
    <div className={styles.line} role="status">
      <span className={styles.step}>
        {progress === null && <StatusMark shape="progressing" />}
        {step.slice(0, 1).toUpperCase() + step.slice(1)}
      </span>
      {progress !== null && (
        <>
          <progress aria-label={label} value={progress} max={1} />
          <span className={styles.percent}>{Math.round(progress * 100)} %</span>
        </>
      )}
    </div>
  )
}
