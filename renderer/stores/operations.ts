/** Running and finished operations: what toasts show and which gates are moving. */
import type { Operation } from '../../shared/model/actions.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'

export const operationsStore = createKeyedStore<Operation>()

onConnect((bridge) => {
  const stop = feedKeyedStore(bridge, operationsStore, 'operations.watch', {})
  return () => {
    stop()
    operationsStore.setState(emptyStream)
  }
})
