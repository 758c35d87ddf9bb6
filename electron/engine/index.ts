/**
 * The engine: Sluice without a window. The only import for hosts. Plain TypeScript over ports; knows neither Electron nor Node's I/O.
 */
import type { Handlers } from '../../shared/contract/index.ts'
import type { ContextId } from '../../shared/model/identity.ts'
import { createAccessReviews } from './access/access-reviews.ts'
import { createAuditLog } from './audit/audit-log.ts'
import { nextTurn } from './cache/slices.ts'
import { FirstView } from './clusters/first-view.ts'
import { ContextRegistry } from './clusters/registry.ts'
import type { Clusters } from './clusters/view.ts'
import { createObjectWatch } from './detail/create-object-watch.ts'
import { createObjectYaml } from './detail/create-object-yaml.ts'
import { createEventsWatch } from './events/create-events-watch.ts'
import type { BudgetLimits } from './drift/budget.ts'
import { createLazyDrift } from './drift/lazy-drift.ts'
import { createGate } from './gate/gate.ts'
import type { Hosting, HostingOptions } from './reconcile/hosting.ts'
import { createLazyHandOver } from './reconcile/hand-over/lazy-hand-over.ts'
import type { HandOverTimes } from './reconcile/hand-over/run-hand-over.ts'
import { followRetention } from './history/follow-retention.ts'
import { createLazyHistory } from './history/lazy-history.ts'
import { createLazyHosting } from './reconcile/lazy-hosting.ts'
import { createPlaygroundProcedures } from './reconcile/playground-loop.ts'
import { createLazyNotify } from './notify/lazy-notify.ts'
import { createLogTargets } from './logs/create-log-targets.ts'
import { createLogsFollow } from './logs/create-logs-follow.ts'
import { openAfter } from './open-after.ts'
import { pause } from './pause.ts'
import type { Ports } from './ports.ts'
import { createRepositories } from './repositories/repositories.ts'
import { createAppHandlers } from './settings/app-handlers.ts'
import { SettingsStore } from './settings/settings-store.ts'
import { createTreeWatch } from './tree/create-tree-watch.ts'

export interface Engine {
  readonly handlers: Handlers
  readonly clusters: Clusters
  /** Beyond its procedures: sleep and wake-up of the machine, runs on demand. */
  readonly hosting: Pick<Hosting, 'requeue' | 'isListed' | 'suspend' | 'resume'>
  /** Closes connections and saves snapshots; the ports are the host's to close. */
  dispose(): Promise<void>
}

export interface EngineOptions {
  /** The rest of long lists waits for a window's first view. */
  readonly isWindowExpected: boolean
  /** Everything that is selected is compared with Git in the background, all the time. */
  readonly isDriftWatched?: boolean
  /** Of dry-runs, per cluster, if not the default. */
  readonly driftBudget?: BudgetLimits
  /** What happens in the selected clusters is written down, all the time. */
  readonly isRecording?: boolean
  /** The desktop is told of what the user's rules say. */
  readonly isNotifying?: boolean
  readonly isOnBattery?: () => boolean
  readonly hosting?: HostingOptions
  /** How long each wait of a hand-over may take, if not the default. */
  readonly handOverTimes?: Partial<HandOverTimes>
}

