/**
 * Where the window can be, and the `sluice://` paths of these places. A path opens a view; it never acts. Parsing takes any text and
 * answers null for what is not a place.
 */
import type { ContextId, ObjectRef } from '../../shared/model/identity.ts'

/** Every view of the rail. One without a component in views.tsx is not shown. */
export const viewNames = [
  'overview',
  'kustomizations',
  'releases',
  'sources',
  'drift',
  'hosting',
  'history',
  'compare',
  'moment',
  'images',
  'notifications',
  'other',
  'events',
  'repositories',
  'settings',
  'welcome',
] as const
export type ViewName = (typeof viewNames)[number]

/** In the order of the tab row. */
export const objectTabs = [
  'tree',
  'drift',
  'graph',
  'trace',
  'history',
  'events',
  'conditions',
  'yaml',
  'logs',
] as const
export type ObjectTab = (typeof objectTabs)[number]

export interface ViewRoute {
  readonly page: 'view'
  readonly view: ViewName
  /** Filter text of a list; '' for none. */
  readonly filter: string
}

export interface ObjectRoute {
  readonly page: 'object'
  readonly context: ContextId
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly tab: ObjectTab
  /** On the Drift tab: which of its objects is selected, as `itemOfRef` writes it; absent: none. */
  readonly item?: string
}

export type Route = ViewRoute | ObjectRoute

export const homeRoute: ViewRoute = { page: 'view', view: 'overview', filter: '' }

/** Stands for the empty group (core) and for no namespace, which a path part cannot say. */
const coreGroup = 'core'
const noNamespace = '_'
const maxPathLength = 2048

export function viewRoute(view: ViewName, filter = ''): ViewRoute {
  return { page: 'view', view, filter }
}

export function objectRoute(
  context: ContextId,
  ref: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
  tab: ObjectTab = 'tree',
  item = '',
): ObjectRoute {
  return {
    page: 'object',
    context,
    group: ref.group,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    tab,
    ...(item === '' ? {} : { item }),
  }
}

/** An object below another one as a part of its link: `group/Kind/namespace/name`. */
export function itemOfRef(ref: Omit<ObjectRef, 'cluster'>): string {
  return `${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`
}

/** The path after `sluice://`: `view/NAME?filter=…`, `repositories/ID/ENTRY/OBJECT` (its short form is only read) or `context/CTX/GROUP/KIND/NAMESPACE/NAME/TAB`, behind `drift` the selected object. */
export function formatRoute(route: Route): string {
  if (route.page === 'view')
    return route.filter === '' ? `view/${route.view}` : `view/${route.view}?filter=${encodeURIComponent(route.filter)}`
  const parts = [
    route.context,
    route.group === '' ? coreGroup : route.group,
    route.kind,
    route.namespace === '' ? noNamespace : route.namespace,
    route.name,
    route.tab,
    ...(route.tab === 'drift' && route.item !== undefined ? [route.item] : []),
  ]
  return `context/${parts.map(encodeURIComponent).join('/')}`
}

/** The whole link, to be copied. */
export function formatLink(route: Route): string {
  return `sluice://${formatRoute(route)}`
}

/** A place from a path or a whole link; null for anything else. */
export function parseRoute(path: string): Route | null {
  if (path.length > maxPathLength) return null
  const text = path.startsWith('sluice://') ? path.slice('sluice://'.length) : path
  const [place = '', query = ''] = splitOnce(text, '?')
  let parts: string[]
  try {
    parts = place.replace(/\/+$/, '').split('/').map(decodeURIComponent)
  } catch {
    return null
  }
  if (parts[0] === 'view' && parts.length === 2) {
    const view = viewNames.find((name) => name === parts[1])
    if (view === undefined) return null
    return viewRoute(view, new URLSearchParams(query).get('filter') ?? '')
  }
  if (parts[0] === 'repositories' && parts.length <= 4)
    return viewRoute('repositories', parts.slice(1).map(encodeURIComponent).join('/'))
  if (parts[0] !== 'context' || parts.length < 6 || parts.length > 8) return null
  const [, context = '', group = '', kind = '', namespace = '', name = '', tab = 'tree', item = ''] = parts
  if (item !== '' && (tab !== 'drift' || item.length > 1100 || item.split('/').length !== 4)) return null
  if (context === '' || group === '' || kind === '' || namespace === '' || name === '') return null
  if ([group, kind, namespace, name].some((part) => part.length > 253)) return null
  return {
    page: 'object',
    context,
    group: group === coreGroup ? '' : group,
    kind,
    namespace: namespace === noNamespace ? '' : namespace,
    name,
    tab: objectTabs.find((known) => known === tab) ?? 'tree',
    ...(item === '' ? {} : { item }),
  }
}

export function isSameRoute(a: Route, b: Route): boolean {
  return formatRoute(a) === formatRoute(b)
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
