/** Drift with all its parts: what lazy-drift.ts loads. */
import { comparison } from './comparison.ts'
import type { DesiredSourceDeps } from './desired-source.ts'
import { createDesiredSource } from './desired-source.ts'
import type { Drift, DriftDeps } from './drift.ts'
import { createDrift } from './drift.ts'

export type ComposedDriftDeps = Omit<DriftDeps, 'createDesired' | 'comparison' | 'compileReady'> &
  Pick<DesiredSourceDeps, 'access' | 'usesOwnKeys'>

export function composeDrift({ access, usesOwnKeys, ...deps }: ComposedDriftDeps): Drift {
  return createDrift({
    ...deps,
    comparison,
    compileReady: async (text) => {
      const { compileReadyExpression } = await import('../reconcile/health/health-expressions.ts')
      return compileReadyExpression(text)
    },
    createDesired: (known) => createDesiredSource({ ...known, ports: deps.ports, access, usesOwnKeys }),
  })
}
