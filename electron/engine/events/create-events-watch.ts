/**
 * events/: `events.watch`: what the cluster says of its objects, live: of all selected clusters, or of one object and what it owns. Keeps
 * nothing beyond what the API server keeps; history is another folder's. Semantics: events.k8s.io, flux-semantics §2.14 (events).
 */
import type { Handlers, StreamSink } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import type { EventRow, TreeNode } from '../../../shared/model/rows.ts'
import { notSelectedError } from '../clusters/not-selected.ts'
import { isSilent } from '../clusters/view.ts'
import type { Clusters, ClusterView, KubeObject } from '../clusters/view.ts'
import type { Dispose } from '../ports.ts'
import { TreeWatcher } from '../tree/tree-watcher.ts'
import type { TreePorts } from '../tree/tree-watcher.ts'
import { EventFeeds } from './event-feeds.ts'
import { readEvent } from './event-row.ts'
import type { ReadEvent } from './event-row.ts'
import { EventTable } from './event-table.ts'

const batchMs = 200
const readyDeadlineMs = 3000
/** Events taken between two looks at the clock, and how long a slice may last. */
const taskSize = 200
const sliceMs = 8
/** One feed over the whole cluster replaces this many feeds over single namespaces. */
const maxNamespaces = 8
/** Where the cluster-wide list is refused, the namespaces of Flux objects are looked at, at most this many. */
const maxFallbackNamespaces = 30

/** A cluster that has not answered by then is shown with what it said before. */
const silenceMs = 600

export interface LastEventsQuestion {
  readonly cluster: ClusterId
  /** Events of this object and of what it owns; null: all. */
  readonly ref: ObjectRef | null
  readonly limit: number
}

export interface EventDeps {
  readonly clusters: Clusters
  readonly ports: TreePorts
  /** Events as they were last seen. Absent where nothing is kept. */
  readonly lastEvents?: (question: LastEventsQuestion, signal: AbortSignal) => Promise<readonly EventRow[]>
}

export function createEventsWatch(deps: EventDeps): Handlers['events.watch'] {
  return ({ ref, limit }, sink) => {
    if (ref === undefined) {
      const watcher = new EventWatcher(deps, sink, limit)
      watcher.watchClusters()
      return () => {
        watcher.stop()
      }
    }
    const view = deps.clusters.view(ref.cluster)
    if (view === null) {
      sink.end(notSelectedError(ref))
      return () => undefined
    }
    const watcher = new EventWatcher(deps, sink, limit)
    watcher.watchObject(view, ref)
    return () => {
      watcher.stop()
    }
  }
}

class EventWatcher {
  readonly #deps: EventDeps
  readonly #sink: StreamSink<EventRow>
  readonly #table: EventTable
  readonly #feeds = new Map<ClusterView, EventFeeds>()
  readonly #refused = new Set<ClusterView>()
  /** Events that were not ours when they came, by view: a tree grows after its events have arrived. */
  readonly #others = new Map<ClusterView, Map<string, ReadEvent>>()
  /** Keys of rows that were seen before the cluster fell silent. */
  readonly #lastSeen = new Map<ClusterView, ReadonlySet<string>>()
  readonly #askedBefore = new WeakSet<ClusterView>()
  readonly #abort = new AbortController()
  readonly #limit: number
  readonly #filters = new Map<ClusterView, (event: ReadEvent) => boolean>()
  readonly #stops: Dispose[] = []
  readonly #tasks: (() => void)[] = []
  #stopDrain: Dispose | null = null
  #timer: Dispose | null = null
  #isReady = false
  #isStopped = false

