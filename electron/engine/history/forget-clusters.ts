/** Deleting what happened: entries, and what was last known of the rows, from which the next start would tell it anew. */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { Ports } from '../ports.ts'
import type { EventStore } from './event-store-port.ts'
import { removeMemory } from './known-rows.ts'

const pageEntries = 1000

/** null: of all clusters that were ever watched. Rejects where the file cannot be written. */
export async function forgetClusters(
  store: Pick<EventStore, 'forget' | 'query'>,
  ports: Pick<Ports, 'store' | 'codec'>,
  clusters: readonly ClusterId[] | null,
  signal: AbortSignal,
): Promise<void> {
  const remembered = clusters ?? (await watchedClusters(store, signal))
  await store.forget(clusters)
  for (const cluster of remembered) await removeMemory(ports, cluster)
}

/** Each has begun to be watched at least once. */
async function watchedClusters(store: Pick<EventStore, 'query'>, signal: AbortSignal): Promise<readonly ClusterId[]> {
  const found = new Set<ClusterId>()
  for (let after: string | null = null; ;) {
    const page = await store.query({ types: ['session'] }, { limit: pageEntries, after }, signal)
    for (const { cluster } of page.entries) found.add(cluster)
    if (page.next === null) return [...found]
    after = page.next
  }
}
