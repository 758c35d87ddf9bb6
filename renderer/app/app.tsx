/** The application: shell around the view of the route. Decides what fills the main region; owns the window's keys. */
import { Suspense, useEffect, useLayoutEffect } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { PlaygroundDock } from '../features/playground/playground-dock.tsx'
import { Shell } from '../features/shell/shell.tsx'
import { listenToKeys } from '../stores/commands.ts'
import { contextsStore } from '../stores/contexts.ts'
import { dialogsStore } from '../stores/dialogs.ts'
import { hostStore } from '../stores/host.ts'
import { navigationStore } from '../stores/navigation.ts'
import { uiStore } from '../stores/ui-state.ts'
import { TooltipLayer } from '../ui/tooltip/tooltip.tsx'
import { SkeletonRows, ViewState } from '../ui/view-state/view-state.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { markWhenPainted } from './paint-marks.ts'
import { formatRoute } from './routes.ts'
import type { Route } from './routes.ts'
import { GateLayer, HandOverLayer, HostingLayer, ObjectPage, findView, views } from './views.tsx'

export function App(): ReactElement {
  useEffect(() => listenToKeys(window), [])
  const route = useStore(navigationStore, (state) => state.route)
  const hostState = useStore(hostStore, (state) => state.state)
  const isHostingAsked = useStore(dialogsStore, (state) => state.open?.kind === 'hosting')
  const isHandOverAsked = useStore(dialogsStore, (state) => state.open?.kind === 'handOver')
  const isUiLoaded = useStore(uiStore, (state) => state.isLoaded)
  const hasContexts = useStore(contextsStore, (state) => state.items.size > 0)
  const areContextsKnown = useStore(contextsStore, (state) => state.isReady)
  const shown = areContextsKnown && !hasContexts && isContextView(route) ? welcome : route
  const view = shown.page === 'view' ? findView(shown.view) : null
  const name = shown.page === 'object' ? `${shown.kind} ${shown.name}` : (view?.title ?? 'Sluice')
  const isLoading = !isUiLoaded || !areContextsKnown
  return (
    <>
      <Shell
        views={views}
        title={name}
        hasRail={shown.page !== 'view' || shown.view !== 'welcome'}
        dock={<PlaygroundDock />}
      >
        {hostState === 'incompatible' ? (
          <ViewState shape="failed" title="This window and its engine are of different versions">
            Close Sluice and start it again.
          </ViewState>
        ) : isLoading ? (
          <SkeletonRows label="Starting" />
        ) : (
          <ErrorBoundary key={routeIdentity(shown)} name={name}>
            <Suspense fallback={<SkeletonRows label={`Loading ${name}`} />}>
              <Painted name={shown.page === 'object' ? 'object' : shown.view} />
              {shown.page === 'object' ? (
                <ObjectPage />
              ) : view === null ? (
                <ViewState shape="not-installed" title="There is no such view" />
              ) : (
                <view.component />
              )}
            </Suspense>
          </ErrorBoundary>
        )}
      </Shell>
      <ErrorBoundary name="Dialogs and messages">
        <Suspense fallback={null}>
          <GateLayer />
          {isHostingAsked ? <HostingLayer /> : null}
          {isHandOverAsked ? <HandOverLayer /> : null}
        </Suspense>
      </ErrorBoundary>
      <TooltipLayer />
    </>
  )
}

const welcome: Route = { page: 'view', view: 'welcome', filter: '' }

function isContextView(route: Route): boolean {
  return route.page === 'object' || (route.view !== 'settings' && route.view !== 'repositories')
}

/** What makes another view; filters and tabs do not. */
function routeIdentity(route: Route): string {
  return route.page === 'view' ? route.view : formatRoute({ ...route, tab: 'tree' })
}

/** Marks the root with the view that stands, and later once its content has been painted. */
function Painted({ name }: { readonly name: string }): null {
  // With the commit: an effect after the first frame would hear of it a frame late.
  useLayoutEffect(() => {
    document.documentElement.dataset['view'] = name
    return markWhenPainted(name)
  }, [name])
  return null
}
