/** One point of time, to be typed or stepped: local time to the second. A revision is shown as such until its time is known. */
import type { ReactElement } from 'react'
import styles from './compare.module.css'

export function MomentField({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: number | string
  readonly onChange: (at: number) => void
}): ReactElement {
  return (
    <label className={styles.moment}>
      {label}
      {typeof value === 'string' ? (
        <span className={styles.mono}>{value}</span>
      ) : (
        <input
          type="datetime-local"
          step={1}
          value={localText(value)}
          onChange={(event) => {
            const at = new Date(event.target.value).getTime()
            if (!Number.isNaN(at) && at > 0) onChange(at)
          }}
        />
      )}
    </label>
  )
}

/** `2026-09-16T07:41:53`, as the input has it. */
function localText(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
