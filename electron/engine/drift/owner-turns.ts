/** Whose turn it is: wakes when somebody may be due, and starts as many comparisons as the budget allows, the most pressing first. */
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Clock, Dispose } from '../ports.ts'
import { sourceRefOf } from '../source/source-object.ts'
import { textAt, timeMs } from '../status/read.ts'
import type { DryRunBudget } from './budget.ts'
import { isApplying, isBehind, isUntried } from './inputs.ts'
import { maxAtOnce } from './owner-comparer.ts'
import { isUrgent, orderDue, reasonToCompare } from './owner-state.ts'
import type { Due, OwnerState, Reason } from './owner-state.ts'

export interface OwnerTurnsDeps {
  readonly clock: Clock
  readonly view: ClusterView
  readonly budget: DryRunBudget
  readonly owners: ReadonlyMap<string, OwnerState>
  readonly isReachable: () => boolean
  /** Compares; the end is told to `ended`. */
  readonly run: (state: OwnerState, reason: Reason) => void
}

/** A run that takes longer than this has trouble of its own: what is there is compared. */
const maxHoldMs = 30_000
const holdStepMs = 1000
const undiscoveredMs = 200
/** Looking through all owners for those whose pause has ended is done once for all that end within this time. */
const pausesTogetherMs = 1000
/**
 * First and repeated comparisons that nobody waits for are begun at most so often for each dry-run that the budget allows: what ends without one (no artifact, no
 * release yet) costs the thread all the same, and there may be thousands.
 */
const startsPerDryRun = 2

function isPaced(reason: Reason): boolean {
  return reason === 'never' || reason === 'ageing'
}

export class OwnerTurns {
  readonly #deps: OwnerTurnsDeps
  #runningCount = 0
  #runningUrgent = 0
  #wakeTimer: Dispose | null = null
  #wakeAt = Infinity
  /** Who is due, most pressing first, from `#dueFrom` on; null: to be found out. */
  #due: Due | null = null
  #dueFrom = 0
  #dueAt: number | null = null
  #orderedAt = -Infinity
  #starts = 0
  #startsAt = -Infinity
  #isReady = false
  #isBackground = false
  #isDisposed = false

  constructor(deps: OwnerTurnsDeps) {
    this.#deps = deps
  }

  /** From now on anybody may be compared (`isBackground`: who nobody asked for as well). */
  open(isBackground: boolean): void {
    if (isBackground) this.#isBackground = true
    else this.#isReady = true
    this.wakeSoon(0)
  }

  /** Somebody is known to wait, or may. */
  get isAnyDue(): boolean {
    return this.#due === null || this.#dueFrom < this.#due.states.length
  }

  /** `isNews`: somebody may be due who was not. */
  wakeSoon(ms: number, isNews = true): void {
    if (this.#isDisposed) return
    if (isNews) this.#due = null
    const at = this.#deps.clock.monotonicMs() + ms
    if (this.#wakeTimer !== null && this.#wakeAt <= at) return
    this.#wakeTimer?.()
    this.#wakeAt = at
    this.#wakeTimer = this.#deps.clock.after(ms, () => {
      this.#wakeTimer = null
      this.#wakeAt = Infinity
      this.#wake()
    })
  }

  begun(reason: Reason): void {
    this.#runningCount += 1
    if (isUrgent(reason)) this.#runningUrgent += 1
  }

  ended(state: OwnerState, reason: Reason): void {
    this.#runningCount -= 1
    if (isUrgent(reason)) this.#runningUrgent -= 1
    const next = reasonToCompare(state)
    // Who pauses after a failure is no news: thousands may fail, each in its turn.
    const isPausing = next !== null && next !== 'asked' && state.notBefore > this.#deps.clock.monotonicMs()
    if (isPausing) this.#pauseUntil(state.notBefore)
    this.wakeSoon(0, next !== null && !isPausing)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#wakeTimer?.()
  }

