/** A cluster in memory for what the engine decides before anything is written. What the API server decides is tested on a real one. */
import type { KubeObject, Clusters, ClusterView, ServedResource } from '../../../electron/engine/clusters/view.ts'
import type { BlobStore, Clock, KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { fluxKind, fluxKinds } from '../../../shared/flux/kinds.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
import { intervalMs } from '../../../electron/engine/status/overdue.ts'
import { isSuspended, readSuspendInfo } from '../../../electron/engine/status/suspend-info.ts'
import { answer } from '../cache/scripted-client.ts'

/** Stands still until told to go on. */
export class ManualClock implements Clock {
  at = Date.parse('2026-09-16T07:00:00Z')
  #timers: { readonly due: number; readonly callback: () => void }[] = []
  now(): number {
    return this.at
  }
  monotonicMs(): number {
    return this.at
  }
  after(ms: number, callback: () => void): () => void {
    if (ms <= 0) {
      const immediate = setImmediate(callback)
      return () => {
        clearImmediate(immediate)
      }
    }
    const timer = { due: this.at + ms, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  advance(ms: number): void {
    this.at += ms
    const due = this.#timers.filter((timer) => timer.due <= this.at).sort((a, b) => a.due - b.due)
    this.#timers = this.#timers.filter((timer) => timer.due > this.at)
    for (const timer of due) timer.callback()
  }
}

export function createMemoryStore(): BlobStore & { readonly lines: string[]; readonly blobs: Map<string, Uint8Array> } {
  const lines: string[] = []
  const blobs = new Map<string, Uint8Array>()
  return {
    lines,
    blobs,
    read: (name) => Promise.resolve(blobs.get(name) ?? null),
    write(name, data) {
      blobs.set(name, typeof data === 'string' ? new TextEncoder().encode(data) : data)
      return Promise.resolve()
    },
    remove(name) {
      blobs.delete(name)
      return Promise.resolve()
    },
    appendLine(_name, line) {
      lines.push(line)
      return Promise.resolve()
    },
  }
}

export interface MemoryCluster {
  readonly clusters: Clusters
  readonly view: ClusterView
  readonly requests: KubeRequest[]
  readonly reads: { fetched: number; listed: number }
  readonly context: { isReadOnly: boolean; isProduction: boolean; isAlwaysAsk: boolean }
  put(object: KubeObject): ObjectRef
  /** Asked for each access review; true allows. */
  allow: (attributes: { verb: string; resource: string; namespace: string; name: string }) => boolean
  /** Rows of `row` overrides, told to watchers. */
  tellRows(rows: readonly FluxRow[], removed?: readonly string[]): void
}

export function createMemoryCluster(): MemoryCluster {
  const objects = new Map<string, KubeObject>()
  const requests: KubeRequest[] = []
  const reads = { fetched: 0, listed: 0 }
  const context = { isReadOnly: false, isProduction: false, isAlwaysAsk: false }
  const rowListeners = new Set<(change: { upsert: readonly FluxRow[]; remove: readonly string[] }) => void>()
  const told = new Map<string, FluxRow>()
  const row = (): ContextRow =>
    ({ key: 'lab', name: 'lab', cluster: 'c1', isSelected: true, connection: 'connected', ...context }) as ContextRow

  const client: KubeClient = {
    context: 'lab',
    request(request) {
      requests.push(request)
      if (!request.path.endsWith('/selfsubjectaccessreviews'))
        return Promise.reject(new Error(`not for memory: ${request.method} ${request.path}`))
      const { resourceAttributes } = (
        request.body as {
          spec: { resourceAttributes: { verb: string; resource: string; namespace?: string; name?: string } }
        }
      ).spec
      const allowed = memory.allow({ namespace: '', name: '', ...resourceAttributes })
      return Promise.resolve(answer(201, { status: { allowed, ...(allowed ? {} : { reason: 'no role binds it' }) } }))
    },
    stream: () => Promise.reject(new Error('not for memory')),
    openTunnel: () => Promise.reject(new Error('not for memory')),
    setReadOnly: () => undefined,
    pendingApproval: () => null,
    identity: () => Promise.resolve('ana'),
    reset: () => undefined,
    close: () => undefined,
  }

  const view = {
    id: 'c1',
    contexts: () => [row()],
    client: () => client,
    writeClient: () => client,
    served(group: string, kind: string): ServedResource | null {
      const known = fluxKind(group, kind)
      if (known === null || kind === 'Canary') return null
      return {
        group,
        kind,
        version: known.versions[0] ?? 'v1',
        plural: known.plural,
        isNamespaced: true,
        verbs: ['get', 'patch'],
        shortNames: [],
      }
    },
    servedAll: () => [],
    row: (key: string) => rowsNow().find((known) => known.key === key) ?? null,
    rows: rowsNow,
    kinds: () => [],
    controllers: () => [],
    watchRows(listener: (change: { upsert: readonly FluxRow[]; remove: readonly string[] }) => void) {
      rowListeners.add(listener)
      return () => rowListeners.delete(listener)
    },
    cached: (ref: ObjectRef) => objects.get(refKey(ref)) ?? null,
    fetch(ref: ObjectRef) {
      reads.fetched += 1
      const found = objects.get(refKey(ref))
      if (found !== undefined) return Promise.resolve(found)
      return Promise.reject(new SluiceError('NotFound', `${ref.kind} ${ref.namespace}/${ref.name}: not found`))
    },
    list(_group: string, kind: string, namespace: string) {
      reads.listed += 1
      return Promise.resolve(
        [...objects.values()].filter(
          (object) => object.kind === kind && (namespace === '' || object.metadata.namespace === namespace),
        ),
      )
    },
    watchKind: () => () => undefined,
  } as unknown as ClusterView

  function rowsNow(): FluxRow[] {
    const own = [...objects.values()].map((object) => {
      const ref = refOf(object)
      const kind = fluxKind(ref.group, ref.kind)
      const dependsOn = (
        (object['spec'] as { dependsOn?: { name: string; namespace?: string }[] }).dependsOn ?? []
      ).map((dependency) => ({ ...ref, name: dependency.name, namespace: dependency.namespace ?? ref.namespace }))
      return {
        key: refKey(ref),
        ref,
        isSuspended: isSuspended(object, kind),
        suspend: readSuspendInfo(object, kind),
        intervalMs: intervalMs(object, kind),
        dependsOn,
      } as unknown as FluxRow
    })
    return [...own, ...told.values()]
  }

  const memory: MemoryCluster = {
    view,
    requests,
    reads,
    context,
    allow: () => true,
    clusters: {
      view: (id) => (id === 'c1' ? view : null),
      views: () => [view],
      contextRow: (id) => (id === 'lab' ? row() : null),
      watch: () => () => undefined,
    },
    put(object) {
      objects.set(refKey(refOf(object)), object)
      return refOf(object)
    },
    tellRows(rows, removed = []) {
      for (const key of removed) told.delete(key)
      for (const next of rows) told.set(next.key, next)
      for (const listener of rowListeners) listener({ upsert: rows, remove: removed })
    },
  }
  return memory
}

function refOf(object: KubeObject): ObjectRef {
  const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['']
  const { namespace = '', name } = object.metadata
  return { cluster: 'c1', group, kind: object.kind, namespace, name }
}

/** An object of a Flux kind; the kind decides the version. */
export function fluxObject(
  kind: string,
  name: string,
  rest: { spec?: unknown; status?: unknown; metadata?: Record<string, unknown> } = {},
): KubeObject {
  const known = fluxKinds.find((entry) => entry.kind === kind)
  if (known === undefined) throw new Error(kind)
  return {
    apiVersion: `${known.group}/${known.versions[0] ?? 'v1'}`,
    kind,
    metadata: { name, namespace: 'apps', uid: `uid-${name}`, generation: 3, ...rest.metadata },
    spec: rest.spec ?? { interval: '10m' },
    ...(rest.status === undefined ? {} : { status: rest.status }),
  }
}

/** managedFields that say `manager` owns spec.suspend. */
export function suspendOwner(manager: string, operation = 'Update'): readonly unknown[] {
  return [{ manager, operation, time: '2026-09-16T06:00:00Z', fieldsV1: { 'f:spec': { 'f:suspend': {} } } }]
}
