/**
 * One revision brought to the cluster: fetched, built, applied, pruned, healthy. What goes wrong on the way is a RunFault, and history, inventory
 * and conditions are as the controller would leave them. Semantics: flux-semantics §2.1; kustomize-controller `reconcile`.
 */
import { formatDuration } from '../../../../shared/flux/durations.ts'
import { conditionTypes, reasons } from '../../../../shared/flux/reasons.ts'
import { isSameRevision } from '../../../../shared/flux/revision.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { ApplySet, AppliedEntry, PruneSet } from '../../apply/apply-set.ts'
import { judgePruneGuard } from '../../apply/prune-guard.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { DesiredSet } from '../../drift/desired-set.ts'
import { formatInventoryId, intersectEntries, subtractEntries, uniteEntries } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { Clock, Codec } from '../../ports.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { asArray, asText, at, groupOf, numberAt, textAt, versionOf } from '../../status/read.ts'
import type { HealthExpressions, WaitForHealth } from '../health/health-check.ts'
import type { RunContext } from '../reconciler.ts'
import { deleteCondition, isTrue, markFalse, markTrue, markUnknown } from '../status/conditions.ts'
import { isRequestPending, setStatusText } from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import { upsertHistory } from '../status/history.ts'
import { goDuration } from '../status/texts.ts'
import type { ArtifactTrees } from './artifact-trees.ts'
import { buildDesired, PathNotFound } from './build-desired.ts'
import type { BuildDeps, Desired } from './build-desired.ts'
import { withOwned } from './child-owners.ts'
import type { SourceArtifact } from './find-source.ts'
import type { HostedTarget } from './hosted-target.ts'
import type { KnownObjects } from './known-objects.ts'
import type { KustomizationSpec } from './kustomization-spec.ts'
import { createLiveReads } from './live-reads.ts'
import type { Progress } from './progress.ts'
import { changeLines, hasChanged } from './run-events.ts'
import type { RunEvents } from './run-events.ts'
import { ArtifactNotFound, RunFault } from './run-fault.ts'

export interface RevisionDeps extends BuildDeps {
  readonly clock: Clock
  readonly codec: Codec
  readonly trees: ArtifactTrees
  readonly known: KnownObjects
  readonly applySet: ApplySet
  readonly pruneSet: PruneSet
  readonly waitForHealth: WaitForHealth
}

export interface RevisionRun {
  readonly run: RunContext
  readonly object: KubeObject
  readonly draft: Draft
  readonly spec: KustomizationSpec
  readonly artifact: SourceArtifact
  readonly expressions: HealthExpressions | null
  readonly progress: Progress
  readonly events: RunEvents
  readonly openTarget: () => Promise<HostedTarget>
  /** Where somebody said what is to be applied; null: whatever there is. */
  readonly demand: Demand | null
  /** refKey of the object. */
  readonly key: string
  readonly deps: RevisionDeps
}

/** What somebody looked at and said yes to. */
export interface Demand {
  /** Throws where this is something else. */
  check(desired: Desired, target: HostedTarget): void
  /** Of what is left of it where only `stale` is still to be deleted. */
  digestOf(desired: Desired, target: HostedTarget, stale: readonly InventoryEntry[]): string
  /** The digest that was approved, deletions and all; null: the guard still judges them. */
  readonly approved: string | null
}

