/**
 * Marks for the smoke run, screenshots and benches: what has been painted and how many rows are in the store. They cost one attribute
 * per change and end by themselves; nothing in the window reads them.
 *
 * On the root: `data-painted` = the view whose content (rows, or an explicit state; never a skeleton) was painted, `data-rows` = rows in
 * the store. In the timeline: `sluice:first-rows` and `sluice:all-rows`.
 */
import type { KindRow } from '../../shared/model/rows.ts'
import { callHost } from '../stores/host.ts'
import { contextsStore, selectSelectedContexts } from '../stores/contexts.ts'
import { kindsStore } from '../stores/kinds.ts'
import { allRows, rowsStore, watchRows } from '../stores/rows.ts'

const root = document.documentElement.dataset

/** Marks the root once the content of the view stands; call again for another view. Returns what gives it up. */
export function markWhenPainted(view: string): () => void {
  let frame = 0
  const look = (): void => {
    if (hasContent(view)) {
      // A frame callback runs before its frame is drawn: what was committed here is on screen in the next one.
      frame = requestAnimationFrame(() => {
        root['painted'] = view
        if (allRows().size > 0) markOnce('sluice:first-rows')
        tellShown()
      })
      return
    }
    frame = requestAnimationFrame(look)
  }
  frame = requestAnimationFrame(look)
  return () => cancelAnimationFrame(frame)
}

let isShownTold = false
function tellShown(): void {
  if (isShownTold) return
  isShownTold = true
  // The engine then reads the rest of long lists: not before the picture that this frame began is whole and on screen.
  requestIdleCallback(() => void callHost('app.viewShown', {}), { timeout: 300 })
}

/** Keeps `data-rows` and marks the moment when every kind of the selected contexts has an answer and its rows are here. */
export function followRows(): () => void {
  const stops: (() => void)[] = []
  let isComplete = false
  const look = (): void => {
    if (isComplete || !areRowsComplete()) return
    isComplete = true
    markOnce('sluice:all-rows')
  }
  stops.push(
    watchRows(() => {
      root['rows'] = String(allRows().size)
      look()
    }),
    rowsStore.subscribe(look),
    kindsStore.subscribe(look),
    contextsStore.subscribe(look),
  )
  return () => {
    for (const stop of stops) stop()
  }
}

const rowlessViews: ReadonlySet<string> = new Set(['drift', 'events', 'settings', 'repositories', 'welcome', 'object'])

function hasContent(view: string): boolean {
  const main = document.querySelector('main')
  if (main === null || main.querySelector('[aria-busy="true"]') !== null) return false
  if (rowlessViews.has(view) || isSettled()) return true
  // A list may say that it is loading while rows of other kinds are here already: only its own rows count.
  return view === 'overview' ? allRows().size > 0 : main.querySelector('[role="row"][data-key]') !== null
}

/** No rows, and none to come for now: every selected context has been heard or has been given up. */
function isSettled(): boolean {
  const { items, isReady } = contextsStore.getState()
  const kinds = [...kindsStore.getState().items.values()]
  return (
    isReady &&
    selectSelectedContexts(items).every(({ key, connection }) => {
      if (connection === 'idle' || connection === 'connecting') return false
      const own = kinds.filter((kind) => kind.context === key)
      return (connection !== 'connected' || own.length > 0) && own.every(({ state }) => state !== 'loading')
    })
  )
}

function areRowsComplete(): boolean {
  const contexts = selectSelectedContexts(contextsStore.getState().items)
  if (contexts.length === 0 || !rowsStore.getState().isReady) return false
  const kinds = [...kindsStore.getState().items.values()]
  const counts = new Map<string, number>()
  for (const context of contexts) {
    const own = kinds.filter((kind) => kind.context === context.key)
    if (own.length === 0 || own.some((kind) => kind.state === 'loading')) return false
    for (const kind of own) counts.set(clusterKind(kind), kind.count)
  }
  let total = 0
  for (const count of counts.values()) total += count
  return allRows().size >= total
}

/** Two contexts of one cluster share its rows. */
function clusterKind({ cluster, context, group, kind }: KindRow): string {
  return `${cluster ?? context} ${group}/${kind}`
}

function markOnce(name: string): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name)
}
