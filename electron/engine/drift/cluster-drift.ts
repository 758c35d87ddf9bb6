/**
 * All comparisons of one cluster: which owner next, with what budget, and what makes a result doubtful again. A result holds until its inputs
 * or one of its live objects change; then that owner is compared again, and in it only what changed.
 */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { ComparedObject } from '../apply/compare-set.ts'
import { backoffMs } from '../cache/backoff.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Clock, Codec, Dispose, KubeClient, Logger, Random } from '../ports.ts'
import type { DryRunBudget } from './budget.ts'
import { compareOne, compareOwner, isWayFault } from './compare-owner.ts'
import type { CompareOwnerOptions, Comparison, OwnerComparison } from './compare-owner.ts'
import type { DesiredSet } from './desired-set.ts'
import { fingerprintOf, isApplying, isOwnerKind, revisionToCompare } from './inputs.ts'
import type { DesiredRevision } from './inputs.ts'
import { keepSet, openSet } from './kept-set.ts'
import { LiveIndex } from './live/live-index.ts'
import type { LiveId } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'
import { chooseNext, isUrgent, newOwnerState, toDriftOwner } from './owner-state.ts'
import type { OwnerState, Reason } from './owner-state.ts'
import type { FirstSeen } from './results/first-seen.ts'
import type { KeyedTable } from './results/keyed-table.ts'
import type { ComparedRecord } from './results/record.ts'

/** Desired states, of both kinds of owner. */
export interface DesiredSource {
  desiredOf(view: ClusterView, object: KubeObject, revision: DesiredRevision, signal: AbortSignal): Promise<DesiredSet>
  /** ConfigMaps and Secrets whose change changes it. */
  inputsOf(view: ClusterView, object: KubeObject): readonly ObjectRef[]
  /** The revision of the tree that it would be made from; null if that cannot be told. */
  peek(view: ClusterView, object: KubeObject, revision: DesiredRevision): string | null
  /** What the user decided about its source, as a text that changes with it. */
  choicesOf(view: ClusterView, object: KubeObject): string
}

export interface ClusterDriftDeps {
  readonly view: ClusterView
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly codec: Codec
  readonly secretKey: Uint8Array
  readonly desired: DesiredSource
  readonly comparison: Comparison
  readonly budget: DryRunBudget
  readonly firstSeen: FirstSeen
  /** Awaited before the first comparison: what the user decided is in force. */
  readonly ready: Promise<unknown>
  readonly ownerTable: KeyedTable<DriftOwner>
  readonly objectTable: KeyedTable<DriftObject>
  /** The owner was compared: all of its objects, for those who look at it. */
  readonly onCompared: (owner: ObjectRef, objects: readonly DriftObject[]) => void
  /** False: only what is asked for is compared. */
  readonly isBackground: boolean
}

const tickMs = 15_000
const rowBatchMs = 100
const wakeBatchMs = 5
/** What nobody can watch is looked at again after so long, what moved or was refused sooner. */
const ageMs = { unwatched: 10 * 60_000, unsettled: 60_000 }
const failureLimits = { firstMs: 20_000, maxMs: 10 * 60_000 }
const wayLimits = { firstMs: 1000, maxMs: 15_000 }
/** A run that takes longer than this has trouble of its own: what is there is compared. */
const maxHoldMs = 30_000
const holdStepMs = 1000
const maxDiscards = 3
const undiscoveredMs = 200
const maxOwnersAtOnce = 16

export class ClusterDrift {
  readonly cluster: ClusterId
  readonly live: LiveIndex
  readonly #deps: ClusterDriftDeps
  readonly #owners = new Map<string, OwnerState>()
  /** By live object: owners whose result depends on it. */
  readonly #dependents = new Map<LiveId, Set<string>>()
  /** By input or source: owners whose desired state depends on it. */
  readonly #inputs = new Map<LiveId, Set<string>>()
  readonly #tracked = new Map<string, { live: readonly LiveId[]; inputs: readonly LiveId[] }>()
  readonly #stops: Dispose[] = []
  #runningCount = 0
  #runningUrgent = 0
  #wakeTimer: Dispose | null = null
  #wakeAt = Infinity
  #rowTimer: Dispose | null = null
  #tickTimer: Dispose | null = null
  #controllersKey = ''
  #isReady = false
  #isDisposed = false

