/**
 * history/: what happened, kept for as long as the user wants: recorded from rows, events, comparisons and Sluice's own actions, found again by query.
 * Owns what is worth an entry and when; must not know how entries are stored (event-store-port.ts) nor how they are shown. Semantics: flux-semantics
 * §2.14 (events, conditions), §1.4 and §1.5 (status.history).
 */
import type { CallContext, Handlers } from '../../../shared/contract/index.ts'
import type { AuditLine } from '../../../shared/model/audit.ts'
import type { DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { historyTypes } from '../../../shared/model/history.ts'
import type { HistoryQuery, HistoryRetention, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import type { Clusters, ClusterView } from '../clusters/view.ts'
import { localSink } from '../local-sink.ts'
import type { Dispose, Ports } from '../ports.ts'
import { actionEntry } from './action-entries.ts'
import { ClusterRecorder } from './cluster-recorder.ts'
import { createStoreChecks } from './check-store.ts'
import { CommitEntries } from './commit-entries.ts'
import type { CommitEntriesDeps } from './commit-entries.ts'
import { DriftEntries } from './drift-entries.ts'
import type { EventStore } from './event-store-port.ts'
import { forgetClusters } from './forget-clusters.ts'
import { createJournal } from './journal.ts'
import { createRenderKeeper } from './renders.ts'
import type { RenderKeeper } from './renders.ts'
import { createLazyHandlers } from '../lazy-handlers.ts'
import type { CompareProcedure } from './compare-procedures.ts'
import { withDriftFields } from './drift-details.ts'
import { ReachEntries } from './reach-entries.ts'
import type { TraceDeps } from './trace.ts'
import type { TraceProcedure } from './trace-procedures.ts'

export type HistoryProcedure =
  | TraceProcedure
  | CompareProcedure
  | 'history.query'
  | 'history.buckets'
  | 'history.changes'
  | 'history.state'
  | 'history.forget'
  | 'history.checkAudit'

export interface HistoryDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'logger' | 'store' | 'codec' | 'environment' | 'shell' | 'releases'>
  readonly store: EventStore
  readonly clusters: Clusters
  /** False: a host that asks and acts, and ends. What it does is recorded, clusters are not. */
  readonly isRecording: boolean
  /** Of the comparison with Git. */
  readonly drift: Pick<Handlers, 'drift.objects' | 'drift.owners'> & Partial<Pick<Handlers, 'drift.fields'>>
  readonly findCommit: CommitEntriesDeps['find']
  readonly findLog?: NonNullable<CommitEntriesDeps['log']>
  readonly findOrigin: TraceDeps['findOrigin']
  /** The user allows a host or credentials for a cluster. */
  readonly watchAllowed?: (listener: (cluster: ClusterId) => void) => Promise<Dispose>
}

export interface History {
  readonly handlers: Pick<Handlers, HistoryProcedure>
  recordAction(entry: AuditEntry): void
  /** Into the chain of actions; rejects where it cannot be written. */
  appendAudit(line: AuditLine): Promise<void>
  /** How long entries are kept; `isAtOnce`: what is kept longer goes now. */
  retain(retention: HistoryRetention, isAtOnce: boolean): void
  /** What an owner wants its cluster to be, as it was rendered: kept if it is news. */
  keepRender(...rendered: Parameters<RenderKeeper['keep']>): Promise<void>
  dispose(): Promise<void>
}

/** A range is drawn in columns; more than the widest window has are never asked for. */
const maxBuckets = 2000
/** Windows that look are told at most so often that there is something new. */
const tellMs = 250
/** So long a question waits for what is on its way: in a storm that never ends. */
const maxFlushMs = 1000

export function createHistory({
  ports,
  store,
  clusters,
  drift,
  findCommit,
  findLog,
  findOrigin,
  watchAllowed,
  isRecording,
}: HistoryDeps): History {
  const { clock } = ports
  const checks = isRecording ? createStoreChecks(store, ports, () => lookForNewFile()) : null
  /** Of how many are on disk. Not of which: in a storm nobody wants them all back from there. */
  const addedListeners = new Set<(count: number) => void>()
  const journal = createJournal({
    ...ports,
    store: {
      async append(entries) {
        checks?.noteWork()
        const { added, merged } = await store.append(entries)
        for (const listener of addedListeners) listener(added + merged)
        return { added, merged }
      },
    },
  })
  const renders = createRenderKeeper({
    store,
    ports,
    write: async (entries) => {
      journal.write(entries)
      await journal.flush()
    },
  })
  /** Of a file that was set aside; '' if there was none. Before anything is written. */
  let note = ''
  let isSetAside = isRecording
    ? store.state().then(
        (state) => {
          note = state.note
          return note !== ''
        },
        () => false,
      )
    : Promise.resolve(false)
  const recorders = new Map<ClusterView, ClusterRecorder>()
  const reach = new Map<ClusterView, ReachEntries>()
  const stops: Dispose[] = []
  const controller = new AbortController()
  const call: CallContext = { signal: controller.signal, client: 'window' }
  const found = new DriftEntries()
  const commits = new CommitEntries({
    clock,
    clusters,
    find: findCommit,
    ...(findLog === undefined ? {} : { log: findLog }),
    isKept: async (cluster, revision) => {
      const query = { clusters: [cluster], types: ['commit'] as const, commits: [revision] }
      return (await store.query(query, { limit: 1, after: null }, controller.signal)).entries.length > 0
    },
    write: (entries) => journal.write(entries),
  })

  const toldUntil = async (cluster: string): Promise<number> => {
    const query = { clusters: [cluster], types: ['session', 'status', 'run', 'gate', 'object'] as const }
    const page = await store.query(query, { limit: 1, after: null }, controller.signal).catch(() => null)
    return Math.min(page?.entries[0]?.at ?? 0, clock.now())
  }

  const follow = (): void => {
    const views = new Set(clusters.views())
    for (const [view, recorder] of recorders)
      if (!views.has(view)) {
        recorders.delete(view)
        reach.get(view)?.stop()
        reach.delete(view)
        void recorder.stop()
      }
    for (const view of views) {
      reach.get(view)?.look()
      if (recorders.has(view)) continue
      const recorder = new ClusterRecorder({
        view,
        journal,
        ports,
        isSetAside,
        toldUntil: () => toldUntil(view.id),
        ran: (owner, revision, isBackfilled) => commits.ran(owner, revision, isBackfilled),
        fetched: (source, revision, before, isBackfilled) => commits.fetched(source, revision, before, isBackfilled),
      })
      recorders.set(view, recorder)
      reach.set(view, new ReachEntries(view, clock, (entries) => journal.write(entries)))
      recorder.start().catch((error: unknown) => {
        ports.logger.log('error', 'a cluster is not recorded', { cluster: view.id, error: String(error) })
      })
    }
  }
  /** Where the file was set aside since: what the clusters still know goes into the new one. */
  const lookForNewFile = async (): Promise<void> => {
    const state = await store.state()
    if (state.note === note || controller.signal.aborted) return
    note = state.note
    isSetAside = Promise.resolve(true)
    const old = [...recorders.values()]
    recorders.clear()
    for (const each of reach.values()) each.stop()
    reach.clear()
    commits.forget()
    await Promise.all(old.map((recorder) => recorder.stop()))
    if (controller.signal.aborted) return
    writeDrift(found.retell(clock.now()))
    follow()
  }
  // One after another: thousands may be found at a start.
  let details = Promise.resolve()
  const writeDrift = (entries: readonly NewHistoryEntry[]): void => {
    for (const entry of entries)
      details = details.then(async () => {
        if (controller.signal.aborted) return
        journal.write([await withDriftFields(entry, { clusters, fieldsOf: drift['drift.fields'], call })])
      })
  }
  if (isRecording) {
    stops.push(clusters.watch(follow))
    follow()
    stops.push(
      drift['drift.objects'](
        {},
        localSink<DriftObject>((upsert, remove) => writeDrift(found.takeObjects(upsert, remove, clock.now()))),
        call,
      ),
      drift['drift.owners'](
        {},
        localSink<DriftOwner>((upsert) => commits.takeOwners(upsert)),
        call,
      ),
    )
  }
  const watching = isRecording ? watchAllowed?.((cluster) => commits.allowed(cluster)) : undefined
  watching?.catch((error: unknown) => {
    ports.logger.log('warn', 'consents are not watched', { error: String(error) })
  })

  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = clock.after(maxFlushMs, resolve)
      void journal.flush().then(resolve, reject).finally(stop)
    })
  const tracing = createLazyHandlers<TraceProcedure>(async () => {
    const { createTraceProcedures } = await import('./trace-procedures.ts')
    return createTraceProcedures({ ports, store, clusters, flush, findCommit, findOrigin })
  })
  const comparing = createLazyHandlers<CompareProcedure>(async () => {
    const { createCompareProcedures } = await import('./compare-procedures.ts')
    return createCompareProcedures({ clock, store, clusters, flush })
  })

  const handlers: History['handlers'] = {
    'history.compare': comparing.call('history.compare'),
    'history.compareTexts': comparing.call('history.compareTexts'),
    'history.asItWas': comparing.call('history.asItWas'),
    'history.bands': comparing.call('history.bands'),
    'trace.watch': tracing.stream('trace.watch', null),
    'history.where': tracing.call('history.where'),
    'history.report': tracing.call('history.report'),
    'history.saveReport': tracing.call('history.saveReport'),
    'history.query': async ({ query, limit, after }, { signal }) => {
      checks?.noteWork()
      await flush()
      return store.query(narrow(query), { limit, after }, signal)
    },
    'history.buckets': async ({ query, from, until, count }, { signal }) => {
      if (until <= from) throw new SluiceError('InvalidInput', 'The range ends before it begins.')
      return {
        buckets: await store.buckets(narrow(query), { from, until, count: Math.min(count, maxBuckets) }, signal),
      }
    },
    'history.changes': (_input, sink) => {
      let timer: Dispose | null = null
      let added = 0
      const listen = (count: number): void => {
        added += count
        timer ??= clock.after(tellMs, () => {
          timer = null
          sink.push([{ key: 'changes', added }])
        })
      }
      addedListeners.add(listen)
      sink.push([{ key: 'changes', added }])
      sink.ready()
      return () => {
        addedListeners.delete(listen)
        timer?.()
      }
    },
    'history.state': () => store.state(),
    'history.forget': async ({ clusters: forgotten }, { signal }) => {
      // What waits to be written happened, too.
      await journal.flush()
      await forgetClusters(store, ports, forgotten, signal)
      return null
    },
    'history.checkAudit': (_input, { signal }) => store.verifyAudit(signal),
  }

  return {
    handlers,
    keepRender: (view, owner, set) => renders.keep(view, owner, set),
    recordAction(entry) {
      journal.write([actionEntry(entry, clock.now(), ports.environment.userName)])
    },
    appendAudit: (line) => store.appendAudit([line]),
    retain: (retention, isAtOnce) => void store.setRetention(retention, isAtOnce),
    async dispose() {
      controller.abort()
      commits.dispose()
      checks?.dispose()
      for (const stop of stops) stop()
      const stopWatching = await watching?.catch(() => null)
      stopWatching?.()
      for (const each of reach.values()) each.stop()
      await details
      await Promise.all([...recorders.values()].map((recorder) => recorder.stop()))
      await journal.close()
      await store.close()
    },
  }
}

/** What zod leaves undefined is not there. Renders tell nothing that happened: they are found where they are asked for. */
const toldTypes = historyTypes.filter((type) => type !== 'render')

function narrow(query: { readonly [K in keyof HistoryQuery]: HistoryQuery[K] | undefined }): HistoryQuery {
  return { types: toldTypes, ...Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) }
}
