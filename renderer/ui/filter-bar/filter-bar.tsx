/**
 * The filter bar: conditions as boxes, what is being typed behind them. A space or Enter closes a condition, Backspace in the empty field
 * opens the last one again, Escape clears. Reads the filter language of shared/lib/filter; what it filters is the caller's.
 */
import { useImperativeHandle, useRef } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode, Ref } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import { Keys } from '../kbd/kbd.tsx'
import { tooltip } from '../tooltip/tooltip.tsx'
import { describeToken, splitTokens } from './filter-tokens.ts'
import styles from './filter-bar.module.css'

export interface FilterDraft {
  /** Closed conditions, each as it was typed. */
  readonly tokens: readonly string[]
  readonly draft: string
}

export const noFilter: FilterDraft = { tokens: [], draft: '' }

export interface FilterBarHandle {
  readonly focus: () => void
}

/** The whole filter as text, as it stands in a link. */
export function filterText({ tokens, draft }: FilterDraft): string {
  return [...tokens, draft.trim()].filter((part) => part !== '').join(' ')
}

export function FilterBar({
  value,
  onChange,
  shown,
  total,
  label,
  hint,
  onLeave,
  ref,
}: {
  readonly value: FilterDraft
  readonly onChange: (value: FilterDraft) => void
  readonly shown: number
  /** null: nobody knows how many there are. */
  readonly total: number | null
  readonly label: string
  readonly hint: string
  /** Enter, ArrowDown or Escape in the empty field: back to the rows. */
  readonly onLeave: () => void
  readonly ref?: Ref<FilterBarHandle>
}): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  useImperativeHandle(ref, () => ({
    focus: () => {
      input.current?.focus()
      input.current?.select()
    },
  }))
  const close = (draft: string): void => {
    onChange({ tokens: [...value.tokens, ...splitTokens(draft)], draft: '' })
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Backspace' && value.draft === '' && value.tokens.length > 0) {
      event.preventDefault()
      onChange({ tokens: value.tokens.slice(0, -1), draft: value.tokens.at(-1) ?? '' })
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (value.draft.trim() !== '') close(value.draft)
      onLeave()
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      onLeave()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (value.draft !== '') onChange({ ...value, draft: '' })
      else if (value.tokens.length > 0) onChange(noFilter)
      else onLeave()
    }
  }
  const isFiltered = value.tokens.length > 0 || value.draft.trim() !== ''
  return (
    <FilterFrame
      count={isFiltered ? [shown, total].flatMap((count) => count?.toLocaleString() ?? []).join(' of ') : ''}
      onPress={() => input.current?.focus()}
    >
      {value.tokens.length === 0 ? null : (
        <ul className={styles.tokens} aria-label="Conditions">
          {value.tokens.map((text, position) => (
            <Token
              key={`${position} ${text}`}
              text={text}
              onRemove={() => {
                onChange({ ...value, tokens: value.tokens.filter((_, at) => at !== position) })
                input.current?.focus()
              }}
            />
          ))}
        </ul>
      )}
      <input
        ref={input}
        type="text"
        role="searchbox"
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
        maxLength={500}
        placeholder={value.tokens.length === 0 ? hint : ''}
        value={value.draft}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          const draft = event.target.value
          // A space closes a condition, except inside quotes.
          if (/\s$/.test(draft) && (draft.match(/"/g)?.length ?? 0) % 2 === 0) close(draft)
          else onChange({ ...value, draft })
        }}
      />
    </FilterFrame>
  )
}

/** What every filter above a list looks like: its field, how many it leaves, and the key that leads there. */
export function FilterFrame({
  count,
  onPress,
  beside,
  children,
}: {
  /** '' while nothing is filtered. */
  readonly count: string
  readonly onPress: () => void
  /** Other choices, behind the field. */
  readonly beside?: ReactNode
  readonly children: ReactNode
}): ReactElement {
  return (
    <div className={styles.filterbar} role="search">
      <div className={styles.box} onClick={onPress}>
        <Icon name="search" size={14} />
        {children}
        <span className={classNames('num', styles.shown)} role="status">
          {count}
        </span>
        <Keys keys="/" />
      </div>
      {beside}
    </div>
  )
}

function Token({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }): ReactElement {
  const token = describeToken(text)
  return (
    <li
      className={classNames(styles.token, token.isNegated && styles.not, token.problem !== '' && styles.bad)}
      {...tooltip(token.problem)}
    >
      {token.key === '' ? null : (
        <b>
          {token.isNegated ? '-' : ''}
          {token.key}:
        </b>
      )}
      <span>
        {token.key === '' && token.isNegated ? '-' : ''}
        {token.value}
      </span>
      <button type="button" tabIndex={-1} aria-label={`Remove ${text}`} onClick={onRemove}>
        <Icon name="close" size={11} />
      </button>
    </li>
  )
}
