/**
 * queue/: what runs, what waits, what sleeps. Level-triggered: an object is in it once, however often it was asked for; what is asked for while it
 * runs runs once more afterwards. Fair between namespaces, so many runs at once per controller. Owns no clock but its delays; must not know what a
 * run does. A failure inside a run never ends the queue. Semantics: client-go workqueue, controller-runtime's controller.
 */
import type { HostedController, HostedRow } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { RunOutcome } from '../reconciler.ts'
import { retryDelayMs } from './backoff.ts'
import { Delays } from './delays.ts'
import { FairLane } from './fair-lane.ts'
import { newRow } from './new-row.ts'

/** What a run is given by the queue. */
export interface QueueRun {
  readonly ref: ObjectRef
  readonly signal: AbortSignal
  readonly report: (step: string) => void
  readonly failures: number
  readonly parked: <T>(work: () => Promise<T>) => Promise<T>
}

export interface QueueOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Runs at once. */
  readonly concurrency: Readonly<Record<HostedController, number>>
  /** Rejects only for faults; null: the object is gone, and leaves the queue. */
  readonly run: (controller: HostedController, run: QueueRun) => Promise<RunOutcome | null>
  readonly onChange: (upsert: readonly HostedRow[], remove: readonly string[]) => void
}

/**
 * kustomize-controller runs 4 at once and source-controller 2, each in a pod with a core of its own. A run here mostly waits for the API server,
 * what needs a core is rendered in the pool of workers, and requests have a budget of their own: twice as many keep the workers busy while others
 * wait for answers; more only lengthens what has to be aborted when a lease is lost.
 */
export const defaultConcurrency: Readonly<Record<HostedController, number>> = {
  'source-controller': 4,
  'kustomize-controller': 8,
}

interface Entry {
  readonly key: string
  readonly ref: ObjectRef
  readonly controller: HostedController
  isRunning: boolean
  /** Asked for while it ran. */
  isDirty: boolean
  isForgotten: boolean
  row: HostedRow
}

interface Lane {
  readonly controller: HostedController
  readonly waiting: FairLane
  readonly running: Map<string, AbortController>
  /** Runs that wait for something long without a place. */
  parked: number
  /** Waiting to get their place back, in order. */
  returning: (() => void)[]
  isOpen: boolean
}

export class ReconcileQueue {
  readonly #options: QueueOptions
  readonly #entries = new Map<string, Entry>()
  readonly #lanes: ReadonlyMap<HostedController, Lane>
  readonly #delays: Delays
  #idle: (() => void)[] = []

