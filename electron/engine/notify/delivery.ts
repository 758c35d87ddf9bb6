/**
 * From what rules find to what is shown: many become one, no rule speaks more often than it may, and what comes while notifications are paused
 * (quiet hours, snooze) is told once they go on, in one summary.
 */
import type { NotifyRule, QuietHours } from '../../../shared/model/notify.ts'
import type { Clock, Dispose } from '../ports.ts'
import { countItems, summaryOf, wordsOf } from './notification-words.ts'
import type { NotificationWords } from './notification-words.ts'
import type { NotifyItem } from './notify-item.ts'
import { quietEndsAt } from './quiet-hours.ts'
import { maxWaiting } from './stored-notify.ts'
import type { StoredState, WaitingItem } from './stored-notify.ts'

export interface DeliveryOptions {
  readonly clock: Clock
  readonly rules: () => readonly NotifyRule[]
  readonly quiet: () => QuietHours
  /** False: the user wants no notifications at all. */
  readonly isOn: () => boolean
  readonly show: (words: NotificationWords) => void
  /** What waits, or until when nothing is shown, is another. */
  readonly changed: () => void
  /** null: the system's. */
  readonly timeZone?: string | null
}

/** What comes within so much is one notification: a commit that breaks ten objects breaks them within a second. */
export const gatherMs = 1000
/** The clock may be set, the machine may sleep: what is waited for is looked at again. */
const longestWaitMs = 5 * 60_000

