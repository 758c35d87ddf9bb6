/** "Move to the cluster": its procedures. One hand-over of a context at a time; what it was is shown until the next one begins. */
import type { CallContext, Handlers } from '../../../../shared/contract/index.ts'
import type { HandOverPlan, HandOverStage, HandOverState } from '../../../../shared/model/hand-over.ts'
import { handOverStages } from '../../../../shared/model/hand-over.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { fromErrorData, SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { ContextId } from '../../../../shared/model/identity.ts'
import { createAuditLog } from '../../audit/audit-log.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { KeyedItems } from '../../clusters/keyed-feed.ts'
import type { KubeClient, Ports } from '../../ports.ts'
import type { HostConsents } from '../../source/consents.ts'
import type { HostingTransfer } from '../hosting.ts'
import { auditWrites } from '../hosting/audit-writes.ts'
import { createManifestLoader } from './load-manifests.ts'
import type { Installation } from './read-manifests.ts'
import { makeHandOverPlan } from './make-hand-over-plan.ts'
import type { HandOverProgress, HandOverTimes } from './run-hand-over.ts'
import { defaultTimes, runHandOver } from './run-hand-over.ts'

export type HandOverProcedure = Extract<keyof Handlers, `handOver.${string}`>
type PlanRequest = Parameters<Handlers['handOver.plan']>[0]

export interface HandOverDeps {
  readonly ports: Ports
  readonly transferOf: (context: ContextId) => Promise<HostingTransfer>
  /** SECURITY: item 10: what the user allowed, for this cluster and repository. */
  readonly consents: () => Promise<Pick<HostConsents, 'usesOwnCredentials'>>
  readonly times?: Partial<HandOverTimes>
}

export interface HandOver {
  readonly handlers: Pick<Handlers, HandOverProcedure>
  /** Ends what runs where it stands: whoever has the leases then goes on. */
  dispose(): Promise<void>
}

interface Prepared {
  readonly plan: HandOverPlan
  readonly installation: Installation
  readonly request: PlanRequest
}

interface Running {
  readonly abort: AbortController
  done: Promise<void>
}

const maxPending = 20

