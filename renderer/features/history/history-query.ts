/** The filter's words as a query: `commit:`, `by:`, `kind:`, `ns:`, `reason:`, `is:failed`, and any words. */
import type { ParsedFilter } from '../../../shared/lib/filter/parse.ts'
import { findFluxKind } from '../../../shared/flux/kinds.ts'
import type { HistoryQuery, HistoryTone } from '../../../shared/model/history.ts'

const tones: Readonly<Record<string, HistoryTone>> = {
  failed: 'bad',
  bad: 'bad',
  good: 'good',
  ready: 'good',
  suspended: 'closed',
  closed: 'closed',
  resumed: 'open',
  open: 'open',
}
