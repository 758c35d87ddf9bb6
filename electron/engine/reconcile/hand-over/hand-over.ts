/** "Move to the cluster": its procedures. One hand-over of a context at a time; what it was is shown until the next one begins. */
import type { CallContext, Handlers } from '../../../../shared/contract/index.ts'
import type { BootstrapTarget } from '../../../../shared/model/bootstrap.ts'
import type {
  HandOverPlan,
  HandOverStage,
  HandOverStageName,
  HandOverState,
} from '../../../../shared/model/hand-over.ts'
import { handOverStages } from '../../../../shared/model/hand-over.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { fromErrorData, SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import type { ContextId } from '../../../../shared/model/identity.ts'
import type { AuditLog } from '../../audit/audit-log.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { KeyedItems } from '../../clusters/keyed-feed.ts'
import type { ClusterView } from '../../clusters/view.ts'
import type { KubeClient, Ports } from '../../ports.ts'
import type { HostConsents } from '../../source/consents.ts'
import type { HostingTransfer } from '../hosting.ts'
import { auditWrites } from '../hosting/audit-writes.ts'
import type { PreparedBootstrap } from '../bootstrap/plan-bootstrap.ts'
import { readFleet } from './adoption.ts'
import { createManifestLoader } from './load-manifests.ts'
import { createPickedPaths } from './picked-paths.ts'
import type { Installation } from './read-manifests.ts'
import type { BootstrapFacts, HandOverPlace } from './make-hand-over-plan.ts'
import { makeHandOverPlan } from './make-hand-over-plan.ts'
import type { BootstrapRun, HandOverProgress, HandOverTimes } from './run-hand-over.ts'
import { defaultTimes, runBootstrap, runHandOver } from './run-hand-over.ts'

export type HandOverProcedure = Extract<keyof Handlers, `handOver.${string}` | `bootstrap.${string}`>
type PlanRequest = Parameters<Handlers['handOver.plan']>[0]

export interface HandOverDeps {
  readonly ports: Ports
  readonly audit: AuditLog
  readonly transferOf: (context: ContextId) => Promise<HostingTransfer>
  /** Flux runs in the cluster, and hosted mode does not: for a bootstrap of what is installed. */
  readonly placeOf: (context: ContextId) => HandOverPlace | null
  /** SECURITY: item 10: what the user allowed, for this cluster and repository. */
  readonly consents: () => Promise<HostConsents>
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
  readonly bootstrap: PreparedBootstrap | null
  /** null: Flux is there already. */
  readonly transfer: HostingTransfer | null
  readonly place: HandOverPlace
}

interface Running {
  readonly abort: AbortController
  done: Promise<void>
}

const maxPending = 20
const maxOwnRepositories = 16
const maxDiffChars = 1_000_000
/** Asked for its place alone. */
const noTarget = {} as BootstrapTarget

function stagesOf({ bootstrap, isInstalled }: HandOverPlan): readonly HandOverStageName[] {
  const handedOver: ReadonlySet<HandOverStageName> = new Set(['sources', 'kustomizations', 'rest'])
  const committed: ReadonlySet<HandOverStageName> = new Set(['commit', 'sync'])
  return handOverStages.filter(
    (name) => (bootstrap !== null || !committed.has(name)) && !(isInstalled && handedOver.has(name)),
  )
}

function planMoved(before: HandOverPlan, now: HandOverPlan): SluiceError {
  const { bootstrap } = before
  const isBranch = bootstrap !== null && now.bootstrap !== null && bootstrap.head !== now.bootstrap.head
  return new SluiceError(
    'PlanMoved',
    isBranch
      ? `Branch ${bootstrap.branch} of ${bootstrap.repository} has moved since the plan was made`
      : `${now.contextName} is not what the plan saw`,
    { remedy: isBranch ? 'Nothing was pushed. Look at the plan again.' : 'Look at the plan again.' },
  )
}

