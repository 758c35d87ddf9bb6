/** The filter language (shared/lib/filter) as the lists use it: texts of conditions in, one predicate over rows out. */
import { compileFilter } from '../../../shared/lib/filter/compile.ts'
import { parseFilter } from '../../../shared/lib/filter/parse.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { RowScene } from '../../stores/row-scene.ts'

export interface FilterBox {
  /** '' for bare text. */
  readonly key: string
  readonly value: string
  readonly isNegated: boolean
  /** Why it filters nothing; '' if it does. */
  readonly problem: string
}

/** The conditions of a text, each as it was typed. */
export function splitTokens(text: string): string[] {
  return parseFilter(text).tokens.map((token) => text.slice(token.start, token.end))
}

/** How a condition stands in its box. */
export function describeToken(text: string): FilterBox {
  const token = parseFilter(text).tokens[0]
  if (token === undefined) return { key: '', value: text, isNegated: false, problem: '' }
  return {
    key: token.key ?? '',
    value: token.values.length === 0 ? text : token.values.join(','),
    isNegated: token.isNegated,
    problem: token.error ?? '',
  }
}

/** One predicate for a filter text; null where it filters nothing. */
export function makeMatcher(text: string, contexts: RowScene['contexts']): ((row: FluxRow) => boolean) | null {
  const filter = parseFilter(text)
  if (filter.tokens.every((token) => token.error !== null)) return null
  const test = compileFilter(filter)
  const names = new Map([...contexts].map(([cluster, ways]) => [cluster, ways.map((context) => context.name)]))
  const none: readonly string[] = []
  return (row) => test(row, names.get(row.ref.cluster) ?? none)
}
