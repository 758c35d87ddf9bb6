/** hosting/: the clients of a hosted cluster: of the context that was switched on, and with a line in the audit log for each write. */
import type { ContextId } from '../../../../shared/model/identity.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { AuditEntry, AuditLog } from '../../audit/audit-log.ts'
import type { ClusterView } from '../../clusters/view.ts'
import { remoteCluster } from '../../drift/desired/target.ts'
import type { KubeClient } from '../../ports.ts'
import { passThrough } from '../lease/fence.ts'
import { auditWrites } from './audit-writes.ts'
import { clientFor } from './context-access.ts'

export interface HostClientsOptions {
  readonly view: ClusterView
  readonly context: ContextId
  readonly audit: AuditLog
  readonly auditClient: AuditEntry['client']
}

export interface HostClients {
  /** Throws NotConnected. */
  client(): KubeClient
  /** The same, with a line in the audit log for each write. */
  audited(): KubeClient
  /** `client` of a spec.kubeConfig that leads to `host`, with lines as well. */
  auditedRemote(client: KubeClient, host: string): KubeClient
}

export function createHostClients({ view, context, audit, auditClient }: HostClientsOptions): HostClients {
  let audited: { readonly raw: KubeClient; readonly client: KubeClient } | null = null

  /** SECURITY: of the context that was switched on, and of no other that leads to the same cluster with other rights. */
  function client(): KubeClient {
    const own = clientFor(view, context)
    if (own !== null) return own
    throw new SluiceError('NotConnected', `Context ${context} is not connected`, { retry: 'transient' })
  }

  return {
    client,
    audited() {
      const raw = client()
      if (audited?.raw !== raw) audited = { raw, client: auditWrites(raw, { audit, client: auditClient, view }) }
      return audited.client
    },
    /** SECURITY: item 12: writes to the cluster of a spec.kubeConfig have their lines as well, under a name that tells it from this one. */
    auditedRemote(remote, host) {
      const named = { ...passThrough(remote), context }
      // Its kinds are told by what is served here: most are the same, and where not, the plural stands for the kind.
      return auditWrites(named, {
        audit,
        client: auditClient,
        view: { id: remoteCluster(view.id, host), servedAll: () => view.servedAll() },
      })
    },
  }
}
