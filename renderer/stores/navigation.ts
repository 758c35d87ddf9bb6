/** Where the window is: the route, and the way back and forward. Deep links arrive here; they open places and never act. */
import { createStore } from 'zustand/vanilla'
import { formatRoute, homeRoute, isSameRoute, itemOfRef, objectRoute, parseRoute, viewRoute } from '../app/routes.ts'
import type { ObjectRoute, ObjectTab, Route, ViewName } from '../app/routes.ts'
import type { ContextRow } from '../../shared/model/rows.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { contextOfCluster, contextsStore } from './contexts.ts'
import { onConnect } from './host.ts'
import { uiStore } from './ui-state.ts'

export interface NavigationState {
  readonly route: Route
  readonly back: readonly Route[]
  readonly forward: readonly Route[]
}

const maxHistory = 100

export const navigationStore = createStore<NavigationState>(() => ({ route: homeRoute, back: [], forward: [] }))

/** Goes to a place; `isReplacing` keeps it out of the way back (filters, tabs). */
export function navigate(route: Route, options: { readonly isReplacing?: boolean } = {}): void {
  const state = navigationStore.getState()
  if (isSameRoute(route, state.route)) return
  if (options.isReplacing === true) navigationStore.setState({ route })
  else navigationStore.setState({ route, back: [...state.back.slice(1 - maxHistory), state.route], forward: [] })
  uiStore.setState({ lastPath: formatRoute(route) })
}

export function goBack(): void {
  const { route, back, forward } = navigationStore.getState()
  const last = back.at(-1)
  if (last !== undefined)
    navigationStore.setState({ route: last, back: back.slice(0, -1), forward: [route, ...forward] })
}

export function goForward(): void {
  const { route, back, forward } = navigationStore.getState()
  const [next, ...rest] = forward
  if (next !== undefined) navigationStore.setState({ route: next, back: [...back, route], forward: rest })
}

export function openView(view: ViewName, filter = ''): void {
  navigate(viewRoute(view, filter))
}

/** Opens an object's page, on the tab last used for its kind unless one is named. Does nothing where no context leads to it. */
export function openObject(ref: ObjectRef, tab?: ObjectTab): void {
  const context = contextOfCluster(contextsStore.getState().items, ref.cluster)
  if (context === null) return
  const lastTab = uiStore.getState().tabs[ref.kind]
  const route = objectRoute(context.key, ref, tab ?? 'tree')
  const remembered =
    tab === undefined && lastTab !== undefined ? parseRoute(formatRoute({ ...route, tab: lastTab as ObjectTab })) : null
  navigate(remembered ?? route)
}

/** Opens the Drift tab of an owner with one of its objects selected, or with none. */
export function openDrift(owner: ObjectRef, item?: ObjectRef): void {
  const context = contextOfCluster(contextsStore.getState().items, owner.cluster)
  if (context !== null) navigate(objectRoute(context.key, owner, 'drift', item === undefined ? '' : itemOfRef(item)))
}

/** Selects an object on the Drift tab of the page shown; the way back does not know of it. */
export function selectDriftItem(item: string): void {
  const { route } = navigationStore.getState()
  if (route.page === 'object' && route.tab === 'drift') navigate({ ...route, item }, { isReplacing: true })
}

/** Changes the tab of the page shown and remembers it for the kind. */
export function openTab(tab: ObjectTab): void {
  const { route } = navigationStore.getState()
  if (route.page !== 'object') return
  uiStore.setState((state) => ({ tabs: { ...state.tabs, [route.kind]: tab } }))
  navigate({ ...route, tab }, { isReplacing: true })
}

/** The object that a route means; null until its context has reached its cluster. */
export function refOfRoute(route: ObjectRoute, contexts: ReadonlyMap<string, ContextRow>): ObjectRef | null {
  const cluster = contexts.get(route.context)?.cluster ?? null
  if (cluster === null) return null
  return { cluster, group: route.group, kind: route.kind, namespace: route.namespace, name: route.name }
}

onConnect((bridge) => {
  const stopLinks = bridge.subscribe(
    'links.watch',
    {},
    {
      onDelta({ upsert }) {
        const route = parseRoute(upsert.at(-1)?.path ?? '')
        if (route !== null) navigate(route)
      },
    },
  )
  let isRestored = false
  const stopRestore = uiStore.subscribe((state) => {
    if (isRestored || !state.isLoaded) return
    isRestored = true
    const route = parseRoute(state.lastPath)
    // Only where nobody has gone anywhere yet.
    if (route !== null && navigationStore.getState().back.length === 0) navigationStore.setState({ route })
  })
  return () => {
    stopLinks()
    stopRestore()
    navigationStore.setState({ route: homeRoute, back: [], forward: [] })
  }
})
