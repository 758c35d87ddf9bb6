/**
 * Hosted mode, loaded when it is needed first: after the first view where it is on, else with the first question. What applies, fetches and queues
 * is no part of what a window waits for, nor of what a window that only asks whether it is on makes the engine keep.
 */
import type { CallContext, Handlers, InputOf, ItemOf, StreamName, StreamSink } from '../../../shared/contract/index.ts'
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import { openAfter } from '../open-after.ts'
import type { BlobStore, Dispose } from '../ports.ts'
import type { Hosting, HostingProcedure } from './hosting.ts'

export interface LazyHostingOptions {
  readonly store: Pick<BlobStore, 'read'>
  readonly afterFirstView: Promise<void>
  readonly load: () => Promise<Hosting>
}

/** Written by hosting.ts: contexts that are on. */
const settingsFile = 'hosting.json'
const minSettingsBytes = 3

export function createLazyHosting({ store, afterFirstView, load }: LazyHostingOptions): Hosting {
  let loading: Promise<Hosting> | null = null
  let hosting: Hosting | null = null
  let isDisposed = false
  /** Streams that were opened while there was nothing to see. */
  const sleeping = new Set<() => void>()
  const loaded = (): Promise<Hosting> => {
    if (loading !== null) return loading
    loading = load().then((made) => {
      hosting = made
      return made
    })
    for (const wake of sleeping) wake()
    sleeping.clear()
    return loading
  }
  const begin = async (): Promise<void> => {
    await afterFirstView
    const settings = await store.read(settingsFile)
    // `[]`: it was on once.
    if (!isDisposed && settings !== null && settings.byteLength >= minSettingsBytes) await loaded()
  }
  const begun = begin().catch(() => undefined)

  const { call, stream } = createLazyHandlers<HostingProcedure>(loaded)
  function streamOnceLoaded<N extends HostingProcedure & StreamName>(name: N): Handlers[N] {
    const open = stream(name, null) as unknown as (
      input: InputOf<N>,
      sink: StreamSink<ItemOf<N>>,
      context: CallContext,
    ) => Dispose
    const handler = (input: InputOf<N>, sink: StreamSink<ItemOf<N>>, context: CallContext): Dispose =>
      openAfter(begun, sink, () => {
        if (loading !== null) return open(input, sink, context)
        sink.ready()
        let stop: Dispose = () => undefined
        const wake = (): void => {
          stop = open(input, sink, context)
        }
        sleeping.add(wake)
        return () => {
          sleeping.delete(wake)
          stop()
        }
      })
    return handler as Handlers[N]
  }

  const handlers: Pick<Handlers, HostingProcedure> = {
    'hosting.watch': streamOnceLoaded('hosting.watch'),
    'hosting.rows': streamOnceLoaded('hosting.rows'),
    'hosting.approvals': streamOnceLoaded('hosting.approvals'),
    'hosting.plan': call('hosting.plan'),
    'hosting.start': call('hosting.start'),
    'hosting.stop': call('hosting.stop'),
    'hosting.approve': call('hosting.approve'),
    'hosting.applyOnce': call('hosting.applyOnce'),
  }
  return {
    handlers,
    requeue: async (ref: ObjectRef) => (await loaded()).requeue(ref),
    transferOf: async (context: ContextId) => (await loaded()).transferOf(context),
    isListed: (context: ContextId) => hosting?.isListed(context) === true,
    suspend: async () => (await loading?.catch(() => null))?.suspend(),
    resume: () => {
      hosting?.resume()
    },
    async dispose() {
      isDisposed = true
      await (await loading?.catch(() => null))?.dispose()
    },
  }
}
