/**
 * hosting/: hosted mode of one context: it looks for the real controllers, takes their leases, watches, queues and runs; and lets go of all of it when
 * a lease, the cluster or the user says so. Must not know what a reconciler does, or who looks.
 */
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import type { FoundController, HostedController, HostedRow, HostingState } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { ContextId, ObjectRef } from '../../../../shared/model/identity.ts'
import { durationMs } from '../../../../shared/flux/durations.ts'
import type { ClusterView, KubeObject, ServedResource } from '../../clusters/view.ts'
import type { Dispose, KubeClient, Ports } from '../../ports.ts'
import { at, groupOf } from '../../status/read.ts'
import type { EventRecorder } from '../events/event-recorder.ts'
import { createEventRecorder } from '../events/create-event-recorder.ts'
import type { LeaseTimings } from '../lease/create-leadership.ts'
import { passThrough } from '../lease/fence.ts'
import { createPresence } from '../presence/presence.ts'
import { StatusWrites } from '../presence/status-writes.ts'
import type { ApiBudgetLimits } from '../queue/api-budget.ts'
import { createApiBudget } from '../queue/api-budget.ts'
import { HostedObjects } from '../queue/hosted-objects.ts'
import { createHostedView } from '../queue/hosted-view.ts'
import type { QueueRun } from '../queue/queue.ts'
import { defaultConcurrency, ReconcileQueue } from '../queue/queue.ts'
import type { Reconciler, RunOutcome } from '../reconciler.ts'
import type { AuditEntry, AuditLog } from '../../audit/audit-log.ts'
import { remoteCluster } from '../../drift/desired/target.ts'
import type { Approvals } from './approvals.ts'
import { auditWrites } from './audit-writes.ts'
import { clientFor } from './context-access.ts'
import { Leaderships } from './leaderships.ts'
import { isStill } from './not-hosted.ts'
import { endWith, observeWrites } from './run-client.ts'
import { createStandingObjects } from './standing-objects.ts'
import type { HostedWatch } from './watch-hosted.ts'
import { watchHosted } from './watch-hosted.ts'

export interface ClusterHostDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'logger' | 'codec'>
  readonly view: ClusterView
  readonly context: ContextId
  /** Of the leases. */
  readonly namespace: string
  readonly identity: string
  readonly reconcilers: readonly Reconciler[]
  readonly approvals: Approvals
  readonly audit: AuditLog
  readonly auditClient: AuditEntry['client']
  readonly isPruneGuarded: boolean
  readonly timings?: LeaseTimings
  readonly budget?: ApiBudgetLimits
  readonly onState: () => void
  readonly onRows: (upsert: readonly HostedRow[], remove: readonly string[]) => void
}

/** An aborted run writes nothing more, so its end is waited for only as long as a window that closes waits. */
const drainMs = 3_000
const minQuietMs = 2 * 60_000
const maxQuietMs = 60 * 60_000
const stateMs = 250
const refreshRetryMs = 1_000

