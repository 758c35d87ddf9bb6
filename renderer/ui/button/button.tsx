/**
 * Buttons. One that may not be pressed stays focusable and says why (aria-disabled with a tooltip), because a dead control that is
 * silent teaches nothing.
 */
import type { ButtonHTMLAttributes, MouseEvent, ReactElement, ReactNode, Ref } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import { Keys } from '../kbd/kbd.tsx'
import { tooltip } from '../tooltip/tooltip.tsx'
import styles from './button.module.css'

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'children'>

export interface ButtonProps extends Native {
  readonly variant?: 'default' | 'primary' | 'danger' | 'quiet' | 'link'
  readonly size?: 'small' | 'base' | 'large'
  readonly icon?: IconName | undefined
  readonly iconEnd?: IconName
  /** Key that does the same, shown beside the label. */
  readonly keys?: string | undefined
  /** Why it is off; '' or absent: it is live. */
  readonly offReason?: string | undefined
  readonly children?: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({
  variant = 'default',
  size = 'base',
  icon,
  iconEnd,
  keys,
  offReason,
  children,
  className,
  onClick,
  ...native
}: ButtonProps): ReactElement {
  const isOff = offReason !== undefined && offReason !== ''
  const click = (event: MouseEvent<HTMLButtonElement>): void => {
    if (isOff) event.preventDefault()
    else onClick?.(event)
  }
  return (
    <button
      type="button"
      {...tooltip(offReason)}
      {...native}
      className={classNames(styles.button, styles[variant], styles[size], className)}
      aria-disabled={isOff || undefined}
      aria-description={isOff ? offReason : native['aria-description']}
      onClick={click}
    >
      {icon === undefined ? null : <Icon name={icon} size={14} />}
      {children}
      {keys === undefined ? null : <Keys keys={keys} />}
      {iconEnd === undefined ? null : <Icon name={iconEnd} size={14} />}
    </button>
  )
}

export interface IconButtonProps extends Native {
  readonly icon: IconName
  /** Accessible name and tooltip. */
  readonly label: string
  readonly size?: 'small' | 'base'
  readonly keys?: string
  readonly offReason?: string | undefined
  readonly ref?: Ref<HTMLButtonElement>
}

export function IconButton({
  icon,
  label,
  size = 'base',
  keys,
  offReason,
  className,
  onClick,
  ...native
}: IconButtonProps): ReactElement {
  const isOff = offReason !== undefined && offReason !== ''
  return (
    <button
      type="button"
      {...tooltip(isOff ? offReason : label, keys)}
      {...native}
      aria-label={label}
      aria-disabled={isOff || undefined}
      aria-description={isOff ? offReason : native['aria-description']}
      className={classNames(styles.iconButton, size === 'small' && styles.iconSmall, className)}
      onClick={(event) => {
        if (isOff) event.preventDefault()
        else onClick?.(event)
      }}
    >
      <Icon name={icon} size={size === 'small' ? 14 : 16} />
    </button>
  )
}

/** One choice of several, drawn as one control. Arrow keys move, as in any radio group. */
export function Segmented<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: V
  readonly options: readonly { readonly value: V; readonly label: ReactNode; readonly name?: string }[]
  readonly onChange: (value: V) => void
}): ReactElement {
  return (
    <div
      className={styles.segmented}
      role="radiogroup"
      aria-label={label}
      onKeyDown={(event) => {
        const step =
          event.key === 'ArrowRight' || event.key === 'ArrowDown'
            ? 1
            : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
              ? -1
              : 0
        if (step === 0) return
        event.preventDefault()
        event.stopPropagation()
        const at = options.findIndex((option) => option.value === value)
        const next = options[(at + step + options.length) % options.length]
        if (next === undefined) return
        onChange(next.value)
        const buttons = event.currentTarget.querySelectorAll('button')
        buttons[options.indexOf(next)]?.focus()
      }}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          aria-label={option.name}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
