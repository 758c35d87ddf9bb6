/** A labelled field of a dialog's form, with what is wrong with it below. */
import { useId } from 'react'
import type { ReactElement, ReactNode } from 'react'
import styles from './text-field.module.css'

/** For a field that stands elsewhere: as in a dialog's form, and lower, in a row of other things. */
export const fieldClass = styles.input
export const compactFieldClass = styles.compact

export function Field({
  label,
  fault,
  isWide = false,
  children,
}: {
  readonly label: string
  readonly fault?: string | undefined
  /** Over all columns of the form. */
  readonly isWide?: boolean
  /** Given the id that the label names. */
  readonly children: (id: string) => ReactNode
}): ReactElement {
  const id = useId()
  return (
    <div className={styles.field} data-wide={isWide ? '' : undefined}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children(id)}
      {fault === undefined ? null : (
        <span id={`${id}-fault`} className={styles.fault}>
          {fault}
        </span>
      )}
    </div>
  )
}

export function TextField({
  label,
  value,
  fault,
  placeholder,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly fault?: string | undefined
  readonly placeholder?: string
  readonly onChange: (text: string) => void
}): ReactElement {
  return (
    <Field label={label} fault={fault}>
      {(id) => (
        <input
          id={id}
          className={styles.input}
          value={value}
          maxLength={500}
          spellCheck={false}
          placeholder={placeholder}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : `${id}-fault`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
