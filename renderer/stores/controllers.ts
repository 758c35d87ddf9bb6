/** Flux controllers of the selected clusters. */
import type { ControllerRow } from '../../shared/model/rows.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'

export const controllersStore = createKeyedStore<ControllerRow>()

onConnect((bridge) => {
  const stop = feedKeyedStore(bridge, controllersStore, 'controllers.watch', {})
  return () => {
    stop()
    controllersStore.setState(emptyStream)
  }
})
