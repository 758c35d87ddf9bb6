/**
 * Carries a plan out: every object for itself, sources before what draws from them, a bounded number of writes at a time, one audit line
 * for each. Waiting for controllers holds no place among the writers.
 */
import type { AuditEntry, AuditLog } from '../audit/audit-log.ts'
import type { ClusterView, Clusters, KubeObject } from '../clusters/view.ts'
import type { KubeClient, Clock } from '../ports.ts'
import type { Stage } from '../../../shared/model/actions.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { shortenRevision } from '../../../shared/flux/revision.ts'
import { hasAnnotationMap } from './field-edits.ts'
import type { Limiter } from './limiter.ts'
import { createObjectWatch } from './object-watch.ts'
import type { ObjectWatch } from './object-watch.ts'
import type { DoneWrite, RunningOperation } from './operations.ts'
import type { PlannedStep, StoredPlan } from './plan-store.ts'
import type { PlannedWrite } from './planned-write.ts'
import { movedError, sendWrite, titleOf, toSluiceError } from './planned-write.ts'
import { isApplier } from './reconcile-judge.ts'
import type { RunVerdict } from './reconcile-judge.ts'
import { followRun } from './reconcile-wait.ts'
import { firstStages, setStage, stagesAfter } from './run-stages.ts'

export interface ExecutionOptions {
  readonly clusters: Clusters
  readonly audit: AuditLog
  readonly clock: Clock
  /** Shared by all operations, so that two bulk runs together are no heavier than one. */
  readonly writers: Limiter
}

/** Who asks, and under which plan: for the audit log. */
export interface ExecutionOrigin {
  readonly client: AuditEntry['client']
  readonly action: AuditEntry['action']
  readonly plan: string
}

/** Stages that an item of the plan begins with; none for actions that do not wait. */
export function stagesForPlan(stored: StoredPlan, index: number): readonly Stage[] {
  const last = stored.steps[index]?.at(-1)
  return last?.run ? firstStages(isApplier(last.kind)) : []
}

/** Runs to the end; never rejects. Each item ends done, unchanged, refused, failed or canceled, and says why. */
export async function executePlan(
  stored: StoredPlan,
  operation: RunningOperation,
  origin: ExecutionOrigin,
  options: ExecutionOptions,
): Promise<void> {
  const watches = new Map<string, ObjectWatch>()
  const sources = new Map<string, Promise<RunVerdict | null>>()
  const audits: Promise<void>[] = []
  const runs = stored.steps.flat().filter(({ run }) => run !== null)

  function watchOf(view: ClusterView): ObjectWatch {
    const known = watches.get(view.id)
    if (known !== undefined) return known
    const refs = runs.map(({ write }) => write.ref).filter((ref) => ref.cluster === view.id)
    const watch = createObjectWatch(view, refs)
    watches.set(view.id, watch)
    return watch
  }

  async function write(planned: PlannedWrite, onStart: () => void): Promise<KubeObject> {
    const { object, audit } = await writeOnce(planned, onStart, operation.signal, origin, options)
    audits.push(audit)
    return object
  }

  /** Sends a step's request and waits for its run, telling each step on the way. */
  async function run(
    step: PlannedStep,
    onStart: () => void,
    onSent: () => void,
    onStep: (verdict: RunVerdict) => void,
  ): Promise<RunVerdict | null> {
    if (step.run === null) {
      operation.remember({ write: step.write, after: stateAfter(await write(step.write, onStart)) })
      onSent()
      return null
    }
    const view = viewOf(options.clusters, step.write.ref)
    const wait = followRun(
      { ref: step.write.ref, kind: step.kind, uid: step.write.expected.uid, request: step.run },
      watchOf(view),
      options.clock,
      operation.signal,
      onStep,
    )
    try {
      const object = await write(step.write, onStart)
      onSent()
      wait.begin(object)
    } catch (error) {
      wait.abandon()
      throw error
    }
    return wait.end
  }

  /** A source that several objects draw from is reconciled once for all of them. */
  function runSource(step: PlannedStep, onStep: (verdict: RunVerdict) => void): Promise<RunVerdict | null> {
    const key = refKey(step.write.ref)
    const known = sources.get(key)
    if (known !== undefined) return known
    const running = run(step, nothing, nothing, onStep)
    sources.set(key, running)
    return running
  }

  async function runItem(index: number): Promise<void> {
    const item = stored.plan.items[index]
    const chain = stored.steps[index] ?? []
    const last = chain.at(-1)
    if (item === undefined) return
    const { ref } = item
    const setStages = (stages: readonly Stage[], message: string): void => {
      operation.update(ref, { stages, message })
    }
    if (item.effect !== 'change' || last === undefined) {
      const state = item.effect === 'unchanged' ? 'unchanged' : 'refused'
      operation.update(ref, { state, error: item.refusal, message: item.refusal?.message ?? '' })
      return
    }
    const now = (): number => options.clock.now()
    try {
      operation.signal.throwIfAborted()
      const begin = (): void => {
        operation.update(ref, { state: 'running' })
      }
      if (chain.length > 1) begin()
      for (const source of chain.slice(0, -1)) {
        const title = titleOf(source.write.ref)
        setStages(setStage(operation.stagesOf(ref), 'fetched', 'running', title, now()), `Reconciling ${title}`)
        const verdict = await runSource(source, (step) => {
          const message = step.message === '' ? title : `${title}: ${step.message}`
          setStages(setStage(operation.stagesOf(ref), 'fetched', 'running', message, now()), message)
        })
        const revision = verdict === null || verdict.revision === '' ? title : shortenRevision(verdict.revision)
        setStages(setStage(operation.stagesOf(ref), 'fetched', 'done', revision, now()), revision)
      }
      const verdict = await run(
        last,
        begin,
        () => {
          if (last.run !== null)
            setStages(setStage(operation.stagesOf(ref), 'requested', 'done', '', now()), 'Requested')
        },
        (step) => {
          setStages(stagesAfter(operation.stagesOf(ref), step, now()), step.message)
        },
      )
      const warnings = item.notes.filter(({ level }) => level === 'warning').map(({ text }) => text)
      operation.update(ref, { state: 'done', message: verdict?.message ?? warnings.join('. ') })
    } catch (fault) {
      const error = operation.signal.aborted
        ? new SluiceError('Canceled', `${titleOf(ref)}: canceled`, { retry: 'canceled', cause: fault })
        : toSluiceError(fault, titleOf(ref))
      const state = error.retry === 'canceled' ? 'canceled' : isRefusal(error) ? 'refused' : 'failed'
      operation.update(ref, {
        state,
        error: error.toData(),
        message: error.message,
        stages: stopStages(operation.stagesOf(ref), error, now()),
      })
    }
  }

  await Promise.all(stored.plan.items.map((_, index) => runItem(index)))
  await Promise.all(audits)
  operation.end()
}