/** Digest of what is in the cluster now, where it was demanded. Throws RunFault, ArtifactNotFound, NotHosted; SluiceError for what ends a run without a status (LeaseLost, Canceled, the way to the server). */
export async function reconcileRevision(revisionRun: RevisionRun): Promise<string | null> {
  const { run, draft, artifact, demand, deps } = revisionRun
  const startedAt = deps.clock.monotonicMs()
  const { desired, target } = await build(revisionRun)
  const { revision, originRevision } = artifact
  const record = (status: string): void => {
    upsertHistory(draft, {
      digest: desired.digest,
      status,
      durationMs: deps.clock.monotonicMs() - startedAt,
      metadata: { revision, ...(originRevision === '' ? {} : { originRevision }) },
    })
  }
  try {
    note(revisionRun, 'Detecting drift')
    run.report('Applying')
    const applied = await apply(revisionRun, desired.set, target)
    await replaceInventory(revisionRun, applied, desired, target)
    await checkHealth(revisionRun, applied, desired.set, target)
  } catch (error) {
    if (error instanceof RunFault) record(error.reason)
    throw error
  }
  setStatusText(draft, 'lastAppliedRevision', revision)
  setStatusText(draft, 'lastAppliedOriginRevision', originRevision)
  markTrue(draft, conditionTypes.ready, reasons.reconciliationSucceeded, `Applied revision: ${revision}`)
  record(reasons.reconciliationSucceeded)
  return demand?.digestOf(desired, target, []) ?? null
}

function note({ progress, spec, artifact }: RevisionRun, step: string): void {
  progress.note(`${step} for revision ${artifact.revision} with a timeout of ${formatDuration(spec.timeoutMs)}`)
}

async function build(revisionRun: RevisionRun): Promise<{ readonly desired: Desired; readonly target: HostedTarget }> {
  const { run, object, draft, artifact, deps } = revisionRun
  note(revisionRun, 'Fetching manifests')
  run.report('Building')
  const tree = await deps.trees.open(artifact)
  const attempted = asText(draft.status.lastAttemptedRevision)
  setStatusText(draft, 'lastAttemptedRevision', artifact.revision)
  note(revisionRun, 'Building manifests')
  try {
    const target = await revisionRun.openTarget()
    const desired = await buildDesired(run.view, object, tree, target, deps, run.signal)
    revisionRun.demand?.check(desired, target)
    return { target, desired }
  } catch (error) {
    if (error instanceof ArtifactNotFound) deps.trees.forget(artifact)
    if (error instanceof PathNotFound) {
      setStatusText(draft, 'lastAttemptedRevision', attempted)
      note(revisionRun, 'Fetching manifests')
    }
    throw error
  }
}

/**
 * Nobody asked for this run and nothing brought it about but its interval: what it finds may be what was true a moment ago. Where somebody waits for
 * it, what they did before they asked has to be seen, and every object is read.
 */
function isRoutine({ object, artifact, demand }: RevisionRun): boolean {
  return (
    demand === null &&
    !isRequestPending(object) &&
    numberAt(object, 'status', 'observedGeneration') === object.metadata.generation &&
    isSameRevision(artifact.revision, textAt(object, 'status', 'lastAppliedRevision')) &&
    findCondition(readConditions(object), conditionTypes.ready)?.status === 'True'
  )
}

async function apply(
  revisionRun: RevisionRun,
  set: DesiredSet,
  target: HostedTarget,
): Promise<readonly AppliedEntry[]> {
  const { run, key, draft, artifact, expressions, progress, events, deps } = revisionRun
  if (set.objects.length === 0) return []
  const { clock, codec } = deps
  const before = asArray(at(draft.status.inventory, 'entries'))
  let announced: readonly InventoryEntry[] = []
  const { view, signal } = run
  const { client, impersonate } = target
  const knowledge = deps.known.open(key, set, target.key)
  // What may be read by the account that applies may not be what the watch's owner may read.
  const standing = target.isRemote || impersonate !== null ? null : (view.standing ?? null)
  const { entries, error } = await deps.applySet(set, {
    view,
    client,
    live: createLiveReads(target.isRemote ? null : view, { client, clock, impersonate, signal }),
    codec,
    clock,
    concurrency: deps.settings.concurrency,
    knownUnchanged(object, live) {
      const isUnchanged = knowledge.isUnchanged(object, live)
      // Watches may have been given up meanwhile.
      if (isUnchanged) standing?.follow(object)
      return isUnchanged
    },
    ...(standing !== null && isRoutine(revisionRun)
      ? {
          standsUnchanged: (object) => knowledge.standsUnchanged(object, (one, seen) => standing.stands(one, seen)),
        }
      : {}),
    mayBeNew: (object) => !knowledge.isKnown(object),
    remember: (object, live) => {
      knowledge.remember(object, live)
      standing?.follow(object)
    },
    expressions,
    // The controller writes its inventory when all is applied: whatever dies before leaves objects that nobody will ever prune.
    announce: async (planned) => {
      const ids = new Set(before.map((entry) => textAt(entry, 'id')))
      const missing = planned.filter((entry) => !ids.has(formatInventoryId(entry)))
      if (missing.length === 0) return
      announced = uniteEntries(announced, missing)
      draft.status.inventory = { entries: [...before, ...announced.map(inventoryItem)] }
      await progress.persist()
    },
    signal,
  })
  if (error !== null) {
    // What was refused is not there.
    const there = entries.map(({ entry }) => entry)
    if (announced.length > 0)
      draft.status.inventory = { entries: [...before, ...intersectEntries(announced, there).map(inventoryItem)] }
    throw new RunFault(reasons.reconciliationFailed, error.message)
  }
  const changed = entries.filter(hasChanged)
  if (changed.length > 0) events.tell('info', changeLines(changed), artifact)
  return entries
}

