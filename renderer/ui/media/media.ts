import { useSyncExternalStore } from 'react'

interface Query {
  readonly subscribe: (listener: () => void) => () => void
  readonly matches: () => boolean
}

/** One list for each query: to ask for one anew at each rendering cost more than what is rendered. */
const queries = new Map<string, Query>()

function queryOf(text: string): Query {
  const known = queries.get(text)
  if (known !== undefined) return known
  const list = window.matchMedia(text)
  const query: Query = {
    subscribe: (listener) => {
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    matches: () => list.matches,
  }
  queries.set(text, query)
  return query
}

const noQuery: Query = { subscribe: () => () => undefined, matches: () => false }

/** Whether a media query holds now; false where the environment knows no media. */
export function useMedia(text: string): boolean {
  const query = typeof window.matchMedia === 'function' ? queryOf(text) : noQuery
  return useSyncExternalStore(query.subscribe, query.matches)
}

/** Below 1120 px: rail of icons, fewer columns, details over the content (interface.md, Widths). */
export function useIsNarrow(): boolean {
  return useMedia('(max-width: 1120px)')
}
