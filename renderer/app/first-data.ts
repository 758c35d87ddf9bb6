import { contextsStore } from '../stores/contexts.ts'
import { allRows, rowsStore } from '../stores/rows.ts'
import { uiStore } from '../stores/ui-state.ts'

/** Longer than a running engine takes to answer, shorter than what anybody notices. */
const patienceMs = 80

/**
 * Calls `draw` once: as soon as there is something to draw beside the frame, else after a moment. A start whose engine has its rows ready then
 * draws them at once, without a picture of waiting before.
 */
export function afterFirstData(draw: () => void): void {
  const stops: (() => void)[] = []
  let isDone = false
  const finish = (): void => {
    if (isDone) return
    isDone = true
    for (const stop of stops) stop()
    clearTimeout(deadline)
    draw()
  }
  const look = (): void => {
    const contexts = contextsStore.getState()
    const hasRows = allRows().size > 0 || rowsStore.getState().isReady || contexts.items.size === 0
    if (uiStore.getState().isLoaded && contexts.isReady && hasRows) finish()
  }
  const deadline = setTimeout(finish, patienceMs)
  stops.push(contextsStore.subscribe(look), rowsStore.subscribe(look), uiStore.subscribe(look))
}
