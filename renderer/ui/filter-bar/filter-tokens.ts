/** Texts of conditions as boxes: how the filter language's tokens are cut and drawn. Pure. */
import { parseFilter } from '../../../shared/lib/filter/parse.ts'

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
