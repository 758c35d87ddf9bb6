/** A Kustomization is deleted: what it owns goes first, as its deletionPolicy says. Semantics: flux-semantics §2.12; kustomize-controller `finalize`. */
import type { AppliedEntry, PruneSet } from '../../apply/apply-set.ts'
import { call, pauseCall, subjectOf } from '../../apply/server-calls.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { createTargetKinds } from '../../apply/target-kinds.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { compareKindOrder } from '../../inventory/apply-order.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { Clock } from '../../ports.ts'
import { textAt } from '../../status/read.ts'
import type { RunContext } from '../reconciler.ts'
import { removeFinalizer } from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import type { HostedTarget } from './hosted-target.ts'
import { accountOf } from './hosted-target.ts'
import type { KustomizationSpec } from './kustomization-spec.ts'
import { kustomizationFinalizer } from './kustomization-spec.ts'
import { changeLines } from './run-events.ts'
import type { Progress } from './progress.ts'
import type { RunEvents } from './run-events.ts'
import type { HostedSettings } from './settings.ts'

export interface FinalizeRun {
  readonly run: RunContext
  readonly object: KubeObject
  readonly draft: Draft
  readonly spec: KustomizationSpec
  readonly events: RunEvents
  readonly openTarget: () => Promise<HostedTarget>
  readonly pruneSet: PruneSet
  readonly progress: Pick<Progress, 'confirm'>
  readonly clock: Clock
  readonly settings: HostedSettings
}

const pollMs = 2000

/**
 * Takes the finalizer out of the draft, or gives the sentence for which it stays: it is tried again. Throws what a prune throws, and NotHosted for
 * a cluster that cannot be reached.
 */
export async function finalize(finalizeRun: FinalizeRun): Promise<string | null> {
  const { run, object, draft, spec, events, settings } = finalizeRun
  const entries = shouldDelete(spec) ? (readInventory(object)?.entries ?? []) : []
  if (entries.length > 0) {
    const of = {
      revision: textAt(object, 'status', 'lastAppliedRevision'),
      originRevision: textAt(object, 'status', 'lastAppliedOriginRevision'),
    }
    if (!(await canImpersonate(run, object, settings))) {
      const list = [...entries].sort(compareKindOrder).map(subjectOf).join('\n')
      events.tell('error', `unable to prune objects: \n${list}`, of)
    } else {
      const target = await finalizeRun.openTarget()
      run.report('Deleting what it owns')
      await finalizeRun.progress.confirm()
      const pruned = await finalizeRun.pruneSet(entries, {
        view: run.view,
        client: target.client,
        clock: finalizeRun.clock,
        owner: { kind: 'Kustomization', namespace: object.metadata.namespace ?? '', name: object.metadata.name },
        impersonate: target.impersonate,
        isRemote: target.isRemote,
        signal: run.signal,
      })
      if (pruned.error !== null) {
        events.tell('error', 'pruning for deleted resource failed', of)
        return pruned.error
      }
      if (pruned.entries.length > 0) events.tell('info', changeLines(pruned.entries), of)
      if (spec.deletionPolicy === 'WaitForTermination') {
        run.report('Waiting for termination')
        const isGone = await run.parked(() => waitForTermination(finalizeRun, pruned.entries, target))
        if (!isGone) events.tell('error', 'failed to wait for resources termination', of)
      }
    }
  }
  removeFinalizer(draft, kustomizationFinalizer)
  return null
}

function shouldDelete(spec: KustomizationSpec): boolean {
  if (spec.isSuspended) return false
  if (spec.deletionPolicy === 'MirrorPrune') return spec.isPruned
  return spec.deletionPolicy === 'Delete' || spec.deletionPolicy === 'WaitForTermination'
}

/** The account is looked for in the own cluster, whatever cluster it is used in. */
async function canImpersonate(run: RunContext, object: KubeObject, settings: HostedSettings): Promise<boolean> {
  const name = accountOf(object, settings)
  if (name === '') return true
  const namespace = object.metadata.namespace ?? ''
  try {
    await run.view.fetch({ cluster: run.view.id, group: '', kind: 'ServiceAccount', namespace, name }, run.signal)
    return true
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'NotFound') return false
    // Nothing is orphaned for want of an answer.
    throw error
  }
}

/** False where the time is over; an answer that is neither there nor gone counts as there. */
async function waitForTermination(
  { run, spec, clock }: FinalizeRun,
  entries: readonly AppliedEntry[],
  target: HostedTarget,
): Promise<boolean> {
  const calls: CallOptions = { client: target.client, clock, impersonate: target.impersonate, signal: run.signal }
  const kinds = createTargetKinds(target.isRemote ? null : run.view, calls)
  const deadline = clock.monotonicMs() + spec.timeoutMs
  let left = entries.filter(({ action }) => action === 'deleted').map(({ entry }) => entry)
  for (;;) {
    const there: InventoryEntry[] = []
    for (const entry of left) {
      const apiVersion = entry.group === '' ? entry.version : `${entry.group}/${entry.version}`
      const resource = await kinds.find(apiVersion, entry.kind)
      if (resource === null) continue
      const path = resourcePath(resource, resource.isNamespaced ? entry.namespace : '', entry.name)
      if ((await call({ method: 'GET', path }, calls)).status !== 404) there.push(entry)
    }
    if (there.length === 0) return true
    if (clock.monotonicMs() + pollMs > deadline) return false
    left = there
    await pauseCall(clock, pollMs, run.signal)
  }
}
