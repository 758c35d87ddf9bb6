/**
 * What makes a result doubtful: its owner's row, one of its inputs, one of its live objects, the controllers' arguments, or nothing but time
 * where nobody watches. Marks owners; compares nothing.
 */
import { isSettled } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { forEachInSlices } from '../cache/slices.ts'
import type { ClusterView } from '../clusters/view.ts'
import type { Clock, Dispose, Logger } from '../ports.ts'
import { isOwnerKind, revisionToCompare } from './inputs.ts'
import type { KeptSets } from './kept-set.ts'
import type { LiveId, LiveIndex } from './live/live-index.ts'
import { liveId } from './live/live-index.ts'
import type { OwnerComparer } from './owner-comparer.ts'
import { OwnerIndex } from './owner-index.ts'
import { markDirty } from './owner-state.ts'
import type { OwnerState } from './owner-state.ts'

export interface DoubtsDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly view: ClusterView
  readonly live: LiveIndex
  readonly comparer: OwnerComparer
  readonly sets: KeptSets
  readonly owners: ReadonlyMap<string, OwnerState>
  /** False: only what is asked for is compared, and nothing is doubted by itself. */
  readonly isBackground: boolean
  readonly ensure: (ref: ObjectRef) => OwnerState
  /** Somebody may be due, so many milliseconds from now. */
  readonly wakeSoon: (ms: number) => void
  /** Somebody waits who was not started. */
  readonly isAnyDue: () => boolean
}

const tickMs = 15_000
const rowBatchMs = 100
const wakeBatchMs = 5
/** Owners that were not there before have no hurry, and a list brings thousands, page by page: who is due is found out by looking through all. */
const arrivalBatchMs = 250
/**
 * What nobody can watch is looked at again after so long. What moved, was refused or would be pruned sooner; what is refused again and again
 * twice as late each time, up to `longRefused`: where a right is missing nothing changes by itself, and each look asks for every such object.
 */
const ageMs = { unwatched: 10 * 60_000, unsettled: 60_000, longRefused: 30 * 60_000 }

export class Doubts {
  /** Live objects that results depend on. */
  readonly results = new OwnerIndex()
  /** Inputs and sources that desired states depend on. */
  readonly inputs = new OwnerIndex()
  /** What is followed may be more than results and inputs need. */
  isFollowingMoved = false
  readonly #deps: DoubtsDeps
  #rowTimer: Dispose | null = null
  #tickTimer: Dispose | null = null
  #arrivalTimer: Dispose | null = null
  #controllersKey = ''
  #isDisposed = false

  constructor(deps: DoubtsDeps) {
    this.#deps = deps
  }

  /** Follows the cluster's rows and the clock; the result ends both. */
  begin(forget: (key: string) => void): Dispose {
    const { view, wakeSoon } = this.#deps
    for (const row of view.rows()) this.#rowChanged(row)
    this.#tick()
    return view.watchRows(({ upsert, remove }) => {
      let isFreed = false
      for (const row of upsert) if (this.#rowChanged(row)) isFreed = true
      for (const key of remove) forget(key)
      if (isFreed) wakeSoon(0)
    })
  }

  liveChanged(id: LiveId): void {
    const { owners, live, wakeSoon } = this.#deps
    this.#touchInputs(id)
    for (const key of this.results.ownersOf(id)) {
      const state = owners.get(key)
      const record = state?.result?.records.find((each) => each.id === id)
      if (state === undefined || record === undefined || live.judge(id, record.seen) !== 'changed') continue
      markDirty(state, id)
      wakeSoon(wakeBatchMs)
    }
  }

  /** Looks at the inputs of owners that were touched, a batch at a time. */
  lookSoon(): void {
    const { clock, logger, view, isBackground } = this.#deps
    if (!isBackground || this.#isDisposed) return
    this.#rowTimer ??= clock.after(rowBatchMs, () => {
      forEachInSlices(
        clock,
        this.#touched(),
        (state) => {
          this.#look(state)
        },
        () => this.#isDisposed,
      )
        .catch((error: unknown) => {
          logger.log('error', 'inputs not read', { cluster: view.id, error: String(error) })
        })
        .finally(() => {
          this.#rowTimer = null
          if (this.#touched().length > 0) this.lookSoon()
        })
    })
  }

  dispose(): void {
    this.#isDisposed = true
    this.#rowTimer?.()
    this.#tickTimer?.()
    this.#arrivalTimer?.()
  }

  /** Whether an owner that was waited for may be due because of it: who is due already, or pauses, is no news however often its row changes. */
  #rowChanged(row: FluxRow): boolean {
    if (!isOwnerKind(row.ref)) {
      const { group, kind, namespace, name } = row.ref
      this.#touchInputs(liveId(group, kind, namespace, name))
      return false
    }
    const { ensure, owners } = this.#deps
    if (!owners.has(refKey(row.ref))) this.#arrived()
    const state = ensure(row.ref)
    state.isSuspended = row.isSuspended === true
    state.isTouched = true
    // Something happened: what was waited for may be over.
    if (state.heldSince !== null) state.notBefore = 0
    this.lookSoon()
    return state.heldSince !== null
  }

