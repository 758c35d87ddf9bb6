/** What recording and looking back need of a store; the adapter keeps it in one SQLite file under the application's data folder. */
import type { AuditCheck, AuditLine, AuditPage, AuditRow } from '../../../shared/model/audit.ts'
import type {
  HistoryBucket,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  HistoryRetention,
  HistoryStoreState,
  NewHistoryEntry,
} from '../../../shared/model/history.ts'
import type { Dispose } from '../kube-port.ts'

export interface EventStore {
  /**
   * Resolves when all of them are on disk: what was acknowledged survives a kill. Rejects with SluiceError where nothing can be written (disk full,
   * read-only); nothing of the batch is then stored.
   */
  append(entries: readonly NewHistoryEntry[]): Promise<{ readonly added: number; readonly merged: number }>
  /** A page may hold fewer entries than `limit`, even none, and still have a `next`: a slow look hands over what it has. */
  query(
    query: HistoryQuery,
    page: { readonly limit: number; readonly after: string | null },
    signal: AbortSignal,
  ): Promise<HistoryPage>
  /** Oldest first, `count` of them, empty ones included. */
  buckets(
    query: HistoryQuery,
    range: { readonly from: number; readonly until: number; readonly count: number },
    signal: AbortSignal,
  ): Promise<readonly HistoryBucket[]>
  /** What was appended by this process, after it is on disk, in the order of the store. */
  watch(listener: (entries: readonly HistoryEntry[]) => void): Dispose
  /** Content-addressed and compressed: rendered manifests. Answers `sha256:…` of the text. */
  putText(text: string): Promise<string>
  /** The same for several, all or none. */
  putTexts(texts: readonly string[]): Promise<readonly string[]>
  /** null: never kept, or no longer. */
  text(digest: string): Promise<string | null>
  state(): Promise<HistoryStoreState>
  /** Some seconds of reading beside all else. A damaged file is set aside, and `state` says so. */
  check(depth: 'quick' | 'full'): Promise<void>
  /** Entries older first. Takes effect in the background some minutes after something was written; `isAtOnce`: now. */
  setRetention(retention: HistoryRetention, isAtOnce: boolean): Promise<void>
  /** Behind all that any process has appended before. Resolves when they are on disk; rejects like `append`. */
  appendAudit(lines: readonly AuditLine[]): Promise<void>
  /** What was written beside the store while it could not be written is taken into it; rejects like `append`. */
  takeOldAudit(): Promise<void>
  audit(page: AuditPage, signal: AbortSignal): Promise<readonly AuditRow[]>
  verifyAudit(signal: AbortSignal): Promise<AuditCheck>
  /** Deletes all entries of these clusters, or all; the file shrinks. The audit log stays: a row taken out of a chain would break it. */
  forget(clusters: readonly string[] | null): Promise<void>
  close(): Promise<void>
}
