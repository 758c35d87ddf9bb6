/**
 * reconcile/source/: what source-controller does for GitRepositories: the artifact of what a reference selects, kept in hosted mode's own storage,
 * and everything that the status says of it. Knows Git, storage and the object; must not know who consumes the artifact. Semantics: flux-semantics
 * §1.3, §4; source-controller 1.9.4, gitrepository_controller.
 */
import { durationMs } from '../../../../shared/flux/durations.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Ports } from '../../ports.ts'
import { sourceGroup } from '../../source/source-object.ts'
import { at, numberAt, textAt } from '../../status/read.ts'
import type { Reconciler, RunContext, RunOutcome } from '../reconciler.ts'
import { deleteCondition } from '../status/conditions.ts'
import {
  addFinalizer,
  draftObject,
  isRequestPending,
  isWishChanged,
  openDraft,
  removeFinalizer,
  requestOf,
  resetStatus,
} from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import { createSerialPatcher } from '../status/patcher.ts'
import type { SerialPatcher } from '../status/patcher.ts'
import { finishSource } from './finish-source.ts'
import type { SourceResult } from './finish-source.ts'
import { GitRepositoryRun, trace } from './git-repository-run.ts'
import type { GitRunDeps } from './git-repository-run.ts'
import { markProgress, ownedSourceConditions, sourceConditions } from './source-conditions.ts'
import { NotHostedSource, SourceFault } from './source-fault.ts'

export interface GitRepositoryDeps extends GitRunDeps {
  readonly ports: GitRunDeps['ports'] & Pick<Ports, 'clock' | 'random'>
}

const finalizer = 'finalizers.fluxcd.io'
const fieldManager = 'source-controller'
const defaultIntervalMs = 60_000

export function createGitRepositoryReconciler(deps: GitRepositoryDeps): Reconciler {
  const { clock, random } = deps.ports

  async function reconcile(ref: ObjectRef, run: RunContext): Promise<RunOutcome> {
    const { object } = run
    const isDeleted = object.metadata.deletionTimestamp !== undefined
    const why = isDeleted ? '' : notHostedWhy(object)
    if (why !== '') return notHosted(why)
    const draft = openDraft(object, clock)
    const resource = run.view.served(sourceGroup, 'GitRepository')
    if (resource === null) return notHosted('GitRepositories are not served by this cluster.')
    const patcher = createSerialPatcher(draft, {
      client: run.client,
      resource,
      clock,
      random,
      fieldManager,
      owned: ownedSourceConditions,
      signal: run.signal,
    })
    let result: SourceResult = 'stopped'
    let fault: unknown = null
    try {
      result = await runSteps(ref, run, draft, patcher)
    } catch (error) {
      if (error instanceof NotHostedSource) {
        resetStatus(draft)
        await patcher.patch({ areTransitionsKept: true })
        return notHosted(error.message)
      }
      if (error instanceof SluiceError && (error.code === 'Canceled' || error.code === 'LeaseLost')) throw error
      if (run.signal.aborted) throw error
      fault = error
    }
    const intervalMs = durationMs(at(object, 'spec', 'interval')) ?? defaultIntervalMs
    const outcome = await finishSource({
      draft,
      patcher,
      events: run.events,
      random,
      result,
      fault,
      intervalMs,
      failures: run.failures,
    })
    const isSuspended = at(object, 'spec', 'suspend') === true && !isDeleted
    return isSuspended ? { ...outcome, state: 'suspended', message: '' } : outcome
  }

  async function runSteps(
    ref: ObjectRef,
    run: RunContext,
    draft: Draft,
    patcher: SerialPatcher,
  ): Promise<SourceResult> {
    const { object } = run
    if (object.metadata.deletionTimestamp !== undefined) {
      const count = await deps.storage.removeAll(ref)
      if (count > 0) trace(run, draft, 'GarbageCollectionSucceeded', 'garbage collected artifacts for deleted resource')
      delete draft.status.artifact
      removeFinalizer(draft, finalizer)
      return 'stopped'
    }
    const isSuspended = at(object, 'spec', 'suspend') === true
    const step = new GitRepositoryRun(deps, ref, run, draft, patcher)
    if (!isSuspended) await step.prepare()
    if (addFinalizer(draft, finalizer)) return 'again'
    if (isSuspended) return 'stopped'

    const before = draftObject(openDraft(object, clock))
    markProgress(draft, 'reconciliation in progress', false)
    const generation = object.metadata.generation ?? 0
    const observed = numberAt(object, 'status', 'observedGeneration') ?? 0
    if (generation !== observed) {
      markProgress(draft, `processing object: new generation ${observed} -> ${generation}`, false)
      await patcher.patch()
    } else if (isRequestPending(object)) await patcher.patch()
    deleteCondition(draft, sourceConditions.storageFailed)

    try {
      await step.toEnd()
    } catch (error) {
      if (error instanceof SourceFault && error.kind === 'noChange') step.notify(before)
      throw error
    }
    step.notify(before)
    return 'done'
  }

  return {
    controller: 'source-controller',
    group: sourceGroup,
    kind: 'GitRepository',
    reconcile,
    isTriggeredBy(before, after) {
      if (before === null) return true
      return isWishChanged(before, after) || requestOf(before) !== requestOf(after)
    },
    dependents: () => [],
  }
}

function notHostedWhy({ spec }: KubeObject): string {
  const provider = textAt(spec, 'provider')
  if (provider !== '' && provider !== 'generic')
    return `spec.provider ${provider} signs in with an identity that the cluster has and this machine has not.`
  return ''
}

function notHosted(message: string): RunOutcome {
  return { result: 'idle', state: 'not-hosted', message, waitsFor: [], requeueAfterMs: null }
}
