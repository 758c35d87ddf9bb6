/** status.history: at most five entries, newest first, one per digest and outcome. Semantics: pkg/apis/meta history. */
import { asArray, asNumber, asRecord } from '../../status/read.ts'
import type { Draft } from './draft.ts'
import { goDuration, goTime } from './texts.ts'

const maxEntries = 5

export interface HistoryEvent {
  /** `sha256:…` of what was built. */
  readonly digest: string
  /** The condition's reason: `ReconciliationSucceeded`. */
  readonly status: string
  readonly durationMs: number
  readonly metadata: Readonly<Record<string, string>>
}

/** Counts the entry of the same digest and status up and moves it to the front, or adds one. */
export function upsertHistory(draft: Draft, event: HistoryEvent): void {
  const now = goTime(draft.clock.now())
  const list = asArray(draft.status.history).map(asRecord)
  const isIt = (entry: Readonly<Record<string, unknown>>): boolean =>
    entry.digest === event.digest && entry.lastReconciledStatus === event.status
  const known = list.find(isIt)
  const entry = {
    digest: event.digest,
    firstReconciled: known?.firstReconciled ?? now,
    lastReconciled: now,
    lastReconciledDuration: goDuration(event.durationMs),
    lastReconciledStatus: event.status,
    metadata: event.metadata,
    totalReconciliations: (asNumber(known?.totalReconciliations) ?? 0) + 1,
  }
  draft.status.history = [entry, ...list.filter((other) => other !== known)].slice(0, maxEntries)
}
