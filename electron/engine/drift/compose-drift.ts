/** Drift with all its parts: what lazy-drift.ts loads. */
import { compileReadyExpression } from '../reconcile/health/health-expressions.ts'
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
    compileReady: compileReadyExpression,
    createDesired: (known) => createDesiredSource({ ...known, ports: deps.ports, access, usesOwnKeys }),
  })
}
