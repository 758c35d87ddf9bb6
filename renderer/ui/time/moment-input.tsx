/**
 * A point of time to be typed: local, 24 hours in every locale, as formatTyped writes it. Arrow up and down step the part that the cursor is in, the button
 * chooses a day. What is typed is taken with Enter or when the field is left; what is no time stays, to be mended. Escape takes it back.
 */
import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { formatTyped, parseAgo, parseTyped } from '../../../shared/lib/format/time.ts'
import type { TypedPrecision } from '../../../shared/lib/format/time.ts'
import { IconButton } from '../button/button.tsx'
import { tooltip } from '../tooltip/tooltip.tsx'
import { useNow } from './clock.ts'
import { compactFieldClass, fieldClass } from '../text-field/text-field.tsx'
import styles from './moment-input.module.css'

export interface MomentInputProps {
  readonly label: string
  /** null: none yet. */
  readonly value: number | null
  readonly precision?: TypedPrecision
  /** Of what was: `90m`, `24h`, `3d` ago and `now` are times, too. Else of what comes. */
  readonly isPast?: boolean
  readonly isInvalid?: boolean
  /** As low as what stands in rows. */
  readonly isCompact?: boolean
  /** Id of what is said of it. */
  readonly describedBy?: string | undefined
  /** At each change of the text; null: that is no time. */
  readonly onType?: (at: number | null) => void
  /** What was typed, once that is done; null: that is no time. Absent: `value` follows what is typed. */
  readonly onTake?: (at: number | null) => void
}

export function MomentInput({
  label,
  value,
  precision = 'second',
  isPast = false,
  isInvalid = false,
  isCompact = false,
  describedBy,
  onType,
  onTake,
}: MomentInputProps): ReactElement {
  const [typed, setTyped] = useState<{ readonly text: string; readonly over: number | null } | null>(null)
  const now = useNow(60_000)
  const input = useRef<HTMLInputElement>(null)
  const days = useRef<HTMLInputElement>(null)
  /** Where the cursor goes after a step: a new text moves it to the end. */
  const cursor = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (cursor.current !== null) input.current?.setSelectionRange(cursor.current, cursor.current)
    cursor.current = null
  })
  const written = value === null ? '' : formatTyped(value, precision)
  // Another value from elsewhere is not hidden by what was typed over the one before.
  const draft = typed !== null && (onTake === undefined || typed.over === value) ? typed.text : null
  const text = draft ?? written
  /** null for what is no time. What was not changed is the value, to the millisecond. */
  const read = (next: string): number | null => {
    const trimmed = next.trim()
    if (value !== null && trimmed === written) return value
    const at = Date.now()
    if (isPast && trimmed === 'now') return at
    return (isPast ? parseAgo(trimmed, at) : null) ?? parseTyped(trimmed, value ?? at)
  }
  const write = (next: string): void => {
    setTyped({ text: next, over: value })
    onType?.(read(next))
  }
  const take = (next: string): void => {
    const at = read(next)
    setTyped(at === null ? { text: next, over: value } : null)
    if (at === null || at !== value) onTake?.(at)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    const at = by === undefined ? null : read(text)
    if (by !== undefined && at !== null) {
      const whole = formatTyped(at, precision)
      const caret = text === whole ? (event.currentTarget.selectionStart ?? 0) : whole.length
      cursor.current = caret
      write(formatTyped(stepped(at, caret, by), precision))
    } else if (event.key === 'Escape' && draft !== null && onTake !== undefined) {
      setTyped(null)
      onType?.(value)
    } else {
      if (event.key === 'Enter' && draft !== null) take(draft)
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const what = describe(precision, isPast)
  const today = formatTyped(now).slice(0, 10)
  return (
    <span className={styles.box}>
      <input
        ref={input}
        type="text"
        className={isCompact ? compactFieldClass : fieldClass}
        aria-label={label}
        aria-invalid={isInvalid || undefined}
        aria-describedby={describedBy}
        aria-description={what}
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        size={precision === 'second' ? 19 : 16}
        value={text}
        {...tooltip(what)}
        onChange={({ target }) => write(target.value)}
        onBlur={() => draft !== null && take(draft)}
        onKeyDown={onKeyDown}
      />
      <IconButton
        icon="calendar"
        label={`${label}: choose the day`}
        size="small"
        className={styles.choose}
        onClick={() => days.current?.showPicker()}
      />
      <input
        ref={days}
        type="date"
        className={styles.days}
        tabIndex={-1}
        aria-hidden="true"
        {...(isPast ? { max: today } : { min: today })}
        value={formatTyped(value ?? now).slice(0, 10)}
        onChange={({ target }) => {
          if (target.value === '') return
          const next = `${target.value} ${formatTyped(read(text) ?? now, precision).slice(11)}`
          write(next)
          take(next)
        }}
      />
    </span>
  )
}

function describe(precision: TypedPrecision, isPast: boolean): string {
  const example = precision === 'second' ? '2026-09-16 07:41:53' : '2026-09-16 07:41'
  const ago = isPast ? ', or how long ago: 90m, 24h, 3d' : ''
  return `Local time, such as ${example}${ago}. Arrow up and down step it.`
}

/** One day, hour, minute or second on or back, by the part of formatTyped's text that the cursor is in. */
function stepped(at: number, caret: number, by: number): number {
  const next = new Date(at)
  if (caret <= 10) next.setDate(next.getDate() + by)
  else if (caret <= 13) next.setHours(next.getHours() + by)
  else if (caret <= 16) next.setMinutes(next.getMinutes() + by)
  else next.setSeconds(next.getSeconds() + by)
  return next.getTime()
}
