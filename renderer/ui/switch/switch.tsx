import type { ReactElement } from 'react'
import styles from './switch.module.css'

/** An on-off switch that acts at once, with its accessible name. */
export function Switch({
  label,
  isOn,
  onChange,
  description,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly description?: string
}): ReactElement {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      aria-label={label}
      aria-description={description}
      className={styles.switch}
      onClick={() => onChange(!isOn)}
    >
      <i />
    </button>
  )
}
