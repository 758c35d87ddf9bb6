/**
 * All comparisons of one cluster: its owners, their runs and results. A result holds until its inputs or one of its live objects change
 * (doubts.ts); then that owner is compared again when its turn comes (owner-turns.ts), and in it only what changed.
 */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { LoggedCommit } from '../source/artifact-port.ts'
import type { DriftObject, DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import { countsAsDrift, isSettled } from '../../../shared/model/drift.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { ComparedObject } from '../apply/compare-set.ts'
import { backoffMs } from '../cache/backoff.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { NextRun } from '../helm/next-run.ts'
import type { Dispose } from '../ports.ts'
import { compareOwner, isWayFault } from './compare-owner.ts'
import type { OwnerComparison } from './compare-owner.ts'
import type { DesiredSet } from './desired-set.ts'
import { Doubts } from './doubts.ts'
import { revisionToCompare } from './inputs.ts'
import { KeptSets } from './kept-set.ts'
import { LiveIndex } from './live/live-index.ts'
import type { LiveId } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'
import { isUrgent, markDirty, newOwnerState, toDriftOwner } from './owner-state.ts'
import type { OwnerState, Reason } from './owner-state.ts'
import { OwnerComparer } from './owner-comparer.ts'
import type { OwnerComparerDeps } from './owner-comparer.ts'
import { OwnerTurns } from './owner-turns.ts'
import type { FirstSeen } from './results/first-seen.ts'
import type { KeyedTable } from './results/keyed-table.ts'
import type { ComparedRecord } from './results/record.ts'

export interface ClusterDriftDeps extends Omit<OwnerComparerDeps, 'live' | 'sets'> {
  readonly firstSeen: FirstSeen
  /** Awaited before the first comparison: what the user decided is in force. */
  readonly ready: Promise<unknown>
  readonly ownerTable: KeyedTable<DriftOwner>
  readonly objectTable: KeyedTable<DriftObject>
  /** The owner was compared: all of its objects, for those who look at it. */
  readonly onCompared: (owner: ObjectRef, objects: readonly DriftObject[]) => void
  /** Another desired state than the last one was made; awaited, so that they do not pile up. Never rejects. */
  readonly onDesired?: ((view: ClusterView, owner: KubeObject, set: DesiredSet) => Promise<void>) | undefined
  /** False: only what is asked for is compared. */
  readonly isBackground: boolean
  /** Awaited before anything is compared that nobody asked for. */
  readonly beforeBackground: Promise<unknown>
}

const failureLimits = { firstMs: 20_000, maxMs: 10 * 60_000 }
const wayLimits = { firstMs: 1000, maxMs: 15_000 }
const consentMs = 60 * 60_000
const maxDiscards = 3

export class ClusterDrift {
  readonly cluster: ClusterId
  readonly view: ClusterView
  readonly live: LiveIndex
  readonly #deps: ClusterDriftDeps
  readonly #owners = new Map<string, OwnerState>()
  readonly #comparer: OwnerComparer
  readonly #sets: KeptSets
  readonly #stops: Dispose[] = []
  /** Ends what is asked of commits. */
  readonly #commits = new AbortController()
  readonly #doubts: Doubts
  readonly #turns: OwnerTurns
  #isDisposed = false

  constructor(deps: ClusterDriftDeps) {
    this.#deps = deps
    const { view, clock, random, logger, codec } = deps
    this.cluster = view.id
    this.view = view
    this.live = new LiveIndex({
      clock,
      random,
      logger,
      codec,
      view,
      isWatching: true,
      onChange: (id) => {
        this.#doubts.liveChanged(id)
      },
    })
    this.#sets = new KeptSets(codec)
    this.#comparer = new OwnerComparer({ ...deps, live: this.live, sets: this.#sets })
    this.#turns = new OwnerTurns({
      clock,
      view,
      budget: deps.budget,
      owners: this.#owners,
      isReachable: () => this.#comparer.clientOrNull() !== null,
      run: (state, reason) => void this.#run(state, reason),
    })
    this.#doubts = new Doubts({
      clock,
      logger,
      view,
      live: this.live,
      comparer: this.#comparer,
      sets: this.#sets,
      owners: this.#owners,
      isBackground: deps.isBackground,
      ensure: (ref) => this.#ensure(ref),
      wakeSoon: (ms) => {
        this.#turns.wakeSoon(ms)
      },
      isAnyDue: () => this.#turns.isAnyDue,
    })
    deps.ready.then(
      () => {
        this.#turns.open(false)
      },
      () => undefined,
    )
    if (!deps.isBackground) return
    this.#stops.push(
      this.#doubts.begin((key) => {
        this.#forget(key)
      }),
    )
    void deps.beforeBackground.then(() => {
      this.#turns.open(true)
    })
  }

  /** Contexts came, went, or were switched. */
  contextsChanged(): void {
    this.live.kick()
    for (const state of this.#owners.values()) {
      if (state.error !== null && isWayFault(state.error.code)) state.notBefore = 0
      // Somebody else with other rights may ask from now on.
      state.unsettledCount = 0
      state.isTouched = true
    }
    this.#doubts.lookSoon()
    this.#turns.wakeSoon(0)
  }

  /** What the user allowed or mapped may help those that failed, and changes what others are made from. */
  choicesChanged(): void {
    for (const state of this.#owners.values()) {
      state.isTouched = true
      void this.#joinCommit(state)
      if (state.error === null) continue
      state.notBefore = 0
      state.failures = 0
    }
    this.#doubts.lookSoon()
    this.#turns.wakeSoon(0)
  }

  /** Compares the owner from now on, whatever is known of it; rejects with what keeps the cluster from being reached. */
  async check(ref: ObjectRef, signal: AbortSignal): Promise<{ owner: DriftOwner; objects: readonly DriftObject[] }> {
    const state = this.#ensure(ref)
    let leave: () => void = () => undefined
    try {
      await new Promise<void>((resolve, reject) => {
        leave = () => {
          reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
        }
        signal.addEventListener('abort', leave)
        state.asks.push({ done: resolve, failed: reject })
        this.#turns.wakeSoon(0)
      })
    } finally {
      signal.removeEventListener('abort', leave)
    }
    return { owner: toDriftOwner(state), objects: this.objectsOf(ref) }
  }

  objectsOf(ref: ObjectRef): readonly DriftObject[] {
    return this.#owners.get(refKey(ref))?.result?.records.map(({ row }) => row) ?? []
  }

  record(owner: ObjectRef, ref: ObjectRef): ComparedRecord | null {
    const id = liveId(ref.group, ref.kind, ref.namespace, ref.name)
    return this.#owners.get(refKey(owner))?.result?.records.find((record) => record.id === id) ?? null
  }

  resultOf(owner: ObjectRef): OwnerComparison | null {
    return this.#owners.get(refKey(owner))?.result ?? null
  }

  /** Somebody looks at the owner: it is compared soon where it never was. */
  look(ref: ObjectRef): Dispose {
    const state = this.#ensure(ref)
    state.watchers += 1
    this.#turns.wakeSoon(0)
    return () => {
      state.watchers -= 1
    }
  }

  /** One object of an owner, compared afresh, with all details; null where the owner has no such object. */
  compareObject(owner: ObjectRef, ref: ObjectRef, signal: AbortSignal): Promise<ComparedObject | null> {
    return this.#comparer.compareObject(this.#ensure(owner), ref, signal)
  }

  /** The newest desired state against the cluster, beside the owner's own result. */
  compareLatest(owner: ObjectRef, signal: AbortSignal): ReturnType<OwnerComparer['compareLatest']> {
    return this.#comparer.compareLatest(this.#ensure(owner), signal)
  }

  /** What the next run of a HelmRelease's controller would do, from a fresh read of it. */
  async nextRunOf(owner: ObjectRef, signal: AbortSignal): Promise<{ run: NextRun; object: KubeObject }> {
    const { desired, view } = this.#deps
    const object = await view.fetch(owner, signal)
    return { run: await desired.nextRunOf(view, object, signal), object }
  }

  /** Changes when the newest desired state does. */
  latestFingerprint(object: KubeObject): string {
    return this.#comparer.fingerprint(object, 'latest')
  }

  /** The commit of the revision that the owner was compared with; null where it was not, or that cannot be told. */
  async commitOf(owner: ObjectRef, signal: AbortSignal): Promise<RevisionCommit | null> {
    return this.commitAt(owner, this.resultOf(owner)?.fidelity.revision ?? '', signal)
  }

  /** What that revision is in Git, whether it was compared or not. */
  async commitAt(owner: ObjectRef, revision: string, signal: AbortSignal): Promise<RevisionCommit | null> {
    const { desired, view } = this.#deps
    if (revision === '' || desired.commitOf === undefined) return null
    return desired.commitOf(view, await this.#comparer.objectOf(owner, signal), revision, signal)
  }

  /** That commit of a source, and what led to it, the newest first. */
  async logAt(
    source: ObjectRef,
    revision: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly LoggedCommit[]> {
    const { desired, view } = this.#deps
    return (await desired.logOf?.(view, source, revision, limit, signal)) ?? []
  }

  /** Whether nothing is known to have changed since it was compared. */
  isUnmoved({ records, isElsewhere }: OwnerComparison): boolean {
    return isElsewhere || records.every(({ id, seen }) => this.live.judge(id, seen) !== 'changed')
  }

  /** The owner as it is known now, else read. */
  objectOf(owner: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
    return this.#comparer.objectOf(owner, signal)
  }

  /** The owner as it is known now, null where it is not. */
  current(owner: ObjectRef): KubeObject | null {
    return this.#deps.view.cached(owner)
  }

  dispose(): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#commits.abort()
    for (const stop of this.#stops) stop()
    this.#turns.dispose()
    this.#doubts.dispose()
    for (const key of [...this.#owners.keys()]) this.#forget(key)
    this.live.dispose()
    this.#deps.budget.dispose()
  }

  // Owners

  #ensure(ref: ObjectRef): OwnerState {
    const key = refKey(ref)
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const state = newOwnerState(key, ref)
    this.#owners.set(key, state)
    this.#tell(state)
    return state
  }

  #forget(key: string): void {
    const state = this.#owners.get(key)
    if (state === undefined) return
    this.#owners.delete(key)
    this.#sets.drop(state.kept)
    state.kept = null
    state.running?.abort()
    for (const ask of state.asks)
      ask.failed(new SluiceError('NotFound', `${state.ref.kind} ${refTitle(state.ref)} is gone`))
    this.#doubts.results.set(key, [])
    this.#doubts.inputs.set(key, [])
    this.#doubts.isFollowingMoved = true
    for (const { row } of state.result?.records ?? []) this.#deps.objectTable.remove(row.key)
    this.#deps.ownerTable.remove(key)
  }

  #tell(state: OwnerState): void {
    if (this.#owners.get(state.key) !== state) return
    const row = toDriftOwner(state)
    if (JSON.stringify(row) === JSON.stringify(this.#deps.ownerTable.get(state.key))) return
    this.#deps.ownerTable.put(row)
  }

  // Comparisons

  async #run(state: OwnerState, reason: Reason): Promise<void> {
    const { logger, clock, random } = this.#deps
    const asks = state.asks
    const dirty: ReadonlySet<LiveId> = state.dirty ?? new Set()
    const abort = new AbortController()
    state.asks = []
    state.dirty = null
    state.running = abort
    state.isInputsStale = false
    state.isAgeing = false
    this.#turns.begun(reason)
    if (state.result === null || asks.length > 0) this.#tell(state)
    const restore = (): void => {
      for (const id of dirty) markDirty(state, id)
      if (reason === 'inputs') state.isInputsStale = true
    }
    try {
      const isDone = await this.#compare(state, reason, dirty, abort.signal)
      if (isDone) for (const ask of asks) ask.done()
      else {
        restore()
        state.asks.unshift(...asks)
      }
    } catch (error) {
      restore()
      const data = toErrorData(error)
      if (abort.signal.aborted || this.#isDisposed) for (const ask of asks) ask.failed(error)
      else if (isWayFault(data.code)) {
        // Says nothing about the owner: asked again when the way is clear.
        state.failures += 1
        state.notBefore = clock.monotonicMs() + backoffMs(random, state.failures, wayLimits)
        for (const ask of asks) ask.failed(error)
      } else {
        if (data.code === 'Internal')
          logger.log('error', 'comparison failed', {
            owner: state.key,
            error: String(error instanceof Error ? error.stack : error),
          })
        state.failures += 1
        state.error = data
        const waitMs =
          // Waits for the user, who is heard at once.
          data.code === 'HostNotAllowed' ? consentMs : backoffMs(random, state.failures, failureLimits)
        state.notBefore = clock.monotonicMs() + waitMs
        for (const ask of asks) ask.done()
      }
    } finally {
      state.running = null
      this.#doubts.isFollowingMoved = true
      this.#tell(state)
      if (state.isTouched) this.#doubts.lookSoon()
      this.#turns.ended(state, reason)
    }
  }

  /** False: nothing was learnt, and it is to be tried again. */
  async #compare(state: OwnerState, reason: Reason, dirty: ReadonlySet<LiveId>, signal: AbortSignal): Promise<boolean> {
    const { view } = this.#deps
    const object = await this.#comparer.objectOf(state.ref, signal)
    const revision = revisionToCompare(object)
    const isAsked = reason === 'asked'
    const { set, options, inputs, fingerprint } = await this.#comparer.prepare(
      object,
      revision,
      state,
      isUrgent(reason),
      signal,
    )
    const comparison = await compareOwner(set, {
      ...options,
      earlier: state.result,
      isDirty: isAsked ? () => true : (id) => dirty.has(id),
    })
    signal.throwIfAborted()
    const after = view.cached(state.ref) ?? object
    if (this.#comparer.fingerprint(after, revisionToCompare(after)) !== fingerprint && state.discards < maxDiscards) {
      // Half of it may have been compared with what was, half with what is.
      state.discards += 1
      return false
    }
    state.discards = 0
    if (state.fingerprint !== fingerprint) await this.#deps.onDesired?.(view, object, set)
    // What is refused again and again is asked for less and less, whatever else of the owner changes meanwhile.
    if (!comparison.isUnsettled || (reason !== 'ageing' && reason !== 'live')) state.unsettledCount = 0
    else if (reason === 'ageing') state.unsettledCount += 1
    state.failures = 0
    state.error = null
    state.notBefore = 0
    state.fingerprint = fingerprint
    if (state.kept?.fingerprint !== fingerprint) state.kept = this.#sets.keep(state.kept, set, fingerprint)
    this.#store(state, comparison, inputs)
    void this.#joinCommit(state)
    return true
  }

  /** Beside the result, which never waits for it. */
  async #joinCommit(state: OwnerState): Promise<void> {
    const revision = state.result?.fidelity.revision ?? ''
    if (!this.#deps.isBackground || revision === '' || state.commit?.revision === revision) return
    try {
      const commit = await this.commitOf(state.ref, this.#commits.signal)
      if (commit === null) return
      state.commit = { revision, commit }
      this.#tell(state)
    } catch (error) {
      if (this.#isDisposed || isWayFault(toErrorData(error).code)) return
      this.#deps.logger.log('warn', 'commit not read', { owner: state.key, error: String(error) })
    }
  }

  /** What no result depended on yet may have been let go while it was compared. */
  async #followAgain({ id, row }: ComparedRecord): Promise<void> {
    const { group, kind, namespace, name } = row.ref
    await this.live.follow(group, kind, namespace, name)
    if (!this.#isDisposed) this.#doubts.liveChanged(id)
  }

  #store(state: OwnerState, comparison: OwnerComparison, inputs: readonly LiveId[]): void {
    const { firstSeen, objectTable, clock } = this.#deps
    const now = clock.now()
    const before = state.result
    let hasDrift = false
    const records = comparison.records.map((record): ComparedRecord => {
      const { row } = record
      if (!countsAsDrift(row)) {
        // Refused or moving: nobody knows whether it is gone.
        if (isSettled(row.action)) firstSeen.clear(row.key)
        return record
      }
      hasDrift = true
      return { ...record, row: { ...row, firstSeenAt: firstSeen.mark(row.key, now) } }
    })
    if (hasDrift) state.firstSeenAt = firstSeen.mark(state.key, now)
    else if (!comparison.isUnsettled) {
      state.firstSeenAt = null
      firstSeen.clear(state.key)
    }
    state.result = { ...comparison, records }
    const keys = new Set<string>()
    for (const { row } of records) {
      keys.add(row.key)
      if (row.action === 'unchanged') objectTable.remove(row.key)
      else objectTable.put(row)
    }
    for (const { row } of before?.records ?? [])
      if (!keys.has(row.key)) {
        objectTable.remove(row.key)
        firstSeen.clear(row.key)
      }
    const watched = comparison.isElsewhere ? [] : records
    this.#doubts.results.set(
      state.key,
      watched.map(({ id }) => id),
    )
    this.#doubts.inputs.set(state.key, inputs)
    for (const record of watched) {
      const { id, seen } = record
      const judgement = this.live.judge(id, seen)
      // What changed while it was compared, or before it was followed.
      if (judgement === 'changed') markDirty(state, id)
      else if (judgement === 'unknown') void this.#followAgain(record)
    }
    this.#deps.onCompared(
      state.ref,
      records.map(({ row }) => row),
    )
  }
}
