/**
 * detail/: one object as its page shows it: `object.watch` (live) and `object.yaml`. Knows no permissions and no gates of its own: what
 * the user may do and what Git does to the gate are given to it. Semantics: flux-semantics §1, §2.14, §3.2.
 */
import type { Handlers, StreamSink } from '../../../shared/contract/index.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { Access, ObjectDetail } from '../../../shared/model/detail.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { notSelectedError } from '../clusters/not-selected.ts'
import type { Clusters, ClusterView, KubeObject } from '../clusters/view.ts'
import type { Dispose, Ports } from '../ports.ts'
import type { KnownObject } from '../tree/build-tree.ts'
import { LiveObjects } from '../tree/live-objects.ts'
import { buildDetail } from './build-detail.ts'

const batchMs = 100
/** Access reviews are kept this long; also lets time-dependent states move. */
const refreshMs = 60_000
const readAgainMs = 10_000

export interface DetailDeps {
  readonly clusters: Clusters
  readonly ports: Pick<Ports, 'clock'>
  accessOf(ref: ObjectRef, signal?: AbortSignal): Promise<ObjectDetail['access']>
  gateNoteOf(ref: ObjectRef, object: KubeObject): string
}

const asking: Access = { isAllowed: false, reason: 'Asking the API server' }
const initialAccess: ObjectDetail['access'] = { suspend: asking, resume: asking, reconcile: asking, logs: asking }

/** One item, told again on each change of the object, of what it is linked to, and of what the user may do. */
export function createObjectWatch(deps: DetailDeps): Handlers['object.watch'] {
  return ({ ref }, sink) => {
    const view = deps.clusters.view(ref.cluster)
    if (view === null) {
      sink.end(notSelectedError(ref))
      return () => undefined
    }
    const watcher = new DetailWatcher(deps, view, ref, sink)
    const stopClusters = deps.clusters.watch(() => {
      // Contexts that come and go change what the user may do.
      if (deps.clusters.view(ref.cluster) === view) {
        watcher.askAccess()
        return
      }
      stop()
      sink.end(notSelectedError(ref))
    })
    const stop = (): void => {
      stopClusters()
      watcher.stop()
    }
    watcher.start()
    return stop
  }
}

class DetailWatcher {
  readonly #deps: DetailDeps
  readonly #view: ClusterView
  readonly #ref: ObjectRef
  readonly #key: string
  readonly #sink: StreamSink<ObjectDetail>
  readonly #live: LiveObjects
  readonly #abort = new AbortController()
  readonly #stops: Dispose[] = []
  #parsed: { row: FluxRow; object: KubeObject | null } | null = null
  /** The object of a snapshot; null: not asked for. */
  #before: { readonly at: number; known: KnownObject } | null = null
  #access = initialAccess
  #isAsking = false
  #timer: Dispose | null = null
  #told = ''
  #isReady = false
  #gateTold: boolean | null = null