/** The new inventory, after what is not in it any more has been pruned. */
async function replaceInventory(
  { run, object, draft, spec, artifact, progress, events, demand, deps }: RevisionRun,
  applied: readonly AppliedEntry[],
  desired: Desired,
  target: HostedTarget,
): Promise<void> {
  const inventory = readInventory(object)
  const unreadable = inventory?.unreadable[0]
  if (unreadable !== undefined)
    throw new RunFault(reasons.reconciliationFailed, `unable to parse stored object metadata: ${unreadable}`)
  const before = inventory?.entries ?? []
  const after = applied.map(({ entry }) => entry)
  const stale = spec.isPruned ? subtractEntries(before, after) : []
  if (stale.length === 0) {
    setInventory(draft, after)
    return
  }
  // A plan that was approved whole has told what it deletes.
  const approved = demand?.approved ?? null
  if (approved === null) demandPlausiblePrune(run, draft, before, after, stale, deps.codec)
  await demandFresh(run, progress, artifact)
  run.report('Pruning')
  const { entries, survivors, error } = await deps.pruneSet(stale, {
    view: run.view,
    client: target.client,
    clock: deps.clock,
    owner: { kind: 'Kustomization', namespace: object.metadata.namespace ?? '', name: object.metadata.name },
    impersonate: target.impersonate,
    isRemote: target.isRemote,
    signal: run.signal,
  })
  setInventory(draft, uniteEntries(after, survivors))
  // Health may still fail, and what is then tried again deletes nothing more.
  if (demand !== null && approved !== null)
    run.approvals.allowRest(approved, demand.digestOf(desired, target, survivors))
  else run.approvals.settle()
  if (error !== null) throw new RunFault(reasons.pruneFailed, error)
  if (entries.length > 0) events.tell('info', changeLines(entries), artifact)
}

/**
 * Nothing is deleted by what a watch told some time ago: spec and inventory are read anew, and the artifact is still the source's. SluiceError Conflict
 * where they have moved: the run begins again with what is now.
 */
async function demandFresh(run: RunContext, progress: Progress, artifact: SourceArtifact): Promise<void> {
  await progress.confirm()
  const now = at(await run.view.fetch(artifact.source, run.signal), 'status', 'artifact')
  if (textAt(now, 'revision') === artifact.revision && textAt(now, 'digest') === artifact.digest) return
  throw new SluiceError('Conflict', `${refTitle(artifact.source)} has another artifact by now`, { retry: 'transient' })
}

