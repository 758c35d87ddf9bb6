/** Procedures of a part of the engine that is loaded with the first question: what a window waits for at its start has none of it. */
import type {
  CallContext,
  CallName,
  Handlers,
  InputOf,
  ItemOf,
  OutputOf,
  StreamName,
  StreamSink,
} from '../../shared/contract/index.ts'
import type { Dispose } from './kube-port.ts'
import { openAfter } from './open-after.ts'

export interface LazyHandlers<P extends keyof Handlers> {
  readonly call: <N extends P & CallName>(name: N) => Handlers[N]
  /** Opened once `before` has come; null: at once. */
  readonly stream: <N extends P & StreamName>(name: N, before: Promise<void> | null) => Handlers[N]
}

export function createLazyHandlers<P extends keyof Handlers>(
  loaded: () => Promise<{ readonly handlers: Pick<Handlers, P> }>,
): LazyHandlers<P> {
  return {
    call<N extends P & CallName>(name: N) {
      const answer = async (input: InputOf<N>, context: CallContext): Promise<OutputOf<N>> => {
        // One procedure of many: its input is that of its own name.
        const handler = (await loaded()).handlers[name] as unknown as (
          input: InputOf<N>,
          call: CallContext,
        ) => Promise<OutputOf<N>>
        return handler(input, context)
      }
      return answer as Handlers[N]
    },
    stream<N extends P & StreamName>(name: N, before: Promise<void> | null) {
      const open = (input: InputOf<N>, sink: StreamSink<ItemOf<N>>, context: CallContext): Dispose =>
        openAfter(Promise.resolve(before).then(loaded), sink, ({ handlers }) => {
          const handler = handlers[name] as unknown as (
            input: InputOf<N>,
            sink: StreamSink<ItemOf<N>>,
            call: CallContext,
          ) => Dispose
          return handler(input, sink, context)
        })
      return open as Handlers[N]
    },
  }
}
