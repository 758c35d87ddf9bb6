/**
 * hosting/: hosted mode of one context: it looks for the real controllers and takes their leases, lets the work begin once it has both, and lets go of
 * all of it when a lease, the cluster or the user says so. Must not know what the work is, or who looks.
 */
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import type { FoundController, HostedController, HostedRow, HostingState } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ContextId, ObjectRef } from '../../../../shared/model/identity.ts'
import type { Dispose } from '../../ports.ts'
import type { LeaseTimings } from '../lease/create-leadership.ts'
import { createPresence } from '../presence/presence.ts'
import type { HostClientsOptions } from './host-clients.ts'
import { createHostClients } from './host-clients.ts'
import type { HostedWorkOptions } from './hosted-work.ts'
import { HostedWork } from './hosted-work.ts'
import { Leaderships } from './leaderships.ts'

export interface ClusterHostDeps
  extends
    HostClientsOptions,
    Pick<HostedWorkOptions, 'ports' | 'reconcilers' | 'approvals' | 'isPruneGuarded' | 'budget' | 'onRows'> {
  /** Of the leases. */
  readonly namespace: string
  readonly identity: string
  readonly timings?: LeaseTimings
  readonly onState: () => void
}

/** An aborted run writes nothing more, so its end is waited for only as long as a window that closes waits. */
const drainMs = 3_000
const stateMs = 250
const refreshRetryMs = 1_000

export class ClusterHost {
  readonly context: ContextId
  readonly #deps: ClusterHostDeps
  readonly #work: HostedWork
  readonly #presence: ReturnType<typeof createPresence>
  readonly #leaderships: Leaderships
  #isStopped = false
  #isAsleep = false
  #changing: Promise<void> | null = null
  #isChangeWanted = false
  #error: SluiceErrorData | null = null
  #since: number
  #told = ''
  #timer: Dispose | null = null
  #refreshing: AbortController | null = null
  #retrying: Dispose | null = null
  /** Flux moves in: its controllers are expected, and these have their lease by now. Null: they are not. */
  #movedIn: Set<HostedController> | null = null
  #isTakenBack = false