export function createHandOver({ ports, audit, transferOf, placeOf, consents, times }: HandOverDeps): HandOver {
  const { clock, codec, logger, git, gitWriter, random, shell } = ports
  const loader = createManifestLoader(ports)
  const states = new KeyedItems<HandOverState>(clock)
  const prepared = new Map<ContextId, Prepared>()
  const running = new Map<ContextId, Running>()
  const keys = createPickedPaths(random)
  /** Repositories that the user named and confirmed. */
  const ownUrls = new Map<ContextId, Set<string>>()
  /** SECURITY: item 9: makes the digest of a Secret tell nothing of what is in it. */
  const salt = random.uuid()
  let isLeaving = false

  async function prepare(request: PlanRequest, signal: AbortSignal): Promise<Prepared> {
    const { transfer, place } = await locate(request)
    const manifests = await loader.load(request.manifests, place.namespace, signal)
    const calls = callsOf(place.client, signal)
    const hosts = await consents()
    const usesOwnCredentials = (url: string): boolean => hosts.usesOwnCredentials?.(place.view.id, url) === true
    let bootstrap: PreparedBootstrap | null = null
    const { bootstrap: target } = request
    const facts = async (wanted: BootstrapTarget): Promise<BootstrapFacts> => {
      const { installation } = manifests
      const { prepareBootstrap } = await import('../bootstrap/plan-bootstrap.ts')
      bootstrap = await prepareBootstrap({
        view: place.view,
        namespace: place.namespace,
        target: wanted,
        keyFile: keys.pathOf(wanted.key),
        components: installation.text,
        version: installation.version,
        hosts,
        git,
        gitWriter,
        calls,
      })
      const { plan: of, secretText } = bootstrap
      return { plan: of, secretDigest: codec.sha256Hex(`${salt}${secretText}`) }
    }
    const plan = await makeHandOverPlan({
      transfer: place,
      isInstalled: transfer === null,
      manifests,
      usesOwnCredentials,
      ...(target === undefined ? {} : { bootstrap: () => facts(target) }),
      calls,
      codec,
    })
    return { plan, installation: manifests.installation, request, bootstrap, transfer, place }
  }

  /** Where hosted mode acts, it hands over; where Flux runs in its place, there is something to put under Git all the same. */
  async function locate({
    context,
    bootstrap,
  }: Pick<PlanRequest, 'context' | 'bootstrap'>): Promise<Pick<Prepared, 'transfer' | 'place'>> {
    try {
      const transfer = await transferOf(context)
      return { transfer, place: transfer }
    } catch (error) {
      const isNotHosted = error instanceof SluiceError && error.code === 'NotHosted'
      const place = isNotHosted && bootstrap !== undefined ? placeOf(context) : null
      if (place === null) throw error
      return { transfer: null, place }
    }
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
    const made = await prepare(known.request, signal)
    const { plan, installation, bootstrap, transfer, place } = made
    if (plan.digest !== digest) throw planMoved(known.plan, plan)
    if (plan.refusal !== null) throw fromErrorData(plan.refusal)
    prepared.delete(context)
    const abort = new AbortController()
    const { view, auditClient } = place
    const client = auditWrites(place.client, { audit, client: auditClient, view, action: 'handOver', plan: digest })
    const telling = createTelling(plan)
    const own: Running = { abort, done: Promise.resolve() }
    running.set(context, own)
    const calls = callsOf(client, abort.signal)
    const run = {
      plan,
      installation,
      ...(bootstrap === null ? {} : { bootstrap: bootstrapRun(bootstrap, view, calls) }),
      calls,
      times: { ...defaultTimes, ...times },
      progress: telling.progress,
      isLeaving: () => isLeaving,
    }
    own.done = (
      transfer === null ? runBootstrap({ ...run, transfer: place }) : runHandOver({ ...run, transfer }, telling.undoing)
    )
      .then(telling.done, telling.failed)
      .finally(() => running.delete(context))
  }

  const bootstrapRun = (prepared: PreparedBootstrap, view: ClusterView, calls: CallOptions): BootstrapRun => ({
    async push() {
      const { pushBootstrap } = await import('../bootstrap/run-bootstrap.ts')
      const pushed = await pushBootstrap(prepared, gitWriter, calls)
      const { repository, branch } = prepared.plan
      if (pushed.isNew) logger.log('info', 'bootstrap pushed', { repository, branch, commit: pushed.commit })
      return pushed
    },
    async sync(commit) {
      const { beginSync } = await import('../bootstrap/run-bootstrap.ts')
      return beginSync(prepared, commit, view, calls)
    },
  })

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
      stages: stagesOf(plan).map((name) => ({ name, state: 'waiting', message: '', done: 0, total: 0 })),
      isCancelable: true,
      hasTakenOver: false,
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
          tell({ isCancelable: false, hasTakenOver: true })
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
    'handOver.pick': async ({ what }) => ({ picked: await loader.pick(what) }),
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
    'handOver.diff': async ({ context, digest, path }) => {
      const known = prepared.get(context)
      const texts = known?.plan.digest === digest ? known.bootstrap?.texts.get(path) : undefined
      if (texts === undefined)
        throw new SluiceError('PlanUnknown', 'This plan is not known any more', { remedy: 'Look at the plan again.' })
      const { unifiedDiff } = await import('../../diff/unified-diff.ts')
      const text = unifiedDiff(texts.before, texts.after, { before: `a/${path}`, after: `b/${path}` })
      return { text: text.slice(0, maxDiffChars) }
    },
    'bootstrap.repositories': async ({ context }, call: CallContext) => {
      const { place } = await locate({ context, bootstrap: noTarget })
      const { ownRepository, repositoriesOf } = await import('../bootstrap/repository-access.ts')
      const { sources } = await readFleet(place.view, call.signal)
      const hosts = await consents()
      const named = repositoriesOf(place.view, sources, hosts)
      const own = [...(ownUrls.get(context) ?? [])].map((url) => ownRepository(place.view, url, hosts))
      return { items: [...named, ...own] }
    },
    'bootstrap.addRepository': async ({ context, url: text }) => {
      const { place } = await locate({ context, bootstrap: noTarget })
      const { ownRepository, ownUrl } = await import('../bootstrap/repository-access.ts')
      const url = ownUrl(text)
      if (!(await shell.confirmRepository(url, place.row.name))) return { repository: null }
      const known = ownUrls.get(context) ?? new Set()
      if (known.size < maxOwnRepositories) ownUrls.set(context, known.add(url))
      return { repository: ownRepository(place.view, url, await consents()) }
    },
    'bootstrap.pickKey': async () => {
      const [path] = await shell.pickFiles('key')
      return { picked: path === undefined ? null : keys.keep(path) }
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