/** SECURITY: item 12: an implausible prune waits for the user; what it would delete stays in the inventory. */
function demandPlausiblePrune(
  run: RunContext,
  draft: Draft,
  before: readonly InventoryEntry[],
  after: readonly InventoryEntry[],
  stale: readonly InventoryEntry[],
  codec: Codec,
): void {
  const options = { codec, approved: [], isOff: !run.isPruneGuarded }
  const going = subtractEntries(withOwned(run.view, stale), after)
  const verdict = judgePruneGuard(withOwned(run.view, before), after, going, options)
  if (!verdict.isHeld || run.approvals.isApproved(verdict.digest)) return
  run.approvals.ask({
    kind: 'prune',
    digest: verdict.digest,
    revision: asText(draft.status.lastAttemptedRevision),
    reason: verdict.reason,
    created: 0,
    configured: 0,
    pruned: verdict.pruned.map(({ entry: { group, kind, namespace, name }, isData }) => ({
      ref: { cluster: run.view.id, group, kind, namespace, name },
      isData,
    })),
    changes: [],
  })
  setInventory(draft, uniteEntries(after, stale))
  throw new RunFault(reasons.pruneFailed, `Prune held for approval: ${verdict.reason}.`, { needsApproval: true })
}

function setInventory(draft: Draft, entries: readonly InventoryEntry[]): void {
  draft.status.inventory = { entries: entries.map(inventoryItem) }
}

function inventoryItem(entry: InventoryEntry): { readonly id: string; readonly v: string } {
  return { id: formatInventoryId(entry), v: entry.version }
}

async function checkHealth(
  revisionRun: RevisionRun,
  applied: readonly AppliedEntry[],
  set: DesiredSet,
  target: HostedTarget,
): Promise<void> {
  const { run, object, draft, spec, artifact, expressions, progress, events, deps } = revisionRun
  const { name, namespace = '' } = object.metadata
  const wanted = spec.isWaiting
    ? applied.filter(({ action }) => action !== 'skipped').map(({ entry }) => entry)
    : spec.healthChecks
  if (wanted.length === 0) {
    deleteCondition(draft, conditionTypes.healthy)
    return
  }
  const entries = wanted.filter(
    (entry) => !(entry.kind === 'Kustomization' && entry.name === name && entry.namespace === namespace),
  )
  const wasHealthy = isTrue(draft, conditionTypes.healthy)
  const message = `Running health checks for revision ${artifact.revision} with a timeout of ${formatDuration(spec.timeoutMs)}`
  markUnknown(draft, conditionTypes.healthy, reasons.progressing, message)
  progress.note(message)
  run.report('Waiting for health')
  const startedAt = deps.clock.monotonicMs()
  const outcome = await run.parked(() =>
    deps.waitForHealth(entries, {
      view: run.view,
      client: target.client,
      impersonate: target.impersonate,
      isRemote: target.isRemote,
      clock: deps.clock,
      expressions,
      timeoutMs: spec.timeoutMs,
      jobsWithTtl: jobsWithTtl(set),
      signal: run.signal,
    }),
  )
  if (outcome.result === 'canceled') run.signal.throwIfAborted()
  const took = goDuration(deps.clock.monotonicMs() - startedAt)
  if (outcome.result === 'failed' || outcome.result === 'timedOut') {
    markFalse(draft, conditionTypes.healthy, reasons.healthCheckFailed, outcome.message)
    throw new RunFault(reasons.healthCheckFailed, `health check failed after ${took}: ${outcome.message}`)
  }
  const passed = `Health check passed in ${took}`
  const isNewRevision = !isSameRevision(artifact.revision, asText(draft.status.lastAppliedRevision))
  if (!wasHealthy || (isNewRevision && applied.some(hasChanged))) events.tell('info', passed, artifact)
  markTrue(draft, conditionTypes.healthy, 'Succeeded', passed)
}

function jobsWithTtl(set: DesiredSet): readonly InventoryEntry[] {
  return set.objects.flatMap(({ object }) => {
    const isJob = object.kind === 'Job' && object.apiVersion.startsWith('batch/')
    if (!isJob || numberAt(object, 'spec', 'ttlSecondsAfterFinished') === null) return []
    const { name, namespace = '' } = object.metadata
    return [{ group: groupOf(object.apiVersion), version: versionOf(object.apiVersion), kind: 'Job', namespace, name }]
  })
}
