/** Notifications, loaded after the first view. Hosts that have no desktop to tell (the command line) have none, and say so. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import type { Notify, NotifyProcedure } from './notify.ts'

export function createLazyNotify(options: {
  readonly afterFirstView: Promise<void>
  /** null: nobody is notified here. */
  readonly load: (() => Promise<Notify>) | null
}): Notify {
  const { afterFirstView, load } = options
  let loading: Promise<Notify> | null = null
  let isDisposed = false
  const loaded = (): Promise<Notify> => {
    if (load === null || isDisposed)
      return Promise.reject(new SluiceError('Unsupported', 'Nobody is notified from here.'))
    return (loading ??= load())
  }
  if (load !== null)
    void afterFirstView.then(() => {
      if (!isDisposed) void loaded().catch(() => undefined)
    })
  const { call, stream } = createLazyHandlers<NotifyProcedure>(loaded)
  return {
    handlers: {
      'notify.watch': stream('notify.watch', null),
      'notify.save': call('notify.save'),
      'notify.snooze': call('notify.snooze'),
      'notify.test': call('notify.test'),
    },
    async dispose() {
      isDisposed = true
      await (await loading?.catch(() => null))?.dispose()
    },
  }
}
