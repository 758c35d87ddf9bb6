/** What goes between the engine thread and a history worker: plain values. One worker writes, another reads. */
import type { AuditCheck, AuditLine, AuditPage, AuditRow } from '../../../shared/model/audit.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type {
  HistoryBucket,
  HistoryPage,
  HistoryQuery,
  HistoryRetention,
  HistoryStoreState,
  NewHistoryEntry,
} from '../../../shared/model/history.ts'
import type { Appended } from './store-writer.ts'

export interface HistoryWorkerData {
  /** The database; its folder is made. Its journals lie beside it. */
  readonly file: string
  /** Where the audit log was kept as lines, and is again while the database cannot be written; its lines are taken over. */
  readonly auditFile: string
}

export type HistoryTask =
  | { readonly do: 'append'; readonly entries: readonly NewHistoryEntry[]; readonly isToldBack: boolean }
  | { readonly do: 'appendAudit'; readonly lines: readonly AuditLine[] }
  | { readonly do: 'putText'; readonly text: string }
  | { readonly do: 'putTexts'; readonly texts: readonly string[] }
  | { readonly do: 'state' }
  /** Answers when it is done. */
  | { readonly do: 'retain'; readonly limits: HistoryRetention }
  | { readonly do: 'forget'; readonly clusters: readonly string[] | null }
  | { readonly do: 'abandon'; readonly reason: string }
  | { readonly do: 'close' }
  | {
      readonly do: 'query'
      readonly query: HistoryQuery
      readonly page: { readonly limit: number; readonly after: string | null }
    }
  | {
      readonly do: 'buckets'
      readonly query: HistoryQuery
      readonly range: { readonly from: number; readonly until: number; readonly count: number }
    }
  | { readonly do: 'audit'; readonly page: AuditPage }
  | { readonly do: 'verifyAudit' }
  | { readonly do: 'text'; readonly digest: string }
  | { readonly do: 'check'; readonly isFull: boolean }

export interface HistoryAnswers {
  readonly append: Appended
  readonly appendAudit: undefined
  readonly putText: string
  readonly putTexts: readonly string[]
  readonly state: HistoryStoreState
  readonly retain: undefined
  readonly forget: undefined
  readonly abandon: undefined
  /** What the next thread should go on telling. */
  readonly close: { readonly note: string }
  readonly query: HistoryPage
  readonly buckets: readonly HistoryBucket[]
  readonly audit: readonly AuditRow[]
  readonly verifyAudit: AuditCheck
  readonly text: string | null
  readonly check: readonly string[]
}

export type HistoryMessage =
  { readonly id: number; readonly task: HistoryTask } | { readonly id: number; readonly abort: true }

export type HistoryReply =
  | { readonly id: number; readonly ok: true; readonly value: HistoryAnswers[keyof HistoryAnswers] }
  | { readonly id: number; readonly ok: false; readonly error: SluiceErrorData }
