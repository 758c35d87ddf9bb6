/** History, loaded after the first view: no first row waits for a database. Without a store (some hosts have none) there is no history, and it says so. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { HistoryRetention } from '../../../shared/model/history.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import type { History, HistoryProcedure } from './history.ts'

/** Kept until history is loaded; nobody does more in the first second. */
const maxEarly = 1000

export function createLazyHistory(options: {
  readonly afterFirstView: Promise<void>
  /** null: this host keeps no history. */
  readonly load: (() => Promise<History>) | null
  /** Recording begins by itself, not with the first question. */
  readonly isRecording: boolean
}): History {
  const { afterFirstView, load, isRecording } = options
  let loading: Promise<History> | null = null
  let isDisposed = false
  let early: AuditEntry[] = []
  let retention: HistoryRetention | null = null
  const loaded = (): Promise<History> => {
    if (load === null) return Promise.reject(new SluiceError('Unsupported', 'No history is kept here.'))
    return (loading ??= load().then((history) => {
      for (const entry of early) history.recordAction(entry)
      early = []
      if (retention !== null) history.retain(retention, false)
      return history
    }))
  }
  if (isRecording && load !== null)
    void afterFirstView.then(() => {
      if (!isDisposed) void loaded().catch(() => undefined)
    })
  const { call, stream } = createLazyHandlers<HistoryProcedure>(loaded)
  return {
    handlers: {
      'history.query': call('history.query'),
      'history.buckets': call('history.buckets'),
      'history.changes': stream('history.changes', null),
      'history.state': call('history.state'),
      'trace.watch': stream('trace.watch', null),
      'history.where': call('history.where'),
      'history.report': call('history.report'),
      'history.saveReport': call('history.saveReport'),
      'history.forget': call('history.forget'),
      'history.checkAudit': call('history.checkAudit'),
      'history.compare': call('history.compare'),
      'history.compareTexts': call('history.compareTexts'),
      'history.asItWas': call('history.asItWas'),
      'history.bands': call('history.bands'),
    },
    async keepRender(view, owner, set) {
      // What is compared before there is a history is rendered again by none: it waits for it.
      if (isRecording && load !== null && !isDisposed)
        await loaded().then(
          (history) => history.keepRender(view, owner, set),
          () => undefined,
        )
    },
    recordAction(entry) {
      if (loading !== null) void loading.then((history) => history.recordAction(entry)).catch(() => undefined)
      else if (early.length < maxEarly) early.push(entry)
    },
    appendAudit: (line) => loaded().then((history) => history.appendAudit(line)),
    retain(limits, isAtOnce) {
      retention = limits
      if (loading !== null) void loading.then((history) => history.retain(limits, isAtOnce)).catch(() => undefined)
    },
    async dispose() {
      isDisposed = true
      if (loading === null && early.length > 0 && load !== null) void loaded()
      await (await loading?.catch(() => null))?.dispose()
    },
  }
}
