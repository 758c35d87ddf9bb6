/** The procedures that compare two points of history and tell what was: loaded with the first question of that kind. */
import type { Handlers } from '../../../shared/contract/index.ts'
import type { CompareScope } from '../../../shared/model/history-compare.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Clock } from '../ports.ts'
import { findAsItWas } from './as-it-was.ts'
import { findBands } from './compare-bands.ts'
import type { ReadStore } from './compare-read.ts'
import { compareHistory, compareTexts, timeOfPoint } from './compare.ts'

export type CompareProcedure = 'history.compare' | 'history.compareTexts' | 'history.asItWas' | 'history.bands'

export function createCompareProcedures(deps: {
  readonly clock: Clock
  readonly store: ReadStore
  readonly clusters: Clusters
  /** What was handed over is in the store. */
  readonly flush: () => Promise<void>
}): { readonly handlers: Pick<Handlers, CompareProcedure> } {
  const { clock, store, clusters, flush } = deps

  function* rowsOf({ clusters: ids, owner, ref }: CompareScope): Iterable<FluxRow> {
    for (const id of ids) {
      const view = clusters.view(id)
      const about = owner ?? ref
      if (about === null) yield* view?.rows() ?? []
      else {
        const row = view?.row(refKey(about)) ?? null
        if (row !== null) yield row
      }
    }
  }

  return {
    handlers: {
      'history.compare': async ({ scope, from, until }, { signal }) => {
        await flush()
        const times = {
          from: await timeOfPoint(store, scope.owner, from, signal),
          until: await timeOfPoint(store, scope.owner, until, signal),
          now: clock.now(),
        }
        return compareHistory(store, scope, times, signal)
      },
      'history.compareTexts': async ({ owner, ref, from, until }, { signal }) => {
        await flush()
        return compareTexts(store, owner, ref, { from, until }, signal)
      },
      'history.asItWas': async ({ ref, at }, { signal }) => {
        await flush()
        return findAsItWas(store, clusters, ref, at, clock.now(), signal)
      },
      'history.bands': async ({ scope, from, until }, { signal }) => {
        await flush()
        const range = { from, until, now: clock.now() }
        return { bands: await findBands(store, scope, range, rowsOf(scope), signal) }
      },
    },
  }
}