  constructor(deps: ClusterHostDeps) {
    this.#deps = deps
    this.context = deps.context
    const { clock, logger } = deps.ports
    this.#since = clock.now()
    const clients = createHostClients(deps)
    this.#work = new HostedWork({
      ...deps,
      clients,
      leadershipOf: (controller) => this.#leaderships.of(controller),
      onRows: (upsert, remove) => {
        deps.onRows(upsert, remove)
        this.#tellSoon()
      },
      onListed: () => {
        this.#tell()
      },
      onForeignWrite: (controller, object, quietMs) => {
        this.#presence.sawStatusWrite(controller, object, quietMs)
      },
    })
    this.#presence = createPresence({
      view: deps.view,
      clock,
      logger,
      namespace: deps.namespace,
      onChange: () => {
        this.#reconsider()
      },
    })
    this.#leaderships = new Leaderships({
      ...deps.ports,
      namespace: deps.namespace,
      identity: deps.identity,
      client: () => clients.client(),
      ...(deps.timings === undefined ? {} : { timings: deps.timings }),
      onChange: (isHeld) => {
        // At once: the queue's change may wait for a turn, a lost lease may not.
        if (this.#work.isActing && !isHeld) this.#work.pause()
        this.#reconsider()
      },
    })
    this.#work.watch()
    this.#reconsider()
  }

  get cluster(): string {
    return this.#deps.view.id
  }

  found(): readonly FoundController[] {
    return [...this.#presence.found(), ...this.#leaderships.holders()]
  }

  state(isOn: boolean): HostingState {
    const { context, view } = this.#deps
    const counts = this.#work.counts()
    const { state, message } = this.#word()
    return {
      key: context,
      context,
      cluster: view.id,
      isOn,
      state,
      message,
      leases: this.#leaderships.current(),
      found: this.found(),
      error: this.#error,
      running: counts.running,
      waiting: counts.waiting,
      total: counts.total,
      since: this.#since,
    }
  }

  rows(): Iterable<HostedRow> {
    return this.#work.rows()
  }

  row(ref: ObjectRef): HostedRow | null {
    return this.#work.row(ref)
  }

  /** See HostedWork. */
  requeue(ref: ObjectRef): void {
    this.#work.requeue(ref)
  }

  requeueBlocked(): void {
    this.#work.requeueBlocked()
  }

  approved(ref: ObjectRef): void {
    this.#work.approved(ref)
  }

  applyOnce(ref: ObjectRef, digest: string | null): void {
    this.#work.applyOnce(ref, digest)
  }

  isListed(): boolean {
    return this.#work.isListed()
  }

  /** The machine goes to sleep. */
  async suspend(): Promise<void> {
    this.#isAsleep = true
    this.#refreshing?.abort()
    this.#reconsider()
    await this.#changing
  }

  resume(): void {
    this.#isAsleep = false
    this.#work.wake()
    this.#reconsider()
  }

  // Hand-over

  /** From now on controllers that appear are no reason to step back: they wait for the leases, which they get by `handOver`. */
  expectControllers(): void {
    this.#movedIn ??= new Set()
    this.#isTakenBack = false
    this.#reconsider()
  }

  /** Nothing is reconciled here from now on; `controller`'s lease is given back when what ran has ended, and not asked for again. */
  async handOver(controller: HostedController): Promise<void> {
    this.#movedIn ??= new Set()
    this.#movedIn.add(controller)
    this.#reconsider()
    while (this.#changing !== null) await this.#changing
  }

  /**
   * The controllers are taken away: leases that they had are asked for, and work goes on once both are ours. What a watch still shows of them until it
   * shows them gone is no reason to step back, unless they could not be taken away.
   */
  takeBack(areGone: boolean): void {
    this.#movedIn = areGone ? new Set() : null
    this.#isTakenBack = areGone
    this.#reconsider()
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#refreshing?.abort()
    this.#reconsider()
    while (this.#changing !== null) await this.#changing
    this.#work.dispose()
    this.#presence.dispose()
    this.#timer?.()
    this.#leaderships.dispose()
    this.#retrying?.()
  }

  // What is wanted, and getting there

  #reconsider(): void {
    this.#isChangeWanted = true
    this.#changing ??= this.#change().finally(() => {
      this.#changing = null
      if (this.#isChangeWanted && !this.#isStopped) this.#reconsider()
    })
  }

  async #change(): Promise<void> {
    await Promise.resolve()
    while (this.#isChangeWanted) {
      this.#isChangeWanted = false
      if (this.#isTakenBack && this.#presence.found().length === 0) {
        this.#isTakenBack = false
        this.#movedIn = null
      }
      const mayAct =
        !this.#isStopped &&
        !this.#isAsleep &&
        this.#presence.isKnown() &&
        (this.#movedIn !== null || this.#presence.found().length === 0)
      const wanted = mayAct ? hostedControllers.filter((each) => this.#movedIn?.has(each) !== true) : []
      await this.#leaderships.letGo(wanted, () => this.#wrapUp())
      this.#leaderships.join(wanted)
      const isActing = wanted.length === hostedControllers.length && this.#leaderships.areHeld()
      if (isActing && !this.#work.isActing && (await this.#refresh()) && this.#isHolding())
        this.#work.begin(this.#leaderships.joined)
      if (!isActing && this.#work.isActing) this.#work.pause()
      this.#tell()
    }
  }

  #isHolding(): boolean {
    return !this.#isStopped && !this.#isAsleep && this.#leaderships.areHeld()
  }

  /**
   * Whoever held the lease before may have written what no watch has told yet (a machine that wakes up has watches of ten minutes ago): all is read anew
   * before anything is done. False: not now; it is tried again.
   */
  async #refresh(): Promise<boolean> {
    const abort = new AbortController()
    this.#refreshing = abort
    await this.#deps.approvals.recheck()
    const signal = AbortSignal.any([abort.signal, ...this.#leaderships.joined.map((each) => each.signal())])
    if (await this.#work.readAnew(signal)) return true
    this.#retrying?.()
    this.#retrying = this.#deps.ports.clock.after(refreshRetryMs, () => {
      this.#reconsider()
    })
    return false
  }

  /** Runs end first, then what they had to tell is written; then the leases may go. */
  async #wrapUp(): Promise<void> {
    if (this.#work.isActing) this.#work.pause()
    await this.#within(drainMs, this.#work.drained())
    await this.#work.flush()
  }

  #within(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#deps.ports.clock.after(ms, resolve)
      void work.finally(() => {
        stop()
        resolve()
      })
    })
  }

  // What people see

  #word(): Pick<HostingState, 'state' | 'message'> {
    if (this.#isStopped) return { state: 'off', message: '' }
    const found = this.#movedIn === null ? this.#presence.found() : []
    if (found.length > 0)
      return {
        state: 'stepped-back',
        message: `Flux's own controllers are there: ${found.map(({ text }) => text).join('; ')}.`,
      }
    if (this.#work.isActing) return { state: 'active', message: '' }
    if ((this.#movedIn?.size ?? 0) > 0) return { state: 'stepped-back', message: 'Flux takes over in the cluster.' }
    if (this.#isAsleep) return { state: 'waiting', message: 'The machine goes to sleep.' }
    if (this.#leaderships.joined.length === 0) return { state: 'starting', message: 'Looking for controllers.' }
    const holder = this.#leaderships.current().find(({ isOurs, holder }) => !isOurs && holder !== '')
    const problem = this.#leaderships.problem()
    if (problem !== null)
      return { state: problem.retry === 'transient' ? 'disconnected' : 'failed', message: problem.message }
    if (holder !== undefined)
      return { state: 'waiting', message: `${holder.holder} holds the lease ${holder.namespace}/${holder.name}.` }
    return { state: 'starting', message: 'Taking the leases.' }
  }

  #tell(): void {
    const { state, message } = this.#word()
    const text = `${state} ${message}`
    if (text !== this.#told) {
      this.#told = text
      this.#since = this.#deps.ports.clock.now()
    }
    this.#error = this.#work.isActing ? null : (this.#leaderships.problem()?.toData() ?? null)
    this.#deps.onState()
  }

  /** Counts change with each run. */
  #tellSoon(): void {
    this.#timer ??= this.#deps.ports.clock.after(stateMs, () => {
      this.#timer = null
      this.#deps.onState()
    })
  }
}
