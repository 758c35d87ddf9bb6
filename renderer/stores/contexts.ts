/** Contexts: ways into clusters, their connection, and which of them are selected. */
import { formatCountOf } from '../../shared/lib/format/numbers.ts'
import { neutralizeLine } from '../../shared/lib/text.ts'
import type { ClusterId, ContextId } from '../../shared/model/identity.ts'
import type { ContextRow } from '../../shared/model/rows.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'
import { memoize, memoizeBySignature } from './memoize.ts'

export const contextsStore = createKeyedStore<ContextRow>()

onConnect((bridge) => {
  const stop = feedKeyedStore(bridge, contextsStore, 'contexts.watch', {})
  return () => {
    stop()
    contextsStore.setState(emptyStream)
  }
})

type State = KeyedStream<ContextRow>

/** All contexts, by name. */
export const selectContexts = memoize((items: State['items']): readonly ContextRow[] =>
  [...items.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.key < b.key ? -1 : 1)),
)

export const selectSelectedContexts = memoize((items: State['items']): readonly ContextRow[] =>
  selectContexts(items).filter((context) => context.isSelected),
)

/** `prod-eu-1`, `3 contexts` */
export function contextsText(contexts: readonly ContextRow[]): string {
  const [only] = contexts
  return contexts.length === 1 && only !== undefined
    ? neutralizeLine(only.name)
    : formatCountOf(contexts.length, 'context')
}

/** What rows and gates depend on; lag and last-seen times do not count. */
function signature(items: State['items']): string {
  const parts: unknown[] = []
  for (const context of items.values())
    if (context.isSelected)
      parts.push([
        context.key,
        context.cluster,
        context.connection,
        context.snapshotAt,
        context.isReadOnly,
        context.isAlwaysAsk,
        context.isProduction,
      ])
  return JSON.stringify(parts)
}

/** Selected contexts by the cluster they lead to, connected ones first: rows belong to clusters, people think in contexts. */
export const selectContextsByCluster = memoizeBySignature(
  signature,
  (items: State['items']): ReadonlyMap<ClusterId, readonly ContextRow[]> => {
    const byCluster = new Map<ClusterId, ContextRow[]>()
    for (const context of selectSelectedContexts(items)) {
      if (context.cluster === null) continue
      const known = byCluster.get(context.cluster)
      if (known === undefined) byCluster.set(context.cluster, [context])
      else known.push(context)
    }
    for (const contexts of byCluster.values())
      contexts.sort((a, b) => Number(b.connection === 'connected') - Number(a.connection === 'connected'))
    return byCluster
  },
)

/** The context by which people know a cluster's rows; null when none of the selected contexts leads there. */
export function contextOfCluster(items: State['items'], cluster: ClusterId): ContextRow | null {
  return selectContextsByCluster(items).get(cluster)?.[0] ?? null
}

export function findContext(items: State['items'], id: ContextId): ContextRow | null {
  return items.get(id) ?? null
}
