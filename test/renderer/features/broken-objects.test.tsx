/** Objects as no API server should have them, read by the engine and drawn by the window: every row is there, and no view is blank. */
import { act, cleanup, screen, within } from '@testing-library/react'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { buildDetail } from '../../../electron/engine/detail/build-detail.ts'
import { toFluxRow } from '../../../electron/engine/status/flux-row.ts'
import { objectRoute } from '../../../renderer/app/routes.ts'
import { navigate } from '../../../renderer/stores/navigation.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { breakObject, fullObject, mutations } from '../../engine/status/broken-objects.ts'
import { MemoryCluster } from '../../engine/memory-cluster.ts'
import { scaleCount, seed } from '../../soak.ts'
import { openApp } from '../mount.tsx'

const context = 'staging-eu'
const rowsAtOnce = 20
const asked = { isAllowed: true, reason: '' }
const views = { kustomizations: 'view/kustomizations', releases: 'view/releases', sources: 'view/sources' } as const
/** Of kinds that have a list of their own. */
const listed = fluxKinds.flatMap(({ category }, index) =>
  category === 'kustomizations' || category === 'releases' || category === 'sources' ? [{ index, category }] : [],
)

interface Broken {
  readonly row: FluxRow
  readonly object: KubeObject
}

function broken(kindIndex: number, number: number, list: readonly (readonly [number, number])[]): Broken {
  const kind = fluxKinds[kindIndex]
  const object = fullObject(kindIndex)
  breakObject(object, list)
  // Names are what an API server does see to.
  const metadata = typeof object['metadata'] === 'object' && object['metadata'] !== null ? object['metadata'] : {}
  object['metadata'] = { ...metadata, namespace: 'apps', name: `app-${number}` }
  const [group, name] = [kind?.group ?? '', kind?.kind ?? '']
  const of = { cluster: `uid-${context}`, group, version: 'v1', kind: name, fluxKind: fluxKind(group, name) }
  const row = toFluxRow(object, { ...of, now: Date.now() })
  // As it comes over the wire.
  return { row: JSON.parse(JSON.stringify(row)) as FluxRow, object: object as unknown as KubeObject }
}

test(
  'any field missing or of the wrong type leaves every row in its list, and a page for each object',
  { timeout: 1_200_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...listed),
        fc.array(mutations, { minLength: rowsAtOnce, maxLength: rowsAtOnce }),
        async ({ index, category }, lists) => {
          const all = lists.map((list, number) => broken(index, number, list))
          const host = await openApp(views[category], (fleet) => {
            fleet.contexts = fleet.contexts.filter(({ name }) => name === context)
            fleet.rows = all.map(({ row }) => row)
          })
          try {
            const grid = await screen.findByRole('grid')
            expect(grid.getAttribute('aria-rowcount')).toBe(String(rowsAtOnce + 1))
            // Of a list only what is in sight is drawn.
            expect(within(grid).getAllByRole('row').length).toBeGreaterThan(1)
            expect(screen.queryByText(/could not be drawn/)).toBeNull()

            const [first] = all
            if (first === undefined) return
            const { row, object } = first
            const detail = buildDetail(new MemoryCluster(), row.ref, {
              known: { state: 'known', object },
              access: { suspend: asked, resume: asked, reconcile: asked, logs: asked },
              gateNote: '',
              now: Date.now(),
            })
            host.details.set(row.key, { ...detail, row })
            act(() => navigate(objectRoute(context, row.ref, 'conditions')))
            expect(await screen.findByRole('tab', { name: /Conditions/ })).toBeTruthy()
            expect(screen.queryByText(/could not be drawn/)).toBeNull()
          } finally {
            host.connection.stop()
            cleanup()
          }
        },
      ),
      { numRuns: Math.ceil(scaleCount(10_000) / rowsAtOnce), seed: seed(), endOnFailure: true },
    )
  },
)
