/** The filter of a view: its text stands in the route, so that a link carries it; what is being typed is the bar's own until it pauses. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { viewRoute } from '../app/routes.ts'
import type { ViewName } from '../app/routes.ts'
import { filterText } from '../ui/filter-bar/filter-bar.tsx'
import type { FilterDraft } from '../ui/filter-bar/filter-bar.tsx'
import { splitTokens } from '../ui/filter-bar/filter-tokens.ts'
import { navigate, navigationStore } from './navigation.ts'

const linkDelayMs = 250

/** The filter of the route as a draft; a link that comes later replaces it. */
export function useViewFilter(view: ViewName): readonly [FilterDraft, (next: FilterDraft) => void] {
  const routeFilter = useStore(navigationStore, ({ route }) =>
    route.page === 'view' && route.view === view ? route.filter : '',
  )
  const [filter, setFilter] = useState<FilterDraft>(() => ({ tokens: splitTokens(routeFilter), draft: '' }))
  const [seen, setSeen] = useState(routeFilter)
  if (seen !== routeFilter) {
    setSeen(routeFilter)
    if (routeFilter !== filterText(filter)) setFilter({ tokens: splitTokens(routeFilter), draft: '' })
  }
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // For the bench: what a keystroke keeps the thread, from the change to the committed list.
  const changedAt = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (changedAt.current !== null) performance.measure('sluice:filter', { start: changedAt.current })
    changedAt.current = null
  }, [filter])
  const change = useCallback(
    (next: FilterDraft): void => {
      changedAt.current = performance.now()
      setFilter(next)
      clearTimeout(timer.current)
      // The link follows when the typing pauses: it redraws more than the list.
      timer.current = setTimeout(() => navigate(viewRoute(view, filterText(next)), { isReplacing: true }), linkDelayMs)
    },
    [view],
  )
  return [filter, change]
}
