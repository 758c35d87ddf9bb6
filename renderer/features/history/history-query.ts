/** The filter's words as a query: `commit:`, `by:`, `kind:`, `ns:`, `reason:`, `is:failed`, and any words. Pure. */
import { kindOfWord } from '../../../shared/flux/short-kinds.ts'
import type { Filter } from '../../../shared/lib/filter/parse.ts'
import type { HistoryQuery, HistoryTone } from '../../../shared/model/history.ts'

const tones: Readonly<Record<string, HistoryTone>> = {
  failed: 'bad',
  stalled: 'bad',
  ready: 'good',
  suspended: 'closed',
  held: 'closed',
}

/** Shorter beginnings of a hash would find almost anything. */
const minCommit = 4

export interface ReadQuery {
  readonly query: HistoryQuery
  /** Tokens that mean nothing in a history, or not yet: said beside the filter, never silently left out. */
  readonly unused: readonly string[]
}

export function toHistoryQuery({ text, tokens }: Filter): ReadQuery {
  const lists: Record<'kinds' | 'namespaces' | 'reasons' | 'by' | 'commits' | 'words', string[]> = {
    kinds: [],
    namespaces: [],
    reasons: [],
    by: [],
    commits: [],
    words: [],
  }
  const found: HistoryTone[] = []
  const unused: string[] = []
  for (const { key, values, isNegated, error, start, end } of tokens) {
    const drop = (): void => void unused.push(text.slice(start, end))
    if (error !== null || isNegated) {
      drop()
      continue
    }
    switch (key) {
      case null:
      case 'name':
        lists.words.push(...values.flatMap((value) => value.split(/\s+/)).filter((word) => word !== ''))
        break
      case 'kind':
        lists.kinds.push(...values.map(kindOfWord))
        break
      case 'ns':
        lists.namespaces.push(...values)
        break
      case 'reason':
        lists.reasons.push(...values)
        break
      case 'by':
      case 'manager':
        lists.by.push(...values)
        break
      case 'commit':
        for (const value of values)
          if (value.length < minCommit) drop()
          else lists.commits.push(value)
        break
      case 'is':
        for (const value of values) {
          const tone = tones[value.toLowerCase()]
          if (tone === undefined) drop()
          else found.push(tone)
        }
        break
      case 'status':
      case 'ctx':
      case 'source':
      case 'risk':
      case 'owner':
        drop()
    }
  }
  return {
    query: {
      ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
      ...(found.length === 0 ? {} : { tones: [...new Set(found)] }),
    },
    unused,
  }
}
