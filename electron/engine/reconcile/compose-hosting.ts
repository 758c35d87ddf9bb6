/** Hosted mode with all its parts: what lazy-hosting.ts loads. */
import type { AccessReviews } from '../access/access-reviews.ts'
import { applySet } from '../apply/apply-set.ts'
import { pruneSet } from '../apply/prune-set.ts'
import type { Consents } from '../drift/drift.ts'
import { compileHealthExpressions, compileReadyExpression } from './health/health-expressions.ts'
import { waitForHealth } from './health/wait-for-health.ts'
import type { Hosting, HostingDeps } from './hosting.ts'
import { createHosting } from './hosting.ts'
import { createKustomizationReconciler } from './kustomization/create-kustomization-reconciler.ts'
import { createGitRepositoryReconciler } from './source/git-repository.ts'

export interface ComposedHostingDeps extends Omit<HostingDeps, 'createReconcilers' | 'watchAllowed'> {
  readonly access: AccessReviews
  readonly consents: () => Promise<Consents>
}

export function composeHosting({ access, consents, ...deps }: ComposedHostingDeps): Hosting {
  const { ports } = deps
  const { artifactStorage: storage } = ports
  return createHosting({
    ...deps,
    watchAllowed: async (listener) => (await consents()).watchAllowed(listener),
    async createReconcilers() {
      const hosts = await consents()
      const kustomizations = createKustomizationReconciler({
        ports,
        storage,
        hosts,
        access,
        applySet,
        pruneSet,
        waitForHealth,
        compileHealth: compileHealthExpressions,
        compileReady: compileReadyExpression,
      })
      return {
        reconcilers: [createGitRepositoryReconciler({ ports, storage, hosts }), kustomizations],
        dispose: () => {
          kustomizations.dispose()
        },
      }
    },
  })
}
