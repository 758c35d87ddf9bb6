/** What goes between the engine thread and a history worker: plain values. One worker writes, another reads. */
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type {
  HistoryBucket,
  HistoryPage,
  HistoryQuery,
  HistoryStoreState,
  NewHistoryEntry,
} from '../../../shared/model/history.ts'
import type { RetentionLimits } from './retention.ts'
import type { Appended } from './store-writer.ts'

export interface HistoryWorkerData {
  readonly file: string
}

export type HistoryTask =
  | { readonly do: 'append'; readonly entries: readonly NewHistoryEntry[]; readonly isToldBack: boolean }
  | { readonly do: 'putText'; readonly text: string }
  | { readonly do: 'putTexts'; readonly texts: readonly string[] }
  | { readonly do: 'state' }
  | { readonly do: 'setRetention'; readonly limits: RetentionLimits }
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
  | { readonly do: 'text'; readonly digest: string }
  | { readonly do: 'check'; readonly isFull: boolean }

export interface HistoryAnswers {
  readonly append: Appended
  readonly putText: string
  readonly putTexts: readonly string[]
  readonly state: HistoryStoreState
  readonly setRetention: undefined
  readonly forget: undefined
  readonly abandon: undefined
  readonly close: undefined
  readonly query: HistoryPage
  readonly buckets: readonly HistoryBucket[]
  readonly text: string | null
  readonly check: readonly string[]
}

export type HistoryMessage =
  { readonly id: number; readonly task: HistoryTask } | { readonly id: number; readonly abort: true }

export type HistoryReply =
  | { readonly id: number; readonly ok: true; readonly value: HistoryAnswers[keyof HistoryAnswers] }
  | { readonly id: number; readonly ok: false; readonly error: SluiceErrorData }
