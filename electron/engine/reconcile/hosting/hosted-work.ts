/**
 * hosting/: the work of one hosted cluster: what its watches tell becomes runs in the queue, and runs get what they read and write with. Works only
 * between `begin` and `pause`; must not know why.
 */
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { HostedController, HostedRow } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import { refKey, refTitle } from '../../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { durationMs } from '../../../../shared/flux/durations.ts'
import { fluxKind } from '../../../../shared/flux/kinds.ts'
import type { ClusterView, KubeObject, ServedResource } from '../../clusters/view.ts'
import type { KubeClient, Ports } from '../../ports.ts'
import { at, groupOf } from '../../status/read.ts'
import { gateMode } from '../../status/suspend-info.ts'
import type { EventRecorder } from '../events/event-recorder.ts'
import { createEventRecorder } from '../events/create-event-recorder.ts'
import type { RunningLeadership } from '../lease/create-leadership.ts'
import { StatusWrites } from '../presence/status-writes.ts'
import type { ApiBudgetLimits } from '../queue/api-budget.ts'
import { createApiBudget } from '../queue/api-budget.ts'
import { HostedObjects } from '../queue/hosted-objects.ts'
import { createHostedView, viewOfRun } from '../queue/hosted-view.ts'
import type { QueueRun } from '../queue/queue.ts'
import { defaultConcurrency, ReconcileQueue } from '../queue/queue.ts'
import type { Reconciler, RunOutcome } from '../reconciler.ts'
import type { Approvals } from './approvals.ts'
import type { HostClients } from './host-clients.ts'
import { isStill } from './not-hosted.ts'
import { endWith, observeWrites } from './run-client.ts'
import { createStandingObjects } from './standing-objects.ts'
import type { HostedWatch } from './watch-hosted.ts'
import { watchHosted } from './watch-hosted.ts'

export interface HostedWorkOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'logger' | 'codec'>
  readonly view: ClusterView
  readonly clients: HostClients
  readonly reconcilers: readonly Reconciler[]
  readonly approvals: Approvals
  readonly isPruneGuarded: boolean
  readonly budget?: ApiBudgetLimits
  readonly leadershipOf: (controller: HostedController) => RunningLeadership | undefined
  readonly onRows: (upsert: readonly HostedRow[], remove: readonly string[]) => void
  /** A kind has been listed for the first time. */
  readonly onListed: () => void
  /** Somebody else wrote a status; for so long nothing more may be heard of them though they are there. */
  readonly onForeignWrite: (controller: HostedController, object: KubeObject, quietMs: number) => void
}

const minQuietMs = 2 * 60_000
const maxQuietMs = 60 * 60_000

export class HostedWork {
  readonly #options: HostedWorkOptions
  readonly #queue: ReconcileQueue
  readonly #objects: HostedObjects
  readonly #view: ReturnType<typeof createHostedView>
  readonly #statusWrites: StatusWrites
  readonly #budget: ReturnType<typeof createApiBudget>
  readonly #standing: ReturnType<typeof createStandingObjects>
  readonly #byKind = new Map<string, Reconciler>()
  readonly #recorders = new Map<HostedController, EventRecorder>()
  #watch: HostedWatch | null = null
  #isActing = false

