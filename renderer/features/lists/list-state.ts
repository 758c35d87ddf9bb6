/** Cursor, selection and preview of each list: kept while the window lives, so that coming back finds the same row. */
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { Category } from '../../../shared/model/rows.ts'

export interface ListSelection {
  /** Key of the row with the cursor; null before the first move. */
  readonly cursor: string | null
  readonly selected: ReadonlySet<string>
  /** Where an extension of the selection began. */
  readonly anchor: string | null
}

const stores = new Map<Category, StoreApi<ListSelection>>()

export function selectionStore(category: Category): StoreApi<ListSelection> {
  const existing = stores.get(category)
  if (existing !== undefined) return existing
  const created = createStore<ListSelection>(() => ({ cursor: null, selected: new Set(), anchor: null }))
  stores.set(category, created)
  return created
}

/** The keys between two positions, both included. */
export function keysBetween(rows: readonly { readonly key: string }[], from: number, to: number): readonly string[] {
  const [first, last] = from <= to ? [from, to] : [to, from]
  return rows.slice(Math.max(0, first), last + 1).map((row) => row.key)
}
