/**
 * The gate's third state: Kustomizations that every other controller sees suspended, with the annotation `sluice.dev/mode`. `manual` applies when the
 * user says so, `held` applies what the user approved by the digest of its plan, and nothing else. SECURITY: item 12.
 */
import { conditionTypes } from '../../../../shared/flux/reasons.ts'
import { isSameRevision, shortenRevision } from '../../../../shared/flux/revision.ts'
import type { ManualPlan, PendingApproval, PendingChange } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { ComparedObject, ComparedSet } from '../../apply/compare-set.ts'
import { compareSet } from '../../apply/run-comparison.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { cappedLine, changeLine } from '../../diff/field-lines.ts'
import type { Targets } from '../../drift/desired/target.ts'
import { exactText } from '../../exact-json.ts'
import { formatInventoryId, subtractEntries } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { Random } from '../../ports.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { asArray, groupOf, textAt, versionOf } from '../../status/read.ts'
import { modeOf } from '../../status/suspend-info.ts'
import type { RunContext, RunOutcome } from '../reconciler.ts'
import { buildDesired } from './build-desired.ts'
import type { Desired } from './build-desired.ts'
import { findSource } from './find-source.ts'
import { openTarget } from './hosted-target.ts'
import type { HostedTarget } from './hosted-target.ts'
import type { KustomizationSpec } from './kustomization-spec.ts'
import { createLiveReads } from './live-reads.ts'
import type { Demand, RevisionDeps } from './reconcile-revision.ts'
import { ArtifactNotFound, RunFault } from './run-fault.ts'

export interface ModeInput {
  readonly run: RunContext
  readonly object: KubeObject
  readonly spec: KustomizationSpec
  readonly targets: Pick<Targets, 'findRemote'>
  readonly random: Random
  readonly deps: RevisionDeps
}

export type ModeDecision =
  | { readonly word: 'stop'; readonly outcome: RunOutcome }
  /** `demand` rejects with PlanMoved what is not what was looked at. */
  | { readonly word: 'apply'; readonly demand: Demand }

/** What was approved, or looked at, is not what would be applied now: another revision, other variables, another inventory. */
export class PlanMoved extends Error {
  override readonly name = 'PlanMoved'
}

/** For an object that is suspended. Throws NotHosted, and what keeps the cluster from being read. */
export async function decideMode(input: ModeInput): Promise<ModeDecision> {
  const { run, object } = input
  const mode = modeOf(object)
  if (mode === 'automatic') return stop('suspended', '')
  if (mode === 'manual' && run.applyOnce !== null) return apply(input, run.applyOnce.plan?.digest ?? null, null)
  let plan: Plan | string
  try {
    plan = await makePlan(input)
  } catch (error) {
    if (error instanceof ArtifactNotFound) return stop(mode, 'Its source has no artifact yet')
    if (error instanceof RunFault) return stop(mode, error.message)
    throw error
  }
  // It may be the same again when it can be told again: what was approved stays so.
  if (typeof plan === 'string') return stop(mode, plan)
  const { digest, revision, pending } = plan
  const shown = mode === 'manual' ? { digest, revision } : null
  if (pending === null) {
    run.approvals.settle()
    return stop(mode, '', shown)
  }
  if (mode === 'manual') return stop('manual', `${pending.reason}: it is applied when you say so`, shown)
  if (run.approvals.isApproved(digest)) return apply(input, digest, digest)
  run.approvals.ask(pending)
  return stop('needs-approval', `${pending.reason}: it waits for your approval`)
}

/** `looked`: the digest of what is to be applied, null for whatever there is. `approved`: see Demand. */
function apply(input: ModeInput, looked: string | null, approved: string | null): ModeDecision {
  return {
    word: 'apply',
    demand: {
      check: (desired, target) => {
        if (looked !== null && digestOf(input, desired, target, staleOf(input, desired)) !== looked)
          throw new PlanMoved(looked)
      },
      digestOf: (desired, target, stale) => digestOf(input, desired, target, stale),
      approved,
    },
  }
}

interface Plan extends ManualPlan {
  /** Null: that is applied already. */
  readonly pending: Omit<PendingApproval, 'key' | 'ref' | 'since'> | null
}

