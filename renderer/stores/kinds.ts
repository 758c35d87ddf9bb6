/** State of every kind in every selected context: loading, live, forbidden, not installed, unreachable, stale. */
import type { ContextId } from '../../shared/model/identity.ts'
import type { KindRow } from '../../shared/model/rows.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'
import { memoizeBySignature } from './memoize.ts'

export const kindsStore = createKeyedStore<KindRow>()

onConnect((bridge) => {
  const stop = feedKeyedStore(bridge, kindsStore, 'kinds.watch', {})
  return () => {
    stop()
    kindsStore.setState(emptyStream)
  }
})

/** Access to each kind in each context, by `context|group/Kind`. Counts and states in it may be old: read those from the store. */
export const selectKindIndex = memoizeBySignature(
  (items: ReadonlyMap<string, KindRow>) =>
    JSON.stringify([...items.values()].map((kind) => [kind.key, kind.patchAccess, kind.patchAccessReason])),
  (items): ReadonlyMap<string, KindRow> => {
    const index = new Map<string, KindRow>()
    for (const kind of items.values()) index.set(kindKey(kind.context, kind.group, kind.kind), kind)
    return index
  },
)

export function kindKey(context: ContextId, group: string, kind: string): string {
  return `${context}|${group}/${kind}`
}
