/** What recording and looking back need of a store; the adapter keeps it in one SQLite file under the application's data folder. */
import type {
  HistoryBucket,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
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
  /** Takes effect in the background, entries older first. */
  setRetention(retention: { readonly maxAgeMs: number; readonly maxBytes: number }): Promise<void>
  /** Deletes all entries of these clusters, or all; the file shrinks. */
  forget(clusters: readonly string[] | null): Promise<void>
  close(): Promise<void>
}