  constructor(deps: DetailDeps, view: ClusterView, ref: ObjectRef, sink: StreamSink<ObjectDetail>) {
    this.#deps = deps
    this.#view = view
    this.#ref = ref
    this.#key = refKey(ref)
    this.#sink = sink
    this.#live = new LiveObjects({
      view,
      isCached: () => (this.#parsed?.object ?? null) !== null,
      onChange: () => {
        this.#schedule()
      },
    })
  }

  start(): void {
    this.#stops.push(
      this.#view.watchRows((change) => {
        // Links, dependents and blockers may be any Flux object: what did not change is not told again.
        if (change.upsert.length > 0 || change.remove.length > 0) this.#schedule()
      }),
    )
    this.#repeat(refreshMs, () => {
      this.askAccess()
      this.#schedule()
    })
    this.#repeat(readAgainMs, () => {
      this.#live.refresh(() => false)
    })
    this.askAccess()
    this.#tell()
  }

  stop(): void {
    this.#abort.abort()
    this.#timer?.()
    this.#timer = () => undefined
    for (const stop of this.#stops) stop()
    this.#live.stop()
  }

  askAccess(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    void this.#deps
      .accessOf(this.#ref, this.#abort.signal)
      .then(
        (access) => {
          this.#access = access
        },
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error)
          const denied: Access = { isAllowed: false, reason }
          this.#access = { suspend: denied, resume: denied, reconcile: denied, logs: denied }
        },
      )
      .finally(() => {
        this.#isAsking = false
        this.#schedule()
      })
  }

  #repeat(ms: number, callback: () => void): void {
    let cancel: Dispose = () => undefined
    const arm = (): void => {
      cancel = this.#deps.ports.clock.after(ms, () => {
        callback()
        arm()
      })
    }
    arm()
    this.#stops.push(() => {
      cancel()
    })
  }

  #schedule(): void {
    if (this.#abort.signal.aborted) return
    this.#timer ??= this.#deps.ports.clock.after(batchMs, () => {
      this.#timer = null
      this.#tell()
    })
  }

  #tell(): void {
    const known = this.#known()
    const detail = buildDetail(this.#view, this.#ref, {
      known,
      access: this.#access,
      gateNote: known.state === 'known' ? this.#deps.gateNoteOf(this.#ref, known.object) : '',
      now: this.#deps.ports.clock.now(),
    })
    this.#live.want({
      wanted: this.#view.served(this.#ref.group, this.#ref.kind) === null ? [] : [this.#ref],
      wantedOwned: [],
    })
    if (known.state === 'pending') return
    const text = JSON.stringify(detail)
    if (text !== this.#told) {
      // Suspended or resumed: what may be done next has changed.
      const isGateMoved = this.#isReady && detail.row?.isSuspended !== this.#gateTold
      this.#told = text
      this.#gateTold = detail.row?.isSuspended ?? null
      this.#sink.push([detail])
      if (isGateMoved) this.askAccess()
    }
    if (!this.#isReady) {
      this.#isReady = true
      this.#sink.ready()
    }
  }

  #known(): KnownObject {
    const row = this.#view.row(this.#key)
    if (row !== null) {
      if (this.#parsed?.row !== row) this.#parsed = { row, object: this.#view.cached(this.#ref) }
      if (this.#parsed.object !== null) return { state: 'known', object: this.#parsed.object }
    } else {
      this.#parsed = null
    }
    const before = this.#knownBefore()
    if (before !== null) return before
    if (this.#view.served(this.#ref.group, this.#ref.kind) === null)
      return {
        state: 'failed',
        error: {
          code: 'ResourceNotServed',
          message: `The cluster does not serve ${this.#ref.kind}${this.#ref.group === '' ? '' : ` of ${this.#ref.group}`}`,
          remedy: 'Its CRD is not installed, or the cluster has not answered yet',
          detail: '',
          retry: 'transient',
        },
      }
    return this.#live.object(this.#ref)
  }

  /** The object as it was last seen, as long as the lists are what was last seen. */
  #knownBefore(): KnownObject | null {
    const { lastSeen } = this.#view
    if (lastSeen == null) {
      this.#before = null
      return null
    }
    if (this.#before?.at === lastSeen.at) return this.#before.known
    const before: { readonly at: number; known: KnownObject } = { at: lastSeen.at, known: { state: 'pending' } }
    this.#before = before
    void lastSeen
      .object(this.#ref)
      .catch(() => null)
      .then((object) => {
        before.known = object === null ? notKept(this.#ref) : { state: 'known', object }
        this.#schedule()
      })
    return before.known
  }
}

function notKept(ref: ObjectRef): KnownObject {
  return {
    state: 'failed',
    error: {
      code: 'NotConnected',
      message: `${ref.kind} ${refTitle(ref)} was not kept: it is shown once the cluster answers`,
      remedy: 'Lists and Flux objects are kept; what they own is kept as their trees showed it.',
      detail: '',
      retry: 'transient',
    },
  }
}
