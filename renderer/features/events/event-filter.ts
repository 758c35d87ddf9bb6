/** Which events are shown: type, kind, and words that all must occur in object, reason, message or source. Pure. */
import { refTitle } from '../../../shared/model/identity.ts'
import type { EventRow } from '../../../shared/model/rows.ts'

export interface EventFilter {
  readonly text: string
  readonly type: 'all' | 'Normal' | 'Warning'
  /** '' for every kind. */
  readonly kind: string
}

/** Words of the text: `ns:apps`, `kind:Pod`, `reason:BackOff`, `-word` to leave out; quotes are not needed, every word counts. */
export function matchesEvent(event: EventRow, filter: EventFilter): boolean {
  if (filter.type !== 'all' && event.type !== filter.type) return false
  if (filter.kind !== '' && event.involved.kind !== filter.kind) return false
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .every((word) => (word.startsWith('-') ? !matchesWord(event, word.slice(1)) : matchesWord(event, word)))
}

function matchesWord(event: EventRow, word: string): boolean {
  const [key = '', ...rest] = word.split(':')
  const value = rest.join(':')
  const { involved } = event
  if (value !== '') {
    if (key === 'ns') return involved.namespace.toLowerCase().includes(value)
    if (key === 'kind') return involved.kind.toLowerCase() === value
    if (key === 'reason') return event.reason.toLowerCase().includes(value)
    if (key === 'type') return event.type.toLowerCase() === value
    if (key === 'from') return event.source.toLowerCase().includes(value)
  }
  return [refTitle(involved), involved.kind, event.reason, event.message, event.source].some((text) =>
    text.toLowerCase().includes(word),
  )
}

/** Newest first; equal times by key, so that rows do not jump. */
export function sortEvents(events: Iterable<EventRow>): readonly EventRow[] {
  return [...events].sort((a, b) => b.lastAt - a.lastAt || (a.key < b.key ? -1 : 1))
}

/** Kinds that occur, by name. */
export function kindsOf(events: Iterable<EventRow>): readonly string[] {
  return [...new Set([...events].map((event) => event.involved.kind))].sort()
}
