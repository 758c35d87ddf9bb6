/**
 * The registry of views: which exist, what the rail calls them, and the feature that draws each, loaded when it is first shown. A view
 * that is not built is not here, and so is shown nowhere. The object page, dialogs and toasts plug in below the same way.
 */
import { lazy } from 'react'
import type { ComponentType, LazyExoticComponent } from 'react'
import type { IconName } from '../ui/icon/icon.tsx'
import type { ViewName } from './routes.ts'

export interface ViewEntry {
  readonly name: ViewName
  /** In the rail, the breadcrumb and the palette; also the accessible name of the main region. */
  readonly title: string
  readonly icon: IconName
  readonly place: 'rail' | 'foot' | 'hidden'
  readonly component: LazyExoticComponent<ComponentType>
}

/** In the rail's order. */
export const views: readonly ViewEntry[] = []

export function findView(name: ViewName): ViewEntry | null {
  return views.find((view) => view.name === name) ?? null
}

void lazy
