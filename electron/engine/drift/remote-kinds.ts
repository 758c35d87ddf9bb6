/** The kinds of the cluster that spec.kubeConfig leads to: from its own discovery, since the owner's cluster may serve others, or others in other places. */
import { createTargetKinds } from '../apply/target-kinds.ts'
import type { ClusterView, ServedResource } from '../clusters/view.ts'
import type { Clock, KubeClient } from '../ports.ts'
import { groupOf } from '../status/read.ts'
import type { DesiredSet } from './desired-set.ts'

interface Known {
  readonly resource: ServedResource
  readonly until: number
}

/** A definition that was found rarely goes; one that was not may be installed at any moment. */
const foundMs = 5 * 60_000

const kept = new WeakMap<KubeClient, Map<string, Known>>()

/** What the set's objects, and what it would prune, are there. Throws what the connection may say. */
export async function discoverRemoteKinds(
  set: Pick<DesiredSet, 'objects' | 'stale'>,
  client: KubeClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pick<ClusterView, 'served'>> {
  const known = kept.get(client) ?? new Map<string, Known>()
  kept.set(client, known)
  const wanted = new Map<string, { readonly apiVersion: string; readonly kind: string }>()
  for (const { object } of set.objects)
    wanted.set(`${groupOf(object.apiVersion)}/${object.kind}`, { apiVersion: object.apiVersion, kind: object.kind })
  for (const { group, version, kind } of set.stale)
    if (!wanted.has(`${group}/${kind}`))
      wanted.set(`${group}/${kind}`, { apiVersion: group === '' ? version : `${group}/${version}`, kind })
  const kinds = createTargetKinds(null, { client, clock, impersonate: null, signal })
  const now = clock.monotonicMs()
  const served = new Map<string, ServedResource>()
  await Promise.all(
    [...wanted].map(async ([key, { apiVersion, kind }]) => {
      const before = known.get(`${apiVersion}|${kind}`)
      const resource = before !== undefined && before.until > now ? before.resource : await kinds.find(apiVersion, kind)
      if (resource === null) return
      served.set(key, resource)
      if (resource !== before?.resource) known.set(`${apiVersion}|${kind}`, { resource, until: now + foundMs })
    }),
  )
  return { served: (group, kind) => served.get(`${group}/${kind}`) ?? null }
}
