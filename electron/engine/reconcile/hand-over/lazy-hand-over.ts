/** Hand-over, loaded with its first question. */
import type { Handlers } from '../../../../shared/contract/index.ts'
import { createLazyHandlers } from '../../lazy-handlers.ts'
import type { HandOver, HandOverProcedure } from './hand-over.ts'

export function createLazyHandOver(load: () => Promise<HandOver>): HandOver {
  let loading: Promise<HandOver> | null = null
  const { call, stream } = createLazyHandlers<HandOverProcedure>(() => (loading ??= load()))
  const handlers: Pick<Handlers, HandOverProcedure> = {
    'handOver.watch': stream('handOver.watch', null),
    'handOver.ways': call('handOver.ways'),
    'handOver.pick': call('handOver.pick'),
    'handOver.plan': call('handOver.plan'),
    'handOver.start': call('handOver.start'),
    'handOver.cancel': call('handOver.cancel'),
    'handOver.diff': call('handOver.diff'),
    'bootstrap.repositories': call('bootstrap.repositories'),
    'bootstrap.pickKey': call('bootstrap.pickKey'),
    'bootstrap.addRepository': call('bootstrap.addRepository'),
  }
  return {
    handlers,
    async dispose() {
      await (await loading?.catch(() => null))?.dispose()
    },
  }
}