export class Delivery {
  readonly #options: DeliveryOptions
  #waiting: (WaitingItem & { readonly since: number })[] = []
  #spokeAt = new Map<string, number>()
  #snoozedUntil: number | null = null
  /** The pause that is known, and by what. */
  #pause: {
    readonly quiet: QuietHours
    readonly snoozed: number | null
    readonly from: number
    readonly end: number
  } | null = null
  #stopTimer: Dispose = () => undefined
  #isDisposed = false

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  restore(stored: Pick<StoredState, 'waiting' | 'spokeAt' | 'snoozedUntil'>): void {
    const now = this.#options.clock.now()
    this.#waiting = [...stored.waiting.map((entry) => ({ ...entry, since: now })), ...this.#waiting]
    this.#spokeAt = new Map([...Object.entries(stored.spokeAt), ...this.#spokeAt])
    this.#snoozedUntil = stored.snoozedUntil
    this.look()
  }

  state(): Pick<StoredState, 'waiting' | 'spokeAt' | 'snoozedUntil'> {
    const ids = new Set(this.#options.rules().map(({ id }) => id))
    return {
      waiting: this.#waiting.map(({ rule, item, isHeld, isOver }) => ({ rule, item, isHeld, isOver })),
      spokeAt: Object.fromEntries([...this.#spokeAt].filter(([id]) => ids.has(id))),
      snoozedUntil: this.#snoozedUntil,
    }
  }

  get heldCount(): number {
    return countItems(this.#waiting.flatMap(({ item, isHeld }) => (isHeld ? [item] : [])))
  }

  get snoozedUntil(): number | null {
    return this.#snoozedUntil
  }

  /** Until when nothing is shown; null: it is. Quiet hours that are all day end never: then a day from now. */
  pausedUntil(): number | null {
    const { clock, quiet: quietNow, timeZone = null } = this.#options
    const now = clock.now()
    const quiet = quietNow()
    const snoozed = this.#snoozedUntil !== null && this.#snoozedUntil > now ? this.#snoozedUntil : null
    const known = this.#pause
    // A wall clock is asked minute by minute: once for each pause, not for each of thousands that come in it.
    if (known !== null && known.quiet === quiet && known.snoozed === snoozed && known.from <= now && now < known.end)
      return known.end
    const end = quietEndsAt(quiet, snoozed ?? now, timeZone) ?? (snoozed ?? now) + 86_400_000
    this.#pause = end > now ? { quiet, snoozed, from: now, end } : null
    return end > now ? end : null
  }

  /** null ends it, and what waited is told. */
  snooze(until: number | null): void {
    this.#snoozedUntil = until
    this.#options.changed()
    this.look()
  }

  tell(rule: NotifyRule, item: NotifyItem): void {
    if (!this.#options.isOn()) return
    const { clock, changed } = this.#options
    // Held where nothing is shown now: `look` says so.
    const entry = { rule: rule.id, item, isHeld: false, isOver: false, since: clock.now() }
    const like = this.#waiting.length < maxWaiting ? -1 : this.#waiting.findLastIndex((each) => each.rule === rule.id)
    const last = this.#waiting[like]
    if (last === undefined) this.#waiting.push(entry)
    else this.#waiting[like] = { ...last, item: { ...last.item, more: (last.item.more ?? 0) + 1 } }
    changed()
    this.look()
  }

  /** It ended before it was told: nobody hears of it, unless it waits for the end of a pause. */
  withdraw(event: NotifyItem['event'], subject: string): void {
    const isIt = ({ item }: WaitingItem): boolean => item.event === event && item.subject === subject
    if (!this.#waiting.some(isIt)) return
    this.#waiting = this.#waiting
      .filter((entry) => entry.isHeld || !isIt(entry))
      .map((entry) => (isIt(entry) ? { ...entry, isOver: true } : entry))
    this.#options.changed()
  }

  /** Shows what is due and waits for the next; called whenever something has changed. */
  look(): void {
    this.#stopTimer()
    if (this.#isDisposed) return
    const next = this.#waiting.length === 0 && this.#snoozedUntil === null ? null : this.#deliver()
    if (next === null) return
    const wait = Math.max(1, Math.min(next - this.#options.clock.now(), longestWaitMs))
    this.#stopTimer = this.#options.clock.after(wait, () => this.look())
  }

  dispose(): void {
    this.#isDisposed = true
    this.#stopTimer()
  }

  /** When there is more to do; null: nothing waits. */
  #deliver(): number | null {
    const { clock, changed, isOn } = this.#options
    const now = clock.now()
    const pausedUntil = this.pausedUntil()
    if (pausedUntil !== null) {
      // What was gathered before the pause began waits as well.
      if (this.#waiting.some(({ isHeld }) => !isHeld)) {
        this.#waiting = this.#waiting.map((entry) => ({ ...entry, isHeld: true }))
        changed()
      }
      return pausedUntil
    }
    if (this.#snoozedUntil !== null) {
      this.#snoozedUntil = null
      changed()
    }
    if (!isOn() && this.#waiting.length > 0) {
      this.#waiting = []
      changed()
    }
    const held = this.#waiting.filter(({ isHeld }) => isHeld)
    if (held.length > 0) this.#tellHeld(held, now)
    let next = Infinity
    for (const [id, entries] of Map.groupBy(this.#waiting, ({ rule }) => rule)) {
      const rule = this.#ruleOf(id)
      const due = this.#dueAt(rule, Math.min(...entries.map(({ since }) => since)), now)
      if (due > now) next = Math.min(next, due)
      else this.#speak(rule, entries, now)
    }
    return next === Infinity ? null : next
  }

  /** All that waited for the end of a pause, in one. */
  #tellHeld(held: readonly WaitingItem[], now: number): void {
    const { show, changed } = this.#options
    const [first] = held
    const isOneRule = held.every(({ rule, isOver }) => rule === first?.rule && !isOver)
    const items = held.map(({ item }) => item)
    const words = isOneRule && first !== undefined ? wordsOf(this.#ruleOf(first.rule), items, now) : summaryOf(held)
    for (const { rule } of held) this.#spokeAt.set(rule, now)
    this.#waiting = this.#waiting.filter(({ isHeld }) => !isHeld)
    changed()
    show(words)
  }

  #speak(rule: NotifyRule, entries: readonly WaitingItem[], now: number): void {
    const items = entries.map(({ item }) => item)
    this.#spokeAt.set(rule.id, now)
    this.#waiting = this.#waiting.filter((entry) => entry.rule !== rule.id)
    this.#options.changed()
    this.#options.show(wordsOf(rule, items, now))
  }

  #dueAt(rule: NotifyRule, since: number, now: number): number {
    const spokeAt = this.#spokeAt.get(rule.id)
    const gathered = Math.min(since, now) + gatherMs
    // A clock that was put back must not silence a rule.
    return spokeAt === undefined || spokeAt > now ? gathered : Math.max(gathered, spokeAt + rule.everyMs)
  }

  /** A rule that was deleted meanwhile speaks once more, of what it had found. */
  #ruleOf(id: string): NotifyRule {
    const found = this.#options.rules().find((rule) => rule.id === id)
    return found ?? { id, event: 'failing', isOn: true, context: null, filter: '', afterMs: 0, everyMs: 0 }
  }
}