export class ClusterHost {
  readonly context: ContextId
  readonly #deps: ClusterHostDeps
  readonly #queue: ReconcileQueue
  readonly #objects: HostedObjects
  readonly #view: ReturnType<typeof createHostedView>
  readonly #statusWrites: StatusWrites
  readonly #budget: ReturnType<typeof createApiBudget>
  readonly #standing: ReturnType<typeof createStandingObjects>
  #audited: { readonly raw: KubeClient; readonly client: KubeClient } | null = null
  readonly #presence: ReturnType<typeof createPresence>
  readonly #byKind = new Map<string, Reconciler>()
  readonly #watch: HostedWatch
  readonly #applyOnce = new Set<string>()
  readonly #leaderships: Leaderships
  #recorders = new Map<HostedController, EventRecorder>()
  #isActing = false
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
    const { clock, random, logger } = deps.ports
    this.#since = clock.now()
    this.#queue = new ReconcileQueue({
      clock,
      logger,
      concurrency: defaultConcurrency,
      run: (controller, run) => this.#run(controller, run),
      onChange: (upsert, remove) => {
        deps.onRows(upsert, remove)
        this.#tellSoon()
      },
    })
    this.#budget = createApiBudget(clock, random, deps.budget)
    this.#objects = new HostedObjects(
      deps.reconcilers,
      (before, after, object) => {
        this.#changed(before, after, object)
      },
      (object) => isStill(deps.view, object),
    )
    this.#standing = createStandingObjects({
      ...deps.ports,
      view: { client: () => this.#client(), served: (group, kind) => deps.view.served(group, kind) },
    })
    this.#view = createHostedView(
      deps.view,
      this.#objects,
      (object) => {
        this.#read(object)
      },
      this.#standing,
    )
    this.#statusWrites = new StatusWrites((controller, object) => {
      // Whoever wrote it is there at least as long as its next write may take.
      if (this.#isActing) this.#presence.sawStatusWrite(controller, object, this.#quietMs(object))
    })
    for (const reconciler of deps.reconcilers) this.#byKind.set(`${reconciler.group}/${reconciler.kind}`, reconciler)
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
      client: () => this.#client(),
      ...(deps.timings === undefined ? {} : { timings: deps.timings }),
      onChange: (isHeld) => {
        // At once: the queue's change may wait for a turn, a lost lease may not.
        if (this.#isActing && !isHeld) this.#pause()
        this.#reconsider()
      },
    })
    this.#watch = watchHosted({
      view: deps.view,
      logger,
      reconcilers: deps.reconcilers,
      objects: this.#objects,
      onSeen: (object) => {
        this.#seen(object)
      },
      onListed: () => {
        this.#tell()
      },
      onConfig: (before, after) => {
        this.#queueDependents(before, after)
      },
    })
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
    const counts = this.#queue.counts()
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
    return this.#queue.rows()
  }

  row(ref: ObjectRef): HostedRow | null {
    return this.#queue.row(ref)
  }

  /** A run now, whatever it waits for. */
  requeue(ref: ObjectRef): void {
    const reconciler = this.#byKind.get(`${ref.group}/${ref.kind}`)
    if (reconciler !== undefined && this.#objects.get(ref) !== null) this.#queue.add(reconciler.controller, ref)
  }

  /** Something was allowed that may have been missing. */
  requeueBlocked(): void {
    if (!this.#isActing) return
    for (const { ref, state, lastResult } of this.#queue.rows())
      if (state === 'not-hosted' || state === 'waiting' || lastResult === 'failed') this.requeue(ref)
  }

  applyOnce(ref: ObjectRef): void {
    this.#applyOnce.add(refKey(ref))
    this.requeue(ref)
  }

  /** Every object of every hosted kind has been listed, and each has been queued at least once. */
  isListed(): boolean {
    return this.#isActing && this.#watch.isListed()
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
    this.#queue.wake()
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
    this.#watch.dispose()
    this.#presence.dispose()
    this.#queue.dispose()
    this.#budget.dispose()
    this.#standing.reset()
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
      if (isActing && !this.#isActing && (await this.#refresh()) && this.#isHolding()) this.#act()
      if (!isActing && this.#isActing) this.#pause()
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
    const { view, reconcilers, ports } = this.#deps
    const signal = AbortSignal.any([abort.signal, ...this.#leaderships.joined.map((each) => each.signal())])
    for (const { group, kind } of reconcilers) {
      if (view.served(group, kind) === null) continue
      const before = [...this.#objects.of(group, kind)]
      try {
        const listed = await view.list(group, kind, '', { signal })
        const uids = new Set(listed.map(({ metadata }) => metadata.uid))
        // What a watch tells while the list is on its way is newer than the list.
        for (const object of before) if (!uids.has(object.metadata.uid)) this.#objects.remove(object)
        for (const object of listed) this.#objects.put(object)
      } catch (error) {
        // Who may only look into some namespaces has to go by the watches.
        if (error instanceof SluiceError && (error.code === 'Forbidden' || error.code === 'ResourceNotServed')) continue
        ports.logger.log('info', 'objects could not be read anew', { kind, error: toErrorData(error).message })
        this.#retrying?.()
        this.#retrying = ports.clock.after(refreshRetryMs, () => {
          this.#reconsider()
        })
        return false
      }
    }
    return true
  }

  #act(): void {
    this.#isActing = true
    const { clock, logger } = this.#deps.ports
    for (const leadership of this.#leaderships.joined) {
      const { controller } = leadership
      const recorder = createEventRecorder({
        controller,
        client: () => this.#budget.limit(leadership.fence(this.#client())),
        clock,
        logger,
      })
      this.#recorders.set(controller, recorder)
    }
    for (const reconciler of this.#deps.reconcilers)
      for (const object of this.#objects.of(reconciler.group, reconciler.kind))
        this.#queue.add(reconciler.controller, this.#refOf(object))
    for (const controller of hostedControllers) this.#queue.open(controller)
  }

  #pause(): void {
    this.#isActing = false
    // Watches that were silent for as long as nobody acted prove nothing.
    this.#standing.reset()
    const reason = new SluiceError('LeaseLost', 'Hosted mode does not act now', { retry: 'transient' })
    for (const controller of hostedControllers) this.#queue.close(controller, reason)
  }

  /** Runs end first, then what they had to tell is written; then the leases may go. */
  async #wrapUp(): Promise<void> {
    if (this.#isActing) this.#pause()
    await this.#within(drainMs, this.#queue.drained())
    await Promise.all([...this.#recorders.values()].map((recorder) => recorder.flush()))
    this.#recorders.clear()
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

  // Objects

  /** Past the watches; what it tells may be older than what our own write has answered since. */
  #read(object: KubeObject): void {
    if (this.#objects.isNews(object)) this.#seen(object)
  }

  #seen(object: KubeObject): void {
    const reconciler = this.#byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`)
    if (reconciler !== undefined && this.#isActing)
      this.#statusWrites.look(reconciler.controller, this.#objects.get(this.#refOf(object)), object)
    this.#objects.put(object)
  }

  #changed(before: KubeObject | null, after: KubeObject | null, object: KubeObject): void {
    const reconciler = this.#byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`)
    if (reconciler === undefined) return
    const ref = this.#refOf(object)
    if (after === null) {
      this.#queue.forget(ref)
      this.#applyOnce.delete(refKey(ref))
      this.#statusWrites.forget(object.metadata.uid ?? '')
      this.#deps.approvals.forget(ref)
      return
    }
    // Before it acts nothing is queued: once it does, everything is.
    if (!this.#isActing) return
    try {
      if (reconciler.isTriggeredBy(before, after)) this.#queue.add(reconciler.controller, ref)
    } catch (error) {
      this.#stumbled(ref, error)
    }
    this.#queueDependents(before, after)
  }

  #queueDependents(before: KubeObject | null, changed: KubeObject): void {
    if (!this.#isActing) return
    for (const reconciler of this.#deps.reconcilers)
      try {
        for (const ref of reconciler.dependents(this.#view, before, changed))
          this.#queue.add(reconciler.controller, ref)
      } catch (error) {
        this.#stumbled(this.#refOf(changed), error)
      }
  }

  #stumbled(ref: ObjectRef, error: unknown): void {
    this.#deps.ports.logger.log('error', 'a change was not understood', { object: refKey(ref), error: String(error) })
  }

  #refOf(object: KubeObject): ObjectRef {
    const { namespace = '', name } = object.metadata
    return { cluster: this.#deps.view.id, group: groupOf(object.apiVersion), kind: object.kind, namespace, name }
  }

  /** For how long nothing is heard of a controller that is there: its shortest interval, and half of it again. */
  #quietMs(object: KubeObject): number {
    let shortest = maxQuietMs
    for (const each of this.#objects.of(groupOf(object.apiVersion), object.kind)) {
      if (at(each, 'spec', 'suspend') === true) continue
      shortest = Math.min(shortest, durationMs(at(each, 'spec', 'interval')) ?? maxQuietMs)
    }
    return Math.min(maxQuietMs, Math.max(minQuietMs, 1.5 * shortest))
  }

  // Runs

  async #run(controller: HostedController, run: QueueRun): Promise<RunOutcome | null> {
    const { ref, signal, report, failures, parked } = run
    const reconciler = this.#byKind.get(`${ref.group}/${ref.kind}`)
    const object = this.#objects.get(ref)
    const leadership = this.#leaderships.of(controller)
    const events = this.#recorders.get(controller)
    if (reconciler === undefined || object === null) return null
    if (leadership === undefined || events === undefined) throw new DOMException('Canceled', 'AbortError')
    const isApplyOnce = this.#applyOnce.delete(refKey(ref))
    const fence = (client: KubeClient): KubeClient => leadership.fence(endWith(client, signal))
    return reconciler.reconcile(ref, {
      view: this.#view,
      client: observeWrites(this.#budget.limit(fence(this.#auditedClient())), {
        objects: this.#objects,
        statusWrites: this.#statusWrites,
        resources: () => this.#resources(),
        onRead: (object) => {
          this.#read(object)
        },
      }),
      fence: (client, host) => this.#budget.limit(fence(this.#auditedRemote(client, host))),
      events,
      signal,
      report,
      object,
      approvals: this.#deps.approvals.of(ref),
      failures,
      isPruneGuarded: this.#deps.isPruneGuarded,
      isApplyOnce,
      parked,
    })
  }

  /** SECURITY: of the context that was switched on, and of no other that leads to the same cluster with other rights. */
  #client(): KubeClient {
    const { view, context } = this.#deps
    const client = clientFor(view, context)
    if (client !== null) return client
    throw new SluiceError('NotConnected', `Context ${context} is not connected`, { retry: 'transient' })
  }

  /** The same, with a line in the audit log for each write. */
  #auditedClient(): KubeClient {
    const raw = this.#client()
    if (this.#audited?.raw !== raw) {
      const { audit, auditClient, view } = this.#deps
      this.#audited = { raw, client: auditWrites(raw, { audit, client: auditClient, view }) }
    }
    return this.#audited.client
  }

  /** SECURITY: item 12: writes to the cluster of a spec.kubeConfig have their lines as well, under a name that tells it from this one. */
  #auditedRemote(client: KubeClient, host: string): KubeClient {
    const { audit, auditClient, view, context } = this.#deps
    const named = { ...passThrough(client), context }
    // Its kinds are told by what is served here: most are the same, and where not, the plural stands for the kind.
    return auditWrites(named, {
      audit,
      client: auditClient,
      view: { id: remoteCluster(view.id, host), servedAll: () => view.servedAll() },
    })
  }

  #resources(): readonly ServedResource[] {
    return this.#deps.reconcilers
      .map(({ group, kind }) => this.#deps.view.served(group, kind))
      .filter((resource) => resource !== null)
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
    if (this.#isActing) return { state: 'active', message: '' }
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
    this.#error = this.#isActing ? null : (this.#leaderships.problem()?.toData() ?? null)
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
