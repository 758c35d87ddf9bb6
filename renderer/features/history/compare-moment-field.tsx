/** One point of time that was, to be moved in place. A revision is shown as such until its time is known. */
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import { MomentInput } from '../../ui/time/moment-input.tsx'
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
  const id = useId()
  const [fault, setFault] = useState({ text: '', over: value })
  // Of another value it says nothing.
  const text = fault.over === value ? fault.text : ''
  const say = (next: string): void => setFault({ text: next, over: value })
  return (
    <span className={styles.moment}>
      <span aria-hidden={typeof value === 'number' || undefined}>{label}</span>
      {typeof value === 'string' ? (
        <span className={styles.mono}>{value}</span>
      ) : (
        <MomentInput
          label={label}
          value={value}
          isPast
          isCompact
          isInvalid={text !== ''}
          describedBy={text === '' ? undefined : id}
          onType={() => say('')}
          onTake={(at) => {
            if (at === null) say('No time: write it like 2026-09-16 07:41, 07:41 or 90m.')
            else if (at > Date.now()) say('This is still to come.')
            else onChange(at)
          }}
        />
      )}
      {text === '' ? null : (
        <span id={id} className={styles.fault} role="alert">
          {text}
        </span>
      )}
    </span>
  )
}
