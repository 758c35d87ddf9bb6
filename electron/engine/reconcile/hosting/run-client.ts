/** What a run writes with: fenced by the lease, within the budget, ended with the run, and telling the queue what the server made of its objects. */
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { ServedResource } from '../../clusters/view.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { KubeClient } from '../../kube-port.ts'
import { changesNothing, passThrough } from '../lease/fence.ts'
import type { StatusWrites } from '../presence/status-writes.ts'
import type { HostedObjects } from '../queue/hosted-objects.ts'

export interface WriteObserver {
  readonly objects: HostedObjects
  readonly statusWrites: StatusWrites
  /** Of the kinds that are hosted. */
  readonly resources: () => readonly ServedResource[]
  /** A hosted object was read anew, past the watches. */
  readonly onRead: (object: KubeObject) => void
}

/** `client` whose writes to hosted objects are known as our own before a watch tells of them. */
export function observeWrites(
  client: KubeClient,
  { objects, statusWrites, resources, onRead }: WriteObserver,
): KubeClient {
  function hostedIn(path: string): Omit<ObjectRef, 'cluster'> | null {
    const parts = (path.split('?', 1)[0] ?? '').split('/').map(decodeURIComponent)
    const [, apis, group = '', , scope, namespace = '', plural, name = ''] = parts
    if (apis !== 'apis' || scope !== 'namespaces') return null
    const resource = resources().find((each) => each.group === group && each.plural === plural)
    return resource === undefined || name === '' ? null : { group, kind: resource.kind, namespace, name }
  }
  return {
    ...passThrough(client),
    async request(request) {
      const named = request.method === 'GET' || !changesNothing(request) ? hostedIn(request.path) : null
      if (named === null) return client.request(request)
      if (request.method === 'GET') {
        const answer = await client.request(request)
        const object = answer.status === 200 ? (answer.json() as KubeObject) : null
        if (object?.metadata?.uid !== undefined && object.kind === named.kind) onRead(object)
        return answer
      }
      const target = objects.get(named)
      if (target === null) return client.request(request)
      const done = statusWrites.begin(target.metadata.uid ?? '')
      try {
        const answer = await client.request(request)
        if (answer.status >= 500) done(null)
        else if (answer.status >= 300) done('refused')
        else {
          const object = answer.json() as KubeObject
          const isObject = object.metadata?.uid === target.metadata.uid && object.kind === target.kind
          done(isObject ? object : null)
          if (isObject) objects.put(object)
        }
        return answer
      } catch (error) {
        done(null)
        throw error
      }
    },
  }
}

/** `client` that writes nothing after `signal`, whoever forgets to pass it on. */
export function endWith(client: KubeClient, signal: AbortSignal): KubeClient {
  return {
    ...passThrough(client),
    async request(request) {
      if (!changesNothing(request)) signal.throwIfAborted()
      return client.request(
        request.signal === undefined
          ? { ...request, signal }
          : { ...request, signal: AbortSignal.any([request.signal, signal]) },
      )
    },
  }
}