export function createHandOver({ ports, transferOf, consents, times }: HandOverDeps): HandOver {
  const { clock, codec, logger } = ports
  const loader = createManifestLoader(ports)
  const audit = createAuditLog(ports)
  const states = new KeyedItems<HandOverState>(clock)
  const prepared = new Map<ContextId, Prepared>()
  const running = new Map<ContextId, Running>()
  let isLeaving = false

  async function prepare(request: PlanRequest, signal: AbortSignal): Promise<Prepared> {
    const transfer = await transferOf(request.context)
    const manifests = await loader.load(request.manifests, transfer.namespace, signal)
    const calls = callsOf(transfer.client, signal)
    const allowed = await consents()
    const usesOwnCredentials = (url: string): boolean => allowed.usesOwnCredentials?.(transfer.view.id, url) === true
    const plan = await makeHandOverPlan({ transfer, manifests, usesOwnCredentials, calls, codec })
    return { plan, installation: manifests.installation, request }
  }

  const callsOf = (client: KubeClient, signal: AbortSignal): CallOptions => ({
    client,
    clock,
    impersonate: null,
    signal,
  })

  async function start(context: ContextId, digest: string, signal: AbortSignal): Promise<void> {
    const known = prepared.get(context)
    if (known?.plan.digest !== digest)
      throw new SluiceError('PlanUnknown', 'This plan is not known any more', { remedy: 'Look at the plan again.' })
    if (running.has(context))
      throw new SluiceError('Conflict', `${known.plan.contextName} is being handed over already`)
    const { plan, installation } = await prepare(known.request, signal)
    if (plan.digest !== digest)
      throw new SluiceError('PlanMoved', `${plan.contextName} is not what the plan saw`, {
        remedy: 'Look at the plan again.',
      })
    if (plan.refusal !== null) throw fromErrorData(plan.refusal)
    const transfer = await transferOf(context)
    prepared.delete(context)
    const abort = new AbortController()
    const { view, auditClient } = transfer
    const client = auditWrites(transfer.client, { audit, client: auditClient, view, action: 'handOver', plan: digest })
    const telling = createTelling(plan)
    const own: Running = { abort, done: Promise.resolve() }
    running.set(context, own)
    own.done = runHandOver(
      {
        plan,
        installation,
        transfer,
        calls: callsOf(client, abort.signal),
        times: { ...defaultTimes, ...times },
        progress: telling.progress,
        isLeaving: () => isLeaving,
      },
      telling.undoing,
    )
      .then(telling.done, telling.failed)
      .finally(() => running.delete(context))
  }

  function createTelling(plan: HandOverPlan): {
    readonly progress: HandOverProgress
    readonly undoing: (error: SluiceError) => void
    readonly done: () => void
    readonly failed: (error: unknown) => void
  } {
    let state: HandOverState = {
      key: plan.context,
      context: plan.context,
      contextName: plan.contextName,
      state: 'running',
      stages: handOverStages.map((name) => ({ name, state: 'waiting', message: '', done: 0, total: 0 })),
      isCancelable: true,
      watched: 0,
      moved: [],
      pending: [],
      error: null,
      startedAt: clock.now(),
      endedAt: null,
    }
    const tell = (change: Partial<HandOverState>): void => {
      state = { ...state, ...change }
      states.set([...states.values().filter(({ key }) => key !== state.key), state])
    }
    /** The one that runs. */
    const change = (stage: Partial<HandOverStage>): readonly HandOverStage[] =>
      state.stages.map((each) => (each.state === 'running' ? { ...each, ...stage } : each))
    tell({})
    return {
      progress: {
        begin(name, message, total = 0) {
          const stages = state.stages.map((each) =>
            each.name === name ? { ...each, state: 'running' as const, message, total } : each,
          )
          tell({ stages, pending: [] })
        },
        step(message, done, pending = []) {
          tell({ stages: change({ message, done }), pending: pending.slice(0, maxPending) })
        },
        finish(message) {
          tell({ stages: change({ state: 'done', message }), pending: [] })
        },
        watched(watched, moved) {
          tell({ watched, moved })
        },
        settle() {
          tell({ isCancelable: false })
        },
      },
      undoing(error) {
        logger.log('warn', 'hand-over is undone', { context: plan.context, error: error.message })
        tell({ state: 'undoing', isCancelable: false, stages: change({ state: 'failed' }), error: error.toData() })
      },
      done() {
        tell({ state: 'done', isCancelable: false, endedAt: clock.now() })
      },
      failed(problem) {
        const error: SluiceErrorData = toErrorData(problem)
        const isCanceled = error.retry === 'canceled' || error.code === 'Canceled'
        tell({
          state: isCanceled ? 'canceled' : 'failed',
          isCancelable: false,
          stages: change({ state: 'failed' }),
          error: isCanceled ? null : error,
          endedAt: clock.now(),
        })
      },
    }
  }

  const handlers: HandOver['handlers'] = {
    'handOver.watch': (_input, sink) => states.feed.subscribe(sink),
    'handOver.ways': (_input, call: CallContext) => loader.ways(call.signal),
    'handOver.pick': async () => ({ picked: await loader.pick() }),
    'handOver.plan': async (request, call: CallContext) => {
      const made = await prepare(request, call.signal)
      prepared.set(request.context, made)
      return made.plan
    },
    'handOver.start': async ({ context, digest }, call: CallContext) => {
      await start(context, digest, call.signal)
      return null
    },
    'handOver.cancel': ({ context }) => {
      if (states.get(context)?.isCancelable === true)
        running.get(context)?.abort.abort(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
      return Promise.resolve(null)
    },
  }
  return {
    handlers,
    async dispose() {
      isLeaving = true
      for (const { abort } of running.values())
        abort.abort(new SluiceError('Canceled', 'Canceled', { retry: 'canceled' }))
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
