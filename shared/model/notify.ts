/** What the desktop is told of, and when it is not. Times are ms since the epoch, durations ms. */
import type { ContextId } from './identity.ts'

/**
 * - failing: an object fails for `afterMs`. - recovered: one that failed so long is ready again. - drift: a Kustomization or HelmRelease drifts for
 * `afterMs`. - gate: the until-time of a closed gate has passed. - credentials: a client certificate or token ends within `afterMs`.
 * - unreachable: a cluster does not answer for `afterMs`.
 */
export const notifyEvents = ['failing', 'recovered', 'drift', 'gate', 'credentials', 'unreachable'] as const
export type NotifyEvent = (typeof notifyEvents)[number]

export interface NotifyRule {
  /** Unique among the rules. */
  readonly id: string
  readonly event: NotifyEvent
  readonly isOn: boolean
  /** null: every selected context. */
  readonly context: ContextId | null
  /** In the filter language of lists; '' lets everything through. Of no meaning where the event is a context's. */
  readonly filter: string
  readonly afterMs: number
  /** At most one notification in so much time; what comes meanwhile is told together. */
  readonly everyMs: number
}

/** Each day, in the machine's own time. `from` after `until` crosses midnight; the same: all day. */
export interface QuietHours {
  readonly isOn: boolean
  /** Minutes since midnight. */
  readonly from: number
  readonly until: number
}

export interface NotifyState {
  readonly key: 'notify'
  readonly rules: readonly NotifyRule[]
  readonly quiet: QuietHours
  /** null: not snoozed. */
  readonly snoozedUntil: number | null
  /** Until when nothing is shown, snoozed or quiet; null: it is shown. */
  readonly pausedUntil: number | null
  /** What waits for that time. */
  readonly heldCount: number
}

export const maxNotifyRules = 50

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** What a new rule of each kind says. */
export const notifyDefaults: Readonly<Record<NotifyEvent, Pick<NotifyRule, 'afterMs' | 'everyMs'>>> = {
  failing: { afterMs: 5 * minuteMs, everyMs: 5 * minuteMs },
  recovered: { afterMs: 5 * minuteMs, everyMs: 5 * minuteMs },
  drift: { afterMs: 10 * minuteMs, everyMs: 60 * minuteMs },
  gate: { afterMs: 0, everyMs: minuteMs },
  credentials: { afterMs: 7 * dayMs, everyMs: 60 * minuteMs },
  unreachable: { afterMs: 5 * minuteMs, everyMs: 15 * minuteMs },
}

/** Drift waits for whoever compares, and a laptop without network reaches nothing: both are there, switched off. */
export const defaultNotifyRules: readonly NotifyRule[] = notifyEvents.map((event) => ({
  id: event,
  event,
  isOn: event !== 'drift' && event !== 'unreachable',
  context: null,
  filter: '',
  ...notifyDefaults[event],
}))

export const defaultQuietHours: QuietHours = { isOn: false, from: 22 * 60, until: 7 * 60 }
