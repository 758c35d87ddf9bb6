/**
 * Quick filters of a view: one press sets a condition of the filter bar, and stands in it like one that was typed. Owns the look and the rule
 * that one of them is on at a time; what a condition finds is the caller's.
 */
import { useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { FilterDraft } from '../filter-bar/filter-bar.tsx'
import styles from './quick-filters.module.css'

/** The buttons in their box; each is a `QuickFilter`. */
export function QuickFilterGroup({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <div className={styles.quick} role="group" aria-label="Quick filters">
      {children}
    </div>
  )
}

export function QuickFilter({
  isOn,
  onPress,
  children,
}: {
  readonly isOn: boolean
  readonly onPress: () => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <button type="button" aria-pressed={isOn} onClick={onPress}>
      {children}
    </button>
  )
}

export interface QuickFilterChoice<T> {
  /** The condition as it stands in the filter bar. */
  readonly token: string
  readonly label: string
  /** Whether it is one of those that are counted. */
  readonly test: (item: T) => boolean
}

/** `choices` with how many of `items` each finds; those that find nothing are left out unless they are on, and with them the whole group. */
export function QuickFilters<T>({
  choices,
  items,
  filter,
  onChange,
}: {
  readonly choices: readonly QuickFilterChoice<T>[]
  readonly items: readonly T[]
  readonly filter: FilterDraft
  readonly onChange: (next: FilterDraft) => void
}): ReactElement | null {
  const counts = useMemo(() => choices.map(({ test }) => items.filter(test).length), [choices, items])
  const others = filter.tokens.filter((token) => !choices.some((choice) => choice.token === token))
  const isAll = others.length === filter.tokens.length
  if (isAll && counts.every((count) => count === 0)) return null
  return (
    <QuickFilterGroup>
      <QuickFilter isOn={isAll} onPress={() => onChange({ ...filter, tokens: others })}>
        All
      </QuickFilter>
      {choices.map(({ token, label }, index) => {
        const isOn = filter.tokens.includes(token)
        const count = counts[index] ?? 0
        if (count === 0 && !isOn) return null
        return (
          <QuickFilter
            key={token}
            isOn={isOn}
            onPress={() => onChange({ ...filter, tokens: isOn ? others : [...others, token] })}
          >
            {label} {count.toLocaleString()}
          </QuickFilter>
        )
      })}
    </QuickFilterGroup>
  )
}
