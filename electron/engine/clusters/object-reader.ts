/** Single reads past the caches: one object, or all of a kind, in the version that discovery chose. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { errorFromAnswer } from '../cache/api-answer.ts'
import type { Member } from '../cache/kind-informer.ts'
import { completeObject } from '../cache/shared-watch.ts'
import { nextTurn } from '../cache/slices.ts'
import type { Clock } from '../ports.ts'
import { resourcePath } from './view.ts'
import type { KubeObject, ServedResource } from './view.ts'

export interface ReaderDeps {
  readonly clock: Clock
  readonly members: () => readonly Pick<Member, 'client'>[]
  readonly served: (group: string, kind: string) => ServedResource | null
}

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly signal?: AbortSignal
}

const pageSize = 500
const maxRestarts = 3

/** Fresh GET; a member whose identity may not read the object gives way to the next one. */
export async function fetchObject(deps: ReaderDeps, ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject> {
  const resource = requireServed(deps, ref.group, ref.kind, `${ref.kind} ${refTitle(ref)}`)
  return throughMembers(deps, async (member) => {
    const answer = await member.client.request({
      method: 'GET',
      path: resourcePath(resource, ref.namespace, ref.name),
      ...(signal === undefined ? {} : { signal }),
    })
    if (answer.status !== 200) throw errorFromAnswer(answer, `${ref.kind} ${refTitle(ref)}`)
    return answer.json() as KubeObject
  })
}

/** All objects of a kind in a namespace ('' = all), page by page; starts anew when the list expires between pages. */
export async function listObjects(
  deps: ReaderDeps,
  group: string,
  kind: string,
  namespace: string,
  options: ListOptions = {},
): Promise<readonly KubeObject[]> {
  const what = namespace === '' ? `List ${kind}` : `List ${kind} in ${namespace}`
  const resource = requireServed(deps, group, kind, what)
  const { labelSelector, fieldSelector, signal } = options
  const selectors = [
    ...(labelSelector === undefined ? [] : [`labelSelector=${encodeURIComponent(labelSelector)}`]),
    ...(fieldSelector === undefined ? [] : [`fieldSelector=${encodeURIComponent(fieldSelector)}`]),
  ]
  return throughMembers(deps, async (member) => {
    for (let restart = 0; ; restart += 1) {
      const objects: KubeObject[] = []
      let token = ''
      do {
        const query = [
          `limit=${String(pageSize)}`,
          ...selectors,
          ...(token === '' ? [] : [`continue=${encodeURIComponent(token)}`]),
        ]
        const answer = await member.client.request({
          method: 'GET',
          path: `${resourcePath(resource, namespace)}?${query.join('&')}`,
          ...(signal === undefined ? {} : { signal }),
        })
        if (answer.status === 410 && restart < maxRestarts) break
        if (answer.status !== 200) throw errorFromAnswer(answer, what)
        const body = answer.json() as { items?: unknown; metadata?: { continue?: unknown } } | null
        for (const item of Array.isArray(body?.items) ? (body.items as KubeObject[]) : [])
          objects.push(completeObject(item, resource, group, kind))
        token = typeof body?.metadata?.continue === 'string' ? body.metadata.continue : ''
        if (token === '') return objects
        await nextTurn(deps.clock)
      } while (token !== '')
    }
  })
}

function requireServed(deps: ReaderDeps, group: string, kind: string, what: string): ServedResource {
  const resource = deps.served(group, kind)
  if (resource !== null) return resource
  throw new SluiceError('ResourceNotServed', `${what}: ${kind} (${group || 'core'}) is not served by this cluster`, {
    remedy: 'Install the CustomResourceDefinition, or look in another context.',
  })
}

async function throughMembers<T>(deps: ReaderDeps, read: (member: Pick<Member, 'client'>) => Promise<T>): Promise<T> {
  const members = deps.members()
  let refusal: unknown = new SluiceError('NotConnected', 'No selected context is connected to this cluster', {
    retry: 'transient',
    remedy: 'Retry the context, or select one that can be reached.',
  })
  for (const member of members) {
    try {
      return await read(member)
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'Forbidden') throw error
      refusal = error
    }
  }
  throw refusal
}
