/**
 * Hosted mode, loaded when it is needed first: after the first view where it is on or looked at, else with the first question. What applies,
 * fetches and queues is no part of what a window waits for.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import type { BlobStore } from '../ports.ts'
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

  const { call, stream } = createLazyHandlers<HostingProcedure>(loaded)
  const handlers: Pick<Handlers, HostingProcedure> = {
    'hosting.watch': stream('hosting.watch', afterFirstView),
    'hosting.rows': stream('hosting.rows', afterFirstView),
    'hosting.approvals': stream('hosting.approvals', afterFirstView),
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
