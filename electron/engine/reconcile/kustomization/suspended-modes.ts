/**
 * The gate's third state: Kustomizations that every other controller sees suspended, with the annotation `sluice.dev/mode`. `manual` applies when the
 * user says so, `held` applies what the user approved by the digest of its plan, and nothing else. SECURITY: item 12.
 */
import { isSameRevision, shortenRevision } from '../../../../shared/flux/revision.ts'
import type { PendingApproval, PendingChange } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { ComparedObject, ComparedSet } from '../../apply/compare-set.ts'
import { compareSet } from '../../apply/run-comparison.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Targets } from '../../drift/desired/target.ts'
import { exactText } from '../../exact-json.ts'
import { formatInventoryId, subtractEntries } from '../../inventory/entry.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { Random } from '../../ports.ts'
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
import type { RevisionDeps } from './reconcile-revision.ts'
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
  /** `demand` rejects with PlanMoved what is not what was approved; null: nothing had to be approved. */
  | { readonly word: 'apply'; readonly demand: ((desired: Desired, target: HostedTarget) => void) | null }

/** What was approved is not what would be applied now: another revision, other variables, another inventory. */
export class PlanMoved extends Error {
  override readonly name = 'PlanMoved'
}

/** For an object that is suspended. Throws NotHosted, and what keeps the cluster from being read. */
export async function decideMode(input: ModeInput): Promise<ModeDecision> {
  const { run, object } = input
  const mode = modeOf(object)
  if (mode === 'automatic') return stop('suspended', '')
  if (mode === 'manual' && run.isApplyOnce) return { word: 'apply', demand: null }
  let plan: Plan | string
  try {
    plan = await makePlan(input)
  } catch (error) {
    if (error instanceof ArtifactNotFound) return stop(mode, 'Its source has no artifact yet')
    if (error instanceof RunFault) return stop(mode, error.message)
    throw error
  }
  if (typeof plan === 'string') {
    run.approvals.settle()
    return stop(mode, plan)
  }
  if (mode === 'manual') return stop('manual', `${plan.sentence}: it is applied when you say so`)
  const { digest } = plan.pending
  if (run.approvals.isApproved(digest))
    return {
      word: 'apply',
      demand: (desired, target) => {
        if (digestOf(input, desired, target) !== digest) throw new PlanMoved(digest)
      },
    }
  run.approvals.ask(plan.pending)
  return stop('needs-approval', `${plan.sentence}: it waits for your approval`)
}

interface Plan {
  readonly pending: Omit<PendingApproval, 'key' | 'ref' | 'since'>
  readonly sentence: string
}

/** A sentence where there is nothing to approve. */
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
  if (isApplied(object, artifact.revision, desired.digest)) return ''
  const stale = staleOf(input, desired)
  run.report('Comparing')
  const compared = await compare(input, desired, stale, target)
  const count = (action: string): number => compared.objects.filter((one) => one.action === action).length
  const pruned = compared.objects.filter(({ action }) => action === 'pruned')
  const created = count('created') + count('recreated')
  const configured = count('configured')
  const sentence = `Revision ${shortenRevision(artifact.revision)} creates ${String(created)}, changes ${String(configured)} and deletes ${String(pruned.length)}`
  return {
    sentence,
    pending: {
      kind: 'revision',
      digest: digestOf(input, desired, target),
      revision: artifact.revision,
      reason: sentence,
      created,
      configured,
      pruned: pruned.map((one) => ({ ref: refOf(run.view.id, one), isData: dataKinds.has(one.kind) })),
      changes: changesOf(run.view.id, compared),
    },
  }
}

const maxChanges = 500
const maxSummary = 160

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
  const changing = fields.filter(({ verdict }) => verdict === 'drift' || verdict === 'reclaimed')
  const [first] = changing
  if (problem !== null || first === undefined) return capLine(problem === null ? '' : problem.detail || problem.message)
  const { path, gitValue, liveValue, isSecret } = first
  const value = isSecret ? 'value changed' : `${liveValue ?? 'absent'} → ${gitValue ?? 'absent'}`
  return capLine(`${path} ${value}${changing.length > 1 ? ` and ${String(changing.length - 1)} more` : ''}`)
}

function capLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > maxSummary ? `${line.slice(0, maxSummary - 1)}…` : line
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

/** The last run applied just that. */
function isApplied(object: KubeObject, revision: string, digest: string): boolean {
  const [last] = asArray((object.status as { history?: unknown } | undefined)?.history)
  return (
    isSameRevision(textAt(object, 'status', 'lastAppliedRevision'), revision) &&
    textAt(last, 'digest') === digest &&
    textAt(last, 'lastReconciledStatus') === 'ReconciliationSucceeded'
  )
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
function digestOf(input: ModeInput, desired: Desired, target: HostedTarget): string {
  const { set } = desired
  const rest = [
    set.isForced,
    set.ignoreRules,
    target.key,
    target.impersonate,
    staleOf(input, desired).map(formatInventoryId).sort(),
  ]
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

function stop(state: 'suspended' | 'manual' | 'held' | 'needs-approval', message: string): ModeDecision {
  return { word: 'stop', outcome: { result: 'idle', state, message, waitsFor: [], requeueAfterMs: null } }
}
