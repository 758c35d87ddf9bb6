/**
 * Hosted mode, loaded when it is needed first: after the first view where it is on or looked at, else with the first question. What applies,
 * fetches and queues is no part of what a window waits for.
 */
import type { CallContext, Handlers, InputOf, ItemOf, OutputOf, StreamSink } from '../../../shared/contract/index.ts'
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import type { BlobStore } from '../ports.ts'
import type { Hosting, HostingProcedure } from './hosting.ts'

type HostingStream = Extract<HostingProcedure, 'hosting.watch' | 'hosting.rows' | 'hosting.approvals'>
type HostingCall = Exclude<HostingProcedure, HostingStream>

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
  const loaded = (): Promise<Hosting> =>
    (loading ??= load().then((made) => {
      hosting = made
      return made
    }))
  const begin = async (): Promise<void> => {
    await afterFirstView
    const settings = await store.read(settingsFile)
    // `[]`: it was on once.
    if (!isDisposed && settings !== null && settings.byteLength >= minSettingsBytes) await loaded()
  }
  begin().catch(() => undefined)

  const call =
    <P extends HostingCall>(name: P) =>
    async (input: InputOf<P>, context: CallContext) => {
      // One procedure of many: its input is that of its own name.
      const handler = (await loaded()).handlers[name] as unknown as (
        input: InputOf<P>,
        call: CallContext,
      ) => Promise<OutputOf<P>>
      return handler(input, context)
    }
  const stream =
    <P extends HostingStream>(name: P) =>
    (input: InputOf<P>, sink: StreamSink<ItemOf<P>>, context: CallContext): (() => void) => {
      let stop: (() => void) | null = null
      let isStopped = false
      const open = async (): Promise<void> => {
        await afterFirstView
        const { handlers } = await loaded()
        if (isStopped || sink.isClosed) return
        const handler = handlers[name] as (
          input: InputOf<P>,
          sink: StreamSink<ItemOf<P>>,
          call: CallContext,
        ) => () => void
        stop = handler(input, sink, context)
      }
      open().catch((error: unknown) => sink.end(error))
      return () => {
        isStopped = true
        stop?.()
      }
    }

  const handlers: Pick<Handlers, HostingProcedure> = {
    'hosting.watch': stream('hosting.watch'),
    'hosting.rows': stream('hosting.rows'),
    'hosting.approvals': stream('hosting.approvals'),
    'hosting.plan': call('hosting.plan'),
    'hosting.start': call('hosting.start'),
    'hosting.stop': call('hosting.stop'),
    'hosting.approve': call('hosting.approve'),
    'hosting.applyOnce': call('hosting.applyOnce'),
  }
  return {
    handlers,
    requeue: async (ref: ObjectRef) => (await loaded()).requeue(ref),
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
