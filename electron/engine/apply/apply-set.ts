/**
 * Applies one owner's desired set to its cluster as the controller does: stages, dry-runs first, clean-up of managed fields, force, real applies in
 * order, then prune. Semantics: flux-semantics §2.7 to §2.12, §9; fluxcd/pkg/ssa ApplyAllStaged, kustomize-controller apply and prune.
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { nextTurn } from '../cache/slices.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { CompiledRules } from '../diff/ignore-rules.ts'
import { compileIgnoreRules } from '../diff/ignore-rules.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { Clock, Codec, KubeClient } from '../ports.ts'
import type { HealthExpressions } from '../reconcile/health/health-check.ts'
import { waitForStatuses } from '../reconcile/health/wait-for-statuses.ts'
import type { ApplyStage } from './apply-stages.ts'
import { isDefinition, stagesOf } from './apply-stages.ts'
import type { LiveObjects } from './compare-set.ts'
import { inParallel } from './in-parallel.ts'
import { entryOf, faultOf, subjectOf } from './server-calls.ts'
import { createTargetKinds } from './target-kinds.ts'
import type { ApplyRun, Failure, Tried } from './try-object.ts'
import { applyObject, tryObject } from './try-object.ts'

export type AppliedAction = 'created' | 'configured' | 'unchanged' | 'skipped' | 'deleted' | 'unknown'

export interface AppliedEntry {
  /** `Deployment/apps/podinfo`: as the controllers write it into events. */
  readonly subject: string
  readonly action: AppliedAction
  readonly entry: InventoryEntry
  /** As the server answered; null where it was not asked or is gone. */
  readonly object: KubeObject | null
}

export interface ApplyOptions {
  readonly view: ClusterView
  /** Fenced, and of the target cluster (spec.kubeConfig); impersonation is in the set's target. */
  readonly client: KubeClient
  /** Reads of live objects: a watch's copy where there is one, proved fresh before a write depends on it. */
  readonly live: LiveObjects
  readonly codec: Codec
  readonly clock: Clock
  readonly concurrency: number
  /**
   * An object whose last dry-run answer still holds (same desired body, same live resourceVersion) is unchanged without asking: a full pass over
   * what nobody touched costs no request. Null: always ask.
   */
  readonly knownUnchanged: ((object: KubeObject, live: KubeObject | null) => boolean) | null
  /**
   * The same by a watch that has missed nothing, for runs that nobody is waiting for: the object is unchanged without being read. Default: never.
   */
  readonly standsUnchanged?: (object: KubeObject) => boolean
  /**
   * Nothing is remembered of the object: it is asked for by dry-run before it is read, so that a new one costs no read. For callers whose reads are
   * requests. Default: never.
   */
  readonly mayBeNew?: (object: KubeObject) => boolean
  /** Tells what was proven unchanged or has just been applied, for the next pass. */
  readonly remember: (object: KubeObject, live: KubeObject) => void
  /** spec.healthCheckExprs: they judge the objects that a stage waits for as well. Default: none. */
  readonly expressions?: HealthExpressions | null
  /** The controller's gate MigrateAPIVersion. Default: off. */
  readonly isVersionMigrated?: boolean
  /**
   * Told before the first write of each stage what the stage is going to write, and awaited: who keeps an inventory has it written by then, so that
   * nothing is ever in the cluster that no inventory names. Rejections end the apply. Default: nobody is told.
   */
  readonly announce?: (entries: readonly InventoryEntry[]) => Promise<void>
  readonly signal: AbortSignal
}

export interface AppliedSet {
  /** In the order in which they were applied. */
  readonly entries: readonly AppliedEntry[]
  /**
   * What ended it; `entries` are then those that went before: these objects exist in the cluster whatever the fault says. `message` is what the
   * controller writes into its condition: its sentence, a line break, and one line for each object that whole stages before it changed.
   */
  readonly error: { readonly message: string; readonly data: SluiceErrorData } | null
}

/** Never prunes. Rejects only with Canceled, LeaseLost and transport faults that leave it unknown what was done. */
export type ApplySet = (set: DesiredSet, options: ApplyOptions) => Promise<AppliedSet>

export interface PruneOptions extends Pick<ApplyOptions, 'view' | 'client' | 'clock' | 'signal'> {
  readonly owner: { readonly kind: 'Kustomization'; readonly namespace: string; readonly name: string }
  readonly impersonate: string | null
  /** The objects live in another cluster than the view's (spec.kubeConfig). Default: false. */
  readonly isRemote?: boolean
}

export interface PrunedSet {
  readonly entries: readonly AppliedEntry[]
  /** Not confirmed gone: they stay in the inventory. */
  readonly survivors: readonly InventoryEntry[]
  /** Errors joined as the controller joins them; null if all went. */
  readonly error: string | null
}

/** Stale inventory entries in reverse order of applying, background propagation, guarded by owner labels and the live object's marks. */
export type PruneSet = (stale: readonly InventoryEntry[], options: PruneOptions) => Promise<PrunedSet>