  constructor(deps: EventDeps, sink: StreamSink<EventRow>, limit: number) {
    this.#deps = deps
    this.#sink = sink
    this.#limit = limit
    this.#table = new EventTable({ limit, codec: deps.ports.codec })
    this.#stops.push(
      deps.ports.clock.after(readyDeadlineMs, () => {
        this.#flush()
        this.#becomeReady()
      }),
    )
  }

  watchClusters(): void {
    const follow = (): void => {
      const views = new Set(this.#deps.clusters.views())
      for (const [view, feeds] of this.#feeds)
        if (!views.has(view)) {
          feeds.stop()
          this.#feeds.delete(view)
          this.#refused.delete(view)
          this.#dropLastSeen(view)
          this.#table.removeWhere((event) => event.involved.cluster === view.id)
        }
      for (const view of views) if (!this.#feeds.has(view)) this.#openAll(view)
      this.#schedule()
    }
    this.#stops.push(this.#deps.clusters.watch(follow))
    follow()
  }

  /** Events of the object and of every member of its tree, in the namespaces where these live. */
  watchObject(view: ClusterView, ref: ObjectRef): void {
    const members = new Map<string, ObjectRef>()
    const name = (each: ObjectRef): string => `${each.kind}|${each.namespace}/${each.name}`
    members.set(name(ref), ref)
    const isOurs = (event: ReadEvent): boolean => {
      const member = members.get(name(event.involved))
      return member !== undefined && (event.involved.group === '' || event.involved.group === member.group)
    }
    const feeds = this.#open(view, isOurs)
    const follow = (): void => {
      const namespaces = new Set([...members.values()].map((each) => each.namespace || 'default'))
      const isMany = namespaces.size > maxNamespaces && !this.#refused.has(view)
      feeds.watch(isMany ? new Set(['']) : namespaces)
    }
    const tree = new TreeWatcher(view, ref, this.#deps.ports, {
      changed: (upsert: readonly TreeNode[]) => {
        for (const node of upsert) members.set(name(node.ref), node.ref)
        // Members that went stay: their last events are those that one wants to read.
        follow()
        this.#reread(view)
        this.#schedule()
      },
      ready: () => undefined,
    })
    this.#stops.push(
      () => {
        tree.stop()
      },
      this.#deps.clusters.watch(() => {
        if (this.#deps.clusters.view(ref.cluster) === view) return
        this.stop()
        this.#sink.end(notSelectedError(ref))
      }),
    )
    follow()
    tree.start()
    this.#showLastSeen(view, ref)
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#abort.abort()
    this.#timer?.()
    this.#stopDrain?.()
    for (const stop of this.#stops) stop()
    for (const feeds of this.#feeds.values()) feeds.stop()
  }

  #openAll(view: ClusterView): void {
    this.#open(view, () => true).watch(new Set(['']))
    this.#showLastSeen(view, null)
  }

  /** What was seen before, of a cluster that stays silent. */
  #showLastSeen(view: ClusterView, ref: ObjectRef | null): void {
    const { lastEvents, ports } = this.#deps
    if (lastEvents === undefined) return
    const isOver = (): boolean => this.#isStopped || this.#feeds.get(view)?.isAnswered !== false || !isSilent(view)
    const show = async (): Promise<void> => {
      if (isOver()) return
      const rows = await lastEvents({ cluster: view.id, ref, limit: this.#limit }, this.#abort.signal)
      if (isOver()) return
      this.#lastSeen.set(view, new Set(rows.map(({ key }) => key)))
      this.#sink.push(rows)
    }
    this.#stops.push(
      ports.clock.after(silenceMs, () => {
        show()
          .catch((error: unknown) => {
            ports.logger.log('info', 'no events of before', { cluster: view.id, error: String(error) })
          })
          .finally(() => {
            this.#askedBefore.add(view)
            this.#schedule()
          })
      }),
    )
  }

  /** The cluster has answered: what it no longer knows goes. */
  #dropLastSeen(view: ClusterView): void {
    const keys = this.#lastSeen.get(view)
    if (keys === undefined) return
    this.#lastSeen.delete(view)
    this.#flush()
    this.#sink.push(
      [],
      [...keys].filter((key) => !this.#table.isShown(key)),
    )
  }

  #open(view: ClusterView, isOurs: (event: ReadEvent) => boolean): EventFeeds {
    const others = new Map<string, ReadEvent>()
    this.#others.set(view, others)
    this.#filters.set(view, isOurs)
    const take = (object: KubeObject): void => {
      // The cluster may have gone while its events waited for their turn.
      if (this.#feeds.get(view) !== feeds) return
      const event = readEvent(object, view.id)
      if (event === null) return
      if (isOurs(event)) this.#table.upsert(event)
      else others.set(event.id, event)
    }
    const feeds = new EventFeeds(view, {
      changed: (upsert, remove) => {
        for (let start = 0; start < upsert.length; start += taskSize) {
          const part = upsert.slice(start, start + taskSize)
          this.#enqueue(() => {
            part.forEach(take)
          })
        }
        this.#enqueue(() => {
          for (const object of remove) {
            const event = readEvent(object, view.id)
            if (event === null) continue
            others.delete(event.id)
            this.#table.remove(view.id, event.id)
          }
          this.#schedule()
        })
      },
      restarted: (namespace) => {
        this.#enqueue(() => {
          const isThere = (event: ReadEvent): boolean =>
            namespace === '' || (event.involved.namespace || 'default') === namespace
          this.#table.removeWhere((event) => event.involved.cluster === view.id && isThere(event))
          for (const [id, event] of others) if (isThere(event)) others.delete(id)
        })
      },
      settled: () => {
        this.#enqueue(() => {
          this.#settle(view, feeds)
        })
      },
    })
    this.#feeds.set(view, feeds)
    return feeds
  }

  /** A cluster's snapshot may be tens of thousands of events: they are taken in order, in slices. */
  #enqueue(task: () => void): void {
    this.#tasks.push(task)
    if (this.#tasks.length === 1) this.#drain()
  }

  #drain(): void {
    const { clock } = this.#deps.ports
    const startedAt = clock.monotonicMs()
    while (this.#tasks.length > 0 && !this.#isStopped) {
      if (clock.monotonicMs() - startedAt > sliceMs) {
        this.#stopDrain = clock.after(0, () => {
          this.#drain()
        })
        return
      }
      this.#tasks[0]?.()
      this.#tasks.shift()
    }
  }

  #reread(view: ClusterView): void {
    const others = this.#others.get(view)
    const isOurs = this.#filters.get(view)
    if (others === undefined || isOurs === undefined) return
    for (const [id, event] of others)
      if (isOurs(event)) {
        others.delete(id)
        this.#table.upsert(event)
      }
  }

  #settle(view: ClusterView, feeds: EventFeeds): void {
    if (feeds.isAnswered) this.#dropLastSeen(view)
    // A cluster that has not answered yet refuses nothing.
    const refusal = isSilent(view) ? null : feeds.refusal
    if (refusal !== null && !this.#refused.has(view)) {
      this.#refused.add(view)
      // The whole cluster is refused: its Flux namespaces may not be.
      const namespaces = new Set<string>()
      for (const row of view.rows()) if (namespaces.size < maxFallbackNamespaces) namespaces.add(row.ref.namespace)
      namespaces.delete('')
      if (namespaces.size > 0) {
        feeds.watch(namespaces)
        return
      }
    }
    if (refusal !== null && this.#isRefusedEverywhere()) {
      this.stop()
      this.#sink.end(toError(refusal))
      return
    }
    this.#schedule()
  }

  #isRefusedEverywhere(): boolean {
    return [...this.#feeds].every(([view, feeds]) => feeds.refusal !== null && !isSilent(view))
  }

  #schedule(): void {
    if (this.#isStopped) return
    this.#timer ??= this.#deps.ports.clock.after(batchMs, () => {
      this.#timer = null
      this.#flush()
      if (this.#tasks.length === 0 && [...this.#feeds].every((each) => this.#isSettled(...each))) this.#becomeReady()
    })
  }

  /** Of a silent cluster what was seen before is waited for. */
  #isSettled(view: ClusterView, feeds: EventFeeds): boolean {
    const isAwaited = this.#deps.lastEvents !== undefined && !feeds.isAnswered && isSilent(view)
    return feeds.isSettled && (!isAwaited || this.#askedBefore.has(view))
  }

  #flush(): void {
    const { upsert, remove } = this.#table.takeChanges()
    if (upsert.length > 0 || remove.length > 0) this.#sink.push(upsert, remove)
  }

  #becomeReady(): void {
    if (this.#isReady || this.#isStopped) return
    this.#isReady = true
    this.#sink.ready()
  }
}

function toError(data: SluiceErrorData): SluiceError {
  return new SluiceError(data.code, data.message, { remedy: data.remedy, detail: data.detail, retry: data.retry })
}