/** Starts connecting to the selected contexts at once. Procedures answer from the first moment. */
export function createEngine(ports: Ports, options: EngineOptions): Engine {
  const firstView = new FirstView(ports.clock, options.isWindowExpected)
  const settings = new SettingsStore(ports)
  const access = createAccessReviews(ports)
  const registry = new ContextRegistry({
    ports,
    settings,
    access,
    firstView,
    isWindowExpected: options.isWindowExpected,
  })
  /** Reading, linking and starting code is not done in slices: each part that loads gets a turn of its own. */
  const turnToLoad = (): Promise<void> => nextTurn(ports.clock)
  const { isDriftWatched = false, driftBudget, isOnBattery, isRecording = false, isNotifying = false } = options
  const { openHistory } = ports
  const history = createLazyHistory({
    afterFirstView: firstView.wait(),
    isRecording,
    load:
      openHistory === undefined
        ? null
        : async () => {
            await turnToLoad()
            const [{ createHistory }, store] = await Promise.all([import('./history/history.ts'), openHistory()])
            return createHistory({
              ports,
              store,
              clusters: registry,
              drift: drift.handlers,
              findCommit: (ref, revision, signal) => drift.commitAt(ref, revision, signal),
              findLog: (source, revision, limit, signal) => drift.logAt(source, revision, limit, signal),
              findOrigin: (owner, ref, signal) => drift.originOf(owner, ref, signal),
              watchAllowed: async (listener) => (await drift.consents()).watchAllowed(listener),
              isRecording,
            })
          },
  })
  followRetention(settings, (retention, isAtOnce) => history.retain(retention, isAtOnce))
  const audit = createAuditLog({
    ...ports,
    ...(openHistory === undefined ? {} : { append: (line) => history.appendAudit(line) }),
    told: (entry) => history.recordAction(entry),
  })
  const drift = createLazyDrift({
    isWatched: isDriftWatched,
    afterFirstView: firstView.wait(),
    load: async () => {
      await turnToLoad()
      const { composeDrift } = await import('./drift/compose-drift.ts')
      return composeDrift({
        ports,
        clusters: registry,
        access,
        options: {
          isWatched: isDriftWatched,
          beforeBackground: firstView.wait().then(() => (options.isWindowExpected ? pause(ports.clock, calmMs) : null)),
          ...(driftBudget === undefined ? {} : { budget: driftBudget }),
          ...(isOnBattery === undefined ? {} : { isOnBattery }),
        },
        onDesired: (view, owner, set) => history.keepRender(view, owner, set),
        usesOwnKeys: () => settings.current().usesSopsKeys,
        editor: () => settings.current().editor,
        setDryRuns: (context, isOn) => registry.setDryRuns(context, isOn),
      })
    },
  })
  const notify = createLazyNotify({
    afterFirstView: firstView.wait(),
    load: isNotifying
      ? async () => {
          await turnToLoad()
          const [{ createNotify }] = await Promise.all([import('./notify/notify.ts'), settings.loaded])
          return createNotify({
            ports,
            clusters: registry,
            streams: { ...drift.handlers, ...clusterHandlers },
            areNotificationsOn: () => settings.current().notifications,
            watchSwitch: (listener) => settings.watch(listener),
          })
        }
      : null,
  })
  const gate = createGate({
    ports,
    clusters: registry,
    access,
    audit,
    settings: () => settings.current(),
    previewOf: (ref, signal) => drift.previewOf(ref, signal),
  })
  const hosting = createLazyHosting({
    store: ports.store,
    afterFirstView: firstView.wait(),
    load: async () => {
      await turnToLoad()
      const { composeHosting } = await import('./reconcile/compose-hosting.ts')
      const { hosting: hostingOptions } = options
      return composeHosting({
        ports,
        audit,
        clusters: registry,
        access,
        consents: () => drift.consents(),
        ...(hostingOptions === undefined ? {} : { options: hostingOptions }),
      })
    },
  })
  const playground = createPlaygroundProcedures({
    ports,
    clusters: registry,
    hosting: hosting.handlers,
    consents: () => drift.consents(),
  })
  const handOver = createLazyHandOver(async () => {
    const [{ createHandOver }, { findFlux }] = await Promise.all([
      import('./reconcile/hand-over/hand-over.ts'),
      import('./reconcile/hand-over/find-flux.ts'),
    ])
    const { handOverTimes: times, hosting: { namespace, client } = {} } = options
    const transferOf = (context: ContextId): ReturnType<Hosting['transferOf']> => hosting.transferOf(context)
    return createHandOver({
      ports,
      audit,
      transferOf,
      placeOf: (context) => findFlux(registry, context, { namespace, client }),
      consents: () => drift.consents(),
      ...(times === undefined ? {} : { times }),
    })
  })
  const repositories = createRepositories({ ports, editor: () => settings.current().editor })
  settings.watch(({ usesSopsKeys }) => repositories.useOwnKeys(usesSopsKeys))
  const done = null

  const clusterHandlers = {
    'contexts.watch': (_input, sink) => afterReady(registry, sink, () => registry.contextItems.feed.subscribe(sink)),
    'contexts.select': async ({ contexts }) => {
      await registry.select(contexts)
      return done
    },
    'contexts.retry': async ({ context }) => {
      await registry.retry(context)
      return done
    },
    'contexts.setReadOnly': async ({ context, isReadOnly }) => {
      await registry.setReadOnly(context, isReadOnly)
      return done
    },
    'contexts.setAlwaysAsk': async ({ context, isAlwaysAsk }) => {
      await registry.setAlwaysAsk(context, isAlwaysAsk)
      return done
    },
    'contexts.approveExec': async ({ context, digest }) => {
      await registry.approveExec(context, digest)
      return done
    },
    'kinds.watch': (_input, sink) => afterReady(registry, sink, () => registry.kindItems.feed.subscribe(sink)),
    'rows.watch': (_input, sink) => afterReady(registry, sink, () => registry.rowFeed.subscribe(sink)),
    'controllers.watch': (_input, sink) =>
      afterReady(registry, sink, () => registry.controllerItems.feed.subscribe(sink)),
  } satisfies Partial<Handlers>

  const appHandlers = createAppHandlers(
    ports,
    settings,
    () => registry.files(),
    () => firstView.shown(),
  )
  const handlers: Handlers = {
    ...appHandlers,
    ...clusterHandlers,
    ...gate.handlers,
    ...repositories.handlers,
    ...drift.handlers,
    ...hosting.handlers,
    ...handOver.handlers,
    ...playground.handlers,
    ...history.handlers,
    ...notify.handlers,
    'history.forget': async (input, call) => {
      await registry.forgetLastSeen(input.clusters)
      return history.handlers['history.forget'](input, call)
    },
    'kubeconfig.forget': async (input, call) => {
      const before = registry.contextIds()
      const done = await appHandlers['kubeconfig.forget'](input, call)
      await registry.forgetGone(before)
      return done
    },
    'object.watch': createObjectWatch({
      clusters: registry,
      ports,
      accessOf: (ref, signal) => gate.accessOf(ref, signal),
      gateNoteOf: (ref, object) => gate.noteOf(ref, object),
    }),
    'object.yaml': createObjectYaml({ clusters: registry, ports }),
    'events.watch': createEventsWatch({
      clusters: registry,
      ports,
      ...(openHistory === undefined
        ? {}
        : {
            lastEvents: async (question, signal) => {
              const { lastEvents } = await import('./snapshot/last-events.ts')
              return lastEvents(history.handlers['history.query'], ports.codec, question, signal)
            },
          }),
    }),
    'logs.targets': createLogTargets({ clusters: registry, ports }),
    'logs.follow': createLogsFollow({ clusters: registry, ports }),
    'tree.watch': createTreeWatch({ clusters: registry, ports }),
  }

  return {
    handlers,
    clusters: registry,
    hosting,
    async dispose() {
      gate.dispose()
      await notify.dispose()
      await playground.dispose()
      await handOver.dispose()
      await hosting.dispose()
      // Before what it listens to: the end of watching is part of what happened.
      await history.dispose()
      await drift.dispose()
      await repositories.dispose()
      await registry.dispose()
      await settings.dispose()
    },
  }
}

/** The rest of long lists is read and drawn in the first seconds: comparing thousands of objects is in no such hurry. */
const calmMs = 3000

/** Subscribes once contexts and selection are known: a snapshot before that would look like a machine without contexts. */
function afterReady(
  registry: ContextRegistry,
  sink: { readonly isClosed: boolean; end(error?: unknown): void },
  subscribe: () => () => void,
): () => void {
  return openAfter(registry.ready, sink, subscribe)
}
