/** SECURITY: items 12 and 15: a line in the audit log for each change that hosted mode makes to the cluster. Bodies are left out: they may be Secrets. */
import type { AuditEntry, AuditLog } from '../../audit/audit-log.ts'
import type { ClusterView } from '../../clusters/view.ts'
import type { KubeClient, KubeRequest } from '../../kube-port.ts'
import { toErrorData } from '../../../../shared/model/errors.ts'
import { changesNothing, passThrough } from '../lease/fence.ts'

export interface AuditWritesDeps {
  readonly audit: AuditLog
  readonly client: AuditEntry['client']
  readonly view: Pick<ClusterView, 'id' | 'servedAll'>
  /** `hosted` if not given. */
  readonly action?: AuditEntry['action']
  readonly plan?: string
}

const unsentCodes: ReadonlySet<string> = new Set(['LeaseLost', 'Canceled', 'NotConnected'])

/**
 * The same client. What a controller says of itself is no change to what a person manages: requests to `/status` and events have no line.
 */
export function auditWrites(client: KubeClient, deps: AuditWritesDeps): KubeClient {
  const { audit, client: by, view, action = 'hosted', plan = '' } = deps
  let identity: Promise<string> | null = null

  async function tell(request: KubeRequest, result: string, code: number | null): Promise<void> {
    const object = objectOf(request, view)
    if (object === null) return
    identity ??= client.identity().catch(() => '')
    await audit.record({
      client: by,
      context: client.context,
      cluster: view.id,
      identity: await identity,
      verb: verbOf(request),
      object,
      action,
      plan,
      patch: null,
      result,
      code,
    })
  }

  return {
    ...passThrough(client),
    async request(request) {
      if (changesNothing(request)) return client.request(request)
      try {
        const answer = await client.request(request)
        // Whoever waits for the answer does not wait for the disk.
        void tell(request, answer.status < 300 ? 'ok' : String(answer.status), answer.status)
        return answer
      } catch (error) {
        const { code } = toErrorData(error)
        if (!unsentCodes.has(code)) void tell(request, 'unknown', null)
        throw error
      }
    },
  }
}

function verbOf({ method, contentType }: KubeRequest): AuditEntry['verb'] {
  if (method === 'POST') return 'create'
  if (method === 'PUT') return 'update'
  if (method === 'DELETE') return 'delete'
  return contentType === 'application/apply-patch+yaml' ? 'apply' : 'patch'
}

function objectOf(request: KubeRequest, view: AuditWritesDeps['view']): AuditEntry['object'] | null {
  const parts = (request.path.split('?', 1)[0] ?? '').split('/').slice(1).map(decodeURIComponent)
  const [root] = parts
  const group = root === 'apis' ? (parts[1] ?? '') : ''
  const rest = parts.slice(root === 'apis' ? 3 : 2)
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2
  const namespace = isNamespaced ? (rest[1] ?? '') : ''
  const [plural = '', name = '', subresource] = isNamespaced ? rest.slice(2) : rest
  if (subresource === 'status' || (group === '' && plural === 'events')) return null
  const kind = view.servedAll().find((each) => each.group === group && each.plural === plural)?.kind ?? plural
  const body = request.body as { readonly metadata?: { readonly name?: string } } | undefined
  return { cluster: view.id, group, kind, namespace, name: name === '' ? (body?.metadata?.name ?? '') : name }
}