  constructor(deps: ClusterDriftDeps) {
    this.#deps = deps
    const { view, clock, random, logger, codec } = deps
    this.cluster = view.id
    this.live = new LiveIndex({
      clock,
      random,
      logger,
      codec,
      view,
      isWatching: true,
      onChange: (id) => {
        this.#liveChanged(id)
      },
    })
    if (deps.isBackground) {
      for (const row of view.rows()) this.#rowChanged(row)
      this.#stops.push(
        view.watchRows(({ upsert, remove }) => {
          for (const row of upsert) this.#rowChanged(row)
          for (const key of remove) this.#forget(key)
          this.#wakeSoon(0)
        }),
      )
      this.#tick()
    }
    deps.ready.then(
      () => {
        this.#isReady = true
        this.#wakeSoon(0)
      },
      () => undefined,
    )
  }

  /** Contexts came, went, or were switched. */
  contextsChanged(): void {
    this.live.kick()
    for (const state of this.#owners.values()) {
      if (state.error !== null && isWayFault(state.error.code)) state.notBefore = 0
      state.isTouched = true
    }
    this.#rowsSoon()
    this.#wakeSoon(0)
  }

  /** What the user allowed or mapped may help those that failed, and changes what others are made from. */
  choicesChanged(): void {
    for (const state of this.#owners.values()) {
      state.isTouched = true
      if (state.error === null) continue
      state.notBefore = 0
      state.failures = 0
    }
    this.#rowsSoon()
    this.#wakeSoon(0)
  }

  /** Compares the owner from now on, whatever is known of it; rejects with what keeps the cluster from being reached. */
  async check(ref: ObjectRef, signal: AbortSignal): Promise<{ owner: DriftOwner; objects: readonly DriftObject[] }> {
    const state = this.#ensure(ref)
    await new Promise<void>((resolve, reject) => {
      // A signal of its own: many wait for one caller.
      AbortSignal.any([signal]).addEventListener('abort', () => {
        reject(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
      })
      state.asks.push({ done: resolve, failed: reject })
      this.#wakeSoon(0)
    })
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
    this.#wakeSoon(0)
    return () => {
      state.watchers -= 1
    }
  }

  /** One object of an owner, compared afresh, with all details; null where the owner has no such object. */
  async compareObject(owner: ObjectRef, ref: ObjectRef, signal: AbortSignal): Promise<ComparedObject | null> {
    const object = await this.#objectOf(owner, signal)
    const { set, options } = await this.#prepare(object, revisionToCompare(object), this.#ensure(owner), true, signal)
    return compareOne(set, liveId(ref.group, ref.kind, ref.namespace, ref.name), options)
  }

  /** The newest desired state against the cluster, beside the owner's own result. */
  async compareLatest(
    owner: ObjectRef,
    signal: AbortSignal,
  ): Promise<{ readonly object: KubeObject; readonly comparison: OwnerComparison; readonly fingerprint: string }> {
    const object = await this.#objectOf(owner, signal)
    const state = this.#ensure(owner)
    const { set, options } = await this.#prepare(object, 'latest', state, true, signal)
    const comparison = await compareOwner(set, {
      ...options,
      earlier: state.result,
      isDirty: (id) => state.dirty.has(id),
    })
    return { object, comparison, fingerprint: this.latestFingerprint(object) }
  }

  /** Changes when the newest desired state does. */
  latestFingerprint(object: KubeObject): string {
    return this.#fingerprint(object, 'latest')
  }

  /** The owner as it is known now, null where it is not. */
  current(owner: ObjectRef): KubeObject | null {
    return this.#deps.view.cached(owner)
  }

  dispose(): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    for (const stop of this.#stops) stop()
    this.#wakeTimer?.()
    this.#rowTimer?.()
    this.#tickTimer?.()
    for (const key of [...this.#owners.keys()]) this.#forget(key)
    this.live.dispose()
    this.#deps.budget.dispose()
  }

  // What makes a result doubtful

  #rowChanged(row: FluxRow): void {
    if (isOwnerKind(row.ref)) {
      const state = this.#ensure(row.ref)
      state.isSuspended = row.isSuspended === true
      state.isTouched = true
      // Something happened: what was waited for may be over.
      if (state.heldSince !== null) state.notBefore = 0
      this.#rowsSoon()
      return
    }
    const { group, kind, namespace, name } = row.ref
    this.#touchInputs(liveId(group, kind, namespace, name))
  }

  #liveChanged(id: LiveId): void {
    this.#touchInputs(id)
    for (const key of this.#dependents.get(id) ?? []) {
      const state = this.#owners.get(key)
      const record = state?.result?.records.find((each) => each.id === id)
      if (state === undefined || record === undefined || this.live.judge(id, record.seen) !== 'changed') continue
      state.dirty.add(id)
      this.#wakeSoon(wakeBatchMs)
    }
  }

  #touchInputs(id: LiveId): void {
    for (const key of this.#inputs.get(id) ?? []) {
      const state = this.#owners.get(key)
      if (state !== undefined) state.isTouched = true
      this.#rowsSoon()
    }
  }

  /** Looks at the inputs of owners whose rows moved, a batch at a time. */
  #rowsSoon(): void {
    if (!this.#deps.isBackground) return
    this.#rowTimer ??= this.#deps.clock.after(rowBatchMs, () => {
      const touched = this.#touched()
      forEachInSlices(
        this.#deps.clock,
        touched,
        (state) => {
          if (!state.isTouched) return
          state.isTouched = false
          const object = this.#deps.view.cached(state.ref)
          if (object === null) return
          const fingerprint = this.#fingerprint(object, revisionToCompare(object))
          if (state.error !== null && fingerprint !== state.triedFingerprint) {
            state.notBefore = 0
            state.failures = 0
          }
          if (state.result !== null && fingerprint !== state.fingerprint) state.isInputsStale = true
          this.#wakeSoon(wakeBatchMs)
        },
        () => this.#isDisposed,
      )
        .catch((error: unknown) => {
          this.#deps.logger.log('error', 'inputs not read', { cluster: this.cluster, error: String(error) })
        })
        .finally(() => {
          this.#rowTimer = null
          if (this.#touched().length > 0) this.#rowsSoon()
        })
    })
  }

  #touched(): readonly OwnerState[] {
    return [...this.#owners.values()].filter(
      (state) => state.isTouched && state.running === null && (state.result !== null || state.error !== null),
    )
  }

  #tick(): void {
    const { clock, view } = this.#deps
    this.#tickTimer = clock.after(tickMs, () => {
      const controllers = JSON.stringify(view.controllers().map(({ name, image, args }) => [name, image, args]))
      const hasMoved = this.#controllersKey !== '' && controllers !== this.#controllersKey
      this.#controllersKey = controllers
      const now = clock.now()
      for (const state of this.#owners.values()) {
        if (hasMoved) state.isTouched = true
        const { result } = state
        if (result === null || state.isAgeing) continue
        const age = now - result.checkedAt
        // Helm's storage is not watched: a release that somebody made by hand is found when its turn comes.
        const isUnwatched = (): boolean =>
          state.ref.kind === 'HelmRelease' ||
          result.records.some(({ id, seen }) => this.live.judge(id, seen) === 'unknown')
        state.isAgeing =
          (age > ageMs.unsettled &&
            (result.isUnsettled || result.records.some(({ row }) => row.action === 'pruned'))) ||
          (age > ageMs.unwatched && isUnwatched())
        if (state.isAgeing && state.ref.kind === 'HelmRelease') state.kept = null
      }
      if (hasMoved) this.#rowsSoon()
      this.live.retain((id) => this.#dependents.has(id) || this.#inputs.has(id))
      this.#wakeSoon(0)
      this.#tick()
    })
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
    state.running?.abort()
    for (const ask of state.asks)
      ask.failed(new SluiceError('NotFound', `${state.ref.kind} ${refTitle(state.ref)} is gone`))
    this.#track(key, [], [])
    for (const { row } of state.result?.records ?? []) this.#deps.objectTable.remove(row.key)
    this.#deps.ownerTable.remove(key)
  }

  #tell(state: OwnerState): void {
    if (this.#owners.get(state.key) !== state) return
    const row = toDriftOwner(state)
    const text = JSON.stringify(row)
    if (text === state.told) return
    state.told = text
    this.#deps.ownerTable.put(row)
  }

  #track(key: string, live: readonly LiveId[], inputs: readonly LiveId[]): void {
    const before = this.#tracked.get(key)
    for (const [index, ids] of [
      [this.#dependents, before?.live ?? []],
      [this.#inputs, before?.inputs ?? []],
    ] as const)
      for (const id of ids) {
        const keys = index.get(id)
        keys?.delete(key)
        if (keys?.size === 0) index.delete(id)
      }
    if (live.length === 0 && inputs.length === 0) this.#tracked.delete(key)
    else this.#tracked.set(key, { live, inputs })
    for (const [index, ids] of [
      [this.#dependents, live],
      [this.#inputs, inputs],
    ] as const)
      for (const id of ids) {
        const keys = index.get(id)
        if (keys === undefined) index.set(id, new Set([key]))
        else keys.add(key)
      }
  }

  // Comparisons

  #wakeSoon(ms: number): void {
    if (this.#isDisposed) return
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

  #wake(): void {
    if (!this.#isReady || this.#isDisposed) return
    const now = this.#deps.clock.monotonicMs()
    const isReachable = this.#clientOrNull() !== null
    // Before discovery every kind would look as if it were not served.
    if (isReachable && this.#deps.view.served('', 'ConfigMap') === null) {
      this.#wakeSoon(undiscoveredMs)
      return
    }
    const { atOnce } = this.#deps.budget.current()
    const width = Math.min(maxOwnersAtOnce, atOnce)
    for (;;) {
      const { choice, dueAt } = chooseNext(this.#owners.values(), now, (reason) =>
        reason === 'asked'
          ? this.#runningUrgent < maxOwnersAtOnce
          : this.#deps.isBackground || reason === 'watched'
            ? isReachable && (isUrgent(reason) ? this.#runningUrgent < width + 2 : this.#runningCount < width)
            : false,
      )
      if (choice === null) {
        if (dueAt !== null) this.#wakeSoon(Math.max(1, dueAt - now))
        return
      }
      if (choice.reason === 'asked' || !this.#isHeld(choice.state, now)) void this.#run(choice.state, choice.reason)
    }
  }

  /** True, and looked at again soon, while a controller brings the owner's objects to another state. */
  #isHeld(state: OwnerState, now: number): boolean {
    const object = this.#deps.view.cached(state.ref)
    if (object?.metadata.deletionTimestamp !== undefined) {
      // Its objects go with it: neither missing nor drifted.
      state.notBefore = now + holdStepMs
      return true
    }
    if (object === null || !isApplying(object)) {
      state.heldSince = null
      return false
    }
    state.heldSince ??= now
    if (now - state.heldSince >= maxHoldMs) return false
    state.notBefore = now + holdStepMs
    return true
  }

  async #run(state: OwnerState, reason: Reason): Promise<void> {
    const { logger, clock, random } = this.#deps
    const isPressing = isUrgent(reason)
    const asks = state.asks
    const dirty = state.dirty
    const abort = new AbortController()
    state.asks = []
    state.dirty = new Set()
    state.running = abort
    state.isInputsStale = false
    state.isAgeing = false
    this.#runningCount += 1
    if (isPressing) this.#runningUrgent += 1
    if (state.result === null || asks.length > 0) this.#tell(state)
    const restore = (): void => {
      for (const id of dirty) state.dirty.add(id)
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
        state.notBefore = clock.monotonicMs() + backoffMs(random, state.failures, failureLimits)
        for (const ask of asks) ask.done()
      }
    } finally {
      state.running = null
      this.#runningCount -= 1
      if (isPressing) this.#runningUrgent -= 1
      this.#tell(state)
      if (state.isTouched) this.#rowsSoon()
      this.#wakeSoon(0)
    }
  }

  /** False: nothing was learnt, and it is to be tried again. */
  async #compare(state: OwnerState, reason: Reason, dirty: ReadonlySet<LiveId>, signal: AbortSignal): Promise<boolean> {
    const { view } = this.#deps
    const object = await this.#objectOf(state.ref, signal)
    const revision = revisionToCompare(object)
    const isAsked = reason === 'asked'
    const { set, options, inputs, fingerprint } = await this.#prepare(object, revision, state, isUrgent(reason), signal)
    const comparison = await compareOwner(set, {
      ...options,
      earlier: state.result,
      isDirty: isAsked ? () => true : (id) => dirty.has(id),
    })
    signal.throwIfAborted()
    const after = view.cached(state.ref) ?? object
    if (this.#fingerprint(after, revisionToCompare(after)) !== fingerprint && state.discards < maxDiscards) {
      // Half of it may have been compared with what was, half with what is.
      state.discards += 1
      return false
    }
    state.discards = 0
    state.failures = 0
    state.error = null
    state.notBefore = 0
    state.fingerprint = fingerprint
    if (state.kept?.fingerprint !== fingerprint) state.kept = keepSet(set, fingerprint, this.#deps.codec)
    this.#store(state, comparison, inputs)
    return true
  }

  #store(state: OwnerState, comparison: OwnerComparison, inputs: readonly LiveId[]): void {
    const { firstSeen, objectTable, clock } = this.#deps
    const now = clock.now()
    const before = state.result
    let hasDrift = false
    const records = comparison.records.map((record): ComparedRecord => {
      const { row } = record
      if (!isDrift(row.action)) {
        // Refused or moving: nobody knows whether it is gone.
        if (row.action === 'unchanged' || row.action === 'skipped') firstSeen.clear(row.key)
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
    this.#track(
      state.key,
      records.map(({ id }) => id),
      inputs,
    )
    // What changed while it was compared, or before it was followed.
    for (const { id, seen } of records) if (this.live.judge(id, seen) === 'changed') state.dirty.add(id)
    this.#deps.onCompared(
      state.ref,
      records.map(({ row }) => row),
    )
  }

  async #prepare(
    object: KubeObject,
    revision: DesiredRevision,
    state: OwnerState,
    isPressing: boolean,
    signal: AbortSignal,
  ): Promise<{
    readonly set: DesiredSet
    readonly options: Omit<CompareOwnerOptions, 'earlier' | 'isDirty'>
    readonly inputs: readonly LiveId[]
    readonly fingerprint: string
  }> {
    const { view, codec, desired, comparison, secretKey, budget, clock } = this.#deps
    const refs = desired.inputsOf(view, object)
    await Promise.all(refs.map(({ group, kind, namespace, name }) => this.live.follow(group, kind, namespace, name)))
    const fingerprint = this.#fingerprint(object, revision)
    if (revision === revisionToCompare(object)) state.triedFingerprint = fingerprint
    const set =
      state.kept !== null && state.kept.fingerprint === fingerprint
        ? openSet(state.kept, codec)
        : await desired.desiredOf(view, object, revision, signal)
    signal.throwIfAborted()
    const client = set.target.remote ?? view.client()
    return {
      set,
      inputs: [...refs, ...sourcesOf(view, object)].map(({ group, kind, namespace, name }) =>
        liveId(group, kind, namespace, name),
      ),
      fingerprint,
      options: {
        comparison,
        view,
        client,
        live: set.target.remote === null ? this.live : this.#remoteLive(set.target.remote),
        codec,
        clock,
        secretKey,
        takeDryRun: (takeSignal) => budget.take(isPressing, AbortSignal.any([takeSignal])),
        mayDryRun: this.#mayDryRun(),
        concurrency: Math.min(maxOwnersAtOnce, budget.current().atOnce),
        checkedAt: clock.now(),
        signal,
      },
    }
  }

  #fingerprint(object: KubeObject, revision: DesiredRevision): string {
    const { view, desired, codec } = this.#deps
    return fingerprintOf(object, {
      view,
      live: this.live,
      inputs: desired.inputsOf(view, object),
      revision,
      peek: desired.peek(view, object, revision),
      choices: `${desired.choicesOf(view, object)}|${String(this.#mayDryRun())}`,
      digest: (text) => codec.sha256Hex(text),
    })
  }

  /** Objects of another cluster are read one by one, with nobody to tell of changes. */
  #remoteLive(client: KubeClient): LiveIndex {
    const { clock, random, logger, codec, view } = this.#deps
    return new LiveIndex({
      clock,
      random,
      logger,
      codec,
      view: { client: () => client, served: (group, kind) => view.served(group, kind) },
      isWatching: false,
      onChange: () => undefined,
    })
  }

  #mayDryRun(): boolean {
    const context = this.#clientOrNull()?.context
    return this.#deps.view.contexts().find((row) => row.key === context)?.isDryRunOff !== true
  }

  #clientOrNull(): KubeClient | null {
    try {
      return this.#deps.view.client()
    } catch {
      return null
    }
  }

  async #objectOf(owner: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
    return this.#deps.view.cached(owner) ?? (await this.#deps.view.fetch(owner, signal))
  }
}

/** The source whose artifact an owner is built from: its row tells of new revisions. */
function sourcesOf(view: ClusterView, object: KubeObject): readonly ObjectRef[] {
  const namespace = object.metadata.namespace ?? ''
  const kind = object.kind
  const group = object.apiVersion.slice(0, Math.max(0, object.apiVersion.indexOf('/')))
  const row = view.row(refKey({ cluster: view.id, group, kind, namespace, name: object.metadata.name }))
  return row?.source ? [{ cluster: view.id, ...row.source }] : []
}
