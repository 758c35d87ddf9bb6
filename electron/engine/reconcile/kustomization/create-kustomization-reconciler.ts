/**
 * kustomization/: what kustomize-controller does with one Kustomization, on requests that are fenced by its lease. Owns the order of a run and what
 * it says in status and events; must not know leases, queues or windows. Semantics: flux-semantics §2, §8 to §10; kustomize-controller 1.9.4.
 *
 * This file: the order of a run, and what its end means for the next one.
 */
import { formatDuration } from '../../../../shared/flux/durations.ts'
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import { fluxKind } from '../../../../shared/flux/kinds.ts'
import { conditionTypes, reasons } from '../../../../shared/flux/reasons.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { ApplySet, PruneSet } from '../../apply/apply-set.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { createTargets } from '../../drift/desired/target.ts'
import type { TargetDeps } from '../../drift/desired/target.ts'
import { createSharedInputs } from '../../drift/shared-inputs.ts'
import type { Dispose, Ports } from '../../ports.ts'
import { asArray, at, textAt } from '../../status/read.ts'
import { gateMode, modeOf } from '../../status/suspend-info.ts'
import type {
  CompileHealthExpressions,
  CompileReadyExpression,
  HealthExpressions,
  WaitForHealth,
} from '../health/health-check.ts'
import { retryDelayMs } from '../queue/backoff.ts'
import type { Reconciler, RunContext, RunOutcome, StandingObjects } from '../reconciler.ts'
import type { ArtifactStorage } from '../source/storage-port.ts'
import { isReady, markFalse, markStalled } from '../status/conditions.ts'
import { addFinalizer, isRequestPending, isWishChanged, openDraft, requestOf } from '../status/draft.ts'
import type { Draft } from '../status/draft.ts'
import { createSerialPatcher } from '../status/patcher.ts'
import { goDuration, jitter } from '../status/texts.ts'
import { createArtifactTrees } from './artifact-trees.ts'
import { checkDependencies } from './check-dependencies.ts'
import { createDependentFinder } from './dependents.ts'
import { finalize } from './finalize.ts'
import { findSource } from './find-source.ts'
import type { SourceArtifact } from './find-source.ts'
import { openTarget } from './hosted-target.ts'
import { createKnownObjects } from './known-objects.ts'
import { kustomizationFinalizer, readKustomizationSpec } from './kustomization-spec.ts'
import type { KustomizationSpec } from './kustomization-spec.ts'
import { decideMode, PlanMoved } from './suspended-modes.ts'
import type { ModeDecision } from './suspended-modes.ts'
import { startProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { reconcileRevision } from './reconcile-revision.ts'
import type { Demand } from './reconcile-revision.ts'
import { createRunEvents } from './run-events.ts'
import type { RunEvents } from './run-events.ts'
import { ArtifactNotFound, NotHosted, RunFault } from './run-fault.ts'
import { hostedSettings } from './settings.ts'
import type { HostedSettings } from './settings.ts'

export interface KustomizationDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'codec' | 'clusterRenderer' | 'kubeConfigs'>
  readonly storage: ArtifactStorage
  readonly hosts: TargetDeps['hosts']
  readonly access: TargetDeps['access']
  readonly applySet: ApplySet
  readonly pruneSet: PruneSet
  readonly waitForHealth: WaitForHealth
  readonly compileHealth: CompileHealthExpressions
  readonly compileReady: CompileReadyExpression
  /** Where the controllers would have arguments of their own. */
  readonly settings?: Partial<HostedSettings>
}

export interface KustomizationReconciler extends Reconciler {
  /** Closes clients of other clusters. */
  dispose(): void
}

const terminalText = 'Reconciliation failed terminally due to configuration error'
const forgetMs = 60_000
const fieldManager = 'gotk-kustomize-controller'
const ownedConditions: ReadonlySet<string> = new Set(Object.values(conditionTypes))
const gateText =
  'to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller'

