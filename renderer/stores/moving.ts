/** Gates that were asked to move and are not confirmed yet: row key → whether it was open. Confirmed by the watch, never by hope. */
import { createStore } from 'zustand/vanilla'
import { allRows, watchRows } from './rows.ts'

export const movingStore = createStore<{ readonly moving: ReadonlyMap<string, boolean> }>(() => ({ moving: new Map() }))

const maxMovingMs = 30_000

export function beginMoving(key: string): void {
  const row = allRows().get(key)
  movingStore.setState((state) => ({ moving: new Map(state.moving).set(key, row?.isSuspended === false) }))
  // A watch that never answers must not leave the gate half up for ever; the true state shows again.
  setTimeout(() => endMoving(key), maxMovingMs)
}

export function endMoving(key: string): void {
  if (!movingStore.getState().moving.has(key)) return
  const moving = new Map(movingStore.getState().moving)
  moving.delete(key)
  movingStore.setState({ moving })
}

watchRows(({ upsert, remove }) => {
  const { moving } = movingStore.getState()
  if (moving.size === 0) return
  for (const row of upsert) {
    const wasOpen = moving.get(row.key)
    if (wasOpen !== undefined && (row.isSuspended === true) === wasOpen) endMoving(row.key)
  }
  for (const row of remove) endMoving(row.key)
})
