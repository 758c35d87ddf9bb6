/**
 * The registry of views: which exist, what the rail calls them, and the feature that draws each. Those that a start leads to are part of
 * the first bundle (a view that suspends is revealed up to 300 ms late by React); the others are loaded when first shown. A view
 * that is not built is not here, and so is shown nowhere. The object page, dialogs and toasts plug in at the end.
 */
import { lazy } from 'react'
import type { ComponentType } from 'react'
import type { Category } from '../../shared/model/rows.ts'
import {
  ImagesView,
  KustomizationsView,
  NotificationsView,
  OtherKindsView,
  ReleasesView,
  SourcesView,
} from '../features/lists/category-views.tsx'
import { WelcomeView } from '../features/first-run/welcome-view.tsx'
import { OverviewView } from '../features/overview/overview-view.tsx'
import type { IconName } from '../ui/icon/icon.tsx'
import type { ViewName } from './routes.ts'

export interface ViewEntry {
  readonly name: ViewName
  /** In the rail, the breadcrumb and the palette; also the accessible name of the main region. */
  readonly title: string
  readonly icon: IconName
  readonly place: 'rail' | 'foot' | 'hidden'
  /** Rows that the rail counts beside the title. */
  readonly category?: Category
  /** The rail counts drifting objects beside the title. */
  readonly isDriftCounted?: boolean
  /** Shown in the rail only while hosted mode is on somewhere; the rail counts what waits for approval. */
  readonly isHostedOnly?: boolean
  /** Shown in the rail only when there are rows. */
  readonly isOnDemand?: boolean
  readonly component: ComponentType
}

/** In the rail's order. */
export const views: readonly ViewEntry[] = [
  {
    name: 'overview',
    title: 'Overview',
    icon: 'overview',
    place: 'rail',
    component: OverviewView,
  },
  {
    name: 'kustomizations',
    title: 'Kustomizations',
    icon: 'kustomization',
    place: 'rail',
    category: 'kustomizations',
    component: KustomizationsView,
  },
  {
    name: 'releases',
    title: 'Helm releases',
    icon: 'helm',
    place: 'rail',
    category: 'releases',
    component: ReleasesView,
  },
  {
    name: 'sources',
    title: 'Sources',
    icon: 'source',
    place: 'rail',
    category: 'sources',
    component: SourcesView,
  },
  {
    name: 'drift',
    title: 'Drift',
    icon: 'drift',
    place: 'rail',
    isDriftCounted: true,
    component: lazy(() => import('../features/drift/drift-view.tsx').then((m) => ({ default: m.DriftView }))),
  },
  {
    name: 'hosting',
    title: 'Hosted',
    icon: 'server',
    place: 'rail',
    isHostedOnly: true,
    component: lazy(() => import('../features/hosting/hosting-view.tsx').then((m) => ({ default: m.HostingView }))),
  },
  {
    name: 'history',
    title: 'History',
    icon: 'history',
    place: 'rail',
    component: lazy(() => import('../features/history/history-view.tsx').then((m) => ({ default: m.HistoryView }))),
  },
  {
    name: 'compare',
    title: 'What changed',
    icon: 'changes',
    place: 'hidden',
    component: lazy(() => import('../features/history/compare-view.tsx').then((m) => ({ default: m.CompareView }))),
  },
  {
    name: 'moment',
    title: 'As it was',
    icon: 'clock',
    place: 'hidden',
    component: lazy(() => import('../features/history/as-it-was-view.tsx').then((m) => ({ default: m.AsItWasView }))),
  },
  {
    name: 'images',
    title: 'Images',
    icon: 'image',
    place: 'rail',
    category: 'images',
    isOnDemand: true,
    component: ImagesView,
  },
  {
    name: 'notifications',
    title: 'Notifications',
    icon: 'bell',
    place: 'rail',
    category: 'notifications',
    isOnDemand: true,
    component: NotificationsView,
  },
  {
    name: 'other',
    title: 'Other kinds',
    icon: 'kinds',
    place: 'rail',
    category: 'other',
    isOnDemand: true,
    component: OtherKindsView,
  },
  {
    name: 'events',
    title: 'Events',
    icon: 'events',
    place: 'rail',
    component: lazy(() => import('../features/events/events-view.tsx').then((m) => ({ default: m.EventsView }))),
  },
  {
    name: 'repositories',
    title: 'Repositories',
    icon: 'repo',
    place: 'rail',
    component: lazy(() =>
      import('../features/repositories/repositories-view.tsx').then((m) => ({ default: m.RepositoriesView })),
    ),
  },
  {
    name: 'settings',
    title: 'Settings',
    icon: 'settings',
    place: 'foot',
    component: lazy(() => import('../features/settings/settings-view.tsx').then((m) => ({ default: m.SettingsView }))),
  },
  {
    name: 'welcome',
    title: 'Welcome',
    icon: 'water',
    place: 'hidden',
    component: WelcomeView,
  },
]

/** The entry of a view; null for one that is not built. */
export function findView(name: ViewName): ViewEntry | null {
  return views.find((view) => view.name === name) ?? null
}

/** The page of one object. */
export const ObjectPage = lazy(() =>
  import('../features/object/object-page.tsx').then((m) => ({ default: m.ObjectPage })),
)

/** Switches hosted mode on and off; mounted while it is asked for. */
export const HostingLayer = lazy(() =>
  import('../features/hosting/hosting-layer.tsx').then((m) => ({ default: m.HostingLayer })),
)

/** "Move to the cluster": loaded when it is asked for. */
export const HandOverLayer = lazy(() =>
  import('../features/hand-over/hand-over-layer.tsx').then((m) => ({ default: m.HandOverLayer })),
)

/** Dialogs and toasts, over whatever view is shown. */
export const GateLayer = lazy(() => import('../features/gate/gate-layer.tsx').then((m) => ({ default: m.GateLayer })))
