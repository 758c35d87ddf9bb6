/** One thing to tell. Small: items wait on disk through the night. */
import type { ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import type { NotifyEvent, NotifyRule } from '../../../shared/model/notify.ts'
import type { Category } from '../../../shared/model/rows.ts'

export interface NotifyItem {
  readonly event: NotifyEvent
  /** What it is about: an object's key, a context's id. */
  readonly subject: string
  readonly ref: ObjectRef | null
  readonly category: Category | null
  readonly context: ContextId | null
  /** For people; '' where no context leads there. */
  readonly contextName: string
  /** Since when it is so; when it ends, of a credential. */
  readonly at: number
  /** One line more, of the object itself; '' for none. */
  readonly text: string
  /** So many more of its kind are counted with it, where too many wait to keep each; absent: none. */
  readonly more?: number
}

/** Takes what a rule found; `rule` says how it is told. */
export type TellItem = (rule: NotifyRule, item: NotifyItem) => void

export const maxItemText = 200
