/**
 * gate/: opening and closing gates, and asking controllers for a run. Every write is planned first, shown, executed by the plan's
 * digest alone, and refused in the API server when the object moved; closing one gate is a single click with Undo. It must not know
 * streams' transport or windows. Semantics: flux-semantics §7, security.md 12, product.md (principles).
 */
import type { CallContext, Handlers } from '../../../shared/contract/index.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { Settings } from '../../../shared/model/app.ts'
import type { Access, ObjectDetail } from '../../../shared/model/detail.ts'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Clusters, KubeObject } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import { isSuspended, readSuspendInfo } from '../status/suspend-info.ts'
import { describeSuspension } from './action-edits.ts'
import { executePlan, stagesForPlan } from './execution.ts'
import type { ExecutionOrigin } from './execution.ts'
import { gateField } from './gate-field.ts'
import { gateNote } from './gate-note.ts'
import { createLimiter } from './limiter.ts'
import { createOperations } from './operations.ts'
import { isReconcileAction } from './plan-checks.ts'
import { makePlan, planTitle } from './plan-maker.ts'
import { createPlanStore } from './plan-store.ts'
import type { StoredPlan } from './plan-store.ts'
import { titleOf, toSluiceError } from './planned-write.ts'
import { undoPlan } from './undo-plan.ts'

export interface GateDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'logger' | 'codec' | 'store' | 'shell' | 'environment'>
  readonly clusters: Clusters
  readonly access: AccessReviews
  readonly audit: AuditLog
  /** The settings as they stand now. */
  readonly settings: () => Pick<Settings, 'owner' | 'notifications'>
  /** What resuming would do, fresh. Rejects where that cannot be found out in time. */
  readonly previewOf: (ref: ObjectRef, signal: AbortSignal) => Promise<ResumePreview>
}

type GateProcedure =
  | 'plan.prepare'
  | 'plan.execute'
  | 'gate.close'
  | 'gate.open'
  | 'operations.watch'
  | 'operation.items'
  | 'operation.undo'
  | 'operation.cancel'

export interface Gate {
  readonly handlers: Pick<Handlers, GateProcedure>
  /** What the user may do with an object, with the reason where not. Never rejects: what cannot be asked is not allowed, and says why. */
  accessOf(ref: ObjectRef, signal?: AbortSignal): Promise<ObjectDetail['access']>
  /** ObjectDetail.gateNote of an object in the state given. */
  noteOf(ref: ObjectRef, object: KubeObject): string
  /** Cancels what runs. */
  dispose(): void
}

const writeConcurrency = 16

