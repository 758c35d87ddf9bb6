/**
 * What sleeps, and until when: a heap with one timer. A time is over when either clock says so: the monotonic one, or, after the machine slept, the
 * wall's. A clock that was set back delays nothing.
 */
import type { Clock, Dispose } from '../../ports.ts'

interface Sleeper {
  readonly key: string
  /** By the monotonic clock, less what the machine slept since. */
  dueAt: number
  isCanceled: boolean
}

/** A sleep of the machine is noticed at the latest so long after it. */
const maxTimerMs = 30_000
const minJumpMs = 2_000

export class Delays {
  readonly #clock: Clock
  readonly #onDue: (key: string) => void
  readonly #byKey = new Map<string, Sleeper>()
  #heap: Sleeper[] = []
  #timer: Dispose | null = null
  #timerAt = Infinity
  #offset: number

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock
    this.#onDue = onDue
    this.#offset = clock.now() - clock.monotonicMs()
  }

  get size(): number {
    return this.#byKey.size
  }

  /** Wakes `key` in `ms`, unless it is to be woken earlier already. */
  set(key: string, ms: number): void {
    const dueAt = this.#clock.monotonicMs() + Math.max(0, ms)
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      if (known.dueAt <= dueAt) return
      known.isCanceled = true
    }
    const sleeper = { key, dueAt, isCanceled: false }
    this.#byKey.set(key, sleeper)
    this.#push(sleeper)
    this.#arm()
  }

  cancel(key: string): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    known.isCanceled = true
    this.#byKey.delete(key)
    // Canceled ones leave when their time comes; many of them leave at once.
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#byKey.size) {
      this.#heap = this.#heap.filter((each) => !each.isCanceled).sort((a, b) => a.dueAt - b.dueAt)
    }
  }

  /** ms since the epoch as the wall clock has it now; null: it does not sleep. */
  dueAt(key: string): number | null {
    const known = this.#byKey.get(key)
    return known === undefined ? null : Math.round(this.#clock.now() + known.dueAt - this.#clock.monotonicMs())
  }

  /** Looks at the clocks now: after the machine woke up. */
  wake(): void {
    const offset = this.#clock.now() - this.#clock.monotonicMs()
    const jump = offset - this.#offset
    if (Math.abs(jump) >= minJumpMs) {
      this.#offset = offset
      // Order is kept: all move alike.
      if (jump > 0) for (const each of this.#heap) each.dueAt -= jump
    }
    const now = this.#clock.monotonicMs()
    for (;;) {
      const [first] = this.#heap
      if (first === undefined || (!first.isCanceled && first.dueAt > now)) break
      this.#pop()
      if (first.isCanceled) continue
      this.#byKey.delete(first.key)
      this.#onDue(first.key)
    }
    this.#disarm()
    this.#arm()
  }

  dispose(): void {
    this.#disarm()
    this.#heap = []
    this.#byKey.clear()
  }

  #disarm(): void {
    this.#timer?.()
    this.#timer = null
    this.#timerAt = Infinity
  }

  #arm(): void {
    const [first] = this.#heap
    if (first === undefined) return
    const now = this.#clock.monotonicMs()
    const at = Math.min(first.dueAt, now + maxTimerMs)
    if (this.#timerAt <= at) return
    this.#disarm()
    this.#timerAt = at
    // Timers may be early by a fraction: at the earliest in the next millisecond.
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(at - now)), () => {
      this.#timer = null
      this.#timerAt = Infinity
      this.wake()
    })
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap
    let index = heap.push(sleeper) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Sleeper
      if (above.dueAt <= sleeper.dueAt) break
      heap[index] = above
      index = parent
    }
    heap[index] = sleeper
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as Sleeper).dueAt < (heap[child] as Sleeper).dueAt) child += 1
      if ((heap[child] as Sleeper).dueAt >= last.dueAt) break
      heap[index] = heap[child] as Sleeper
      index = child
    }
    heap[index] = last
  }
}
