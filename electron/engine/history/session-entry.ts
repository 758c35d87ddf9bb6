/** What is told of the watching itself: when it began and ended, a cluster that was lost or came back, entries that could not be written. */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'

/** `at`: ms since the epoch. */
export function sessionEntry(cluster: ClusterId, reason: string, message: string, at: number): NewHistoryEntry {
  return {
    cluster,
    type: 'session',
    ref: null,
    owner: null,
    at,
    reason,
    message,
    tone: 'plain',
    revision: '',
    by: '',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
  }
}
