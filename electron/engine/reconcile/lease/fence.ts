/** The fence before every write: a client whose writes are refused unless the lease is held at the moment of the request. */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeClient, KubeRequest } from '../../kube-port.ts'

export interface Fence {
  /** ms for which a request sent now is certain to be ours; 0 or less: not held. */
  readonly remainingMs: () => number
  readonly signal: () => AbortSignal
  readonly refusal: () => SluiceError
}

const defaultTimeoutMs = 30_000

/** Reads and dry-runs pass without a lease: they change nothing. */
export function changesNothing({ method, path }: Pick<KubeRequest, 'method' | 'path'>): boolean {
  if (method === 'GET') return true
  const [route = '', query = ''] = path.split('?', 2)
  if (new URLSearchParams(query).getAll('dryRun').includes('All')) return true
  return method === 'POST' && /^\/apis\/authorization\.k8s\.io\/v1\/[a-z]+reviews$/.test(route)
}

/**
 * SECURITY: `client`, whose writes reject with LeaseLost unless the lease is held when they are sent. They are aborted with the lease, and given up
 * before anybody else could have taken it: a write under way never outlives what it was allowed by.
 */
export function fenceClient(client: KubeClient, fence: Fence): KubeClient {
  return {
    ...passThrough(client),
    async request(request) {
      if (changesNothing(request)) return client.request(request)
      const remainingMs = fence.remainingMs()
      if (remainingMs <= 0) throw fence.refusal()
      const signal = fence.signal()
      try {
        return await client.request({
          ...request,
          signal: request.signal === undefined ? signal : AbortSignal.any([request.signal, signal]),
          timeoutMs: Math.min(request.timeoutMs ?? defaultTimeoutMs, remainingMs),
          // A process that was stopped while it connected finds the connection before it finds out how late it is.
          demand: () => {
            request.demand?.()
            if (fence.remainingMs() <= 0) throw fence.refusal()
          },
        })
      } catch (error) {
        if (signal.aborted && request.signal?.aborted !== true) throw fence.refusal()
        throw error
      }
    },
  }
}

/** All of a client as an object that may be spread: clients are classes with private state. */
export function passThrough(client: KubeClient): KubeClient {
  return {
    context: client.context,
    request: (request) => client.request(request),
    stream: (request) => client.stream(request),
    openTunnel: (pod, signal) => client.openTunnel(pod, signal),
    setReadOnly: (isReadOnly) => {
      client.setReadOnly(isReadOnly)
    },
    pendingApproval: () => client.pendingApproval(),
    identity: () => client.identity(),
    reset: () => {
      client.reset()
    },
    close: () => {
      client.close()
    },
  }
}
