/** Quick filters of a list: by the status of its rows, by drift and by what is overdue. */
import type { ReactElement } from 'react'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { FilterDraft } from '../../ui/filter-bar/filter-bar.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { QuickFilter, QuickFilterGroup } from '../../ui/quick-filters/quick-filters.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'

const words: readonly StatusWord[] = ['Failed', 'Stalled', 'Waiting', 'Progressing', 'Held', 'Suspended']

export function StatusFilters({
  filter,
  countOf,
  drifted,
  overdue,
  onChange,
}: {
  readonly filter: FilterDraft
  readonly countOf: (word: StatusWord) => number
  readonly drifted: number
  readonly overdue: number
  readonly onChange: (next: FilterDraft) => void
}): ReactElement {
  const isOn = (token: string): boolean => filter.tokens.includes(token)
  // Any status that was typed gives way, also one that has no button here.
  const others = filter.tokens.filter((token) => !/^(status:[a-z]+|is:overdue|is:drifted)$/.test(token))
  const button = (token: string, label: string, count: number, mark: ReactElement): ReactElement | null =>
    count > 0 || isOn(token) ? (
      <QuickFilter
        key={token}
        isOn={isOn(token)}
        onPress={() => onChange({ ...filter, tokens: isOn(token) ? others : [...others, token] })}
      >
        {mark}
        {label} {count.toLocaleString()}
      </QuickFilter>
    ) : null
  return (
    <QuickFilterGroup>
      <QuickFilter
        isOn={others.length === filter.tokens.length}
        onPress={() => onChange({ ...filter, tokens: others })}
      >
        All
      </QuickFilter>
      {words.map((word) => button(`status:${word.toLowerCase()}`, word, countOf(word), <StatusMark word={word} />))}
      {button('is:drifted', 'Drifted', drifted, <StatusMark word="Drifted" />)}
      {button('is:overdue', 'Overdue', overdue, <Icon name="alert" size={14} />)}
    </QuickFilterGroup>
  )
}