  constructor(options: HostedWorkOptions) {
    this.#options = options
    const { clock, random, logger } = options.ports
    this.#queue = new ReconcileQueue({
      clock,
      logger,
      concurrency: defaultConcurrency,
      run: (controller, run) => this.#run(controller, run),
      onChange: options.onRows,
    })
    this.#budget = createApiBudget(clock, random, options.budget)
    this.#objects = new HostedObjects(
      options.reconcilers,
      (before, after, object) => {
        this.#changed(before, after, object)
      },
      (object) => isStill(options.view, object),
    )
    this.#standing = createStandingObjects({
      ...options.ports,
      view: { client: () => options.clients.client(), served: (group, kind) => options.view.served(group, kind) },
    })
    this.#view = createHostedView(
      options.view,
      this.#objects,
      (object) => {
        this.#read(object)
      },
      this.#standing,
    )
    this.#statusWrites = new StatusWrites((controller, object) => {
      // Whoever wrote it is there at least as long as its next write may take.
      if (this.#isActing) options.onForeignWrite(controller, object, this.#quietMs(object))
    })
    for (const reconciler of options.reconcilers) this.#byKind.set(`${reconciler.group}/${reconciler.kind}`, reconciler)
  }

  get isActing(): boolean {
    return this.#isActing
  }

  /** Looks at the cluster from now on, until `dispose`. */
  watch(): void {
    this.#watch = watchHosted({
      view: this.#options.view,
      logger: this.#options.ports.logger,
      reconcilers: this.#options.reconcilers,
      objects: this.#objects,
      onSeen: (object) => {
        this.#seen(object)
      },
      onListed: this.#options.onListed,
      onConfig: (before, after) => {
        this.#queueDependents(before, after)
      },
    })
  }

  counts(): ReturnType<ReconcileQueue['counts']> {
    return this.#queue.counts()
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

  /** What this object asked for has been approved. */
  approved(ref: ObjectRef): void {
    this.#options.approvals.wishes.approved(refKey(ref))
    this.requeue(ref)
  }

  /** `digest`: of the plan in its row that the user looked at. SluiceError NotHosted in another mode than manual, PlanMoved for another plan. */
  applyOnce(ref: ObjectRef, digest: string | null): void {
    const object = this.#objects.get(ref)
    if (object === null || gateMode(object, fluxKind(ref.group, ref.kind)) !== 'manual')
      throw new SluiceError('NotHosted', `${ref.kind} ${refTitle(ref)} is not in mode manual`)
    const plan = this.row(ref)?.plan ?? null
    if ((plan?.digest ?? null) !== digest)
      throw new SluiceError('PlanMoved', `What would be applied of ${ref.kind} ${refTitle(ref)} is not what you saw`, {
        remedy: 'Look at it again.',
      })
    this.#options.approvals.wishes.add(refKey(ref), { plan })
    this.requeue(ref)
  }

  /** Every object of every hosted kind has been listed, and each has been queued at least once. */
  isListed(): boolean {
    return this.#isActing && this.#watch?.isListed() === true
  }

  /** The machine was asleep. */
  wake(): void {
    this.#queue.wake()
  }

  /** All objects as the cluster has them now; false: they could not be read. */
  async readAnew(signal: AbortSignal): Promise<boolean> {
    const { view, reconcilers, ports } = this.#options
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
        return false
      }
    }
    return true
  }

  /** From now on what is seen is run: all of it, first. */
  begin(leaderships: readonly RunningLeadership[]): void {
    this.#isActing = true
    const { clock, logger } = this.#options.ports
    for (const leadership of leaderships) {
      const { controller } = leadership
      const recorder = createEventRecorder({
        controller,
        client: () => this.#budget.limit(leadership.fence(this.#options.clients.client())),
        clock,
        logger,
      })
      this.#recorders.set(controller, recorder)
    }
    for (const reconciler of this.#options.reconcilers)
      for (const object of this.#objects.of(reconciler.group, reconciler.kind))
        this.#queue.add(reconciler.controller, this.#refOf(object))
    for (const controller of hostedControllers) this.#queue.open(controller)
  }

  /** Runs are aborted; `drained` tells when they have ended. */
  pause(): void {
    this.#isActing = false
    // Watches that were silent for as long as nobody acted prove nothing.
    this.#standing.reset()
    const reason = new SluiceError('LeaseLost', 'Hosted mode does not act now', { retry: 'transient' })
    for (const controller of hostedControllers) this.#queue.close(controller, reason)
  }

  drained(): Promise<void> {
    return this.#queue.drained()
  }

  /** What runs had to tell is written. */
  async flush(): Promise<void> {
    await Promise.all([...this.#recorders.values()].map((recorder) => recorder.flush()))
    this.#recorders.clear()
  }

  dispose(): void {
    this.#watch?.dispose()
    this.#queue.dispose()
    this.#budget.dispose()
    this.#standing.reset()
  }

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
      this.#statusWrites.forget(object.metadata.uid ?? '')
      this.#options.approvals.forget(ref)
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
    for (const reconciler of this.#options.reconcilers)
      try {
        for (const ref of reconciler.dependents(this.#view, before, changed))
          this.#queue.add(reconciler.controller, ref)
      } catch (error) {
        this.#stumbled(this.#refOf(changed), error)
      }
  }

  #stumbled(ref: ObjectRef, error: unknown): void {
    this.#options.ports.logger.log('error', 'a change was not understood', {
      object: refKey(ref),
      error: String(error),
    })
  }

  #refOf(object: KubeObject): ObjectRef {
    const { namespace = '', name } = object.metadata
    return { cluster: this.#options.view.id, group: groupOf(object.apiVersion), kind: object.kind, namespace, name }
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

  async #run(controller: HostedController, run: QueueRun): Promise<RunOutcome | null> {
    const { ref, signal, report, failures, parked } = run
    const reconciler = this.#byKind.get(`${ref.group}/${ref.kind}`)
    const object = this.#objects.get(ref)
    const leadership = this.#options.leadershipOf(controller)
    const events = this.#recorders.get(controller)
    if (reconciler === undefined || object === null) return null
    if (leadership === undefined || events === undefined) throw new DOMException('Canceled', 'AbortError')
    const wish = this.#options.approvals.wishes.begin(refKey(ref))
    const { clients } = this.#options
    const fence = (client: KubeClient): KubeClient => leadership.fence(endWith(client, signal))
    const client = observeWrites(this.#budget.limit(fence(clients.audited())), {
      objects: this.#objects,
      statusWrites: this.#statusWrites,
      resources: () => this.#resources(),
      onRead: (object) => {
        this.#read(object)
      },
    })
    const outcome = await reconciler.reconcile(ref, {
      view: viewOfRun(this.#view, client, this.#options.ports.clock),
      client,
      fence: (client, host) => this.#budget.limit(fence(clients.auditedRemote(client, host))),
      events,
      signal,
      report,
      object,
      approvals: this.#options.approvals.of(ref),
      failures,
      isPruneGuarded: this.#options.isPruneGuarded,
      applyOnce: wish.applyOnce,
      parked,
    })
    wish.ended(outcome)
    return outcome
  }

  #resources(): readonly ServedResource[] {
    return this.#options.reconcilers
      .map(({ group, kind }) => this.#options.view.served(group, kind))
      .filter((resource) => resource !== null)
  }
}