export function createKustomizationReconciler(deps: KustomizationDeps): KustomizationReconciler {
  const { ports } = deps
  const { clock, random, codec } = ports
  const settings: HostedSettings = { ...hostedSettings, ...deps.settings }
  const inputs = createSharedInputs(clock, () => null)
  const targets = createTargets({
    kubeConfigs: {
      openForeign: (text, label) => ports.kubeConfigs.openForeign(text, label, { isWritable: true }),
    },
    codec,
    access: deps.access,
    hosts: deps.hosts,
    inputs,
  })
  /** Watches of what nobody wants any more end a while later, all at once. */
  let forgetting: Dispose | null = null
  let standing: StandingObjects | null = null
  const known = createKnownObjects({
    ...ports,
    onForgotten: () => {
      forgetting ??= clock.after(forgetMs, () => {
        forgetting = null
        standing?.retain((id) => known.has(id))
      })
    },
  })
  const dependents = createDependentFinder()
  const revisionDeps = {
    clock,
    codec,
    settings,
    inputs,
    known,
    renderer: ports.clusterRenderer,
    trees: createArtifactTrees(deps.storage),
    applySet: deps.applySet,
    pruneSet: deps.pruneSet,
    waitForHealth: deps.waitForHealth,
  }

  interface Step {
    readonly run: RunContext
    readonly ref: ObjectRef
    readonly object: KubeObject
    readonly draft: Draft
    readonly spec: KustomizationSpec
    readonly progress: Progress
    readonly events: RunEvents
  }

  async function reconcile(ref: ObjectRef, run: RunContext): Promise<RunOutcome> {
    const mode = gateMode(run.object, fluxKind(kustomizeGroup, 'Kustomization'))
    const outcome = await reconcileOnce(ref, run).catch((error: unknown) => {
      if (error instanceof NotHosted) return notHosted(error)
      throw error
    })
    // What was asked before is asked only while its answer is waited for.
    if (outcome.state !== 'needs-approval') run.approvals.withdraw()
    // What was to be applied is what is tried again, unless the run knows better.
    const kept = mode === 'manual' ? (run.applyOnce?.plan ?? null) : null
    return { ...outcome, mode, plan: outcome.plan === undefined ? kept : outcome.plan }
  }

  async function reconcileOnce(ref: ObjectRef, run: RunContext): Promise<RunOutcome> {
    const startedAt = clock.monotonicMs()
    const { object } = run
    standing = run.view.standing ?? null
    const draft = openDraft(object, clock)
    const resource = run.view.served(kustomizeGroup, 'Kustomization')
    if (resource === null)
      throw new SluiceError('ResourceNotServed', 'The cluster does not serve Kustomizations', { retry: 'transient' })
    const { client, signal } = run
    const patcher = createSerialPatcher(draft, {
      client,
      resource,
      clock,
      random,
      fieldManager,
      owned: ownedConditions,
      whole: ['inventory'],
      signal,
    })
    const spec = readKustomizationSpec(object, ref.cluster)
    const events = createRunEvents(draft, run.events)
    const progress = startProgress(draft, patcher, clock)
    const step: Step = { run, ref, object, draft, spec, progress, events }
    let outcome: RunOutcome
    try {
      outcome = await steps(step)
    } catch (error) {
      if (error instanceof NotHosted || error instanceof PlanMoved) await progress.retract()
      else progress.abandon()
      if (error instanceof PlanMoved) return planAgain(step)
      throw error
    }
    await progress.finish()
    if (isReady(draft) && (!spec.isSuspended || outcome.result === 'succeeded')) {
      const took = goDuration(clock.monotonicMs() - startedAt)
      const next = spec.isSuspended ? '' : `, next run in ${formatDuration(spec.intervalMs)}`
      const of = {
        revision: textAt({ status: draft.status }, 'status', 'lastAppliedRevision'),
        originRevision: textAt({ status: draft.status }, 'status', 'lastAppliedOriginRevision'),
      }
      events.tell('info', `Reconciliation finished in ${took}${next}`, of, { commit_status: 'update' })
    }
    return outcome
  }

  async function steps(step: Step): Promise<RunOutcome> {
    const { run, ref, object, draft, spec, events } = step
    if (object.metadata.deletionTimestamp !== undefined) return finalizeStep(step)
    if (addFinalizer(draft, kustomizationFinalizer))
      return outcomeOf('idle', 'sleeping', 'Its finalizer is added first', { requeueAfterMs: 0 })
    let demand: Demand | null = null
    if (spec.isSuspended) {
      const decision = await decide(step)
      if (decision.word === 'stop') return decision.outcome
      demand = decision.demand
    }
    const expressions = compileExpressions(step)
    if (expressions === 'invalid') return outcomeOf('failed', 'sleeping', terminalMessage(draft))
    if (textAt(object, 'spec', 'decryption', 'serviceAccountName') !== '') {
      markFalse(draft, conditionTypes.ready, 'FeatureGateDisabled', gateText)
      markStalled(draft, 'FeatureGateDisabled', gateText)
      events.tell('error', gateText)
      return outcomeOf('failed', 'sleeping', gateText)
    }

    const found = await findSource(run.view, spec, ref.namespace, settings, run.signal)
    if (found.word === 'absent') {
      markFalse(draft, conditionTypes.ready, reasons.artifactFailed, found.text)
      return outcomeOf('waiting', 'waiting', `Source '${spec.sourceText}' not found`, {
        waitsFor: [spec.source],
        requeueAfterMs: spec.retryIntervalMs,
      })
    }
    if (found.word === 'denied') {
      markFalse(draft, conditionTypes.ready, reasons.accessDenied, found.text)
      markStalled(draft, reasons.accessDenied, found.text)
      events.tell('error', found.text)
      return outcomeOf('failed', 'sleeping', found.text)
    }
    if (found.word === 'noArtifact') {
      const text = `Source artifact not found, retrying in ${formatDuration(settings.requeueDependencyMs)}`
      return waitForArtifact(step, text)
    }
    const { artifact } = found
    if (spec.dependsOn.length > 0) {
      const waiting = await dependenciesStep(step, artifact)
      if (waiting !== null) return waiting
    }
    return revisionStep(step, artifact, expressions, demand)
  }

  const decide = ({ run, object, spec }: Step): Promise<ModeDecision> =>
    decideMode({ run, object, spec, targets, random, deps: revisionDeps })

  /** What somebody said yes to is not what there is: nothing is applied, and what there is now is shown. */
  async function planAgain(step: Step): Promise<RunOutcome> {
    const mode = modeOf(step.object)
    const text = `What ${mode === 'held' ? 'was approved' : 'you saw'} has changed meanwhile and was not applied`
    const decision = await decide({ ...step, run: { ...step.run, applyOnce: null } })
    if (decision.word === 'apply') return { ...outcomeOf('idle', 'held', text, { requeueAfterMs: 0 }), plan: null }
    const { message } = decision.outcome
    return { ...decision.outcome, message: message === '' ? text : `${text}. ${message}` }
  }

  async function finalizeStep({ run, ref, object, draft, spec, progress, events }: Step): Promise<RunOutcome> {
    const problem = await finalize({
      run,
      object,
      draft,
      spec,
      events,
      settings,
      clock,
      progress,
      pruneSet: deps.pruneSet,
      openTarget: () => openTarget(run, object, targets, settings),
    }).catch((error: unknown) => {
      if (error instanceof RunFault) return error.message
      throw error
    })
    if (problem !== null)
      return outcomeOf('failed', 'sleeping', problem, { requeueAfterMs: retryDelayMs(run.failures + 1) })
    known.forget(refKey(ref))
    run.approvals.settle()
    return outcomeOf('succeeded', 'sleeping', 'Deleted')
  }

  function compileExpressions({ object, draft, events }: Step): HealthExpressions | null | 'invalid' {
    const specs = asArray(at(object, 'spec', 'healthCheckExprs'))
    if (specs.length === 0) return null
    const compiled = deps.compileHealth(specs)
    if (compiled.ok) return compiled.expressions
    if (compiled.why === 'unsupported')
      throw new NotHosted(`Its healthCheckExprs cannot be evaluated here: ${compiled.message}`)
    markInvalid(draft, events, compiled.message)
    return 'invalid'
  }

  async function dependenciesStep(
    { run, object, draft, spec, events }: Step,
    artifact: SourceArtifact,
  ): Promise<RunOutcome | null> {
    const verdict = await checkDependencies(object, spec, artifact, {
      view: run.view,
      compile: deps.compileReady,
      isAdditive: settings.isDependencyCheckAdditive,
      signal: run.signal,
    })
    if (verdict.word === 'ready') return null
    if (verdict.word === 'invalid') {
      markInvalid(draft, events, verdict.text, artifact)
      return outcomeOf('failed', 'sleeping', terminalMessage(draft))
    }
    markFalse(draft, conditionTypes.ready, reasons.dependencyNotReady, verdict.text)
    const retry = formatDuration(settings.requeueDependencyMs)
    events.tell('info', `Dependencies do not meet ready condition, retrying in ${retry}`, artifact)
    return outcomeOf('waiting', 'waiting', verdict.text, {
      waitsFor: [verdict.ref],
      requeueAfterMs: settings.requeueDependencyMs,
    })
  }

  async function revisionStep(
    step: Step,
    artifact: SourceArtifact,
    expressions: HealthExpressions | null,
    demand: Demand | null,
  ): Promise<RunOutcome> {
    const { run, ref, object, draft, spec, progress, events } = step
    let applied: string | null
    try {
      applied = await reconcileRevision({
        run,
        object,
        draft,
        spec,
        artifact,
        expressions,
        demand,
        progress,
        events,
        key: refKey(ref),
        deps: revisionDeps,
        openTarget: () => openTarget(run, object, targets, settings),
      })
    } catch (error) {
      if (error instanceof ArtifactNotFound) {
        const retry = formatDuration(settings.requeueDependencyMs)
        return waitForArtifact(step, `Source is not ready, artifact not found, retrying in ${retry}`)
      }
      if (!(error instanceof RunFault)) throw error
      markFalse(draft, conditionTypes.ready, error.reason, error.message)
      events.tell('error', error.told, artifact)
      return outcomeOf('failed', error.needsApproval ? 'needs-approval' : 'sleeping', error.message, {
        // What was said to be applied by hand goes on when the user has answered.
        requeueAfterMs: error.needsApproval && spec.isSuspended ? null : spec.retryIntervalMs,
      })
    }
    run.approvals.settle()
    if (spec.isSuspended) {
      if (modeOf(object) === 'held') return outcomeOf('succeeded', 'held', '')
      const plan = applied === null ? null : { digest: applied, revision: artifact.revision }
      return { ...outcomeOf('succeeded', 'manual', ''), plan }
    }
    return outcomeOf('succeeded', 'sleeping', '', {
      requeueAfterMs: jitter(spec.intervalMs, settings.jitterPercent, random),
    })
  }

  function waitForArtifact({ draft, spec }: Step, text: string): RunOutcome {
    markFalse(draft, conditionTypes.ready, reasons.artifactFailed, text)
    return outcomeOf('waiting', 'waiting', text, {
      waitsFor: [spec.source],
      requeueAfterMs: settings.requeueDependencyMs,
    })
  }

  return {
    group: kustomizeGroup,
    kind: 'Kustomization',
    controller: 'kustomize-controller',
    reconcile,
    isTriggeredBy(before, after) {
      if (before === null) return true
      return (
        isWishChanged(before, after) ||
        modeOf(before) !== modeOf(after) ||
        (isRequestPending(after) && requestOf(before) !== requestOf(after))
      )
    },
    dependents: (view, before, changed) => dependents.find(view, before, changed),
    dispose: () => {
      forgetting?.()
      targets.dispose()
    },
  }
}

function markInvalid(draft: Draft, events: RunEvents, message: string, artifact?: SourceArtifact): void {
  const text = `${terminalText}: ${message}`
  markFalse(draft, conditionTypes.ready, reasons.invalidCELExpression, text)
  markStalled(draft, reasons.invalidCELExpression, text)
  draft.status.observedGeneration = draft.base.metadata.generation ?? 0
  events.tell('error', text, artifact)
}

function terminalMessage(draft: Draft): string {
  return textAt(
    asArray(draft.status.conditions).find((entry) => textAt(entry, 'type') === conditionTypes.ready),
    'message',
  )
}

function notHosted(error: NotHosted): RunOutcome {
  return outcomeOf('idle', 'not-hosted', error.message, { requeueAfterMs: error.retryMs })
}

function outcomeOf(
  result: RunOutcome['result'],
  state: RunOutcome['state'],
  message: string,
  more: Partial<Pick<RunOutcome, 'waitsFor' | 'requeueAfterMs'>> = {},
): RunOutcome {
  return { result, state, message, waitsFor: [], requeueAfterMs: null, ...more }
}
