/** A cluster in memory for engine tests: objects go in as YAML, the view behaves as clusters/view.ts says. No API server is imitated. */
import { toFluxRow } from '../../electron/engine/status/flux-row.ts'
import type {
  Clusters,
  ClusterView,
  KubeObject,
  RowChange,
  ServedResource,
} from '../../electron/engine/clusters/view.ts'
import type { Clock, Dispose, KubeClient, Logger } from '../../electron/engine/ports.ts'
import type { CallContext, StreamSink } from '../../shared/contract/index.ts'
import { fluxKind, fluxKinds } from '../../shared/flux/kinds.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { ErrorCode } from '../../shared/model/errors.ts'
import { refKey } from '../../shared/model/identity.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import type { ControllerRow, FluxRow, KindRow } from '../../shared/model/rows.ts'
import { fromYaml } from './status/yaml.ts'

/** Time that moves only when told to. */
export class ManualClock implements Clock {
  #now: number
  #timers: { at: number; callback: () => void }[] = []

  constructor(now = Date.parse('2026-09-16T10:00:00Z')) {
    this.#now = now
  }
  now(): number {
    return this.#now
  }
  monotonicMs(): number {
    return this.#now
  }
  after(ms: number, callback: () => void): Dispose {
    const timer = { at: this.#now + ms, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }
  /** Runs what is due within `ms`, with promises settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers = this.#timers.filter((each) => each !== next)
      next.callback()
      await settle()
    }
    this.#now = end
  }
  get pendingTimers(): number {
    return this.#timers.length
  }
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}

export const silentLogger: Logger = { log: () => undefined }

const coreKinds: readonly (readonly [string, string, string, boolean])[] = [
  ['', 'v1', 'Pod', true],
  ['', 'v1', 'Service', true],
  ['', 'v1', 'ConfigMap', true],
  ['', 'v1', 'Secret', true],
  ['', 'v1', 'Namespace', false],
  ['', 'v1', 'Event', true],
  ['apps', 'v1', 'Deployment', true],
  ['apps', 'v1', 'ReplicaSet', true],
  ['apps', 'v1', 'StatefulSet', true],
  ['batch', 'v1', 'Job', true],
  ['batch', 'v1', 'CronJob', true],
  ['rbac.authorization.k8s.io', 'v1', 'ClusterRole', false],
]

interface Watcher {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly listener: Parameters<ClusterView['watchKind']>[3]
}

export class MemoryCluster implements ClusterView, Clusters {
  readonly id: string
  readonly clock: ManualClock
  readonly objects = new Map<string, KubeObject>()
  /** `group/Kind` → error code of list and watch, `key` → error code of a GET. */
  readonly refusals = new Map<string, ErrorCode>()
  readonly opened: string[] = []
  readonly fetched: string[] = []
  controllerRows: ControllerRow[] = []
  kindRows: KindRow[] = []
  kubeClient: KubeClient | null = null
  isSelected = true
  /** False: what becomes of objects changes no row. */
  areRowsTold = true
  readonly #served = new Map<string, ServedResource>()
  readonly #watchers = new Set<Watcher>()
  readonly #rowListeners = new Set<(change: RowChange) => void>()
  readonly #objectListeners = new Set<(key: string, object: KubeObject) => void>()
  readonly #clusterListeners = new Set<() => void>()
  readonly #rows = new Map<string, FluxRow>()

  constructor(id = 'c1', clock = new ManualClock()) {
    this.id = id
    this.clock = clock
    for (const [group, version, kind, isNamespaced] of coreKinds) this.serve(group, version, kind, isNamespaced)
    for (const kind of fluxKinds) this.serve(kind.group, kind.versions[0] ?? 'v1', kind.kind, true)
  }

  serve(group: string, version: string, kind: string, isNamespaced: boolean, verbs = ['get', 'list', 'watch']): void {
    this.#served.set(`${group}/${kind}`, {
      group,
      version,
      kind,
      plural: `${kind.toLowerCase()}s`,
      isNamespaced,
      verbs,
      shortNames: [],
    })
  }
  unserve(group: string, kind: string): void {
    this.#served.delete(`${group}/${kind}`)
  }

  ref(group: string, kind: string, namespace: string, name: string): ObjectRef {
    return { cluster: this.id, group, kind, namespace, name }
  }
  refOf(object: KubeObject): ObjectRef {
    const slash = object.apiVersion.lastIndexOf('/')
    return this.ref(
      slash < 0 ? '' : object.apiVersion.slice(0, slash),
      object.kind,
      object.metadata.namespace ?? '',
      object.metadata.name,
    )
  }

  /** Creates or replaces objects (YAML texts or objects); watchers hear of it at once. */
  apply(...texts: readonly (string | KubeObject)[]): void {
    for (const text of texts) {
      const object = typeof text === 'string' ? fromYaml(text) : text
      const ref = this.refOf(object)
      this.objects.set(refKey(ref), object)
      this.#tell(ref, object, false)
    }
  }
  delete(ref: ObjectRef): void {
    const object = this.objects.get(refKey(ref))
    this.objects.delete(refKey(ref))
    if (object !== undefined) this.#tell(ref, object, true)
  }