/** Sends one write when its turn comes, and starts its audit line. Rejects with the outcome's error. */
async function writeOnce(
  planned: PlannedWrite,
  onStart: () => void,
  signal: AbortSignal,
  origin: ExecutionOrigin,
  { clusters, audit, clock, writers }: ExecutionOptions,
): Promise<{ readonly object: KubeObject; readonly audit: Promise<void> }> {
  const { outcome, identity } = await writers.run(async () => {
    onStart()
    const opened = await openClient(clusters, planned)
    return { outcome: await sendWrite(planned, opened.client, opened.view, clock, signal), identity: opened.identity }
  }, signal)
  const line = audit.record({
    ...origin,
    context: planned.context,
    cluster: planned.ref.cluster,
    identity,
    verb: 'patch',
    object: planned.ref,
    patch: outcome.patch,
    result: outcome.error?.code ?? 'ok',
    code: outcome.status,
  })
  if (outcome.object !== null) return { object: outcome.object, audit: line }
  await line
  throw outcome.error ?? new SluiceError('Internal', `${titleOf(planned.ref)}: no outcome`)
}

const nothing = (): void => undefined

/** What Undo needs to know of the object as the write left it. */
function stateAfter(object: KubeObject): DoneWrite['after'] {
  const { uid = '', generation } = object.metadata
  return {
    uid,
    generation: typeof generation === 'number' ? generation : null,
    hasAnnotations: hasAnnotationMap(object),
  }
}

/** The client of the context that the plan named, and none other. */
async function openClient(
  clusters: Clusters,
  planned: PlannedWrite,
): Promise<{ readonly client: KubeClient; readonly identity: string; readonly view: ClusterView }> {
  const title = titleOf(planned.ref)
  const view = viewOf(clusters, planned.ref)
  const client = view.writeClient()
  if (client.context !== planned.context)
    throw movedError(title, `would now be written through another context (${client.context})`)
  if (clusters.contextRow(client.context)?.isReadOnly === true)
    throw new SluiceError('ReadOnlyContext', `${title}: its context is read-only now.`, {
      remedy: 'Switch read-only off for this context if you mean to change it.',
    })
  return { client, identity: await client.identity(), view }
}

function viewOf(clusters: Clusters, ref: ObjectRef): ClusterView {
  const view = clusters.view(ref.cluster)
  if (view !== null) return view
  throw new SluiceError('NotConnected', `${titleOf(ref)}: its cluster is no longer connected.`, {
    remedy: 'Select its context and try again.',
  })
}

/** Refused before anything could go wrong: by the user's own rules, by RBAC, or because the plan moved. */
function isRefusal(error: SluiceError): boolean {
  return (
    error.code === 'PlanMoved' ||
    error.code === 'Forbidden' ||
    error.code === 'ReadOnlyContext' ||
    error.code === 'SuspendedRefused'
  )
}

/** Where it stopped: the stage that ran (or the first that still waited) failed, unless a verdict already said so. */
function stopStages(stages: readonly Stage[], error: SluiceError, at: number): readonly Stage[] {
  if (error.retry === 'canceled' || stages.some(({ state }) => state === 'failed')) return stages
  const stopped =
    stages.find(({ state }) => state === 'running') ?? stages.find(({ state }) => state === 'waiting') ?? null
  return stopped === null ? stages : setStage(stages, stopped.name, 'failed', error.detail || error.message, at)
}