export function createGate(deps: GateDeps): Gate {
  const { ports, clusters, access, audit, settings } = deps
  const { clock, random, codec } = ports
  const plans = createPlanStore(clock)
  const operations = createOperations(clock, random)
  const execution = { clusters, audit, clock, writers: createLimiter(writeConcurrency) }
  const maker = {
    clusters,
    access,
    clock,
    random,
    codec,
    defaultOwner: () => settings().owner || ports.environment.userName,
  }

  /** Starts a plan's operation and answers its key; the work goes on by itself. */
  function start(
    stored: StoredPlan,
    title: string,
    origin: ExecutionOrigin,
    isUndoable: boolean,
  ): { operation: string } {
    const running = operations.start({
      action: stored.plan.action,
      title,
      items: stored.plan.items.map(({ ref }, index) => ({ ref, stages: stagesForPlan(stored, index) })),
      isUndoable,
    })
    void executePlan(stored, running, origin, execution).catch((error: unknown) => {
      ports.logger.log('error', 'an operation ended with a fault', { title, error: String(error) })
      running.end()
    })
    return { operation: running.key }
  }

  function refuseIfAsking(ref: ObjectRef): void {
    const asking = clusters
      .view(ref.cluster)
      ?.contexts()
      .find((row) => row.isAlwaysAsk || row.isProduction)
    if (asking !== undefined)
      throw new SluiceError('AlwaysAsk', `Context ${asking.name} asks before every change.`, {
        remedy: 'Confirm in the dialog.',
      })
  }

  /** One object, planned and executed in one go: what one click does. */
  async function actAtOnce(
    action: 'suspend' | 'resume',
    ref: ObjectRef,
    call: CallContext,
  ): Promise<{ operation: string }> {
    const stored = await makePlan({ action, refs: [ref] }, maker, call.signal)
    const refusal = stored.plan.items[0]?.refusal
    if (refusal)
      throw new SluiceError(refusal.code, refusal.message, { remedy: refusal.remedy, detail: refusal.detail })
    const origin = { client: call.client, action, plan: stored.plan.digest }
    return start(stored, planTitle(stored.plan), origin, true)
  }

  function isUndoable({ action }: StoredPlan['plan']): boolean {
    return !isReconcileAction(action)
  }

  const handlers: Gate['handlers'] = {
    async 'plan.prepare'(input, call) {
      const stored = await makePlan(input, maker, call.signal)
      plans.keep(stored)
      return stored.plan
    },
    'plan.execute'({ digest }, call) {
      return settle(() => {
        const stored = plans.take(digest)
        const { plan } = stored
        if (plan.isReasonRequired && stored.reason === '' && plan.changeCount > 0)
          throw new SluiceError('InvalidInput', 'Closing a gate in a production context needs a reason.', {
            remedy: 'Say why, then confirm again.',
          })
        const origin = { client: call.client, action: plan.action, plan: digest }
        return start(stored, planTitle(plan), origin, isUndoable(plan))
      })
    },
    'gate.close': async ({ ref }, call) => {
      refuseIfAsking(ref)
      return actAtOnce('suspend', ref, call)
    },
    async 'gate.open'({ ref }, call) {
      refuseIfAsking(ref)
      const preview = await deps.previewOf(ref, call.signal).catch((error: unknown) => {
        call.signal.throwIfAborted()
        const { message, remedy } = toSluiceError(error, titleOf(ref))
        throw previewNeeded(ref, message, remedy)
      })
      // SECURITY: item 12: what is not known to be harmless is shown before it happens.
      if (!preview.isHarmless) throw previewNeeded(ref, preview.caution, '')
      return actAtOnce('resume', ref, call)
    },
    'operations.watch': (_input, sink) => operations.watch(sink),
    'operation.items': ({ operation }, sink) => operations.watchItems(operation, sink),
    'operation.undo'({ operation }, call) {
      return settle(() => {
        const undone = operations.takeForUndo(operation)
        const stored = undoPlan(undone, clock, codec)
        const origin = { client: call.client, action: 'undo', plan: stored.plan.digest } as const
        return start(stored, `Undo: ${undone.title}`, origin, false)
      })
    },
    'operation.cancel'({ operation }) {
      return settle(() => {
        operations.cancel(operation)
        return null
      })
    },
  }

  async function accessOf(ref: ObjectRef, signal?: AbortSignal): Promise<ObjectDetail['access']> {
    const kind = fluxKind(ref.group, ref.kind)
    const hasGate = gateField(kind) !== null
    const noGate = no(`Objects of kind ${ref.kind} cannot be suspended`)
    try {
      const view = clusters.view(ref.cluster)
      const resource = view?.served(ref.group, ref.kind)
      if (view === null || !resource) throw new SluiceError('NotConnected', `${titleOf(ref)} cannot be reached`)
      const client = view.writeClient()
      const row = clusters.contextRow(client.context)
      const ask = (verb: string, group: string, plural: string): Promise<Access> =>
        access
          .review(client, view.id, { verb, group, resource: plural, namespace: ref.namespace }, signal)
          .catch((error: unknown) => no(toSluiceError(error, titleOf(ref)).message))
      const [patch, logs] = await Promise.all([ask('patch', ref.group, resource.plural), ask('get', '', 'pods/log')])
      const write = row?.isReadOnly === true ? no(`Context ${row.name} is read-only`) : patch
      const object = view.cached(ref)
      const suspension =
        object !== null && isSuspended(object, kind) === true
          ? no(`It is ${describeSuspension(readSuspendInfo(object, kind))}. Resume it first`)
          : null
      return {
        suspend: hasGate ? write : noGate,
        resume: hasGate ? write : noGate,
        reconcile:
          kind?.canReconcile !== true
            ? no(`No controller takes requests for ${ref.kind}`)
            : write.isAllowed && suspension !== null
              ? suspension
              : write,
        logs,
      }
    } catch (error) {
      const reason = no(toSluiceError(error, titleOf(ref)).message)
      return { suspend: hasGate ? reason : noGate, resume: hasGate ? reason : noGate, reconcile: reason, logs: reason }
    }
  }

  return {
    handlers,
    accessOf,
    noteOf(ref, object) {
      const view = clusters.view(ref.cluster)
      return view === null ? '' : gateNote(view, ref, object, clock)
    },
    dispose() {
      operations.dispose()
    },
  }
}

function previewNeeded(ref: ObjectRef, why: string, remedy: string): SluiceError {
  return new SluiceError('PreviewNeeded', `Resuming ${titleOf(ref)} needs a look at its plan first. ${why}`, {
    detail: why,
    remedy: remedy || 'Look at the plan, then confirm.',
  })
}

function no(reason: string): Access {
  return { isAllowed: false, reason }
}

/** A synchronous act as a promise: what it throws rejects. */
function settle<T>(act: () => T): Promise<T> {
  return Promise.resolve().then(act)
}
