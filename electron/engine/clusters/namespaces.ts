/** Where to look when a kind may not be listed cluster-wide. */
import type { Member } from '../cache/kind-informer.ts'

const maxNamespaces = 500

/**
 * Namespaces worth trying with this identity, the context's own first: all of them where namespaces may be listed, else the context's
 * and those that rows have shown. A namespace that forbids the kind drops out by itself.
 */
export async function reachableNamespaces(member: Member, seen: ReadonlySet<string>): Promise<readonly string[]> {
  const own = member.namespace === '' ? 'default' : member.namespace
  const answer = await member.client.request({
    method: 'GET',
    path: `/api/v1/namespaces?limit=${String(maxNamespaces)}`,
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  })
  const listed: string[] = []
  if (answer.status === 200) {
    const items = (answer.json() as { items?: unknown } | null)?.items
    for (const item of Array.isArray(items) ? (items as { metadata?: { name?: unknown } }[]) : [])
      if (typeof item.metadata?.name === 'string') listed.push(item.metadata.name)
  }
  return [...new Set([own, ...seen, ...listed])]
}
