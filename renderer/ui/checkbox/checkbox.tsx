import type { ReactElement } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import styles from './checkbox.module.css'

/** A tick box with its accessible name; `mixed` where some of what it stands for is ticked. */
export function Checkbox({
  label,
  checked,
  onChange,
  tabIndex,
  className,
  children,
}: {
  readonly label: string
  readonly checked: boolean | 'mixed'
  readonly onChange: (event: { readonly shiftKey: boolean }) => void
  readonly tabIndex?: number
  readonly className?: string | undefined
  readonly children?: string
}): ReactElement {
  const box = (
    <button
      type="button"
      role="checkbox"
      aria-checked={checked}
      aria-label={label}
      tabIndex={tabIndex}
      className={classNames(styles.checkbox, children === undefined && className)}
      onClick={(event) => {
        event.stopPropagation()
        onChange(event)
      }}
    >
      {checked === false ? null : <Icon name={checked === 'mixed' ? 'minus' : 'check'} size={10} />}
    </button>
  )
  if (children === undefined) return box
  return (
    <span className={classNames(styles.labelled, className)} onClick={onChange}>
      {box}
      {children}
    </span>
  )
}
