/**
 * Feature playground: a bar below every view while the playground runs, with what can be done to its repository and cluster, and what to watch then.
 * Each button's effect is real; what is shown of it comes from the same rows as every list.
 */
import { Suspense, lazy, useEffect } from 'react'
import type { ReactElement } from 'react'
import { openAwaitedLoop, useRow, useShownLoop } from '../../stores/playground.ts'
import type { ShownLoop } from '../../stores/playground.ts'

const DockPanel = lazy(() => import('./dock-panel.tsx').then((m) => ({ default: m.DockPanel })))

export function PlaygroundDock(): ReactElement | null {
  const shown = useShownLoop()
  return shown === null ? null : <Dock shown={shown} />
}

function Dock({ shown }: { readonly shown: ShownLoop }): ReactElement {
  const { kustomization } = shown
  const isThere = useRow(kustomization) !== undefined
  useEffect(() => {
    if (isThere) openAwaitedLoop(kustomization)
  }, [isThere, kustomization])
  return (
    <Suspense fallback={null}>
      <DockPanel shown={shown} />
    </Suspense>
  )
}