  #arrived(): void {
    const { clock, wakeSoon } = this.#deps
    this.#arrivalTimer ??= clock.after(arrivalBatchMs, () => {
      this.#arrivalTimer = null
      wakeSoon(0)
    })
  }

  #touchInputs(id: LiveId): void {
    for (const key of this.inputs.ownersOf(id)) {
      const state = this.#deps.owners.get(key)
      if (state !== undefined) state.isTouched = true
      this.lookSoon()
    }
  }

  #look(state: OwnerState): void {
    const { view, comparer, wakeSoon } = this.#deps
    if (!state.isTouched) return
    state.isTouched = false
    const object = view.cached(state.ref)
    if (object === null) return
    const fingerprint = comparer.fingerprint(object, revisionToCompare(object))
    const isTriedOtherwise = state.error !== null && fingerprint !== state.triedFingerprint
    const isStale = state.result !== null && fingerprint !== state.fingerprint
    if (isTriedOtherwise) {
      state.notBefore = 0
      state.failures = 0
    }
    if (isStale) state.isInputsStale = true
    if (isTriedOtherwise || isStale) wakeSoon(wakeBatchMs)
  }

  #touched(): readonly OwnerState[] {
    const touched: OwnerState[] = []
    for (const state of this.#deps.owners.values())
      if (state.isTouched && state.running === null && (state.result !== null || state.error !== null))
        touched.push(state)
    return touched
  }

  #tick(): void {
    const { clock, view, live, owners, wakeSoon, isAnyDue } = this.#deps
    this.#tickTimer = clock.after(tickMs, () => {
      const controllers = JSON.stringify(view.controllers().map(({ name, image, args }) => [name, image, args]))
      const hasMoved = this.#controllersKey !== '' && controllers !== this.#controllersKey
      this.#controllersKey = controllers
      const now = clock.now()
      let isAnyAgeing = false
      for (const state of owners.values()) {
        if (hasMoved) state.isTouched = true
        if (this.#age(state, now)) isAnyAgeing = true
      }
      if (hasMoved) this.lookSoon()
      if (this.isFollowingMoved) live.retain((id) => this.results.has(id) || this.inputs.has(id))
      this.isFollowingMoved = false
      if (isAnyAgeing || isAnyDue()) wakeSoon(0)
      this.#tick()
    })
  }

  /** Whether a result has become too old just now. */
  #age(state: OwnerState, now: number): boolean {
    const { live, sets } = this.#deps
    const { result } = state
    if (result === null || state.isAgeing) return false
    const age = now - result.checkedAt
    if (age <= ageMs.unsettled) return false
    const isRelease = state.ref.kind === 'HelmRelease'
    const isDoubtful = (): boolean =>
      result.isUnsettled
        ? age > Math.min(ageMs.longRefused, ageMs.unsettled * 2 ** state.unsettledCount)
        : result.records.some(({ row }) => row.action === 'pruned')
    // Helm's storage is not watched: a release that somebody made by hand is found when its turn comes.
    const isUnwatched = (): boolean =>
      isRelease ||
      result.isElsewhere ||
      result.records.some(({ id, seen, row }) => isSettled(row.action) && live.judge(id, seen) === 'unknown')
    state.isAgeing = isDoubtful() || (age > ageMs.unwatched && isUnwatched())
    if (state.isAgeing && isRelease) {
      sets.drop(state.kept)
      state.kept = null
    }
    return state.isAgeing
  }
}
