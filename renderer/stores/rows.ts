/**
 * Flux objects of all selected contexts, normalised by key. The map is changed in place (copying 20,000 entries for one changed row
 * would cost the frame); `version` rises with every change, and listeners of `watchRows` hear which keys changed.
 */
import { createStore } from 'zustand/vanilla'
import { StringPool } from '../../shared/lib/string-pool.ts'
import type { FluxRow } from '../../shared/model/rows.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import { onConnect } from './host.ts'

export interface RowsState {
  readonly version: number
  readonly isReady: boolean
  readonly error: SluiceErrorData | null
}

export interface RowsChange {
  readonly upsert: readonly FluxRow[]
  readonly remove: readonly FluxRow[]
  /** What the upserted rows were before, where they were there. */
  readonly replaced: readonly FluxRow[]
}

const rows = new Map<string, FluxRow>()
const strings = new StringPool()
const watchers = new Set<(change: RowsChange) => void>()
const initial: RowsState = { version: 0, isReady: false, error: null }
export const rowsStore = createStore<RowsState>(() => initial)

/** All rows now. Read it, never keep it: it changes in place. */
export function allRows(): ReadonlyMap<string, FluxRow> {
  return rows
}

/** Hears every change after the map has taken it. Returns what ends it. */
export function watchRows(watcher: (change: RowsChange) => void): () => void {
  watchers.add(watcher)
  return () => void watchers.delete(watcher)
}

function apply(received: readonly FluxRow[], keys: readonly string[], isReady: boolean): void {
  const upsert = received.map((row) => strings.row(row))
  const remove: FluxRow[] = []
  for (const key of keys) {
    const row = rows.get(key)
    if (row !== undefined && rows.delete(key)) remove.push(row)
  }
  const replaced: FluxRow[] = []
  for (const row of upsert) {
    const before = rows.get(row.key)
    if (before !== undefined) replaced.push(before)
    rows.set(row.key, row)
  }
  for (const watcher of watchers) watcher({ upsert, remove, replaced })
  const state = rowsStore.getState()
  rowsStore.setState({
    version: state.version + 1,
    isReady: state.isReady || isReady,
    error: null,
  })
}

onConnect((bridge) => {
  const stop = bridge.subscribe(
    'rows.watch',
    {},
    {
      onDelta: ({ upsert, remove, isReady }) => apply(upsert, remove, isReady),
      onEnd: (error) => rowsStore.setState({ error }),
    },
  )
  return () => {
    stop()
    apply([], [...rows.keys()], false)
    rowsStore.setState({ ...initial, version: rowsStore.getState().version + 1 })
  }
})