  #tell(ref: ObjectRef, object: KubeObject, isRemoved: boolean): void {
    const flux = fluxKind(ref.group, ref.kind)
    const key = refKey(ref)
    if (flux !== null) {
      if (isRemoved) this.#rows.delete(key)
      else
        this.#rows.set(
          key,
          toFluxRow(object, {
            cluster: this.id,
            group: ref.group,
            version: 'v1',
            kind: ref.kind,
            fluxKind: flux,
            now: this.clock.now(),
          }),
        )
      const row = this.#rows.get(key)
      if (!isRemoved) for (const listener of this.#objectListeners) listener(key, object)
      for (const listener of this.areRowsTold ? this.#rowListeners : [])
        listener({ upsert: row === undefined ? [] : [row], remove: isRemoved ? [key] : [] })
    }
    for (const watcher of this.#watchers)
      if (watcher.group === ref.group && watcher.kind === ref.kind && ['', ref.namespace].includes(watcher.namespace))
        watcher.listener({
          isSnapshot: false,
          upsert: isRemoved ? [] : [object],
          remove: isRemoved ? [object] : [],
          error: null,
        })
  }

  // Clusters
  view(id: string): ClusterView | null {
    return this.isSelected && id === this.id ? this : null
  }
  views(): readonly ClusterView[] {
    return this.isSelected ? [this] : []
  }
  contextRow(): null {
    return null
  }
  watch(listener: () => void): Dispose {
    this.#clusterListeners.add(listener)
    return () => this.#clusterListeners.delete(listener)
  }
  deselect(): void {
    this.isSelected = false
    for (const listener of this.#clusterListeners) listener()
  }

  // ClusterView
  contexts(): [] {
    return []
  }
  writeClient(): KubeClient {
    return this.client()
  }
  client(): KubeClient {
    if (this.kubeClient === null) throw new SluiceError('NotConnected', 'No client in memory')
    return this.kubeClient
  }
  served(group: string, kind: string): ServedResource | null {
    return this.#served.get(`${group}/${kind}`) ?? null
  }
  servedAll(): readonly ServedResource[] {
    return [...this.#served.values()]
  }
  row(key: string): FluxRow | null {
    return this.#rows.get(key) ?? null
  }
  rows(): Iterable<FluxRow> {
    return this.#rows.values()
  }
  kinds(): readonly KindRow[] {
    return this.kindRows
  }
  controllers(): readonly ControllerRow[] {
    return this.controllerRows
  }
  watchRows(listener: (change: RowChange) => void): Dispose {
    this.#rowListeners.add(listener)
    return () => this.#rowListeners.delete(listener)
  }
  watchObjects(listener: (key: string, object: KubeObject) => void): Dispose {
    this.#objectListeners.add(listener)
    return () => this.#objectListeners.delete(listener)
  }
  cached(ref: ObjectRef): KubeObject | null {
    return fluxKind(ref.group, ref.kind) === null ? null : (this.objects.get(refKey(ref)) ?? null)
  }
  async fetch(ref: ObjectRef): Promise<KubeObject> {
    await Promise.resolve()
    this.fetched.push(refKey(ref))
    const refusal = this.refusals.get(refKey(ref))
    if (refusal !== undefined) throw new SluiceError(refusal, `${refusal} ${ref.kind} ${ref.name}`)
    const object = this.objects.get(refKey(ref))
    if (object === undefined) throw new SluiceError('NotFound', `${ref.kind} ${ref.name} was not found`)
    return object
  }
  async list(
    group: string,
    kind: string,
    namespace: string,
    options: { labelSelector?: string } = {},
  ): Promise<readonly KubeObject[]> {
    await Promise.resolve()
    const wanted = (options.labelSelector ?? '').split(',').filter((text) => text !== '')
    return this.#matching(group, kind, namespace).filter((object) =>
      wanted.every((text) => {
        const [key = '', value] = text.split('=')
        return object.metadata.labels?.[key] === value
      }),
    )
  }
  watchKind(group: string, kind: string, namespace: string, listener: Watcher['listener']): Dispose {
    this.opened.push(`${group}/${kind}|${namespace}`)
    const watcher: Watcher = { group, kind, namespace, listener }
    const refusal = this.refusals.get(`${group}/${kind}`)
    this.clock.after(1, () => {
      if (refusal !== undefined) {
        listener({
          isSnapshot: false,
          upsert: [],
          remove: [],
          error: new SluiceError(refusal, `You may not list ${kind}`),
        })
        return
      }
      this.#watchers.add(watcher)
      listener({ isSnapshot: true, upsert: this.#matching(group, kind, namespace), remove: [], error: null })
    })
    return () => this.#watchers.delete(watcher)
  }
  get watcherCount(): number {
    return this.#watchers.size + this.#rowListeners.size + this.#objectListeners.size + this.#clusterListeners.size
  }
  #matching(group: string, kind: string, namespace: string): KubeObject[] {
    return [...this.objects.values()].filter((object) => {
      const ref = this.refOf(object)
      return ref.group === group && ref.kind === kind && ['', ref.namespace].includes(namespace)
    })
  }
}

/** What a stream's client has at this moment. */
export class MemorySink<T extends { readonly key: string }> implements StreamSink<T> {
  readonly items = new Map<string, T>()
  readonly pushes: { readonly upsert: readonly T[]; readonly remove: readonly string[] }[] = []
  isReady = false
  isClosed = false
  error: unknown = null

  push(upsert: readonly T[], remove: readonly string[] = []): void {
    this.pushes.push({ upsert, remove })
    for (const key of remove) this.items.delete(key)
    for (const item of upsert) this.items.set(item.key, item)
  }
  ready(): void {
    this.isReady = true
  }
  end(error?: unknown): void {
    this.isClosed = true
    this.error = error ?? null
  }
}

export function testCall(): CallContext {
  return { signal: new AbortController().signal, client: 'test' }
}