  constructor(options: QueueOptions) {
    this.#options = options
    this.#delays = new Delays(options.clock, (key) => {
      const entry = this.#entries.get(key)
      if (entry !== undefined) this.#want(entry)
    })
    this.#lanes = new Map(
      hostedControllers.map((controller) => [
        controller,
        { controller, waiting: new FairLane(), running: new Map(), parked: 0, returning: [], isOpen: false },
      ]),
    )
  }

  /** Asks for a run: now, or in `delayMs` unless one is due earlier. */
  add(controller: HostedController, ref: ObjectRef, delayMs = 0): void {
    const key = refKey(ref)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = {
        key,
        ref,
        controller,
        isRunning: false,
        isDirty: false,
        isForgotten: false,
        row: newRow(ref, 'queued', ''),
      }
      this.#entries.set(key, entry)
    }
    entry.isForgotten = false
    if (delayMs > 0) {
      this.#delays.set(key, delayMs)
      if (!entry.isRunning) this.#show(entry, { nextAt: this.#delays.dueAt(key) })
    } else this.#want(entry)
  }

  /** The object is gone: no further run, and its row goes when the run under way has ended. */
  forget(ref: ObjectRef): void {
    const entry = this.#entries.get(refKey(ref))
    if (entry === undefined) return
    this.#delays.cancel(entry.key)
    this.#lane(entry).waiting.remove(entry.ref.namespace, entry.key)
    entry.isDirty = false
    if (entry.isRunning) entry.isForgotten = true
    else this.#drop(entry)
  }

  /** The lease is held: what waits may run. */
  open(controller: HostedController): void {
    const lane = this.#lanes.get(controller)
    if (lane === undefined || lane.isOpen) return
    lane.isOpen = true
    this.#pump(lane)
  }

  /** The lease is lost: runs are aborted and what they were asked for waits. */
  close(controller: HostedController, reason: unknown): void {
    const lane = this.#lanes.get(controller)
    if (lane === undefined || !lane.isOpen) return
    lane.isOpen = false
    for (const [key, abort] of lane.running) {
      const entry = this.#entries.get(key)
      if (entry !== undefined) entry.isDirty = true
      abort.abort(reason)
    }
    this.#pump(lane)
  }

  /** Resolves when nothing runs any more; after `close`. */
  async drained(): Promise<void> {
    while (this.#runningCount() > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  counts(): { readonly running: number; readonly waiting: number; readonly total: number } {
    let waiting = 0
    for (const lane of this.#lanes.values()) waiting += lane.waiting.size
    return { running: this.#runningCount(), waiting, total: this.#entries.size }
  }

  rows(): Iterable<HostedRow> {
    return [...this.#entries.values()].map(({ row }) => row)
  }

  row(ref: ObjectRef): HostedRow | null {
    return this.#entries.get(refKey(ref))?.row ?? null
  }

  /** The machine woke up, or its clock was set. */
  wake(): void {
    this.#delays.wake()
  }

  dispose(): void {
    for (const { controller } of this.#lanes.values())
      this.close(controller, new DOMException('Canceled', 'AbortError'))
    this.#delays.dispose()
    const keys = [...this.#entries.keys()]
    this.#entries.clear()
    if (keys.length > 0) this.#options.onChange([], keys)
  }

  #lane(entry: Entry): Lane {
    return this.#lanes.get(entry.controller) as Lane
  }

  #runningCount(): number {
    let count = 0
    for (const lane of this.#lanes.values()) count += lane.running.size
    return count
  }

  #want(entry: Entry): void {
    this.#delays.cancel(entry.key)
    if (entry.isRunning) {
      entry.isDirty = true
      return
    }
    const lane = this.#lane(entry)
    if (!lane.waiting.add(entry.ref.namespace, entry.key)) return
    this.#show(entry, { state: 'queued', message: '', waitsFor: [], nextAt: null })
    this.#pump(lane)
  }

  #pump(lane: Lane): void {
    const { concurrency } = this.#options
    while (lane.isOpen && lane.running.size - lane.parked < concurrency[lane.controller]) {
      const back = lane.returning.shift()
      if (back !== undefined) {
        back()
        continue
      }
      const key = lane.waiting.take()
      if (key === null) return
      const entry = this.#entries.get(key)
      if (entry !== undefined) this.#start(lane, entry)
    }
    // A closed lane keeps nobody: what waits for its place has been aborted and shall end.
    if (!lane.isOpen) for (const back of lane.returning.splice(0)) back()
  }

  #start(lane: Lane, entry: Entry): void {
    const abort = new AbortController()
    entry.isRunning = true
    entry.isDirty = false
    lane.running.set(entry.key, abort)
    const startedAt = this.#options.clock.monotonicMs()
    const { failures } = entry.row
    this.#show(entry, { state: 'running', message: '', waitsFor: [], nextAt: null })
    const report = (step: string): void => {
      if (entry.isRunning && step !== entry.row.message) this.#show(entry, { message: step })
    }
    const parked = async <T>(work: () => Promise<T>): Promise<T> => {
      lane.parked += 1
      this.#pump(lane)
      try {
        return await work()
      } finally {
        if (lane.isOpen && lane.running.size - lane.parked >= this.#options.concurrency[lane.controller])
          await new Promise<void>((resolve) =>
            lane.returning.push(() => {
              lane.parked -= 1
              resolve()
            }),
          )
        else lane.parked -= 1
      }
    }
    const run = async (): Promise<RunOutcome | null> => {
      // In a turn of its own: whoever asked for the run goes on first.
      await Promise.resolve()
      return this.#options.run(entry.controller, { ref: entry.ref, signal: abort.signal, report, failures, parked })
    }
    run()
      .then(
        (outcome) => {
          this.#ended(lane, entry, startedAt, outcome)
        },
        (error: unknown) => {
          this.#broke(lane, entry, startedAt, error, abort.signal.aborted)
        },
      )
      .catch((error: unknown) => {
        this.#options.logger.log('error', 'the queue stumbled', { object: entry.key, error: String(error) })
      })
  }

  #ended(lane: Lane, entry: Entry, startedAt: number, outcome: RunOutcome | null): void {
    if (outcome === null) {
      entry.isForgotten = true
      this.#finish(lane, entry, startedAt, {}, null)
      return
    }
    const { result, state, message, waitsFor, requeueAfterMs } = outcome
    const { row } = entry
    const isRun = result === 'succeeded' || result === 'failed'
    const more: Partial<HostedRow> = {
      state,
      message,
      waitsFor,
      mode: outcome.mode ?? 'automatic',
      plan: outcome.plan ?? null,
      lastResult: isRun || result === 'canceled' ? result : row.lastResult,
      failures: result === 'failed' ? row.failures + 1 : result === 'succeeded' ? 0 : row.failures,
    }
    this.#finish(lane, entry, startedAt, more, requeueAfterMs)
  }

  /** A fault of the run itself: told, logged, and tried again as the controllers' rate limiter would. */
  #broke(lane: Lane, entry: Entry, startedAt: number, error: unknown, isAborted: boolean): void {
    const message = error instanceof Error ? error.message : String(error)
    if (isAborted) {
      this.#finish(lane, entry, startedAt, { state: 'sleeping', message, lastResult: 'canceled' }, null)
      return
    }
    this.#options.logger.log('warn', 'a run broke', { object: entry.key, error: message })
    const failures = entry.row.failures + 1
    const more = { state: 'sleeping', message, lastResult: 'failed', failures } as const
    this.#finish(lane, entry, startedAt, more, retryDelayMs(failures))
  }

  #finish(lane: Lane, entry: Entry, startedAt: number, more: Partial<HostedRow>, requeueAfterMs: number | null): void {
    const { clock } = this.#options
    entry.isRunning = false
    lane.running.delete(entry.key)
    if (entry.isForgotten && !entry.isDirty) this.#drop(entry)
    else {
      if (requeueAfterMs !== null && !entry.isDirty) this.#delays.set(entry.key, requeueAfterMs)
      this.#show(entry, {
        ...more,
        nextAt: this.#delays.dueAt(entry.key),
        lastAt: clock.now(),
        lastDurationMs: Math.round(clock.monotonicMs() - startedAt),
      })
      if (entry.isDirty) {
        entry.isDirty = false
        this.#want(entry)
      }
    }
    this.#pump(lane)
    if (this.#runningCount() === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #drop(entry: Entry): void {
    this.#delays.cancel(entry.key)
    this.#entries.delete(entry.key)
    this.#options.onChange([], [entry.key])
  }

  #show(entry: Entry, more: Partial<HostedRow>): void {
    entry.row = { ...entry.row, ...more }
    if (this.#entries.get(entry.key) === entry) this.#options.onChange([entry.row], [])
  }
}
