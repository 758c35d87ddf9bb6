/** One Lease as an API server keeps it: optimistic concurrency, and nothing else. */
import { passThrough } from '../../../../electron/engine/reconcile/lease/fence.ts'
import type { KubeClient, KubeRequest, KubeResponse } from '../../../../electron/engine/ports.ts'
import type { Clock, Dispose } from '../../../../electron/engine/ports.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { answer } from '../../cache/scripted-client.ts'
import { ManualClock } from '../../memory-cluster.ts'

export interface LeaseObject {
  metadata: { resourceVersion: string }
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string; leaseTransitions: number }
}

export class MemoryLease {
  object: LeaseObject | null = null
  isDown = false
  readonly requests: KubeRequest[] = []
  #version = 1

  /** As somebody else would. */
  set(spec: Partial<LeaseObject['spec']>): void {
    this.#version += 1
    const known = this.object?.spec ?? {
      holderIdentity: '',
      leaseDurationSeconds: 35,
      renewTime: '',
      leaseTransitions: 0,
    }
    this.object = { metadata: { resourceVersion: String(this.#version) }, spec: { ...known, ...spec } }
  }

  client(): KubeClient {
    const client = {
      context: 'test',
      request: (request: KubeRequest): Promise<KubeResponse> => {
        this.requests.push(request)
        if (this.isDown) return Promise.reject(new SluiceError('ConnectionLost', 'down', { retry: 'transient' }))
        return Promise.resolve(this.#answer(request))
      },
    }
    return passThrough({ ...passThrough(client as unknown as KubeClient), request: client.request })
  }

  #answer({ method, body, path }: KubeRequest): KubeResponse {
    if (!path.startsWith('/apis/coordination.k8s.io/')) return answer(200, {})
    if (method === 'GET') return this.object === null ? answer(404, notFound) : answer(200, this.object)
    const given = structuredClone(body) as LeaseObject
    if (method === 'POST' && this.object !== null) return answer(409, {})
    if (method === 'PUT' && given.metadata.resourceVersion !== this.object?.metadata.resourceVersion)
      return answer(409, {})
    this.set(given.spec)
    return answer(200, this.object)
  }
}

const notFound = { kind: 'Status', code: 404, reason: 'NotFound', details: { name: 'x' } }

/** A machine's two clocks: the wall's can be set, and both stand still or part while it sleeps. */
export class TwoClocks implements Clock {
  readonly time = new ManualClock()
  wallOffsetMs = 0

  now(): number {
    return this.time.now() + this.wallOffsetMs
  }
  monotonicMs(): number {
    return this.time.monotonicMs()
  }
  after(ms: number, callback: () => void): Dispose {
    return this.time.after(ms, callback)
  }
}