  #wake(): void {
    if (!this.#isReady || this.#isDisposed) return
    const { clock, view, budget, owners, isReachable, run } = this.#deps
    const now = clock.monotonicMs()
    const isInReach = isReachable()
    // Before discovery every kind would look as if it were not served.
    if (isInReach && view.served('', 'ConfigMap') === null) {
      this.wakeSoon(undiscoveredMs)
      return
    }
    const width = Math.min(maxAtOnce, budget.current().atOnce)
    const isAllowed = (reason: Reason): boolean => {
      if (reason === 'asked') return this.#runningUrgent < maxAtOnce
      if (!isInReach || (!this.#isBackground && reason !== 'watched')) return false
      return isUrgent(reason) ? this.#runningUrgent < width + 2 : this.#runningCount < width
    }
    if (this.#due === null || (this.#dueAt !== null && this.#dueAt <= now)) {
      this.#due = orderDue(owners.values(), now)
      const { dueAt } = this.#due
      this.#dueFrom = 0
      this.#orderedAt = now
      this.#dueAt = null
      if (dueAt !== null) this.#pauseUntil(dueAt)
    }
    const due = this.#due
    for (let index = this.#dueFrom; index < due.states.length; index += 1) {
      const state = due.states[index]
      if (state === undefined) break
      const reason = due.reasonAt(index)
      const isOver = state.running !== null || reasonToCompare(state) !== reason || owners.get(state.key) !== state
      if (!isOver && isPaced(reason) && isAllowed(reason)) {
        const waitMs = this.#untilNextStart(now)
        if (waitMs > 0) {
          this.wakeSoon(waitMs, false)
          break
        }
      }
      if (!isOver && !isAllowed(reason)) {
        // The rest is less pressing still: what holds this one back holds it back as well.
        if (!isUrgent(reason) || this.#runningUrgent >= maxAtOnce) break
        continue
      }
      if (index === this.#dueFrom) this.#dueFrom += 1
      if (isOver) continue
      if (reason === 'asked' || !this.#isHeld(state, now)) {
        if (isPaced(reason)) this.#starts -= 1
        run(state, reason)
      } else this.#pauseUntil(state.notBefore)
    }
    if (this.#dueAt !== null) this.wakeSoon(Math.max(1, this.#dueAt - now), false)
  }

  /** Milliseconds until another comparison may begin that nobody waits for. */
  #untilNextStart(now: number): number {
    const perSecond = this.#deps.budget.current().perSecond * startsPerDryRun
    if (perSecond === Infinity) return 0
    // A tenth of a second's worth at once: a timer for each would cost more than it spares.
    const capacity = Math.max(1, perSecond / 10)
    this.#starts = Math.min(capacity, this.#starts + (Math.max(0, now - this.#startsAt) / 1000) * perSecond)
    this.#startsAt = now
    return this.#starts >= 1 ? 0 : Math.ceil(((capacity - this.#starts) / perSecond) * 1000)
  }

  /** Somebody who pauses may be looked at from then on. */
  #pauseUntil(monotonicMs: number): void {
    const at = Math.max(monotonicMs, this.#orderedAt + pausesTogetherMs)
    this.#dueAt = this.#dueAt === null ? at : Math.min(this.#dueAt, at)
  }

  /** True, and looked at again soon, while a controller brings the owner's objects to another state. */
  #isHeld(state: OwnerState, now: number): boolean {
    const object = this.#deps.view.cached(state.ref)
    if (object?.metadata.deletionTimestamp !== undefined) {
      // Its objects go with it: neither missing nor drifted.
      state.notBefore = now + holdStepMs
      return true
    }
    if (object === null || !(isApplying(object) || this.#isNew(object) || this.#isBehind(object))) {
      state.heldSince = null
      return false
    }
    state.heldSince ??= now
    if (now - state.heldSince >= maxHoldMs) return false
    state.notBefore = now + holdStepMs
    return true
  }

  #isBehind(object: KubeObject): boolean {
    const { view, clock } = this.#deps
    const named = [textAt(object, 'spec', 'sourceRef', 'kind'), textAt(object, 'spec', 'sourceRef', 'name')]
    if (object.kind !== 'Kustomization' || named.includes('')) return false
    return isBehind(object, view.cached(sourceRefOf(view, object)), clock.now() - maxHoldMs)
  }

  /** Made just now, and not looked at by any controller. */
  #isNew(object: KubeObject): boolean {
    const createdAt = timeMs(object.metadata.creationTimestamp)
    return isUntried(object) && createdAt !== null && this.#deps.clock.now() - createdAt < maxHoldMs
  }
}
