/** Live copies of one kind in one namespace, shared between those who look at it and closed some time after the last one leaves. */
import { SluiceError } from '../../../shared/model/errors.ts'
import { resourcePath } from '../clusters/view.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import type { Clock, Dispose, KubeClient, Logger, Random } from '../ports.ts'
import type { Member } from './kind-informer.ts'
import { ListWatch } from './list-watch.ts'
import type { ListWatchSink } from './list-watch.ts'
import { ObjectStore, objectNameOf } from './object-store.ts'

export interface KindChange {
  readonly isSnapshot: boolean
  readonly upsert: readonly KubeObject[]
  readonly remove: readonly KubeObject[]
  readonly error: unknown
}

export interface SharedWatchDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly members: () => readonly Member[]
  readonly served: (group: string, kind: string) => ServedResource | null
}

interface WatchOptions {
  readonly labelSelector?: string
  /** False: objects are told of and forgotten, those of the list too; nothing is told of deletions. Not shared. */
  readonly isKept?: boolean
}

const lingerMs = 30_000
const batchMs = 25
/** Of what is not kept so many are told together: a storm brings thousands in that time, and whoever hears of them is to yield in between. */
const maxPassing = 200

interface Watcher {
  readonly listener: (change: KindChange) => void
  /** The snapshot has been told: changes may follow. */
  isTold: boolean
}

class SharedWatch {
  readonly watchers = new Set<Watcher>()
  linger: Dispose | null = null
  readonly #deps: SharedWatchDeps
  readonly #group: string
  readonly #kind: string
  readonly #namespace: string
  readonly #labelSelector: string
  /** null: objects pass. */
  readonly #store: ObjectStore<KubeObject> | null
  readonly #refused = new Set<string>()
  #run: ListWatch | null = null
  #isComplete = false
  #error: SluiceError | null = null
  #upsert = new Map<string, KubeObject>()
  #remove = new Map<string, KubeObject>()
  #timer: Dispose | null = null

  constructor(
    deps: SharedWatchDeps,
    group: string,
    kind: string,
    namespace: string,
    { labelSelector = '', isKept = true }: WatchOptions,
  ) {
    this.#deps = deps
    this.#labelSelector = labelSelector
    this.#group = group
    this.#kind = kind
    this.#namespace = namespace
    this.#store = !isKept
      ? null
      : new ObjectStore<KubeObject>({
          archive: null,
          pack: () => '',
          summarise: (object) => this.#complete(object),
          onUpsert: (name, object) => {
            this.#remove.delete(name)
            this.#upsert.set(name, object)
            this.#schedule()
          },
          onRemove: (name, object) => {
            this.#upsert.delete(name)
            this.#remove.set(name, object)
            this.#schedule()
          },
        })
    this.start()
  }

