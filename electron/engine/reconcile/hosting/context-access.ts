/** One context's way into its cluster: what hosted mode and those who move in write through. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ContextId } from '../../../../shared/model/identity.ts'
import type { ConnectionState, ContextRow } from '../../../../shared/model/rows.ts'
import type { Clusters, ClusterView } from '../../clusters/view.ts'
import { waitWhile } from '../../pause.ts'
import type { Clock, KubeClient } from '../../ports.ts'

export interface ContextAccess {
  readonly row: ContextRow
  readonly view: ClusterView
  readonly client: KubeClient
}

/** A server that was there is asked for at most four seconds whether it still is. */
const patienceMs = 5000
const lookMs = 50
const comingStates: ReadonlySet<ConnectionState> = new Set(['connecting', 'connected'])

/** SECURITY: of this context, and of no other that leads to the same cluster with other rights; null while it cannot be used. */
export function clientFor(view: ClusterView, context: ContextId): KubeClient | null {
  return view.clientOf === undefined ? view.writeClient() : view.clientOf(context)
}

/** The cluster behind a selected context; null: not selected, or not known yet. */
export function findView(clusters: Clusters, context: ContextId): ClusterView | null {
  const row = clusters.contextRow(context)
  return row?.isSelected === true && row.cluster !== null ? clusters.view(row.cluster) : null
}

/** null: not selected, or nothing can be asked of it now. */
export function findAccess(clusters: Clusters, context: ContextId): ContextAccess | null {
  const row = clusters.contextRow(context)
  const view = findView(clusters, context)
  const client = view === null ? null : clientFor(view, context)
  return row === null || view === null || client === null ? null : { row, view, client }
}

/**
 * For what somebody asks for once. A context whose row says that it is connected may be in doubt (one of its streams was cut, and its server is being
 * asked whether it is there): that is waited for, up to 5 s. Throws SluiceError NotConnected where there is no way in, and what `signal` was aborted with.
 */
export async function reachContext(
  clusters: Clusters,
  context: ContextId,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<ContextAccess> {
  let found: ContextAccess | null = null
  const isComing = (): boolean => {
    found = findAccess(clusters, context)
    const row = clusters.contextRow(context)
    return found === null && row?.isSelected === true && comingStates.has(row.connection)
  }
  await waitWhile(isComing, { ...options, stepMs: lookMs, maxMs: patienceMs })
  if (found !== null) return found
  throw new SluiceError('NotConnected', `Context ${clusters.contextRow(context)?.name ?? context} is not connected`, {
    retry: 'transient',
    remedy: 'Select it, or retry its connection.',
  })
}
