/**
 * Drift, loaded when it is needed first: after the first view where it is watched, else with the first question. What compares, renders
 * and applies is a third of the engine's code, and no first row waits for any of it.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import type { Drift, DriftProcedure } from './drift.ts'

export interface LazyDriftOptions {
  readonly load: () => Promise<Drift>
  /** Lists of results wait for it: nothing is known before. */
  readonly afterFirstView: Promise<void>
  /** Loads after the first view even if nobody asks. */
  readonly isWatched: boolean
}

export function createLazyDrift({ load, afterFirstView, isWatched }: LazyDriftOptions): Drift {
  let loading: Promise<Drift> | null = null
  let isDisposed = false
  const loaded = (): Promise<Drift> => (loading ??= load())
  if (isWatched)
    void afterFirstView.then(() => {
      if (!isDisposed) void loaded()
    })

  const { call, stream } = createLazyHandlers<DriftProcedure>(loaded)
  const handlers: Pick<Handlers, DriftProcedure> = {
    'drift.owners': stream('drift.owners', afterFirstView),
    'drift.objects': stream('drift.objects', afterFirstView),
    'drift.watch': stream('drift.watch', null),
    'drift.fields': call('drift.fields'),
    'drift.texts': call('drift.texts'),
    'drift.check': call('drift.check'),
    'drift.commit': call('drift.commit'),
    'drift.preview': call('drift.preview'),
    'drift.ignoreRule': call('drift.ignoreRule'),
    'drift.ignoreEdit': call('drift.ignoreEdit'),
    'drift.writeIgnore': call('drift.writeIgnore'),
    'drift.patch': call('drift.patch'),
    'drift.openOrigin': call('drift.openOrigin'),
    'contexts.setDryRuns': call('contexts.setDryRuns'),
    'hosts.watch': stream('hosts.watch', afterFirstView),
    'hosts.allow': call('hosts.allow'),
    'credentials.watch': stream('credentials.watch', afterFirstView),
    'credentials.allow': call('credentials.allow'),
    'credentials.tokenStore': call('credentials.tokenStore'),
    'credentials.keepToken': call('credentials.keepToken'),
    'credentials.forgetToken': call('credentials.forgetToken'),
    'folders.watch': stream('folders.watch', afterFirstView),
    'folders.map': call('folders.map'),
    'folders.unmap': call('folders.unmap'),
  }
  return {
    handlers,
    previewOf: async (ref, signal) => (await loaded()).previewOf(ref, signal),
    commitAt: async (ref, revision, signal) => (await loaded()).commitAt(ref, revision, signal),
    logAt: async (source, revision, limit, signal) => (await loaded()).logAt(source, revision, limit, signal),
    originOf: async (owner, ref, signal) => (await loaded()).originOf(owner, ref, signal),
    consents: async () => (await loaded()).consents(),
    async dispose() {
      isDisposed = true
      await (await loading?.catch(() => null))?.dispose()
    },
  }
}
