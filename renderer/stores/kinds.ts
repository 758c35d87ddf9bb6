/** State of every kind in every selected context: loading, live, forbidden, not installed, unreachable, stale. */
import type { KindRow } from '../../shared/model/rows.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'

export const kindsStore = createKeyedStore<KindRow>()

onConnect((bridge) => {
  const stop = feedKeyedStore(bridge, kindsStore, 'kinds.watch', {})
  return () => {
    stop()
    kindsStore.setState(emptyStream)
  }
})