const stageWaitMs = 60_000
/** The controller looks every two seconds; definitions are ready sooner. */
const stagePoll = { firstMs: 15, longestMs: 1000 }
const sliceMs = 8

export const applySet: ApplySet = async (set, options) => {
  const entries: AppliedEntry[] = []
  const before: string[] = []
  const stop = (failure: Pick<Failure, 'message' | 'data'>): AppliedSet => ({
    entries,
    error: { message: `${failure.message}\n${before.map((line) => `${line}\n`).join('')}`, data: failure.data },
  })
  const unknown = set.objects.find((object) => object.unknown !== '')
  if (unknown !== undefined) {
    const message = `${subjectOf(entryOf(unknown.object))}: ${unknown.unknown}`
    return stop({ message, data: { ...faultOf(message, null), code: 'Unsupported' } })
  }
  let rules: CompiledRules
  try {
    rules = compileIgnoreRules(set.ignoreRules)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'Invalid') throw error
    return stop({ message: `failed to create ignore rule selector: ${error.message}`, data: error.toData() })
  }
  const { view, client, clock, signal, live, knownUnchanged, remember } = options
  const calls = { client, clock, impersonate: set.target.impersonate, signal }
  const kinds = createTargetKinds(set.target.remote === null ? view : null, calls)
  const isVersionMigrated = options.isVersionMigrated ?? false
  const mayBeNew = options.mayBeNew ?? (() => false)
  const standsUnchanged = options.standsUnchanged ?? (() => false)
  const known = { knownUnchanged, standsUnchanged, mayBeNew, remember }
  const run: ApplyRun = { set, rules, live, kinds, calls, ...known, isVersionMigrated }

  for (const stage of stagesOf(
    set.objects.map(({ object }) => object),
    set.customStageKinds,
  )) {
    const failure = await applyStage(run, stage, options, entries)
    if (failure !== null) return stop(failure)
    const applied = entries.slice(-stage.objects.length)
    for (const { subject, action } of applied)
      if (action === 'created' || action === 'configured') before.push(`${subject} ${action}`)
    if (!stage.isWaitedFor) continue
    for (const object of stage.objects) if (isDefinition(object)) kinds.define(object)
    const waited = await waitForStatuses(
      applied.map(({ entry, object }) => ({ entry, object })),
      {
        kinds,
        calls,
        expressions: options.expressions ?? null,
        timeoutMs: stageWaitMs,
        isFailFast: false,
        poll: stagePoll,
        isJobDone: () => false,
      },
    )
    if (waited !== null) {
      const message = `${waited.isTimeout ? 'timeout waiting for' : 'failed early due to stalled resources'}: [${waited.subjects.join(', ')}]`
      return stop({ message, data: faultOf(message, null) })
    }
  }
  return { entries, error: null }
}

/** Entries of the stage are appended: all of them, or on a fault those that are certainly there. */
async function applyStage(
  run: ApplyRun,
  { objects }: ApplyStage,
  options: ApplyOptions,
  entries: AppliedEntry[],
): Promise<Failure | null> {
  let hasFailed = false
  let thrown: unknown = null
  let since = options.clock.monotonicMs()
  const tried = await inParallel(
    objects,
    options.concurrency,
    options.signal,
    async (object): Promise<Tried | null> => {
      if (hasFailed) return null
      if (options.clock.monotonicMs() - since >= sliceMs) {
        await nextTurn(options.clock)
        since = options.clock.monotonicMs()
      }
      try {
        const result = await tryObject(run, object)
        if (result.kind === 'failed') hasFailed = true
        return result
      } catch (error) {
        // What is under way may write: it is waited for.
        hasFailed = true
        thrown ??= error
        return null
      }
    },
  )
  if (thrown !== null) throw thrown as Error
  // Several may fail at once: the first in the order is told.
  for (const result of tried) if (result?.kind === 'failed') return result

  const planned = tried.flatMap((result) => (result?.kind === 'toApply' ? [entryOf(result.answer)] : []))
  if (planned.length > 0) await options.announce?.(planned)
  const stage: AppliedEntry[] = []
  let failure: Failure | null = null
  for (const [index, result] of tried.entries()) {
    if (result === null || result.kind === 'failed') continue
    if (result.kind === 'settled') {
      const entry = entryOf(result.object)
      stage.push({
        subject: subjectOf(entry),
        action: result.action,
        entry,
        object: result.isLive ? result.object : null,
      })
      continue
    }
    if (failure !== null) continue
    const applied = await applyObject(run, objects[index]!, result)
    if ('kind' in applied) {
      failure = applied
      continue
    }
    const entry = entryOf(result.answer)
    stage.push({ subject: subjectOf(entry), action: result.action, entry, object: applied.object })
  }
  const isThere = ({ object, action }: AppliedEntry): boolean => object !== null || action === 'unchanged'
  entries.push(...(failure === null ? stage : stage.filter(isThere)))
  return failure
}
