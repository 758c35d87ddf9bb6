/** Hosted mode of all contexts: what switches it on and off, and what the window and the command line see of it. */
import type { CallContext, Handlers } from '../../../shared/contract/index.ts'
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { FluxRelease } from '../../../shared/model/hand-over.ts'
import type { HostedController, HostedRow, HostingPlan, HostingState } from '../../../shared/model/hosting.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { KeyedFeed, KeyedItems } from '../clusters/keyed-feed.ts'
import type { Clusters, ClusterView } from '../clusters/view.ts'
import { openAfter } from '../open-after.ts'
import type { Dispose, Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'
import type { OwnDefinitions } from './hand-over/load-manifests.ts'
import { createManifestLoader, ownDefinitions } from './hand-over/load-manifests.ts'
import { auditWrites } from './hosting/audit-writes.ts'
import { createApprovals } from './hosting/approvals.ts'
import { ClusterHost } from './hosting/cluster-host.ts'
import { createNamespace, installDefinitions, missingKinds } from './hosting/cluster-parts.ts'
import type { ContextAccess } from './hosting/context-access.ts'
import { findView, reachContext } from './hosting/context-access.ts'
import type { InstallationIdentity } from './hosting/installation-identity.ts'
import { takeIdentity } from './hosting/installation-identity.ts'
import { makePlan } from './hosting/make-plan.ts'
import { whyNotHosted } from './hosting/not-hosted.ts'
import type { LeaseTimings } from './lease/create-leadership.ts'
import { newRow } from './queue/new-row.ts'
import type { Reconciler } from './reconciler.ts'

export interface HostingOptions {
  /** Of the leases; `flux-system` if not given. */
  readonly namespace?: string
  /** False: prunes are never held back. */
  readonly isPruneGuarded?: boolean
  readonly timings?: LeaseTimings
  /** Who is named in the audit log; `window` if not given. */
  readonly client?: CallContext['client']
}

export interface HostingDeps {
  readonly ports: Ports
  readonly audit: AuditLog
  readonly clusters: Clusters
  /** One for each kind that is hosted; made anew for each cluster. */
  readonly createReconcilers: () => Promise<HostedReconcilers>
  /** The user allowed a host or credentials for a cluster: what was refused for want of them may run. */
  readonly watchAllowed?: (listener: (cluster: ClusterId) => void) => Promise<Dispose>
  readonly options?: HostingOptions
}

export interface HostedReconcilers {
  readonly reconcilers: readonly Reconciler[]
  dispose(): void
}

export type HostingProcedure = Extract<keyof Handlers, `hosting.${string}`>

export interface Hosting {
  readonly handlers: Pick<Handlers, HostingProcedure>
  /** A run now of one object of a hosted cluster. */
  requeue(ref: ObjectRef): Promise<void>
  /** For hand-over: SluiceError NotHosted where hosted mode is off for the context, or does not act. */
  transferOf(context: ContextId): Promise<HostingTransfer>
  /** Everything there is to run in this context has been queued once: `hosting.rows` are all of them. */
  isListed(context: ContextId): boolean
  /** The machine goes to sleep: leases are given back. Resolves when they are, or cannot be. */
  suspend(): Promise<void>
  resume(): void
  dispose(): Promise<void>
}

/** A context's hosted mode, as far as those who move in need it. */
export interface HostingTransfer extends ContextAccess {
  readonly namespace: string
  readonly auditClient: CallContext['client']
  /** See ClusterHost. */
  expectControllers(): void
  handOver(controller: HostedController): Promise<void>
  takeBack(areGone: boolean): void
  /** Hosted mode is off from now on, and stays so. */
  end(): Promise<void>
}

interface Hosted {
  readonly context: ContextId
  /** Over a restart. The playground switches its own on each time: one that was killed must not be waited for. */
  isKept: boolean
  host: ClusterHost | null
  stopRows: Dispose
  error: SluiceErrorData | null
  since: number
  /** Starting or stopping. */
  changing: Promise<void>
}

const settingsFile = 'hosting.json'
const defaultNamespace = 'flux-system'

export function createHosting(deps: HostingDeps): Hosting {
  const { ports, clusters, audit } = deps
  const { clock, logger } = ports
  const namespace = deps.options?.namespace ?? defaultNamespace
  const isPruneGuarded = deps.options?.isPruneGuarded ?? true
  const stored = new StoredJson<readonly ContextId[]>(ports, settingsFile)
  const auditClient = deps.options?.client ?? 'window'
  const approvals = createApprovals(ports)
  const hosted = new Map<ContextId, Hosted>()
  const states = new KeyedItems<HostingState>(clock)
  const rows = new Map<string, HostedRow>()
  const rowFeed = new KeyedFeed<HostedRow>(clock, () => rows.values())
  const plans = new Map<ContextId, { readonly plan: HostingPlan; readonly release: FluxRelease | null }>()
  const manifests = createManifestLoader(ports)
  let identity: Promise<InstallationIdentity> | null = null
  let isDisposed = false

  const loaded = Promise.all([stored.read(readContexts), approvals.loaded]).then(([contexts]) => {
    for (const context of contexts ?? []) switchOn(context)
    follow()
  })

  function switchOn(context: ContextId): Hosted {
    const known = hosted.get(context)
    if (known !== undefined) return known
    const own: Hosted = {
      context,
      isKept: true,
      host: null,
      stopRows: () => undefined,
      error: null,
      since: clock.now(),
      changing: Promise.resolve(),
    }
    hosted.set(context, own)
    return own
  }

  const save = (): Promise<void> =>
    stored.write([...hosted.values()].filter(({ isKept }) => isKept).map(({ context }) => context))

  function publish(): void {
    states.set([...hosted.values()].map(stateOf))
  }

  function stateOf(own: Hosted): HostingState {
    if (own.host !== null && own.error === null) return own.host.state(true)
    const row = clusters.contextRow(own.context)
    const isMissing = row === null || !row.isSelected
    return {
      key: own.context,
      context: own.context,
      cluster: row?.cluster ?? null,
      isOn: true,
      state: own.error !== null ? 'failed' : isMissing ? 'disconnected' : 'starting',
      message: own.error?.message ?? (isMissing ? 'The context is not selected.' : 'Connecting.'),
      leases: [],
      found: [],
      error: own.error,
      running: 0,
      waiting: 0,
      total: 0,
      since: own.since,
    }
  }

  /** Hosts as they should be by now: one for each context that is on and whose cluster is known. */
  function follow(): void {
    if (isDisposed) return
    for (const own of hosted.values()) {
      const view = viewOf(own.context)
      if (own.host !== null && view !== null && own.host.cluster === view.id) continue
      if (own.host === null && view === null) continue
      own.changing = own.changing
        .then(() => change(own))
        .catch((error: unknown) => {
          own.error = toErrorData(error)
          logger.log('error', 'hosted mode could not be started', { context: own.context, error: String(error) })
          publish()
        })
    }
    publish()
  }

  async function change(own: Hosted): Promise<void> {
    const view = viewOf(own.context)
    if (own.host !== null && own.host.cluster !== view?.id) await end(own)
    if (view === null || own.host !== null || isDisposed || hosted.get(own.context) !== own) return
    const other = [...hosted.values()].find((each) => each !== own && each.host?.cluster === view.id)
    if (other !== undefined)
      throw new SluiceError('Unsupported', `This cluster is hosted through the context ${other.context} already`)
    own.error = null
    const { identity: name } = await ourIdentity()
    const made = await deps.createReconcilers()
    own.host = new ClusterHost({
      ports,
      view,
      context: own.context,
      namespace,
      identity: name,
      reconcilers: made.reconcilers,
      approvals,
      audit,
      auditClient,
      isPruneGuarded,
      ...(deps.options?.timings === undefined ? {} : { timings: deps.options.timings }),
      onState: publish,
      onRows: (upsert, remove) => {
        for (const key of remove) rows.delete(key)
        for (const row of upsert) rows.set(row.key, row)
        rowFeed.publish(upsert, remove)
      },
    })
    const stopRows = showNotHosted(view)
    own.stopRows = () => {
      stopRows()
      made.dispose()
    }
    publish()
  }

  async function end(own: Hosted): Promise<void> {
    const { host } = own
    if (host === null) return
    await host.stop()
    own.stopRows()
    own.host = null
    approvals.withdraw(({ cluster }) => cluster === host.cluster)
  }

  /** Rows of what is not hosted, as long as the cluster is. */
  function showNotHosted(view: ClusterView): Dispose {
    const shown = new Set<string>()
    const look = (upsert: Iterable<ReturnType<ClusterView['row']>>, remove: readonly string[]): void => {
      const changed: HostedRow[] = []
      const gone = remove.filter((key) => shown.delete(key))
      for (const row of upsert) {
        if (row === null) continue
        const why = whyNotHosted(view, row)
        // Kinds that are hosted tell of themselves.
        if (why === '' || rows.get(row.key)?.state === 'not-hosted' || rows.has(row.key)) continue
        shown.add(row.key)
        changed.push(newRow(row.ref, 'not-hosted', why))
      }
      for (const key of gone) rows.delete(key)
      for (const row of changed) rows.set(row.key, row)
      rowFeed.publish(changed, gone)
    }
    const stop = view.watchRows(({ upsert, remove }) => {
      look(upsert, remove)
    })
    look(view.rows(), [])
    return () => {
      stop()
      look([], [...shown])
    }
  }

  const ourIdentity = (): Promise<InstallationIdentity> => (identity ??= takeIdentity(ports))

  const viewOf = (context: ContextId): ClusterView | null => findView(clusters, context)

  /** `own`: the definitions that the plan means, where they are Flux's own. */
  async function planFor(
    context: ContextId,
    release: FluxRelease | null,
    signal: AbortSignal,
  ): Promise<{ readonly plan: HostingPlan; readonly own: OwnDefinitions | null }> {
    await loaded
    const { row, view, client } = await reachContext(clusters, context, { clock, signal })
    const { identity: name } = await ourIdentity()
    const other = [...hosted.values()].find((each) => each.context !== context && each.host?.cluster === view.id)
    const refusal = row.isReadOnly
      ? new SluiceError('ReadOnlyContext', `${row.name} is read-only`, {
          remedy: 'Allow writes for this context first.',
        })
      : other !== undefined
        ? new SluiceError('Unsupported', `This cluster is hosted through the context ${other.context} already`)
        : null
    let loading: Promise<OwnDefinitions | null> = Promise.resolve(null)
    const plan = await makePlan({
      ports,
      view,
      client,
      context: row,
      namespace,
      identity: name,
      refusal,
      isPruneGuarded,
      signal,
      ownDefinitions: (of) => (loading = ownDefinitions(manifests, release, namespace, of)),
    })
    return { plan, own: await loading }
  }

  async function start(context: ContextId, digest: string, signal: AbortSignal): Promise<void> {
    const seen = plans.get(context)
    if (seen?.plan.digest !== digest)
      throw new SluiceError('PlanUnknown', 'This plan is not known any more', { remedy: 'Look at the plan again.' })
    const { release } = seen
    const { plan, own } = await planFor(context, release, signal)
    if (plan.digest !== digest) {
      plans.set(context, { plan, release })
      throw new SluiceError('PlanMoved', `${context} is not what the plan saw`, { remedy: 'Look at the plan again.' })
    }
    if (plan.refusal !== null) {
      const { code, message, remedy, detail, retry } = plan.refusal
      throw new SluiceError(code, message, { remedy, detail, retry })
    }
    const { row, view, client: raw } = await reachContext(clusters, context, { clock, signal })
    const client = auditWrites(raw, { audit, client: auditClient, view, action: 'hostingStart', plan: digest })
    if (plan.isNamespaceCreated) await createNamespace(client, namespace)
    const missing = plan.definitions === 'left' ? [] : missingKinds(view)
    // What was just read and is in the digest: `flux` is not run again, it might say something else.
    if (missing.length > 0) await installDefinitions(client, view, missing, own?.definitions ?? [], clock, signal)
    plans.delete(context)
    const started = switchOn(context)
    started.error = null
    started.isKept = !row.isPlayground
    await save()
    follow()
  }

  async function stop(context: ContextId): Promise<void> {
    await loaded
    const own = hosted.get(context)
    if (own === undefined) return
    hosted.delete(context)
    await own.changing.catch(() => undefined)
    const cluster = own.host?.cluster
    await end(own)
    if (cluster !== undefined) approvals.forget(cluster)
    await save()
    publish()
  }

  function hostOf(ref: ObjectRef): ClusterHost {
    const host = [...hosted.values()].find((own) => own.host?.cluster === ref.cluster)?.host
    if (host == null)
      throw new SluiceError('NotHosted', `Hosted mode is off for the cluster of ${ref.kind} ${refTitle(ref)}`, {
        remedy: 'Switch it on first.',
      })
    return host
  }

  async function transferOf(context: ContextId): Promise<HostingTransfer> {
    await loaded
    const { row, view, client } = await reachContext(clusters, context, { clock })
    const host = hosted.get(context)?.host
    const state = host?.state(true)
    if (host == null || state?.state !== 'active')
      throw new SluiceError('NotHosted', `Hosted mode does not act in ${row.name}`, {
        remedy: state === undefined ? 'Switch it on first.' : `${state.message} Wait until it acts.`.trim(),
      })
    return {
      row,
      view,
      client,
      namespace,
      auditClient,
      expectControllers: () => {
        host.expectControllers()
      },
      handOver: (controller) => host.handOver(controller),
      takeBack: (areGone) => {
        host.takeBack(areGone)
      },
      end: () => stop(context),
    }
  }

  const stopFollowing = clusters.watch(follow)
  const watching = deps.watchAllowed?.((cluster) => {
    for (const { host } of hosted.values()) if (host?.cluster === cluster) host.requeueBlocked()
  })
  watching?.catch((error: unknown) => {
    logger.log('warn', 'consents are not watched', { error: String(error) })
  })

  const handlers: Hosting['handlers'] = {
    'hosting.watch': (_input, sink) => openAfter(loaded, sink, () => states.feed.subscribe(sink)),
    'hosting.rows': (_input, sink) => openAfter(loaded, sink, () => rowFeed.subscribe(sink)),
    'hosting.approvals': (_input, sink) => openAfter(loaded, sink, () => approvals.items.feed.subscribe(sink)),
    'hosting.plan': async ({ context, release = null }, call: CallContext) => {
      const { plan } = await planFor(context, release, call.signal)
      plans.set(context, { plan, release })
      return plan
    },
    'hosting.start': async ({ context, digest }, call: CallContext) => {
      await start(context, digest, call.signal)
      return null
    },
    'hosting.stop': async ({ context }) => {
      await stop(context)
      return null
    },
    'hosting.approve': async ({ ref, digest }) => {
      const host = hostOf(ref)
      await approvals.approve(ref, digest)
      host.approved(ref)
      return null
    },
    'hosting.applyOnce': async ({ ref, digest }) => {
      await loaded
      hostOf(ref).applyOnce(ref, digest)
      return null
    },
  }

  const hosts = (): ClusterHost[] => [...hosted.values()].map(({ host }) => host).filter((host) => host !== null)

  return {
    handlers,
    async requeue(ref) {
      await loaded
      hostOf(ref).requeue(ref)
    },
    transferOf,
    isListed: (context) => hosted.get(context)?.host?.isListed() === true,
    async suspend() {
      await Promise.all(hosts().map((host) => host.suspend()))
    },
    resume() {
      for (const host of hosts()) host.resume()
    },
    async dispose() {
      isDisposed = true
      stopFollowing()
      const stopWatching = await watching?.catch(() => null)
      stopWatching?.()
      await loaded
      await Promise.all(
        [...hosted.values()].map(async (own) => {
          await own.changing.catch(() => undefined)
          await end(own)
        }),
      )
      await Promise.all([stored.settled(), approvals.settled()])
      await (await identity?.catch(() => null))?.release()
    },
  }
}

/** Contexts that are on. */
function readContexts(value: unknown): readonly ContextId[] | null {
  return Array.isArray(value) ? value.filter((context) => typeof context === 'string') : null
}