  start(): void {
    if (this.#run !== null) {
      this.#run.kick()
      return
    }
    const first = this.#deps.served(this.#group, this.#kind)
    if (first === null) {
      this.#fail(
        new SluiceError('ResourceNotServed', `${this.#kind} (${this.#group || 'core'}) is not served by this cluster`),
      )
      return
    }
    const { clock, random, logger } = this.#deps
    const resource = (): ServedResource => this.#deps.served(this.#group, this.#kind) ?? first
    const sink = this.#store?.sink(null) ?? this.#passingSink()
    this.#run = new ListWatch({
      clock,
      random,
      logger,
      title: this.#namespace === '' ? this.#kind : `${this.#kind} in ${this.#namespace}`,
      path: () => resourcePath(resource(), this.#namespace),
      ...(this.#labelSelector === '' ? {} : { query: `labelSelector=${encodeURIComponent(this.#labelSelector)}` }),
      sink: {
        ...sink,
        listed: () => {
          sink.listed()
          this.#isComplete = true
          this.#error = null
          this.#schedule()
        },
      },
      client: () => this.#member()?.client ?? null,
      onState: (state) => {
        if ('error' in state) this.#fail(state.error)
      },
      onLost: (client, error) => {
        this.#memberOf(client)?.lost(error)
      },
      onSeen: (client) => {
        this.#memberOf(client)?.seen()
      },
      onForbidden: (client) => {
        const member = this.#memberOf(client)
        if (member === null) return false
        this.#refused.add(member.context)
        return this.#deps.members().some((other) => !this.#refused.has(other.context))
      },
    })
  }

  stop(): void {
    this.#run?.stop()
    this.#timer?.()
    this.linger?.()
  }

  /** Tells a newcomer what is known, in a later turn. */
  tell(watcher: Watcher): void {
    this.#deps.clock.after(0, () => {
      if (!this.watchers.has(watcher)) return
      if (this.#error !== null) watcher.listener({ isSnapshot: false, upsert: [], remove: [], error: this.#error })
      // What passes is told first: the snapshot says that it was all.
      if (this.#store === null) this.#flush()
      else if (this.#isComplete) this.#tellSnapshot(watcher)
    })
  }

  #tellSnapshot(watcher: Watcher): void {
    if (watcher.isTold) return
    watcher.isTold = true
    const upsert = [...(this.#store?.entries.values() ?? [])].map((entry) => entry.summary)
    watcher.listener({ isSnapshot: true, upsert, remove: [], error: null })
  }

  #flush(): void {
    const isPassing = this.#store === null
    if (!this.#isComplete && !isPassing) return
    const upsert = [...this.#upsert.values()]
    const remove = [...this.#remove.values()]
    this.#upsert = new Map()
    this.#remove = new Map()
    for (const watcher of this.watchers) {
      if ((watcher.isTold || isPassing) && (upsert.length > 0 || remove.length > 0))
        watcher.listener({ isSnapshot: false, upsert, remove, error: null })
      if (this.#isComplete) this.#tellSnapshot(watcher)
    }
  }

  #passingSink(): ListWatchSink {
    const tell = (object: KubeObject): void => {
      if (typeof object.metadata.name !== 'string') return
      this.#upsert.set(objectNameOf(object), this.#complete(object))
      if (this.#upsert.size >= maxPassing) this.#flush()
      else this.#schedule()
    }
    const nothing = (): void => undefined
    return { begin: nothing, item: tell, pageEnd: nothing, listed: nothing, changed: tell, deleted: nothing }
  }

  #fail(error: SluiceError): void {
    this.#error = error
    this.#deps.clock.after(0, () => {
      for (const watcher of this.watchers) watcher.listener({ isSnapshot: false, upsert: [], remove: [], error })
    })
  }

  #schedule(): void {
    this.#timer ??= this.#deps.clock.after(this.#isComplete && this.#upsert.size > 0 ? batchMs : 0, () => {
      this.#timer = null
      this.#flush()
    })
  }

  /** Items of built-in lists carry neither apiVersion nor kind. */
  #complete(object: KubeObject): KubeObject {
    if (typeof object.kind === 'string' && typeof object.apiVersion === 'string') return object
    return completeObject(object, this.#deps.served(this.#group, this.#kind), this.#group, this.#kind)
  }

  #member(): Member | null {
    const members = this.#deps.members()
    return members.find((member) => !this.#refused.has(member.context)) ?? members[0] ?? null
  }

  #memberOf(client: KubeClient): Member | null {
    return this.#deps.members().find((member) => member.client === client) ?? null
  }
}

/** `object` with the apiVersion and kind that lists of built-in kinds leave out. */
export function completeObject(
  object: KubeObject,
  resource: Pick<ServedResource, 'version'> | null,
  group: string,
  kind: string,
): KubeObject {
  const version = resource?.version ?? 'v1'
  return { ...object, apiVersion: group === '' ? version : `${group}/${version}`, kind }
}

export class SharedWatches {
  readonly #deps: SharedWatchDeps
  readonly #watches = new Map<string, SharedWatch>()
  #passing = 0

  constructor(deps: SharedWatchDeps) {
    this.#deps = deps
  }

  watch(
    group: string,
    kind: string,
    namespace: string,
    listener: (change: KindChange) => void,
    options: WatchOptions = {},
  ): Dispose {
    const { labelSelector = '', isKept = true } = options
    // What is not kept cannot be told to the next.
    const key = `${group}/${kind}|${namespace}|${labelSelector}${isKept ? '' : `|${(this.#passing += 1)}`}`
    let shared = this.#watches.get(key)
    if (shared === undefined) {
      shared = new SharedWatch(this.#deps, group, kind, namespace, options)
      this.#watches.set(key, shared)
    }
    const watch = shared
    watch.linger?.()
    watch.linger = null
    const watcher: Watcher = { listener, isTold: false }
    watch.watchers.add(watcher)
    watch.tell(watcher)
    return () => {
      if (!watch.watchers.delete(watcher) || watch.watchers.size > 0) return
      const end = (): void => {
        watch.stop()
        if (this.#watches.get(key) === watch) this.#watches.delete(key)
      }
      if (isKept) watch.linger = this.#deps.clock.after(lingerMs, end)
      else end()
    }
  }

  /** Members or served kinds changed. */
  kick(): void {
    for (const watch of this.#watches.values()) watch.start()
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.stop()
    this.#watches.clear()
  }
}
