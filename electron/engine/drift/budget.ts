/**
 * How many dry-runs a cluster is asked for: so many a second and at once, fewer after a 429 or when answers take twice as long as they did,
 * slowly more again. What a person waits for, and what was just edited, goes first and may be some ahead of that; it is made up for before
 * anything else goes, so that over time there are never more.
 */
import type { Clock, Dispose } from '../ports.ts'

export interface BudgetLimits {
  /** Infinity: no limit. */
  readonly perSecond: number
  readonly atOnce: number
}

export const defaultBudget: BudgetLimits = { perSecond: 10, atOnce: 4 }

export interface DryRunOutcome {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  readonly durationMs: number
}

export interface BudgetOptions {
  readonly clock: Clock
  readonly limits: BudgetLimits
  /** Read before each dry-run. */
  readonly isOnBattery: () => boolean
}

/** Of all that the limits allow; less by the same factor as they. */
const ahead = { count: 12, atOnce: 4 }
const batteryFactor = 0.25
const sampleCount = 32
/** Two slow answers are no trend; and below this nothing is slow. */
const minSlowMs = 100
const slowDownPauseMs = 3000
const recoveryMs = 10_000
const recoveryFactor = 1.25
/** A server that has become slower for good is taken as it is, in some minutes. */
const baselineDrift = 1.1

interface Waiting {
  readonly isUrgent: boolean
  readonly go: () => void
}

export class DryRunBudget {
  readonly #options: BudgetOptions
  /** 1: everything that the limits allow. */
  #share = 1
  /** Below 0: so many went ahead. */
  #tokens: number
  #refilledAt: number
  #running = 0
  #waiting: Waiting[] = []
  #timer: Dispose | null = null
  #durations: number[] = []
  #baselineMs: number | null = null
  #slowedAt: number | null = null
  #raisedAt: number

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#tokens = this.#capacity()
    this.#refilledAt = options.clock.monotonicMs()
    this.#raisedAt = this.#refilledAt
  }

  /** Dry-runs a second and at once as they are allowed now. */
  current(): BudgetLimits {
    const { limits } = this.#options
    const factor = this.#factor()
    return {
      perSecond: limits.perSecond * factor,
      atOnce: limits.atOnce === Infinity ? Infinity : Math.max(1, Math.round(limits.atOnce * factor)),
    }
  }

  /** Resolves when one dry-run may be sent; call the result once with how it went. Rejects when `signal` aborts first. */
  take(isUrgent: boolean, signal: AbortSignal): Promise<(outcome: DryRunOutcome) => void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting = this.#waiting.filter((entry) => entry !== waiting)
        reject(signal.reason instanceof Error ? signal.reason : new DOMException('Canceled', 'AbortError'))
      }
      const waiting: Waiting = {
        isUrgent,
        go: () => {
          signal.removeEventListener('abort', abort)
          let isDone = false
          resolve((outcome) => {
            if (isDone) return
            isDone = true
            this.#running -= 1
            this.#learn(outcome)
            this.#pump()
          })
        },
      }
      if (signal.aborted) {
        abort()
        return
      }
      signal.addEventListener('abort', abort, { once: true })
      if (isUrgent) {
        const index = this.#waiting.findIndex((entry) => !entry.isUrgent)
        this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, waiting)
      } else this.#waiting.push(waiting)
      this.#pump()
    })
  }

  dispose(): void {
    this.#timer?.()
    this.#timer = null
  }

  #factor(): number {
    return this.#share * (this.#options.isOnBattery() ? batteryFactor : 1)
  }

  #pump(): void {
    this.#timer?.()
    this.#timer = null
    this.#refill()
    const { perSecond, atOnce } = this.current()
    const factor = this.#factor()
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]
      if (next === undefined) return
      if (this.#running >= atOnce + (next.isUrgent ? Math.round(ahead.atOnce * factor) : 0)) return
      if (perSecond !== Infinity) {
        const missing = 1 - this.#tokens - (next.isUrgent ? ahead.count * factor : 0)
        if (missing > 0) {
          this.#timer = this.#options.clock.after(Math.max(1, Math.ceil((missing / perSecond) * 1000)), () => {
            this.#timer = null
            this.#pump()
          })
          return
        }
        this.#tokens -= 1
      }
      this.#waiting.shift()
      this.#running += 1
      next.go()
    }
  }

  #refill(): void {
    const now = this.#options.clock.monotonicMs()
    if (now - this.#raisedAt >= recoveryMs && this.#share < 1) {
      this.#share = Math.min(1, this.#share * recoveryFactor)
      this.#raisedAt = now
      if (this.#baselineMs !== null) this.#baselineMs *= baselineDrift
    }
    const seconds = Math.max(0, now - this.#refilledAt) / 1000
    this.#refilledAt = now
    const { perSecond } = this.current()
    if (perSecond !== Infinity) this.#tokens = Math.min(this.#capacity(), this.#tokens + seconds * perSecond)
  }

  /** Tokens for the tenth part of a second at least one: a quiet time does not end in a crowd. */
  #capacity(): number {
    const { perSecond } = this.current()
    return perSecond === Infinity ? 1 : Math.max(1, perSecond / 10)
  }

  #learn({ status, durationMs }: DryRunOutcome): void {
    if (status === 429) {
      this.#slowDown()
      return
    }
    // Where nobody asked for restraint only the server's own word counts: answers are slow then because there are many.
    if (status === 0 || this.#options.limits.perSecond === Infinity) return
    this.#durations.push(durationMs)
    if (this.#durations.length < sampleCount) return
    const sortedMs = this.#durations.sort((a, b) => a - b)
    const p95 = sortedMs[Math.floor(sampleCount * 0.95)] ?? 0
    this.#durations = []
    if (this.#baselineMs === null || p95 < this.#baselineMs) this.#baselineMs = p95
    else if (p95 > 2 * this.#baselineMs && p95 > minSlowMs) this.#slowDown()
  }

  #slowDown(): void {
    const now = this.#options.clock.monotonicMs()
    // What is already under way answers late as well: counted once.
    if (this.#slowedAt !== null && now - this.#slowedAt < slowDownPauseMs) return
    this.#slowedAt = now
    this.#raisedAt = now
    this.#share = Math.max(0.02, this.#share / 2)
    this.#tokens = Math.min(this.#tokens, 0)
  }
}