/** A sentence where it cannot be told. */
async function makePlan(input: ModeInput): Promise<Plan | string> {
  const { run, object, spec, targets, deps } = input
  const { settings } = deps
  const found = await findSource(run.view, spec, object.metadata.namespace ?? '', settings, run.signal)
  if (found.word === 'noArtifact') return 'Its source has no artifact yet'
  if (found.word !== 'found') return found.text
  const { artifact } = found
  run.report('Building')
  const tree = await deps.trees.open(artifact)
  const target = await openTarget(run, object, targets, settings)
  const desired = await buildDesired(run.view, object, tree, target, deps, run.signal)
  const stale = staleOf(input, desired)
  const { revision } = artifact
  const known = { digest: digestOf(input, desired, target, stale), revision }
  const isBuiltBefore = isBuildApplied(object, revision, desired.digest)
  if (isBuiltBefore && isSpecApplied(object)) return { ...known, pending: null }
  run.report('Comparing')
  const compared = await compare(input, desired, stale, target)
  // Another spec (the mode is part of it) that comes to the same objects.
  if (isBuiltBefore && compared.objects.every(({ action }) => action === 'unchanged' || action === 'skipped'))
    return { ...known, pending: null }
  const count = (action: string): number => compared.objects.filter((one) => one.action === action).length
  const pruned = compared.objects.filter(({ action }) => action === 'pruned')
  const created = count('created') + count('recreated')
  const configured = count('configured')
  const reason = `Revision ${shortenRevision(revision)} creates ${String(created)}, changes ${String(configured)} and deletes ${String(pruned.length)}`
  return {
    ...known,
    pending: {
      kind: 'revision',
      ...known,
      reason,
      created,
      configured,
      pruned: pruned.map((one) => ({ ref: refOf(run.view.id, one), isData: dataKinds.has(one.kind) })),
      changes: changesOf(run.view.id, compared),
    },
  }
}

const maxChanges = 500

/** What the user is shown beside the counts, in apply order. */
function changesOf(cluster: string, { objects }: ComparedSet): readonly PendingChange[] {
  return objects
    .flatMap((one): PendingChange[] => {
      const { action } = one
      const isShown = action === 'created' || action === 'configured' || action === 'recreated' || action === 'refused'
      return isShown ? [{ ref: refOf(cluster, one), action, summary: summaryOf(one) }] : []
    })
    .slice(0, maxChanges)
}

function summaryOf({ fields, problem }: ComparedObject): string {
  return problem === null ? changeLine(fields) : cappedLine(problem.detail || problem.message)
}

function refOf(cluster: string, one: ComparedObject): ObjectRef {
  const { apiVersion, kind, namespace, name } = one
  return { cluster, group: groupOf(apiVersion), kind, namespace, name }
}

const dataKinds: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'PersistentVolumeClaim',
  'PersistentVolume',
])

/** The last run applied what was built of this revision then: before common metadata, and wherever it went. */
function isBuildApplied(object: KubeObject, revision: string, digest: string): boolean {
  const [last] = asArray((object.status as { history?: unknown } | undefined)?.history)
  return (
    isSameRevision(textAt(object, 'status', 'lastAppliedRevision'), revision) &&
    textAt(last, 'digest') === digest &&
    textAt(last, 'lastReconciledStatus') === 'ReconciliationSucceeded'
  )
}

/**
 * The last run that came to something was one of this spec, and succeeded. `status.observedGeneration` does not tell: it follows the spec of a suspended
 * object that is ready, as the controllers write it, though nothing was applied.
 */
function isSpecApplied(object: KubeObject): boolean {
  const ready = findCondition(readConditions(object), conditionTypes.ready)
  return ready?.status === 'True' && ready.observedGeneration === object.metadata.generation
}

function staleOf({ object, spec }: ModeInput, desired: Desired): readonly InventoryEntry[] {
  if (!spec.isPruned) return []
  const wanted = desired.set.objects.flatMap(({ object: one }) => {
    const { name, namespace = '' } = one.metadata
    const entry = {
      group: groupOf(one.apiVersion),
      version: versionOf(one.apiVersion),
      kind: one.kind,
      namespace,
      name,
    }
    // The server drops the namespace of a cluster-scoped object.
    return namespace === '' ? [entry] : [entry, { ...entry, namespace: '' }]
  })
  return subtractEntries(readInventory(object)?.entries ?? [], wanted)
}

/** Over the bodies that would be sent, where they go, how, and what would be deleted. */
function digestOf(input: ModeInput, { set }: Desired, target: HostedTarget, stale: readonly InventoryEntry[]): string {
  const rest = [set.isForced, set.ignoreRules, target.key, target.impersonate, stale.map(formatInventoryId).sort()]
  const bodies = exactText(set.objects.map(({ object }) => object))
  return `sha256:${input.deps.codec.sha256Hex(`${bodies}\n${JSON.stringify(rest)}`)}`
}

async function compare(
  { run, random, deps }: ModeInput,
  desired: Desired,
  stale: readonly InventoryEntry[],
  target: HostedTarget,
): Promise<ComparedSet> {
  const { clock, codec, settings } = deps
  const { view, signal } = run
  const { client, impersonate } = target
  return compareSet(
    { ...desired.set, stale },
    {
      view,
      client,
      live: createLiveReads(target.isRemote ? null : view, { client, clock, impersonate, signal }),
      codec,
      clock,
      secretKey: new TextEncoder().encode(random.uuid()),
      takeDryRun: () => Promise.resolve(() => undefined),
      mayDryRun: true,
      concurrency: settings.concurrency,
      reuse: () => null,
      signal,
    },
  )
}

function stop(
  state: 'suspended' | 'manual' | 'held' | 'needs-approval',
  message: string,
  plan: ManualPlan | null = null,
): ModeDecision {
  return { word: 'stop', outcome: { result: 'idle', state, message, waitsFor: [], requeueAfterMs: null, plan } }
}
