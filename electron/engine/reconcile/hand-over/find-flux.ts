/** A cluster in which Flux's own controllers run: as its Deployments say. */
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ContextId } from '../../../../shared/model/identity.ts'
import type { Clusters } from '../../clusters/view.ts'
import { findAccess } from '../hosting/context-access.ts'
import type { HandOverPlace } from './make-hand-over-plan.ts'

const defaultNamespace = 'flux-system'

/** null: they do not, or the context is not connected. */
export function findFlux(
  clusters: Clusters,
  context: ContextId,
  options: {
    readonly namespace?: string | undefined
    readonly client?: HandOverPlace['auditClient'] | undefined
  },
): HandOverPlace | null {
  const { namespace = defaultNamespace, client: auditClient = 'window' } = options
  const access = findAccess(clusters, context)
  if (access === null) return null
  const names = new Set(
    access.view
      .controllers()
      .filter((each) => each.namespace === namespace)
      .map(({ name }) => name),
  )
  if (!hostedControllers.every((name) => names.has(name))) return null
  return { ...access, namespace, auditClient }
}
