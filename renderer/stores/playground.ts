/** The playground's loop as the window sees it: its objects among the rows, and what its buttons ask for. */
import { useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { PlaygroundAction, PlaygroundLoop } from '../../shared/model/app.ts'
import { refKey } from '../../shared/model/identity.ts'
import type { ClusterId, ObjectRef } from '../../shared/model/identity.ts'
import type { FluxRow } from '../../shared/model/rows.ts'
import { contextsStore } from './contexts.ts'
import { callHost } from './host.ts'
import { navigationStore, openObject } from './navigation.ts'
import { allRows, rowsStore } from './rows.ts'
import { playgroundStore, selectPlayground } from './settings.ts'
import { showFailure } from './toasts.ts'

export interface ShownLoop {
  readonly loop: PlaygroundLoop
  readonly source: ObjectRef
  readonly kustomization: ObjectRef
}

/** The loop of the running playground, while its context is selected and connected; else null. */
export function useShownLoop(): ShownLoop | null {
  const loop = useStore(playgroundStore, (state) => {
    const playground = selectPlayground(state)
    return playground?.state === 'running' ? (playground.loop ?? null) : null
  })
  const cluster = useStore(contextsStore, (state): ClusterId | null => {
    for (const context of state.items.values()) if (context.isPlayground && context.isSelected) return context.cluster
    return null
  })
  if (loop === null || cluster === null) return null
  const { namespace } = loop
  return {
    loop,
    source: { cluster, group: 'source.toolkit.fluxcd.io', kind: 'GitRepository', namespace, name: loop.source },
    kustomization: {
      cluster,
      group: 'kustomize.toolkit.fluxcd.io',
      kind: 'Kustomization',
      namespace,
      name: loop.kustomization,
    },
  }
}

/** The object's row, kept current; undefined while there is none. */
export function useRow(ref: ObjectRef): FluxRow | undefined {
  const key = refKey(ref)
  return useSyncExternalStore(rowsStore.subscribe, () => allRows().get(key))
}

/** A button was pressed and has not been answered. */
export const pressedStore = createStore<{ readonly action: PlaygroundAction | null }>(() => ({ action: null }))

export async function actOnPlayground(action: PlaygroundAction): Promise<void> {
  pressedStore.setState({ action })
  const result = await callHost('playground.act', { action })
  pressedStore.setState({ action: null })
  if (!result.ok) showFailure(result.error)
}

/** The playground came up before this window's eyes: whoever waits for it on the first page wants to see the loop. */
let isAwaited = false

playgroundStore.subscribe((state, before) => {
  const [now, then] = [selectPlayground(state)?.state, selectPlayground(before)?.state]
  if (now === 'running' && then !== undefined && then !== 'running') isAwaited = isAtHome()
})

function isAtHome(): boolean {
  const { route, back } = navigationStore.getState()
  return back.length === 0 && route.page === 'view' && (route.view === 'overview' || route.view === 'welcome')
}

/** Opens the page where the loop is seen, once, unless the person has gone elsewhere meanwhile. */
export function openAwaitedLoop(kustomization: ObjectRef): void {
  if (!isAwaited) return
  isAwaited = false
  if (isAtHome()) openObject(kustomization, 'tree')
}
